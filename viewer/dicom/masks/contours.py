"""Closed contours of one slice into pixels: a pixel is in when its centre is, by even-odd rule."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Plane = NDArray[np.bool_]


def filled(contours: Iterable[Points], shape: tuple[int, int]) -> Plane:
    """Pixels (rows x columns, bool) whose centres lie inside an odd number of the contours.

    contours: (N, 2) row and column of corners, pixel centres being whole numbers; each is closed
    from its last corner to its first. What lies outside the plane is cut off.
    """
    rows, columns = shape
    crossings = np.zeros((rows, columns + 1), np.int32)
    for corners in contours:
        row, column = _crossed(corners, rows)
        # The first pixel whose centre is right of the edge: from there on, in turns to out.
        first = np.clip(np.ceil(column), 0, columns).astype(np.intp)
        np.add.at(crossings, (row, first), 1)
    inside: Plane = np.cumsum(crossings, axis=1)[:, :columns] % 2 == 1
    return inside


def _crossed(corners: Points, rows: int) -> tuple[NDArray[np.intp], Points]:
    """Where edges cross rows of pixel centres: the row, and the column (fraction) there.

    An edge holds its upper end and not its lower one, so that a corner is never counted twice.
    """
    here, there = corners, np.roll(corners, -1, axis=0)
    top, bottom = np.minimum(here[:, 0], there[:, 0]), np.maximum(here[:, 0], there[:, 0])
    first = np.clip(np.ceil(top), 0, rows).astype(np.intp)
    past = np.clip(np.ceil(bottom), 0, rows).astype(np.intp)
    count = past - first
    edge = np.repeat(np.arange(len(corners)), count)
    begun = np.repeat(np.cumsum(count) - count, count)
    row = np.repeat(first, count) + np.arange(len(edge)) - begun
    a, b = here[edge], there[edge]
    share = (row - a[:, 0]) / (b[:, 0] - a[:, 0])
    return row, a[:, 1] + share * (b[:, 1] - a[:, 1])


def without_repeats(contours: Iterable[Points]) -> list[Points]:
    """Each contour once: some planning systems store one twice, also from another corner on.

    Even-odd would empty what is drawn twice.
    """
    seen: dict[bytes, Points] = {}
    for corners in contours:
        rounded = np.round(corners, 3) + 0.0  # no minus zero
        order = np.lexsort(rounded.T)
        seen.setdefault(rounded[order].tobytes(), corners)
    return list(seen.values())
