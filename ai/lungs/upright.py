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


def stand_up(volume: Volume, *, spacing_mm: tuple[float, float, float]) -> Upright:
    """The scan upright on a grid of that spacing, averaged first so that noise does not alias."""
    turn = turn_of(volume.geometry)
    own = turn.upright(volume.hu)
    own_spacing = volume.geometry.spacing_kji_mm
    turned_spacing = (
        own_spacing[turn.order[0]],
        own_spacing[turn.order[1]],
        own_spacing[turn.order[2]],
    )
    image = _image(np.maximum(own, PADDING_HU), turned_spacing)
    shrink = [
        max(1, int(want / have)) for want, have in zip(spacing_mm, turned_spacing, strict=True)
    ]
    if max(shrink) > 1:
        image = sitk.BinShrink(image, shrink[::-1])
    extent = (np.array(own.shape) - 1) * turned_spacing
    shape = np.maximum(1, np.floor(extent / spacing_mm + 1e-6).astype(int) + 1)
    small = _sample(
        sitk.Cast(image, sitk.sitkFloat32), shape, spacing_mm, (0.0, 0.0, 0.0), sitk.sitkLinear
    )
    return Upright(small, spacing_mm, own, turned_spacing, turn)


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
