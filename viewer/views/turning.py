"""The three planes as one body that can be turned: oblique cuts that stay at right angles."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.views.planes import AXIAL, CORONAL, PLANES, SAGITTAL, Plane

SNAP_DEG = 1.0
"""A turn that ends this near to the patient's own planes ends on them: stored slices again."""

SAME = 1e-6
"""Axes that differ by less are the same."""


@dataclass(frozen=True)
class ThreePlanes:
    """Axial, coronal and sagittal as they lie now; their normals stay at right angles."""

    axial: Plane
    coronal: Plane
    sagittal: Plane

    def __getitem__(self, name: str) -> Plane:
        return {AXIAL: self.axial, CORONAL: self.coronal, SAGITTAL: self.sagittal}[name]

    @cached_property
    def straight(self) -> bool:
        """True where they are the patient's own planes."""
        return all(self[name] == PLANES[name] for name in PLANES)

    def tilt_deg(self, name: str) -> float:
        """How far a plane is from the patient's own, in degrees between their normals."""
        between = float(np.dot(self[name].onward, PLANES[name].onward))
        return math.degrees(math.acos(min(1.0, max(-1.0, between))))

    def turned(self, about: str, radians: float) -> ThreePlanes:
        """The two other planes turned about the normal of one, which keeps its picture.

        radians: from that plane's right towards its down, as a hand on the screen turns.
        """
        axis = np.cross(self[about].right, self[about].down)
        fresh = self._moved(_rotation(axis, radians), {about})
        near = all(fresh.tilt_deg(name) < SNAP_DEG for name in PLANES)
        return STRAIGHT if near else fresh

    def seen_from(self, rotation: NDArray[np.floating[Any]]) -> ThreePlanes:
        """The same cuts named in another frame; rotation: (3, 3), from this frame to that one."""
        return self._moved(rotation, set())

    def snapped(self) -> ThreePlanes:
        """The patient's own planes where these are the same but for rounding."""
        near = all(
            np.allclose(self[name].axes, PLANES[name].axes, rtol=0, atol=SAME) for name in PLANES
        )
        return STRAIGHT if near else self

    def _moved(self, rotation: NDArray[np.floating[Any]], kept: set[str]) -> ThreePlanes:
        return ThreePlanes(*(
            self[name] if name in kept else _turn(self[name], rotation)
            for name in (AXIAL, CORONAL, SAGITTAL)
        ))  # fmt: skip


STRAIGHT = ThreePlanes(PLANES[AXIAL], PLANES[CORONAL], PLANES[SAGITTAL])


def _rotation(axis: NDArray[np.floating[Any]], radians: float) -> NDArray[np.float64]:
    """(3, 3) rotation about a unit axis. Source: Rodrigues' formula."""
    x, y, z = axis / np.linalg.norm(axis)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    turn: NDArray[np.float64] = (
        np.eye(3) + math.sin(radians) * cross + (1 - math.cos(radians)) * (cross @ cross)
    )
    return turn


def _turn(plane: Plane, rotation: NDArray[np.floating[Any]]) -> Plane:
    """A plane with its axes turned, and made exactly orthonormal again."""
    right = rotation @ np.array(plane.right, dtype=np.float64)
    down = rotation @ np.array(plane.down, dtype=np.float64)
    onward = rotation @ np.array(plane.onward, dtype=np.float64)
    right /= np.linalg.norm(right)
    down -= right * float(down @ right)
    down /= np.linalg.norm(down)
    across = np.cross(right, down)
    if float(across @ onward) < 0:
        across = -across
    return replace(plane, right=_three(right), down=_three(down), onward=_three(across))


def _three(vector: NDArray[np.floating[Any]]) -> tuple[float, float, float]:
    x, y, z = (float(n) + 0.0 for n in vector)
    return x, y, z
