"""Lungs from the working grid back onto the scan's own voxels, their border drawn anew there."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ai.lungs.body import Bools, distance_mm
from ai.lungs.upright import PADDING_HU, Floats32, Upright, onto_own_grid
from ai.progress import OnProgress
from ai.scan.labelmap import Labels
from ai.scan.volume import Hu

SURE_MM = 2.5
"""Deeper than this inside the coarse lung everything is lung, a vessel or a nodule too."""
REACH_MM = 2.5
"""Air up to this far outside the coarse lung joins it."""
CALM_MM = 0.7
CALM_REACH = 2.0
"""Of the Gaussian, in its own widths."""
CALM_HU = 200
"""Whiter than this nothing is: a rib beside the lung would push the border in."""
SLAB = 24
"""Slices at a time: memory stays small, and the reader can cancel between them."""


def draw_border(
    upright: Upright,
    sides: Labels,
    added: Bools,
    keep_out: Bools,
    *,
    air_hu: float,
    on_progress: OnProgress,
) -> Labels:
    """Right and left on the scan's own turned grid.

    sides: on the working grid. added: what closing took in although it is no air; there the coarse
    border stands. keep_out: the airway. Elsewhere the border lies where the scan crosses air_hu.
    """
    own = np.zeros(upright.own_hu.shape, dtype=np.uint8)
    if not sides.any():
        return own
    depth = distance_mm(sides > 0, upright.spacing_mm)
    nearest = nearest_side(sides, upright.spacing_mm)
    tissue = ndimage.binary_dilation(added).astype(np.float32)
    airway = keep_out.astype(np.float32)
    z_range, y_range, x_range = own_box(upright, sides > 0, reach_mm=REACH_MM)
    for z in range(z_range.start, z_range.stop, SLAB):
        done = (z - z_range.start) / (z_range.stop - z_range.start)
        on_progress(done, "Drawing the border")
        box = (slice(z, min(z + SLAB, z_range.stop)), y_range, x_range)
        deep = onto_own_grid(upright, depth, box)
        air = calm(upright.own_hu[box], upright.own_spacing_mm) < air_hu
        lung = deep > SURE_MM
        lung |= (deep > -REACH_MM) & air
        lung |= (deep > 0) & (onto_own_grid(upright, tissue, box) > 0.5)
        lung &= onto_own_grid(upright, airway, box) < 0.5
        own[box] = np.where(lung, onto_own_grid(upright, nearest, box, nearest=True), 0)
    return own


def calm(hu: Hu, spacing_mm: tuple[float, float, float]) -> Floats32:
    """HU smoothed within the slices: a sharp kernel's noise would fray the border."""
    sigma = tuple(min(1.5, CALM_MM / s) for s in spacing_mm[1:])
    clipped = np.clip(hu, PADDING_HU, CALM_HU).astype(np.float32)
    return ndimage.gaussian_filter(clipped, (0.0, *sigma), truncate=CALM_REACH)


def nearest_side(sides: Labels, spacing_mm: tuple[float, float, float]) -> Labels:
    """For voxels outside both lungs, the side of the nearer one."""
    right = distance_mm(sides == 1, spacing_mm) if (sides == 1).any() else None
    left = distance_mm(sides == 2, spacing_mm) if (sides == 2).any() else None
    if right is None or left is None:
        return np.full(sides.shape, 1 if left is None else 2, dtype=np.uint8)
    return np.where(sides > 0, sides, np.where(right >= left, 1, 2)).astype(np.uint8)


def own_box(upright: Upright, lung: Bools, *, reach_mm: float) -> tuple[slice, slice, slice]:
    """The box of a working-grid mask on the scan's own turned grid, with a margin."""
    found = ndimage.find_objects(lung.astype(np.uint8))[0]
    box = []
    for b, coarse, fine, count in zip(
        found, upright.spacing_mm, upright.own_spacing_mm, upright.own_hu.shape, strict=True
    ):
        first = int(np.floor(((b.start - 1) * coarse - reach_mm) / fine))
        last = int(np.ceil((b.stop * coarse + reach_mm) / fine))
        # The last coarse voxel may end just short of the scan's last slice.
        box.append(slice(max(0, first), min(count, last + 1)))
    return box[0], box[1], box[2]
