"""The heart beats while a slice is taken: its left edge and what lies beside it are seen twice."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from ai.phantom.anatomy import Image
from ai.phantom.warp import Warp

Floats = NDArray[np.floating[Any]]
Shift = tuple[tuple[slice, slice], Image, Image]
"""A box of a slice, and how many rows and columns what is seen there has moved."""

MIDDLE = (46.0, -24.0, 118.0)
"""Of the left ventricle, in the drawing."""
EDGE_MM, FADE_MM, FELT_MM = 36.0, 12.0, 74.0
"""How far from its middle it ends; over what way its beat fades from there, and to where."""
MOST_MM, PHASE_MM, LOW_Z, HIGH_Z = (1.0, 5.0), 17.0, -34.0, 40.0
"""How far hearts move; slices taken at the same moment of the beat come back after so many mm; and
how far below and above the middle it is felt."""


class Beat:
    """How one heart moves in the scan, by the dice of a seed."""

    def __init__(self, seed: int, warp: Warp) -> None:
        rng = np.random.default_rng([seed, 52])
        self._most_mm = float(rng.uniform(*MOST_MM))
        self._phase = float(rng.uniform(0, PHASE_MM))
        self._middle = warp.shown(np.array([MIDDLE]))[0]

    def strong_mm(self, z_mm: float) -> float:
        """Motion at a height of the scan."""
        off = z_mm - float(self._middle[2])
        if not LOW_Z < off < HIGH_Z:
            return 0.0
        ends = min(1.0, (off - LOW_Z) / 12, (HIGH_Z - off) / 18)
        return (
            self._most_mm
            * ends
            * (0.2 + 0.8 * np.sin(np.pi * (z_mm + self._phase) / PHASE_MM) ** 2)
        )

    def shift(self, y: Floats, x: Floats, z_mm: float, under_ribs: Image) -> Shift | None:
        """What moves in a slice, None where little does. under_ribs: mm, of (rows, columns)."""
        strong = self.strong_mm(z_mm)
        if strong < 0.3:
            return None
        pixel_mm = float(x[1] - x[0])
        j = np.searchsorted(y, self._middle[1] + np.array((-FELT_MM, FELT_MM)))
        i = np.searchsorted(x, self._middle[0] + np.array((-20.0, FELT_MM)))
        box = (slice(int(j[0]), int(j[1])), slice(int(i[0]), int(i[1])))
        down = (y[box[0]] - self._middle[1])[:, None].astype(np.float32)
        across = (x[box[1]] - self._middle[0])[None, :].astype(np.float32)
        far = np.hypot(down, across)
        move = (
            strong * np.clip(far / EDGE_MM, 0, 1) * np.exp(-np.maximum(far - EDGE_MM, 0) / FADE_MM)
        )
        # the left wall moves most; ribs and what lies to the right keep still
        move *= np.clip(0.6 + across / np.maximum(far, 1), 0, 1)
        move *= np.clip((under_ribs[box] - 7) / 9, 0, 1)
        move /= pixel_mm * np.maximum(far, 1)
        return box, move * down, move * across


def seen_twice(image: Image, shift: Shift) -> None:
    """Lay half of what is seen where its beat takes it, in place. image: (rows, columns)."""
    box, down, across = shift
    part = image[box]
    rows, columns = np.indices(part.shape, dtype=np.float32)
    moved = map_coordinates(part, (rows - down, columns - across), order=1, mode="nearest")
    part += 0.5 * (moved - part)
