"""Lungs from the working grid back onto the scan's own voxels, their border drawn anew there."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.lungs.blend import Box, by_slice, nearest_of
from ai.lungs.body import Bools, distance_mm, near_mm
from ai.lungs.upright import PADDING_HU, Floats32, Upright, own_places
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
FAR_MM = 1000.0
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
    own = upright.blank()
    if not sides.any():
        return own
    # Finite even where all is lung: blending counts with differences.
    depth = np.clip(distance_mm(sides > 0, upright.spacing_mm), -FAR_MM, FAR_MM)
    tissue = ndimage.binary_dilation(added).astype(np.float32)
    fields = np.stack((depth, tissue, keep_out.astype(np.float32)))
    nearest = nearest_side(sides, upright.spacing_mm, reach_mm=REACH_MM)
    for done, box in slabs(upright, sides > 0, reach_mm=REACH_MM):
        on_progress(done, "Drawing the border")
        places = own_places(upright, box)
        air = calm(upright.own_hu[box], upright.own_spacing_mm) < air_hu
        sides_here = nearest_of(nearest, places)
        drawn = by_slice(fields, places)
        for (deep, stays, airway), by_air, side, made in zip(
            drawn, air, sides_here, own[box], strict=True
        ):
            lung = (deep > SURE_MM) | ((deep > -REACH_MM) & by_air)
            lung |= (deep > 0) & (stays > 0.5)
            np.multiply(side, lung & (airway < 0.5), out=made)
    return own


def calm(hu: Hu, spacing_mm: tuple[float, float, float]) -> Floats32:
    """HU smoothed within the slices: a sharp kernel's noise would fray the border."""
    made = np.empty(hu.shape, dtype=np.float32)
    for plane, smooth in zip(hu, made, strict=True):
        image = np.clip(plane, PADDING_HU, CALM_HU).astype(np.float32)
        for axis, mm in ((0, spacing_mm[1]), (1, spacing_mm[2])):
            weights = calm_weights(mm)
            reach, length = len(weights) - 1, image.shape[axis]
            wide = image.take(mirrored(length, reach), axis)
            image = weights[0] * _run(wide, reach, length, axis)
            for n in range(1, reach + 1):
                pair = _run(wide, reach - n, length, axis) + _run(wide, reach + n, length, axis)
                pair *= weights[n]
                image += pair
        smooth[...] = image
    return made


def calm_weights(mm: float) -> list[float]:
    """Of a Gaussian along one axis, its middle first, for pixels of that size."""
    sigma = min(1.5, CALM_MM / mm)
    steps = np.arange(int(CALM_REACH * sigma + 0.5) + 1)
    weights = np.exp(-0.5 * (steps / sigma) ** 2)
    return [float(one) for one in weights / (2 * weights.sum() - weights[0])]


def mirrored(length: int, reach: int) -> NDArray[np.intp]:
    """Indices of -reach to length + reach, mirrored between the voxels at either end."""
    at = np.arange(-reach, length + reach) % (2 * length)
    return np.where(at < length, at, 2 * length - 1 - at)


def _run(image: Floats32, start: int, length: int, axis: int) -> Floats32:
    run = slice(start, start + length)
    return image[run] if axis == 0 else image[:, run]


def slabs(upright: Upright, lung: Bools, *, reach_mm: float) -> Iterator[tuple[float, Box]]:
    """Boxes of the scan's own turned grid, some slices each, that hold a working-grid mask and what
    lies within reach of it; before each, the share that is done."""
    z_run = own_box(upright, lung, reach_mm=reach_mm)[0]
    fine, coarse = upright.own_spacing_mm[0], upright.spacing_mm[0]
    for start in range(z_run.start, z_run.stop, SLAB):
        stop = min(start + SLAB, z_run.stop)
        low = int(np.floor((start * fine - reach_mm) / coarse)) - 2
        high = int(np.ceil((stop * fine + reach_mm) / coarse)) + 3
        near = lung[max(0, low) : high]
        if near.any():
            # Above and below the hila the lungs fill a part of their whole box alone.
            _, rows, columns = own_box(upright, near, reach_mm=reach_mm)
            yield (
                (start - z_run.start) / (z_run.stop - z_run.start),
                (
                    slice(start, stop),
                    rows,
                    columns,
                ),
            )


def nearest_side(
    sides: Labels, spacing_mm: tuple[float, float, float], *, reach_mm: float
) -> Labels:
    """For voxels outside both lungs, the side of the nearer one.

    reach_mm: how far from a lung's voxels the border is drawn; beyond it nobody asks for a side.
    """
    right, left = (sides == 1, sides == 2)
    if not (right.any() and left.any()):
        return np.full(sides.shape, 1 if right.any() else 2, dtype=np.uint8)
    reach_mm += 2 * float(np.linalg.norm(spacing_mm))
    nearer = near_mm(right, spacing_mm, reach_mm) <= near_mm(left, spacing_mm, reach_mm)
    return np.where(sides > 0, sides, np.where(nearer, 1, 2)).astype(np.uint8)


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
