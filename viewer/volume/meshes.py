"""Surfaces of lungs and findings, in LPS millimetres."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkCommonTransforms import vtkMatrixToLinearTransform
from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D
from vtkmodules.vtkFiltersGeneral import vtkTransformPolyDataFilter
from vtkmodules.vtkFiltersSources import vtkSphereSource

from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from viewer.volume.grid import Floats32, Grid, image_of

EDGE = 0.5
SHELL_SIGMA_MM = 3.0
"""A shell is smoothed over so much: the steps of slices go, lobes and recesses stay."""

FINDING_SIGMA_MM = 0.8
FINDING_EDGE = 0.42
"""Below one half: smoothing alone would shrink the small ones, of which there are most."""

LEAST_MM, MOST_MM = 0.4, 1.0
MOST_CUBES = 2_000_000
"""Of one finding's box, cut into cubes."""

ROUND = 24


def shell(lung: Floats32, grid: Grid) -> vtkPolyData:
    """The smooth skin of one lung, with normals; lung: (z, y, x) shares from 0 to 1 on the grid."""
    from scipy import ndimage

    padded = np.pad(lung, 2)
    field = ndimage.gaussian_filter(padded, SHELL_SIGMA_MM / grid.mm)
    x, y, z = (float(n) - 2 * grid.mm for n in grid.origin_lps)
    high, deep, wide = padded.shape
    return _surface(field, Grid((x, y, z), grid.mm, (high, deep, wide)), EDGE)


def finding_surface(mask: BoxMask, geometry: Geometry) -> vtkPolyData:
    """The surface of a finding's voxels on the scan's grid, with normals, in LPS mm."""
    from scipy import ndimage

    spacing = np.array(geometry.spacing_kji_mm)
    room = 2 + np.ceil(2 * FINDING_SIGMA_MM / spacing).astype(int)
    voxels = np.pad(mask.voxels, [(n, n) for n in room]).astype(np.float32)
    cubes = float(np.prod(voxels.shape * spacing))
    side = max(min(max(float(spacing.min()), LEAST_MM), MOST_MM), (cubes / MOST_CUBES) ** (1 / 3))
    fine = ndimage.zoom(voxels, spacing / side, order=1, mode="nearest", grid_mode=True)
    finer = np.array(fine.shape) / voxels.shape  # what the rounding to whole cubes left of it
    fine = ndimage.gaussian_filter(fine, FINDING_SIGMA_MM / (spacing / finer))
    part = _surface(fine, None, FINDING_EDGE)
    # x, y, z of the fine array -> slice, row, column of the scan -> LPS mm
    to_kji = np.eye(4)
    to_kji[:3, :3] = np.diag(1 / finer)[:, ::-1]
    to_kji[:3, 3] = mask.start_kji - room + (1 / finer - 1) / 2
    return _moved(part, geometry.affine @ to_kji)


def ball(centre_lps: tuple[float, float, float], radius_mm: float) -> vtkPolyData:
    """A finding of which only place and size are known."""
    made = vtkSphereSource()
    made.SetCenter(*centre_lps)
    made.SetRadius(radius_mm)
    made.SetThetaResolution(ROUND)
    made.SetPhiResolution(ROUND)
    made.Update()
    return made.GetOutput()


def _surface(field: NDArray[np.float32], grid: Grid | None, edge: float) -> vtkPolyData:
    cutter = vtkFlyingEdges3D()
    held = np.ascontiguousarray(field)
    cutter.SetInputData(image_of(held, grid))
    cutter.SetValue(0, edge)
    cutter.ComputeNormalsOn()
    cutter.ComputeScalarsOff()
    cutter.Update()
    return cutter.GetOutput()


def _moved(part: vtkPolyData, matrix: NDArray[np.float64]) -> vtkPolyData:
    values = vtkMatrix4x4()
    values.DeepCopy(matrix.reshape(-1).tolist())
    way = vtkMatrixToLinearTransform()
    way.SetInput(values)
    mover = vtkTransformPolyDataFilter()
    mover.SetInputData(part)
    mover.SetTransform(way)
    mover.Update()
    return mover.GetOutput()
