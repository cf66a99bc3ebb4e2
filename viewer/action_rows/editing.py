"""Rows of the action table: what a mask is edited with."""

from __future__ import annotations

from functools import partial

from viewer.action_rows.row import EDIT, ActionRow, text
from viewer.editing.hold import TOOLS

SIZE = text("Smaller, larger brush")

NAMES = {
    "brush": text("Brush"),
    "erase": text("Erase"),
    "regrow": text("Re-grow"),
    "threshold": text("Threshold"),
    "scissors": text("Scissors"),
    "islands": text("Islands"),
    "smooth": text("Smooth"),
    "between": text("Fill between"),
}

EDITING: tuple[ActionRow, ...] = (
    ActionRow(
        "edit",
        EDIT,
        text("Edit the finding's mask, or the lung's"),
        ("E",),
        lambda w: w.editing.toggle(),
        "brush",
    ),
    *(
        ActionRow(
            f"edit-{tool}",
            EDIT,
            NAMES[tool],
            (f"Shift+{number}",),
            partial(lambda name, w: w.editing.choose(name), tool),
            tool,
        )
        for number, tool in enumerate(TOOLS, 1)
    ),
    ActionRow(
        "brush-smaller",
        EDIT,
        text("Smaller brush"),
        ("[",),
        lambda w: w.desk.editing.resize(-1),
        line=SIZE,
        repeats=True,
    ),
    ActionRow(
        "brush-larger",
        EDIT,
        text("Larger brush"),
        ("]",),
        lambda w: w.desk.editing.resize(1),
        line=SIZE,
        repeats=True,
    ),
)
