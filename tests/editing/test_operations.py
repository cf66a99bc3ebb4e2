"""Islands, smoothing and filling in do to a mask what their names say."""

from __future__ import annotations

import numpy as np
import pytest

from viewer.editing.between import fill_between, gaps
from viewer.editing.islands import largest, split
from viewer.editing.operations import NAMES, Operation, carry_out
from viewer.editing.smooth import margin_kji, smooth

CUBES = (1.0, 1.0, 1.0)


@pytest.fixture
def archipelago() -> np.ndarray:
    """27 voxels, 8 that touch them at a corner only, and one far away."""
    mask = np.zeros((12, 12, 12), bool)
    mask[1:4, 1:4, 1:4] = True
    mask[4:6, 4:6, 4:6] = True
    mask[10, 10, 10] = True
    return mask


def ball(shape: tuple[int, int, int], centre: tuple[float, float, float], r: float) -> np.ndarray:
    away = [np.arange(n) - c for n, c in zip(shape, centre, strict=True)]
    return away[0][:, None, None] ** 2 + away[1][:, None] ** 2 + away[2] ** 2 <= r * r


def test_the_largest_island_stays_alone(archipelago: np.ndarray) -> None:
    kept = carry_out(Operation("largest"), archipelago, CUBES, 1.0)
    assert kept.sum() == 27 and kept[2, 2, 2] == 1


def test_small_islands_go_by_their_volume_and_never_the_largest(archipelago: np.ndarray) -> None:
    kept = carry_out(Operation("without-small", amount=4.0), archipelago, CUBES, 1.0)
    assert kept.sum() == 35
    kept = carry_out(Operation("without-small", amount=4.0), archipelago, CUBES, 0.25)
    assert kept.sum() == 27, "8 voxels of a quarter are 2 mm3"
    kept = carry_out(Operation("without-small", amount=1e6), archipelago, CUBES, 1.0)
    assert kept.sum() == 27


def test_the_island_that_was_clicked_stays_or_goes(archipelago: np.ndarray) -> None:
    one = carry_out(Operation("keep-one", voxel=(4, 5, 4)), archipelago, CUBES, 1.0)
    assert one.sum() == 8
    others = carry_out(Operation("drop-one", voxel=(4, 5, 4)), archipelago, CUBES, 1.0)
    assert others.sum() == 28 and not np.any(one & others)
    beside = carry_out(Operation("drop-one", voxel=(8, 8, 8)), archipelago, CUBES, 1.0)
    assert np.array_equal(beside, archipelago)


def test_split_numbers_the_islands_by_size(archipelago: np.ndarray) -> None:
    parts = carry_out(Operation("split"), archipelago, CUBES, 1.0)
    assert np.bincount(parts.ravel())[1:].tolist() == [27, 8, 1]


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_mask_stays_empty(name: str) -> None:
    empty = np.zeros((5, 6, 7), bool)
    assert not carry_out(Operation(name, amount=1.0), empty, CUBES, 1.0).any()


def test_an_operation_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="shave"):
        Operation("shave")


def test_more_islands_than_there_are_numbers_are_still_counted() -> None:
    mask = np.zeros((1, 40, 40), bool)
    mask[:, ::2, ::2] = True
    assert split(mask).max() == 255 and np.array_equal(split(mask) > 0, mask)
    assert largest(mask).sum() == 1


@pytest.mark.parametrize("spacing", [CUBES, (2.5, 0.7, 0.7)])
@pytest.mark.parametrize("radius_mm", [2.5, 6.0])
def test_smoothing_keeps_a_ball_a_ball_with_its_volume(
    spacing: tuple[float, float, float], radius_mm: float
) -> None:
    shape = tuple(int(2 * (radius_mm + 4) / s) + 1 for s in spacing)
    away = [(np.arange(n) - (n - 1) / 2) * s for n, s in zip(shape, spacing, strict=True)]
    square = away[0][:, None, None] ** 2 + away[1][:, None] ** 2 + away[2] ** 2
    mask = square <= radius_mm**2
    after = smooth(mask, spacing, width_mm=1.0)
    assert after.sum() == mask.sum()
    assert 2 * (after & mask).sum() / (after.sum() + mask.sum()) > 0.9


def test_smoothing_takes_spikes_off_and_fills_notches() -> None:
    mask = ball((30, 30, 30), (14.5, 14.5, 14.5), 8)
    rough = mask.copy()
    rough[14, 14, 22:28] = True
    rough[14, 14, 5:9] = False
    after = smooth(rough, CUBES, width_mm=1.5)
    assert not after[14, 14, 25:].any() and after[14, 14, 8]
    assert (after ^ mask).sum() < 0.05 * mask.sum()


def test_smoothing_a_full_box_leaves_it_full() -> None:
    assert smooth(np.ones((4, 4, 4), bool), CUBES, width_mm=2.0).all()
    assert margin_kji((5.0, 0.7, 0.7), 1.0) == (1, 5, 5)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_layers_between_two_alike_are_filled_alike(axis: int) -> None:
    mask = np.zeros((20, 20, 20), bool)
    layers = np.moveaxis(mask, axis, 0)
    layers[4, 5:12, 6:14] = True
    layers[10, 5:12, 6:14] = True
    after = fill_between(mask, CUBES, axis=axis)
    assert np.moveaxis(after, axis, 0)[4:11, 5:12, 6:14].all() and after.sum() == 7 * 7 * 8
    assert gaps(mask, axis) == ((4, 10),) and gaps(after, axis) == ()


def test_a_cone_comes_out_of_its_two_ends() -> None:
    shape = (1, 60, 60)
    mask = np.zeros((11, 60, 60), bool)
    mask[0], mask[10] = ball(shape, (0, 30, 30), 20)[0], ball(shape, (0, 30, 30), 8)[0]
    after = fill_between(mask, CUBES, axis=0)
    middle = ball(shape, (0, 30, 30), 14)[0]
    assert (after[5] ^ middle).sum() < 0.06 * middle.sum()
    assert np.array_equal(after[0], mask[0]) and np.array_equal(after[10], mask[10])


def test_a_slanted_tube_keeps_its_width_midway() -> None:
    shape = (1, 60, 60)
    mask = np.zeros((9, 60, 60), bool)
    mask[0], mask[8] = ball(shape, (0, 20, 18), 6)[0], ball(shape, (0, 34, 42), 6)[0]
    after = fill_between(mask, CUBES, axis=0)
    expected = ball(shape, (0, 27, 30), 6)[0]
    assert (after[4] & expected).sum() > 0.9 * expected.sum()
    assert after[4].sum() < 1.15 * expected.sum()


def test_a_mask_without_gaps_stays_as_it_is() -> None:
    mask = ball((12, 12, 12), (6, 6, 6), 4)
    assert np.array_equal(carry_out(Operation("between"), mask, CUBES, 1.0), mask)
