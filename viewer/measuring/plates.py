"""Where the words of a drawing lie: near it, on free ground, never over what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence

from viewer.measuring.hits import Box

GAP_PX = 10.0
"""Between a drawing and its words."""

SEARCH_PX = 24
"""Steps of the search for room farther away."""


def place(
    shape: Box,
    size: tuple[float, float],
    pane: Box,
    *,
    taken: Sequence[Box] = (),
    wished: tuple[float, float] | None = None,
) -> Box:
    """The box of the words of a drawing that fills `shape`; size: width and height.

    wished: where a hand put their middle; else they stand at the right, the left, below or above,
    at the first of these with room. taken: where something else lies already. The words never
    cover the shape unless the shape leaves no room in the whole pane, and never leave the pane.
    Where all places beside it are taken they go to the nearest free one of the pane.
    """
    if wished is not None:
        at = _kept(_about(wished, size), pane)
        return _beside(at, shape, size, pane)
    spots = [_kept(spot, pane) for spot in _spots(shape, size)]
    around = shape.grown(1)
    free = [spot for spot in spots if not spot.meets(around)]
    for spot in free:
        if not any(spot.meets(other) for other in taken):
            return spot
    far = _nearest_free(shape, size, pane, taken)
    return far or min(free or spots, key=lambda spot: hidden_by(spot, taken))


def hidden_by(box: Box, taken: Sequence[Box]) -> float:
    """How much of what is taken a box would cover, in square pixels."""
    return sum(_shared(box, other) for other in taken)


def _nearest_free(
    shape: Box, size: tuple[float, float], pane: Box, taken: Sequence[Box]
) -> Box | None:
    """The place next to the shape, of a grid over the pane, that covers nothing."""
    wide, high = size
    across = range(int(pane.left), int(pane.right - wide) + 1, SEARCH_PX)
    along = range(int(pane.top), int(pane.bottom - high) + 1, SEARCH_PX)
    clear = [shape.grown(1), *taken]
    free = [
        box
        for box in (Box(x, y, x + wide, y + high) for x in across for y in along)
        if not any(box.meets(other) for other in clear)
    ]
    return min(free, key=lambda box: math.dist(box.middle, shape.middle), default=None)


def _spots(shape: Box, size: tuple[float, float]) -> list[Box]:
    wide, high = size
    x, y = shape.middle
    right, left = shape.right + GAP_PX, shape.left - GAP_PX - wide
    below, above = shape.bottom + GAP_PX, shape.top - GAP_PX - high
    level, upright = y - high / 2, x - wide / 2
    corners = [
        *((right, level), (left, level), (upright, below), (upright, above)),
        *((right, below), (left, below), (right, above), (left, above)),
        *((right, below + high), (right, above - high), (left, below + high)),
    ]
    return [Box(a, b, a + wide, b + high) for a, b in corners]


def _about(middle: tuple[float, float], size: tuple[float, float]) -> Box:
    x, y = middle
    wide, high = size
    return Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def _kept(box: Box, pane: Box) -> Box:
    """Moved as little as it takes to lie in the pane."""
    right = max(pane.left - box.left, min(0.0, pane.right - box.right))
    down = max(pane.top - box.top, min(0.0, pane.bottom - box.bottom))
    return box.moved(right, down)


def _beside(box: Box, shape: Box, size: tuple[float, float], pane: Box) -> Box:
    """Moved off the shape by the shortest way that stays in the pane."""
    clear = shape.grown(GAP_PX / 2)
    if not box.meets(clear):
        return box
    ways = (
        (clear.right - box.left, 0.0),
        (clear.left - box.right, 0.0),
        (0.0, clear.bottom - box.top),
        (0.0, clear.top - box.bottom),
    )
    moved = [_kept(box.moved(*way), pane) for way in sorted(ways, key=lambda w: abs(w[0] + w[1]))]
    return next((spot for spot in moved if not spot.meets(shape)), moved[0])


def _shared(one: Box, other: Box) -> float:
    """How much of the screen two boxes share."""
    wide = min(one.right, other.right) - max(one.left, other.left)
    high = min(one.bottom, other.bottom) - max(one.top, other.top)
    return max(0.0, wide) * max(0.0, high)
