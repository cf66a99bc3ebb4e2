"""What is lent to the process that renders lies where it lay before."""

from __future__ import annotations

import numpy as np
import pytest

from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from ai.worker.shared import Block
from tests.views.scans import POSITIONS, lying, two_balls
from viewer.volume.loans import lend_lungs, lend_shapes
from viewer.volume.messages import ShowLungs, ShowShapes

COLOURS = {1: (0.0, 0.0, 1.0), 2: (1.0, 1.0, 0.0)}


@pytest.mark.parametrize("position", POSITIONS)
def test_each_lent_label_lies_at_its_place_in_the_patient(position: str) -> None:
    lungs = two_balls(lying(position))
    block, told, ends = lend_lungs(lungs, COLOURS)
    assert block is not None and ends is not None and told.labels == block.ref
    with block, Block.attach(block.ref) as lent:
        affine = np.array(told.affine).reshape(4, 4)
        there = Geometry(lent.array.shape, affine)
        for label in (1, 2):
            own = lungs.geometry.lps_of(np.argwhere(lungs.labels == label))
            other = there.lps_of(np.argwhere(lent.array == label))
            assert sorted(map(tuple, own.round(3))) == sorted(map(tuple, other.round(3)))
        every = lungs.geometry.lps_of(np.argwhere(lungs.labels > 0))
        np.testing.assert_allclose(ends.min(axis=0), every.min(axis=0))
        np.testing.assert_allclose(ends.max(axis=0), every.max(axis=0))
        middle = (ends.min(axis=0) + ends.max(axis=0)) / 2
        reach = [np.hypot(*(some - middle)[:, :2].T).max() for some in (ends, every)]
        assert reach[0] == pytest.approx(reach[1])
    assert [(one.label, one.rgb) for one in told.shells] == list(COLOURS.items())


def test_fine_labels_are_thinned_and_stay_in_place() -> None:
    geometry = lying("FFDR", shape_kji=(80, 96, 104), mm=0.6)
    lungs = two_balls(geometry, radius_mm=10.0, apart_mm=15.0)
    block, told, _ = lend_lungs(lungs, COLOURS)
    assert block is not None
    with block:
        there = Geometry(block.ref.shape, np.array(told.affine).reshape(4, 4))
        assert there.spacing_kji_mm == pytest.approx((1.2, 1.2, 1.2))
        for label, x in ((1, -15.0), (2, 15.0)):
            middle = there.lps_of(np.argwhere(block.array == label)).mean(axis=0)
            np.testing.assert_allclose(middle, (x, 0, 0), atol=0.4)


def test_labels_without_one_voxel_and_no_masks_lend_nothing() -> None:
    geometry = lying("HFS")
    nothing = LabelMap(geometry, np.zeros(geometry.shape_kji, np.uint8), LUNGS, MadeBy("t", "1"))
    assert lend_lungs(nothing, COLOURS) == (None, ShowLungs(None), None)
    assert lend_shapes({}) == (None, ShowShapes(None))


def test_every_mask_comes_back_from_the_arena() -> None:
    chance = np.random.default_rng(5)
    masks = {str(n): BoxMask((n, 2 * n, 3), chance.random((2 + n, 3, 4)) > 0.5) for n in range(4)}
    block, told = lend_shapes(masks)
    assert block is not None
    with block:
        for shape in told.shapes:
            size = int(np.prod(shape.mask.shape))
            part = block.array[shape.mask.offset : shape.mask.offset + size]
            mask = masks[shape.id]
            assert shape.mask.start_kji == mask.start_kji
            np.testing.assert_array_equal(part.reshape(shape.mask.shape) > 0, mask.voxels)
    assert [shape.id for shape in told.shapes] == list(masks)
