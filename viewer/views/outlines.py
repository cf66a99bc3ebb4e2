"""The edges of segments on one plane, as smooth lines in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ai.scan.labelmap import LabelMap, box_of
from viewer.views.planes import Plane, View, bounds_on, stack_of
from viewer.views.slice_render import Cutter

Line = NDArray[np.float64]
"""(N, 2) mm right and down on a plane."""

LEAST_POINTS = 3
PLACE_MM = 4.0
AROUND = 2
"""Rows and columns around a mask: one that the blur fills, one that stays empty."""
HALF = 128.0  # half of 256: where a voxel in and a voxel out meet after the blur


@dataclass(frozen=True, eq=False)
class Box:
    """The part of a plane that holds any label: lowest and highest mm right, down and onward."""

    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Extent:
    """The part of the patient that holds any label: (8, 3) LPS mm, its corners.

    places_lps: (N, 3) LPS mm, some of the labelled places, close enough to tell where on a plane
    no slice of it has anything.
    """

    corners_lps: NDArray[np.float64]
    places_lps: NDArray[np.float64] | None = None

    def on(self, plane: Plane) -> Box:
        """The box around it as a plane sees it."""
        along = plane.along(self.corners_lps)
        return Box(along.min(axis=0), along.max(axis=0))

    def wider(self, corners_lps: NDArray[np.float64]) -> Extent:
        """One that holds these points too; itself where it does already."""
        low, high = self.corners_lps.min(axis=0), self.corners_lps.max(axis=0)
        if np.all(corners_lps >= low) and np.all(corners_lps <= high):
            return self
        low = np.minimum(low, corners_lps.min(axis=0))
        high = np.maximum(high, corners_lps.max(axis=0))
        ends = np.array([low, high])
        corners = np.array(np.meshgrid(*ends.T, indexing="ij")).reshape(3, -1).T
        return Extent(corners, self.places_lps)


def extent_of(labelmap: LabelMap) -> Extent | None:
    """Where the labels lie, or None when there is no labelled voxel."""
    box = box_of(labelmap.labels)
    if not labelmap.labels[box].any():
        return None
    ends = [(edge.start - 0.5, edge.stop - 0.5) for edge in box]
    corners = np.array(np.meshgrid(*ends, indexing="ij")).reshape(3, -1).T
    return Extent(labelmap.geometry.lps_of(corners), _some_places(labelmap, box))


def _some_places(labelmap: LabelMap, box: tuple[slice, ...]) -> NDArray[np.float64]:
    """(N, 3) LPS mm of labelled voxels, about one in each PLACE_MM."""
    spacing = labelmap.geometry.spacing_kji_mm
    steps = [max(1, round(PLACE_MM / mm)) for mm in spacing]
    thin = tuple(slice(one.start, one.stop, step) for one, step in zip(box, steps, strict=True))
    found = np.argwhere(labelmap.labels[thin])
    if not len(found):
        return np.empty((0, 3))
    places = found * steps + [one.start for one in box]
    return labelmap.geometry.lps_of(places)


def boxes_of(labelmap: LabelMap, planes: tuple[Plane, ...]) -> dict[str, Box] | None:
    """For each plane's name the box around all labels, or None when there is no labelled voxel."""
    extent = extent_of(labelmap)
    return None if extent is None else {plane.name: extent.on(plane) for plane in planes}


