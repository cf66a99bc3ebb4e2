"""Fields of one grid on another along the same axes: blended axis by axis, slice by slice.

Linear within a grid; beyond its last plane a field goes on as it is. Written so that a GPU can do
the same sums in the same order (ai/lungs/held.py, pen.py) and comes to the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]
Box = tuple[slice, slice, slice]
Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Places:
    """Where planes of one grid lie between those of another, along an axis.

    low, high: the two planes beside each. share: of the higher one. nearest: the nearer one.
    """

    low: Indices
    high: Indices
    share: Floats32
    nearest: Indices

    @classmethod
    def of(cls, at: NDArray[np.floating[Any]], count: int) -> Places:
        """at: positions in voxels of the other grid, which has so many planes."""
        inside = np.clip(at, 0, count - 1)
        low = np.floor(inside).astype(np.intp)
        nearest = np.clip(np.floor(at + 0.5).astype(np.intp), 0, count - 1)
        share = (inside - low).astype(np.float32)
        return cls(low, np.minimum(low + 1, count - 1), share, nearest)

    def cut(self) -> tuple[slice, Places]:
        """The planes that are needed at all, and the places among those alone."""
        first, last = int(self.low.min()), int(self.high.max())
        moved = Places(self.low - first, self.high - first, self.share, self.nearest - first)
        return slice(first, last + 1), moved


Places3 = tuple[Places, Places, Places]
"""Along z, y and x."""


def blended(field: Floats32, places: Places, axis: int) -> Floats32:
    """A field on other planes along one axis."""
    low = field.take(places.low, axis)
    high = field.take(places.high, axis)
    high -= low
    high *= places.share.reshape([-1 if n == axis else 1 for n in range(field.ndim)])
    high += low
    return high


def by_slice(fields: Floats32, places: Places3) -> Iterator[Floats32]:
    """Fields (N, z, y, x), one (N, rows, columns) after the other; each overwrites the one before.

    Columns and rows come first: they are many, and the slices between two
    planes share them; slices come last, whole planes at a time.
    """
    (z, z_places), (y, y_places), (x, x_places) = (one.cut() for one in places)
    planes = blended(blended(fields[:, z, y, x], x_places, 3), y_places, 2)
    made = np.empty((planes.shape[0], *planes.shape[2:]), dtype=np.float32)
    for low, high, share in zip(z_places.low, z_places.high, z_places.share, strict=True):
        np.subtract(planes[:, high], planes[:, low], out=made)
        made *= share
        made += planes[:, low]
        yield made


def nearest_of(array: NDArray[Any], places: Places3) -> NDArray[Any]:
    """An array (z, y, x) on other planes along all axes, the nearest voxel each."""
    for axis in (0, 1, 2):
        array = array.take(places[axis].nearest, axis)
    return array
