"""How dense the lungs are: a table by lung, and the histogram that it comes from."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from ai.scan.density import LOW_HU, LOWEST_HU, Density
from ai.scan.labelmap import BOTH_LUNGS, LUNGS, SegmentFigures
from viewer import theme
from viewer.panels.parts import words
from viewer.reading.report.density import DensityUse, whole
from viewer.views.pane_text import signed

FIRST_HU, LAST_HU, BIN_HU = -1020, -180, 20
TICKS_HU = (-1000, -800, -600, -400, -200)
RULES = 3
NONE = "–"
ROWS = 7


class DensityTable(QWidget):
    """Volume, mean, median, SD and the shares and percentile that tell disease: right, left, both.

    names: what each row is, in the reader's language.
    """

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.size("space.m"))
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 1)
        self.names = (
            self.tr("Volume, ml"),
            self.tr("Mean, HU"),
            self.tr("Median, HU"),
            self.tr("SD, HU"),
            self.tr("15th percentile, HU"),
            self.tr("LAA-950, %"),
            self.tr("−600 to −250 HU, %"),
        )
        tips = {
            3: self.tr("Standard deviation; beyond −1024 and 100 HU values count as these"),
            5: self.tr("Share of the lung's voxels below −950 HU"),
            6: self.tr("High attenuation area: share of the lung's voxels in this range"),
        }
        heads = (self.tr("Density"), self.tr("Right"), self.tr("Left"), self.tr("Both"))
        self._heads: list[QLabel] = []
        grid.setRowMinimumHeight(0, theme.size("density.row"))
        for column, head in enumerate(heads):
            label = words(head, "captionSecondary")
            if column:
                label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(label, 0, column)
            self._heads.append(label)
        self.cells: list[list[QLabel]] = []
        for row, name in enumerate(self.names, 1):
            label = words(name, "secondary")
            label.setToolTip(tips.get(row - 1, ""))
            grid.addWidget(label, row, 0)
            grid.setRowMinimumHeight(row, theme.size("density.row"))
            cells = [words(NONE, "bodyStrong" if column == 3 else "body") for column in (1, 2, 3)]
            for column, cell in enumerate(cells, 1):
                cell.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                grid.addWidget(cell, row, column)
            self.cells.append(cells)

    def show_figures(self, figures: tuple[SegmentFigures, ...], use: DensityUse) -> None:
        """What is not given, or was never counted, is a dash; a side that no file told, nothing."""
        by_number = {row.number: row for row in figures}
        for side in (1, 2):
            for label in (self._heads[side], *(row[side - 1] for row in self.cells)):
                label.setVisible(BOTH_LUNGS.number not in by_number)
        shown = [*(by_number.get(lung.number) for lung in LUNGS), whole(figures)]
        for column, found in enumerate(shown):
            for row, text in enumerate(_texts(found, use)):
                self.cells[row][column].setText(text)


def _texts(found: SegmentFigures | None, use: DensityUse) -> tuple[str, ...]:
    """A text for each row; thick slices and sharp kernels leave out what they would falsify."""
    if found is None:
        return (NONE,) * ROWS
    volume, mean, density = f"{found.volume_ml:,.0f}", signed(found.mean_hu), found.density
    if density is None:
        return (volume, mean, *(NONE,) * (ROWS - 2))
    p15, low = NONE, NONE
    if use.given:
        p15, low = signed(density.p15_hu), f"{100 * density.below_950:.1f}"
    spread, high = f"{density.sd_hu:.0f}", f"{100 * density.high:.1f}"
    return volume, mean, signed(density.median_hu), spread, p15, low, high


class DensityPlot(QWidget):
    """Voxels by HU in steps of 20, each lung in its own colour and line, and where -950 lies."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: Mapping[str, np.ndarray] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Histogram of the lungs' densities"))

    def sizeHint(self) -> QSize:
        return QSize(280, theme.size("density.plot"))

    def show_figures(self, figures: tuple[SegmentFigures, ...]) -> None:
        by_number = {row.number: row.density for row in figures}
        self._parts = {
            lung.name: steps_of(density)
            for lung in (*LUNGS, BOTH_LUNGS)
            if (density := by_number.get(lung.number)) is not None
        }
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("caption"))
        high = theme.size("density.line")
        field = QRectF(self.rect()).adjusted(theme.size("density.axis"), 2 * high, -high, -high - 2)
        most = max((float(steps.max()) for steps in self._parts.values()), default=0.0)
        rule = nice(most / RULES)
        self._rules(painter, field, rule, max(most * 1.05, 1e-9))
        for name in self._parts:
            self._steps(painter, field, name, max(most * 1.05, 1e-9))
        self._legend(painter, high)
        painter.end()

    def _x(self, field: QRectF, hu: float) -> float:
        return field.left() + field.width() * (hu - FIRST_HU) / (LAST_HU - FIRST_HU)

    def _rules(self, painter: QPainter, field: QRectF, rule: float, top: float) -> None:
        """Thin lines at round numbers of thousands, the axis, its figures, and -950."""
        ink, high = theme.color("text.tertiary"), theme.size("density.line")
        for n in range(1, RULES + 2):
            y = field.bottom() - field.height() * n * rule / top
            if y < field.top() or rule <= 0:
                break
            painter.setPen(theme.pen("line.soft", width=1))
            painter.drawLine(QPointF(field.left(), y), QPointF(field.right(), y))
            painter.setPen(ink)
            box = QRectF(0, y - high / 2, field.left() - 6, high)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(box, right, f"{n * rule:g}")
        painter.setPen(theme.pen("line.control", width=1))
        painter.drawLine(field.bottomLeft(), field.bottomRight())
        painter.setPen(ink)
        for hu in TICKS_HU:
            box = QRectF(self._x(field, hu) - 24, field.bottom() + 2, 48, high)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, signed(hu))
        x = self._x(field, LOW_HU)
        painter.setPen(theme.pen("text.secondary", width=1, style="dot 2 3"))
        painter.drawLine(QPointF(x, field.top()), QPointF(x, field.bottom()))
        painter.setPen(theme.color("text.secondary"))
        over = QRectF(x - 24, field.top() - high, 48, high)
        painter.drawText(over, Qt.AlignmentFlag.AlignCenter, signed(LOW_HU))

    def _steps(self, painter: QPainter, field: QRectF, name: str, top: float) -> None:
        line = QPolygonF()
        for n, value in enumerate(self._parts[name]):
            y = field.bottom() - field.height() * float(value) / top
            for hu in (FIRST_HU + n * BIN_HU, FIRST_HU + (n + 1) * BIN_HU):
                line.append(QPointF(self._x(field, hu), y))
        edge = theme.token(f"segment.{name}")["edge"]
        painter.setPen(theme.pen(f"segment.{name}", width=1.5, style=edge))
        painter.drawPolyline(line)

    def _legend(self, painter: QPainter, high: int) -> None:
        painter.setPen(theme.color("text.tertiary"))
        middle = Qt.AlignmentFlag.AlignVCenter
        head = QRectF(0, 0, self.width(), high)
        painter.drawText(
            head, middle | Qt.AlignmentFlag.AlignLeft, self.tr("Voxels, thousands, by HU")
        )
        names = {
            "lungRight": self.tr("Right"),
            "lungLeft": self.tr("Left"),
            BOTH_LUNGS.name: self.tr("Both lungs"),
        }
        x = float(self.width())
        for lung in (BOTH_LUNGS,) if BOTH_LUNGS.name in self._parts else reversed(LUNGS):
            text = names[lung.name]
            x -= painter.fontMetrics().horizontalAdvance(text)
            painter.setPen(theme.color("text.secondary"))
            painter.drawText(QRectF(x, 0, self.width(), high), middle, text)
            edge = theme.token(f"segment.{lung.name}")["edge"]
            painter.setPen(theme.pen(f"segment.{lung.name}", width=1.5, style=edge))
            painter.drawLine(QPointF(x - 22, high / 2), QPointF(x - 6, high / 2))
            x -= 34


def steps_of(density: Density) -> np.ndarray:
    """Thousands of voxels in each step of 20 HU from FIRST_HU to LAST_HU."""
    counts = np.array(density.counts)
    start = FIRST_HU - LOWEST_HU
    steps = (LAST_HU - FIRST_HU) // BIN_HU
    return counts[start : start + steps * BIN_HU].reshape(steps, BIN_HU).sum(axis=1) / 1000


def nice(value: float) -> float:
    """The nearest of 1, 2 or 5 times a power of ten, not above the value where it can be."""
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return float(max(n * power for n in (1, 2, 5) if n * power <= value * 1.0001))
