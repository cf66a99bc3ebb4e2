"""Painting by density: only voxels whose HU lie in a range, and which range suits a mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.editing.difference import Bools, Cut

LUNG_HU = -860
"""Taken for the lung around a nodule."""
LOWEST_HU, HIGHEST_HU = -1024, 3071
LUNG_RANGE_HU = (LOWEST_HU, -400)
"""Aerated lung and its small vessels; tissue from halfway to muscle on is none."""

Range = tuple[int, int]


class WithinHu:
    """Of a box of the scan, the voxels whose HU lie in a range, both ends included."""

    def __init__(self, hu: NDArray[np.int16], low_hu: int, high_hu: int) -> None:
        self._hu, self._low, self._high = hu, low_hu, high_hu

    def __call__(self, box: Cut) -> Bools:
        part = self._hu[box]
        return np.asarray((part >= self._low) & (part <= self._high))


def range_for(mean_hu: float | None) -> Range:
    """From half contrast between a finding's mean and the lung upwards; of aerated lung for None.

    Half contrast is where the edge of a blurred object lies (and where growing ends, too).
    """
    if mean_hu is None:
        return LUNG_RANGE_HU
    return round((mean_hu + LUNG_HU) / 2), HIGHEST_HU
