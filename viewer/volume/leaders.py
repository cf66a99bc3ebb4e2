"""Where the tags of the 3-D picture stand: beside their findings, on leaders, and never on the
finding that is looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from viewer import theme
from viewer.views.beside_tags import Tag, spots_of, twins
from viewer.volume.pick import Seen

Floats = NDArray[np.float64]

TURNS_DEG: Final = (0, -25, 25, 90, 65, 115, -90, -65, 180, -115, 155, 205)
"""From the usual way, up and to the right, a leader is turned by so much where that is taken."""
STEPS: Final = 6
"""So often a leader is made longer, by a tag's height each time."""

ON_CURRENT, ACROSS_CURRENT, ON_TAG, ON_OWN, ON_BODY, LATER = 100.0, 40.0, 20.0, 5.0, 1.0, 0.01
"""How bad a place is; of two that are as bad the earlier one is taken."""


def tags_of(found: Sequence[Seen], bounds: QRectF) -> list[Tag]:
    """For each finding its tag, in the same order: within the pane, apart from each other, at 45
    degrees where that is free. The current one chooses first."""
    radius = theme.number("mark.tagRadius")
    room = bounds.adjusted(2 * radius, 2 * radius, -2 * radius, -2 * radius)
    bodies = np.array([(one.x, one.y, one.radius) for one in found]).reshape(-1, 3)
    current = next((one for one in found if one.mark.current), None)
    placed: list[tuple[float, float]] = []
    name: QRectF | None = None
    at: dict[int, tuple[float, float]] = {}
    for n in sorted(range(len(found)), key=lambda n: not found[n].mark.current):
        places = _places(found[n], room)
        cost = LATER * np.arange(len(places))
        cost += ON_OWN * (_apart(places, bodies[n, :2]) <= bodies[n, 2] + radius)
        others = np.delete(bodies, n, axis=0)
        near = _apart(places[:, None], others[:, :2]) <= others[:, 2] + radius
        cost += ON_BODY * near.sum(axis=1)
        if placed:
            cost += ON_TAG * (_apart(places[:, None], np.array(placed)) <= 2 * radius).any(axis=1)
        if name is not None:
            cost += ON_TAG * (_beside(places, name) <= radius)
        if current is not None:
            cost += _on_current(places, found[n], current, radius)
        x, y = places[int(np.argmin(cost))]
        placed.append((float(x), float(y)))
        at[n] = placed[-1]
        if found[n] is current:
            name = _name_alone(
                Tag(current.mark, QPointF(*at[n]), _ring(current), True), found, room
            )
    return [Tag(one.mark, QPointF(*at[n]), _ring(one), leads=True) for n, one in enumerate(found)]


def _name_alone(tag: Tag, found: Sequence[Seen], room: QRectF) -> QRectF | None:
    """Where the current one's name will stand, where it has one: the other tags keep clear."""
    if tag.mark.id not in twins(found):
        return None
    alone = [one for one in spots_of(tag) if room.contains(one) and not one.intersects(tag.ring)]
    return alone[0] if alone else None


def _beside(places: Floats, box: QRectF) -> Floats:
    """How far places are from a box, pixels; 0 in it."""
    low, high = (box.left(), box.top()), (box.right(), box.bottom())
    return _apart(places, np.clip(places, low, high))


def _places(one: Seen, room: QRectF) -> Floats:
    """(N, 2) x and y of the middles that a tag may have, the best first."""
    radius = theme.number("mark.tagRadius")
    usual = math.radians(theme.number("mark.tagAngle"))
    far = one.radius + theme.number("tag.leader") + np.arange(STEPS) * 2 * (radius + 1)
    way = usual + np.radians(TURNS_DEG)
    x = one.x + far[:, None] * np.cos(way)
    y = one.y - far[:, None] * np.sin(way)
    x = np.clip(x, room.left(), max(room.left(), room.right()))
    y = np.clip(y, room.top(), max(room.top(), room.bottom()))
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _on_current(places: Floats, one: Seen, current: Seen, radius: float) -> Floats:
    """What it costs that a tag or its leader lies on the current finding."""
    middle, reach = np.array([current.x, current.y]), ring_px(current)
    cost = ON_CURRENT * (_apart(places, middle) <= reach + radius)
    start = np.array([one.x, one.y])
    if one is not current and float(_apart(start, middle)) > reach:
        way = places - start
        long = np.maximum((way**2).sum(axis=1), 1e-9)
        share = np.clip(((middle - start) * way).sum(axis=1) / long, 0, 1)
        cost += ACROSS_CURRENT * (_apart(start + share[:, None] * way, middle) <= reach)
    return np.asarray(cost, dtype=np.float64)


def ring_px(one: Seen) -> float:
    """The radius of the ring round a finding that is current."""
    return one.radius + (theme.number("mark.pad") if one.mark.current else 0.0)


def _ring(one: Seen) -> QRectF:
    reach = ring_px(one)
    return QRectF(one.x - reach, one.y - reach, 2 * reach, 2 * reach)


def _apart(a: Floats, b: Floats) -> Floats:
    """How far places are from each other, pixels."""
    return np.asarray(np.hypot(a[..., 0] - b[..., 0], a[..., 1] - b[..., 1]))
