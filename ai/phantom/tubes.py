"""Tubes with round ends, painted into a block of HU with edges finer than a voxel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.float32]
Point = tuple[float, float, float]


@dataclass(frozen=True)
class Tube:
    """A cone with round ends: two points (LPS mm), the radius at each (mm), and its HU."""

    start: Point
    end: Point
    start_mm: float
    end_mm: float
    hu: float

    @property
    def thickest_mm(self) -> float:
        return max(self.start_mm, self.end_mm)

    def widened(self, margin_mm: float, hu: float) -> Tube:
        """The same path, thicker by a margin (negative: thinner), of another HU."""
        return Tube(self.start, self.end, self.start_mm + margin_mm, self.end_mm + margin_mm, hu)


@dataclass(frozen=True, eq=False)
class Axes:
    """Centres of the voxels of an axial block in LPS mm, and the width over which edges fade."""

    z: NDArray[np.float32]
    y: NDArray[np.float32]
    x: NDArray[np.float32]
    edge_mm: float


def chain(points: Sequence[tuple[float, float, float, float]], hu: float) -> tuple[Tube, ...]:
    """Tubes that join points (x, y, z, radius) one after the other."""
    return tuple(
        Tube(a[:3], b[:3], a[3], b[3], hu) for a, b in zip(points[:-1], points[1:], strict=True)
    )


def paint(block: Block, axes: Axes, tubes: Iterable[Tube]) -> None:
    """Paint tubes over a block (slices, rows, columns), the later ones on top.

    A tube thinner than the edge keeps its cross-section: it is drawn wider and fainter, as a
    scanner would.
    """
    for tube in tubes:
        _paint_one(block, axes, tube)


def _span(axis: NDArray[np.float32], low: float, high: float) -> slice:
    return slice(int(np.searchsorted(axis, low)), int(np.searchsorted(axis, high, side="right")))


def _paint_one(block: Block, axes: Axes, tube: Tube) -> None:
    edge = axes.edge_mm
    start_mm, end_mm = max(tube.start_mm, edge / 2), max(tube.end_mm, edge / 2)
    reach = max(start_mm, end_mm) + edge / 2
    box, offsets = [], []
    for axis, a, b in zip((axes.z, axes.y, axes.x), tube.start[::-1], tube.end[::-1], strict=True):
        span = _span(axis, min(a, b) - reach, max(a, b) + reach)
        if span.start >= span.stop:
            return
        box.append(span)
        offsets.append(axis[span] - np.float32(a))
    dz, dy, dx = offsets[0][:, None, None], offsets[1][:, None], offsets[2]
    ux, uy, uz = (np.float32(b - a) for a, b in zip(tube.start, tube.end, strict=True))
    length2 = np.float32(ux * ux + uy * uy + uz * uz)
    far2 = dz * dz + (dy * dy + dx * dx)
    narrowing = np.float32(0)
    if length2 > 1e-6:
        along = dz * uz + (dy * uy + dx * ux)
        t = np.clip(along / length2, 0, 1)
        far2 -= t * (2 * along - t * length2)
        narrowing = np.float32(end_mm - start_mm) * t
    np.maximum(far2, 0, out=far2)
    np.sqrt(far2, out=far2)
    share = np.clip((start_mm + narrowing - far2) / np.float32(edge) + np.float32(0.5), 0, 1)
    if min(tube.start_mm, tube.end_mm) < edge / 2:
        mean = (tube.start_mm + tube.end_mm) / (start_mm + end_mm)
        share *= np.float32(mean * mean)
    part = block[tuple(box)]
    part += share * (np.float32(tube.hu) - part)
