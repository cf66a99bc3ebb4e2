"""What stands half typed in the fields of one window, for another that takes its place.

A word not finished is neither acted upon nor lost: the next window has it in the same field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.window.window import HilumWindow


@dataclass(frozen=True)
class HalfTyped:
    """study, finding: looked for; key: looked for on the key sheet; reader: a name in the status
    bar; each None where its field is not open. first: a name on the first page. reasons: why a
    reading was amended, by its id.
    """

    study: str | None = None
    finding: str | None = None
    key: str | None = None
    reader: str | None = None
    first: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)


def half_typed(window: HilumWindow) -> HalfTyped:
    """What the fields of that window hold."""
    studies, findings, status = window.studies, window.findings, window.status
    sheet = window.keysheet if window.centre.currentWidget() is window.keysheet else None
    return HalfTyped(
        studies.search.text() if studies.searching else None,
        None if findings.search.isHidden() else findings.search.text(),
        None if sheet is None else sheet.field.text(),
        None if status.field.isHidden() else status.field.text(),
        findings.reader_card.field.text(),
        dict(window.pages.report.reasons),
    )


def take_half_typed(window: HilumWindow, typed: HalfTyped) -> None:
    """The same in the fields of this one; the focus is another's matter."""
    if typed.study is not None:
        window.find_study()
        window.studies.search.setText(typed.study)
    if typed.finding is not None:
        window.findings.start_search()
        window.findings.search.setText(typed.finding)
    if typed.key is not None:
        window.toggle_keys()
        window.keysheet.field.setText(typed.key)
    if typed.reader is not None:
        window.status.ask_reader()
        window.status.field.setText(typed.reader)
    window.findings.reader_card.field.setText(typed.first)
    window.pages.report.reasons.update(typed.reasons)
