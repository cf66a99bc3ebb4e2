"""Where two masks of the lungs disagree: thick regions are told, thin ones are not."""

from __future__ import annotations

import numpy as np
import pytest

from ai.lungs.compare import compare
from ai.scan.check import ONLY_OTHER, ONLY_SHOWN, OTHER_SIDE
from ai.scan.geometry import Geometry
from ai.scan.labelmap import Labels

GRID = Geometry.axial((80, 100, 160), spacing_kji_mm=(2.5, 2.0, 2.0), origin_lps=(-160, -100, 0))


def lungs() -> Labels:
    labels = np.zeros(GRID.shape_kji, dtype=np.uint8)
    labels[10:70, 20:80, 15:70] = 1
    labels[10:70, 20:80, 90:145] = 2
    return labels


def test_equal_masks_have_nothing_to_look_at() -> None:
    found = compare(lungs(), lungs(), GRID)
    assert found.dice == (1.0, 1.0) and not found.places and not found.mask.any()


def test_a_border_drawn_a_voxel_further_is_no_disagreement() -> None:
    other = np.zeros(GRID.shape_kji, dtype=np.uint8)
    other[9:71, 19:81, 14:71] = 1
    other[9:71, 19:81, 89:146] = 2
    found = compare(lungs(), other, GRID)
    assert found.dice[0] < 1 and not found.places


@pytest.mark.parametrize("kind", [ONLY_SHOWN, ONLY_OTHER])
def test_a_piece_that_one_has_alone_is_told_with_its_place_and_size(kind: str) -> None:
    without = lungs()
    without[30:42, 40:52, 100:112] = 0  # 30 x 24 x 24 mm
    shown, other = (lungs(), without) if kind == ONLY_SHOWN else (without, lungs())
    found = compare(shown, other, GRID)
    (place,) = found.places
    assert (place.kind, place.side) == (kind, 2)
    assert place.volume_ml == pytest.approx(17.3, rel=0.1)
    voxel = GRID.nearest_voxel(place.centre_lps)
    assert voxel is not None
    k, j, i = voxel
    assert 30 <= k < 42 and 40 <= j < 52 and 100 <= i < 112
    assert np.array_equal(found.mask, shown != other)


def test_lung_on_the_wrong_side_is_told_as_that() -> None:
    other = lungs()
    other[30:50, 40:60, 15:45] = 2
    (place,) = compare(lungs(), other, GRID).places
    assert (place.kind, place.side) == (OTHER_SIDE, 1)


def test_the_largest_place_comes_first_and_a_list_has_an_end() -> None:
    other = lungs()
    for n in range(14):
        k, j = 12 + 8 * (n % 7), 22 + 28 * (n // 7)
        other[k : k + 5, j : j + 7 + n % 3, 20:27] = 0
    found = compare(lungs(), other, GRID)
    assert len(found.places) == 12
    sizes = [place.volume_ml for place in found.places]
    assert sizes == sorted(sizes, reverse=True)


def test_two_empty_masks_have_no_dice() -> None:
    nothing = np.zeros(GRID.shape_kji, dtype=np.uint8)
    assert compare(nothing, nothing, GRID).dice == (-1.0, -1.0)
    assert compare(lungs(), nothing, GRID).dice == (0.0, 0.0)
