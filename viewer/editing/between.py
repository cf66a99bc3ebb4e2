"""Slices left out between drawn ones, filled by the shape that leads from one to the next.

Source: Raya and Udupa, IEEE TMI 1990; 9: 32 (interpolation of signed distances), with the two
shapes laid over each other first, so that a slanted structure does not thin out midway.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from viewer.editing.difference import Bools

Floats = NDArray[np.float64]


def gaps(mask: Bools, axis: int) -> tuple[tuple[int, int], ...]:
    """Neighbouring drawn layers along an axis between which layers are empty."""
    others = tuple(n for n in range(3) if n != axis)
    drawn = np.flatnonzero(mask.any(axis=others))
    return tuple((int(a), int(b)) for a, b in pairwise(drawn) if b - a > 1)


def fill_between(mask: Bools, spacing_kji_mm: tuple[float, float, float], *, axis: int) -> Bools:
    """The mask with its gaps along a voxel axis filled; drawn layers stay as they are."""
    filled = mask.copy()
    layers = np.moveaxis(filled, axis, 0)
    steps = [step for n, step in enumerate(spacing_kji_mm) if n != axis]
    for a, b in gaps(mask, axis):
        first, last = layers[a], layers[b]
        box = _around(first | last)
        far_a, far_b = _signed(first[box], steps), _signed(last[box], steps)
        middle_a, middle_b = _middle(first[box]), _middle(last[box])
        for layer in range(a + 1, b):
            share = (layer - a) / (b - a)
            here = (1 - share) * middle_a + share * middle_b
            level = (1 - share) * _moved(far_a, here - middle_a)
            level += share * _moved(far_b, here - middle_b)
            layers[layer][box] = level > 0
    return filled


def _signed(inside: Bools, steps_mm: list[float]) -> Floats:
    """Distance in mm to the edge, positive inside."""
    within = ndimage.distance_transform_edt(inside, sampling=steps_mm)
    beyond = ndimage.distance_transform_edt(~inside, sampling=steps_mm)
    return np.asarray(within - beyond, dtype=np.float64)


def _moved(far: Floats, by: Floats) -> Floats:
    if not np.any(by):
        return far
    return np.asarray(ndimage.shift(far, by, order=1, mode="nearest"), dtype=np.float64)


def _middle(inside: Bools) -> Floats:
    return np.asarray(np.argwhere(inside).mean(axis=0), dtype=np.float64)


def _around(inside: Bools) -> tuple[slice, slice]:
    rows, columns = (np.flatnonzero(inside.any(axis=n)) for n in (1, 0))
    return (
        slice(max(0, int(rows[0]) - 1), int(rows[-1]) + 2),
        slice(max(0, int(columns[0]) - 1), int(columns[-1]) + 2),
    )
