"""The lines of the key sheet in columns: a cap is clicked to give its action another key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.panels.key_entry import key_of
from viewer.panels.parts import paint_words

ROW_HIGH = 28
COLUMN_GAP = 28
COLUMN_LEAST = 290
"""Every line of the shipped keys is whole in so many pixels."""
COLUMNS_MOST = 3
WHOLE_WIDE = COLUMNS_MOST * COLUMN_LEAST + (COLUMNS_MOST - 1) * COLUMN_GAP
EMPTY, WAITING = "+", "\u2026"


@dataclass(frozen=True)
class Cap:
    """A key's cap: what stands on it, and whose key it is. action: '' for what the mouse does.

    key: in portable form; '' with an action is the empty cap of one that has no key.
    """

    text: str
    action: str = ""
    key: str = ""


@dataclass(frozen=True)
class KeyLine:
    """One line of the sheet: its group, what it does, its caps.

    actions: ids that it stands for. names: what each of them is called, where they share it.
    """

    group: str
    text: str
    caps: tuple[Cap, ...]
    actions: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """What stands on its caps."""
        return tuple(cap.text for cap in self.caps if cap.text)

    def holds(self, wanted: str) -> bool:
        """Whether a search (lower case) means it: in its words, or as one of its keys."""
        words = (self.text, *self.names)
        return any(wanted in one.lower() for one in words) or any(
            wanted == key.lower() for key in self.keys
        )


@dataclass(frozen=True)
class Placed:
    """A cap where it is painted."""

    cap: Cap
    box: QRectF


class KeyColumns(QWidget):
    """The lines under their groups, in as many columns as there is room for."""

    cap_clicked = Signal(object)  # Cap
    key_pressed = Signal(str)  # while a cap waits

    def __init__(self, is_own: Callable[[str], bool] = lambda _action: False) -> None:
        """is_own: whether the reader chose the keys of an action."""
        super().__init__()
        self._is_own = is_own
        self._all: tuple[KeyLine, ...] = ()
        self._wanted = ""
        self.lines: tuple[KeyLine, ...] = ()
        self.waiting: Cap | None = None
        self.current = -1
        self._hover: Cap | None = None
        self._columns: list[list[tuple[str, list[KeyLine]]]] = []
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setAccessibleName(self.tr("Keys and what they do"))

    def show_lines(self, lines: Sequence[KeyLine]) -> None:
        self._all = tuple(lines)
        self.filter(self._wanted)

    def filter(self, text: str) -> None:
        """Only the lines that a search means; the first of them is the one that Enter does."""
        self._wanted = text.strip().lower()
        self.lines = tuple(one for one in self._all if one.holds(self._wanted))
        self.current = 0 if self._wanted and self.lines else -1
        self._place()

    def go(self, steps: int) -> None:
        """The current line, so many lines on."""
        if self.lines:
            self.current = max(0, min(self.current + steps, len(self.lines) - 1))
            self.update()

    @property
    def current_line(self) -> KeyLine | None:
        ordered = [one for column in self._columns for _, lines in column for one in lines]
        return ordered[self.current] if 0 <= self.current < len(ordered) else None

    def line_box(self, line: KeyLine) -> QRectF:
        """Where a line is painted."""
        return next((box for one, box in self._boxes() if one is line), QRectF())

    def wait_for(self, cap: Cap | None) -> None:
        """The next key pressed is for this cap; None: keys are keys again."""
        self.waiting = cap
        if cap is not None:
            self.setFocus()
        self.update()

    def caps(self) -> list[Placed]:
        """Every cap where it is painted."""
        return [placed for line, box in self._boxes() for placed in self._caps_of(line, box)]

    # Within

    def _place(self) -> None:
        """Groups go into the shortest column so far; a filtered list stands in the first."""
        fitting = (self.width() + COLUMN_GAP) // (COLUMN_LEAST + COLUMN_GAP)
        count = max(1, min(COLUMNS_MOST, fitting))
        groups: dict[str, list[KeyLine]] = {}
        for one in self.lines:
            groups.setdefault(one.group, []).append(one)
        self._columns = [[] for _ in range(count)]
        heights = [0] * count
        for group, lines in groups.items():
            n = 0 if self._wanted else heights.index(min(heights))
            self._columns[n].append((group, lines))
            heights[n] += (len(lines) + 1) * ROW_HIGH + ROW_HIGH // 2
        self.setMinimumHeight(max(heights))
        self.update()

    def _boxes(self) -> Iterator[tuple[KeyLine, QRectF]]:
        for n, groups in enumerate(self._columns):
            x, y = n * (self._wide + COLUMN_GAP), 0.0
            for _, lines in groups:
                for one in lines:
                    y += ROW_HIGH
                    yield one, QRectF(x, y, self._wide, ROW_HIGH)
                y += ROW_HIGH * 1.5

    @property
    def _wide(self) -> float:
        count = max(1, len(self._columns))
        return (self.width() - (count - 1) * COLUMN_GAP) / count

    def _caps_of(self, line: KeyLine, box: QRectF) -> list[Placed]:
        high, x, made = theme.number("key.height"), box.right(), []
        # Of actions that share a line those without a key show when they are searched for.
        empties = len(line.actions) < 2 or bool(self._wanted)
        for cap in reversed([cap for cap in line.caps if cap.text or empties]):
            text = cap.text or EMPTY
            wide = theme.key_cap_width(text)
            x -= wide
            made.append(Placed(cap, QRectF(x, box.center().y() - high / 2, wide, high)))
            x -= theme.number("space.xs")
        return made[::-1]

    def _cap_at(self, at: QPointF) -> Cap | None:
        """The cap there; a target is as high as its line."""
        for placed in self.caps():
            reach = (ROW_HIGH - placed.box.height()) / 2
            least = max(0.0, (theme.number("size.targetMin") - placed.box.width()) / 2)
            if placed.cap.action and placed.box.adjusted(-least, -reach, least, reach).contains(at):
                return placed.cap
        return None

    # Events

    def sizeHint(self) -> QSize:
        return QSize(theme.size("layout.windowWide"), self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        """While a cap waits every key is for it, Tab and the window's shortcuts too."""
        if self.waiting is not None and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                key = key_of(event)
                if key and not event.isAutoRepeat():
                    self.key_pressed.emit(key)
                return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._cap_at(event.position())
        if over != self._hover:
            self._hover = over
            shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = None
        self.update()
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        cap = self._cap_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and cap is not None:
            self.cap_clicked.emit(cap)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for n, groups in enumerate(self._columns):
            x, y = n * (self._wide + COLUMN_GAP), 0.0
            for group, lines in groups:
                head = QRectF(x, y, self._wide, ROW_HIGH)
                paint_words(painter, head, group, "captionStrong", "text.tertiary")
                y += (len(lines) + 1.5) * ROW_HIGH
        current = self.current_line
        for line, box in self._boxes():
            painter.fillRect(QRectF(box.x(), box.top(), box.width(), 1), theme.color("line.soft"))
            if line is current:
                painter.fillRect(box.adjusted(-4, 1, 4, 0), theme.color("bg.selected"))
            self._paint_line(painter, box, line)
        painter.end()

    def _paint_line(self, painter: QPainter, box: QRectF, line: KeyLine) -> None:
        left = box.right()
        for placed in self._caps_of(line, box):
            left = min(left, placed.box.left())
            self._paint_cap(painter, placed)
        room = QRectF(box.left(), box.top(), left - box.left() - 8, box.height())
        paint_words(painter, room, line.text, "body", "text.primary")

    def _paint_cap(self, painter: QPainter, placed: Placed) -> None:
        cap, at = placed.cap, QPointF(placed.box.left(), placed.box.center().y())
        waits = cap == self.waiting
        text = WAITING if waits else cap.text or EMPTY
        wide = placed.box.width() if waits else 0.0
        theme.paint_key_cap(painter, at, text, on=bool(cap.text) or waits, wide=wide)
        if waits or cap == self._hover or (cap.action and self._is_own(cap.action)):
            strong = waits or cap == self._hover
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.pen("accent.base" if strong else "accent.pressed"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            radius = theme.number("radius.key")
            painter.drawRoundedRect(placed.box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
