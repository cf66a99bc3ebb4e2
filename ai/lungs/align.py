"""Two scans of one patient brought together by their lungs: one rigid motion, in millimetres.

The surface of the one is laid into the distance field of the other, lung by lung, and moved until
it fits (Gauss-Newton on the six numbers of a motion). A breath moves the base and not the rest, so
points that stay far off lose their say (Tukey's weights). What comes out is approximate by nature:
lungs are soft, and a rigid motion is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.errors import UnfitScan
from ai.progress import OnProgress, ignore
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LabelMap

Floats = NDArray[np.float64]

GRID_MM = 4.0
MARGIN_MM = 80.0
MOST_POINTS = 6000
SCALES_MM = (60.0, 30.0, 15.0, 8.0)
"""How far off a point may lie before it has no say, from the first round to the last."""
ROUNDS = 15
LEAST_SHARE = 0.3
"""With fewer of the surface's points near the other surface, the two were not brought together."""
NEAR_MM = 5.0


@dataclass(frozen=True, eq=False)
class Alignment:
    """A motion from one patient space to the other, and how well the surfaces then agree.

    matrix: 4 x 4, LPS mm of the moving scan to LPS mm of the fixed one; a rotation and a shift.
    median_mm: distance of the moving surface from the fixed one at the median. near: share of it
    within 5 mm.
    """

    matrix: Floats
    median_mm: float
    near: float


@dataclass(frozen=True, eq=False)
class Field:
    """Signed distance in mm to the surface of one lung (negative inside), on a coarse grid along
    the patient's axes, with its slope."""

    low: Floats
    distance: NDArray[np.float32]
    slope: tuple[NDArray[np.float32], ...]

    def at(self, lps: Floats) -> tuple[Floats, Floats]:
        """(N,) mm and (N, 3) slope at LPS points; outside the grid the value at its edge."""
        where = ((lps - self.low) / GRID_MM).T
        value = ndimage.map_coordinates(self.distance, where, order=1, mode="nearest")
        slope = [ndimage.map_coordinates(s, where, order=1, mode="nearest") for s in self.slope]
        return value.astype(np.float64), np.stack(slope, axis=1).astype(np.float64)


