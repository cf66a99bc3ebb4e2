"""The key sheet: every key of the action table and what the hand does, over the panes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from viewer import theme
from viewer.panels.buttons import Tool
from viewer.panels.figures import STATES, state_word
from viewer.panels.parts import Field, column, ground, line, paint_words, row, words
from viewer.views.glyphs import paint_glyph

COLUMNS = 3
ROW_HIGH = 28
COLUMN_GAP = 36
LEGEND = ("undecided", "accepted", "edited", "rejected", "added", "held")


@dataclass(frozen=True)
class KeyLine:
    """One line of the sheet: the group it stands in, what it does, its keys as caps."""

    group: str
    text: str
    keys: tuple[str, ...]


class KeyColumns(QWidget):
    """The lines under their groups, in three columns."""

    def __init__(self, lines: Sequence[KeyLine]) -> None:
        super().__init__()
        self._all = tuple(lines)
        self.lines = self._all
        self._place()

    def filter(self, text: str) -> None:
        wanted = text.strip().lower()
        self.lines = tuple(
            one for one in self._all
            if wanted in one.text.lower() or any(wanted == key.lower() for key in one.keys)
        )  # fmt: skip
        self._place()
        self.update()

    def _place(self) -> None:
        """Groups go into the shortest column so far; a filtered list stands in the first."""
        groups: dict[str, list[KeyLine]] = {}
        for one in self.lines:
            groups.setdefault(one.group, []).append(one)
        self._columns: list[list[tuple[str, list[KeyLine]]]] = [[] for _ in range(COLUMNS)]
        heights = [0] * COLUMNS
        for group, lines in groups.items():
            n = heights.index(min(heights))
            self._columns[n].append((group, lines))
            heights[n] += (len(lines) + 2) * ROW_HIGH
        self.setMinimumHeight(max(heights))

    def sizeHint(self) -> QSize:
        return QSize(theme.size("layout.windowWide"), self.minimumHeight())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        wide = (self.width() - (COLUMNS - 1) * COLUMN_GAP) / COLUMNS
        for n, groups in enumerate(self._columns):
            x, y = n * (wide + COLUMN_GAP), 0.0
            for group, lines in groups:
                box = QRectF(x, y, wide, ROW_HIGH)
                paint_words(painter, box, group, "captionStrong", "text.tertiary")
                for one in lines:
                    painter.fillRect(QRectF(x, box.bottom(), wide, 1), theme.color("line.soft"))
                    box.translate(0, ROW_HIGH)
                    self._paint_line(painter, box, one)
                y = box.bottom() + ROW_HIGH / 2
        painter.end()

    def _paint_line(self, painter: QPainter, box: QRectF, one: KeyLine) -> None:
        x = box.right()
        for key in reversed(one.keys):
            x -= theme.key_cap_width(key)
            theme.paint_key_cap(painter, QPointF(x, box.center().y()), key)
            x -= theme.number("space.xs")
        box = QRectF(box.left(), box.top(), x - box.left() - 4, box.height())
        paint_words(painter, box, one.text, "body", "text.primary")


class Legend(QWidget):
    """What each mark means."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(theme.size("rowCompact"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        x, side = 0.0, theme.number("glyph")
        middle = self.height() / 2
        for state in LEGEND:
            assert state in STATES
            paint_glyph(painter, QRectF(x, middle - side / 2, side, side), state)
            x += side + theme.number("space.s")
            room = QRectF(x, 0, self.width() - x, self.height())
            x += paint_words(painter, room, state_word(state), "caption", "text.secondary")
            x += theme.number("space.l")
        painter.end()


class KeySheet(QWidget):
    """Opened by F1, closed by F1 or Esc; the field finds an action."""

    closed = Signal()

    def __init__(self, lines: Sequence[KeyLine]) -> None:
        super().__init__()
        ground(self, "panel")
        self.field = Field()
        self.field.setPlaceholderText(self.tr("Type to find an action"))
        self.field.setFixedWidth(260)
        self.field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.columns = KeyColumns(lines)
        self.field.textChanged.connect(self.columns.filter)
        self.field.left.connect(self.closed)
        self.field.kept.connect(self.closed)
        close = Tool("close", self.tr("Close  Esc"))
        close.clicked.connect(self.closed)
        scroll = QScrollArea()
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        ground(self.columns, "panel")
        scroll.setWidget(self.columns)
        inset, gap = theme.size("space.xl"), theme.size("space.m")
        head = row(
            words(self.tr("Keys"), "title"), gap, self.field, None, close,
            inset=(inset, gap, inset, gap),
        )  # fmt: skip
        body = column(scroll, inset=(inset, gap, inset, 0))
        foot = column(line(), Legend(), inset=(inset, 0, inset, 0))
        whole = column(head, line())
        whole.addLayout(body, 1)
        whole.addLayout(foot)
        self.setLayout(whole)

    def opened(self) -> None:
        self.field.clear()
        self.field.setFocus()
