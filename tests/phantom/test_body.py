"""The build of a rich body: frame, shoulders, skin, great artery and belly are its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ai.phantom.anatomy import SIDE_DEG, SPINE_Y
from ai.phantom.belly import filling
from ai.phantom.chambers import GROUPS, Heart
from ai.phantom.great import AORTA, GREAT, along, great_vessels, strayed
from ai.phantom.look import look_of
from ai.phantom.muscles import stack
from ai.phantom.scanner import Scanner
from ai.phantom.shoulder import both_shoulders, shoulders
from ai.phantom.spine import NET_MM, _net
from ai.phantom.still import StillPlane
from ai.phantom.wall import _spanned, body_mm
from ai.phantom.warp import Frame, make_warp

AXIS = np.arange(-190.0, 190.0, 1.5, dtype=np.float32)
SEEDS = (3, 7, 12, 41)


def shape_of(seed: int) -> np.ndarray:
    """Places about the ribs of a body, with its size and its way of lying taken off."""
    look = look_of(seed)
    warp = make_warp(seed, scale=look.scale, mm=look.uneven_mm)
    turn, z = np.meshgrid(np.linspace(0, 2 * np.pi, 36, endpoint=False), (80.0, 150.0, 220.0))
    still = np.stack([110 * np.sin(turn), 80 * np.cos(turn), z], axis=-1).reshape(-1, 3)
    known = np.concatenate([still, np.ones((len(still), 1))], axis=1)
    shown = warp.shown(still)
    return shown - known @ np.linalg.lstsq(known, shown, rcond=None)[0]


def test_bodies_differ_in_shape_and_not_only_in_size() -> None:
    shapes = [shape_of(seed) for seed in SEEDS]
    for n, one in enumerate(shapes):
        for other in shapes[:n]:
            assert np.abs(one - other).max() > 4
    assert np.array_equal(shape_of(7), shape_of(7))


def test_a_frame_that_is_even_moves_nothing_and_a_bowed_one_moves_the_midline() -> None:
    midline = np.array([[0.0, 0.0, z] for z in (60.0, 150.0, 240.0)])
    even, bowed = midline.copy(), midline.copy()
    Frame().bend(even)
    assert np.array_equal(even, midline)
    Frame(sway_mm=8.0, sway_phase=1.0).bend(bowed)
    assert np.ptp(bowed[:, 0]) > 5
    assert np.array_equal(bowed[:, 1:], midline[:, 1:])


def test_a_wider_left_half_is_wider_only_there() -> None:
    sides = np.array([[-100.0, 0.0, 150.0], [100.0, 0.0, 150.0]])
    Frame(wider=0.05).bend(sides)
    assert sides[1, 0] < 97 and sides[0, 0] < -103  # the drawing is looked up farther in


@pytest.mark.parametrize("z_mm", [170.0, 210.0, 250.0])
def test_a_shoulder_blade_lies_between_muscles_and_above_the_ribs(z_mm: float) -> None:
    look = look_of(7)
    warp = make_warp(7, scale=(1.0, 1.0, 1.0), mm=0.0)
    plane = StillPlane(AXIS, AXIS, z_mm, warp)
    flat = {n: np.zeros(plane.y.shape, np.float32) for n in ("slow", "lobule", "fine")}
    for side in both_shoulders(plane, flat, look):
        bone = side.bone() > 0
        before, behind, *_ = side.muscles()
        height = side.plate(side.s)
        assert bone.sum() > 40
        assert side.h[bone].min() > 5
        assert ((before > 0) & (side.h < height)).sum() > 40
        assert ((behind > 0) & (side.h > height)).sum() > 40
        assert not (bone & (np.minimum(before, behind) > 0)).any()


def test_below_the_blades_there_is_no_shoulder() -> None:
    warp = make_warp(7, scale=(1.0, 1.0, 1.0), mm=0.0)
    plane = StillPlane(AXIS, AXIS, 100.0, warp)
    flat = {n: np.zeros(plane.y.shape, np.float32) for n in ("slow", "lobule", "fine")}
    assert both_shoulders(plane, flat, look_of(7)) == ()


def test_the_two_shoulders_of_a_body_differ_and_are_the_same_every_time() -> None:
    for seed in SEEDS:
        right, left = shoulders(seed)
        assert right != left
        assert shoulders(seed) == (right, left)


def test_skin_spans_the_hollows_between_muscles() -> None:
    for seed in SEEDS:
        look = replace(look_of(seed), breast_mm=0.0)
        for z_mm in (90.0, 150.0, 190.0):
            skin, flesh = body_mm(z_mm, look), stack(z_mm, look)[-1][1]
            behind = SIDE_DEG < 140
            assert (_spanned(skin) - skin)[behind].max() < 6
            assert (skin - flesh).min() > 2.5


def test_an_outline_that_is_hollow_is_spanned_and_a_round_one_is_left() -> None:
    even = np.full(SIDE_DEG.shape, 100.0)
    assert np.allclose(_spanned(even), even, atol=0.2)
    dented = even - 20.0 * (np.abs(SIDE_DEG - 90) < 6)
    assert (_spanned(dented) >= dented - 0.8).all()
    assert _spanned(dented)[np.abs(SIDE_DEG - 90) < 4].min() > 95


def test_the_great_artery_lies_on_the_spine_and_never_in_it() -> None:
    for x, y, z, radius in AORTA:
        if z < 190 and y > 20:
            gap = float(np.hypot(x, y - float(SPINE_Y(z)))) - radius
            assert 12 < gap < 25, (x, y, z)


def test_vessels_stray_from_body_to_body_and_meet_where_they_met() -> None:
    rng = np.random.default_rng(4)
    own = strayed(AORTA, rng)
    assert own[0] == pytest.approx(AORTA[0]) and own[-1] == pytest.approx(AORTA[-1])
    far = [np.linalg.norm(np.subtract(a[:3], b[:3])) for a, b in zip(own, AORTA, strict=True)]
    assert 1 < max(far) < 12
    one, other = (great_vessels(look_of(7), seed) for seed in (3, 4))
    assert [t.start for t in one] != [t.start for t in other]
    assert great_vessels(look_of(7), 3) == one
    assert len(along(AORTA, 0.0)) <= len(GREAT)


def test_chambers_of_a_strayed_heart_still_meet() -> None:
    heart = Heart(look_of(7), 7)
    for name, (tubes, _) in GROUPS.items():
        own = heart._groups[name][0]
        for a, b, c, d in zip(tubes[:-1], tubes[1:], own[:-1], own[1:], strict=True):
            assert (a.end == b.start) == (c.end == d.start)
    assert Heart(look_of(7), 8)._groups != heart._groups


def test_beams_of_spongy_bone_are_one_bodys_own_and_change_with_height() -> None:
    some = np.linspace(-12, 12, 40, dtype=np.float32)
    y, x = np.meshgrid(some, some, indexing="ij")
    net = _net(7, x, y, 150.0)
    assert net.std() == pytest.approx(0.9, abs=0.35)
    assert np.array_equal(net, _net(7, x, y, 150.0))
    assert np.abs(net - _net(7, x, y, 156.0)).max() > 1
    assert np.abs(net - _net(8, x, y, 150.0)).max() > 1
    assert max(NET_MM) > 50, "the net does not repeat in one vertebra"


def test_livers_and_stomachs_differ() -> None:
    assert len({filling(own).taper for own in range(6)}) == 6
    assert {filling(own).cleft[1] > 8 for own in range(12)} == {True, False}


def test_noise_spares_the_rim_of_a_body() -> None:
    scanner = Scanner(7, "standard", 192, 2.0, 20.0)
    far = np.hypot(*np.meshgrid(np.arange(192) - 96.0, np.arange(192) - 96.0)) * 2.0
    image = np.where(far < 150, 0.0, -1000.0).astype(np.float32)
    before = image.copy()
    scanner.see(image, np.s_[0:192, 0:192], 3)
    noise = image - before
    assert noise[(far > 136) & (far < 146)].std() < 0.85 * noise[far < 60].std()
