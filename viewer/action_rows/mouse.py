"""Rows of the key sheet: what mouse and wheel do on a pane."""

from __future__ import annotations

from viewer.action_rows.row import HAND, text

HANDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (HAND, text("Window, or the chosen tool"), (text("Left drag"),)),
    (HAND, text("Hand"), (text("Middle drag"),)),
    (HAND, text("Zoom"), (text("Right drag"), text("Ctrl+wheel"))),
    (HAND, text("One image"), (text("Wheel"),)),
    (HAND, text("Five images"), (text("Alt+wheel"),)),
    (HAND, text("Crosshair to the pointer"), (text("Shift+move"),)),
    (HAND, text("One pane alone"), (text("Double-click"),)),
)
"""What the mouse does: group, what, how."""
