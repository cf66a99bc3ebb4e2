"""Morphology on small boxes in plain numpy, for the process that must not load scipy.

Made for boxes of some 60 voxels a side: every distance is found up to a reach, not beyond.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ai.scan.geometry import Geometry

Bools = NDArray[np.bool_]
Floats32 = NDArray[np.float32]
Spacing = tuple[float, float, float]


def depth_mm(inside: Bools, spacing_kji_mm: Spacing, *, reach_mm: float) -> Floats32:
    """Distance in mm of each voxel that is inside to the nearest one that is not, at most reach_mm.

    What lies beyond the box counts as inside. Exact within the reach on an orthogonal grid.
    Source: the separable transform of Felzenszwalb and Huttenlocher (2012), as shifted minima.
    """
    far = np.float32(reach_mm**2)
    square = np.where(inside, far, np.float32(0.0)).astype(np.float32)
    for axis, step_mm in enumerate(spacing_kji_mm):
        lines = np.moveaxis(square, axis, 0)
        best = lines.copy()
        for shift in range(1, min(lines.shape[0] - 1, int(reach_mm / step_mm)) + 1):
            cost = np.float32((shift * step_mm) ** 2)
            np.minimum(best[shift:], lines[:-shift] + cost, out=best[shift:])
            np.minimum(best[:-shift], lines[shift:] + cost, out=best[:-shift])
        square = np.moveaxis(best, 0, axis)
    return np.sqrt(square)


def dilated(inside: Bools, spacing_kji_mm: Spacing, radius_mm: float) -> Bools:
    """Every voxel within radius_mm of one that is inside."""
    away = depth_mm(~inside, spacing_kji_mm, reach_mm=radius_mm + max(spacing_kji_mm))
    return np.asarray(away <= radius_mm + 1e-4)


def closed(inside: Bools, spacing_kji_mm: Spacing, radius_mm: float) -> Bools:
    """Closing by a ball; what lies beyond the box is unknown and closes nothing."""
    grown = dilated(inside, spacing_kji_mm, radius_mm)
    depth = depth_mm(grown, spacing_kji_mm, reach_mm=radius_mm + max(spacing_kji_mm))
    return np.asarray(inside | (depth > radius_mm + 1e-4))


def connected(region: Bools, seeds: Bools) -> Bools:
    """The voxels of region that a path of face neighbours joins to a seed in it.

    Whole runs along one axis are filled at a time: some ten sweeps instead of one a voxel.
    """
    runs = [_runs(region, axis) for axis in range(3)]
    reached = region & seeds
    count, settled = int(reached.sum()), 0
    while count and settled < 3:
        for name, number in runs:
            hit = np.zeros(number, dtype=np.bool_)
            hit[name[reached]] = True
            reached = hit[name] & region
            now = int(reached.sum())
            settled = settled + 1 if now == count else 0
            count = now
    return reached


def _runs(region: Bools, axis: int) -> tuple[NDArray[np.int32], int]:
    """A number for each voxel, shared by the voxels of one unbroken run along the axis."""
    lines = np.moveaxis(region, axis, -1)
    starts = np.ones(lines.shape, dtype=np.bool_)
    starts[..., 1:] = ~(lines[..., 1:] & lines[..., :-1])
    names = np.cumsum(starts.ravel(), dtype=np.int32).reshape(lines.shape) - 1
    return np.moveaxis(names, -1, axis), int(names.flat[-1]) + 1


def box_of(region: Bools, margin_kji: tuple[int, int, int]) -> tuple[slice, slice, slice]:
    """The box of what is inside, with a margin, cut to the array. Something must be inside."""
    cuts = []
    for axis, margin in enumerate(margin_kji):
        others = tuple(a for a in range(3) if a != axis)
        used = np.flatnonzero(region.any(axis=others))
        cuts.append(slice(max(0, int(used[0]) - margin), int(used[-1]) + margin + 1))
    return cuts[0], cuts[1], cuts[2]


def smoothed(hu: Floats32, spacing_kji_mm: Spacing, *, passes: int) -> Floats32:
    """Binomial 1-2-1 smoothing along the finely sampled axes (below 1.3 mm)."""
    out = hu
    for _ in range(passes):
        for axis, step_mm in enumerate(spacing_kji_mm):
            if step_mm < 1.3 and out.shape[axis] > 2:
                lines = np.moveaxis(out, axis, 0)
                edge = np.concatenate([lines[:1], lines, lines[-1:]])
                mean = (edge[:-2] + 2 * edge[1:-1] + edge[2:]) / np.float32(4)
                out = np.asarray(np.moveaxis(mean, 0, axis), dtype=np.float32)
    return np.ascontiguousarray(out)


def distance_from(
    geometry: Geometry,
    start_kji: tuple[int, int, int],
    shape_kji: tuple[int, int, int],
    centre_lps: tuple[float, float, float],
) -> Floats32:
    """Distance in mm of each voxel centre of a box of the grid to a point."""
    offset = np.asarray(start_kji) - geometry.index_of(centre_lps)
    metric = geometry.affine[:3, :3].T @ geometry.affine[:3, :3]
    k, j, i = (
        (np.arange(n) + o).astype(np.float32) for n, o in zip(shape_kji, offset, strict=True)
    )
    k, j, i = k[:, None, None], j[None, :, None], i[None, None, :]
    square = (
        metric[0, 0] * k * k
        + metric[1, 1] * j * j
        + metric[2, 2] * i * i
        + 2 * (metric[0, 1] * k * j + metric[0, 2] * k * i + metric[1, 2] * j * i)
    )
    return np.sqrt(np.maximum(square, 0)).astype(np.float32)


def box_around(
    geometry: Geometry, centre_lps: tuple[float, float, float], half_mm: float
) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """First voxel and shape of the box within half_mm of a point, cut to the grid, never empty."""
    centre = geometry.index_of(centre_lps)
    half = half_mm / np.array(geometry.spacing_kji_mm)
    last = np.array(geometry.shape_kji) - 1
    low = np.clip(np.floor(centre - half).astype(int), 0, last)
    high = np.clip(np.ceil(centre + half).astype(int), 0, last)
    start = (int(low[0]), int(low[1]), int(low[2]))
    size = high - low + 1
    return start, (int(size[0]), int(size[1]), int(size[2]))
