"""A CT scan: Hounsfield units on a geometry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ai.scan.geometry import Geometry

Hu = NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Volume:
    """HU (int16, slices x rows x columns) on a grid, never written to.

    series: an identifier of the series it was read from (its UID, or a keyed hash of it).
    """

    geometry: Geometry
    hu: Hu
    series: str = ""

    def __post_init__(self) -> None:
        if self.hu.shape != self.geometry.shape_kji:
            raise ValueError(f"HU of shape {self.hu.shape} on a grid of {self.geometry.shape_kji}")
        if self.hu.dtype != np.int16:
            raise ValueError(f"HU must be int16, not {self.hu.dtype}")
        view = self.hu.view()
        view.setflags(write=False)
        object.__setattr__(self, "hu", view)

    def hu_at(self, lps_mm: ArrayLike) -> int | None:
        """HU of the voxel that holds a point in LPS mm, or None outside the scan."""
        voxel = self.geometry.nearest_voxel(lps_mm)
        return None if voxel is None else int(self.hu[voxel])
