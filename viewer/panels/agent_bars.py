"""Why this order, drawn: signed bars round an axis, and the marks of the agent's page."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from ai.agent.policy import Reason
from viewer import theme
from viewer.panels.parts import IconMark, column, row, words
from viewer.panels.whys import part_word
from viewer.views.pane_text import signed

BAR_HIGH = 8
ROW_HIGH = 26
NUMBER_WIDE = 44


class Chip(QWidget):
    """Icon and words in a frame: the state of the policy."""

    def __init__(self, icon: str, role: str) -> None:
        super().__init__()
        self.label = words("", "bodyStrong")
        self._mark = IconMark(icon, role)
        inset = theme.size("space.s")
        self.setLayout(row(self._mark, self.label, inset=(inset, 0, inset, 0), gap=inset))
        self.setFixedHeight(theme.size("controlSmall"))

    def say(self, icon: str, role: str, text: str) -> None:
        self._mark.set_icon(icon, role)
        self.label.setText(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.pen("line.strong"))
        radius = theme.number("radius.control")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.end()


class Figure(QWidget):
    """A head, a number, what it means."""

    def __init__(self, head: str) -> None:
        super().__init__()
        self.number, self.foot = words("", "number"), words("", "caption", wrap=True)
        self.setLayout(column(words(head, "captionSecondary"), 2, self.number, 2, self.foot, None))

    def say(self, number: str, foot: str) -> None:
        self.number.setText(number)
        self.foot.setText(foot)


class ReasonBars(QWidget):
    """Signed bars round an axis: filled to the right for, hollow to the left against."""

    def __init__(self) -> None:
        super().__init__()
        self.reasons: tuple[Reason, ...] = ()

    def show_reasons(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        self.setFixedHeight(max(1, len(self.reasons)) * ROW_HIGH)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(0, max(1, len(self.reasons)) * ROW_HIGH)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.reasons:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme.font("body")
        metrics = QFontMetricsF(font)
        names = [part_word(reason.label) for reason in self.reasons]
        lead = max(metrics.horizontalAdvance(name) for name in names) + theme.number("space.m")
        room = self.width() - lead - NUMBER_WIDE
        low = min(0.0, *(reason.value for reason in self.reasons))
        high = max(0.0, *(reason.value for reason in self.reasons))
        per_unit = room / ((high - low) or 1.0)
        axis = lead - low * per_unit
        for n, (reason, name) in enumerate(zip(self.reasons, names, strict=True)):
            box = QRectF(0, n * ROW_HIGH, self.width(), ROW_HIGH)
            painter.setFont(font)
            painter.setPen(theme.color("text.primary"))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
            self._paint_bar(painter, axis, box.center().y(), reason.value * per_unit)
            painter.setPen(theme.color("text.secondary"))
            value = f"{'+' if reason.value > 0 else ''}{signed(reason.value, 1)}"
            painter.drawText(
                box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, value
            )
        painter.setPen(theme.pen("line.control"))
        painter.drawLine(QPointF(axis, 0), QPointF(axis, self.height()))
        painter.end()

    def _paint_bar(self, painter: QPainter, axis: float, middle: float, long: float) -> None:
        bar = QRectF(min(axis, axis + long), middle - BAR_HIGH / 2, abs(long), BAR_HIGH)
        if long > 0:
            painter.fillRect(bar, theme.color("text.secondary"))
        else:
            painter.setPen(theme.pen("text.tertiary"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
