"""Where tags of marks on a cut stand: at 45 degrees, or turned round the ring where that is taken.

One rule: a tag lies on no nodule, on no other tag and within its pane, as far as there is room; the
current mark chooses first. The 3-D picture has leaders, and a rule of its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from viewer import theme
from viewer.views.state import EDITING

if TYPE_CHECKING:
    from viewer.views.overlays import Placed

Floats = NDArray[np.float64]

TURNS_DEG: Final = tuple(
    sign * turn for turn in range(0, 181, 15) for sign in ((1, -1) if 0 < turn < 180 else (1,))
)
"""Turns of a tag from its usual place, the smallest first."""

ON_CURRENT, ON_BODY, ON_TAG, OUTSIDE, ON_RING, LATER = 1000.0, 100.0, 20.0, 10.0, 1.0, 0.01
"""How bad a place is; of two that are as bad the one that is turned less is taken."""
TOUCHES_PX: Final = 3.0
"""By no more than this a tag may lie on the ring of another mark: the line is still followed."""
WITHOUT: Final = ("held", EDITING)
"""States whose marks have no tag."""


def apart(placed: Sequence[Placed], pane: QRectF) -> list[Placed]:
    """The same marks in the same order, their tags turned where they must be."""
    radius = theme.number("mark.tagRadius")
    room = pane.adjusted(radius, radius, -radius, -radius)
    bodies = np.array([(one.x, one.y, one.radius) for one in placed]).reshape(-1, 3)
    made, taken = list(placed), np.empty((0, 2))
    for n in sorted(range(len(made)), key=lambda n: not made[n].mark.current):
        if made[n].mark.state in WITHOUT:
            continue
        one = made[n]
        spots = _spots(one, TURNS_DEG[:1])
        if _cost(spots, n, placed, bodies, taken, room)[0] > 0:
            spots = _spots(one, TURNS_DEG)
            cost = _cost(spots, n, placed, bodies, taken, room) + LATER * np.arange(len(spots))
            best = int(np.argmin(cost))
            made[n], spots = replace(one, turn_deg=float(TURNS_DEG[best])), spots[best : best + 1]
        taken = np.vstack([taken, spots])
    return made


def _spots(one: Placed, turns: Sequence[int]) -> Floats:
    """(N, 2) x and y of the tag's middle, by how far it is turned."""
    tags = [one.tag_at(float(turn)) for turn in turns]
    return np.array([(tag.x(), tag.y()) for tag in tags])


def _cost(
    spots: Floats, n: int, placed: Sequence[Placed], bodies: Floats, taken: Floats, room: QRectF
) -> Floats:
    """How bad each of these places is for the tag of mark n; 0 where it is free."""
    radius, pad = theme.number("mark.tagRadius") + 1, theme.number("mark.pad")
    others = [m for m in range(len(placed)) if m != n]
    far = _apart(spots, bodies[others, :2])
    weigh = np.array([ON_CURRENT if placed[m].mark.current else ON_BODY for m in others])
    cost = ((far < bodies[others, 2] - pad + radius) * weigh).sum(axis=1)
    cost += ON_RING * (far < bodies[others, 2] + radius - TOUCHES_PX).sum(axis=1)
    cost += ON_TAG * (_apart(spots, taken) < 2 * radius).sum(axis=1)
    inside = (
        (spots[:, 0] >= room.left()) & (spots[:, 0] <= room.right())
        & (spots[:, 1] >= room.top()) & (spots[:, 1] <= room.bottom())
    )  # fmt: skip
    return np.asarray(cost + OUTSIDE * ~inside, dtype=np.float64)


def _apart(a: Floats, b: Floats) -> Floats:
    """(N, M) pixels between places."""
    return np.asarray(np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=-1)), dtype=np.float64)


def outline_px(one: Placed, angle: float) -> float:
    """How far the outline of a mark is from its middle in that direction, radians: a ring's radius,
    or the side of a diamond, which the ring touches."""
    if one.mark.state != "added":
        return one.radius
    return one.radius * math.sqrt(2) / (abs(math.cos(angle)) + abs(math.sin(angle)))
