"""What is drawn over the image: outlines and marks. Nothing ever lies on a nodule."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QDataStream, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from viewer import theme
from viewer.views.beside_tags import Tag, name_places, twins
from viewer.views.glyphs import cross_lines, diamond, ring_pen, state_colour
from viewer.views.state import EDITING, Mark
from viewer.views.tag_places import outline_px

POINT_PX, TINY_PX = 4.0, 1e-3
NAME_EDGE_PX = 20.0
"""Beside the edge of a pane stands its letter."""

UNDER_ALPHA, UNDER_PX = 0.42, ((-0.8, 0.0), (0.8, 0.0), (0.0, -0.8), (0.0, 0.8))
EDGE_PX = ((-0.12, -0.12), (0.12, 0.12))
"""Hairlines that together look like an edge of 1.25 px over an underlay of 2.25 px at 55 %."""


@dataclass(frozen=True)
class Placed:
    """A mark on the screen: where its middle is and how large its ring, in logical pixels.

    turn_deg: by how much its tag is turned, against the clock, from the usual 45 degrees.
    """

    mark: Mark
    x: float
    y: float
    radius: float
    turn_deg: float = 0.0

    @property
    def tag(self) -> QPointF:
        """The middle of the tag, outside the ring."""
        return self.tag_at(self.turn_deg)

    def tag_at(self, turn_deg: float) -> QPointF:
        """The same, were it turned so far."""
        angle = math.radians(theme.number("mark.tagAngle") + turn_deg)
        out = outline_px(self, angle) + theme.number("mark.tagRadius")
        return QPointF(self.x + out * math.cos(angle), self.y - out * math.sin(angle))

    @property
    def bounds(self) -> QRectF:
        """The place of the ring and its tag."""
        ring = QRectF(self.x - self.radius, self.y - self.radius, *2 * (2 * self.radius,))
        reach = theme.number("mark.tagRadius")
        return ring.united(QRectF(self.tag, self.tag).adjusted(-reach, -reach, reach, reach))

    @property
    def as_tag(self) -> Tag:
        """For the rule that places names."""
        ring = QRectF(self.x - self.radius, self.y - self.radius, *2 * (2 * self.radius,))
        return Tag(self.mark, self.tag, ring)

    @property
    def clear(self) -> float:
        """No crosshair line comes nearer to the middle than this."""
        return self.radius + theme.number("mark.clear")

    def holds(self, point: QPointF) -> bool:
        """Whether a click there means this mark."""
        tag, reach = self.tag, theme.number("mark.tagRadius") + theme.number("mark.underlay")
        near_tag = math.hypot(point.x() - tag.x(), point.y() - tag.y()) <= reach
        return near_tag or math.hypot(point.x() - self.x, point.y() - self.y) <= self.radius


def place(mark: Mark, x: float, y: float, px_per_mm: float) -> Placed:
    """A mark with its ring: outside the nodule, and never too small to see or to hit."""
    fitting = mark.radius_mm * px_per_mm + theme.number("mark.pad")
    least = theme.number("mark.minRadius")
    if mark.state == "held":
        least *= theme.number("glyph.small")
    return Placed(mark, x, y, max(least, fitting))


def polygon(points: NDArray[np.float64]) -> QPolygonF:
    """(N, 2) x and y as a polygon, through Qt's own byte form: ten times faster than by points."""
    data = QByteArray(struct.pack(">i", len(points)) + points.astype(">f8").tobytes())
    made = QPolygonF()
    QDataStream(data) >> made
    return made


def path(lines: Iterable[NDArray[np.float64]]) -> QPainterPath:
    """Lines of (N, 2) x and y in pixels as one path, with no more points than the eye can tell.

    Stroking costs by the point: one in some three pixels costs half and looks the same.
    """
    made = QPainterPath()
    for one in polygons(lines):
        made.addPolygon(one)
    return made


def polygons(lines: Iterable[NDArray[np.float64]]) -> list[QPolygonF]:
    """The same, each line by itself."""
    made = []
    for line in lines:
        steps = np.abs(np.diff(line, axis=0)).sum(axis=1)
        stride = max(1, int(POINT_PX / max(float(steps.mean()), TINY_PX)))
        thin = line[::stride]
        if stride > 1 and (len(line) - 1) % stride:
            thin = np.concatenate([thin, line[-1:]])
        made.append(polygon(thin))
    return made


def paint_outline(painter: QPainter, edges: QPainterPath, name: str, edge: str) -> None:
    """A segment's edge in its colour over a dark underlay; edge is a token ('dash 6 3')."""
    width = theme.number("segment.edgeWidth")
    under = theme.pen(
        "bg.image", width=theme.number("edge.underlay"), alpha=theme.number("mark.underlayAlpha")
    )
    for made in (under, theme.pen(name, width=width, style=edge)):
        made.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
        painter.strokePath(edges, made)


