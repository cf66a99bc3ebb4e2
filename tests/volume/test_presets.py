"""The presets of the 3-D pane."""

from __future__ import annotations

from dataclasses import replace

import pytest

from viewer.volume.bar import NAMES
from viewer.volume.presets import (
    BODY,
    BONE,
    CHEST,
    GLASS,
    LUNGS,
    MAXIMUM,
    volume_preset,
    volume_presets,
)


def test_there_are_six_chest_presets_and_the_maximum_and_each_can_be_translated() -> None:
    names = [one.name for one in volume_presets()]
    assert names == list(NAMES) and len(names) == 7
    assert [one.id for one in volume_presets() if one.blend == MAXIMUM] == ["mip"]


@pytest.mark.parametrize("preset", volume_presets(), ids=lambda one: one.id)
def test_what_lies_beyond_a_presets_region_is_clear(preset) -> None:
    """Else the outside of a mask would be a fog in front of everything."""
    points = preset.opacity
    beyond = preset.outside_hu
    below = max((p for p in points if p[0] <= beyond), default=points[0])
    above = min((p for p in points if p[0] >= beyond), default=points[-1])
    assert below[1] == above[1] == 0


@pytest.mark.parametrize("preset", volume_presets(), ids=lambda one: one.id)
def test_only_presets_of_the_lungs_draw_their_glass_or_keep_ribs_out(preset) -> None:
    assert preset.needs_lungs == (preset.region in (LUNGS, CHEST))
    if preset.region == BODY:
        assert preset.shell == 0
    if preset.needs_lungs:
        assert preset.grow_mm <= 0  # pushed out, the chest wall would be in front


def test_the_maximum_is_not_lit() -> None:
    assert volume_preset("mip").light is None
    assert volume_preset(GLASS).light is not None


def test_an_unknown_preset_and_tables_that_make_no_sense_are_refused() -> None:
    with pytest.raises(KeyError):
        volume_preset("brain")
    good = volume_preset(BONE)
    for wrong in (
        {"region": "heart"},
        {"blend": "sum"},
        {"opacity": ()},
        {"opacity": ((0.0, 0.5), (-10.0, 0.2))},
        {"opacity": ((0.0, 1.5),)},
        {"colour": ((0.0, 1.0, -0.1, 0.0),)},
    ):
        with pytest.raises(ValueError, match="preset bone has"):
            replace(good, **wrong)
