"""Rows of the action table: what a reader says of findings."""

from __future__ import annotations

from viewer.action_rows.row import JUDGE, ActionRow, text
from viewer.reading.events import Answer

FINDINGS: tuple[ActionRow, ...] = (
    ActionRow(
        "accept", JUDGE, text("Accept"), ("A",), lambda w: w.desk.answer(Answer.ACCEPT), "done"
    ),
    ActionRow("reject", JUDGE, text("Reject"), ("X",), lambda w: w.desk.answer(Answer.REJECT)),
    ActionRow(
        "undecided",
        JUDGE,
        text("Undecided"),
        ("U",),
        lambda w: w.desk.answer(Answer.UNDECIDED),
    ),
    ActionRow("add", JUDGE, text("Add at the crosshair"), ("M",), lambda w: w.add_here()),
    ActionRow("next", JUDGE, text("Next finding"), ("N",), lambda w: w.desk.step(1)),
    ActionRow("previous", JUDGE, text("Previous finding"), ("P",), lambda w: w.desk.step(-1)),
    ActionRow("undo", JUDGE, text("Undo"), ("Ctrl+Z",), lambda w: w.desk.undo(), "undo"),
    ActionRow(
        "redo", JUDGE, text("Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), lambda w: w.desk.redo(), "redo"
    ),
    ActionRow("held", JUDGE, text("Show what is held back"), (), lambda w: w.toggle_held(), "show"),
    ActionRow(
        "why", JUDGE, text("Chance as a number"), ("Y",), lambda w: w.toggle_numbers(), "why"
    ),
    ActionRow(
        "copy",
        JUDGE,
        text("Copy the finding's name"),
        ("Ctrl+C",),
        lambda w: w.pages.copy_name(),
        "copy",
    ),
)
