"""How the lungs are fitted into a pane: as large as they can be with no corner text on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

Floats = NDArray[np.float64]
Sight = tuple[float, float, float]
"""mm right and down of the pane's middle, mm per pixel."""

CELL_MM = 5.0
SMALLEST, STEP = 0.66, 0.02
"""Of the scale that fills the pane: how much smaller at most, and by how much at a time."""

HIDDEN_WEIGHT = 20.0
"""One part in a hundred of the lungs under text weighs as much as a fifth of the scale."""

MOVED_WEIGHT = 12.0
"""Of the square: a box moved out of the middle by a twentieth of the pane weighs as much as 3 % of
the scale, by a tenth as much as 12 %. Lungs far out of the middle look like a slip."""

TRIED = 17
"""Places tried each way, from edge to edge of the pane, closer together about its middle."""


class Shadow:
    """What of a plane any slice of a segment covers, in cells of CELL_MM: places (N, 2) mm."""

    def __init__(self, places_mm: Floats) -> None:
        self._low = np.floor(places_mm.min(axis=0) / CELL_MM).astype(int) - 1
        cells = np.floor(places_mm / CELL_MM).astype(int) - self._low
        wide, high = (int(n) + 2 for n in cells.max(axis=0))
        covered = np.zeros((high, wide), dtype=np.int64)
        covered[cells[:, 1], cells[:, 0]] = 1
        self._cells = int(covered.sum())
        self._sums = np.zeros((high + 1, wide + 1), dtype=np.int64)
        self._sums[1:, 1:] = covered.cumsum(axis=0).cumsum(axis=1)

    def share(self, left: Floats, top: Floats, right: Floats, bottom: Floats) -> Floats:
        """How much of it lies in boxes of the plane, 0 to 1; edges in mm, arrays of one shape."""
        high, wide = self._sums.shape
        x0, x1 = self._columns(left, right, 0, wide)
        y0, y1 = self._columns(top, bottom, 1, high)
        s = self._sums
        inside = s[y1, x1] - s[y0, x1] - s[y1, x0] + s[y0, x0]
        shares: Floats = inside / max(1, self._cells)
        return shares

    def _columns(
        self, first: Floats, last: Floats, way: int, count: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        low = np.floor(first / CELL_MM).astype(np.int64) - self._low[way]
        high = np.ceil(last / CELL_MM).astype(np.int64) - self._low[way]
        return np.clip(low, 0, count - 1), np.clip(high, 0, count - 1)


def clear_sight(
    low_mm: Floats,
    high_mm: Floats,
    shadow: Shadow,
    size_px: tuple[int, int],
    margin: float,
    texts_at: Callable[[float], Sequence[QRectF]],
) -> Sight:
    """The sight of a box in which the texts of a pane hide least of a shadow.

    low_mm, high_mm: the box, right and down, which stays in the pane whole. texts_at: where words
    lie for so many mm per pixel. The scale that fills the pane is given up in small steps, and the
    box leaves the middle, only as far as that uncovers lung.
    """
    wide, high = (max(1, n) for n in size_px)
    box = high_mm[:2] - low_mm[:2]
    filled = max(*(box * (1 + 2 * margin) / (wide, high)))
    middle = (low_mm[:2] + high_mm[:2]) / 2
    best, least = (float(middle[0]), float(middle[1]), float(filled)), np.inf
    steps = np.linspace(-1.0, 1.0, TRIED)
    steps *= np.abs(steps)
    for smaller in np.arange(1.0, SMALLEST, -STEP):
        if 1 - smaller >= least:
            break
        mm = float(filled / smaller)
        spare = np.maximum(0.0, np.array((wide, high)) * mm - box * (1 + 2 * margin)) / 2
        right, down = np.meshgrid(middle[0] + steps * spare[0], middle[1] + steps * spare[1])
        rects = [(r.left(), r.top(), r.right(), r.bottom()) for r in texts_at(mm)]
        edges = np.array(rects).reshape(-1, 4).T[..., None, None] * mm  # all rects at one go
        x, y = right - wide / 2 * mm, down - high / 2 * mm
        shares = shadow.share(x + edges[0], y + edges[1], x + edges[2], y + edges[3])
        hidden = shares.sum(axis=0)
        off = np.hypot((right - middle[0]) / (wide * mm), (down - middle[1]) / (high * mm))
        cost = hidden * HIDDEN_WEIGHT + (1 - smaller) + off**2 * MOVED_WEIGHT
        at = np.unravel_index(int(np.argmin(cost)), cost.shape)
        if cost[at] < least:
            best, least = (float(right[at]), float(down[at]), mm), float(cost[at])
    return best
