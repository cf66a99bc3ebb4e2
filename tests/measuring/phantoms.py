"""Scans whose figures are known by formula, on grids as scanners lay them."""

from __future__ import annotations

import numpy as np

from ai.scan.geometry import Geometry
from ai.scan.volume import Volume
from viewer.measuring.flat import plane_of
from viewer.measuring.shapes import Kind, Lps, Shape

SHAPE = (30, 90, 110)
SPACINGS = {
    "fine": (1.0, 0.6, 0.6),
    "oblong": (3.0, 0.8, 0.6),
    "thick": (5.0, 0.7, 0.7),
}
"""mm between slices, rows, columns."""


def turned(
    spacing_kji_mm: tuple[float, float, float],
    *,
    degrees: float = 0.0,
    tilt: float = 0.0,
    feet_first: bool = False,
    shape_kji: tuple[int, int, int] = SHAPE,
) -> Geometry:
    """A grid round the patient's origin, turned about z, then tilted about x; slices run to the
    feet where the patient lies feet first."""
    way = np.column_stack([(0, 0, 1.0), (0, 1.0, 0), (1.0, 0, 0)])  # k, j, i
    if feet_first:
        way = np.column_stack([(0, 0, -1.0), (0, 1.0, 0), (-1.0, 0, 0)])
    a, b = np.radians(degrees), np.radians(tilt)
    about_z = np.array([(np.cos(a), -np.sin(a), 0), (np.sin(a), np.cos(a), 0), (0, 0, 1)])
    about_x = np.array([(1, 0, 0), (0, np.cos(b), -np.sin(b)), (0, np.sin(b), np.cos(b))])
    affine = np.eye(4)
    affine[:3, :3] = about_x @ about_z @ way @ np.diag(spacing_kji_mm)
    affine[:3, 3] = -affine[:3, :3] @ (np.array(shape_kji) - 1) / 2
    return Geometry(shape_kji, affine)


def places(geometry: Geometry) -> np.ndarray:
    """(K, J, I, 3) LPS mm of every voxel centre."""
    index = np.stack(np.meshgrid(*map(np.arange, geometry.shape_kji), indexing="ij"), axis=-1)
    return geometry.lps_of(index)


def slope(geometry: Geometry, per_mm: Lps, *, at_origin: float = 0.0) -> Volume:
    """HU that grow evenly with the place in the patient, rounded to whole ones."""
    hu = at_origin + places(geometry) @ np.array(per_mm)
    return Volume(geometry, np.round(hu).astype(np.int16))


def ball(geometry: Geometry, centre: Lps, radius_mm: float, hu: int = 100) -> Volume:
    """A ball of one HU in lung of -800."""
    inside = np.linalg.norm(places(geometry) - centre, axis=-1) <= radius_mm
    return Volume(geometry, np.where(inside, hu, -800).astype(np.int16))


def shape(kind: Kind, *points: Lps, normal: Lps = (0.0, 0.0, -1.0), number: int = 1) -> Shape:
    return Shape(f"{kind}-{number}", kind, number, points, normal)


def ellipse(
    centre: Lps, half_mm: tuple[float, float], *, normal: Lps = (0, 0, -1.0), turn: float = 0.0
) -> Shape:
    """turn: degrees by which the first axis leads the plane's own right."""
    plane, angle = plane_of(normal), np.radians(turn)
    right, down = np.array(plane.right), np.array(plane.down)
    one = (np.cos(angle) * right + np.sin(angle) * down) * half_mm[0]
    other = (-np.sin(angle) * right + np.cos(angle) * down) * half_mm[1]
    ends = [np.array(centre) + way for way in (-one, one, -other, other)]
    return shape(Kind.ELLIPSE, *(tuple(map(float, end)) for end in ends), normal=normal)


def outline(points_mm: np.ndarray, *, depth: float = 0.0, normal: Lps = (0, 0, -1.0)) -> Shape:
    """A freehand outline through (N, 2) mm right and down on a plane."""
    plane = plane_of(normal)
    lps = plane.lps(np.column_stack([points_mm, np.full(len(points_mm), depth)]))
    return shape(Kind.FREEHAND, *(tuple(map(float, point)) for point in lps), normal=normal)
