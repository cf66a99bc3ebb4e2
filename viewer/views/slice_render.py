"""A plane of a volume becomes pixels: cut by vtkImageReslice, coloured by one table, without GL."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.scan.geometry import Geometry
from viewer.views.planes import View
from viewer.views.slab import AVERAGE, MINIP, MIP, NO_SLAB, Slab
from viewer.views.state import Window

Pixels = NDArray[np.uint32]
Rgb = tuple[int, int, int]

OUTSIDE_HU = -32768
"""What a cut holds beyond the scan: no CT stores it, so it can be painted black in any window."""

BLACK = np.uint32(0xFF000000)
THREADS = min(4, os.cpu_count() or 1)
TINY = 1e-9

_SLAB_MODES = {
    MIP: "SetSlabModeToMax", MINIP: "SetSlabModeToMin", AVERAGE: "SetSlabModeToMean",
}  # fmt: skip


class Cutter:
    """Cuts planes out of one array of voxels that may still be filling.

    voxels: (K, J, I) int16 HU or uint8 labels, on `geometry`; shared, never copied when it is
    contiguous. One cutter serves one pane: a cut is valid until its next one.
    """

    def __init__(self, voxels: NDArray[Any], geometry: Geometry, *, outside: int) -> None:
        from vtkmodules.vtkCommonMath import vtkMatrix4x4  # VTK comes with the first picture
        from vtkmodules.vtkImagingCore import vtkImageReslice

        self.geometry = geometry
        self.voxels = np.ascontiguousarray(voxels)
        self.to_index = np.linalg.inv(geometry.affine)
        self._outside = outside
        self._flat: NDArray[Any] | None = None
        self._image = _vtk_image(self.voxels)
        self._matrix = vtkMatrix4x4()
        self._reslice = vtkImageReslice()
        self._reslice.SetOutputDimensionality(2)
        self._reslice.SetBackgroundLevel(outside)
        self._reslice.SetNumberOfThreads(THREADS)

    def cut(self, view: View, *, smooth: bool) -> NDArray[Any]:
        """(height, width) voxels of a view; smooth: linear between voxels, else the nearest one."""
        if not smooth and (found := self._nearest_along(view)) is not None:
            return found
        return self._run(self._image, self.to_index, view, smooth=smooth)

    def _nearest_along(self, view: View) -> NDArray[Any] | None:
        """The nearest voxels where the pixels' rows and columns run along the voxels' own axes,
        by picking them, which takes a third of the time; None for any other view."""
        axes = self.to_index[:3, :3] @ np.array([view.plane.right, view.plane.down]).T
        axes *= view.mm_per_px  # voxels (slice, row, column) for one pixel right, one down
        used = np.abs(axes) > TINY
        if used[:, 0].sum() != 1 or used[:, 1].sum() != 1 or (used[:, 0] & used[:, 1]).any():
            return None
        start = self.geometry.index_of(view.lps_of(0.5, 0.5))
        across, down = int(np.argmax(used[:, 0])), int(np.argmax(used[:, 1]))
        level = 3 - across - down
        shape = self.voxels.shape
        at = int(np.floor(start[level] + 0.5 + TINY))
        if not 0 <= at < shape[level]:
            return self.nothing(view)
        columns = start[across] + np.arange(view.width_px) * axes[across, 0]
        rows = start[down] + np.arange(view.height_px) * axes[down, 1]
        x, y = (np.floor(place + 0.5 + TINY).astype(np.intp) for place in (columns, rows))
        flat = self.voxels[(slice(None),) * level + (at,)]
        if across < down:
            flat = flat.T
        picked = flat.take(np.clip(y, 0, shape[down] - 1), axis=0)
        picked = picked.take(np.clip(x, 0, shape[across] - 1), axis=1)
        picked[(y < 0) | (y >= shape[down])] = self._outside
        picked[:, (x < 0) | (x >= shape[across])] = self._outside
        return picked

    def cut_flat(
        self, flat: NDArray[Any], geometry: Geometry, view: View, *, smooth: bool = True
    ) -> NDArray[Any]:
        """(height, width) of a view on voxels of another grid that is one voxel thick.

        flat: of this cutter's type and geometry's shape.
        """
        self._flat = np.ascontiguousarray(flat)  # VTK borrows its memory
        image = _vtk_image(self._flat)
        return self._run(image, np.linalg.inv(geometry.affine), view, smooth=smooth)

    def cut_thick(self, view: View, slab: Slab, samples: int) -> NDArray[Any]:
        """(height, width) of a slab that lies across the voxels, from so many parallel cuts."""
        reslice = self._reslice
        getattr(reslice, _SLAB_MODES[slab.mode])()
        reslice.SetSlabNumberOfSlices(samples)
        reslice.SetSlabTrapezoidIntegration(slab.mode == AVERAGE)
        reslice.SetSlabSliceSpacingFraction(slab.thickness_mm / (samples - 1))
        try:
            return self._run(self._image, self.to_index, view, smooth=True)
        finally:
            reslice.SetSlabNumberOfSlices(1)

    def nothing(self, view: View) -> NDArray[Any]:
        """The cut of a view that lies outside."""
        return np.full((view.height_px, view.width_px), self._outside, self.voxels.dtype)

    def _run(
        self, image: Any, to_index: NDArray[np.floating[Any]], view: View, *, smooth: bool
    ) -> NDArray[Any]:
        from vtkmodules.util.numpy_support import vtk_to_numpy

        columns = np.zeros((4, 4))
        columns[:3, 0], columns[:3, 1] = view.plane.right, view.plane.down
        columns[:3, 2] = view.plane.onward
        columns[:3, 3], columns[3, 3] = view.lps_of(0.5, 0.5), 1.0
        axes = to_index @ columns  # plane mm -> slice, row, column
        axes = axes[[2, 1, 0, 3]]  # VTK counts column, row, slice
        axes[np.abs(axes) < TINY] = 0.0  # exact zeros let VTK take its fast way along the axes
        reslice = self._reslice
        self._matrix.DeepCopy(axes.reshape(-1).tolist())
        reslice.SetInputData(image)
        reslice.SetResliceAxes(self._matrix)
        reslice.SetOutputSpacing(view.mm_per_px, view.mm_per_px, 1.0)
        reslice.SetOutputOrigin(0.0, 0.0, 0.0)
        reslice.SetOutputExtent(0, view.width_px - 1, 0, view.height_px - 1, 0, 0)
        if smooth:
            reslice.SetInterpolationModeToLinear()
        else:
            reslice.SetInterpolationModeToNearestNeighbor()
        reslice.Modified()  # VTK cannot know that slices came in since the last cut
        reslice.Update()
        flat = vtk_to_numpy(reslice.GetOutput().GetPointData().GetScalars())
        return flat.reshape(view.height_px, view.width_px)

    def slices_of(self, view: View) -> NDArray[np.float64]:
        """(height or 1, width or 1) slice index k, fractions, under each pixel of a view."""
        origin = self.geometry.index_of(view.lps_of(0.5, 0.5))[0]
        right = float(self.to_index[0, :3] @ view.plane.right) * view.mm_per_px
        down = float(self.to_index[0, :3] @ view.plane.down) * view.mm_per_px
        x = np.arange(view.width_px if abs(right) > TINY else 1) * right
        y = np.arange(view.height_px if abs(down) > TINY else 1) * down
        return origin + y[:, None] + x[None, :]


def _vtk_image(voxels: NDArray[Any]) -> Any:
    """(K, J, I) contiguous voxels as VTK's image, which borrows their memory and keeps them."""
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData

    k, j, i = voxels.shape
    image = vtkImageData()
    image.SetDimensions(i, j, k)
    image.GetPointData().SetScalars(numpy_to_vtk(voxels.reshape(-1), deep=0))
    return image


