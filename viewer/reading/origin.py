"""Where a finding came from that neither the search nor this reader made: told as what it is."""

from __future__ import annotations

from typing import Final

from ai.nodules.added import GROWING
from ai.scan.finding import Finding, Origin
from viewer.dicom.masks.drawn_by import NIFTI, drawn_words, from_contours, is_drawn
from viewer.editing.operations import SPLITTING
from viewer.reading.events import ADDED

TAKEN_OVER: Final = "taken over"
"""In place of `added`, where it came in a file and nobody judged it since."""


def came_in(finding: Finding, state: str) -> bool:
    """Whether it came in a file. An older Hilum's log tells it by who made it alone."""
    own = finding.made_by.card in (GROWING.card, SPLITTING.card)
    return finding.origin is not None or (state == ADDED and not own)


def told_state(finding: Finding, state: str) -> str:
    """Its state in the word that every file, list and sentence has for it."""
    return told_as(state, out_of_file=came_in(finding, state))


def told_as(state: str, *, out_of_file: bool) -> str:
    """The same, where the finding itself is not at hand."""
    return TAKEN_OVER if state == ADDED and out_of_file else state


def origin_words(finding: Finding, state: str) -> str:
    """'Out of a SEG by lung_nodules-net, AUTOMATIC'; nothing where it came in no file."""
    if not came_in(finding, state):
        return ""
    if from_contours(finding.made_by):
        return drawn_words(finding.made_by)
    origin = finding.origin or Origin("")
    what, name = origin.file or "file", finding.made_by.name
    if is_drawn(finding.made_by):
        return f"Out of a {what}" if what == NIFTI else f"Out of a {what}, drawn by hand"
    if origin.how:
        return f"Out of a {what} by {name}, {origin.how}"
    return f"Out of a {what} by {name}"