def align_lungs(
    fixed: LabelMap, moving: LabelMap, *, on_progress: OnProgress = ignore
) -> Alignment:
    """Where the lungs of the moving scan lie in the fixed one.

    Raises UnfitScan where a lung is missing or the lungs cannot be brought together, Cancelled
    when on_progress says so.
    """
    sides = [n for n in (1, 2) if (fixed.labels == n).any() and (moving.labels == n).any()]
    if not sides:
        raise UnfitScan("The two scans have no lung in common to align them by.")
    on_progress(0.1, "Aligning the lungs")
    fields = [_field(fixed, side) for side in sides]
    surfaces = [_surface(moving, side, MOST_POINTS // len(sides)) for side in sides]
    on_progress(0.5, "Aligning the lungs")
    matrix = _start(fixed, moving, sides)
    for step, scale in enumerate(SCALES_MM, 1):
        matrix = _settle(matrix, fields, surfaces, scale)
        on_progress(0.5 + 0.5 * step / len(SCALES_MM), "Aligning the lungs")
    off = np.abs(
        np.concatenate([f.at(_moved(matrix, s))[0] for f, s in zip(fields, surfaces, strict=True)])
    )
    made = Alignment(matrix, float(np.median(off)), float(np.mean(off <= NEAR_MM)))
    if made.near < LEAST_SHARE:
        raise UnfitScan(
            "The lungs of the two scans could not be brought together.",
            "Go to the same place in both and set it by hand.",
        )
    return made


def _settle(matrix: Floats, fields: list[Field], surfaces: list[Floats], scale_mm: float) -> Floats:
    """Gauss-Newton rounds with one scale of the weights."""
    for _ in range(ROUNDS):
        rows, off, weight = [], [], []
        middle = _moved(matrix, np.concatenate(surfaces)).mean(axis=0)
        for field, surface in zip(fields, surfaces, strict=True):
            there = _moved(matrix, surface)
            value, slope = field.at(there)
            rows.append(np.hstack([np.cross(there - middle, slope), slope]))
            off.append(value)
            weight.append(np.clip(1 - (value / scale_mm) ** 2, 0, None) ** 2)
        a, b, w = np.concatenate(rows), np.concatenate(off), np.concatenate(weight)
        if not w.any():
            return matrix
        normal = (a * w[:, None]).T @ a + 1e-6 * np.eye(6)
        step = np.linalg.solve(normal, -(a * w[:, None]).T @ b)
        matrix = _about(middle, step) @ matrix
        if np.abs(step[3:]).max() < 0.02 and np.abs(step[:3]).max() < 1e-4:
            break
    return matrix


def _about(middle: Floats, step: Floats) -> Floats:
    """A small turn (radians about x, y, z) about a point, then a shift in mm."""
    angle = float(np.linalg.norm(step[:3]))
    turn = np.eye(3)
    if angle > 0:  # Rodrigues' formula
        x, y, z = step[:3] / angle
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        turn = turn + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    made = np.eye(4)
    made[:3, :3] = turn
    made[:3, 3] = middle - turn @ middle + step[3:]
    return made


def _start(fixed: LabelMap, moving: LabelMap, sides: list[int]) -> Floats:
    """A shift alone: middles of the lungs together, their tops on one height.

    The top of a lung moves least with breath.
    """
    made = np.eye(4)
    ends = []
    for lungs in (fixed, moving):
        points = np.concatenate([_surface(lungs, side, MOST_POINTS) for side in sides])
        middle = points.mean(axis=0)
        middle[2] = np.percentile(points[:, 2], 98)
        ends.append(middle)
    made[:3, 3] = ends[0] - ends[1]
    return made


def _surface(lungs: LabelMap, side: int, most: int) -> Floats:
    """(N, 3) LPS mm of voxels at the surface of a lung, about evenly spread, the same each time."""
    steps = _steps(lungs.geometry)
    inside = lungs.labels[tuple(slice(None, None, step) for step in steps)] == side
    edge = inside & ~ndimage.binary_erosion(inside)
    index = np.argwhere(edge)
    if len(index) > most:
        index = index[np.linspace(0, len(index) - 1, most).astype(int)]
    return lungs.geometry.lps_of(index * steps)


def _field(lungs: LabelMap, side: int) -> Field:
    """The distance to a lung, sampled along the patient's axes with room around it."""
    points = _surface(lungs, side, 10**9)
    low, high = points.min(axis=0) - MARGIN_MM, points.max(axis=0) + MARGIN_MM
    shape = np.ceil((high - low) / GRID_MM).astype(int) + 1
    places = np.stack(
        np.meshgrid(*[low[n] + GRID_MM * np.arange(shape[n]) for n in range(3)], indexing="ij"),
        axis=-1,
    )
    index = np.rint(lungs.geometry.index_of(places)).astype(int)
    within = ((index >= 0) & (index < lungs.geometry.shape_kji)).all(axis=-1)
    k, j, i = (np.where(within, index[..., n], 0) for n in range(3))
    inside = within & (lungs.labels[k, j, i] == side)
    outward = ndimage.distance_transform_edt(~inside, sampling=GRID_MM)
    inward = ndimage.distance_transform_edt(inside, sampling=GRID_MM)
    distance = np.where(inside, GRID_MM / 2 - inward, outward - GRID_MM / 2).astype(np.float32)
    slope = tuple(s.astype(np.float32) for s in np.gradient(distance, GRID_MM))
    return Field(low, distance, slope)


def _steps(geometry: Geometry) -> Floats:
    """Every so many voxels are about as far apart as the coarse grid's."""
    return np.maximum(1, np.rint(GRID_MM / np.array(geometry.spacing_kji_mm))).astype(int)


def _moved(matrix: Floats, lps: Floats) -> Floats:
    moved: Floats = lps @ matrix[:3, :3].T + matrix[:3, 3]
    return moved
