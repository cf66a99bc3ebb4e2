"""Where the voxels of a scan lie in the patient: shape, and voxel index to LPS millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

SAME_PLACE_MM = 0.01
"""Grids whose corners differ by less than this are the same one (DICOM decimal strings round)."""


@dataclass(frozen=True, eq=False)
class Geometry:
    """A grid in the patient.

    shape_kji: slices, rows, columns. affine: 4 x 4, (k, j, i, 1) of a voxel centre to (x, y, z, 1)
    in LPS millimetres. frame_of_reference: its UID, or empty where none is known.
    Source of the mapping: DICOM PS3.3 C.7.6.2.1.1, with k along the slice normal.
    """

    shape_kji: tuple[int, int, int]
    affine: Floats
    frame_of_reference: str = ""

    def __post_init__(self) -> None:
        affine = np.array(self.affine, dtype=np.float64)
        if affine.shape != (4, 4):
            raise ValueError(f"affine must be 4 x 4, not {affine.shape}")
        affine.setflags(write=False)
        object.__setattr__(self, "affine", affine)
        object.__setattr__(self, "shape_kji", tuple(int(n) for n in self.shape_kji))

    @classmethod
    def axial(
        cls,
        shape_kji: tuple[int, int, int],
        *,
        spacing_kji_mm: tuple[float, float, float] = (1.0, 1.0, 1.0),
        origin_lps: tuple[float, float, float] = (0.0, 0.0, 0.0),
        frame_of_reference: str = "",
    ) -> Geometry:
        """A grid along the patient's axes: k to the head, j to the back, i to the left."""
        dk, dj, di = spacing_kji_mm
        affine = np.zeros((4, 4))
        affine[2, 0], affine[1, 1], affine[0, 2] = dk, dj, di
        affine[:3, 3], affine[3, 3] = origin_lps, 1.0
        return cls(shape_kji, affine, frame_of_reference)

    @cached_property
    def spacing_kji_mm(self) -> tuple[float, float, float]:
        """Distance in mm between neighbouring slices, rows, columns."""
        dk, dj, di = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(dk), float(dj), float(di)

    @cached_property
    def voxel_mm3(self) -> float:
        """Volume of one voxel in mm3."""
        return float(abs(np.linalg.det(self.affine[:3, :3])))

    @cached_property
    def directions(self) -> Floats:
        """3 x 3, columns: unit LPS vectors along k, j, i."""
        columns: Floats = self.affine[:3, :3] / np.linalg.norm(self.affine[:3, :3], axis=0)
        return columns

    @cached_property
    def _inverse(self) -> Floats:
        return np.asarray(np.linalg.inv(self.affine), dtype=np.float64)

    def lps_of(self, index_kji: ArrayLike) -> Floats:
        """LPS mm of voxel centres; (..., 3) slice, row, column, fractions allowed."""
        index = np.asarray(index_kji, dtype=np.float64)
        return index @ self.affine[:3, :3].T + self.affine[:3, 3]

    def index_of(self, lps_mm: ArrayLike) -> Floats:
        """(..., 3) slice, row, column (fractions) of LPS millimetres."""
        point = np.asarray(lps_mm, dtype=np.float64)
        return point @ self._inverse[:3, :3].T + self._inverse[:3, 3]

    def nearest_voxel(self, lps_mm: ArrayLike) -> tuple[int, int, int] | None:
        """The voxel that holds a point, or None outside the grid."""
        kji = np.floor(self.index_of(lps_mm) + 0.5).astype(int)
        if np.any(kji < 0) or np.any(kji >= self.shape_kji):
            return None
        return int(kji[0]), int(kji[1]), int(kji[2])

    def with_spacing(self, spacing_kji_mm: tuple[float, float, float]) -> Geometry:
        """The same box in the patient, cut into voxels of another size (first centres coincide)."""
        old, new = np.array(self.spacing_kji_mm), np.array(spacing_kji_mm, dtype=np.float64)
        extent = (np.array(self.shape_kji) - 1) * old
        shape = np.maximum(1, np.floor(extent / new + 1e-6).astype(int) + 1)
        affine = self.affine.copy()
        affine[:3, :3] = self.directions * new
        return Geometry(
            (int(shape[0]), int(shape[1]), int(shape[2])), affine, self.frame_of_reference
        )

    def cropped(self, start_kji: tuple[int, int, int], shape_kji: tuple[int, int, int]) -> Geometry:
        """The sub-grid of that shape whose first voxel is start_kji."""
        affine = self.affine.copy()
        affine[:3, 3] = self.lps_of(start_kji)
        return Geometry(shape_kji, affine, self.frame_of_reference)

    def same_grid(self, other: Geometry) -> bool:
        """True when both grids have the same shape and every corner in the same place."""
        if self.shape_kji != other.shape_kji:
            return False
        last = np.array(self.shape_kji) - 1
        corners = np.array(np.meshgrid(*[[0, n] for n in last], indexing="ij")).reshape(3, -1).T
        gap = np.abs(self.lps_of(corners) - other.lps_of(corners)).max()
        return bool(gap < SAME_PLACE_MM)
