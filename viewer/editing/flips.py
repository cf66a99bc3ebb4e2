"""Which voxels of a field flip when scissors close, or a finding is grown anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ai.nodules.grow import grow
from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume
from viewer.editing.brush import Point, Slab
from viewer.editing.difference import Bools, Kji, cut_of, hull
from viewer.editing.field import Field
from viewer.editing.hold import FILL, OUTSIDE, Hold
from viewer.editing.scissors import cut_out, near

Flips = tuple[Kji, Bools]
"""The first voxel of a box of the grid, and which of its voxels flip."""


def by_scissors(
    field: Field, hold: Hold, corners_lps: NDArray[np.float64], normal: Point, slab: Slab
) -> Flips | None:
    """What a closed line erases inside or outside of it, or fills in; None where that is nothing.

    corners_lps: (N, 3) on a plane with that normal; slab: the voxels of the slice it was drawn on.
    """
    whole = cut_of((0, 0, 0), field.geometry.shape_kji)
    within = whole if hold.cut == FILL else field.reach
    if within is None:
        return None
    one = None if hold.through else slab
    dab = cut_out(field.geometry, corners_lps, normal, within=within, slab=one)
    if hold.cut != OUTSIDE:
        if dab is None:
            return None
        return dab.start_kji, dab.voxels & (field.voxels[dab.box] != (hold.cut == FILL))
    start = within[0].start, within[1].start, within[2].start
    flips = field.voxels[within] > 0
    if one is not None:
        flips &= near(field.geometry, within, one)
    if dab is not None:
        offset = [a - b for a, b in zip(dab.start_kji, start, strict=True)]
        flips[cut_of(offset, dab.voxels.shape)] &= ~dab.voxels
    return start, flips


def by_growing(
    field: Field, volume: Volume, lungs: LabelMap | None, lps: Point
) -> tuple[Flips, bool]:
    """What leads from the mask to the one grown at half contrast around a point of the scan.

    Also whether anything stood out there; else it is a ball of 4 mm. Raises ValueError for a point
    outside the scan.
    """
    grown = grow(volume, lps, lungs=lungs)
    box = hull(one for one in (field.reach, grown.box) if one is not None)
    assert box is not None
    start = box[0].start, box[1].start, box[2].start
    flips = field.voxels[box] > 0
    offset = [a - b for a, b in zip(grown.start_kji, start, strict=True)]
    flips[cut_of(offset, grown.voxels.shape)] ^= grown.voxels
    return (start, flips), grown.grew
