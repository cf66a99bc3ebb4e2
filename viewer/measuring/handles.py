"""The points by which a finished drawing is changed, and what it becomes when one is moved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from viewer.measuring.flat import ellipse_axes, flat, lps_at, onto_plane, plane_of
from viewer.measuring.shapes import Kind, Lps, Shape

Floats = NDArray[np.float64]

OUTLINE_HANDLES = 8
"""A freehand outline of more points than twice this is pulled by so many of them."""


def handles(shape: Shape) -> tuple[Lps, ...]:
    """LPS mm of every handle."""
    return tuple(shape.points_lps[n] for n in _grips(shape))


def moved(shape: Shape, handle: int, to_lps: Lps) -> Shape:
    """The shape after one handle was taken to a point; it stays on its plane."""
    to = plane_of(shape.normal_lps).along(onto_plane(shape, to_lps))[:2]
    points = flat(shape)
    match shape.kind:
        case Kind.BIDIRECTIONAL:
            fresh = _bidirectional(points, handle, to)
        case Kind.ELLIPSE:
            fresh = _ellipse(points, handle, to)
        case Kind.FREEHAND:
            fresh = _pulled(points, _grips(shape), handle, to)
        case _:
            fresh = points.copy()
            fresh[handle] = to
    return _with(shape, fresh)


def shifted(shape: Shape, by_lps: Lps) -> Shape:
    """The whole shape moved along its plane."""
    plane = plane_of(shape.normal_lps)
    return _with(shape, flat(shape) + plane.along(by_lps)[:2])


def short_axis(long: Floats, first: Floats, second: Floats) -> Floats:
    """(2, 2) ends of a short axis: through where `first` drops on the long one, square to it.

    long: (2, 2). Each end lies as far from the long axis as its point does, on the point's side.
    """
    along, across = _ways(long)
    length = float(np.linalg.norm(long[1] - long[0]))
    at = long[0] + along * float(np.clip((first - long[0]) @ along, 0, length))
    return np.array([at + across * float((end - long[0]) @ across) for end in (first, second)])


def _with(shape: Shape, points: Floats) -> Shape:
    return shape.with_points(tuple(lps_at(shape, point) for point in points))


def _grips(shape: Shape) -> tuple[int, ...]:
    """Which points are handles."""
    count = len(shape.points_lps)
    if shape.kind is not Kind.FREEHAND or count <= 2 * OUTLINE_HANDLES:
        return tuple(range(count))
    ends = np.concatenate([[0.0], np.cumsum(_steps(flat(shape)))])
    wanted = ends[-1] * np.arange(OUTLINE_HANDLES) / OUTLINE_HANDLES
    nearest = np.abs(ends[:-1] - wanted[:, None]).argmin(axis=1)
    return tuple(sorted({int(n) for n in nearest}))


def _steps(points: Floats) -> Floats:
    """How far it is from each point of a closed outline to the next."""
    steps: Floats = np.linalg.norm(np.roll(points, -1, axis=0) - points, axis=1)
    return steps


def _ways(line: Floats) -> tuple[Floats, Floats]:
    """Unit vectors along a line and square to it."""
    way = line[1] - line[0]
    length = float(np.linalg.norm(way))
    along = way / length if length else np.array((1.0, 0.0))
    return along, np.array((-along[1], along[0]))


def _bidirectional(points: Floats, handle: int, to: Floats) -> Floats:
    """A long end takes the short axis with it; a short one slides along the long axis."""
    long, short = points[:2], points[2:]
    if handle >= 2:
        other = short[3 - handle]
        fresh = short_axis(long, to, other)
        return np.concatenate([long, fresh if handle == 2 else fresh[::-1]])
    along, across = _ways(long)
    length = max(float(np.linalg.norm(long[1] - long[0])), 1e-9)
    share = float((short[0] - long[0]) @ along) / length
    reach = (short - long[0]) @ across
    fresh_long = long.copy()
    fresh_long[handle] = to
    at = fresh_long[0] + share * (fresh_long[1] - fresh_long[0])
    return np.concatenate([fresh_long, at + reach[:, None] * _ways(fresh_long)[1]])


def _ellipse(points: Floats, handle: int, to: Floats) -> Floats:
    """One axis from its other end to the new place; the other axis stays as long and square."""
    first = handle // 2
    fixed = points[4 * first + 1 - handle]
    one = np.array([to, fixed] if handle % 2 == 0 else [fixed, to])
    _, half_one, half_other = ellipse_axes(points)
    reach = float(np.linalg.norm(half_other if first == 0 else half_one))
    other = one.mean(axis=0) + np.outer((-reach, reach), _ways(one)[1])
    return np.concatenate([one, other] if first == 0 else [other, one])


def _pulled(points: Floats, grips: tuple[int, ...], handle: int, to: Floats) -> Floats:
    """An outline pulled at one point: its neighbours follow, less and less up to the next grips."""
    count = len(points)
    here, after, before = (grips[(handle + n) % len(grips)] for n in (0, 1, -1))
    steps = _steps(points)
    weight = np.zeros(count)
    weight[here] = 1.0
    for end, way in ((after, 1), (before, -1)):
        span = (end - here) * way % count
        path = [(here + way * n) % count for n in range(span + 1)]
        gone = np.cumsum([0.0, *(steps[path[n] if way > 0 else path[n + 1]] for n in range(span))])
        if gone[-1] > 0:
            weight[path[:-1]] = 0.5 + 0.5 * np.cos(np.pi * gone[:-1] / gone[-1])
    return points + weight[:, None] * (to - points[here])
