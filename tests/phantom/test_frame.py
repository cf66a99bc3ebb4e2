"""Bones and muscles of the rich phantom: no two bodies alike, nor the two sides of one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ai.phantom.anatomy import ANGLES, WALL_MM, cage
from ai.phantom.belly import filling
from ai.phantom.chest import chest
from ai.phantom.look import Look, look_of
from ai.phantom.muscles import SHEETS, stack
from ai.phantom.ribs import ribs_of
from ai.phantom.spine import levels
from ai.phantom.wall import body_mm

LOOKS = [look_of(seed) for seed in (3, 7, 12)]


def test_muscles_lie_on_one_another_and_under_the_skin() -> None:
    for look in LOOKS:
        for z_mm in (40.0, 120.0, 190.0, 240.0):
            *sheets, (outermost, _) = stack(z_mm, look)
            assert len(sheets) == len(SHEETS)
            ends = cage(z_mm)
            for inner, outer in sheets:
                there = outer > inner + 0.3  # thinner ones end there
                assert (inner[there] >= ends[there] - 1e-4).all()
                ends = np.where(there, outer, ends)
            assert (body_mm(z_mm, look) - outermost).min() > 2.5


def test_the_two_sides_of_a_body_are_not_mirror_images() -> None:
    for look in LOOKS:
        ribs = ribs_of(look.own)
        right, left = ribs.height[4, : ANGLES // 2], ribs.height[4, : ANGLES // 2 : -1]
        assert np.nanmax(np.abs(right[1:] - left)) > 1.0
        _, outer = stack(200.0, look)[-1]
        assert np.abs(outer[1 : ANGLES // 2] - outer[: ANGLES // 2 : -1]).max() > 1.5


def test_no_rib_reaches_through_the_pleura() -> None:
    for look in LOOKS:
        ribs = ribs_of(look.own)
        assert (ribs.out - ribs.thick).min() > -WALL_MM


def test_the_spine_of_an_old_body_has_spurs_and_every_spine_is_its_own() -> None:
    young, old = levels(7, 0.0), levels(7, 1.0)
    assert max(max(level.spur) for level in young) == 0.0
    assert max(max(level.spur) for level in old) > 0.4
    assert levels(8, 1.0) != old
    assert levels(7, 1.0) == old


def test_a_bodys_dice_change_its_wall_and_leave_its_lungs() -> None:
    look = replace(look_of(7), noise_hu=0.0)
    one = chest("tiny", 7, detail="rich", look=look)
    two = chest("tiny", 7, detail="rich", look=replace(look, own=99))
    assert np.array_equal(one.lungs.labels, two.lungs.labels)
    apart = np.abs(one.volume.hu.astype(int) - two.volume.hu)
    assert (apart[one.lungs.labels == 0] > 60).mean() > 0.01
    assert np.median(apart[one.lungs.labels > 0]) < 5


def test_looks_differ_in_muscle_fat_and_age() -> None:
    looks = [look_of(seed) for seed in range(40)]
    for name in ("muscle", "marbled", "aged"):
        values = [float(getattr(look, name)) for look in looks]
        assert max(values) - min(values) > 0.2, name
    assert Look().own == 0


def test_what_lies_in_the_belly_differs_from_body_to_body() -> None:
    one, two = filling(7), filling(8)
    assert one == filling(7)
    assert one.stomach != two.stomach and one.gas_y != two.gas_y
    for own in range(12):
        for (_, _, z), half in filling(own).stomach:
            assert min(half) > 10 and z < 100
