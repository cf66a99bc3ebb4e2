"""Each lung closed over its vessels and over nodules at its border, and its holes filled."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ai.lungs.body import Bools, distance_mm
from ai.scan.labelmap import Labels


def close_lungs(
    sides: Labels, keep_out: Bools, *, radius_mm: float, spacing_mm: tuple[float, float, float]
) -> Labels:
    """Both lungs closed by a ball, holes filled. keep_out: what must never become lung."""
    closed = np.zeros_like(sides)
    for side in (1, 2):
        lung = sides == side
        if not lung.any():
            continue
        grown = _closed(lung, radius_mm, spacing_mm)
        grown &= ~keep_out & (sides != 3 - side)
        free = closed == 0
        closed[(grown & free) | lung] = side
    return closed


def _closed(lung: Bools, radius_mm: float, spacing_mm: tuple[float, float, float]) -> Bools:
    """A lung closed by a ball of that radius, with everything it surrounds."""
    margin = [int(np.ceil(radius_mm / s)) + 2 for s in spacing_mm]
    box = ndimage.find_objects(lung.astype(np.uint8))[0]
    # Slices beyond the scan repeat the last one: a lung cut by the scan's end is not rounded off.
    low = [min(b.start, m) for b, m in zip(box, margin, strict=True)]
    high = [min(n - b.stop, m) for b, m, n in zip(box, margin, lung.shape, strict=True)]
    near = tuple(slice(b.start - a, b.stop + e) for b, a, e in zip(box, low, high, strict=True))
    short = [(m - a, m - e) for m, a, e in zip(margin, low, high, strict=True)]
    room = np.pad(lung[near], short, mode="edge")
    ball = distance_mm(room, spacing_mm) >= -radius_mm
    worn = distance_mm(np.pad(ball, 1, mode="edge"), spacing_mm)[1:-1, 1:-1, 1:-1] > radius_mm
    inner = tuple(slice(a, n - e) for (a, e), n in zip(short, room.shape, strict=True))
    whole = lung.copy()
    whole[near] |= worn[inner]
    whole[near] = ndimage.binary_fill_holes(whole[near])
    return whole
