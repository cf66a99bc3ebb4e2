"""The body on an upright grid, without the couch, and the air inside it."""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk  # noqa: N813
from numpy.typing import NDArray
from scipy import ndimage

from ai.lungs.upright import Floats32

Bools = NDArray[np.bool_]

SKIN_HU = -500.0
COUCH_MM = 6.0
"""Thinner than this is couch, blanket or tube: an opening of that width parts it from the body."""
GAP_MM = 4.0
"""Gaps in the chest wall's outline up to twice this are bridged before its inside is filled."""


def body_mask(hu: Floats32, spacing_mm: tuple[float, float, float]) -> Bools:
    """The body, lungs and bowel gas included. hu: upright, (z, y, x)."""
    tissue = hu > SKIN_HU
    reach = max(1, round(COUCH_MM / 2 / spacing_mm[1]))
    core = ndimage.binary_erosion(tissue, _cross(), iterations=reach, border_value=1)
    core = largest(core)
    body = ndimage.binary_dilation(core, _cross(), iterations=reach + 1) & tissue
    bridge = max(1, round(GAP_MM / spacing_mm[1]))
    filled = np.empty_like(body)
    for z, plane in enumerate(body):
        filled[z] = _fill_plane(plane, bridge)
    return filled


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


def _fill_plane(plane: Bools, bridge: int) -> Bools:
    """One axial plane with its inside filled; the outline may be open by a few voxels."""
    if not plane.any():
        return plane
    # Padded, so that closing works at the edge of a field of view that cuts the skin.
    wide = np.pad(plane, bridge + 1)
    closed = ndimage.binary_closing(wide, iterations=bridge)
    inside = ndimage.binary_fill_holes(closed)
    # What closing added on the outside is not body; only what lay inside the outline is.
    inside &= ndimage.binary_erosion(inside, iterations=bridge, border_value=0) | wide
    cut = slice(bridge + 1, -bridge - 1)
    return inside[cut, cut]


def _cross() -> Bools:
    return ndimage.generate_binary_structure(3, 1)
