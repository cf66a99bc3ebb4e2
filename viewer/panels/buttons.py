"""Buttons by the design: icon, words, key cap; and square tools with an icon alone."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QFont, QFontMetricsF, QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QMenu,
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolButton,
)

from viewer import theme
from viewer.panels.keytext import KeyTexts, newest
from viewer.panels.parts import elided, icon, paint_icon, restyle, strong

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
        self._keys_shown, self._last_alone = True, False
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

    def show_key(self, shown: bool, *, last_alone: bool = False) -> None:
        """last_alone: of a combination only its last key, beside one that is told whole."""
        self._keys_shown, self._last_alone = shown, last_alone
        self.updateGeometry()
        self.update()

    def follow_keys(self, keys: KeyTexts) -> None:
        """Its action may have another key by now."""
        self._key = newest(self._key, keys)
        self.updateGeometry()
        self.update()

    @property
    def icon_name(self) -> str:
        return "done" if self.kind == DONE else self._icon

    @property
    def tail(self) -> str:
        """What stands last: the note, or the key cap's text."""
        key = self._key.rsplit("+", 1)[-1] if self._last_alone else self._key
        return self._note or (key if self._keys_shown else "")

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

    def words_in(self, wide: int) -> str:
        """Its words, where it has so many pixels: what stands last, figures or a key, stays whole,
        and the words lose their end."""
        lacks = self.sizeHint().width() - wide
        if lacks <= 0 or not self.tail:
            return self.text()
        room = QFontMetricsF(self._font()).horizontalAdvance(self.text()) - lacks
        return elided(self.text(), self._font(), max(0.0, room))

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
        if text := self.words_in(self.width()):
            wide = QFontMetricsF(self._font()).horizontalAdvance(text)
            rect = QRectF(x, 0, wide + 1, self.height())
            painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, text)
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


class Choice(Button):
    """A button that opens a menu: what is chosen, perhaps its figures, and a caret."""

    def __init__(self, *, small: bool = False) -> None:
        super().__init__("", small=small)
        self.choices = QMenu(self)
        self.chosen: QAction | None = None  # the menu opens on it
        self._figures, self._figures_shown = "", True
        self.clicked.connect(self._open)

    def show_choice(self, text: str, figures: str = "") -> None:
        self.setText(text)
        self._figures = figures
        self.updateGeometry()
        self.update()

    def show_figures(self, shown: bool) -> None:
        self._figures_shown = shown
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        font, gap = QFontMetricsF(theme.font("bodyStrong")), theme.size("space.s")
        wide = font.horizontalAdvance(self.text()) + 2 * self._pad()
        if self._figures_shown and self._figures:
            wide += gap + QFontMetricsF(theme.font("body")).horizontalAdvance(self._figures)
        high = theme.size("controlSmall" if self.property("small") else "control")
        return QSize(round(wide + gap + theme.size("iconSmall")), high)

    def _paint_inside(self, painter: QPainter) -> None:
        x, gap = float(self._pad()), theme.number("space.s")
        painter.setFont(theme.font("bodyStrong"))
        ink = self._ink()
        painter.setPen(theme.color(ink))
        wide = QFontMetricsF(theme.font("bodyStrong")).horizontalAdvance(self.text())
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(x, 0, wide + 1, self.height()), middle, self.text())
        if self._figures_shown and self._figures:
            painter.setFont(theme.font("body"))
            painter.setPen(theme.color("text.secondary" if self.isEnabled() else ink))
            x += wide + gap
            painter.drawText(QRectF(x, 0, self.width() - x, self.height()), middle, self._figures)
        side = theme.number("iconSmall")
        right = self.width() - self._pad() - side
        paint_icon(painter, "lists", QRectF(right, (self.height() - side) / 2, side, side))

    def _open(self) -> None:
        self.choices.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))
        if self.chosen is not None:
            self.choices.setActiveAction(self.chosen)


class Tool(QToolButton):
    """A square button with an icon alone; its tooltip says name and key."""

    _drawn = "", ""  # the icon and its ink

    def __init__(self, name: str, tip: str = "", *, key: str = "", checkable: bool = False) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCheckable(checkable)
        self._tip, self._key = tip, key
        self.set_tip(tip)
        side = theme.size("iconTool")
        self.setIconSize(QSize(side, side))
        self.set_icon(name)

    def set_icon(self, name: str, role: str = "text.secondary") -> None:
        if (name, role) != self._drawn:
            self._drawn = name, role
            self.setIcon(icon(name, role))

    def changeEvent(self, event: QEvent) -> None:
        if (
            event.type() == QEvent.Type.StyleChange and self._drawn[0]
        ):  # the other dark level has other inks
            self.setIcon(icon(*self._drawn))
        super().changeEvent(event)

    def set_tip(self, tip: str) -> None:
        """What it does, in words; its key stands behind them."""
        self._tip = tip
        self.setToolTip(f"{tip}  {self._key}".strip())
        self.setAccessibleName(tip)

    def set_able(self, able: bool, reason: str) -> None:
        """Whether it can be pressed; where not, its tooltip says why."""
        if able != self.isEnabled():
            self.setEnabled(able)
            self.set_tip(self._tip)
        if not able:
            self.setToolTip(reason)

    def follow_keys(self, keys: KeyTexts) -> None:
        """Its action may have another key by now."""
        key = newest(self._key, keys)
        if key != self._key:
            self._key = key
            self.set_tip(self._tip)
