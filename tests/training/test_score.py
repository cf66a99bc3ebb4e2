"""Overlap and surface distances of lungs, against shapes whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from ai.training.lungs_score import agreement, surface_of


def box(low: tuple[int, int, int], high: tuple[int, int, int], side: int = 1) -> np.ndarray:
    labels = np.zeros((30, 30, 30), dtype=np.uint8)
    labels[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = side
    return labels


def ball(radius_mm: float, spacing: tuple[float, float, float]) -> np.ndarray:
    shape = [int(60 / s) for s in spacing]
    axes = [(np.arange(n) - n // 2) * s for n, s in zip(shape, spacing, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    return (z * z + y * y + x * x <= radius_mm**2).astype(np.uint8)


def test_a_mask_agrees_with_itself() -> None:
    mask = box((5, 5, 5), (20, 20, 20))
    score = agreement(mask, mask, side=1, spacing_mm=(1, 1, 1))
    assert (score.dice, score.hd95_mm, score.msd_mm, score.volume_error) == (1, 0, 0, 0)


def test_a_shifted_box_has_the_dice_and_distance_of_its_shift() -> None:
    one, other = box((5, 5, 5), (15, 15, 15)), box((9, 5, 5), (19, 15, 15))
    score = agreement(other, one, side=1, spacing_mm=(2.5, 1, 1))
    assert score.dice == pytest.approx(0.6)
    assert score.hd95_mm == pytest.approx(10.0)
    assert score.volume_error == 0


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (2.5, 0.7, 0.7)])
def test_a_ball_in_a_ball_lies_the_difference_of_radii_away(
    spacing: tuple[float, float, float],
) -> None:
    score = agreement(ball(15, spacing), ball(20, spacing), side=1, spacing_mm=spacing)
    # Stairs of 2.5 mm reach towards each other: the nearest face lies nearer than the surface.
    assert score.msd_mm == pytest.approx(5.0, abs=0.25 if spacing[0] == 1.0 else 0.4)
    assert score.hd95_mm == pytest.approx(5.0, abs=0.75)
    assert score.dice == pytest.approx(2 * 15**3 / (15**3 + 20**3), abs=0.01)


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (2.5, 0.7, 0.7), (3.0, 1.0, 1.0)])
def test_the_area_of_a_ball_is_not_that_of_its_stairs(spacing: tuple[float, float, float]) -> None:
    surface = surface_of(ball(20, spacing) > 0, spacing)
    assert surface.area_mm2.sum() == pytest.approx(4 * np.pi * 20**2, rel=0.06)


def test_the_area_of_a_box_is_its_own() -> None:
    surface = surface_of(box((2, 2, 2), (22, 27, 17)) > 0, (2.0, 1.0, 1.0))
    assert surface.area_mm2.sum() == pytest.approx(2 * (40 * 25 + 40 * 15 + 25 * 15), rel=0.06)


def test_a_box_grown_on_one_face_is_that_face_away() -> None:
    """One of six faces lies 6 mm out: 20 x 20 mm of 6 x 400, and of its sides what is new."""
    one, other = box((5, 5, 5), (25, 25, 25)), box((5, 5, 5), (28, 25, 25))
    score = agreement(other, one, side=1, spacing_mm=(2.0, 1.0, 1.0))
    face, side_mm2, new = 20 * 20.0, 20 * 40.0, 4 * 20 * 6.0
    # From the old face the new one is 6 mm away, but beside an edge the new sides are nearer: the
    # integral of min(6, distance to the edge) over the square.
    back = (6.0 * 8 * 8 + 4 * (10 * 6**2 - 2 * 6**3 / 3)) / (2 * face + 4 * side_mm2)
    there = (6.0 * face + 3.0 * new) / (2 * face + 4 * side_mm2 + new)
    assert score.msd_mm == pytest.approx((back + there) / 2, rel=0.05)
    assert score.hd95_mm == pytest.approx(6.0, abs=0.01)
    assert score.volume_error == pytest.approx(3 / 20)


def test_the_other_lung_is_no_part_of_a_score() -> None:
    mask = box((5, 5, 5), (10, 10, 10)) | box((15, 15, 15), (20, 20, 20), side=2)
    found = box((5, 5, 5), (10, 10, 10))
    assert agreement(found, mask, side=1, spacing_mm=(1, 1, 1)).dice == 1


def test_voxels_left_out_are_left_out_of_both() -> None:
    one, other = box((5, 5, 5), (15, 15, 15)), box((5, 5, 5), (12, 15, 15))
    without = np.zeros(one.shape, dtype=bool)
    without[12:] = True
    score = agreement(other, one, side=1, spacing_mm=(1, 1, 1), without=without)
    assert (score.dice, score.volume_error) == (1, 0)


def test_nothing_found_is_the_worst_and_nothing_anywhere_is_undefined() -> None:
    none, mask = np.zeros((30, 30, 30), dtype=np.uint8), box((5, 5, 5), (15, 15, 15))
    missed = agreement(none, mask, side=1, spacing_mm=(1, 1, 1))
    assert (missed.dice, missed.hd95_mm, missed.volume_error) == (0, np.inf, -1)
    assert agreement(none, none, side=1, spacing_mm=(1, 1, 1)).dice is None