def paint_fine_outline(painter: QPainter, edges: Iterable[QPolygonF], name: str, edge: str) -> None:
    """The same to the eye, of hairlines side by side: Qt draws those nine times as fast as it
    strokes a path. Only where a logical pixel is one of the screen's."""
    lines = list(edges)
    dark = theme.pen("bg.image", width=1, alpha=UNDER_ALPHA)
    lit = theme.pen(name, width=1, style=edge)
    for made, offsets in ((dark, UNDER_PX), (lit, EDGE_PX)):
        painter.setPen(made)
        for x, y in offsets:
            painter.translate(x, y)
            for line in lines:
                painter.drawPolyline(line)
            painter.translate(-x, -y)


def _ring_pens(one: Placed) -> tuple[QPen, QPen]:
    """The dark pen below and the coloured one above of a mark's ring."""
    current = one.mark.current
    width = theme.number("mark.penCurrent" if current else "mark.pen")
    alpha = 1.0 if current else theme.number("mark.alpha")
    under = theme.pen(
        "bg.image",
        width=width + theme.number("mark.underlay"),
        alpha=theme.number("mark.underlayAlpha"),
    )
    name, style = state_colour(one.mark.state), ring_pen(one.mark.state)
    return under, theme.pen(name, width=width, alpha=alpha, style=style)


def paint_mark(painter: QPainter, one: Placed) -> None:
    """A mark by its state: ring, ring with solid tag, dashed ring, cross outside, diamond, dots."""
    centre, state = QPointF(one.x, one.y), one.mark.state
    if state == EDITING:
        return  # its contour says more, and the hand needs the room
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for made in _ring_pens(one):
        painter.setPen(made)
        if state == "rejected":
            for a, b in cross_lines(one.tag, theme.number("mark.cross")):
                painter.drawLine(a, b)
        elif state == "added":
            painter.drawPolygon(diamond(centre, one.radius * math.sqrt(2)))
        else:
            painter.drawEllipse(centre, one.radius, one.radius)
    if state not in ("rejected", "held"):
        _paint_tag(painter, one)


def paint_names(
    painter: QPainter,
    placed: Sequence[Placed],
    bounds: QRectF,
    words: Callable[[], Sequence[QRectF]] = tuple,
) -> None:
    """The whole names of marks whose numbers repeat in a pane; words: places of what stands in its
    corners, asked for only where there are names."""
    if not twins(placed):
        return
    room = bounds.adjusted(NAME_EDGE_PX, 0, -NAME_EDGE_PX, 0)
    names = name_places([one.as_tag for one in placed], room, words())
    for one in placed:
        if one.mark.id in names:
            paint_name(painter, one.mark, names[one.mark.id])


def paint_name(painter: QPainter, mark: Mark, box: QRectF) -> None:
    """A mark's whole name on a plate that it is read on."""
    painter.setFont(theme.font("captionStrong"))
    painter.fillRect(box, theme.color("bg.image", theme.number("overlay.plateAlpha")))
    painter.setPen(theme.color(state_colour(mark.state)))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, mark.name)


def _paint_tag(painter: QPainter, one: Placed) -> None:
    """The numbered disc: hollow, or solid once accepted."""
    name, radius = state_colour(one.mark.state), theme.number("mark.tagRadius")
    solid = one.mark.state == "accepted"
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("bg.image", theme.number("mark.underlayAlpha")))
    painter.drawEllipse(one.tag, radius + 1, radius + 1)
    painter.setPen(theme.pen(name, width=theme.number("mark.pen")))
    painter.setBrush(theme.color(name) if solid else theme.color("bg.image"))
    painter.drawEllipse(one.tag, radius, radius)
    painter.setPen(theme.color("bg.image" if solid else name))
    painter.setFont(theme.font("captionStrong"))
    box = QRectF(one.tag.x() - radius, one.tag.y() - radius, 2 * radius, 2 * radius)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(one.mark.number))


def paint_frame(painter: QPainter, bounds: QRectF) -> None:
    """The frame of the active pane; four filled bars, since a stroked one costs ten times more."""
    ink, thick = theme.color("accent.base", theme.number("pane.active")), theme.number("hairline")
    wide, high = bounds.width(), bounds.height()
    painter.fillRect(QRectF(0, 0, wide, thick), ink)
    painter.fillRect(QRectF(0, high - thick, wide, thick), ink)
    painter.fillRect(QRectF(0, thick, thick, high - 2 * thick), ink)
    painter.fillRect(QRectF(wide - thick, thick, thick, high - 2 * thick), ink)


def paint_box(painter: QPainter, box: QRectF) -> None:
    """The box that a hand draws for a grey window."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for made in (
        theme.pen("bg.image", width=3, alpha=theme.number("mark.underlayAlpha")),
        theme.pen("accent.base", width=theme.number("hairline")),
    ):
        painter.setPen(made)
        painter.drawRect(box)
