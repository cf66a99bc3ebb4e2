"""Small parts that panels share: rows and columns, words, lines, icons, key caps, fields."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QIcon, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from viewer import theme
from viewer.panels.composing import Composing
from viewer.panels.keytext import KeyTexts, newest
from viewer.panels.lines import Lines

Item = QWidget | QLayout | int | None
"""What a row or a column holds: a part, so many pixels, or None for all the room that is left."""


SPACED = ("", "body", "bodyStrong", "secondary")
"""Roles of the size of body text: its lines lie further apart than Qt would set them."""


@cache
def _icon(name: str, colour: str, role: str) -> QIcon:
    return theme.icon(name, role)


def icon(name: str, role: str = "text.secondary") -> QIcon:
    """An icon by Hilum's name in a token's colour, made once."""
    return _icon(name, theme.color(role).name(), role)


def paint_icon(painter: QPainter, name: str, rect: QRectF, role: str = "text.secondary") -> None:
    icon(name, role).paint(painter, rect.toAlignedRect())


def add(layout: QBoxLayout, item: Item) -> None:
    """One more part at the end of a row or a column."""
    if item is None:
        layout.addStretch(1)
    elif isinstance(item, int):
        layout.addSpacing(item)
    elif isinstance(item, QLayout):
        layout.addLayout(item)
    else:
        layout.addWidget(item)


def _fill(layout: QBoxLayout, items: tuple[Item, ...], inset: tuple[int, ...], gap: int) -> None:
    layout.setContentsMargins(*(inset or (0, 0, 0, 0)))
    layout.setSpacing(gap)
    for item in items:
        add(layout, item)


def row(*items: Item, inset: tuple[int, ...] = (), gap: int = 0) -> QHBoxLayout:
    """Parts side by side; inset: left, top, right, bottom."""
    made = QHBoxLayout()
    _fill(made, items, inset, gap)
    return made


def column(*items: Item, inset: tuple[int, ...] = (), gap: int = 0) -> QVBoxLayout:
    """Parts below each other; inset: left, top, right, bottom."""
    made = QVBoxLayout()
    _fill(made, items, inset, gap)
    return made


def box(layout: QLayout) -> QWidget:
    """A layout as a widget: it takes all the room it is given, whatever its parts allow."""
    made = QWidget()
    made.setLayout(layout)
    return made


def ground(widget: QWidget, name: str) -> None:
    """Gives a widget the ground of a token: window, panel, raised or selected."""
    widget.setProperty("ground", name)
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)


def words(text: str = "", role: str = "", *, wrap: bool = False) -> QLabel:
    """A label in one of the style sheet's roles."""
    if wrap and role in SPACED:
        made: QLabel = Lines(text, "body")
    else:
        made = QLabel(text)
        made.setTextFormat(Qt.TextFormat.PlainText)
        made.setWordWrap(wrap)
    if role:
        made.setProperty("role", role)
    return made


def line(*, upright: bool = False) -> QFrame:
    """A hairline that parts two things."""
    made = QFrame()
    made.setProperty("line", "soft")
    made.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    thick = theme.size("hairline")
    if upright:
        made.setFixedWidth(thick)
    else:
        made.setFixedHeight(thick)
    return made


def restyle(widget: QWidget) -> None:
    """Lets the style sheet look again at a widget whose property has changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.updateGeometry()
    widget.update()


def strong(role: str = "bodyStrong", weight: QFont.Weight = QFont.Weight.DemiBold) -> QFont:
    made = theme.font(role)
    made.setWeight(weight)
    return made


class KeyCap(QWidget):
    """A key's cap by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = ""
        self._show(text)

    def follow_keys(self, keys: KeyTexts) -> None:
        self._show(newest(self._text, keys))

    def _show(self, text: str) -> None:
        self._text = text
        self.setFixedSize(round(theme.key_cap_width(text)) + 1, theme.size("key.height") + 2)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme.paint_key_cap(painter, QPointF(0.5, self.height() / 2), self._text)
        painter.end()


class IconMark(QWidget):
    """An icon that cannot be pressed."""

    def __init__(self, name: str, role: str = "text.tertiary", side: str = "icon") -> None:
        super().__init__()
        self._name, self._role = name, role
        self.setFixedSize(theme.size(side), theme.size(side))

    def set_icon(self, name: str, role: str) -> None:
        self._name, self._role = name, role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_icon(painter, self._name, QRectF(self.rect()), self._role)
        painter.end()


class Field(QLineEdit):
    """A text field in which letters type, Enter keeps and Esc gives up; both leave it."""

    kept = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.composing = Composing()
        super().__init__(parent)

    def setPlaceholderText(self, text: str) -> None:
        """What it is for; a screen reader says it too, where the field has no name of its own."""
        super().setPlaceholderText(text)
        if not self.accessibleName():
            self.setAccessibleName(text)

    def event(self, event: QEvent) -> bool:
        if self.composing.takes(event):
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (
                Qt.KeyboardModifier.NoModifier,
                Qt.KeyboardModifier.ShiftModifier,
                Qt.KeyboardModifier.KeypadModifier,
            )
            if plain and (event.text() or event.key() in _FIELD_KEYS):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.kept.emit(self.text())
        else:
            super().keyPressEvent(event)


_FIELD_KEYS = (
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Backspace,
    Qt.Key.Key_Escape,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
)


def elided(text: str, font: QFont, wide: float) -> str:
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, wide)


def paint_words(
    painter: QPainter, rect: QRectF, text: str, role: str, ink: str, *, right: bool = False
) -> float:
    """One line of text in a rectangle, cut to fit; how wide it came out."""
    font = theme.font(role)
    painter.setFont(font)
    painter.setPen(theme.color(ink))
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    shown = elided(text, font, rect.width())
    painter.drawText(rect, side | Qt.AlignmentFlag.AlignVCenter, shown)
    return QFontMetricsF(font).horizontalAdvance(shown)


def inside(rect: QRectF, point: QPoint | QPointF) -> bool:
    return rect.contains(QPointF(point))
