"""Thin vessels laid into a block of voxels all at once, each voxel told how full of blood it is.

A vessel thinner than a few voxels is a bundle of lines, and a line is a row of points that each
give their volume to the eight voxels around it: right in amount at any size of voxel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.phantom.tubes import Axes, Block

Floats = NDArray[np.floating[Any]]

STEP_MM = 0.55
RINGS = ((0.0, 0.45), (0.45, 1.0), (1.0, 9.0))
"""Radii from where a vessel is drawn as one line, as seven, and as nineteen."""


@dataclass(frozen=True, eq=False)
class Threads:
    """Points (P, 3) in LPS mm, sorted by height, and the mm3 that each stands for."""

    lps: NDArray[np.float32]
    mm3: NDArray[np.float32]

    def fullness(self, axes: Axes) -> Block:
        """Share of blood (0 to 1) in the voxels of a block (slices, rows, columns)."""
        shape = (len(axes.z), len(axes.y), len(axes.x))
        steps = (axes.slice_mm, float(axes.y[1] - axes.y[0]), float(axes.x[1] - axes.x[0]))
        reach = axes.slice_mm
        first, last = np.searchsorted(self.lps[:, 2], (axes.z[0] - reach, axes.z[-1] + reach))
        own, mm3 = self.lps[first:last], self.mm3[first:last]
        low, share = [], []
        for n, (axis, step) in enumerate(zip((axes.z, axes.y, axes.x), steps, strict=True)):
            at = (own[:, 2 - n] - axis[0]) / np.float32(step) + 1  # a rim of one catches the rest
            at = np.clip(at, 0, shape[n] + 0.999)
            low.append(at.astype(np.int32))
            share.append(at - low[-1])
        block = np.zeros([n + 2 for n in shape], dtype=np.float32)
        if len(own):  # only the box that holds threads is looked at
            first = [int(a.min()) for a in low]
            wide = [int(a.max()) + 2 - f for a, f in zip(low, first, strict=True)]
            cell = ((low[0] - first[0]) * wide[1] + low[1] - first[1]) * wide[2] + low[2] - first[2]
            size = wide[0] * wide[1] * wide[2]
            total = np.zeros(size, dtype=np.float64)
            for corner in np.ndindex(2, 2, 2):
                weight = mm3.copy()
                for n in range(3):
                    weight *= share[n] if corner[n] else 1 - share[n]
                where = cell + (corner[0] * wide[1] + corner[1]) * wide[2] + corner[2]
                total += np.bincount(where, weight, minlength=size)[:size]
            box = tuple(slice(f, f + w) for f, w in zip(first, wide, strict=True))
            block[box] = np.minimum(total / (steps[0] * steps[1] * steps[2]), 1).reshape(wide)
        return block[1:-1, 1:-1, 1:-1]


def spun(start: Floats, bend: Floats, end: Floats, r0: Floats, r1: Floats) -> Threads:
    """Threads along curves: from start towards bend to end (N, 3), radius r0 to r1 (N,), mm."""
    long = np.linalg.norm(bend - start, axis=1) + np.linalg.norm(end - bend, axis=1)
    many = np.maximum(2, np.ceil(long / STEP_MM).astype(int))
    which = np.repeat(np.arange(len(many)), many)
    within = np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many)
    t = ((within + 0.5) / many[which])[:, None]
    a, b, c = start[which], bend[which], end[which]
    place = (1 - t) ** 2 * a + 2 * t * (1 - t) * b + t * t * c
    way = (1 - t) * (b - a) + t * (c - b)
    piece_mm = 2 * np.linalg.norm(way, axis=1) / many[which]
    radius = r0[which] + (r1 - r0)[which] * t[:, 0]
    mm3 = np.pi * radius**2 * piece_mm
    places, amounts = [], []
    for number, (low, high) in enumerate(RINGS):
        own = (radius >= low) & (radius < high)
        offsets = _rosette(number)
        one, two = _across(way[own])
        wide = radius[own][:, None]
        for u, v in offsets:
            places.append(place[own] + wide * (u * one + v * two))
            amounts.append(mm3[own] / len(offsets))
    lps, amount = np.concatenate(places), np.concatenate(amounts)
    order = np.argsort(lps[:, 2], kind="stable")
    return Threads(lps[order].astype(np.float32), amount[order].astype(np.float32))


def _rosette(rings: int) -> Floats:
    """Places over a disc of radius 1 that stand for equal shares of it."""
    points = [(0.0, 0.0)]
    for ring in range(1, rings + 1):
        radius = (0.70, 0.0) if rings == 1 else (0.45, 0.84)
        for turn in np.arange(6 * ring) * (2 * np.pi / (6 * ring)):
            points.append((radius[ring - 1] * np.cos(turn), radius[ring - 1] * np.sin(turn)))
    return np.array(points)


def _across(way: Floats) -> tuple[Floats, Floats]:
    """Two unit vectors across each of several directions."""
    unit = way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    least = np.eye(3)[np.argmin(np.abs(unit), axis=1)] if len(unit) else unit
    one = np.cross(unit, least)
    one /= np.maximum(np.linalg.norm(one, axis=1, keepdims=True), 1e-9)
    return one, np.cross(unit, one)
