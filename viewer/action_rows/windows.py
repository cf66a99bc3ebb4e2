"""Rows of the action table: grey windows by digit, the way to the buttons by keys."""

from __future__ import annotations

from functools import partial

from viewer.action_rows.row import GREY, WINDOW, ActionRow, text
from viewer.views.presets import presets

WALK = text("To the buttons, by Tab and Enter")

WINDOWS: tuple[ActionRow, ...] = (
    ActionRow(
        "walk", WINDOW, text("To the buttons"), ("F7",), lambda w: w.hands.walk.go_on(), line=WALK
    ),
    ActionRow(
        "walk-back",
        WINDOW,
        text("To the buttons, backwards"),
        ("Shift+F7",),
        lambda w: w.hands.walk.go_on(-1),
        line=WALK,
    ),
    *(
        ActionRow(
            f"preset-{preset.key}",
            GREY,
            preset.name,
            (preset.key,),
            partial(lambda key, w: w.apply_preset(key), preset.key),
        )
        for preset in presets()
    ),
)
