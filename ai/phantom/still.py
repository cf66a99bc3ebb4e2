"""A slice of the scan seen from the drawing: the rich phantom's pixels at their places in it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.phantom.anatomy import (
    ANGLES,
    BORDER_Y,
    SIDE_DEG,
    WALL_MM,
    Curve,
    Image,
    Mediastinum,
    Plane,
    bump,
    cage,
)
from ai.phantom.warp import Warp

Floats = NDArray[np.floating[Any]]
FRONT_FAT_MM, BESIDE_BREASTBONE = 4.0, bump(SIDE_DEG, 172, 12)
# (side, x, y, top, drop, (half-width, depth in front, depth behind)): right, left, middle
DOMES = (
    (-71.0, -20.0, 121.0, 66.0, (86.0, 88.0, 76.0)),
    (79.0, -10.0, 103.0, 62.0, (67.0, 104.0, 70.0)),
    (4.0, -44.0, 90.0, 26.0, (70.0, 92.0, 56.0)),
)
BULGE_MM = 2.4
TOPS = ((-45.0, 10.0, 282.0), (45.0, 10.0, 282.0))


class StillPlane(Plane):
    """As Plane, but y, x and z are (rows, columns): each pixel has its own place."""

    def __init__(self, y: Image, x: Image, z_mm: float, warp: Warp) -> None:
        self.pixel_mm = float(x[1] - x[0])
        self.y, self.x, self.z = warp.on_slice(y, x, z_mm)
        self.middle_z = float(self.z.mean())
        self._dice = warp.phases[0].tolist()
        self.radius = np.hypot(self.x, self.y)
        turn = (np.arctan2(self.x, self.y) + np.float32(np.pi)) * np.float32(ANGLES / (2 * np.pi))
        self.angle = turn.astype(np.intp) % ANGLES

    @cached_property
    def diaphragm(self) -> tuple[Image, Image]:
        """Height of the diaphragm over each pixel, and the cosine of its slope."""
        domes = [self._cap(*dome) for dome in DOMES]
        height = np.maximum(np.maximum(domes[0], domes[1]), np.maximum(domes[2], 13))
        height += self._bulges()
        return height, self._cosine(height)

    def _bulges(self) -> Image:
        """What the domes, which slips of muscle pull at, are higher or lower, in mm."""
        one, two, three = self._dice
        made = BULGE_MM * np.sin(self.x / 10.5 + one) * np.cos(self.y / 12.5 + two)
        made += 0.35 * BULGE_MM * np.sin(self.x / 5.2 - self.y / 6.5 + three)
        return np.asarray(made, dtype=np.float32)

    @cached_property
    def lung_top(self) -> tuple[Image, Image]:
        """Height of the top of the lungs over each pixel, and the cosine of its slope."""
        tops = [self._cap(x, y, top, 20.0, (38.0, 42.0, 42.0)) for x, y, top in TOPS]
        height = np.maximum(*tops)
        return height, self._cosine(height)

    def _cap(
        self, x: float, y: float, top: float, drop: float, mm: tuple[float, float, float]
    ) -> Image:
        depth = np.where(self.y < y, np.float32(mm[1]), np.float32(mm[2]))
        return top - drop * (((self.x - x) / mm[0]) ** 2 + ((self.y - y) / depth) ** 2)

    def _cosine(self, height: Image) -> Image:
        down, across = np.gradient(height, self.pixel_mm)
        return 1 / np.sqrt(1 + down * down + across * across)

    def lung_depth(self, mediastinum: Mediastinum) -> tuple[Image, Image]:
        """Depth in mm under the pleura of the right and of the left lung, negative outside."""
        # beside the breastbone vessels and fat lie between cage and pleura
        wall = self.inside(cage(self.middle_z) - WALL_MM - FRONT_FAT_MM * BESIDE_BREASTBONE)
        floor, floor_cos = self.diaphragm
        top, top_cos = self.lung_top
        shared = np.minimum(wall, (self.z - floor) * floor_cos)
        np.minimum(shared, (top - self.z) * top_cos, out=shared)
        # behind, between ribs and spine, the lung ends bluntly
        round_mm = 0.1 + 26.0 * np.clip((self.y - 46) / 24, 0, 1)
        step = float(BORDER_Y[1] - BORDER_Y[0])
        at = np.clip((self.y - float(BORDER_Y[0])) / step, 0, len(BORDER_Y) - 1.001)
        low = at.astype(np.int32)
        share = at - low
        sides = []
        for sign, border in zip((-1, 1), mediastinum.borders(self.middle_z), strict=True):
            line = border.astype(np.float32)
            steep = (1 / np.sqrt(1 + np.gradient(border, step) ** 2)).astype(np.float32)
            edge = line[low] + share * (line[low + 1] - line[low])
            sides.append(_rounded(shared, sign * (self.x - edge) * steep[low], round_mm))
        return sides[0], sides[1]


def _rounded(one: Image, other: Image, round_mm: Image) -> Image:
    """The lesser of two depths, with the edge between them taken off over so many mm."""
    near = np.maximum(round_mm - np.abs(one - other), 0) / round_mm
    return np.minimum(one, other) - 0.25 * near * near * round_mm


class Depths:
    """How deep the pixels of a slice lie in mm: under each pleura, and under the diaphragm.

    These surfaces are smooth, so they are worked out on every second pixel and laid between.
    """

    def __init__(
        self, y: Image, x: Image, z_mm: float, warp: Warp, mediastinum: Mediastinum
    ) -> None:
        plane = StillPlane(_halved(y), _halved(x), z_mm, warp)
        floor, cos = plane.diaphragm
        right, left = plane.lung_depth(mediastinum)
        shape = (len(y), len(x))
        self.right, self.left, self.belly = (
            _doubled(np.asarray(part, dtype=np.float32), shape)
            for part in (right, left, (floor - plane.z) * cos)
        )


def _halved(axis: Image) -> Image:
    """Every second place, and one beyond the last where that lies between two."""
    return (axis[0] + (axis[1] - axis[0]) * 2 * np.arange(len(axis) // 2 + 1)).astype(np.float32)


def _doubled(coarse: Image, shape: tuple[int, int]) -> Image:
    """What was worked out on every second pixel, on all, straight between."""
    for wide in shape:  # its rows, then its columns as rows
        made = np.empty((wide, coarse.shape[1]), dtype=np.float32)
        made[::2] = coarse[: (wide + 1) // 2]
        np.add(coarse[: wide // 2], coarse[1 : wide // 2 + 1], out=made[1::2])
        made[1::2] *= 0.5
        coarse = np.ascontiguousarray(made.T)
    return coarse


def by_angle(plane: Plane, curve: Curve) -> Image:
    """A curve over directions, laid over the pixels."""
    return curve.astype(np.float32)[plane.angle]
