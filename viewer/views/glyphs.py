"""The shapes of states: ring, disc, cross, diamond, dashes, dots. Shape before colour."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from viewer import theme

_COLOURS = {
    "proposed": "state.pending", "undecided": "state.pending", "accepted": "state.accepted",
    "edited": "state.edited", "rejected": "state.rejected", "added": "state.added",
    "held": "state.held", "taken over": "state.added",
}  # fmt: skip


def state_colour(state: str) -> str:
    """The colour token of a reading's state ('proposed', 'accepted', ...)."""
    return _COLOURS[state]


def ring_pen(state: str) -> str:
    """The pen of a state's ring as a token: 'solid', 'dash 4 3', 'dot 1.5 2.5'."""
    style: str = theme.token(state_colour(state))["pen"]
    return style


def diamond(centre: QPointF, radius: float) -> QPolygonF:
    """A square on its corner, radius from middle to corner."""
    x, y = centre.x(), centre.y()
    return QPolygonF(
        [QPointF(x, y - radius), QPointF(x + radius, y), QPointF(x, y + radius),
         QPointF(x - radius, y)]
    )  # fmt: skip


def cross_lines(centre: QPointF, side: float) -> list[tuple[QPointF, QPointF]]:
    """The two strokes of a cross in a square of that side."""
    half = side / 2
    x, y = centre.x(), centre.y()
    return [
        (QPointF(x - half, y - half), QPointF(x + half, y + half)),
        (QPointF(x - half, y + half), QPointF(x + half, y - half)),
    ]


def paint_glyph(painter: QPainter, rect: QRectF, state: str) -> None:
    """The glyph of a state in a square (16 px in lists)."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    name, centre = state_colour(state), rect.center()
    radius = rect.width() * theme.number("glyph.radius") / theme.number("glyph")
    width = theme.number("glyph.pen")
    painter.setPen(theme.pen(name, width=width, style=ring_pen(state)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if state == "rejected":
        for a, b in cross_lines(centre, radius * 2 - width):
            painter.drawLine(a, b)
    elif state in ("added", "taken over"):
        painter.drawPolygon(diamond(centre, radius + width / 2))
    elif state == "accepted":
        painter.setBrush(theme.color(name))
        painter.drawEllipse(centre, radius, radius)
    else:
        if state == "held":
            radius *= theme.number("glyph.small")
        painter.drawEllipse(centre, radius, radius)
    painter.restore()
