"""The parts of a mask that do not touch: keep the largest, drop small ones, tell them apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from viewer.editing.difference import Bools, Kji, Labels

MOST = 255
"""Parts told apart; more of them is dust, and the smallest count as one."""


def parts(mask: Bools) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """A number for each part from 1, and the voxels of each (entry 0 is what is outside).

    Voxels belong together that share a face, as the growing of nodules has it.
    """
    numbers, _ = ndimage.label(mask)
    return numbers, np.bincount(numbers.ravel())


def largest(mask: Bools) -> Bools:
    """The part with the most voxels alone; an empty mask stays empty."""
    numbers, sizes = parts(mask)
    if len(sizes) < 2:
        return mask.copy()
    return np.asarray(numbers == 1 + int(sizes[1:].argmax()))


def without_small(mask: Bools, *, least_mm3: float, voxel_mm3: float) -> Bools:
    """Without the parts below a volume; the largest stays, whatever it measures."""
    numbers, sizes = parts(mask)
    if len(sizes) < 2:
        return mask.copy()
    stays = sizes * voxel_mm3 >= least_mm3
    stays[0] = False
    stays[1 + int(sizes[1:].argmax())] = True
    return np.asarray(stays[numbers])


def at(mask: Bools, voxel: Kji) -> Bools:
    """The part that holds a voxel; nothing where the voxel is outside the mask."""
    numbers, _ = parts(mask)
    number = int(numbers[voxel])
    return np.asarray(numbers == number) if number else np.zeros_like(mask)


def split(mask: Bools) -> Labels:
    """The parts numbered by size, the largest being 1."""
    numbers, sizes = parts(mask)
    rank = np.zeros(len(sizes), dtype=np.uint8)
    order = 1 + np.argsort(-sizes[1:], kind="stable")
    rank[order] = np.minimum(np.arange(1, len(order) + 1), MOST)
    return np.asarray(rank[numbers])
