"""Zoom and pan of one pane: the point in its middle and millimetres per pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ai.scan.geometry import Geometry
from viewer import theme
from viewer.views.planes import Plane, bounds_on

FINEST_MM, COARSEST_MM = 0.01, 10.0
"""Millimetres per pixel that still show anything."""


class Camera:
    """right_mm, down_mm: the middle of the pane on its plane. touched: a hand has moved it."""

    def __init__(self) -> None:
        self.right_mm, self.down_mm, self.mm_per_px = 0.0, 0.0, 1.0
        self.touched = False

    @property
    def place(self) -> tuple[float, float, float]:
        """mm right and down of the pane's middle, mm per pixel."""
        return self.right_mm, self.down_mm, self.mm_per_px

    def pan(self, right_px: float, down_px: float) -> None:
        """The picture follows a hand that moved so many pixels."""
        self.right_mm -= right_px * self.mm_per_px
        self.down_mm -= down_px * self.mm_per_px
        self.touched = True

    def zoom(self, factor: float, x_px: float, y_px: float) -> None:
        """Larger by factor; the point x, y pixels from the middle stays under the hand."""
        fresh = float(np.clip(self.mm_per_px / factor, FINEST_MM, COARSEST_MM))
        self.right_mm += x_px * (self.mm_per_px - fresh)
        self.down_mm += y_px * (self.mm_per_px - fresh)
        self.mm_per_px = fresh
        self.touched = True

    def pan_to(
        self,
        place_mm: NDArray[np.float64],
        low_mm: NDArray[np.float64],
        high_mm: NDArray[np.float64],
        size_px: tuple[int, int],
        *,
        inset_px: float,
        around_mm: float,
        ways: tuple[bool, bool],
    ) -> None:
        """No further than a place of a box needs to stand off the edges, by pixels and by mm of
        what lies around it, and past the box by no more than those pixels. No hand did it.

        ways: whether it pans right or left, and up or down, at all.
        """
        half = np.array(size_px) / 2 * self.mm_per_px
        inset = np.minimum(inset_px * self.mm_per_px, half)
        room = half - np.minimum(np.maximum(inset, around_mm), half)
        now = np.array((self.right_mm, self.down_mm))
        near = np.clip(now, place_mm - room, place_mm + room)
        ends = np.sort([low_mm - inset + half, high_mm + inset - half], axis=0)
        right, down = np.where(ways, np.clip(near, *ends), now)
        self.right_mm, self.down_mm = float(right), float(down)

    def fit_scan(self, geometry: Geometry, plane: Plane, width_px: int, height_px: int) -> None:
        """The whole field of view, edge to edge."""
        low, high = bounds_on(geometry, plane).T
        self._fit(low, high, width_px, height_px, margin=0.0)

    def fit_box(
        self,
        low_mm: NDArray[np.float64],
        high_mm: NDArray[np.float64],
        width_px: int,
        height_px: int,
    ) -> None:
        """A box on the plane with some room around it."""
        self._fit(low_mm, high_mm, width_px, height_px, margin=theme.number("fit.margin"))

    def look(self, right_mm: float, down_mm: float, mm_per_px: float) -> None:
        """A sight that no hand has chosen."""
        self.right_mm, self.down_mm = right_mm, down_mm
        self.mm_per_px = float(np.clip(mm_per_px, FINEST_MM, COARSEST_MM))
        self.touched = False

    def _fit(
        self,
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        width_px: int,
        height_px: int,
        *,
        margin: float,
    ) -> None:
        extent = (high - low) * (1 + 2 * margin)
        self.right_mm, self.down_mm = (float(n) for n in (low + high)[:2] / 2)
        wanted = max(extent[0] / max(width_px, 1), extent[1] / max(height_px, 1))
        self.mm_per_px = float(np.clip(wanted, FINEST_MM, COARSEST_MM))
        self.touched = False
