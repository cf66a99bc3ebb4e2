"""The rich phantom's beating heart: its edge is seen twice, ribs and the right side keep still."""

from __future__ import annotations

import numpy as np

from ai.phantom.beat import MIDDLE, MOST_MM, Beat, seen_twice
from ai.phantom.warp import make_warp

WARP = make_warp(7, scale=(1.0, 1.0, 1.0), mm=0.0)
AXIS = np.arange(-150.0, 150.0, 1.0)


def test_a_beat_is_felt_about_the_left_ventricle_only() -> None:
    middle = WARP.shown(np.array([MIDDLE]))[0]
    for seed in range(5):
        beat = Beat(seed, WARP)
        strong = [beat.strong_mm(float(middle[2]) + off) for off in np.arange(-60, 60, 2.0)]
        assert MOST_MM[0] * 0.5 < max(strong) <= MOST_MM[1]
        assert strong[0] == strong[-1] == 0
        assert beat.shift(AXIS, AXIS, float(middle[2]) + 55, np.full((300, 300), 40.0)) is None


def test_the_left_edge_moves_outwards_and_what_lies_at_the_ribs_does_not() -> None:
    middle = WARP.shown(np.array([MIDDLE]))[0]
    beat = Beat(2, WARP)
    z = max(np.arange(-20, 20, 1.0) + middle[2], key=beat.strong_mm)
    shift = beat.shift(AXIS, AXIS, float(z), np.full((300, 300), 40.0, np.float32))
    assert shift is not None
    box, down, across = shift
    far = np.hypot(down, across)
    assert 0.6 * beat.strong_mm(float(z)) < far.max() <= beat.strong_mm(float(z)) + 1e-6
    row = int(np.searchsorted(AXIS[box[0]], middle[1]))
    assert across[row, -30] > 0 and abs(across[row, 0]) < 0.2 * across.max()
    still = beat.shift(AXIS, AXIS, float(z), np.full((300, 300), 5.0, np.float32))
    assert still is not None and not still[1].any() and not still[2].any()


def test_an_edge_that_moves_shows_a_step_between() -> None:
    image = np.zeros((40, 40), dtype=np.float32)
    image[:, :20] = 100
    box = np.s_[5:35, 5:35]
    shift = (box, np.zeros((30, 30), np.float32), np.full((30, 30), 3.0, np.float32))
    seen_twice(image, shift)
    assert image[20, 18:25].tolist() == [100, 100, 50, 50, 50, 0, 0]
    assert image[0].tolist() == [100] * 20 + [0] * 20
