"""The soft parts and the lungs of the phantom, slice by slice, as shapes in millimetres.

Outlines of the trunk are radii about the origin by angle and height; the mediastinum is two
borders (x by y) that wrap the organs in it; diaphragm and lung tops are surfaces (z by x, y).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator
from scipy.ndimage import gaussian_filter1d

from ai.phantom.tubes import Tube

Image = NDArray[np.floating[Any]]
Curve = NDArray[np.float64]

ANGLES = 2880
PHI: Curve = np.linspace(-np.pi, np.pi, ANGLES, endpoint=False)
"""Directions from the origin: 0 is the back, + and - pi the front, positive the patient's left."""
SIDE_DEG: Curve = np.degrees(np.abs(PHI))

_HEIGHTS = (-20, 0, 60, 120, 180, 220, 250, 275, 300, 330)
BORDER_STEP_MM = 0.5
BORDER_Y: Curve = np.arange(-140, 140, BORDER_STEP_MM)
TAUT_TO_Y = 8.0
STEP_MM, GENTLE_MM = 2.0, 6.0
"""Taut borders are worked out at heights so far apart, and those within some mm are averaged."""
WALL_MM = 4.5
"""From the middle of a rib to the pleura."""


def _by_height(*values: float) -> PchipInterpolator:
    return PchipInterpolator(_HEIGHTS, values)


CAGE_SIDE = _by_height(128, 130, 133, 131, 122, 110, 94, 74, 54, 46)
CAGE_FRONT = _by_height(91, 92, 93, 90, 81, 71, 60, 48, 40, 36)
CAGE_BACK = _by_height(84, 86, 90, 92, 90, 85, 78, 69, 60, 52)
BODY_SIDE = _by_height(150, 152, 155, 154, 157, 162, 164, 164, 161, 156)
BODY_FRONT = _by_height(104, 105, 107, 106, 100, 91, 82, 72, 62, 56)
BODY_BACK = _by_height(106, 107, 111, 113, 113, 111, 107, 101, 94, 88)
SPINE_Y = _by_height(46, 46, 50, 55, 56, 52, 46, 40, 35, 30)
"""Middle of the vertebral bodies: the thoracic curve."""


def outline(side_mm: float, front_mm: float, back_mm: float, power: float) -> Curve:
    """Radius by angle of a superellipse with its own depth in front and behind."""
    depth = np.where(np.cos(PHI) > 0, back_mm, front_mm)
    return ((np.abs(np.sin(PHI)) / side_mm) ** power + (np.abs(np.cos(PHI)) / depth) ** power) ** (
        -1 / power
    )


def bump(value: Curve | float, middle: float, width: float) -> Curve:
    """1 at the middle, falling to nothing over about two widths."""
    return np.exp(-0.5 * ((np.asarray(value) - middle) / width) ** 2)


def cage(z_mm: float) -> Curve:
    """Radius by angle of the middle of the ribs at a height."""
    radius = outline(float(CAGE_SIDE(z_mm)), float(CAGE_FRONT(z_mm)), float(CAGE_BACK(z_mm)), 2.35)
    # no chest is even: a little fuller on the right and behind, with waves of a few mm
    return radius * (1 - 0.012 * np.sin(PHI) + 0.010 * np.sin(3 * PHI + z_mm / 60 + 0.7))


def skin(z_mm: float) -> Curve:
    """Radius by angle of the skin at a height, with a shallow furrow along the spine."""
    radius = outline(float(BODY_SIDE(z_mm)), float(BODY_FRONT(z_mm)), float(BODY_BACK(z_mm)), 2.3)
    chest = bump(z_mm, 140, 45)
    return radius - 5 * bump(SIDE_DEG, 0, 5) + 7 * chest * bump(SIDE_DEG, 138, 16)


def muscle(z_mm: float) -> Curve:
    """Radius by angle of the outside of the muscles of the chest wall at a height."""
    shoulder = 1 / (1 + np.exp(-(z_mm - 258) / 12))
    high = 1 / (1 + np.exp(-(z_mm - 175) / 22))
    thick = (
        5
        + 14 * bump(z_mm, 205, 38) * bump(SIDE_DEG, 132, 24)
        + (5 + 26 * high + 70 * shoulder) * bump(SIDE_DEG, 84, 26)
        + (4 + 24 * high + 14 * shoulder) * bump(SIDE_DEG, 42, 22)
    )
    return np.minimum(cage(z_mm) + WALL_MM + thick, skin(z_mm) - 6 - 5 * bump(SIDE_DEG, 100, 20))


