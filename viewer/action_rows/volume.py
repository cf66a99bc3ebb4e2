"""Rows of the action table: the 3-D picture."""

from __future__ import annotations

from viewer.action_rows.row import WINDOW, ActionRow, text

VOLUME: tuple[ActionRow, ...] = (
    ActionRow("volume", WINDOW, text("3-D on or off"), ("V",), lambda w: w.volume.toggle(), "3d"),
)
