"""The reader's way through the findings: answer, go on, undo, redo, each said in a sentence."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ai.errors import HilumError
from ai.nodules.added import added_finding
from viewer.notices import GOOD, INFO, TOAST, Notice, of_error
from viewer.panels.figures import state_word
from viewer.reading.events import (
    MEASURING,
    OPEN_STATES,
    Answer,
    Event,
    FindingAdded,
    Restored,
    VerdictGiven,
    Withdrawn,
)

if TYPE_CHECKING:
    from viewer.desk import Desk


def tr(text: str) -> str:
    return QCoreApplication.translate("Loop", text)


class Loop:
    """Steps of one desk, on a reading that stands."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def answer(self, answer: Answer) -> None:
        """A verdict on the current finding, then the next one that waits."""
        desk, finding = self._desk, self._desk.current
        if finding is None:
            desk.tell(Notice(tr("No finding is current. N goes to the next one."), "", INFO))
            return
        name = desk.name_of(finding)
        if desk.record(VerdictGiven(finding, answer, seconds=desk.seconds_on_current)):
            self._say_answer(name, answer)
            desk.make_current(self.next_open(finding))

    def step(self, places: int) -> None:
        """The finding so many places on in the order, round again."""
        desk, order = self._desk, self._desk.order
        if not order:
            desk.tell(Notice(tr("There is no finding to go to."), "", INFO))
        elif desk.current in order:
            desk.make_current(order[(order.index(desk.current) + places) % len(order)])
        else:
            desk.make_current(order[0] if places > 0 else order[-1])

    def undo(self) -> None:
        """The last step that counts is withdrawn."""
        desk = self._desk
        row = desk.reading.undo_target if desk.reading else None
        if row is None:
            desk.tell(Notice(tr("There is nothing to undo."), "", INFO))
        elif desk.record(Withdrawn(row.seq)):
            self._after_undo(row.event)

    def redo(self) -> None:
        """The step that was withdrawn last counts again."""
        desk = self._desk
        row = desk.reading.redo_target if desk.reading else None
        if row is None:
            desk.tell(Notice(tr("There is nothing to redo."), "", INFO))
        elif desk.record(Restored(row.seq)):
            if isinstance(row.event, MEASURING):
                desk.tell(Notice(desk.measuring.redone(row.event), action="undo"))
                return
            answered = row.event.finding if isinstance(row.event, VerdictGiven) else None
            desk.make_current(self.next_open(answered))
            desk.tell(Notice(tr("Done again."), "", INFO))

    def add_at(self, lps: tuple[float, float, float]) -> str:
        """A finding the AI missed, grown at half contrast around a place; its id, or nothing."""
        desk = self._desk
        scan, reading = desk.scan, desk.reading
        assert scan is not None and reading is not None
        try:
            finding = added_finding(
                scan.volume, reading.lungs, lps, finding_id=uuid.uuid4().hex[:12]
            )
        except HilumError as error:
            desk.tell(of_error(error, place=TOAST))
            return ""
        if not desk.record(FindingAdded(finding)):
            return ""
        size = f"{finding.measurement.mean_diameter_mm:.1f} mm"
        text = tr("Added at the crosshair, {0}").format(size)
        desk.tell(Notice(text, "", GOOD, action="undo"))
        return finding.id

    def next_open(self, after: str | None) -> str | None:
        """The finding that waits for an answer, from the one after `after` on and round again."""
        desk = self._desk
        if desk.reading is None:
            return None
        order, states = desk.order, desk.reading.states
        start = order.index(after) + 1 if after in order else 0
        turn = order[start:] + order[:start]
        return next((i for i in turn if states[i] in OPEN_STATES), None)

    def _say_answer(self, name: str, answer: Answer) -> None:
        texts = {
            Answer.ACCEPT: tr("{0} accepted"),
            Answer.REJECT: tr("{0} rejected"),
            Answer.UNDECIDED: tr("{0} is undecided"),
        }
        level = GOOD if answer is Answer.ACCEPT else INFO
        self._desk.tell(Notice(texts[answer].format(name), "", level, action="undo"))

    def _after_undo(self, event: Event) -> None:
        desk = self._desk
        if isinstance(event, VerdictGiven):
            desk.make_current(event.finding)
            state = state_word(desk.reading.states.get(event.finding, "") if desk.reading else "")
            text = tr("Undone: {0} is {1} again").format(desk.name_of(event.finding), state)
            desk.tell(Notice(text, action="redo"))
            return
        if isinstance(event, MEASURING):
            desk.tell(Notice(desk.measuring.undone(event), action="redo"))
            return
        if desk.current is not None and desk.current_finding is None:
            desk.make_current(self.next_open(None))
        desk.tell(Notice(tr("Undone."), action="redo"))
