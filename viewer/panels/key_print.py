"""The key sheet on paper: black on white, columns of A4, as a PDF to print or to pin up."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMarginsF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPageLayout, QPageSize, QPainter, QPdfWriter, QPen

from viewer import theme
from viewer.panels.key_columns import KeyLine

MARGIN_MM: Final = 12.0
DPI: Final = 144
COLUMNS: Final = 3
LINE_PT, TEXT_PT, KEY_PT, HEAD_PT = 13.0, 8.0, 7.0, 8.0
GAP_PT: Final = 18.0
PT: Final = DPI / 72


def print_keys(path: Path, lines: Sequence[KeyLine], title: str) -> bool:
    """Writes the sheet; False where it could not be written. Actions without a key are left out."""
    writer = QPdfWriter(str(path))
    writer.setTitle(title)
    writer.setResolution(DPI)
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    portrait = QPageLayout.Orientation.Portrait
    page = QPageLayout(QPageSize(QPageSize.PageSizeId.A4), portrait, margins)
    page.setUnits(QPageLayout.Unit.Millimeter)
    writer.setPageLayout(page)
    painter = QPainter()
    if not painter.begin(writer):
        return False
    try:
        _Paper(painter, writer, title).put(lines)
    finally:
        painter.end()
    return path.exists() and path.stat().st_size > 0


class _Paper:
    """Goes down the columns, and on to the next page."""

    def __init__(self, painter: QPainter, writer: QPdfWriter, title: str) -> None:
        self._painter, self._writer, self._title = painter, writer, title
        self._wide = (writer.width() - (COLUMNS - 1) * GAP_PT * PT) / COLUMNS
        self._column, self._y = 0, 0.0
        self._head()

    def put(self, lines: Sequence[KeyLine]) -> None:
        group = ""
        for line in (one for one in lines if one.keys):
            first = line.group != group
            if self._y + LINE_PT * PT * (3 if first else 1) > self._writer.height():
                self._next()
            if first:
                group = line.group
                self._group(group)
            self._line(line)

    def _next(self) -> None:
        self._column += 1
        if self._column == COLUMNS:
            self._writer.newPage()
            self._column = 0
            self._head()
        self._y = self._top

    def _head(self) -> None:
        box = QRectF(0, 0, self._writer.width(), LINE_PT * PT)
        self._words(box, self._title, _font(HEAD_PT + 4, strong=True))
        self._top = self._y = LINE_PT * PT * 2

    def _group(self, group: str) -> None:
        if self._y > self._top:
            self._y += LINE_PT * PT / 2
        self._words(self._row(), group, _font(HEAD_PT, strong=True))
        self._y += LINE_PT * PT

    def _line(self, line: KeyLine) -> None:
        row, painter = self._row(), self._painter
        painter.setPen(QPen(Qt.GlobalColor.lightGray, 0))
        painter.drawLine(row.topLeft(), row.topRight())
        font, right = _font(KEY_PT), row.right()
        pad, high = 3 * PT, 9.5 * PT
        for key in reversed(line.keys):
            wide = QFontMetricsF(font, self._writer).horizontalAdvance(key) + 2 * pad
            cap = QRectF(right - wide, row.center().y() - high / 2, wide, high)
            painter.setPen(QPen(Qt.GlobalColor.darkGray, 0))
            painter.drawRoundedRect(cap, 2 * PT, 2 * PT)
            self._words(cap, key, font, Qt.AlignmentFlag.AlignHCenter)
            right = cap.left() - 2 * PT
        room = QRectF(row.left(), row.top(), right - row.left() - 2 * PT, row.height())
        self._words(room, line.text, _font(TEXT_PT))
        self._y += LINE_PT * PT

    def _row(self) -> QRectF:
        left = self._column * (self._wide + GAP_PT * PT)
        return QRectF(left, self._y, self._wide, LINE_PT * PT)

    def _words(
        self,
        box: QRectF,
        text: str,
        font: QFont,
        side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        self._painter.setFont(font)
        self._painter.setPen(Qt.GlobalColor.black)
        metrics = QFontMetricsF(font, self._writer)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width() + 1)
        self._painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, shown)


def _font(points: float, *, strong: bool = False) -> QFont:
    made = theme.font("bodyStrong" if strong else "body")
    made.setPointSizeF(points)
    return made
