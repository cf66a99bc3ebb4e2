"""The grid of a map of chances: every few voxels of the scan's own grid, about 3 mm apart."""

from __future__ import annotations

import numpy as np

from ai.scan.geometry import Geometry

MAP_MM = 3.0
"""The network's own grid: a finer map would show nothing more."""
FULL = 255
"""What a byte of the map holds where the chance is 1."""


def every(geometry: Geometry) -> tuple[int, int, int]:
    """Of how many slices, rows and columns the map takes one."""
    k, j, i = (max(1, round(MAP_MM / mm)) for mm in geometry.spacing_kji_mm)
    return k, j, i


def map_grid(geometry: Geometry) -> Geometry:
    """The map's grid: its first voxel lies where the scan's first one does."""
    step = every(geometry)
    affine = geometry.affine.copy()
    affine[:3, :3] *= np.array(step)
    k, j, i = (-(-n // s) for n, s in zip(geometry.shape_kji, step, strict=True))
    return Geometry((k, j, i), affine, geometry.frame_of_reference)
