"""Words broken into so many lines at most, as cards, rows and toasts show them: mostly two."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF, QTextLayout, QTextOption

MOST = 2


def two_lines(
    text: str,
    font: QFont,
    wide: float,
    mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    most: int = MOST,
) -> list[str]:
    """The text broken into at most two lines, or `most`; the last one cut where it does not fit."""
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    ends = []
    while (part := layout.createLine()).isValid():
        part.setLineWidth(wide)
        ends.append((part.textStart(), part.textLength()))
    layout.endLayout()
    lines = [text[start : start + length].strip() for start, length in ends]
    if len(lines) > most:
        rest = text[ends[most - 1][0] :]
        lines = lines[: most - 1]
        lines.append(QFontMetricsF(font).elidedText(rest, mode, wide))
    return lines
