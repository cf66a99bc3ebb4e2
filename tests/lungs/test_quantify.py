"""Millilitres, mean HU, and which of them deserve a second look."""

from __future__ import annotations

import numpy as np
import pytest

from ai.lungs.quantify import doubts, plain_gas, quantify
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy, SegmentFigures
from ai.scan.volume import Volume

SPACING = (10.0, 5.0, 5.0)


def two_boxes(right: int = 20, left: int = 20) -> tuple[Volume, LabelMap]:
    """Two boxes of 40 x 40 columns apart; their heights in slices are given."""
    geometry = Geometry.axial((24, 40, 60), spacing_kji_mm=SPACING)
    labels = np.zeros(geometry.shape_kji, dtype=np.uint8)
    labels[:right, 5:35, 2:22] = 1
    labels[:left, 5:35, 38:58] = 2
    hu = np.full(geometry.shape_kji, 40, dtype=np.int16)
    hu[labels == 1] = -850
    hu[labels == 2] = -700
    return Volume(geometry, hu), LabelMap(geometry, labels, LUNGS, MadeBy("test", "1"))


def test_volume_is_voxels_times_their_size() -> None:
    volume, lungs = two_boxes(right=20, left=10)
    right, left = quantify(volume, lungs)
    assert right.volume_ml == pytest.approx(20 * 30 * 20 * 0.25)
    assert left.volume_ml == pytest.approx(10 * 30 * 20 * 0.25)


def test_mean_hu_is_of_the_stored_scan() -> None:
    right, left = quantify(*two_boxes())
    assert (right.mean_hu, left.mean_hu) == (-850, -700)


def test_a_side_without_voxels_has_no_figures_and_is_told() -> None:
    volume, lungs = two_boxes(left=0)
    figures = quantify(volume, lungs)
    assert [f.number for f in figures] == [1]
    assert "Left lung was not found." in doubts(lungs, figures)


def test_plausible_lungs_raise_no_doubt() -> None:
    volume, lungs = two_boxes()
    assert doubts(lungs, quantify(volume, lungs)) == ()


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        (SegmentFigures(1, 300.0, -850), "300 ml"),
        (SegmentFigures(1, 7000.0, -850), "7000 ml"),
        (SegmentFigures(1, 3000.0, -400), "-400 HU"),
        (SegmentFigures(1, 3000.0, -960), "-960 HU"),
        (SegmentFigures(1, 5900.0, -850), "to 1"),
    ],
)
def test_an_odd_figure_is_told_with_its_number(changed: SegmentFigures, word: str) -> None:
    _, lungs = two_boxes()
    told = doubts(lungs, (changed, SegmentFigures(2, 2500.0, -850)))
    assert any(word in sentence for sentence in told)


def test_swapped_sides_are_told() -> None:
    volume, lungs = two_boxes()
    swapped = LabelMap(
        lungs.geometry, np.array([0, 2, 1], np.uint8)[lungs.labels], LUNGS, lungs.made_by
    )
    told = doubts(swapped, quantify(volume, swapped))
    assert any("does not lie to the right" in sentence for sentence in told)


@pytest.mark.parametrize("upward", [True, False], ids=["from the feet", "from the head"])
def test_plain_gas_low_in_a_lung_is_told(upward: bool) -> None:
    volume, lungs = two_boxes()
    hu = volume.hu.copy()
    hu[1:6, 10:30, 40:55] = -1000  # 375 ml where a stomach would lie
    geometry, labels = volume.geometry, lungs.labels
    if not upward:
        affine = geometry.affine.copy()
        affine[:3, 3] += affine[:3, 0] * (geometry.shape_kji[0] - 1)
        affine[:3, 0] *= -1
        geometry = Geometry(geometry.shape_kji, affine)
        hu, labels = np.ascontiguousarray(hu[::-1]), np.ascontiguousarray(labels[::-1])
    turned = LabelMap(geometry, labels, LUNGS, lungs.made_by)
    (told,) = plain_gas(Volume(geometry, hu), turned)
    assert told.startswith("Left lung")


def test_plain_gas_high_in_a_lung_is_not_told() -> None:
    volume, lungs = two_boxes()
    hu = volume.hu.copy()
    hu[14:19, 10:30, 40:55] = -1000
    assert plain_gas(Volume(volume.geometry, hu), lungs) == ()


def test_sides_are_told_apart_even_where_a_lung_is_a_sliver() -> None:
    """A voxel that the coarse look between them misses."""
    geometry = Geometry.axial((24, 40, 60), spacing_kji_mm=(1.0, 1.0, 1.0))
    labels = np.zeros(geometry.shape_kji, dtype=np.uint8)
    labels[5:20, 5:35, 30:50], labels[1, 1, 1] = 1, 2
    lungs = LabelMap(geometry, labels, LUNGS, MadeBy("test", "1"))
    figures = (SegmentFigures(1, 3000.0, -850), SegmentFigures(2, 2800.0, -850))
    assert any("does not lie to the right" in one for one in doubts(lungs, figures))
