"""How the cuts must lie for a drawing to be on one of them."""

from __future__ import annotations

import numpy as np

from viewer.measuring.shapes import Shape
from viewer.views.planes import PLANES
from viewer.views.turning import STRAIGHT, ThreePlanes

FLAT_MM = 0.01
"""Points that lie within this of one plane lie on it."""


def facing(planes: ThreePlanes, shape: Shape) -> ThreePlanes:
    """The cuts as they are, where one of them can hold the whole drawing; else the patient's own,
    where one of those can; else turned as little as it takes for the nearest one to lie as it does.
    """
    for cuts in (planes, STRAIGHT):
        if any(_holds(cuts, name, shape) for name in PLANES):
            return cuts
    normal = np.array(shape.normal_lps)
    nearest = max(PLANES, key=lambda name: abs(float(np.dot(planes[name].onward, normal))))
    onward = np.array(planes[nearest].onward)
    if float(onward @ normal) < 0:
        normal = -normal
    return planes.seen_from(_between(onward, normal))


def _holds(cuts: ThreePlanes, name: str, shape: Shape) -> bool:
    return bool(np.ptp(cuts[name].along(shape.points_lps)[:, 2]) < FLAT_MM)


def _between(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(3, 3) the smallest rotation that takes a unit vector to another less than 180 degrees off.

    Source: Rodrigues' formula.
    """
    x, y, z = np.cross(one, other)
    turn = np.array([(0, -z, y), (z, 0, -x), (-y, x, 0)])
    rotation: np.ndarray = np.eye(3) + turn + turn @ turn / (1 + float(one @ other))
    return rotation
