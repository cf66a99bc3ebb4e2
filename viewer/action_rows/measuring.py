"""Rows of the action table: what the reader draws and measures."""

from __future__ import annotations

from viewer.action_rows.row import MEASURE, ActionRow, text

MEASURING: tuple[ActionRow, ...] = (
    ActionRow(
        "tool-length",
        MEASURE,
        text("Distance"),
        ("D",),
        lambda w: w.panes.set_tool("length"),
        "distance",
    ),
    ActionRow(
        "tool-bidirectional",
        MEASURE,
        text("Long and short axis"),
        ("B",),
        lambda w: w.panes.set_tool("bidirectional"),
        "bidirectional",
    ),
    ActionRow(
        "tool-angle", MEASURE, text("Angle"), ("G",), lambda w: w.panes.set_tool("angle"), "angle"
    ),
    ActionRow(
        "tool-ellipse", MEASURE, text("Oval"), ("O",), lambda w: w.panes.set_tool("ellipse"), "oval"
    ),
    ActionRow(
        "tool-freehand",
        MEASURE,
        text("Freehand outline"),
        ("Shift+O",),
        lambda w: w.panes.set_tool("freehand"),
        "freehand",
    ),
    ActionRow(
        "tool-probe",
        MEASURE,
        text("HU of a point"),
        ("Q",),
        lambda w: w.panes.set_tool("probe"),
        "probe",
    ),
    ActionRow(
        "tool-arrow",
        MEASURE,
        text("Arrow with words"),
        ("T",),
        lambda w: w.panes.set_tool("arrow"),
        "text",
    ),
    ActionRow(
        "name-measurement",
        MEASURE,
        text("Words for the selected drawing"),
        ("Shift+T",),
        lambda w: w.measuring.name_selected(),
        "rename",
    ),
)
