"""A running figure by reading: line, band, comparison, and where a policy began."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer import theme
from viewer.panels.density import nice
from viewer.reading.judged import Running

PLOT_HIGH = 158
LINE = 14
AXIS_WIDE = 38
DOT = 2.5
BAND = 0.16
THIRDS = 3
PIECES_X = 4


@dataclass(frozen=True)
class Curves:
    """What a plot shows. top: of the axis, or 0 for what the figures need; unit: behind its
    figures. begun: (number of the reading, word) where a policy began."""

    main: Running
    beside: Running | None = None
    top: float = 0.0
    unit: str = ""
    begun: tuple[tuple[int, str], ...] = ()


class Plot(QWidget):
    """y from 0, x by reading from the first one on."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.curves: Curves | None = None
        self._top = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)

    def sizeHint(self) -> QSize:
        return QSize(200, PLOT_HIGH)

    def show_curves(self, curves: Curves) -> None:
        self.curves, self._top = curves, self._top_of(curves)
        self.update()

    def _top_of(self, curves: Curves) -> float:
        """The highest figure of the axis: a whole number of rules above all that is shown."""
        if curves.top:
            return curves.top
        shown = (*curves.main.values, *(curves.beside.values if curves.beside else ()))
        most = max((*shown, *curves.main.high), default=0.0)
        rule = self._rule(most)
        return rule * max(1, math.ceil(most / rule - 1e-9))

    def _rule(self, most: float) -> float:
        return nice(most / THIRDS) or 1.0

    def paintEvent(self, event: QPaintEvent) -> None:
        curves = self.curves
        if curves is None or not curves.main.values:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("caption"))
        field = QRectF(self.rect()).adjusted(AXIS_WIDE, LINE, -LINE, -LINE - 4)
        self._rules(painter, field, curves)
        self._begun(painter, field, curves)
        self._band(painter, field, curves.main)
        if curves.beside is not None:
            pen = theme.pen("text.tertiary", width=1.5, style="dash 4 3")
            self._line(painter, field, curves.beside.values, pen)
        self._line(painter, field, curves.main.values, theme.pen("accent.base", width=2))
        painter.end()

    def _at(self, field: QRectF, number: float, value: float) -> QPointF:
        assert self.curves is not None
        count = len(self.curves.main.values)
        x = field.left() + field.width() * ((number - 1) / (count - 1) if count > 1 else 0.5)
        return QPointF(x, field.bottom() - field.height() * min(1.0, value / self._top))

    def _rules(self, painter: QPainter, field: QRectF, curves: Curves) -> None:
        top, right = self._top, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        rule = top / 2 if curves.top else self._rule(top)
        for n in range(round(top / rule) + 1):
            y = self._at(field, 1, n * rule).y()
            painter.setPen(theme.pen("line.soft" if n else "line.control"))
            painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
            painter.setPen(theme.color("text.tertiary"))
            unit = curves.unit if n * rule == top else ""
            box = QRectF(0, y - LINE / 2, field.left() - 8, LINE)
            painter.drawText(box, right, f"{n * rule:g}{unit}")
        count = len(curves.main.values)
        step = max(1, int(nice(count / PIECES_X)))
        last = [n for n in range(step, count, step) if count - n > step / 2 and n > 1]
        for n in dict.fromkeys((1, *last, count)):
            box = QRectF(self._at(field, n, 0).x() - 24, field.bottom() + 4, 48, LINE)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{n}")

    def _begun(self, painter: QPainter, field: QRectF, curves: Curves) -> None:
        taken = -math.inf
        for number, word in curves.begun:
            x = self._at(field, number, 0).x()
            painter.setPen(theme.pen("text.tertiary", style="dot 2 3"))
            painter.drawLine(QPointF(x, field.top() - LINE), QPointF(x, field.bottom()))
            wide = painter.fontMetrics().horizontalAdvance(word)
            left = x + 4 if x + 4 + wide <= self.width() else x - 4 - wide
            if left > taken:
                painter.setPen(theme.color("text.secondary"))
                box = QRectF(left, field.top() - LINE, wide + 1, LINE)
                painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, word)
                taken = left + wide + 4

    def _band(self, painter: QPainter, field: QRectF, run: Running) -> None:
        if not run.low or len(run.values) < 2:
            return
        there = [self._at(field, n, value) for n, value in enumerate(run.high, 1)]
        back = [self._at(field, n, value) for n, value in enumerate(run.low, 1)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent.base", BAND))
        painter.drawPolygon(QPolygonF([*there, *reversed(back)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _line(self, painter: QPainter, field: QRectF, values: Sequence[float], pen: QPen) -> None:
        points = [self._at(field, n, value) for n, value in enumerate(values, 1)]
        painter.setPen(pen)
        if len(points) == 1:
            painter.setBrush(pen.color())
            painter.drawEllipse(points[0], DOT, DOT)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))


class Legend(QWidget):
    """A short piece of each line, and its word."""

    def __init__(self, *parts: tuple[str, str, str]) -> None:
        """parts: word, ink, style of the line."""
        super().__init__()
        self._parts = parts
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        wide = sum(metrics.horizontalAdvance(word) + 36 for word, _, _ in self._parts)
        return QSize(wide, LINE + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font("caption"))
        x, middle = 8.0, self.height() / 2
        for word, ink, style in self._parts:
            painter.setPen(theme.pen(ink, width=2 if not style else 1.5, style=style))
            painter.drawLine(QPointF(x, middle), QPointF(x + 15, middle))
            wide = painter.fontMetrics().horizontalAdvance(word)
            painter.setPen(theme.color("text.secondary"))
            box = QRectF(x + 20, 0, wide + 1, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, word)
            x += wide + 36
        painter.end()
