"""The crosshair: the lines of the other planes, open round the point and the marks; their arms."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from viewer import theme
from viewer.views.overlays import Placed
from viewer.views.planes import PLANES, Plane, View
from viewer.views.state import ViewState

Gap = tuple[float, float]
SHARP = 0.5  # a hairline is crisp when it runs through pixel centres
PARALLEL = 1e-6


@dataclass(frozen=True)
class Hair:
    """One line of the crosshair: the plane it stands for, a point on it and its unit direction.

    x, y: where the crosshair is, in logical pixels; dx, dy: (0, 1) is upright, (1, 0) level.
    """

    plane: str
    x: float
    y: float
    dx: float
    dy: float

    @property
    def crisp(self) -> bool:
        """Whether it runs along the pixels."""
        return min(abs(self.dx), abs(self.dy)) < PARALLEL

    def at(self, along: float) -> QPointF:
        """The point so many pixels along it; crisp lines lie on pixel centres."""
        x, y = self.x + along * self.dx, self.y + along * self.dy
        if self.crisp and abs(self.dx) < PARALLEL:
            x = math.floor(self.x) + SHARP
        elif self.crisp:
            y = math.floor(self.y) + SHARP
        return QPointF(x, y)

    def within(self, bounds: QRectF) -> Gap | None:
        """The stretch of it that lies in a rectangle, in pixels along it; None where none does."""
        low, high = -math.inf, math.inf
        for place, way, least, most in (
            (self.x, self.dx, bounds.left(), bounds.right()),
            (self.y, self.dy, bounds.top(), bounds.bottom()),
        ):
            if abs(way) < PARALLEL:
                if not least <= place <= most:
                    return None
                continue
            a, b = sorted(((least - place) / way, (most - place) / way))
            low, high = max(low, a), min(high, b)
        return (low, high) if low < high else None


@dataclass(frozen=True)
class Arm:
    """The end of a line, by which it can be turned."""

    plane: str
    end: QPointF

    def holds(self, at: QPointF) -> bool:
        """Whether a hand there means this end."""
        way = at - self.end
        return math.hypot(way.x(), way.y()) <= theme.number("arm.hit")


def hairs_of(view: View, state: ViewState) -> tuple[Hair, Hair]:
    """The lines on which the two other planes cut this one, through the crosshair."""
    x, y = (float(n) for n in view.pixels_of(state.crosshair_lps))
    made = []
    for name in PLANES:
        if name == view.plane.name:
            continue
        made.append(Hair(name, x, y, *_way(view.plane, state.planes[name])))
    return made[0], made[1]


@lru_cache(maxsize=64)
def _way(plane: Plane, other: Plane) -> tuple[float, float]:
    """Unit right and down of the line on which two planes meet, on the first of them."""
    way = np.cross(plane.onward, other.onward)
    dx, dy = float(way @ plane.right), float(way @ plane.down)
    long = math.hypot(dx, dy) * (1 if dx + dy > 0 else -1)
    return round(dx / long, 9) + 0.0, round(dy / long, 9) + 0.0


def arms_of(hairs: Sequence[Hair], bounds: QRectF) -> list[Arm]:
    """The ends that lie far enough from the crosshair to turn by."""
    inset = theme.number("arm.inset")
    inner = bounds.adjusted(inset, inset, -inset, -inset)
    made = []
    for hair in hairs:
        ends = hair.within(inner)
        for along in ends or ():
            if abs(along) >= theme.number("arm.least"):
                made.append(Arm(hair.plane, hair.at(along)))
    return made


def gaps_on(hair: Hair, placed: Iterable[Placed]) -> list[Gap]:
    """Where marks keep a line open, in pixels along it."""
    gaps = []
    for one in placed:
        x, y = one.x - hair.x, one.y - hair.y
        along, off = x * hair.dx + y * hair.dy, abs(x * hair.dy - y * hair.dx)
        if off < one.clear:
            half = math.sqrt(one.clear**2 - off**2)
            gaps.append((along - half, along + half))
    return gaps


def pieces(start: float, end: float, gaps: Iterable[Gap]) -> list[Gap]:
    """What is left of a line from start to end without the gaps."""
    left = []
    for low, high in sorted(gaps):
        if low > start:
            left.append((start, min(low, end)))
        start = max(start, high)
        if start >= end:
            return left
    left.append((start, end))
    return left


def paint_crosshair(
    painter: QPainter,
    bounds: QRectF,
    hairs: tuple[Hair, Hair],
    *,
    placed: Sequence[Placed],
    moving: bool,
) -> None:
    """Both lines in the colours and styles of their planes, open round the point and the marks."""
    open_px = theme.number("overlay.crossGap")
    alpha = theme.number("plane.alphaMoving" if moving else "plane.alphaRest")
    for hair in hairs:
        reach = hair.within(bounds)
        if reach is None:
            continue
        gaps = [(-open_px, open_px), *gaps_on(hair, placed)]
        lines = [QLineF(hair.at(a), hair.at(b)) for a, b in pieces(*reach, gaps)]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not hair.crisp)
        spec = f"plane.{hair.plane}"
        style = theme.token(spec)["pen"]
        top = theme.pen(spec, width=1, alpha=alpha, style=style)
        under = theme.pen(
            "bg.image",
            width=theme.number("cross.underlayWidth"),
            alpha=theme.number("overlay.crossUnderlay"),
            style=style,
        )
        for made in (under, top):
            painter.setPen(made)
            painter.drawLines(lines)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)


def paint_arms(painter: QPainter, arms: Iterable[Arm], held: Arm | None) -> None:
    """A small ring at each end; solid the one under the hand."""
    radius = theme.number("arm.radius")
    for arm in arms:
        mine = held is not None and held.plane == arm.plane and held.end == arm.end
        painter.setBrush(theme.color(f"plane.{arm.plane}") if mine else Qt.BrushStyle.NoBrush)
        for made in (
            theme.pen("bg.image", width=3, alpha=theme.number("mark.underlayAlpha")),
            theme.pen(f"plane.{arm.plane}", width=theme.number("glyph.pen")),
        ):
            painter.setPen(made)
            painter.drawEllipse(arm.end, radius, radius)
    painter.setBrush(Qt.BrushStyle.NoBrush)
