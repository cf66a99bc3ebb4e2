"""What is said of a stroke beside the mask: an island of its own, once; a cut that met nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication

from viewer.editing.difference import Bools, Kji, cut_of
from viewer.editing.hold import FILL, INSIDE, OUTSIDE
from viewer.editing.stroke import touches
from viewer.notices import INFO, Notice

if TYPE_CHECKING:
    from viewer.desk.editing import EditingDesk


def tr(text: str) -> str:
    return QCoreApplication.translate("Editing", text)


def nothing_cut(cut: str) -> str:
    """What a cut of the scissors that changed nothing says; cut: one of CUTS."""
    words = {
        INSIDE: tr("Nothing of the mask lies inside that line."),
        OUTSIDE: tr("Nothing of the mask lies outside that line."),
        FILL: tr("Inside that line all is filled already."),
    }
    return words[cut]


class Apart:
    """Of one desk's edits. Strokes in a row that lie apart, one on every third slice before the
    slices between are filled, are told once."""

    def __init__(self, editing: EditingDesk) -> None:
        self._editing = editing
        self._told_since = -1  # the edit in which the last stroke was told

    def tell(self, flipped: tuple[Kji, Bools]) -> None:
        """After a stroke: says it where the stroke only painted, away from all of the mask."""
        field = self._editing.field
        if field is None or field.reach is None:
            return
        start, flips = flipped
        part = field.voxels[cut_of(start, flips.shape)]
        if not part[flips].all():
            return  # it erased
        alone = not touches(field.voxels, flipped)
        if alone and np.count_nonzero(field.voxels[field.reach]) == np.count_nonzero(flips):
            return  # there was no mask before it
        told = self._told_since == self._editing.since
        self._told_since = self._editing.since if alone else -1
        if alone and not told:
            text = tr("The stroke lies apart from the mask, as an island of its own.")
            self._editing.tell(Notice(text, "", INFO, action="undo"))
