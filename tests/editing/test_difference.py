"""A step is a small difference, and undoing it is the same difference again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from viewer.editing.difference import Difference, cut_of, hull, pack, tight, unpack

SHAPE = (4, 6, 5)
labels = arrays.arrays(np.uint8, SHAPE, elements=st.integers(0, 3))


@given(labels, labels)
def test_flipped_once_it_is_the_other_and_flipped_twice_it_is_itself(
    before: np.ndarray, after: np.ndarray
) -> None:
    found = Difference.between(before, after)
    here = before.copy()
    if found is None:
        assert np.array_equal(before, after)
        return
    found.flip(here)
    assert np.array_equal(here, after)
    found.flip(here)
    assert np.array_equal(here, before)


@given(labels, labels)
def test_from_the_voxels_that_change_it_is_the_same(before: np.ndarray, after: np.ndarray) -> None:
    flips = before != after
    one = Difference.between(before, after, (1, 2, 3))
    other = Difference.of_flips(flips, (before ^ after)[flips], (1, 2, 3))
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert (one.start_kji, one.shape_kji) == (other.start_kji, other.shape_kji)
        assert np.array_equal(one.codes(), other.codes())


def test_it_lies_in_the_smallest_box_wherever_the_box_was_cut() -> None:
    grid = np.zeros((20, 30, 40), np.uint8)
    part = grid[5:10, 6:16, 7:27]
    after = part.copy()
    after[2, 3:5, 9] = 2
    found = Difference.between(part, after, (5, 6, 7))
    assert found is not None
    assert (found.start_kji, found.shape_kji) == ((7, 9, 16), (1, 2, 1))
    assert [bit for bit, _ in found.planes] == [2]
    found.flip(grid)
    assert np.argwhere(grid == 2).tolist() == [[7, 9, 16], [7, 10, 16]] and grid.sum() == 4


def test_it_flips_a_part_of_the_grid_too() -> None:
    codes = np.ones((2, 2, 2), np.uint8)
    found = Difference.of_codes(codes, (5, 5, 5))
    assert found is not None
    part = np.zeros((6, 6, 6), np.uint8)
    found.flip(part, (3, 3, 3))
    assert part[2:4, 2:4, 2:4].all() and part.sum() == 8


def test_a_difference_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    found = Difference.of_codes(np.ones((2, 2, 2), np.uint8), (5, 5, 5))
    assert found is not None
    small = np.zeros((6, 6, 6), np.uint8)
    with pytest.raises(ValueError, match="outside"):
        found.flip(small)
    with pytest.raises(ValueError, match="outside"):
        found.flip(np.zeros((9, 9, 9), np.uint8), (6, 0, 0))
    assert not small.any()


def test_a_plane_of_another_size_is_refused() -> None:
    found = Difference((0, 0, 0), (4, 4, 4), ((1, pack(np.ones((2, 2, 2), bool))),))
    with pytest.raises(ValueError, match="size"):
        found.codes()


def test_a_stroke_of_a_large_brush_takes_a_few_kilobytes() -> None:
    k, j, i = np.ogrid[-30:31, -40:41, -40:41]
    ball = ((k / 30) ** 2 + (j / 40) ** 2 + (i / 40) ** 2 <= 1).astype(np.uint8)
    found = Difference.of_codes(ball)
    assert found is not None
    assert sum(len(packed) for _, packed in found.planes) < 16_000 < ball.nbytes // 20


@given(arrays.arrays(np.bool_, st.tuples(*[st.integers(1, 9)] * 3)))
def test_packed_voxels_come_back(bits: np.ndarray) -> None:
    assert np.array_equal(unpack(pack(bits), bits.shape), bits)


def test_boxes() -> None:
    assert tight(np.zeros((2, 2, 2), np.uint8)) is None
    assert hull([]) is None
    assert hull([cut_of((1, 2, 3), (1, 1, 1)), cut_of((0, 5, 2), (2, 2, 2))]) == cut_of(
        (0, 2, 2), (2, 5, 2)
    )
