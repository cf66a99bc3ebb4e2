"""The figures of a drawing, counted from the stored HU of the scan, never from the screen.

A region counts the voxels whose centres lie inside it: on a plane of the scan's own slices those
of one slice; on a tilted plane, for each row of voxels through the plane, the one nearest to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai.scan.geometry import Geometry
from ai.scan.volume import Volume
from viewer.measuring import regions
from viewer.measuring.flat import (
    angle_deg,
    depth_mm,
    distance_mm,
    edge,
    ellipse_axes,
    flat,
    plane_of,
)
from viewer.measuring.shapes import Figures, Kind, Measured, Shape
from viewer.views.planes import Plane, stack_of

Floats = NDArray[np.float64]


def measure(shape: Shape, volume: Volume | None) -> Measured:
    """The shape with all figures of its kind; without HU figures where volume is None."""
    return Measured(shape, figures_of(shape, volume))


def figures_of(shape: Shape, volume: Volume | None) -> Figures:
    """All figures of the shape's kind; volume: the scan it was drawn on, None while it loads."""
    points = flat(shape)
    match shape.kind:
        case Kind.LENGTH:
            return Figures(length_mm=distance_mm(points[0], points[1]))
        case Kind.BIDIRECTIONAL:
            short, long = sorted(
                (distance_mm(points[0], points[1]), distance_mm(points[2], points[3]))
            )
            return Figures(long_mm=long, short_mm=short)
        case Kind.ANGLE:
            return Figures(angle_deg=angle_deg(points))
        case Kind.ELLIPSE | Kind.FREEHAND:
            return _region(shape, points, volume)
        case Kind.PROBE:
            hu = None if volume is None else volume.hu_at(shape.points_lps[0])
            return Figures() if hu is None else Figures(mean_hu=float(hu), voxels=1)
    return Figures()


def _region(shape: Shape, points: Floats, volume: Volume | None) -> Figures:
    ellipse = shape.kind is Kind.ELLIPSE
    if ellipse:
        centre, one, other = ellipse_axes(points)
        area = regions.ellipse_area_mm2(one, other)
    else:
        area = regions.outline_area_mm2(points)
    if volume is None:
        return Figures(area_mm2=area)
    line = edge(shape)[0]
    sheet = sheet_of(
        volume.geometry,
        plane_of(shape.normal_lps),
        depth_mm(shape),
        line.min(axis=0),
        line.max(axis=0),
    )
    if ellipse:
        inside = regions.in_ellipse(sheet.u_mm, sheet.v_mm, centre, one, other)
    else:
        inside = regions.in_outline(sheet.u_mm, sheet.v_mm, points)
    hu = volume.hu[tuple(sheet.kji[:, inside])].astype(np.float64)
    if not len(hu):
        return Figures(area_mm2=area, voxels=0)
    return Figures(
        area_mm2=area,
        voxels=len(hu),
        mean_hu=float(hu.mean()),
        sd_hu=float(hu.std(ddof=1)) if len(hu) > 1 else None,
        min_hu=float(hu.min()),
        max_hu=float(hu.max()),
        median_hu=float(np.median(hu)),
    )


@dataclass(frozen=True, eq=False)
class Sheet:
    """Voxels nearest to a part of a plane. kji: (3, N). u_mm, v_mm: (N,) of their centres on it."""

    kji: NDArray[np.intp]
    u_mm: Floats
    v_mm: Floats


def sheet_of(geometry: Geometry, plane: Plane, depth: float, low: Floats, high: Floats) -> Sheet:
    """One voxel for each row of voxels that pierces the plane, no further off than half a slice.

    depth: mm along the normal. low, high: (2,) mm right and down, the part that is wanted; the
    sheet reaches a little beyond it.
    """
    affine, axis = geometry.affine, stack_of(geometry, plane).axis
    half = max(geometry.spacing_kji_mm)
    corners = [
        (u, v, w)
        for u in (low[0] - half, high[0] + half)
        for v in (low[1] - half, high[1] + half)
        for w in (depth - half, depth + half)
    ]
    index = geometry.index_of(plane.lps(corners))
    first = np.maximum(np.floor(index.min(axis=0)), 0).astype(int)
    last = np.minimum(np.ceil(index.max(axis=0)), np.array(geometry.shape_kji) - 1).astype(int)
    others = [other for other in range(3) if other != axis]
    a, b = (
        grid.ravel()
        for grid in np.meshgrid(
            *(np.arange(first[other], last[other] + 1) for other in others), indexing="ij"
        )
    )
    # (right, down, onward) of a voxel is linear in its index: solve onward = depth for the axis.
    along = plane.axes @ affine[:3, :3]
    origin = plane.axes @ affine[:3, 3]
    ones, twos = along[:, others[0]], along[:, others[1]]
    place = (depth - origin[2] - ones[2] * a - twos[2] * b) / along[2, axis]
    nearest = np.floor(place + 0.5).astype(np.intp)
    there = (nearest >= 0) & (nearest < geometry.shape_kji[axis])
    a, b, nearest = a[there], b[there], nearest[there]
    kji = np.empty((3, len(a)), np.intp)
    kji[axis], kji[others[0]], kji[others[1]] = nearest, a, b
    u, v = (origin[n] + along[n, axis] * nearest + ones[n] * a + twos[n] * b for n in range(2))
    return Sheet(kji, u, v)
