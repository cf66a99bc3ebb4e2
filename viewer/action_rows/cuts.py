"""Rows of the action table: layouts, thick and oblique cuts, two series, cine."""

from __future__ import annotations

from viewer.action_rows.row import MOVE, TOOLS, VIEW, WINDOW, ActionRow, text
from viewer.views.layouts import COMPARE, READ, REVIEW
from viewer.views.slab import AVERAGE, MINIP, MIP, OFF

SLAB = text("Slab: off, MIP, MinIP, average")
THICKNESS, RATE = text("Slab thicker, thinner"), text("Cine faster, slower")
TURN = text("Turn the other planes")

CUTS: tuple[ActionRow, ...] = (
    ActionRow(
        "layout-read",
        WINDOW,
        text("Layout: read"),
        ("F2",),
        lambda w: w.cuts.show_layout(READ),
        "layout",
    ),
    ActionRow(
        "layout-compare",
        WINDOW,
        text("Layout: compare two series"),
        ("F3",),
        lambda w: w.cuts.show_layout(COMPARE),
        "layout",
    ),
    ActionRow(
        "layout-review",
        WINDOW,
        text("Layout: the agent's page"),
        ("F4",),
        lambda w: w.cuts.show_layout(REVIEW),
        "layout",
    ),
    ActionRow("maximise", MOVE, text("One pane alone"), ("Ctrl+F11",), lambda w: w.cuts.maximise()),
    ActionRow(
        "detach",
        WINDOW,
        text("Pane in a window of its own"),
        ("Shift+F11",),
        lambda w: w.cuts.detach(),
    ),
    ActionRow("slab", TOOLS, text("Next kind of slab"), ("S",), lambda w: w.cuts.slab(), line=SLAB),
    ActionRow("slab-off", TOOLS, text("Slab off"), (), lambda w: w.cuts.set_slab(OFF), line=SLAB),
    ActionRow(
        "slab-mip",
        TOOLS,
        text("Slab: brightest (MIP)"),
        (),
        lambda w: w.cuts.set_slab(MIP),
        line=SLAB,
    ),
    ActionRow(
        "slab-minip",
        TOOLS,
        text("Slab: darkest (MinIP)"),
        (),
        lambda w: w.cuts.set_slab(MINIP),
        line=SLAB,
    ),
    ActionRow(
        "slab-average",
        TOOLS,
        text("Slab: average"),
        (),
        lambda w: w.cuts.set_slab(AVERAGE),
        line=SLAB,
    ),
    ActionRow(
        "slab-thicker",
        TOOLS,
        text("Slab thicker"),
        ("Ctrl+Up",),
        lambda w: w.panes.change_thickness(1),
        line=THICKNESS,
        repeats=True,
    ),
    ActionRow(
        "slab-thinner",
        TOOLS,
        text("Slab thinner"),
        ("Ctrl+Down",),
        lambda w: w.panes.change_thickness(-1),
        line=THICKNESS,
        repeats=True,
    ),
    ActionRow(
        "turn-left",
        TOOLS,
        text("Turn the other planes to the left"),
        ("Shift+Left",),
        lambda w: w.cuts.turn(-1),
        line=TURN,
        repeats=True,
    ),
    ActionRow(
        "turn-right",
        TOOLS,
        text("Turn the other planes to the right"),
        ("Shift+Right",),
        lambda w: w.cuts.turn(1),
        line=TURN,
        repeats=True,
    ),
    ActionRow(
        "straighten",
        TOOLS,
        text("Straight planes again"),
        ("Shift+C",),
        lambda w: w.panes.straighten(),
    ),
    ActionRow("link", MOVE, text("Link two series, or not"), ("L",), lambda w: w.cuts.link()),
    ActionRow(
        "anchor",
        MOVE,
        text("Link two series as they stand"),
        ("Shift+L",),
        lambda w: w.cuts.anchor(),
    ),
    ActionRow(
        "align-lungs",
        MOVE,
        text("Align the two scans by the lungs"),
        ("Alt+L",),
        lambda w: w.cuts.align(),
    ),
    ActionRow(
        "jump-prior",
        MOVE,
        text("To and fro between current and prior"),
        ("J",),
        lambda w: w.cuts.jump(),
    ),
    ActionRow(
        "close-second", WINDOW, text("Close the second series"), (), lambda w: w.cuts.close_second()
    ),
    ActionRow("cine", MOVE, text("Cine on or off"), (".",), lambda w: w.cuts.cine.toggle()),
    ActionRow(
        "cine-faster",
        MOVE,
        text("Cine faster"),
        (">",),
        lambda w: w.cuts.cine.faster(1),
        line=RATE,
    ),
    ActionRow(
        "cine-slower",
        MOVE,
        text("Cine slower"),
        ("<",),
        lambda w: w.cuts.cine.faster(-1),
        line=RATE,
    ),
    ActionRow(
        "cine-loop",
        MOVE,
        text("Cine to and fro, or round"),
        ("Ctrl+.",),
        lambda w: w.cuts.cine.toggle_sweep(),
    ),
    ActionRow(
        "corner-texts",
        VIEW,
        text("Corner texts: all, few, none"),
        ("Ctrl+T",),
        lambda w: w.cuts.next_text_level(),
    ),
)
