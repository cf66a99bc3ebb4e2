"""The box around labels is the smallest one, on every axis, and one voxel where there is none."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ai.scan.labelmap import box_of


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 6), st.integers(0, 7)), min_size=1, max_size=4
    )
)
def test_the_box_ends_at_the_outermost_voxels(voxels: list[tuple[int, int, int]]) -> None:
    labels = np.zeros((6, 7, 8), np.uint8)
    for number, voxel in enumerate(voxels):
        labels[voxel] = number + 1
    places = np.argwhere(labels)
    expected = tuple(
        slice(int(low), int(high) + 1)
        for low, high in zip(places.min(axis=0), places.max(axis=0), strict=True)
    )
    assert box_of(labels) == expected


def test_without_a_label_it_is_one_empty_voxel() -> None:
    labels = np.zeros((3, 4, 5), np.uint8)
    assert labels[box_of(labels)].tolist() == [[[0]]]
