"""The reader's way through the findings: answer, go on, undo, redo, each said in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from viewer.desk.own_marks import REASON_ACTIONS
from viewer.desk.steps_said import edit_words, step_words
from viewer.keymaps import cap
from viewer.notices import GOOD, INFO, REJECTED, Notice
from viewer.panels.figures import state_word
from viewer.reading.events import (
    MEASURING,
    OPEN_STATES,
    Answer,
    Event,
    Restored,
    SegmentEdited,
    VerdictGiven,
    Withdrawn,
)
from viewer.reading.origin import told_state

if TYPE_CHECKING:
    from viewer.desk.desk import Desk
    from viewer.reading.reading import Reading, Row


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
            text = tr("No finding is current. {0} goes to the next one.")
            desk.tell(Notice(text.format(cap("next")), "", INFO))
            return
        name = desk.name_of(finding)
        if desk.record(VerdictGiven(finding, answer, seconds=desk.seconds_on_current)):
            if answer is Answer.REJECT:
                desk.own.just_rejected(finding)
            self._say_answer(name, answer)
            desk.make_current(self._onward(finding))

    def step(self, places: int) -> None:
        """The finding so many places on in the order, round again.

        From a mark just added the reading goes on where it was, not from the end of the list.
        """
        desk, order = self._desk, self._desk.order
        before = desk.own.came_from(desk.current)
        here = before if before in order else desk.current
        if not order:
            desk.tell(Notice(tr("There is no finding to go to."), "", INFO))
        elif before in order and (places < 0 or desk.own.waits(before)):
            desk.make_current(before)
        elif here in order:
            desk.make_current(order[(order.index(here) + places) % len(order)])
        else:
            desk.make_current(order[0] if places > 0 else order[-1])

    def undo(self) -> None:
        """The last step that counts is withdrawn."""
        desk = self._desk
        before = desk.reading
        row = before.undo_target if before else None
        if self._beyond_edit(row):
            desk.tell(Notice(tr("Nothing more to undo in this edit."), "", INFO))
            return
        if before is None or row is None:
            desk.tell(Notice(tr("There is nothing to undo."), "", INFO))
            return
        rows = [seq for seq in self._one_step(row.seq) if seq not in before.withdrawn]
        if not all(desk.record(Withdrawn(seq)) for seq in rows):
            return
        if len(rows) > 1:
            self._go_to(row.event)
            text = tr("Undone: {0}").format(self._words(row.event, rows))
            desk.tell(Notice(text, action="redo"))
        else:
            self._after_undo(row.event, before)

    def redo(self) -> None:
        """The step that was withdrawn last counts again."""
        desk = self._desk
        before = desk.reading
        row = before.redo_target if before else None
        if self._beyond_edit(row):
            desk.tell(Notice(tr("Nothing more to redo in this edit."), "", INFO))
        elif before is None or row is None:
            desk.tell(Notice(tr("There is nothing to redo."), "", INFO))
        else:
            rows = [seq for seq in self._one_step(row.seq) if seq in before.redoable]
            if all(desk.record(Restored(seq)) for seq in reversed(rows)):
                self._after_redo(row.event)

    def _beyond_edit(self, row: Row | None) -> bool:
        """Whether a mask is being edited and a step is older than that edit, or there is none: a
        hand that takes strokes back never takes an answer with them."""
        editing = self._desk.editing
        return editing.field is not None and (row is None or row.seq < editing.since)

    def _one_step(self, seq: int) -> tuple[int, ...]:
        """The rows that go with this one, the newest first."""
        together = self._desk.editing.ending.together(seq)
        return (together if len(together) > 1 else self._desk.segs.together(seq))[::-1]

    def _words(self, event: Event, rows: Sequence[int]) -> str:
        """What several rows were that count as one step; event: of the newest."""
        if isinstance(event, VerdictGiven):
            assert self._desk.reading is not None
            steps = [row.event for row in self._desk.reading.history if row.seq in rows]
            tool = next((one.tool for one in steps if isinstance(one, SegmentEdited)), "")
            text = tr("{0}: {1}, and its acceptance")
            return text.format(self._desk.name_of(event.finding), edit_words(tool))
        return tr("what was laid on")

    def next_open(self, after: str | None) -> str | None:
        """The finding that waits for an answer, from the one after `after` on and round again."""
        desk = self._desk
        if desk.reading is None:
            return None
        order, states = desk.order, desk.reading.states
        start = order.index(after) + 1 if after in order else 0
        turn = order[start:] + order[:start]
        return next((i for i in turn if states[i] in OPEN_STATES), None)

    def _onward(self, answered: str) -> str | None:
        """What comes after an answer; after one on a mark added in between, what it came from."""
        before = self._desk.own.came_from(answered)
        return before if self._desk.own.waits(before) else self.next_open(before or answered)

    def _say_answer(self, name: str, answer: Answer) -> None:
        texts = {
            Answer.ACCEPT: tr("{0} accepted"),
            Answer.REJECT: tr("{0} rejected."),
            Answer.UNDECIDED: tr("{0} is undecided"),
        }
        level = {Answer.ACCEPT: GOOD, Answer.REJECT: REJECTED}.get(answer, INFO)
        asks, choices = (tr("Reason?"), REASON_ACTIONS) if answer is Answer.REJECT else ("", ())
        text = texts[answer].format(name)
        self._desk.tell(Notice(text, asks, level, action="undo", choices=choices))

    def _after_undo(self, event: Event, before: Reading) -> None:
        desk = self._desk
        assert desk.reading is not None
        if isinstance(event, VerdictGiven):
            desk.make_current(event.finding)
            judged = desk.reading.finding(event.finding)
            state = desk.reading.states.get(event.finding, "")
            state = state_word(told_state(judged, state) if judged is not None else state)
            text = tr("Undone: {0} is {1} again").format(desk.name_of(event.finding), state)
            desk.tell(Notice(text, action="redo"))
            return
        if isinstance(event, MEASURING):
            desk.tell(Notice(desk.measuring.undone(event), action="redo"))
            return
        self._go_to(event)
        text = tr("Undone: {0}").format(step_words(event, desk.reading, before))
        desk.tell(Notice(text, action="redo"))

    def _after_redo(self, event: Event) -> None:
        desk = self._desk
        assert desk.reading is not None
        if isinstance(event, MEASURING):
            desk.tell(Notice(desk.measuring.redone(event), action="undo"))
            return
        if isinstance(event, VerdictGiven):
            desk.make_current(self.next_open(event.finding))
        else:
            self._go_to(event)
        text = tr("Done again: {0}").format(step_words(event, desk.reading))
        desk.tell(Notice(text, "", INFO, action="undo"))

    def _go_to(self, event: Event) -> None:
        """To the finding that a step was about; away from one that is not there any more."""
        desk = self._desk
        about = getattr(event, "finding", getattr(event, "target", None))
        about = getattr(about, "id", about)
        if isinstance(about, str) and desk.reading is not None and about in desk.reading.states:
            if about != desk.current:  # a pane that shows it stays where the hand has it
                desk.make_current(about)
        elif desk.current is not None and desk.current_finding is None:
            desk.make_current(self.next_open(None))
