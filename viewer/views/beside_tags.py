"""Whole names beside tags, for marks whose tags say the same: one rule for the cuts and for 3-D.

A tag stands at its mark's ring on a cut, and at the end of a leader in 3-D; the rule is the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF

from viewer import theme
from viewer.views.state import EDITING, Mark

WITHOUT_TAG: Final = ("rejected", "held", EDITING)


class Tagged(Protocol):
    """What stands in a pane with a mark's tag."""

    @property
    def mark(self) -> Mark: ...


@dataclass(frozen=True)
class Tag:
    """at: the middle of a mark's tag. ring: the place of the finding itself. leads: whether a
    leader joins the two; else the tag stands at the ring."""

    mark: Mark
    at: QPointF
    ring: QRectF
    leads: bool = False

    @property
    def disc(self) -> QRectF:
        """The place of the tag."""
        reach = theme.number("mark.tagRadius")
        return QRectF(self.at, self.at).adjusted(-reach, -reach, reach, reach)

    @property
    def taken(self) -> tuple[QRectF, ...]:
        """What other names keep clear of."""
        return (self.disc,) if self.leads else (self.ring.united(self.disc),)


def twins(tagged: Iterable[Tagged]) -> frozenset[str]:
    """Ids of marks in one pane whose tags say the same: those need their whole names."""
    marks = [one.mark for one in tagged if one.mark.state not in WITHOUT_TAG]
    counts = Counter(str(mark.number) for mark in marks)
    return frozenset(mark.id for mark in marks if counts[str(mark.number)] > 1)


def name_places(
    tags: Sequence[Tag], within: QRectF, words: Sequence[QRectF] = ()
) -> dict[str, QRectF]:
    """Where names stand, by id: beside the tag, in the room, on no tag and no other name, and never
    on the current finding where that can be had. The current one chooses first, then in the order
    given. words: what the pane says over the names, its corners and scale: kept clear of as well.

    A name whose tag leads somewhere is left out where there is no such place: its leader still
    tells whose it is. One at its ring, and the current one's, stands where it hides least.
    """
    named = twins(tags)
    current = [tag.ring for tag in tags if tag.mark.current]
    made: dict[str, QRectF] = {}
    for one in sorted(tags, key=lambda tag: not tag.mark.current):
        if one.mark.id not in named or not one.mark.name:
            continue
        spots = spots_of(one)
        inside = [spot for spot in spots if within.contains(spot)]
        others = [box for tag in tags if tag is not one for box in tag.taken]
        firm = [*others, *made.values(), one.disc]
        soft = [one.ring, *(tag.ring for tag in tags if tag.leads), *words]
        free = [spot for spot in inside if not _hidden(spot, [*firm, *current, *words])]
        if not free and one.leads and not one.mark.current:
            continue

        def hides(spot: QRectF, most: Sequence[QRectF] = (*firm, *soft)) -> tuple[float, float]:
            return _hidden(spot, current), _hidden(spot, most)

        made[one.mark.id] = min(free or inside or spots[:1], key=hides)
    return made


def spots_of(tag: Tag) -> list[QRectF]:
    """Right and left of the tag, above and below it; then at the ring, where the tag is there."""
    metrics = QFontMetricsF(theme.font("captionStrong"))
    radius, apart = theme.number("mark.tagRadius"), theme.number("mark.underlay")
    reach = radius + apart
    wide, high = metrics.horizontalAdvance(tag.mark.name) + reach, metrics.height()
    x, y, ring = tag.at.x(), tag.at.y(), tag.ring
    corners = [
        (x + reach, y - high / 2),
        (x - reach - wide, y - high / 2),
        (x - wide / 2, y - reach - high),
    ]
    if tag.leads:
        corners.append((x - wide / 2, y + reach))
    else:
        corners.append((ring.center().x() - wide / 2, ring.bottom() + apart))
        corners.append((ring.left() - apart - wide, ring.center().y() - high / 2))
    return [QRectF(left, top, wide, high) for left, top in corners]


def _hidden(spot: QRectF, taken: Sequence[QRectF]) -> float:
    """How much of these a name there would lie on, square pixels; of two at one place both."""
    both = (spot.intersected(other) for other in taken)
    return sum(part.width() * part.height() for part in both)
