"""Words that wrap, with lines as far apart as their role asks: Qt sets Inter tighter."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from viewer import theme


class Lines(QLabel):
    """A label that wraps. What it is told is plain text: nothing in it is read as markup."""

    def __init__(self, text: str, role: str) -> None:
        super().__init__()
        self._told, self._high = "", theme.line_height(role)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)
        self.setText(text)

    def text(self) -> str:
        """As it was told."""
        return self._told

    def setText(self, text: str) -> None:
        self._told = text
        look = f"white-space: pre-wrap; line-height: {self._high}px; -qt-line-height-type: fixed"
        super().setText(f'<p style="{look}">{escape(text)}</p>' if text else "")
