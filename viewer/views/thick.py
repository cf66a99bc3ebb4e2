"""Slabs of a scan on any plane: at once along the voxels, coarse first where they lie across."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.scan.geometry import Geometry
from viewer.views.planes import View, stack_of
from viewer.views.slab import Slab, project
from viewer.views.slice_render import OUTSIDE_HU, Cutter

AT_ONCE = 600_000
"""Samples that are taken before a picture must be there: some 15 ms on two slow cores."""


def thick_cut(scan: Cutter, view: View, slab: Slab) -> NDArray[Any]:
    """(height, width) HU of a slab; where it lies across the voxels with as many pixels as can be
    had at once, so that it may be coarse (see `coarse`)."""
    if stack_of(scan.geometry, view.plane).aligned:
        return _along(scan, view, slab)
    few = _fewer(scan, view, slab)
    if few == 1:
        return scan.cut_thick(view, slab, samples_of(scan, view, slab))
    small = view.at_ratio(1 / few)
    found = scan.cut_thick(small, slab, samples_of(scan, view, slab))
    return _larger(scan, found, small, view)


def _larger(scan: Cutter, found: NDArray[Any], small: View, view: View) -> NDArray[Any]:
    """A small cut as large as a view; what lies outside the scan is mixed with nothing."""
    inside = found[found != OUTSIDE_HU]
    if not inside.size:
        return scan.nothing(view)
    smooth = scan.cut_flat(found[None], _lying(small), view)
    near = scan.cut_flat(found[None], _lying(small), view, smooth=False)
    return np.where((near == OUTSIDE_HU) | (smooth < inside.min()), near, smooth)


def coarse(scan: Cutter, view: View, slab: Slab) -> bool:
    """Whether thick_cut shows less than there is."""
    return not stack_of(scan.geometry, view.plane).aligned and _fewer(scan, view, slab) > 1


def fine_bands(scan: Cutter, view: View, slab: Slab) -> Iterator[NDArray[Any]]:
    """The whole of what thick_cut shows coarsely, in strips from above that each take a moment."""
    samples = samples_of(scan, view, slab)
    rows = max(1, AT_ONCE // (samples * view.width_px))
    for top in range(0, view.height_px, rows):
        high = min(rows, view.height_px - top)
        x, y, z = view.lps_of(view.width_px / 2, top + high / 2)
        strip = View(view.plane, (x, y, z), view.mm_per_px, view.width_px, high)
        yield scan.cut_thick(strip, slab, samples).copy()


def value_at(scan: Cutter, view: View, lps: tuple[float, float, float], slab: Slab) -> int | None:
    """What a slab shows at one point of its plane, in HU; None outside the scan."""
    index = scan.geometry.index_of(lps)
    if np.any(index < -0.5) or np.any(index > np.array(scan.geometry.shape_kji) - 0.5):
        return None
    pixel = View(view.plane, lps, view.mm_per_px, 1, 1)
    if stack_of(scan.geometry, view.plane).aligned:
        return int(_along(scan, pixel, slab)[0, 0])
    return int(scan.cut_thick(pixel, slab, samples_of(scan, view, slab))[0, 0])


def samples_of(scan: Cutter, view: View, slab: Slab) -> int:
    """Parallel cuts that miss no voxel: never more than one voxel from one to the next."""
    per_mm = float(np.abs(scan.to_index[:3, :3] @ view.plane.onward).max())
    return max(2, math.ceil(slab.thickness_mm * per_mm) + 1)


def _fewer(scan: Cutter, view: View, slab: Slab) -> float:
    """How many times fewer pixels each way can be had at once."""
    wanted = view.width_px * view.height_px * samples_of(scan, view, slab)
    return max(1.0, math.sqrt(wanted / AT_ONCE))


def _along(scan: Cutter, view: View, slab: Slab) -> NDArray[Any]:
    """A slab that is whole planes of voxels: they are joined first, then cut once."""
    geometry = scan.geometry
    stack = stack_of(geometry, view.plane)
    axis, count = stack.axis, geometry.shape_kji[stack.axis]
    middle = float(geometry.index_of(view.centre_lps)[axis])
    if not -0.5 <= middle <= count - 0.5:
        return scan.nothing(view)
    start, stop = _seen(geometry, view, axis)
    if np.any(stop <= start):
        return scan.nothing(view)
    part = scan.voxels[tuple(slice(int(a), int(b)) for a, b in zip(start, stop, strict=True))]
    half = slab.thickness_mm / 2 / stack.step_mm
    flat = np.expand_dims(project(part, axis, middle, half, slab.mode), axis)
    affine = geometry.affine.copy()
    place = start.astype(float)
    place[axis] = middle
    affine[:3, 3] = geometry.lps_of(place)
    k, j, i = flat.shape
    return scan.cut_flat(flat, Geometry((k, j, i), affine), view)


def _seen(geometry: Geometry, view: View, axis: int) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """First and one past the last voxel each way that a view shows; all of them along the axis."""
    corners = [(x, y) for x in (0, view.width_px) for y in (0, view.height_px)]
    index = geometry.index_of([view.lps_of(x, y) for x, y in corners])
    shape = np.array(geometry.shape_kji)
    start = np.clip(np.floor(index.min(axis=0)).astype(int) - 1, 0, shape)
    stop = np.clip(np.ceil(index.max(axis=0)).astype(int) + 2, 0, shape)
    start[axis], stop[axis] = 0, shape[axis]
    return start, stop


def _lying(view: View) -> Geometry:
    """The pixels of a view as a grid one voxel thick."""
    affine = np.eye(4)
    for column, way in enumerate((view.plane.onward, view.plane.down, view.plane.right)):
        affine[:3, column] = np.array(way) * view.mm_per_px
    affine[:3, 3] = view.lps_of(0.5, 0.5)
    return Geometry((1, view.height_px, view.width_px), affine)
