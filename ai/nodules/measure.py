"""Diameters, volume, density and type of one masked nodule.

Lengths end where the scan crosses half contrast between two pixels, not at pixel centres (too
short) or corners (too long). Plain numpy: the window's process measures what a reader adds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ai.nodules.rules import TypeRule, type_rule
from ai.scan.finding import GROUND_GLASS, PART_SOLID, SOLID, UNKNOWN_TYPE, BoxMask, Measurement
from ai.scan.geometry import Geometry
from ai.scan.volume import Volume

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FEWEST_CORE_VOXELS = 12
"""With fewer voxels away from the edge, the type is read from the brighter half of them all."""

LEAST_GLASS_HU = -750.0
"""Lung that holds air lies around -850 HU; what is called ground glass is denser than this."""


@dataclass(frozen=True)
class Axes:
    """Longest axis of an outline and the longest one perpendicular to it, in mm."""

    long_mm: float
    short_mm: float


def measure(volume: Volume, mask: BoxMask, *, rule: TypeRule | None = None) -> Measurement:
    """The figures of one mask on its own scan, read from the stored HU.

    mask: on the volume's grid, any spacing or tilt, at least one voxel.
    rule: HU limits between the types; the nodule card's where none is given.
    Raises ValueError for an empty mask.
    """
    if not mask.voxels.any():
        raise ValueError("an empty mask has no measurement")
    rule = rule or type_rule()
    voxels, hu = _with_rim(volume, mask)
    inside_hu = hu[voxels]
    axes = _largest_axes(volume.geometry, voxels, hu)
    p10_hu, p90_hu = np.percentile(_core_hu(voxels, hu), (10, 90))
    return Measurement(
        long_mm=axes.long_mm,
        short_mm=axes.short_mm,
        mean_diameter_mm=(axes.long_mm + axes.short_mm) / 2,
        volume_mm3=inside_hu.size * volume.geometry.voxel_mm3,
        mean_hu=float(inside_hu.mean()),
        p10_hu=float(p10_hu),
        p90_hu=float(p90_hu),
        type=type_of(float(p10_hu), float(p90_hu), rule=rule),
    )


def type_of(p10_hu: float, p90_hu: float, *, rule: TypeRule) -> str:
    """Solid, part-solid or ground glass, from the dark and the bright end of the core's HU."""
    if p90_hu < rule.solid_p90_hu:
        return GROUND_GLASS
    return SOLID if p10_hu >= rule.solid_p10_hu else PART_SOLID


def claimed(figures: Measurement) -> Measurement:
    """The figures of what a hand marked, without a type where it marked air: a detector finds only
    what is denser than lung, a hand may point anywhere."""
    if figures.type == GROUND_GLASS and figures.mean_hu < LEAST_GLASS_HU:
        return replace(figures, type=UNKNOWN_TYPE)
    return figures


def _with_rim(volume: Volume, mask: BoxMask) -> tuple[Bools, Floats]:
    """The mask and its HU with one more voxel on each side; HU repeats where the scan ends."""
    index = [
        np.clip(np.arange(start - 1, start + n + 1), 0, size - 1)
        for start, n, size in zip(
            mask.start_kji, mask.voxels.shape, volume.geometry.shape_kji, strict=True
        )
    ]
    return np.pad(mask.voxels, 1), volume.hu[np.ix_(*index)].astype(np.float64)


def _core_hu(voxels: Bools, hu: Floats) -> Floats:
    """HU away from the edge within each slice, where half-filled voxels would look like glass.

    Edges between slices stay: with thick slices a small nodule would have no core at all.
    """
    core = voxels.copy()
    for axis in (1, 2):
        for shift in (1, -1):
            core &= np.roll(voxels, shift, axis)
    if core.sum() >= FEWEST_CORE_VOXELS:
        return hu[core]
    values = np.sort(hu[voxels])
    return values[values.size // 2 :]


def _largest_axes(geometry: Geometry, voxels: Bools, hu: Floats) -> Axes:
    """The axes on the slice where the longest one is longest."""
    # an orthonormal frame of the slice plane, so that lengths are true on any grid
    plane = np.linalg.qr(geometry.affine[:3, 1:3])[1]
    pairs = [_edge_pairs(voxels[k], hu[k]) for k in range(voxels.shape[0]) if voxels[k].any()]
    half_hu = float(np.median(np.concatenate([(p[2] + p[3]) / 2 for p in pairs])))
    return max(
        (_axes(_crossings(*p, half_hu) @ plane.T) for p in pairs), key=lambda axes: axes.long_mm
    )


def _edge_pairs(inside: Bools, hu: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Neighbours of which one is inside: position, step outwards, HU inside and outside."""
    where, steps, inner, outer = [], [], [], []
    for dj, di in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        edge = inside & ~np.roll(inside, (-dj, -di), (0, 1))
        where.append(np.argwhere(edge))
        steps.append(np.full((len(where[-1]), 2), (dj, di)))
        inner.append(hu[edge])
        outer.append(np.roll(hu, (-dj, -di), (0, 1))[edge])
    return (
        np.concatenate(where).astype(np.float64),
        np.concatenate(steps).astype(np.float64),
        np.concatenate(inner),
        np.concatenate(outer),
    )


def _crossings(
    where: Floats, steps: Floats, inner_hu: Floats, outer_hu: Floats, half_hu: float
) -> Floats:
    """Where the outline runs between each pair (row, column): at half contrast, else midway.

    Midway serves where the mask does not end at an edge of the scan: at a wall, on a drawn mask.
    """
    crosses = (inner_hu > half_hu) & (outer_hu < half_hu)
    fall = np.where(crosses, inner_hu - outer_hu, 1.0)
    share = np.where(crosses, (inner_hu - half_hu) / fall, 0.5)
    return where + steps * share[:, None]


def _axes(points_mm: Floats) -> Axes:
    """Longest axis and longest perpendicular chord of the convex hull of points in a plane."""
    hull = _hull(points_mm)
    gaps = hull[:, None] - hull[None]
    square = (gaps**2).sum(-1)
    first, second = np.unravel_index(int(square.argmax()), square.shape)
    long_mm = float(np.sqrt(square[first, second]))
    along = (hull[second] - hull[first]) / long_mm
    u, v = hull @ along, hull @ np.array([-along[1], along[0]])
    start, end = sorted((int(first), int(second)))
    # the two ends part the hull into an upper and a lower chain; the chord between them is
    # piecewise linear, so it is longest above one of the corners
    chains = [np.arange(start, end + 1), np.r_[np.arange(end, len(hull)), np.arange(start + 1)]]
    heights = []
    for chain in chains:
        order = chain[np.argsort(u[chain], kind="stable")]
        heights.append(np.interp(u, u[order], v[order]))
    return Axes(long_mm, float(np.abs(heights[0] - heights[1]).max()))


def _hull(points: Floats) -> Floats:
    """Convex hull, in order around it (Andrew's monotone chain)."""
    ordered = np.unique(points, axis=0)
    chains = [_half_hull(ordered.tolist()), _half_hull(ordered[::-1].tolist())]
    return np.array(chains[0][:-1] + chains[1][:-1])


def _half_hull(points: list[list[float]]) -> list[list[float]]:
    chain: list[list[float]] = []
    for x, y in points:
        while len(chain) > 1:
            (ax, ay), (bx, by) = chain[-2], chain[-1]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            chain.pop()
        chain.append([x, y])
    return chain