class Outliner:
    """Finds the edges of every label on planes of one label map."""

    def __init__(self, labelmap: LabelMap, cutter: Cutter, plane: Plane, box: Box) -> None:
        self._numbers = tuple(segment.number for segment in labelmap.segments)
        self._cutter, self.plane, self._box = cutter, plane, box
        geometry = labelmap.geometry
        self._start, self._mm = _own_grid(cutter, plane)
        self._reach = stack_of(geometry, plane).step_mm

    def lines(self, onward_mm: float, *, coarse: int = 1) -> dict[int, list[Line]]:
        """Label -> its edges on the plane at onward_mm, each (N, 2) mm right and down.

        Voxels are taken on the scan's own grid and blurred by one, so that edges run smoothly
        between them and stay within half a voxel of where the mask ends. coarse: of so many voxels
        each way only one, for a plane that is just being turned.
        """
        low, high = self._box.low, self._box.high
        if not low[2] - self._reach <= onward_mm <= high[2] + self._reach:
            return {}
        mm = self._mm * coarse
        first = np.floor((low[:2] - self._start) / mm).astype(int) - 2
        count = np.ceil((high[:2] - self._start) / mm).astype(int) + 3 - first
        labels = self._cut(first, count, mm, onward_mm)
        found = {}
        for number in self._numbers:
            lines = _contours(labels == number)
            if lines:
                origin = self._start + first * mm
                found[number] = [line * mm + origin for line in lines]
        return found

    def _cut(
        self, first: NDArray, count: NDArray, mm: NDArray, onward_mm: float
    ) -> NDArray[np.uint8]:
        """Labels on a grid of so many mm; that grid is square for the cutter, so cut the finer way
        and take every step of the coarser one."""
        fine = float(mm.min())
        size = np.maximum(1, np.round(count * mm / fine).astype(int))
        corner = self._start + first * mm - fine / 2
        middle = corner + size * fine / 2
        x, y, z = self.plane.lps((middle[0], middle[1], onward_mm))
        view = View(self.plane, (float(x), float(y), float(z)), fine, int(size[0]), int(size[1]))
        cut = self._cutter.cut(view, smooth=False)
        columns = np.round(np.arange(count[0]) * mm[0] / fine).astype(int)
        rows = np.round(np.arange(count[1]) * mm[1] / fine).astype(int)
        columns, rows = columns[columns < size[0]], rows[rows < size[1]]
        chosen: NDArray[np.uint8] = cut[np.ix_(rows, columns)]
        return chosen


def _own_grid(cutter: Cutter, plane: Plane) -> tuple[NDArray, NDArray]:
    """Where the voxel grid starts on a plane and its steps, both (2,) mm right and down."""
    geometry = cutter.geometry
    steps = []
    for way in (plane.right, plane.down):
        per_mm = np.abs(np.linalg.inv(geometry.affine)[:3, :3] @ np.array(way))
        steps.append(1.0 / per_mm[int(np.argmax(per_mm * geometry.spacing_kji_mm))])
    mm = np.array(steps)
    return bounds_on(geometry, plane)[:2, 0] + mm / 2, mm


def _contours(mask: NDArray[np.bool_]) -> list[Line]:
    """Edges of a mask, (N, 2) columns and rows in fractions: marching squares on a blur.

    Only where the mask has anything: each lung is half of what both need.
    """
    mask, first = _trimmed(mask)
    if not mask.size:
        return []
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkFlyingEdges2D, vtkStripper

    field = mask.astype(np.uint16) * 16
    field[1:-1] = field[:-2] + 2 * field[1:-1] + field[2:]
    field[:, 1:-1] = field[:, :-2] + 2 * field[:, 1:-1] + field[:, 2:]
    field[0], field[-1], field[:, 0], field[:, -1] = 0, 0, 0, 0
    flat = np.ascontiguousarray(field).reshape(-1)
    image = vtkImageData()
    image.SetDimensions(mask.shape[1], mask.shape[0], 1)
    image.GetPointData().SetScalars(numpy_to_vtk(flat, deep=0))
    edges = vtkFlyingEdges2D()
    edges.SetInputData(image)
    edges.SetValue(0, HALF)
    edges.SetComputeScalars(False)
    strips = vtkStripper()
    strips.SetInputConnection(edges.GetOutputPort())
    strips.SetMaximumLength(len(flat))
    strips.Update()
    output = strips.GetOutput()
    if output.GetNumberOfLines() == 0:
        return []
    points = vtk_to_numpy(output.GetPoints().GetData())[:, :2].astype(np.float64)
    lines = output.GetLines()
    ids = vtk_to_numpy(lines.GetConnectivityArray())
    ends = vtk_to_numpy(lines.GetOffsetsArray())
    points += first
    pieces = [points[ids[a:b]] for a, b in pairwise(ends)]
    return [piece for piece in pieces if len(piece) >= LEAST_POINTS]


def _trimmed(mask: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], tuple[int, int]]:
    """The part of a mask that holds all of it and as much around as a blur reaches, and the column
    and row where that part begins; without any voxel where nothing is set."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return mask[:0], (0, 0)
    top, left = max(0, int(rows[0]) - AROUND), max(0, int(columns[0]) - AROUND)
    part = mask[top : int(rows[-1]) + AROUND + 1, left : int(columns[-1]) + AROUND + 1]
    return part, (left, top)