class Plane:
    """The pixels of an axial slice in mm: their place, and their direction from the origin."""

    def __init__(self, y: Image, x: Image) -> None:
        self.y, self.x = y[:, None], x[None, :]
        self.radius = np.hypot(self.x, self.y)
        turn = (np.arctan2(self.x, self.y) + np.pi) * (ANGLES / (2 * np.pi))
        self.angle = np.floor(turn).astype(np.intp) % ANGLES

    def inside(self, radius_by_angle: Curve) -> Image:
        """Depth in mm under an outline (negative outside)."""
        return radius_by_angle.astype(np.float32)[self.angle] - self.radius

    @cached_property
    def diaphragm(self) -> tuple[Image, Image]:
        """Height of the diaphragm over each pixel, and the cosine of its slope."""
        domes = (
            _dome(self, -70, -12, 94, 58, (64, 95, 66)),
            _dome(self, 74, -10, 84, 58, (62, 92, 64)),
            _dome(self, 6, -34, 80, 26, (52, 70, 56)),
        )
        return _with_slope(self, np.maximum(np.maximum(*domes[:2]), np.maximum(domes[2], 13)))

    @cached_property
    def lung_top(self) -> tuple[Image, Image]:
        """Height of the top of the lungs over each pixel, and the cosine of its slope."""
        tops = (_dome(self, side * 45, 10, 282, 20, (38, 42, 42)) for side in (-1, 1))
        return _with_slope(self, np.maximum(*tops))


def _dome(
    plane: Plane, x: float, y: float, top: float, drop: float, mm: tuple[float, float, float]
) -> Image:
    depth = np.where(plane.y < y, (mm[1]), (mm[2]))
    q = ((plane.x - x) / (mm[0])) ** 2 + ((plane.y - y) / depth) ** 2
    return top - drop * q


def _with_slope(plane: Plane, height: Image) -> tuple[Image, Image]:
    down = np.gradient(height, plane.y[:, 0], axis=0)
    across = np.gradient(height, plane.x[0], axis=1)
    return height, (1 / np.sqrt(1 + down * down + across * across)).astype(np.float32)


