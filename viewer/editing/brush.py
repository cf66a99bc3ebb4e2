"""Which voxels a round brush covers on its way: a sphere, or a disc on one plane, in mm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai.scan.geometry import Geometry
from viewer.editing.difference import Bools, Cut, Kji, cut_of

Point = tuple[float, float, float]
Floats = NDArray[np.float64]

TOUCH_MM = 1e-4
"""A voxel centre exactly on the rim belongs to the brush, whatever rounding says."""


@dataclass(frozen=True)
class Slab:
    """The voxels that belong to a plane: a point on it, its unit normal, and how far they reach.

    half_mm: half the way from one slice to the next along the normal, so that slabs of neighbouring
    slices share no voxel and leave none out.
    """

    point_lps: Point
    normal: Point
    half_mm: float


@dataclass(frozen=True, eq=False)
class Dab:
    """Voxels under a brush: a bool box whose first voxel is start_kji of the grid."""

    start_kji: Kji
    voxels: Bools

    @property
    def box(self) -> Cut:
        return cut_of(self.start_kji, self.voxels.shape)


def swept(
    geometry: Geometry,
    start_lps: Point,
    end_lps: Point,
    radius_mm: float,
    *,
    slab: Slab | None = None,
) -> Dab | None:
    """Every voxel whose centre comes within radius_mm of the way from start to end.

    Without a slab the brush is a sphere; with one it is a disc on that plane, distances measured in
    the plane. The voxel nearest to the end is always covered, however small the brush. None where
    the brush is outside the grid. Any spacing, rotation or shear of the grid.
    """
    box = _reach(geometry, start_lps, end_lps, radius_mm, slab)
    if box is None:
        return None
    rise = np.subtract(end_lps, start_lps)
    run = float(rise @ rise)
    axes = _offsets(geometry, box, start_lps)
    square = _squared(geometry, axes)
    along = _along(geometry, axes, rise)
    share = np.clip(along / run, 0.0, 1.0) if run > 0 else np.zeros_like(along)
    square = square - 2 * share * along + share * share * np.float32(run)
    near: Bools | None = None
    if slab is not None:
        off = _along(geometry, axes, slab.normal) + np.float32(
            np.dot(np.subtract(start_lps, slab.point_lps), slab.normal)
        )
        # what lies off the plane is no distance: the disc is as wide on every voxel of its slab
        square = square - off * off
        near = in_slab(off, slab)
    inside = square <= (radius_mm + TOUCH_MM) ** 2
    if near is not None:
        inside &= near
    if radius_mm < float(np.linalg.norm(geometry.spacing_kji_mm)):
        _cover_one(geometry, box, end_lps, near, inside)
    start = (box[0].start, box[1].start, box[2].start)
    return Dab(start, inside) if inside.any() else None


def _cover_one(
    geometry: Geometry, box: Cut, point_lps: Point, near: Bools | None, inside: Bools
) -> None:
    """The voxel nearest to the point, of the slab where there is one, is covered too."""
    if geometry.nearest_voxel(point_lps) is None:
        return
    away = _squared(geometry, _offsets(geometry, box, point_lps))
    if near is not None:
        away = np.where(near, away, np.float32(np.inf))
    if np.isfinite(away).any():
        inside[np.unravel_index(int(away.argmin()), away.shape)] = True


def slab_through(geometry: Geometry, point_lps: Point, normal: Point) -> Slab:
    """The voxels of the plane through a point, one layer of them along the nearest voxel axis."""
    per_mm = np.abs(np.linalg.inv(geometry.affine)[:3, :3] @ np.asarray(normal))
    axis = int(np.argmax(per_mm * np.array(geometry.spacing_kji_mm)))
    return Slab(point_lps, normal, float(0.5 / per_mm[axis]))


def in_slab(off_mm: NDArray[np.floating], slab: Slab) -> Bools:
    """Of distances along the normal, those that belong to the slab.

    Half open, so that a voxel midway between two slices belongs to one of them alone.
    """
    return np.asarray((off_mm > -slab.half_mm + TOUCH_MM) & (off_mm <= slab.half_mm + TOUCH_MM))


def _reach(
    geometry: Geometry, start: Point, end: Point, radius_mm: float, slab: Slab | None
) -> Cut | None:
    """The box of the grid that can be covered; each side as tight as the grid's shear allows."""
    inverse = np.linalg.inv(geometry.affine)[:3, :3]
    ends = geometry.index_of(np.array([start, end]))
    half = radius_mm * np.linalg.norm(inverse, axis=1)
    if slab is not None:
        normal = np.asarray(slab.normal)
        through = inverse @ normal
        flat = np.linalg.norm(inverse - np.outer(through, normal), axis=1)
        half = radius_mm * flat + slab.half_mm * np.abs(through)
    low = np.minimum(np.floor(ends.min(axis=0) - half), np.floor(ends[1] + 0.5)).astype(int)
    high = np.maximum(np.ceil(ends.max(axis=0) + half), np.floor(ends[1] + 0.5)).astype(int)
    low, high = np.maximum(low, 0), np.minimum(high, np.array(geometry.shape_kji) - 1)
    if np.any(low > high):
        return None
    return cut_of(low.tolist(), (high - low + 1).tolist())


def _offsets(geometry: Geometry, box: Cut, from_lps: Point) -> list[NDArray[np.float32]]:
    """Steps in voxels from a point, for k, j and i of a box, shaped to be broadcast."""
    centre = geometry.index_of(from_lps)
    made = []
    for axis, side in enumerate(box):
        shape = [1, 1, 1]
        shape[axis] = -1
        steps = (np.arange(side.start, side.stop) - centre[axis]).astype(np.float32)
        made.append(steps.reshape(shape))
    return made


def _squared(geometry: Geometry, axes: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Squared mm of a box's voxel centres from the point that the offsets count from."""
    metric = (geometry.affine[:3, :3].T @ geometry.affine[:3, :3]).astype(np.float32)
    k, j, i = axes
    square = metric[0, 0] * k * k + metric[1, 1] * j * j + metric[2, 2] * i * i
    for a, b, cross in ((k, j, metric[0, 1]), (k, i, metric[0, 2]), (j, i, metric[1, 2])):
        if abs(cross) > 1e-9:  # a straight grid has none of it
            square = square + 2 * cross * a * b
    return np.asarray(square, dtype=np.float32)


def _along(
    geometry: Geometry, axes: list[NDArray[np.float32]], way: Floats | Point
) -> NDArray[np.float32]:
    """For each voxel of a box, its offset times a vector in mm."""
    weights = (geometry.affine[:3, :3].T @ np.asarray(way, dtype=np.float64)).astype(np.float32)
    k, j, i = axes
    return np.asarray(k * weights[0] + j * weights[1] + i * weights[2], dtype=np.float32)
