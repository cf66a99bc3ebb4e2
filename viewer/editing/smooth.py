"""A mask with a smoother surface and the volume that it had."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from viewer.editing.difference import Bools

Spacing = tuple[float, float, float]

REACH = 3.0
"""Widths of the blur beyond which it moves nothing."""


def margin_kji(spacing_kji_mm: Spacing, width_mm: float) -> tuple[int, int, int]:
    """Voxels around a mask that smoothing may reach."""
    k, j, i = (int(np.ceil(REACH * width_mm / step)) for step in spacing_kji_mm)
    return k, j, i


def smooth(mask: Bools, spacing_kji_mm: Spacing, *, width_mm: float) -> Bools:
    """The mask blurred by a Gaussian of that width and cut where its volume stays the same.

    Cut at one half, a blurred ball would shrink, the more the smaller it is. What lies beyond the
    box counts as outside. An empty mask stays empty.
    """
    count = int(mask.sum())
    if count == 0:
        return mask.copy()
    widths = [width_mm / step for step in spacing_kji_mm]
    blurred = ndimage.gaussian_filter(
        mask.astype(np.float32), widths, mode="constant", truncate=REACH
    )
    level = np.partition(blurred, blurred.size - count, axis=None)[blurred.size - count]
    inside = blurred > level
    # many voxels can lie at the level itself: those that were inside come first
    rim = np.flatnonzero(blurred == level)
    rim = rim[np.argsort(~mask.ravel()[rim], kind="stable")][: count - int(inside.sum())]
    inside.ravel()[rim] = True
    return inside
