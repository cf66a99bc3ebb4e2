"""How long each place of a scan was on screen; asked of the lungs once they are known.

Counted on the scan's own grid, every slice, some millimetres apart within it: so a pass before the
lungs were segmented counts too, and an edited lung loses nothing.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai.scan.geometry import Geometry
from viewer.coverage.rules import Rules

Lps = tuple[float, float, float]
Axes = tuple[Lps, Lps, Lps]
Bools = NDArray[np.bool_]

ROUNDING_MM = 1e-3
NO_LEAN = 1e-6


@dataclass(frozen=True)
class Sight:
    """What one pane showed: unit LPS vectors to the right, down and onward, and a rectangle.

    thick_mm: how much along onward was in the picture: a slice, or a slab.
    """

    axes: Axes
    centre_lps: Lps
    wide_mm: float
    high_mm: float
    thick_mm: float
    mm_per_px: float
    window_width_hu: float
    window_level_hu: float


def as_text(packed: bytes) -> str:
    """Seen.packed() as take_back takes it."""
    return base64.b85encode(zlib.compress(packed, 6)).decode()


class Seen:
    """Counts for one scan; they only grow.

    steps_kji: every so many voxels of the scan are one place of the count.
    """

    def __init__(self, geometry: Geometry, rules: Rules) -> None:
        self.rules = rules
        spacing = geometry.spacing_kji_mm
        rows, columns = (max(1, round(rules.grid_mm / mm)) for mm in spacing[1:])
        self.steps_kji = (1, rows, columns)
        shape = [-(-n // step) for n, step in zip(geometry.shape_kji, self.steps_kji, strict=True)]
        self._seconds = np.zeros(shape, np.float32)
        self._origin = geometry.affine[:3, 3]
        self._step_lps = geometry.affine[:3, :3] * np.array(self.steps_kji)  # columns: k, j, i

    def add(self, sight: Sight, seconds: float) -> bool:
        """A pane showed this for so long. False where nothing counts: a window that hides lung, or
        a picture too small."""
        rules = self.rules
        if not rules.window_tells(sight.window_width_hu, sight.window_level_hu):
            return False
        if not rules.fine_enough(sight.mm_per_px):
            return False
        half = np.array((sight.wide_mm, sight.high_mm, sight.thick_mm)) / 2 + ROUNDING_MM
        axes = np.array(sight.axes)
        per_step = axes @ self._step_lps  # mm right, down, onward of one step along k, j, i
        start = axes @ (self._origin - np.array(sight.centre_lps))
        straight = np.count_nonzero(np.abs(per_step) > NO_LEAN, axis=1)
        if (straight == 1).all():
            self._seconds[self._box(per_step, start, half)] += np.float32(seconds)
        else:
            self._add_leaning(per_step, start, half, seconds)
        return True

    @property
    def places(self) -> Bools:
        """(K, J', I') which places were on screen for long enough."""
        return self._seconds >= self.rules.seconds

    def places_lps(self, index: NDArray[np.intp]) -> NDArray[np.float64]:
        """(N, 3) LPS mm of (N, 3) places."""
        return index @ self._step_lps.T + self._origin

    def text(self) -> str:
        """Which places were seen, as text for the log."""
        return as_text(self.packed())

    def packed(self) -> bytes:
        """The same, a bit for each place."""
        return np.packbits(self.places).tobytes()

    def take_back(self, text: str) -> None:
        """Places that an earlier sitting saw are seen. Raises ValueError for another scan's."""
        try:
            packed = np.frombuffer(zlib.decompress(base64.b85decode(text)), np.uint8)
        except (ValueError, zlib.error) as error:
            raise ValueError("the coverage cannot be read") from error
        size = self._seconds.size
        if packed.size != -(-size // 8):
            raise ValueError("the coverage is of another scan")
        before = np.unpackbits(packed)[:size].reshape(self._seconds.shape).view(np.bool_)
        self._seconds[before] = np.maximum(self._seconds[before], self.rules.seconds)

    def _box(
        self, per_step: NDArray[np.float64], start: NDArray[np.float64], half: NDArray[np.float64]
    ) -> tuple[slice, ...]:
        """The places in sight of a plane along the grid: one range on each of its axes."""
        ranges = [slice(0, n) for n in self._seconds.shape]
        for across in range(3):
            axis = int(np.argmax(np.abs(per_step[across])))
            step = per_step[across, axis]
            ends = sorted(((-half[across] - start[across]) / step,
                           (half[across] - start[across]) / step))  # fmt: skip
            low, high = max(0, int(np.ceil(ends[0]))), int(np.floor(ends[1])) + 1
            ranges[axis] = slice(low, max(low, high))
        return tuple(ranges)

    def _add_leaning(
        self,
        per_step: NDArray[np.float64],
        start: NDArray[np.float64],
        half: NDArray[np.float64],
        seconds: float,
    ) -> None:
        k, j, i = (np.arange(n, dtype=np.float32) for n in self._seconds.shape)
        inside = np.ones(self._seconds.shape, np.bool_)
        for across in range(3):
            a, b, c = (np.float32(mm) for mm in per_step[across])
            plane = (k * a + np.float32(start[across]))[:, None, None] + (j * b)[:, None]
            inside &= np.abs(plane + i * c) <= half[across]
        self._seconds[inside] += np.float32(seconds)
