"""Rows of the key sheet: what mouse and wheel do on a pane."""

from __future__ import annotations

from viewer.action_rows.cuts import THICKNESS
from viewer.action_rows.findings import STEP
from viewer.action_rows.row import EDIT, JUDGE, MOVE, TOOLS, text
from viewer.action_rows.view import IMAGE

HANDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (MOVE, IMAGE, (text("Wheel"),)),
    (MOVE, text("Five images"), (text("Alt+wheel"),)),
    (MOVE, text("Through the images"), (text("Left+right drag"),)),
    (MOVE, text("Crosshair to the pointer"), (text("Shift+move"),)),
    (MOVE, text("One pane alone"), (text("Double-click"),)),
    (JUDGE, STEP, (text("Thumb buttons"),)),
    (TOOLS, text("The chosen tool, at first the window"), (text("Left drag"),)),
    (TOOLS, text("Hand"), (text("Middle drag"),)),
    (TOOLS, text("Zoom"), (text("Right drag"), text("Ctrl+wheel"))),
    (TOOLS, text("Menu"), (text("Right click"),)),
    (TOOLS, text("Grey window of a box"), (text("Ctrl+left drag"),)),
    (TOOLS, THICKNESS, (text("Shift+wheel"),)),
    (TOOLS, text("Turn planes"), (text("Drag an arm's end"),)),
    (EDIT, text("Erase instead of painting"), (text("Ctrl+drag"),)),
    (EDIT, text("Size of the brush"), (text("Shift+wheel"),)),
)
"""What the mouse does: group, what, how."""
