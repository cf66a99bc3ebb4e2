"""Tubes with round ends, painted into a block of HU with edges finer than a voxel."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Block = NDArray[np.float32]
Point = tuple[float, float, float]
MOST_UNEVEN = 0.3
"""No tube is thicker or thinner anywhere than told by more than this share."""


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
    """Centres of the voxels of an axial block in LPS mm, their height, and the width of edges."""

    z: NDArray[np.float32]
    y: NDArray[np.float32]
    x: NDArray[np.float32]
    slice_mm: float
    edge_mm: float


def chain(points: Sequence[tuple[float, float, float, float]], hu: float) -> tuple[Tube, ...]:
    """Tubes that join points (x, y, z, radius) one after the other."""
    return tuple(Tube(a[:3], b[:3], a[3], b[3], hu) for a, b in itertools.pairwise(points))


def paint(block: Block, axes: Axes, tubes: Iterable[Tube], uneven: Block | None = None) -> None:
    """Paint tubes over a block (slices, rows, columns), the later ones on top.

    Edges fade over axes.edge_mm, and what a tube adds in all stays true to its size: one thinner
    than the edge is drawn as wide as the edge and fainter, as a scanner would. uneven: of the
    block's shape, what share the radii are larger (or, negative, smaller) there.
    """
    for tube in tubes:
        _paint_one(block, axes, tube, uneven)


def _span(axis: NDArray[np.float32], low: float, high: float) -> slice:
    return slice(int(np.searchsorted(axis, low)), int(np.searchsorted(axis, high, side="right")))


def drawn(radius_mm: float, edge_mm: float, *, ball: bool) -> tuple[float, float]:
    """The radius to draw and its strength (0 to 1), so that a fading edge keeps the volume.

    A linear edge of width e gives a ball of radius r the volume of r3 + r e2 / 4, a rod the cross-
    section of r2 + e2 / 12; where that is too much even for the smallest, strength makes up for it.
    """
    least = edge_mm / 2
    if ball:
        strength = min(1.0, radius_mm**3 / (2 * least**3))
        radius = radius_mm
        for _ in range(6):
            radius = max(least, max(0.0, radius_mm**3 - radius * edge_mm**2 / 4) ** (1 / 3))
        return radius, strength
    strength = min(1.0, radius_mm**2 / (edge_mm**2 / 3))
    return max(least, max(0.0, radius_mm**2 - edge_mm**2 / 12) ** 0.5), strength


def _paint_one(block: Block, axes: Axes, tube: Tube, uneven: Block | None) -> None:
    edge, half_slice = axes.edge_mm, axes.slice_mm / 2
    ball = tube.start == tube.end
    start_mm, start_strength = drawn(tube.start_mm, edge, ball=ball)
    end_mm, end_strength = drawn(tube.end_mm, edge, ball=ball)
    reach = max(start_mm, end_mm) * (1 if uneven is None else 1 + MOST_UNEVEN) + edge / 2
    box, offsets = [], []
    for axis, a, b, more in zip(
        (axes.z, axes.y, axes.x), tube.start[::-1], tube.end[::-1], (half_slice, 0, 0), strict=True
    ):
        span = _span(axis, min(a, b) - reach - more, max(a, b) + reach + more)
        if span.start >= span.stop:
            return
        box.append(span)
        offsets.append(axis[span] - np.float32(a))
    # slices thicker than the edge are looked at in several heights
    levels = max(1, round(axes.slice_mm / edge * 1.5) if axes.slice_mm > edge else 1)
    steps = ((np.arange(levels) + 0.5) / levels - 0.5) * axes.slice_mm
    dz = (offsets[0][:, None] + steps.astype(np.float32)).reshape(-1, 1, 1)
    dy, dx = offsets[1][:, None], offsets[2]
    far2 = dz * dz + (dy * dy + dx * dx)
    radius: float | Block = start_mm
    if not ball:
        ux, uy, uz = (b - a for a, b in zip(tube.start, tube.end, strict=True))
        length2 = ux * ux + uy * uy + uz * uz
        along = dz * uz + (dy * uy + dx * ux)
        t = np.clip(along / length2, 0, 1)
        far2 -= t * (2 * along - t * length2)
        np.maximum(far2, 0, out=far2)
        radius = start_mm + (end_mm - start_mm) * t
    if uneven is not None:
        radius = radius * (1 + np.repeat(uneven[tuple(box)], levels, axis=0))
    share = np.clip((radius - np.sqrt(far2)) / edge + 0.5, 0, 1)
    if levels > 1:
        share = share.reshape(-1, levels, *share.shape[1:]).mean(axis=1)
    part = block[tuple(box)]
    part += share * ((start_strength + end_strength) / 2) * (tube.hu - part)
