"""The three planes of the patient, and where the pixels of a view of one lie in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ai.scan.geometry import Geometry

Floats = NDArray[np.float64]

AXIAL, CORONAL, SAGITTAL = "axial", "coronal", "sagittal"

OBLIQUE = 0.05
"""A second letter joins the first when a direction leans by more than this (3 degrees)."""

MOST_LETTERS = 2

ALIGNED = 1e-3
"""A voxel axis leaning less than this against a plane's normal lies along it: no pixel differs."""


@dataclass(frozen=True)
class Plane:
    """A plane as readers look at it: unit LPS vectors to the right and down the screen, and the way
    one step of the wheel towards the reader goes."""

    name: str
    right: tuple[float, float, float]
    down: tuple[float, float, float]
    onward: tuple[float, float, float]
    letter: str

    @property
    def axes(self) -> Floats:
        """3 x 3, rows: right, down, onward. They are orthonormal."""
        return np.array((self.right, self.down, self.onward))

    def along(self, lps: ArrayLike) -> Floats:
        """(..., 3) mm to the right, down and onward of LPS points, from the patient's origin."""
        return np.asarray(lps, dtype=np.float64) @ self.axes.T

    def lps(self, along_mm: ArrayLike) -> Floats:
        """The LPS points of (..., 3) mm to the right, down and onward."""
        return np.asarray(along_mm, dtype=np.float64) @ self.axes


PLANES = {
    # Axial is seen from the feet, so the patient's left is on the right of the screen; one step
    # goes to the feet, as images of a chest are numbered.
    AXIAL: Plane(AXIAL, (1, 0, 0), (0, 1, 0), (0, 0, -1), "z"),
    CORONAL: Plane(CORONAL, (1, 0, 0), (0, 0, -1), (0, 1, 0), "y"),
    SAGITTAL: Plane(SAGITTAL, (0, 1, 0), (0, 0, -1), (1, 0, 0), "x"),
}


def letters(direction_lps: ArrayLike) -> str:
    """Where a direction points in the patient: 'L', or 'LA' when it leans, the larger part first.

    Two letters at most, as readers are used to.
    Source: the letters of DICOM PS3.3 C.7.6.1.1.1 (L, P, H are positive).
    """
    vector = np.asarray(direction_lps, dtype=np.float64)
    names = [("L", "R"), ("P", "A"), ("H", "F")]
    order = sorted(range(3), key=lambda axis: -abs(vector[axis]))[:MOST_LETTERS]
    return "".join(
        names[axis][0 if vector[axis] > 0 else 1] for axis in order if abs(vector[axis]) > OBLIQUE
    )


@dataclass(frozen=True)
class View:
    """What one pane looks at: the point in its middle (LPS mm), mm per pixel, size in pixels."""

    plane: Plane
    centre_lps: tuple[float, float, float]
    mm_per_px: float
    width_px: int
    height_px: int

    def at_ratio(self, ratio: float) -> View:
        """The same sight with so many times as many pixels each way (screens of high density)."""
        wide, high = round(self.width_px * ratio), round(self.height_px * ratio)
        return View(self.plane, self.centre_lps, self.mm_per_px / ratio, wide, high)

    def lps_of(self, x_px: float, y_px: float) -> tuple[float, float, float]:
        """The LPS point at a place of the picture; (0, 0) is its upper left corner."""
        middle = self.plane.along(self.centre_lps)
        x = middle[0] + (x_px - self.width_px / 2) * self.mm_per_px
        y = middle[1] + (y_px - self.height_px / 2) * self.mm_per_px
        a, b, c = self.plane.lps((x, y, middle[2]))
        return float(a), float(b), float(c)

    def pixels_of(self, lps: ArrayLike) -> Floats:
        """(..., 2) x and y in the picture of LPS points, dropped at right angles on the plane."""
        off = self.plane.along(lps) - self.plane.along(self.centre_lps)
        return off[..., :2] / self.mm_per_px + (self.width_px / 2, self.height_px / 2)

    def off_plane_mm(self, lps: ArrayLike) -> float:
        """How far a point lies behind (positive: onward) the plane."""
        return float(self.plane.along(lps)[2] - self.plane.along(self.centre_lps)[2])


@dataclass(frozen=True)
class Stack:
    """A scan's slices as a plane meets them: voxel axis, mm from one to the next, whether exact.

    aligned: the axis stands at right angles on the plane, so each slice is one plane of voxels.
    """

    axis: int
    step_mm: float
    aligned: bool


@lru_cache(maxsize=64)
def stack_of(geometry: Geometry, plane: Plane) -> Stack:
    """The voxel axis that leads through a plane, and how far one voxel is on the plane's normal."""
    per_mm = np.linalg.inv(geometry.affine)[:3, :3] @ np.array(plane.onward)  # voxels for 1 mm
    across = np.abs(per_mm) * np.array(geometry.spacing_kji_mm)
    axis = int(np.argmax(across))
    others = [other for other in range(3) if other != axis]
    aligned = bool(np.all(across[others] < ALIGNED))
    return Stack(axis, float(1 / abs(per_mm[axis])), aligned)


def nearest_slice(geometry: Geometry, plane: Plane, lps: ArrayLike) -> int:
    """The index, along the plane's voxel axis, of the slice nearest to a point."""
    axis = stack_of(geometry, plane).axis
    place = float(geometry.index_of(lps)[axis])
    return int(np.clip(np.floor(place + 0.5), 0, geometry.shape_kji[axis] - 1))


@lru_cache(maxsize=64)
def on_a_slice(
    geometry: Geometry, plane: Plane, lps: tuple[float, float, float]
) -> tuple[float, float, float]:
    """The point moved along the normal to the middle of its slice; unmoved where none is exact.

    Readers judge stored slices, not mixtures of two, and a cut through voxel centres is sharper.
    Kept: one picture asks nine times.
    """
    stack = stack_of(geometry, plane)
    if not stack.aligned:
        return lps
    index = geometry.index_of(lps)
    gap = nearest_slice(geometry, plane, lps) - index[stack.axis]
    shift = gap * geometry.affine[:3, stack.axis]
    onward = np.array(plane.onward)
    x, y, z = np.asarray(lps) + onward * float(shift @ onward)
    return float(x), float(y), float(z)


def bounds_on(geometry: Geometry, plane: Plane) -> Floats:
    """3 x 2: lowest and highest mm right, down, onward that the scan's voxels reach."""
    ends = np.array([(-0.5, n - 0.5) for n in geometry.shape_kji])
    corners = np.array(np.meshgrid(*ends, indexing="ij")).reshape(3, -1).T
    along = plane.along(geometry.lps_of(corners))
    return np.stack([along.min(axis=0), along.max(axis=0)], axis=1)


def stepped(
    geometry: Geometry, plane: Plane, lps: tuple[float, float, float], steps: int
) -> tuple[float, float, float]:
    """The point so many slices onward, kept inside the scan."""
    stack = stack_of(geometry, plane)
    there = np.array(lps) + np.array(plane.onward) * stack.step_mm * steps
    index = geometry.index_of(there)
    if stack.aligned:
        index[stack.axis] = nearest_slice(geometry, plane, there)
    inside = np.clip(index, 0, np.array(geometry.shape_kji) - 1)
    x, y, z = geometry.lps_of(inside)
    return float(x), float(y), float(z)
