"""Where two masks of the same lungs disagree: the regions that are worth a look.

A border drawn a voxel further in or out is no disagreement. What counts is thick: it holds a ball
of THICK_MM, and measures LEAST_ML. The dice are of the whole masks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.scan.check import ONLY_OTHER, ONLY_SHOWN, OTHER_SIDE, CheckPlace
from ai.scan.geometry import Geometry
from ai.scan.labelmap import Labels

COARSE_MM = 2.5
THICK_MM = 4.0
"""The radius of the ball: thinner than twice this are borders, fissures, airway walls."""
LEAST_ML = 1.5
"""A ball of 14 mm: smaller regions are found by looking at the outline, not by a list."""
MOST_PLACES = 12

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Compared:
    """dice: of the right and the left lung, -1 where both masks have none.

    places: the largest first. mask: their voxels on the scan's grid.
    """

    dice: tuple[float, float]
    places: tuple[CheckPlace, ...]
    mask: Bools


def compare(shown: Labels, other: Labels, geometry: Geometry) -> Compared:
    """shown, other: 1 right, 2 left, on the geometry's grid."""
    spacing = geometry.spacing_kji_mm
    step = tuple(max(1, round(COARSE_MM / mm)) for mm in spacing)
    thin = tuple(slice(None, None, n) for n in step)
    a, b = shown[thin], other[thin]
    mm = np.array([n * s for n, s in zip(step, spacing, strict=True)])
    kinds = {
        ONLY_SHOWN: (a > 0) & (b == 0),
        ONLY_OTHER: (a == 0) & (b > 0),
        OTHER_SIDE: (a > 0) & (b > 0) & (a != b),
    }
    found: list[tuple[CheckPlace, Bools]] = []
    for kind, apart in kinds.items():
        found += _places(apart, kind, np.where(a > 0, a, b), geometry, mm, step)
    found.sort(key=lambda one: -one[0].volume_ml)
    mask = np.zeros(shown.shape, dtype=np.bool_)
    coarse = np.zeros(a.shape, dtype=np.bool_)
    for _, region in found:
        coarse |= region
    if coarse.any():
        # A coarse voxel stands for those after it; only voxels that do differ are marked.
        near = ndimage.binary_dilation(coarse)
        for axis, n in enumerate(step):
            near = near.repeat(n, axis=axis)
        whole = near[tuple(slice(0, n) for n in shown.shape)]
        mask[...] = whole & (shown != other)
    places = tuple(place for place, _ in found[:MOST_PLACES])
    return Compared((_dice(shown, other, 1), _dice(shown, other, 2)), places, mask)


def _places(
    apart: Bools,
    kind: str,
    sides: Labels,
    geometry: Geometry,
    mm: NDArray[np.float64],
    step: tuple[int, ...],
) -> list[tuple[CheckPlace, Bools]]:
    """Each thick region of one kind, and its voxels on the coarse grid."""
    if not apart.any():
        return []
    depth = _depth(apart, mm)
    pieces, count = ndimage.label(apart)
    deepest = ndimage.maximum(depth, pieces, np.arange(1, count + 1))
    ml = np.bincount(pieces.ravel(), minlength=count + 1)[1:] * float(np.prod(mm)) / 1000
    found = []
    for n in np.flatnonzero((np.asarray(deepest) >= THICK_MM) & (ml >= LEAST_ML)) + 1:
        region = pieces == n
        at = np.unravel_index(int(np.where(region, depth, 0).argmax()), region.shape)
        own = np.minimum(np.array(at) * step, np.array(geometry.shape_kji) - 1)
        x, y, z = (round(float(value), 2) for value in geometry.lps_of(own))
        side = int(np.bincount(sides[region], minlength=3)[1:3].argmax()) + 1
        place = CheckPlace((x, y, z), round(float(ml[n - 1]), 1), kind, side)
        found.append((place, region))
    return found


def _depth(mask: Bools, mm: NDArray[np.float64]) -> NDArray[np.float32]:
    """How deep in the mask each voxel lies, in mm; beyond the grid there is nothing."""
    deep = ndimage.distance_transform_edt(np.pad(mask, 1), sampling=mm)
    return np.asarray(deep[1:-1, 1:-1, 1:-1], dtype=np.float32)


def _dice(a: Labels, b: Labels, side: int) -> float:
    one, other = a == side, b == side
    total = int(np.count_nonzero(one)) + int(np.count_nonzero(other))
    if not total:
        return -1.0
    return round(2 * int(np.count_nonzero(one & other)) / total, 4)
