"""Paints drawings over the panes: thin lines with a dark edge, figures on a plate beside them."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from viewer import theme
from viewer.measuring.hits import Box
from viewer.measuring.layout import Laid
from viewer.measuring.shapes import REGIONS, Kind
from viewer.views.overlays import polygon
from viewer.views.slice_view import SliceView

Floats = NDArray[np.float64]

INK = "accent.base"
BARB = math.radians(24)
ARC_STEPS = 24
SMALL_PX = 48.0


class Shows(Protocol):
    """Who knows what lies on a pane."""

    def laid(self, view: SliceView) -> list[Laid]:
        """The drawings of a pane, the topmost last."""


class MeasuringOverlay:
    """One for all panes; nothing shows while marks are hidden."""

    on_second = True

    def __init__(self, shows: Shows) -> None:
        self._shows = shows

    def paint(self, painter: QPainter, view: SliceView) -> None:
        laid = self._shows.laid(view)
        if not laid:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        _paint_shapes(painter, [one for one in laid if not one.traced.selected])
        _paint_shapes(painter, [one for one in laid if one.traced.selected], selected=True)
        for one in laid:  # all of them first: none runs through another's words
            if one.traced.text is not None:
                _paint_leader(painter, one)
        for one in laid:
            if one.traced.text is not None:
                _paint_plate(painter, one.traced.text, one.lines)
        painter.restore()


def _pens(selected: bool, style: str = "") -> tuple[QPen, QPen]:
    """The dark pen below and the coloured one above."""
    width = theme.number("mark.penCurrent" if selected else "mark.pen")
    alpha = 1.0 if selected else theme.number("mark.alpha")
    under = theme.pen(
        "bg.image",
        width=width + theme.number("mark.underlay"),
        alpha=theme.number("mark.underlayAlpha"),
    )
    over = theme.pen(INK, width=width, alpha=alpha, style=style)
    for made in (under, over):
        made.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return under, over


def _paint_shapes(painter: QPainter, shapes: list[Laid], *, selected: bool = False) -> None:
    """Straight ones in one stroke together, curves each by itself: many curves in one stroke, and
    lines across them, cost ten times more."""
    solid, dashed = QPainterPath(), QPainterPath()
    for one in shapes:
        path, more = _paths(one)
        dashed.addPath(more)
        if one.measured.shape.kind in REGIONS:
            _stroke(painter, path, selected)
        else:
            solid.addPath(path)
    _stroke(painter, solid, selected)
    _stroke(painter, dashed, selected, theme.token("measure.shortAxis"))
    for one in shapes:
        if selected and one.measured.shape.kind is not Kind.PROBE:
            _paint_handles(painter, one.traced.handles, one.traced.box)


def _stroke(painter: QPainter, path: QPainterPath, selected: bool, style: str = "") -> None:
    if not path.isEmpty():
        for made in _pens(selected, style):
            painter.strokePath(path, made)


def _paths(one: Laid) -> tuple[QPainterPath, QPainterPath]:
    """What is drawn solid, and what is dashed (a short axis)."""
    solid, dashed = QPainterPath(), QPainterPath()
    lines, kind = one.traced.lines, one.measured.shape.kind
    match kind:
        case Kind.PROBE:
            _add_target(solid, lines[0][0])
        case Kind.ARROW:
            _add_arrow(solid, *lines[0])
        case Kind.BIDIRECTIONAL:
            for line, path in zip(lines, (solid, dashed), strict=True):
                _add_ended(path, line)
        case Kind.LENGTH:
            _add_ended(solid, lines[0])
        case _:
            solid.addPolygon(polygon(lines[0]))
            if kind is Kind.ANGLE:
                _add_arc(solid, lines[0])
    return solid, dashed


def _add_ended(path: QPainterPath, line: Floats) -> None:
    """A line with a short stroke across each end."""
    path.addPolygon(polygon(line))
    way = line[1] - line[0]
    length = float(np.hypot(*way))
    if length:
        across = np.array((-way[1], way[0])) / length * theme.number("measure.tick") / 2
        for end in line:
            path.addPolygon(polygon(np.array([end - across, end + across])))


def _add_target(path: QPainterPath, at: Floats) -> None:
    """A ring open in the middle, with four strokes outside: the voxel itself stays in sight."""
    radius, out = theme.number("measure.ring"), theme.number("measure.tick") / 2
    path.addEllipse(QPointF(*at), radius, radius)
    for way in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        step = np.array(way, dtype=float)
        path.addPolygon(polygon(np.array([at + step * radius, at + step * (radius + out)])))


def _add_arrow(path: QPainterPath, tip: Floats, tail: Floats) -> None:
    """From the tail towards the tip, and short of it by a little."""
    way = tail - tip
    length = float(np.hypot(*way))
    if not length:
        return
    end = tip + way / length * min(theme.number("measure.short"), length / 2)
    path.addPolygon(polygon(np.array([tail, end])))
    lean = math.atan2(way[1], way[0])
    barb = theme.number("measure.barb")
    for turn in (BARB, -BARB):
        side = np.array((math.cos(lean + turn), math.sin(lean + turn))) * barb
        path.addPolygon(polygon(np.array([end, end + side])))


def _add_arc(path: QPainterPath, arms: Floats) -> None:
    """The arc between the arms, well inside the shorter one."""
    ways = (arms[0] - arms[1], arms[2] - arms[1])
    reach = min(theme.number("measure.arc"), *(float(np.hypot(*way)) / 2 for way in ways))
    start = math.atan2(ways[0][1], ways[0][0])
    sweep = (math.atan2(ways[1][1], ways[1][0]) - start + math.pi) % (2 * math.pi) - math.pi
    turn = start + np.linspace(0, sweep, ARC_STEPS)
    path.addPolygon(polygon(arms[1] + reach * np.column_stack([np.cos(turn), np.sin(turn)])))


def _paint_handles(painter: QPainter, handles: Floats, around: Box) -> None:
    """Hollow squares, smaller on a small drawing so that they do not cover it."""
    small = max(around.right - around.left, around.bottom - around.top) < SMALL_PX
    side = theme.number("measure.handle") * (theme.number("glyph.small") if small else 1)
    painter.setPen(theme.pen(INK, width=theme.number("mark.pen")))
    painter.setBrush(theme.color("bg.image"))
    for x, y in handles:
        painter.drawRect(QRectF(x - side / 2, y - side / 2, side, side))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_leader(painter: QPainter, one: Laid) -> None:
    """A fine dashed line from the plate to its drawing, where they are apart."""
    text, points = one.traced.text, np.concatenate(one.traced.lines)
    assert text is not None
    middle = np.array(text.middle)
    start = points[int(np.linalg.norm(points - middle, axis=1).argmin())]
    end = np.clip(start, (text.left, text.top), (text.right, text.bottom))
    if float(np.hypot(*(end - start))) > theme.number("measure.leaderFrom"):
        line = QLineF(QPointF(*start), QPointF(*end))
        alpha, style = theme.number("mark.alpha"), theme.token("measure.leader")
        for pen in (
            theme.pen("bg.image", width=2, alpha=theme.number("mark.underlayAlpha"), style=style),
            theme.pen(INK, width=1, alpha=alpha, style=style),
        ):
            painter.setPen(pen)
            painter.drawLine(line)


def _paint_plate(painter: QPainter, box: Box, lines: tuple[str, ...]) -> None:
    rect = QRectF(QPointF(box.left, box.top), QPointF(box.right, box.bottom))
    radius = theme.number("overlay.plateRadius")
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    painter.fillPath(path, theme.color("bg.image", theme.number("overlay.plateAlpha")))
    painter.setFont(theme.font("overlay"))
    painter.setPen(theme.color("text.image"))
    high = theme.line_height("overlay")
    row = QRectF(
        rect.left() + theme.number("measure.padX"),
        rect.top() + theme.number("measure.padY"),
        rect.width() - theme.number("measure.padX"),
        high,
    )
    for line in lines:
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line)
        row.translate(0, high)
