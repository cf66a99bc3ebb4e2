"""A page over the tabs of the right panel: back arrow and title, a body that scrolls, a foot."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QVBoxLayout, QWidget

from viewer import theme
from viewer.panels.buttons import Tool
from viewer.panels.parts import Item, column, ground, line, row, words
from viewer.views.glyphs import paint_glyph


class Page(QWidget):
    """Head, body, foot. It is shown by the side panel and left by its arrow or by Esc."""

    left = Signal()

    def __init__(self, title: str, note: QWidget | None = None) -> None:
        """note: what stands at the right of the title."""
        super().__init__()
        ground(self, "panel")
        inset, gap = theme.size("space.m"), theme.size("space.s")
        back = Tool("back", self.tr("Back  Esc"))
        back.clicked.connect(self.left)
        head = row(back, words(title, "title"), None, inset=(4, 6, inset, 6), gap=gap)
        if note is not None:
            head.addWidget(note)
        self._scroll = QScrollArea()
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._foot: QVBoxLayout = column()
        whole = column(head, line())
        whole.addWidget(self._scroll, 1)
        whole.addLayout(self._foot)
        self.setLayout(whole)

    def set_body(self, *items: Item) -> None:
        """All of the body anew; the last part takes what room is left."""
        inset = theme.size("space.m")
        body = QWidget()
        ground(body, "panel")
        body.setLayout(column(*items, None, inset=(inset,) * 4, gap=theme.size("space.s")))
        self._scroll.setWidget(body)

    def set_foot(self, *items: Item) -> None:
        """What stays in sight below the body; said once."""
        inset = theme.size("space.m")
        self._foot.addWidget(line())
        inner = column(*items, inset=(inset,) * 4, gap=theme.size("space.s"))
        self._foot.addLayout(inner)

    def shown(self) -> None:
        """Called each time the page comes into sight."""


class Glyph(QWidget):
    """The glyph of a state."""

    def __init__(self, state: str) -> None:
        super().__init__()
        self._state = state
        self.setFixedSize(theme.size("glyph"), theme.size("glyph"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_glyph(painter, QRectF(self.rect()), self._state)
        painter.end()


class Card(QWidget):
    """Parts on a raised ground with a frame."""

    def __init__(self, inner: QLayout, shade: str = "bg.raised") -> None:
        super().__init__()
        self._shade = shade
        self.setLayout(inner)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.color(self._shade))
        painter.setPen(theme.pen("line.soft"))
        radius = theme.number("radius.card")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.end()
