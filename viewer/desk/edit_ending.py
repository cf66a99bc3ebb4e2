"""The end of an edit: what it says of the finding, and which steps one undo takes back with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from viewer.keymaps import cap
from viewer.notices import GOOD, INFO, Notice
from viewer.reading.events import Answer, VerdictGiven

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


def tr(text: str) -> str:
    return QCoreApplication.translate("EditEnding", text)


class EditEnding:
    """Of one desk. A rejected mark that is drawn better stays rejected: only a word judges it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._pairs: list[tuple[int, int]] = []  # the last stroke, and the acceptance it led to

    def done(self, name: str, finding: str) -> None:
        """The mask of a finding, or of the lungs, stands as it was painted; said."""
        desk, reading = self._desk, self._desk.reading
        said = reading.verdicts.get(finding) if reading is not None else None
        if said is not None and said.answer is Answer.REJECT:
            text = tr("{0} edited, still rejected.").format(name)
            asks = tr("{0} accepts it.").format(cap("accept"))
            desk.tell(Notice(text, asks, INFO, action="undo"))
            return
        accepted = self._accept(finding)
        text = tr("{0} edited and accepted") if accepted else tr("{0} edited")
        desk.tell(Notice(text.format(name), "", GOOD, action="undo"))

    def together(self, row: int) -> tuple[int, ...]:
        """The steps that go with this one, in their order: an acceptance that an edit led to shows
        nowhere by itself, so it comes and goes with the last stroke."""
        return next((pair for pair in self._pairs if row in pair), (row,))

    def take_over(self, other: EditEnding) -> None:
        """Another window's desk goes on with the same reading, and so do its steps' pairs."""
        self._pairs = list(other._pairs)

    def _accept(self, finding: str) -> bool:
        """To draw a candidate better and be done is to accept it: so the agent learns from it."""
        desk, reading = self._desk, self._desk.reading
        if reading is None or finding not in reading.proposals:
            return False
        said = reading.verdicts.get(finding)
        if said is not None and said.answer is Answer.ACCEPT:
            return False
        stroke = reading.edits[finding].strokes[-1].seq
        if not desk.record(VerdictGiven(finding, Answer.ACCEPT, seconds=desk.seconds_on_current)):
            return False
        row = desk.reading.undo_target if desk.reading is not None else None
        if row is not None:
            self._pairs.append((stroke, row.seq))
        return True
