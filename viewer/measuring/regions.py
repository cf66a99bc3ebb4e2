"""Closed outlines on a plane: which points lie inside, and how large the area is."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def in_ellipse(u: Floats, v: Floats, centre: Floats, one: Floats, other: Floats) -> Bools:
    """Which points lie in the ellipse of two half axes, its edge included; (N,) u, v in mm."""
    lengths = np.linalg.norm(one), np.linalg.norm(other)
    if not min(lengths) > 0:
        return np.zeros(np.shape(u), bool)
    du, dv = u - centre[0], v - centre[1]
    total = np.zeros(np.shape(u))
    for axis, length in zip((one, other), lengths, strict=True):
        total += ((du * axis[0] + dv * axis[1]) / length**2) ** 2
    inside: Bools = total <= 1
    return inside


def ellipse_area_mm2(one: Floats, other: Floats) -> float:
    return math.pi * float(np.linalg.norm(one)) * float(np.linalg.norm(other))


def in_outline(u: Floats, v: Floats, outline: Floats) -> Bools:
    """Which points (N,) lie in a closed outline (M, 2); where it crosses itself, by even and odd.

    Each edge looks only at the points of its own height, so a long outline costs little more than
    a short one.
    """
    order = np.argsort(v, kind="stable")
    us, vs = u[order], v[order]
    inside = np.zeros(len(us), bool)
    ends = np.roll(outline, -1, axis=0)
    lows = np.searchsorted(vs, np.minimum(outline[:, 1], ends[:, 1]), side="right")
    highs = np.searchsorted(vs, np.maximum(outline[:, 1], ends[:, 1]), side="right")
    for start, end, low, high in zip(outline, ends, lows, highs, strict=True):
        if low < high:
            lean = (end[0] - start[0]) / (end[1] - start[1])
            at = start[0] + (vs[low:high] - start[1]) * lean
            inside[low:high] ^= us[low:high] < at
    back = np.empty_like(inside)
    back[order] = inside
    return back


def outline_area_mm2(outline: Floats) -> float:
    """The area that `in_outline` calls inside, exact, also where the outline crosses itself."""
    starts, ends = outline, np.roll(outline, -1, axis=0)
    simple, crossings = _crossings(starts, ends)
    if simple:
        x, y = outline.T
        return abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))) / 2
    # Between two heights where something begins, ends or crosses, every edge is one straight line.
    heights = np.unique(np.concatenate([outline[:, 1], crossings]))
    middles, steps = (heights[1:] + heights[:-1]) / 2, np.diff(heights)
    total = 0.0
    for middle, step in zip(middles, steps, strict=True):
        cut = (starts[:, 1] <= middle) != (ends[:, 1] <= middle)
        lean = (middle - starts[cut, 1]) / (ends[cut, 1] - starts[cut, 1])
        at = np.sort(starts[cut, 0] + lean * (ends[cut, 0] - starts[cut, 0]))
        total += float(step * np.sum(at[1::2] - at[::2]))
    return total


def _crossings(starts: Floats, ends: Floats) -> tuple[bool, Floats]:
    """Whether no edge meets another but its neighbours, and the heights where one crosses."""
    way = ends - starts
    count = len(starts)
    first, second = np.triu_indices(count, 2)
    apart = (first != 0) | (second != count - 1)
    first, second = first[apart], second[apart]
    gap = starts[second] - starts[first]
    one, other = way[first], way[second]
    area = _cross(one, other)
    with np.errstate(divide="ignore", invalid="ignore"):
        along_one, along_other = _cross(gap, other) / area, _cross(gap, one) / area
        met = (along_one >= 0) & (along_one <= 1) & (along_other >= 0) & (along_other <= 1)
    in_line = (area == 0) & (_cross(gap, one) == 0)
    heights = starts[first[met], 1] + along_one[met] * one[met, 1]
    doubled = _cross(way, np.roll(way, -1, axis=0)) == 0
    back = (way * np.roll(way, -1, axis=0)).sum(axis=1) < 0
    simple = not (met.any() or in_line.any() or (doubled & back).any())
    return simple, heights


def _cross(a: Floats, b: Floats) -> Floats:
    """The areas that pairs of vectors (N, 2) span, with their signs."""
    spanned: Floats = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    return spanned
