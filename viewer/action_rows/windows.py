"""Rows of the action table: grey windows by digit."""

from __future__ import annotations

from functools import partial

from viewer.action_rows.row import GREY, ActionRow
from viewer.views.presets import presets

WINDOWS: tuple[ActionRow, ...] = (
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
