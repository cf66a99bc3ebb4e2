"""Drawings laid flat: points as millimetres on their own plane, and what follows from them."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from viewer.measuring.shapes import Kind, Lps, Shape
from viewer.views.planes import Plane

Floats = NDArray[np.float64]

ROUND_POINTS = 128
"""Corners of the line that stands for an ellipse on the screen."""


@lru_cache(maxsize=64)
def plane_of(normal_lps: Lps) -> Plane:
    """A plane with this normal; which way right and down lie on it is of no account."""
    normal = np.array(normal_lps) / np.linalg.norm(normal_lps)
    right = np.cross(np.eye(3)[int(np.argmin(np.abs(normal)))], normal)
    right /= np.linalg.norm(right)
    a, b, c = (tuple(float(n) for n in way) for way in (right, np.cross(normal, right), normal))
    return Plane("", a, b, c, "")  # type: ignore[arg-type]


def flat(shape: Shape) -> Floats:
    """(N, 2) mm of the points on the shape's own plane."""
    return plane_of(shape.normal_lps).along(shape.points_lps)[:, :2]


def depth_mm(shape: Shape) -> float:
    """Where the shape's plane lies along its normal."""
    return float(plane_of(shape.normal_lps).along(shape.middle_lps)[2])


def onto_plane(shape: Shape, lps: Lps) -> Lps:
    """The point dropped at right angles onto the shape's plane."""
    along = plane_of(shape.normal_lps).along(lps)
    return lps_at(shape, along[:2])


def lps_at(shape: Shape, flat_mm: Floats) -> Lps:
    """The point in the patient at (2,) mm on the shape's plane."""
    x, y, z = plane_of(shape.normal_lps).lps((*flat_mm, depth_mm(shape)))
    return float(x), float(y), float(z)


def distance_mm(a: Floats, b: Floats) -> float:
    return float(np.linalg.norm(np.asarray(a) - np.asarray(b)))


def angle_deg(points: Floats) -> float | None:
    """Between the arms at the middle one of three points, 0 to 180; None for an arm of no length.

    By both sine and cosine, so that flat and straight angles are as exact as right ones.
    """
    one, other = points[0] - points[1], points[2] - points[1]
    if not np.any(one) or not np.any(other):
        return None
    sine = float(one[0] * other[1] - one[1] * other[0])
    return math.degrees(math.atan2(abs(sine), float(one @ other)))


def ellipse_axes(points: Floats) -> tuple[Floats, Floats, Floats]:
    """Centre and both half axes, (2,) each, of four axis ends; the second one at right angles."""
    centre = points[:2].mean(axis=0)
    one = (points[1] - points[0]) / 2
    reach = distance_mm(points[2], points[3]) / 2
    length = float(np.linalg.norm(one))
    way = np.array((-one[1], one[0])) / length if length else np.array((0.0, 1.0))
    return centre, one, way * reach


def edge(shape: Shape) -> tuple[Floats, ...]:
    """The lines to draw, each (N, 2) mm on the shape's plane; closed ones end as they begin."""
    points = flat(shape)
    if shape.kind is Kind.BIDIRECTIONAL:
        return points[:2], points[2:]
    if shape.kind is Kind.ELLIPSE:
        centre, one, other = ellipse_axes(points)
        turn = np.linspace(0, 2 * math.pi, ROUND_POINTS + 1)[:, None]
        return (centre + np.cos(turn) * one + np.sin(turn) * other,)
    if shape.kind is Kind.FREEHAND:
        return (np.concatenate([points, points[:1]]),)
    return (points,)


def edge_lps(shape: Shape) -> tuple[Floats, ...]:
    """The same lines in the patient, (N, 3) mm each."""
    plane, depth = plane_of(shape.normal_lps), depth_mm(shape)
    return tuple(
        plane.lps(np.column_stack([line, np.full(len(line), depth)])) for line in edge(shape)
    )
