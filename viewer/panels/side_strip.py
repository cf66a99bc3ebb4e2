"""The folded right panel: how many findings are in each state, and what waits; a click opens it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.language.spoken import listed
from viewer.panels.buttons import Tool
from viewer.panels.figures import state_word
from viewer.panels.measures import strip_width
from viewer.panels.parts import column, ground, row
from viewer.reading.events import ADDED, EDITED, HELD, Answer
from viewer.views.glyphs import paint_glyph

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

STATES = (
    Answer.UNDECIDED.value,
    Answer.ACCEPT.value,
    EDITED,
    Answer.REJECT.value,
    ADDED,
    HELD,
)
"""As they stand below each other; a mark nobody judged is undecided."""


class SideStrip(QWidget):
    """Draws what the desk announces; what is zero is left out, but never what waits or is held."""

    asked = Signal()

    def __init__(self, desk: Desk, actions: dict[str, QAction], keys: dict[str, str]) -> None:
        super().__init__()
        ground(self, "panel")
        self._desk = desk
        self.counts: dict[str, int] = {}
        self.setFixedWidth(strip_width())
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.unfold = Tool("fold", actions["panel"].text(), key=keys["panel"])
        self.unfold.clicked.connect(self.asked)
        self.own_pass = Tool("done", actions["own-pass"].text(), key=keys["finish"])
        self.own_pass.clicked.connect(actions["own-pass"].trigger)
        gap = theme.size("space.xs")
        self.setLayout(
            column(
                row(None, self.unfold, None), None, row(None, self.own_pass, None),
                inset=(0, gap, 0, theme.size("space.s")),
            )
        )  # fmt: skip
        desk.reading_changed.connect(self._refresh_in_sight)
        desk.own_pass.changed.connect(self._refresh_in_sight)

    def refresh(self, *_: object) -> None:
        """Everything anew from the desk."""
        desk, reading = self._desk, self._desk.reading
        states = reading.states if reading is not None else {}
        found = Counter(states[one] for one in desk.order)
        found[Answer.UNDECIDED.value] += found.pop("proposed", 0)
        found[HELD] = len(desk.held)
        searched = reading is not None and reading.searched and not desk.own_pass.blind
        always = {Answer.UNDECIDED.value, HELD} if searched else set[str]()
        self.counts = {one: found[one] for one in STATES if found[one] or one in always}
        told = listed(f"{count} {state_word(one)}" for one, count in self.counts.items())
        self.setToolTip(told or self.tr("Findings, segments and measurements"))
        self.setAccessibleName(self.toolTip())
        self.own_pass.setVisible(desk.own_pass.blind)
        self.own_pass.set_icon("done", "accent.base" if self._ready() else "text.secondary")
        self.update()

    def _refresh_in_sight(self, *_: object) -> None:
        if self.isVisible():  # else no verdict waits for it
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        self.refresh()
        super().showEvent(event)

    def _ready(self) -> bool:
        reading = self._desk.reading
        return reading is not None and reading.searched

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.pos()):
            self.asked.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg.panel"))
        painter.fillRect(QRectF(0, 0, 1, self.height()), theme.color("line.soft"))
        side, high = theme.number("glyph"), theme.number("control")
        top = theme.number("tabbar") + theme.number("space.s")
        painter.setFont(theme.font("captionStrong"))  # three digits have room
        for one, count in self.counts.items():
            box = QRectF(theme.number("space.xs"), top + (high - side) / 2, side, side)
            paint_glyph(painter, box, one)
            left = box.right() + theme.number("space.xs")
            room = QRectF(left, top, self.width() - left, high)
            painter.setPen(theme.color("text.primary" if count else "text.tertiary"))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, str(count))
            top += high
        painter.end()
