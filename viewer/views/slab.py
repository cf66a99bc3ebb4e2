"""Thick slices: the brightest, the darkest or the mean of so many millimetres along the normal."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

OFF: Final = ""
MIP: Final = "mip"
MINIP: Final = "minip"
AVERAGE: Final = "average"
MODES: Final = (OFF, MIP, MINIP, AVERAGE)
"""In the order of the key."""

THINNEST_MM, THICKEST_MM = 1.0, 50.0
STEPS_MM = (*range(1, 10), *range(10, 20, 2), *range(20, 51, 5))
"""Thicknesses that the wheel stops at."""

NEARLY = 1e-6


@dataclass(frozen=True)
class Slab:
    """mode: one of MODES. thickness_mm: along the normal of the plane, half on either side."""

    mode: str = OFF
    thickness_mm: float = 8.0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"a slab is one of {MODES}, not {self.mode!r}")
        if not THINNEST_MM <= self.thickness_mm <= THICKEST_MM:
            raise ValueError(f"a slab is {THINNEST_MM:g} to {THICKEST_MM:g} mm thick")

    @property
    def on(self) -> bool:
        return self.mode != OFF

    def next_mode(self) -> Slab:
        """Off, MIP, MinIP, average, off; the thickness stays."""
        return replace(self, mode=MODES[(MODES.index(self.mode) + 1) % len(MODES)])

    def thicker(self, steps: int) -> Slab:
        """So many stops thicker, or thinner where negative."""
        above = [n for n, mm in enumerate(STEPS_MM) if mm >= self.thickness_mm - NEARLY]
        at = min(max(above[0] + steps, 0), len(STEPS_MM) - 1)
        return replace(self, thickness_mm=float(STEPS_MM[at]))


NO_SLAB: Final = Slab()


def project(
    voxels: NDArray[Any], axis: int, middle: float, half: float, mode: str
) -> NDArray[np.int16]:
    """One picture of voxels along an axis, exact for values that run straight between slices.

    voxels: (K, J, I). middle, half: in slices along the axis, fractions allowed; the part outside
    the voxels does not count. Returns the two other axes, int16. Where the slab ends between two
    slices, the value there is their mixture; the mean weighs each slice by its share.
    """
    last = voxels.shape[axis] - 1
    low, high = (min(max(middle + way * half, 0.0), float(last)) for way in (-1, 1))
    first, final = math.ceil(low - NEARLY), math.floor(high + NEARLY)
    if mode == AVERAGE:
        return _mean(voxels, axis, low, high, first, final)
    pick = np.maximum if mode == MIP else np.minimum
    parts = [_between(voxels, axis, end) for end in {low, high} if not _whole(end)]
    if first <= final:
        inside = voxels[(slice(None),) * axis + (slice(first, final + 1),)]
        parts.append(pick.reduce(inside, axis=axis))
    found = parts[0]
    for part in parts[1:]:
        found = pick(found, part)
    return np.ascontiguousarray(found, dtype=np.int16)


def span(middle: float, half: float, count: int) -> tuple[int, int]:
    """The first and last of `count` slices that have a part in a slab."""
    low, high = (min(max(middle + way * half, 0.0), float(count - 1)) for way in (-1, 1))
    return math.floor(low + NEARLY), math.ceil(high - NEARLY)


def _whole(place: float) -> bool:
    return abs(place - round(place)) < NEARLY


def _slice(voxels: NDArray[Any], axis: int, n: int) -> NDArray[Any]:
    picked: NDArray[Any] = voxels[(slice(None),) * axis + (n,)]
    return picked


def _between(voxels: NDArray[Any], axis: int, place: float) -> NDArray[np.int16]:
    """The mixture of the two slices beside a place."""
    below = math.floor(place)
    part = np.float32(place - below)
    low = _slice(voxels, axis, below).astype(np.float32)
    low += part * (_slice(voxels, axis, below + 1) - low)
    return np.rint(low).astype(np.int16)


def _mean(
    voxels: NDArray[Any], axis: int, low: float, high: float, first: int, final: int
) -> NDArray[np.int16]:
    """The integral over the slab by its length, straight lines between the slices."""
    long = high - low
    if long < NEARLY:
        return _between(voxels, axis, low) if not _whole(low) else _slice(voxels, axis, round(low))
    weights = _weights(low, high)
    whole = [n for n in range(first, final + 1) if abs(weights.get(n, 0.0) - 1.0) < NEARLY]
    total = np.zeros(_slice(voxels, axis, first if first <= final else final).shape, np.float32)
    if whole:
        inside = voxels[(slice(None),) * axis + (slice(whole[0], whole[-1] + 1),)]
        total += inside.sum(axis=axis, dtype=np.int32)
    for n, weight in weights.items():
        if n not in whole:
            total += np.float32(weight) * _slice(voxels, axis, n)
    return np.rint(total / np.float32(long)).astype(np.int16)


def _weights(low: float, high: float) -> dict[int, float]:
    """How much each slice counts in an integral from low to high, in slices."""
    weights: dict[int, float] = {}
    for n in range(math.floor(low + NEARLY), math.ceil(high - NEARLY)):
        a, b = max(low, n) - n, min(high, n + 1) - n
        share = (b * b - a * a) / 2  # of the upper of the two slices
        weights[n] = weights.get(n, 0.0) + (b - a) - share
        weights[n + 1] = weights.get(n + 1, 0.0) + share
    return weights
