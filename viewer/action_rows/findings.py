"""Rows of the action table: what a reader says of findings."""

from __future__ import annotations

from functools import partial

from viewer.action_rows.row import JUDGE, ActionRow, text
from viewer.reading.events import Answer, Reason

STEP, BACK = text("Next, previous finding"), text("Undo, redo")


def _reason(reason: Reason, name: str, line: str, digit: int) -> ActionRow:
    return ActionRow(
        f"reason-{reason.value}",
        JUDGE,
        name,
        (f"Alt+{digit}",),
        partial(lambda one, w: w.desk.own.reason(one), reason),
        line=line,
    )


REASONS = (
    _reason(Reason.VESSEL, text("Vessel"), text("... within 3 s: vessel"), 1),
    _reason(Reason.SCAR, text("Scar"), text("... within 3 s: scar"), 2),
    _reason(Reason.LYMPH_NODE, text("Lymph node"), text("... within 3 s: lymph node"), 3),
    _reason(Reason.ATELECTASIS, text("Atelectasis"), text("... within 3 s: atelectasis"), 4),
    _reason(Reason.OTHER, text("Other"), text("... within 3 s: other"), 5),
)

FINDINGS: tuple[ActionRow, ...] = (
    ActionRow(
        "accept", JUDGE, text("Accept"), ("A",), lambda w: w.desk.answer(Answer.ACCEPT), "done"
    ),
    ActionRow("reject", JUDGE, text("Reject"), ("X",), lambda w: w.desk.answer(Answer.REJECT)),
    *REASONS,
    ActionRow(
        "undecided",
        JUDGE,
        text("Undecided"),
        ("U",),
        lambda w: w.desk.answer(Answer.UNDECIDED),
    ),
    ActionRow("next", JUDGE, text("Next finding"), ("N",), lambda w: w.desk.step(1), line=STEP),
    ActionRow(
        "previous", JUDGE, text("Previous finding"), ("P",), lambda w: w.desk.step(-1), line=STEP
    ),
    ActionRow(
        "key-image",
        JUDGE,
        text("Key image on or off"),
        ("K",),
        lambda w: w.key_images.toggle(),
        "key-image",
    ),
    ActionRow("add", JUDGE, text("Add at the crosshair"), ("M",), lambda w: w.add_here()),
    ActionRow("label", JUDGE, text("Label"), ("Ctrl+M",), lambda w: w.hands.label(), "text"),
    ActionRow(
        "delete", JUDGE, text("Take back what is selected"), ("Del",), lambda w: w.hands.delete()
    ),
    ActionRow(
        "why", JUDGE, text("Why: score and evidence"), ("Y",), lambda w: w.hands.explain(), "why"
    ),
    ActionRow(
        "undo",
        JUDGE,
        text("Undo"),
        ("Ctrl+Z",),
        lambda w: w.desk.undo(),
        "undo",
        line=BACK,
    ),
    ActionRow(
        "redo",
        JUDGE,
        text("Redo"),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        lambda w: w.desk.redo(),
        "redo",
        line=BACK,
    ),
    ActionRow("held", JUDGE, text("Show what is held back"), (), lambda w: w.toggle_held(), "show"),
    ActionRow(
        "find-finding",
        JUDGE,
        text("Find a finding"),
        ("Ctrl+F",),
        lambda w: w.hands.find_finding(),
        "search",
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
