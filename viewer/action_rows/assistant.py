"""Rows of the action table: what the AI is asked for."""

from __future__ import annotations

from viewer.action_rows.row import AI, ActionRow, text

ASSISTANT: tuple[ActionRow, ...] = (
    ActionRow(
        "segment-lungs",
        AI,
        text("Segment lungs"),
        ("F5",),
        lambda w: w.desk.segment_lungs(),
        "lungs",
    ),
    ActionRow(
        "find-nodules",
        AI,
        text("Find nodules"),
        ("F6",),
        lambda w: w.desk.find_nodules(),
        "nodules",
    ),
    ActionRow(
        "finish",
        AI,
        text("Finish"),
        ("Enter", "Return"),
        lambda w: w.finish(),
        "done",
        fixed=True,
    ),
    ActionRow(
        "own-pass",
        AI,
        text("Own pass done"),
        (),
        lambda w: w.desk.own_pass.finish(),
        "done",
    ),
    ActionRow(
        "show-marks-now",
        AI,
        text("Show the marks at once"),
        (),
        lambda w: w.desk.own_pass.show_now(),
        "show",
    ),
    ActionRow(
        "coverage", AI, text("Lung seen"), (), lambda w: w.pages.show(w.pages.coverage), "lungs"
    ),
    ActionRow("unseen", AI, text("Go to lung not seen"), ("Ctrl+L",), lambda w: w.go_to_unseen()),
    ActionRow(
        "cancel",
        AI,
        text("Cancel"),
        ("Esc",),
        lambda w: w.cancel_or_close(),
        "close",
        fixed=True,
    ),
)
