"""What the hand paints is one difference at the end of the stroke."""

from __future__ import annotations

import numpy as np

from ai.scan.geometry import Geometry
from viewer.editing.brush import Dab, swept
from viewer.editing.difference import cut_of
from viewer.editing.stroke import Stroke, difference_of
from viewer.editing.threshold import HIGHEST_HU, LUNG_RANGE_HU, WithinHu, range_for

GRID = Geometry.axial((20, 30, 30))


def cube(start: tuple[int, int, int], size: int = 3) -> Dab:
    return Dab(start, np.ones((size, size, size), bool))


def test_dabs_that_overlap_flip_each_voxel_once() -> None:
    field = np.zeros(GRID.shape_kji, np.uint8)
    stroke = Stroke(field, inside=True)
    assert stroke.add(cube((2, 2, 2))) == cut_of((2, 2, 2), (3, 3, 3))
    assert stroke.add(cube((2, 2, 4))) == cut_of((2, 2, 5), (3, 3, 2))
    assert stroke.add(cube((2, 2, 3))) is None
    assert field.sum() == 45
    flipped = stroke.flipped()
    assert flipped is not None and flipped[0] == (2, 2, 2) and flipped[1].all()
    found = difference_of(flipped)
    assert found is not None
    found.flip(field)
    assert not field.any()


def test_a_stroke_that_changes_nothing_is_no_step() -> None:
    field = np.zeros(GRID.shape_kji, np.uint8)
    stroke = Stroke(field, inside=False)
    assert stroke.add(cube((2, 2, 2))) is None
    assert stroke.flipped() is None and stroke.box is None


def test_a_stroke_given_up_leaves_the_field_as_it_was() -> None:
    rng = np.random.default_rng(3)
    field = rng.integers(0, 2, GRID.shape_kji).astype(np.uint8)
    before = field.copy()
    stroke = Stroke(field, inside=True)
    for n in range(5):
        at = tuple(GRID.lps_of((8 + n, 10, 10 + 2 * n)))
        dab = swept(GRID, at, at, 3.2)
        assert dab is not None
        stroke.add(dab)
    assert not np.array_equal(field, before)
    stroke.give_up()
    assert np.array_equal(field, before) and stroke.flipped() is None


def test_painting_a_lung_takes_the_other_ones_voxels_over_and_erasing_leaves_them() -> None:
    labels = np.zeros(GRID.shape_kji, np.uint8)
    labels[:, :, :10], labels[:, :, 10:14] = 1, 2
    field = (labels == 1).astype(np.uint8)
    paint = Stroke(field, inside=True)
    paint.add(cube((5, 5, 8), 8))
    found = difference_of(paint.flipped(), labels=labels, number=1)  # type: ignore[arg-type]
    assert found is not None
    found.flip(labels)
    assert labels[7, 7, 12] == 1 and labels[7, 7, 15] == 1 and labels[0, 0, 12] == 2
    assert np.array_equal(field, labels == 1)
    erase = Stroke(field, inside=False)
    erase.add(cube((4, 4, 4), 12))
    found = difference_of(erase.flipped(), labels=labels, number=1)  # type: ignore[arg-type]
    assert found is not None
    found.flip(labels)
    assert labels[7, 7, 12] == 0 and labels[0, 0, 12] == 2
    found.flip(labels)
    assert labels[7, 7, 12] == 1 and labels[4, 4, 12] == 2


def test_with_a_range_only_voxels_of_that_density_are_painted() -> None:
    hu = np.full(GRID.shape_kji, -850, np.int16)
    hu[:, :, 12:] = -300
    field = np.zeros(GRID.shape_kji, np.uint8)
    stroke = Stroke(field, inside=True, allowed=WithinHu(hu, -430, HIGHEST_HU))
    stroke.add(cube((5, 5, 8), 8))
    assert np.array_equal(np.unique(np.nonzero(field)[2]), [12, 13, 14, 15])


def test_the_range_begins_at_half_contrast_and_its_ends_belong_to_it() -> None:
    assert range_for(0.0) == (-430, HIGHEST_HU)
    assert range_for(None) == LUNG_RANGE_HU
    hu = np.array([[[-431, -430, 3071]]], np.int16)
    assert WithinHu(hu, *range_for(0.0))(cut_of((0, 0, 0), (1, 1, 3))).tolist() == [
        [[False, True, True]]
    ]
