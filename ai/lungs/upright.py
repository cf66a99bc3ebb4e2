"""A scan turned upright: slices up to the head, rows to the back, columns to the left.

Everything that looks for lungs works on such a copy, so no step asks how the patient lay or how
the slices were stored. The grid keeps the scan's own axes: a tilted scan stays tilted.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Any, TypeVar

import numpy as np
import SimpleITK as sitk  # noqa: N813
from numpy.typing import NDArray

from ai.lungs.blend import Box, Places, Places3, blended
from ai.lungs.shifts import summed
from ai.scan.geometry import Geometry
from ai.scan.volume import Hu, Volume

Floats32 = NDArray[np.float32]
T = TypeVar("T", bound=np.generic)
PADDING_HU = -1024
"""Scanners pad outside the round field of view with -2000 or less; air is never below this."""


@dataclass(frozen=True)
class Turn:
    """Which stored axis becomes which upright axis, and which of them run backwards."""

    order: tuple[int, int, int]
    backwards: tuple[bool, bool, bool]

    def upright(self, stored: NDArray[T]) -> NDArray[T]:
        """A view of a stored array, upright."""
        turned = stored.transpose(self.order)
        return turned[tuple(slice(None, None, -1 if b else 1) for b in self.backwards)]

    def stored(self, upright: NDArray[T]) -> NDArray[T]:
        """A view of an upright array, in the scan's own order."""
        turned = upright[tuple(slice(None, None, -1 if b else 1) for b in self.backwards)]
        return turned.transpose(np.argsort(self.order))


def turn_of(geometry: Geometry) -> Turn:
    """The turn that brings a grid's axes nearest to head, back and left."""
    # rows x, y, z; columns the stored axes
    toward = geometry.directions
    # upright axis 0 runs along z, 1 along y, 2 along x
    best = max(
        permutations(range(3)), key=lambda p: sum(abs(toward[2 - n, p[n]]) for n in range(3))
    )
    backwards = tuple(bool(toward[2 - n, best[n]] < 0) for n in range(3))
    return Turn((best[0], best[1], best[2]), (backwards[0], backwards[1], backwards[2]))


@dataclass(frozen=True, eq=False)
class Upright:
    """An upright copy of a scan on a working grid.

    hu: float32, (z, y, x), clipped from below at PADDING_HU. spacing_mm: of hu. own_spacing_mm,
    own_hu: the scan's own voxels, turned (a view). Both grids have their first centre in one place.
    """

    hu: Floats32
    spacing_mm: tuple[float, float, float]
    own_hu: Hu
    own_spacing_mm: tuple[float, float, float]
    turn: Turn

    def blank(self) -> NDArray[np.uint8]:
        """Zeros on own_hu's grid: a view, whose array stands in the scan's own order already."""
        shape = self.turn.stored(self.own_hu).shape
        return self.turn.upright(np.zeros(shape, dtype=np.uint8))


