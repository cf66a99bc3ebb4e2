"""Small parts that panels share: words, lines, buttons, key caps, empty states."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QIcon, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from viewer import theme

PRIMARY, SOFT, QUIET, BUSY, DONE, OFF, LINK = (
    "primary",
    "",
    "quiet",
    "busy",
    "done",
    "off",
    "link",
)
"""Kinds of buttons. OFF looks disabled and still answers a click: with the reason in a sentence."""

Item = QWidget | QLayout | int | None
"""What a row or a column holds: a part, so many pixels, or None for all the room that is left."""


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
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    made.setWordWrap(wrap)
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


class Button(QPushButton):
    """A button by the design: icon, words, key cap. Never takes the focus from the panes."""

    def __init__(
        self,
        text: str = "",
        *,
        icon: str = "",
        key: str = "",
        kind: str = SOFT,
        small: bool = False,
    ) -> None:
        super().__init__(text)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.kind = ""
        self._icon, self._key, self._note = icon, key, ""
        self._done = 0.0
        self._keys_shown = True
        if small:
            self.setProperty("small", True)
        self.set_kind(kind)

    def set_kind(self, kind: str, *, done: float = 0.0, note: str = "") -> None:
        """How it looks; done: fraction of a busy one; note: stands instead of the key."""
        changed = kind != self.kind
        self.kind, self._done, self._note = kind, done, note
        if changed:
            self.setProperty("kind", kind if kind != BUSY else "")
            restyle(self)
        self.updateGeometry()
        self.update()

    def set_icon(self, name: str) -> None:
        self._icon = name
        self.update()

    def show_key(self, shown: bool) -> None:
        self._keys_shown = shown
        self.updateGeometry()
        self.update()

    @property
    def icon_name(self) -> str:
        return "done" if self.kind == DONE else self._icon

    @property
    def tail(self) -> str:
        """What stands last: the note, or the key cap's text."""
        return self._note or (self._key if self._keys_shown else "")

    def _font(self) -> QFont:
        return strong() if self.kind == PRIMARY else theme.font("bodyStrong")

    def _pad(self) -> int:
        if self.kind == LINK:
            return 0
        return theme.size("space.s" if self.property("small") else "space.m")

    def sizeHint(self) -> QSize:
        gap = theme.size("space.s")
        parts = []
        if self.icon_name:
            parts.append(theme.number("icon"))
        if self.text():
            parts.append(QFontMetricsF(self._font()).horizontalAdvance(self.text()))
        if self._note:
            parts.append(QFontMetricsF(theme.font("caption")).horizontalAdvance(self._note))
        elif self.tail:
            parts.append(theme.key_cap_width(self.tail))
        wide = sum(parts) + gap * max(0, len(parts) - 1) + 2 * self._pad()
        high = theme.size("controlSmall" if self.property("small") else "control")
        return QSize(round(wide + 1), high)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _ink(self) -> str:
        if not self.isEnabled() or self.kind == OFF:
            return "text.disabled"
        if self.kind == PRIMARY:
            return "text.onAccent"
        if self.kind == LINK:
            return "accent.hover" if self.underMouse() else "accent.base"
        return "text.secondary" if self.kind == QUIET and not self.underMouse() else "text.primary"

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        option.icon = QIcon()
        painter.drawControl(QStyle.ControlElement.CE_PushButtonBevel, option)
        self._paint_inside(painter)
        if self.kind == BUSY:
            thick = theme.number("size.focusRing")
            whole = QRectF(self.rect())
            painter.fillRect(
                QRectF(0, whole.height() - thick, whole.width() * self._done, thick),
                theme.color("accent.base"),
            )
        painter.end()

    def _paint_inside(self, painter: QPainter) -> None:
        ink, gap = self._ink(), theme.number("space.s")
        spare = self.width() - self.sizeHint().width()
        x, middle = self._pad() + max(0.0, spare / 2), self.height() / 2
        if self.icon_name:
            side = theme.number("icon")
            role = "notice.good" if self.kind == DONE else ink
            paint_icon(painter, self.icon_name, QRectF(x, middle - side / 2, side, side), role)
            x += side + gap
        painter.setFont(self._font())
        painter.setPen(theme.color(ink))
        if self.text():
            wide = QFontMetricsF(self._font()).horizontalAdvance(self.text())
            rect = QRectF(x, 0, wide + 1, self.height())
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, self.text())
            x += wide + gap
        if self._note:
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.color("text.secondary"))
            rect = QRectF(x, 0, self.width() - x, self.height())
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, self._note)
        elif self.tail:
            theme.paint_key_cap(
                painter,
                QPointF(x, middle),
                self.tail,
                on_accent=self.kind == PRIMARY,
                on=ink != "text.disabled",
            )

    def enterEvent(self, event: Any) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()


class Tool(QToolButton):
    """A square button with an icon alone; its tooltip says name and key."""

    def __init__(self, name: str, tip: str = "", *, checkable: bool = False) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCheckable(checkable)
        self.setToolTip(tip)
        self.setAccessibleName(tip)
        side = theme.size("iconTool")
        self.setIconSize(QSize(side, side))
        self._name = ""
        self.set_icon(name)

    def set_icon(self, name: str, role: str = "text.secondary") -> None:
        if (name, role) != self._name:
            self._name = (name, role)  # type: ignore[assignment]
            self.setIcon(icon(name, role))


class KeyCap(QWidget):
    """A key's cap by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self.setFixedSize(round(theme.key_cap_width(text)) + 1, theme.size("key.height") + 2)

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

    def event(self, event: QEvent) -> bool:
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


class EmptyState(QWidget):
    """What stands where nothing is yet: icon, one bold line, one sentence that says what to do."""

    def __init__(self, name: str = "nodules") -> None:
        super().__init__()
        self._said: tuple[str, ...] = ()
        self._icon = IconMark(name, "text.tertiary", "iconEmpty")
        self._head = words("", "bodyStrong", wrap=True)
        self._text = words("", "secondary", wrap=True)
        for label in (self._head, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._buttons = row(gap=theme.size("space.s"))
        inset = theme.size("space.xl")
        space = theme.size("space.m")
        self.setLayout(
            column(
                row(None, self._icon, None),
                space,
                self._head,
                4,
                self._text,
                space,
                row(None, self._buttons, None),
                inset=(inset, 0, inset, 0),
            )
        )

    def say(
        self,
        name: str,
        head: str,
        text: str,
        *,
        button: str = "",
        key: str = "",
        does: Callable[[], object] | None = None,
    ) -> None:
        """Icon, bold line, sentence; button: its words, where something can be done here."""
        said = (name, head, text, button)
        if said == self._said:
            return
        self._said = said
        self._icon.set_icon(name, "text.tertiary")
        self._head.setText(head)
        self._text.setText(text)
        while (item := self._buttons.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        if button and does is not None:
            made = Button(button, key=key)
            made.clicked.connect(does)
            self._buttons.addWidget(made)

    @property
    def text(self) -> str:
        return f"{self._head.text()} {self._text.text()}"


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
