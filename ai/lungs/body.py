"""The body on an upright grid, without the couch, and the air inside it."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk  # noqa: N813
from scipy import ndimage

from ai.lungs.blend import Box, Floats32
from ai.lungs.shifts import Bools, filled, grown, shrunk

SKIN_HU = -500.0
COUCH_MM = 6.0
"""Thinner than this is couch, blanket or tube: an opening of that width parts it from the body."""
GAP_MM = 4.0
"""Gaps in the chest wall's outline up to twice this are bridged before its inside is filled."""


def body_mask(hu: Floats32, spacing_mm: tuple[float, float, float]) -> Bools:
    """The body, lungs and bowel gas included. hu: upright, (z, y, x)."""
    tissue = hu > SKIN_HU
    reach = max(1, round(COUCH_MM / 2 / spacing_mm[1]))
    core = largest(shrunk(tissue, reach, beyond=True))
    body = grown(core, reach + 1) & tissue
    return _filled_planes(body, max(1, round(GAP_MM / spacing_mm[1])))


def distance_mm(mask: Bools, spacing_mm: tuple[float, float, float]) -> Floats32:
    """Signed distance in mm to a mask's border voxels: below 0 outside, above 0 inside.

    A mask without a voxel, or with every voxel, has no border; every place is then very far.
    """
    if not mask.any() or mask.all():
        return np.full(mask.shape, np.inf if mask.any() else -np.inf, dtype=np.float32)
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    image.SetSpacing(spacing_mm[::-1])
    far = sitk.SignedMaurerDistanceMap(
        image, insideIsPositive=True, squaredDistance=False, useImageSpacing=True
    )
    return sitk.GetArrayFromImage(far)


def near_mm(mask: Bools, spacing_mm: tuple[float, float, float], reach_mm: float) -> Floats32:
    """Distance in mm to a mask's nearest voxel, 0 inside it; reach_mm where none is so near."""
    near = np.full(mask.shape, reach_mm, dtype=np.float32)
    box = around(mask, spacing_mm, reach_mm)
    squared = np.where(mask[box], np.float32(0), np.float32(np.inf))
    farther = np.empty_like(squared)
    for axis, mm in enumerate(spacing_mm):
        before = squared.copy()
        for n in range(1, min(int(reach_mm / mm), squared.shape[axis] - 1) + 1):
            low, high = [slice(None)] * 3, [slice(None)] * 3
            low[axis], high[axis] = slice(None, -n), slice(n, None)
            np.add(before, np.float32((n * mm) ** 2), out=farther)
            for to, come in ((tuple(low), tuple(high)), (tuple(high), tuple(low))):
                np.minimum(squared[to], farther[come], out=squared[to])
    near[box] = np.minimum(np.sqrt(squared), np.float32(reach_mm))
    return near


def around(mask: Bools, spacing_mm: tuple[float, float, float], reach_mm: float) -> Box:
    """The box of a mask and what lies within reach of it; empty where the mask is."""
    runs = []
    for axis, mm in enumerate(spacing_mm):
        planes = np.flatnonzero(mask.any(axis=tuple({0, 1, 2} - {axis})))
        reach = int(reach_mm / mm) + 1
        first, last = (planes[0], planes[-1]) if len(planes) else (0, -reach - 1)
        runs.append(slice(max(0, int(first) - reach), max(0, int(last) + reach + 1)))
    return runs[0], runs[1], runs[2]


def largest(mask: Bools) -> Bools:
    """The largest connected piece of a mask (empty when the mask is)."""
    pieces, count = ndimage.label(mask)
    if count < 2:
        return mask
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return pieces == sizes.argmax()


def large_pieces(mask: Bools, least_share: float) -> Bools:
    """The connected pieces of a mask that are no smaller than this share of the largest."""
    pieces, count = ndimage.label(mask)
    if not count:
        return mask
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return (sizes >= least_share * sizes.max())[pieces]


def _filled_planes(body: Bools, bridge: int) -> Bools:
    """Each axial plane with its inside filled; the outline may be open by a few voxels."""
    # Padded, so that closing works at the edge of a field of view that cuts the skin.
    margin = bridge + 1
    wide = np.pad(body, ((0, 0), (margin, margin), (margin, margin)))
    closed = shrunk(grown(wide, bridge, flat=True), bridge, flat=True)
    inside = filled(closed, flat=True)
    # What closing added on the outside is not body; only what lay inside the outline is.
    inside &= shrunk(inside, bridge, flat=True) | wide
    return np.ascontiguousarray(inside[:, margin:-margin, margin:-margin])