@dataclass(frozen=True)
class Plan:
    """How a scan comes to stand on a working grid of spacing_mm.

    own_shape, own_spacing_mm: the scan's own grid, turned. bins: so many of its voxels along each
    axis are averaged first, so that noise does not alias.
    """

    turn: Turn
    own_shape: tuple[int, int, int]
    own_spacing_mm: tuple[float, float, float]
    spacing_mm: tuple[float, float, float]
    bins: tuple[int, int, int]

    @classmethod
    def of(cls, geometry: Geometry, spacing_mm: tuple[float, float, float]) -> Plan:
        turn = turn_of(geometry)
        a, b, c = turn.order
        stored, stored_mm = geometry.shape_kji, geometry.spacing_kji_mm
        shape, own_mm = (
            (stored[a], stored[b], stored[c]),
            (stored_mm[a], stored_mm[b], stored_mm[c]),
        )
        z, y, x = (max(1, int(want / have)) for want, have in zip(spacing_mm, own_mm, strict=True))
        return cls(turn, shape, own_mm, spacing_mm, (z, y, x))

    @property
    def whole_bins(self) -> tuple[slice, slice, slice]:
        """The part of the turned scan that fills bins."""
        z, y, x = (slice(0, n // b * b) for n, b in zip(self.own_shape, self.bins, strict=True))
        return z, y, x

    @property
    def stored_bins(self) -> tuple[int, int, int]:
        """bins along the stored axes."""
        z, y, x = np.argsort(self.turn.order)
        return self.bins[z], self.bins[y], self.bins[x]

    def places(self, axis: int) -> Places:
        """The working grid's planes among those of the averaged scan."""
        own_mm, mm, bins = self.own_spacing_mm[axis], self.spacing_mm[axis], self.bins[axis]
        extent = (self.own_shape[axis] - 1) * own_mm
        count = max(1, int(np.floor(extent / mm + 1e-6)) + 1)
        # The first average lies in the middle of its bin; both grids have their first voxel in one
        # place.
        at = (np.arange(count) * mm / own_mm - (bins - 1) / 2) / bins
        return Places.of(at, self.own_shape[axis] // bins)


def stand_up(volume: Volume, *, spacing_mm: tuple[float, float, float]) -> Upright:
    """The scan upright on a grid of that spacing, averaged first so that noise does not alias."""
    plan = Plan.of(volume.geometry, spacing_mm)
    turn, own = plan.turn, plan.turn.upright(volume.hu)
    # Averaged as it is stored: the order in memory decides about the time.
    means = _averaged(turn.stored(own[plan.whole_bins]), plan.stored_bins)
    hu = turn.upright(means).astype(np.float32)
    for axis in (0, 1, 2):
        hu = blended(hu, plan.places(axis), axis)
    return Upright(hu, spacing_mm, own, plan.own_spacing_mm, turn)


def _averaged(hu: Hu, bins: tuple[int, int, int]) -> Hu:
    """Means of bins, halves rounded up; hu clipped from below at PADDING_HU, its sides whole bins.

    Slice by slice, so that the sums stay in the processor's cache.
    """
    k, j, i = bins
    voxels = k * j * i
    made = np.empty([n // b for n, b in zip(hu.shape, bins, strict=True)], dtype=np.int16)
    for n, mean in enumerate(made):
        planes = hu[n * k : (n + 1) * k]
        total = np.maximum(planes[0], PADDING_HU).astype(np.int32)
        for plane in planes[1:]:
            total += np.maximum(plane, PADDING_HU)
        total = summed(total, (j, i))
        mean[...] = (2 * total + voxels) // (2 * voxels)
    return made


def own_places(upright: Upright, box: Box) -> Places3:
    """Where a box of the scan's own turned voxels lies between those of the working grid."""
    z, y, x = (
        Places.of(np.arange(run.start, run.stop) * own_mm / mm, count)
        for run, own_mm, mm, count in zip(
            box, upright.own_spacing_mm, upright.spacing_mm, upright.hu.shape, strict=True
        )
    )
    return z, y, x


def onto_own_grid(
    upright: Upright,
    array: NDArray[Any],
    box: tuple[slice, slice, slice],
    *,
    nearest: bool = False,
    every: tuple[int, int, int] = (1, 1, 1),
) -> NDArray[Any]:
    """A working-grid array (float32 or uint8) sampled on a box of the scan's own turned voxels.

    every: only each so-many-th of them along each axis, the box's first one among them.
    """
    start = tuple(b.start * s for b, s in zip(box, upright.own_spacing_mm, strict=True))
    shape = np.array([-(-(b.stop - b.start) // n) for b, n in zip(box, every, strict=True)])
    step = tuple(s * n for s, n in zip(upright.own_spacing_mm, every, strict=True))
    how = sitk.sitkNearestNeighbor if nearest else sitk.sitkLinear
    return _sample(
        _image(array, upright.spacing_mm),
        shape,
        (step[0], step[1], step[2]),
        (start[0], start[1], start[2]),
        how,
    )


def _image(array: NDArray[Any], spacing_mm: tuple[float, float, float]) -> sitk.Image:
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing_mm[::-1])
    return image


def _sample(
    image: sitk.Image,
    shape: NDArray[np.int_],
    spacing_mm: tuple[float, float, float],
    start_mm: tuple[float, float, float],
    how: int,
) -> NDArray[Any]:
    resample = sitk.ResampleImageFilter()
    resample.SetSize([int(n) for n in shape[::-1]])
    resample.SetOutputSpacing(spacing_mm[::-1])
    resample.SetOutputOrigin(start_mm[::-1])
    resample.SetInterpolator(how)
    # The working grid may end up to one voxel short of the scan's last one.
    resample.UseNearestNeighborExtrapolatorOn()
    return sitk.GetArrayFromImage(resample.Execute(image))
