"""Grids as scanners give them: thick, fine, turned, feet first, tilted."""

from __future__ import annotations

import numpy as np

from ai.scan.geometry import Geometry


def turned(spacing_kji_mm: tuple[float, float, float], degrees: float) -> Geometry:
    """A grid turned about the patient's long axis."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    dk, dj, di = spacing_kji_mm
    affine = np.eye(4)
    affine[:3, 0] = (0, 0, dk)
    affine[:3, 1] = (-s * dj, c * dj, 0)
    affine[:3, 2] = (c * di, s * di, 0)
    affine[:3, 3] = (-30, -25, 11)
    return Geometry((24, 40, 36), affine)


def feet_first() -> Geometry:
    """Slices towards the feet, rows from the left."""
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = (0, 0, -1.5), (0, 0.8, 0), (-0.8, 0, 0)
    affine[:3, 3] = (20, -20, 30)
    return Geometry((24, 40, 36), affine)


def tilted(degrees: float = 20.0) -> Geometry:
    """A gantry leant over: rows lean, slices follow the table."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = (0, 0, 2.0), (0, 0.9 * c, 0.9 * s), (0.9, 0, 0)
    affine[:3, 3] = (-16, -18, -20)
    return Geometry((24, 40, 36), affine)


GRIDS = {
    "cubes": Geometry.axial((24, 40, 36), origin_lps=(-18, -20, -12)),
    "thick slices": Geometry.axial(
        (10, 40, 36), spacing_kji_mm=(5.0, 0.7, 0.7), origin_lps=(-12, -14, -20)
    ),
    "rows unlike columns": Geometry.axial(
        (24, 30, 36), spacing_kji_mm=(1.25, 0.9, 0.6), origin_lps=(-10, -12, -14)
    ),
    "turned": turned((1.5, 0.8, 0.8), 17.0),
    "feet first": feet_first(),
    "tilted": tilted(),
}


def middle(geometry: Geometry) -> tuple[float, float, float]:
    x, y, z = geometry.lps_of((np.array(geometry.shape_kji) - 1) / 2)
    return float(x), float(y), float(z)


def places(geometry: Geometry) -> np.ndarray:
    """(K, J, I, 3) LPS mm of every voxel centre."""
    return geometry.lps_of(np.stack(np.indices(geometry.shape_kji), axis=-1))