@dataclass(frozen=True)
class Look:
    """How voxels are coloured: grey window, inverted or not, opacity and colours of labels 1 up.

    A label whose colour is None stays grey.
    """

    window: Window
    invert: bool = False
    fill: float = 0.0
    label_colours: tuple[Rgb | None, ...] = ()


class Table:
    """The one table of a look: HU -> grey, then grey | label << 8 -> 32-bit colour."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._grey = _greys(look.window, invert=look.invert)
        self._blend = _blends(look)
        self._plain = self._blend[0][self._grey]

    def colours(self, hu: NDArray[np.int16], labels: NDArray[np.uint8] | None = None) -> Pixels:
        """(height, width) 0xFFRRGGBB of a cut of HU and, where the fill shows, one of labels."""
        index = hu.view(np.uint16)
        if labels is None or self.look.fill <= 0:
            return self._plain.take(index)
        both = self._grey.take(index).astype(np.uint16)
        both |= labels.astype(np.uint16) << 8
        return self._blend.reshape(-1).take(both)


@lru_cache(maxsize=4)
def table_of(look: Look) -> Table:
    """The table of a look: panes that look alike share one."""
    return Table(look)


def _greys(window: Window, *, invert: bool) -> NDArray[np.uint8]:
    """65,536 greys, indexed by HU seen as uint16. Source: DICOM PS3.3 C.11.2.1.2.1 (linear)."""
    hu = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.float64)
    span = max(window.width - 1.0, 1e-6)
    grey = np.clip((hu - (window.level - 0.5)) / span + 0.5, 0.0, 1.0) * 255.0
    if invert:
        grey = 255.0 - grey
    grey[hu == OUTSIDE_HU] = 0.0
    return np.round(grey).astype(np.uint8)


def _blends(look: Look) -> Pixels:
    """(256 labels, 256 greys) 32-bit colours; labels without a colour stay grey."""
    grey = np.arange(256, dtype=np.uint32)
    packed: Pixels = np.repeat((BLACK | grey * 0x010101)[None], 256, axis=0)
    for label, colour in enumerate(look.label_colours, start=1):
        if colour is None:
            continue
        mixed = (1 - look.fill) * grey[:, None] + look.fill * np.array(colour)
        red, green, blue = np.round(mixed).astype(np.uint32).T
        packed[label] = BLACK | (red << 16) | (green << 8) | blue
    return packed


def render(
    view: View,
    scan: Cutter,
    table: Table,
    *,
    labels: Cutter | None = None,
    loaded: NDArray[np.bool_] | None = None,
) -> Pixels:
    """The picture of a view, (height, width) 0xFFRRGGBB.

    loaded: (K,) which slices have arrived; where one is missing the picture is black, never grey
    that could be taken for tissue. None: all of them.
    """
    hu = scan.cut(view, smooth=True)
    shown = labels is not None and table.look.fill > 0
    cut = labels.cut(view, smooth=False) if shown and labels is not None else None
    pixels = table.colours(hu, cut)
    missing = missing_of(view, scan, loaded)
    if missing is not None:
        np.copyto(pixels, BLACK, where=missing)
    return pixels


def missing_of(
    view: View, scan: Cutter, loaded: NDArray[np.bool_] | None, slab: Slab = NO_SLAB
) -> NDArray[np.bool_] | None:
    """(height, width) where a view needs a slice that has not arrived; None where it needs none.

    loaded: (K,) which have.
    """
    if loaded is None or loaded.all():
        return None
    k, last = scan.slices_of(view), len(loaded) - 1
    reach = 0.0
    if slab.on:
        reach = abs(float(scan.to_index[0, :3] @ view.plane.onward)) * slab.thickness_mm / 2
    low = np.clip(np.floor(k - reach + TINY), 0, last).astype(int)
    high = np.clip(np.ceil(k + reach - TINY), 0, last).astype(int)
    gaps = np.concatenate([[0], np.cumsum(~loaded)])
    missing: NDArray[np.bool_] = gaps[high + 1] > gaps[low]
    if not missing.any():
        return None
    return np.broadcast_to(missing, (view.height_px, view.width_px))