class Mediastinum:
    """The two pleural borders that wrap the organs between the lungs."""

    def __init__(
        self,
        organs: Sequence[tuple[Tube, float]],
        gutter_mm: float = 4.0,
        gutter: tuple[float, float, float] = (20.0, 0.8, 0.0),
        before_spine_mm: float = 13.0,
        inlet_mm: tuple[float, float, float] = (31.0, 48.0, 226.0),
        spine_mm: float = 22.0,
        sunk: tuple[float, float, float] = (0.0, 1.0, 0.0),
        taut: float = 0.0,
        front_mm: float = 13.0,
    ) -> None:
        """organs: tubes between the lungs, each with the mm of fat around it.

        gutter_mm: how far behind the middle of the spine the lungs still lie close to it.
        gutter: the pleura's way from there: mm from the midline, slope and bend. before_spine_mm:
        half of the width before it. inlet_mm: half-width and half-depth of the neck's root,
        and the height from where it is as wide.
        spine_mm: half of what the spine takes of their room. sunk: a height at which the pleura
        sinks in between the necks of two ribs, from there to the next, and how far, in mm. taut:
        how nearly (0 to 1) the pleura before the windpipe spans the dips between the organs.
        front_mm: half of what it leaves free behind the breastbone.
        """
        self._sunk, self._taut, self._front_mm = sunk, taut, front_mm
        self._spine_mm = spine_mm
        self._before_spine_mm, self._inlet_mm = before_spine_mm, inlet_mm
        self._gutter_mm, self._gutter = gutter_mm, gutter
        balls = []
        for tube, fat_mm in organs:
            a, b = np.array(tube.start), np.array(tube.end)
            steps = max(2, int(np.linalg.norm(b - a) / 2.0))
            for t in np.linspace(0, 1, steps):
                radius = tube.start_mm + t * (tube.end_mm - tube.start_mm) + fat_mm
                balls.append((*(a + t * (b - a)), radius))
        self._balls = np.array(balls, dtype=np.float64)
        self._known: dict[int, tuple[Curve, Curve]] = {}

    def borders(self, z_mm: float) -> tuple[Curve, Curve]:
        """Right and left border at a height: x (mm, right is negative) by BORDER_Y."""
        if not self._taut:
            return self._borders(z_mm)
        # what is taut rises gently to an organ's top, and not in a step
        near = np.arange(np.ceil((z_mm - GENTLE_MM) / STEP_MM), (z_mm + GENTLE_MM) / STEP_MM)
        share = 1 - np.abs(near * STEP_MM - z_mm) / GENTLE_MM
        share /= share.sum()
        right, left = np.zeros(BORDER_Y.shape), np.zeros(BORDER_Y.shape)
        for n, part in zip(near.astype(int).tolist(), share.tolist(), strict=True):
            if n not in self._known:
                self._known[n] = self._borders(n * STEP_MM)
            right += part * self._known[n][0]
            left += part * self._known[n][1]
        return right, left

    def _borders(self, z_mm: float) -> tuple[Curve, Curve]:
        y = BORDER_Y
        spine_y, front = float(SPINE_Y(z_mm)), -float(CAGE_FRONT(z_mm)) + WALL_MM
        half = np.full(y.shape, 1.3)
        half += self._front_mm * np.clip(1 - (y - front) / 16, 0, 1) ** 2
        half = np.maximum(half, _extent(y, spine_y, self._spine_mm, 21))
        behind = spine_y + self._gutter_mm
        at, slope, bend = self._gutter
        first, apart, sunk = self._sunk
        away = ((z_mm - first) / apart + 0.5) % 1.0 - 0.5
        at -= sunk * float(bump(away, 0.0, 0.13))
        half = np.maximum(
            half, np.where(y > behind, at + slope * (y - behind) + bend * (y - behind) ** 2, 0)
        )
        half = np.maximum(half, np.where((y > 10) & (y < spine_y), self._before_spine_mm, 0))
        across, along, from_z = self._inlet_mm
        inlet = 1 / (1 + np.exp(-(z_mm - from_z) / 7))
        half = np.maximum(half, inlet * _extent(y, -8, across, along))
        left, right = half.copy(), half.copy()
        cut2 = self._balls[:, 3] ** 2 - (self._balls[:, 2] - z_mm) ** 2
        for (cx, cy, _, _), radius2 in zip(self._balls[cut2 > 0], cut2[cut2 > 0], strict=True):
            reach = np.sqrt(np.maximum(radius2 - (y - cy) ** 2, 0))
            hit = reach > 0
            left[hit] = np.maximum(left[hit], cx + reach[hit])
            right[hit] = np.maximum(right[hit], reach[hit] - cx)
        if self._taut:
            here = np.flatnonzero((y > front) & (y < TAUT_TO_Y))
            for border in (left, right):
                border[here] += self._taut * (_spanned(y[here], border[here]) - border[here])
        smooth = 3.0 / BORDER_STEP_MM
        even_right, even_left = (gaussian_filter1d(one, smooth) for one in (right, left))
        if self._taut:  # it is smooth, and yet cuts into no organ
            even_right, even_left = (
                np.maximum(even_right, right - 0.6),
                np.maximum(even_left, left - 0.6),
            )
        return -even_right, even_left


def _spanned(y: Curve, x: Curve) -> Curve:
    """The least curve over x by y that never turns inwards."""
    corners = [0]
    for n in range(1, len(y)):
        while len(corners) > 1:
            a, b = corners[-2:]
            if (x[b] - x[a]) * (y[n] - y[a]) > (x[n] - x[a]) * (y[b] - y[a]):
                break
            corners.pop()
        corners.append(n)
    return np.interp(y, y[corners], x[corners])


def _extent(y: Curve, middle: float, across: float, along: float) -> Curve:
    return across * np.sqrt(np.maximum(1 - ((y - middle) / along) ** 2, 0))


def lung_depth(plane: Plane, z_mm: float, mediastinum: Mediastinum) -> tuple[Image, Image]:
    """Depth in mm under the pleura of the right and of the left lung, negative outside."""
    wall = plane.inside(cage(z_mm) - WALL_MM)
    floor, floor_cos = plane.diaphragm
    top, top_cos = plane.lung_top
    shared = np.minimum(wall, (z_mm - floor) * floor_cos)
    np.minimum(shared, (top - z_mm) * top_cos, out=shared)
    sides = []
    for sign, border in zip((-1, 1), mediastinum.borders(z_mm), strict=True):
        steep = 1 / np.sqrt(1 + np.gradient(border, BORDER_STEP_MM) ** 2)
        at = np.interp(plane.y[:, 0], BORDER_Y, border).astype(np.float32)[:, None]
        cos = np.interp(plane.y[:, 0], BORDER_Y, steep).astype(np.float32)[:, None]
        sides.append(np.minimum(shared, sign * (plane.x - at) * cos))
    return sides[0], sides[1]
