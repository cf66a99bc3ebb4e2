"""What a closed line drawn on a plane cuts out of a grid: on one slice, or through all of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ai.scan.geometry import Geometry
from viewer.editing.brush import Dab, Point, Slab, in_slab
from viewer.editing.difference import Bools, Cut, cut_of, hull

Floats = NDArray[np.float64]

LEAST_CORNERS = 3
TINY = 1e-9


def cut_out(
    geometry: Geometry,
    corners_lps: NDArray[np.float64],
    normal: Point,
    *,
    within: Cut,
    slab: Slab | None = None,
) -> Dab | None:
    """The voxels whose centres lie inside a closed line, seen along the normal of its plane.

    corners_lps: (N, 3), N at least 3, on one plane; where the line crosses itself, what is inside
    twice is outside. within: the box of the grid to look in. slab: only voxels of that plane, else
    all along the normal. None where there are none. Raises ValueError for fewer than three corners.
    """
    corners = np.asarray(corners_lps, dtype=np.float64)
    if len(corners) < LEAST_CORNERS:
        raise ValueError("a closed line needs three corners")
    axis = axis_through(geometry, normal)
    found: list[tuple[int, tuple[int, int], Bools]] = []
    last: tuple[Floats, tuple[tuple[int, int], Bools] | None] | None = None
    for layer in range(within[axis].start, within[axis].stop):
        flat = _on_layer(geometry, corners, normal, axis, layer)
        if last is None or np.abs(flat - last[0]).max() > TINY:  # a straight grid: all are alike
            last = flat, _inside_of(flat, _others(within, axis))
        if last[1] is not None:
            found.append((layer, *last[1]))
    return _stacked(geometry, found, axis, slab)


def axis_through(geometry: Geometry, normal: Point) -> int:
    """The voxel axis that leads through the plane most directly."""
    per_mm = np.abs(np.linalg.inv(geometry.affine)[:3, :3] @ np.asarray(normal))
    return int(np.argmax(per_mm * np.array(geometry.spacing_kji_mm)))


def _others(box: Cut, axis: int) -> tuple[slice, slice]:
    a, b = (side for n, side in enumerate(box) if n != axis)
    return a, b


def _on_layer(geometry: Geometry, corners: Floats, normal: Point, axis: int, layer: int) -> Floats:
    """(N, 2) voxel indices at which the lines along the normal through corners meet one layer."""
    inverse = np.linalg.inv(geometry.affine)[:3, :3]
    index = geometry.index_of(corners)
    along = inverse @ np.asarray(normal, dtype=np.float64)
    steps = (layer - index[:, axis]) / along[axis]
    moved = index + steps[:, None] * along
    return np.asarray(np.delete(moved, axis, axis=1))


def _inside_of(
    corners: Floats, within: tuple[slice, slice]
) -> tuple[tuple[int, int], Bools] | None:
    """Grid points inside a closed line: first row and column, and a bool area; None for none.

    Each edge turns what lies beyond it in its rows inside out; an odd number of turns is inside.
    """
    low = np.maximum(np.ceil(corners.min(axis=0)).astype(int), [side.start for side in within])
    high = np.minimum(np.floor(corners.max(axis=0)).astype(int), [side.stop - 1 for side in within])
    if np.any(low > high):
        return None
    rows, columns = (high - low + 1).tolist()
    row, column = _crossings(corners, int(low[0]), rows)
    first = np.clip(np.ceil(column - TINY).astype(int) - low[1], 0, columns)
    turns = np.zeros((rows, columns + 1), dtype=np.int32)
    np.add.at(turns, (row, first), 1)
    area = (np.cumsum(turns, axis=1)[:, :columns] % 2).astype(np.bool_)
    return ((int(low[0]), int(low[1])), area) if area.any() else None


def _crossings(corners: Floats, low: int, rows: int) -> tuple[NDArray[np.intp], Floats]:
    """Where the edges of a closed line cross the rows from `low` on: row (from 0) and column."""
    start, end = corners, np.roll(corners, -1, axis=0)
    above, below = np.minimum(start[:, 0], end[:, 0]), np.maximum(start[:, 0], end[:, 0])
    first = np.clip(np.ceil(above).astype(int) - low, 0, rows)
    count = np.clip(np.ceil(below).astype(int) - low, 0, rows) - first  # the lower end is left out
    edge = np.repeat(np.arange(len(corners)), count)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count) + first[edge]
    slope = (end[edge, 1] - start[edge, 1]) / (end[edge, 0] - start[edge, 0])
    return row, start[edge, 1] + (row + low - start[edge, 0]) * slope


def _stacked(
    geometry: Geometry,
    found: list[tuple[int, tuple[int, int], Bools]],
    axis: int,
    slab: Slab | None,
) -> Dab | None:
    """Layers as one box of the grid, cut to the slab where there is one."""
    boxes = [_box_of(layer, corner, area, axis) for layer, corner, area in found]
    whole = hull(boxes)
    if whole is None:
        return None
    start = (whole[0].start, whole[1].start, whole[2].start)
    voxels = np.zeros([side.stop - side.start for side in whole], dtype=np.bool_)
    for box, (_, _, area) in zip(boxes, found, strict=True):
        inside = cut_of([s.start - a for s, a in zip(box, start, strict=True)],
                        [s.stop - s.start for s in box])  # fmt: skip
        voxels[inside] = np.expand_dims(area, axis)
    if slab is not None:
        voxels &= near(geometry, whole, slab)
    return Dab(start, voxels) if voxels.any() else None


def _box_of(layer: int, corner: tuple[int, int], area: Bools, axis: int) -> Cut:
    start, size = list(corner), list(area.shape)
    start.insert(axis, layer)
    size.insert(axis, 1)
    return cut_of(start, size)


def near(geometry: Geometry, box: Cut, slab: Slab) -> Bools:
    """Which voxels of a box belong to a slab."""
    weights = geometry.affine[:3, :3].T @ np.asarray(slab.normal)
    base = float(np.dot(geometry.affine[:3, 3] - np.asarray(slab.point_lps), slab.normal))
    k, j, i = (np.arange(side.start, side.stop) for side in box)
    off = base + k[:, None, None] * weights[0] + j[None, :, None] * weights[1] + i * weights[2]
    return in_slab(off, slab)
