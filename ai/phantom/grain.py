"""Uneven tissue: random textures in space, the same on every grid, read a slice at a time."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Floats = NDArray[np.floating[Any]]

HALF_MM, HEIGHT_MM = 200.0, 310.0


class Grain:
    """A random field with mean 0 and spread 1, whose lumps are about size_mm wide."""

    def __init__(self, seed: int, number: int, size_mm: float) -> None:
        self._step = max(1.6, size_mm / 2)
        wide, tall = int(2 * HALF_MM / self._step) + 2, int(HEIGHT_MM / self._step) + 3
        rng = np.random.default_rng([seed, 23, number])
        made = rng.standard_normal((tall, wide, wide), dtype=np.float32)
        gaussian_filter(made, size_mm / 2 / self._step, output=made, truncate=3.0)
        self._field = made / made.std()

    def on_slice(self, y: Floats, x: Floats, z_mm: float) -> NDArray[np.float32]:
        """The field at the pixels of an axial slice (rows, columns)."""
        at = np.clip(z_mm / self._step + 1, 0, len(self._field) - 1.001)
        low = int(at)
        sheet = self._field[low] + np.float32(at - low) * (self._field[low + 1] - self._field[low])
        for axis in (y, x):  # rows between rows, then columns as rows
            along = np.clip((axis + HALF_MM) / self._step, 0, len(sheet) - 1.001)
            first = along.astype(np.intp)
            share = (along - first).astype(np.float32)[:, None]
            made = sheet[first]
            made += share * (sheet[first + 1] - made)
            sheet = np.ascontiguousarray(made.T)
        return sheet


@lru_cache(maxsize=3)
def grain(seed: int, number: int, size_mm: float) -> Grain:
    """The field of a seed and number, kept while a phantom is made again in another guise."""
    return Grain(seed, number, size_mm)
