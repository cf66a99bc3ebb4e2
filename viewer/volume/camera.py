"""Where the 3-D picture is looked at from: a turntable round the upright patient, in parallel."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ai.scan.geometry import Geometry
from viewer.views.state import Lps

Floats = NDArray[np.float64]

FRONT, BACK, RIGHT, LEFT, HEAD, FEET = "front", "back", "right", "left", "head", "feet"
SIDES = {
    FRONT: (0.0, 0.0), BACK: (180.0, 0.0), LEFT: (90.0, 0.0), RIGHT: (-90.0, 0.0),
    HEAD: (0.0, 90.0), FEET: (0.0, -90.0),
}  # fmt: skip
"""Azimuth and elevation in degrees of the views along the patient's axes."""

DEGREES_PER_PX = 0.4
FULL_TURN = 360.0
STEEPEST = 90.0
NEAREST_MM_PER_PX, FARTHEST_MM_PER_PX = 0.02, 5.0
MARGIN = 1.12
"""How much larger than the thing itself the view of a fit is: words and the scale stand around."""


@dataclass(frozen=True)
class VolumeCamera:
    """A parallel view. focal_lps: the point in the pane's middle, mm.

    azimuth: 0 from the front, 90 from the patient's left, 180 from behind. elevation: 90 from the
    head, -90 from the feet. mm_per_px: of logical pixels.
    """

    focal_lps: Lps = (0.0, 0.0, 0.0)
    azimuth: float = 0.0
    elevation: float = 0.0
    mm_per_px: float = 1.0

    @property
    def axes(self) -> Floats:
        """3 x 3, rows: the unit LPS vectors that run right, down and away from the eye."""
        a, e = math.radians(self.azimuth), math.radians(self.elevation)
        away = (-math.sin(a) * math.cos(e), math.cos(a) * math.cos(e), -math.sin(e))
        right = (math.cos(a), math.sin(a), 0.0)
        return np.array([right, np.cross(away, right), away])

    def pixels_of(self, lps: ArrayLike, width: float, height: float) -> Floats:
        """(..., 3): x and y in logical pixels, then mm away from the eye, of points in LPS mm."""
        there = (np.asarray(lps, dtype=np.float64) - self.focal_lps) @ self.axes.T
        there[..., :2] = there[..., :2] / self.mm_per_px + (width / 2, height / 2)
        return there

    def turned(self, right_px: float, down_px: float) -> VolumeCamera:
        """After a drag: what lies in front goes with the hand; the head stays up."""
        azimuth = self.azimuth - right_px * DEGREES_PER_PX
        elevation = self.elevation + down_px * DEGREES_PER_PX
        return self.at(azimuth, elevation)

    def at(self, azimuth: float, elevation: float) -> VolumeCamera:
        """From there, in degrees; the elevation stops over the head and under the feet."""
        half = FULL_TURN / 2
        azimuth = (azimuth + half) % FULL_TURN - half
        return replace(self, azimuth=azimuth, elevation=min(STEEPEST, max(-STEEPEST, elevation)))

    def seen_from(self, side: str) -> VolumeCamera:
        """From one of SIDES, place and zoom kept."""
        return self.at(*SIDES[side])

    def panned(self, right_px: float, down_px: float) -> VolumeCamera:
        """After the picture was pushed so many pixels."""
        right, down, _ = self.axes
        x, y, z = self.focal_lps - (right * right_px + down * down_px) * self.mm_per_px
        return replace(self, focal_lps=(float(x), float(y), float(z)))

    def zoomed(self, factor: float) -> VolumeCamera:
        """Larger (factor above 1) or smaller about the middle."""
        wanted = self.mm_per_px / factor
        held = min(FARTHEST_MM_PER_PX, max(NEAREST_MM_PER_PX, wanted))
        return replace(self, mm_per_px=held)

    def fitted(self, places_lps: ArrayLike, width: float, height: float) -> VolumeCamera:
        """What lies between those places (N, 3) in the middle, wholly in sight from every side.

        Its width is twice the farthest place's way from the upright axis through the middle: a
        turn about the head's axis never cuts it. Of a box two opposite corners are enough.
        """
        places = np.asarray(places_lps, dtype=np.float64)
        low, high = places.min(axis=0), places.max(axis=0)
        x, y, z = (low + high) / 2
        across = max(2 * float(np.hypot(places[:, 0] - x, places[:, 1] - y).max()), 1.0)
        tall = float(high[2] - low[2])
        mm_per_px = MARGIN * max(across / max(width, 1.0), tall / max(height, 1.0))
        fitting = replace(self, focal_lps=(float(x), float(y), float(z)))
        return replace(fitting, mm_per_px=mm_per_px).zoomed(1.0)


def box_lps(geometry: Geometry, margin_mm: float = 0.0) -> Floats:
    """(2, 3): the box along the patient's axes round a whole grid, in mm."""
    last = np.array(geometry.shape_kji) - 1
    corners = np.array(np.meshgrid(*[[0, n] for n in last], indexing="ij")).reshape(3, -1).T
    places = geometry.lps_of(corners)
    return np.array([places.min(axis=0) - margin_mm, places.max(axis=0) + margin_mm])
