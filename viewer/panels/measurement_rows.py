"""How a drawing looks in the list: a row of 44, the selected one as a card with all its figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from viewer import theme
from viewer.panels.entries import ENTRY, EntryList, Index
from viewer.panels.keytext import KeyTexts
from viewer.panels.parts import paint_icon, paint_words

NAME, REMOVE = "name-measurement", "delete"
BUTTONS = (NAME, REMOVE)
PARTS = r"(?<=, )|(?<=，)"
"""Between two figures of one line, also in Chinese; a thousand's comma has no space behind it."""


@dataclass(frozen=True)
class MeasurementEntry:
    """One row. head: its first figure; lines: all of them; where: image or plane."""

    id: str
    icon: str
    title: str
    head: str
    lines: tuple[str, ...]
    where: str
    selected: bool = False

    def __str__(self) -> str:
        """What a screen reader says."""
        return ", ".join(part for part in (self.title, *self.lines, self.where) if part)


def whole_figures(lines: Sequence[str], metrics: QFontMetricsF, wide: float) -> str:
    """As many figures as stand whole in one line, the first ones; the card tells all.

    A figure cut short reads as another one: "−5…" may be −5 or −561.
    """
    told = ""
    for line in lines:
        for n, part in enumerate(re.split(PARTS, line)):
            longer = told + (" · " if told and n == 0 else "") + part
            if metrics.horizontalAdvance(longer) > wide:
                return told.rstrip(", ，") or "…"
            told = longer
    return told


class MeasurementRows(QStyledItemDelegate):
    """Paints the rows; the card's buttons are painted too and hit by `button_at`."""

    def __init__(self, view: EntryList, labels: dict[str, str], keys: KeyTexts) -> None:
        super().__init__(view)
        self._view, self._labels, self._keys = view, labels, keys

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, self.height_of(index.data(ENTRY)))

    def height_of(self, entry: MeasurementEntry) -> int:
        if not entry.selected:
            return theme.size("rowCompact")
        lines = len(entry.lines) * theme.line_height("body")
        gaps = 2 * theme.size("space.m") + 2 * theme.size("space.s")
        return theme.line_height("name") + lines + theme.size("control") + gaps

    def buttons(self, entry: MeasurementEntry, wide: float) -> dict[str, QRectF]:
        """Where the card's buttons lie, from the card's upper left corner."""
        inset, gap, high = theme.number("space.m"), theme.number("space.s"), theme.number("control")
        each = (wide - 2 * inset - gap) / 2
        top = self.height_of(entry) - inset - high
        return {
            name: QRectF(inset + n * (each + gap), top, each, high)
            for n, name in enumerate(BUTTONS)
        }

    def parts_of(self, entry: MeasurementEntry, wide: float) -> list[QRectF]:
        """What can be pressed in the card."""
        return list(self.buttons(entry, wide).values()) if entry.selected else []

    def button_at(self, entry: MeasurementEntry, at: QPointF, wide: float) -> str:
        """The id of the action whose button lies there, or nothing."""
        if not entry.selected:
            return ""
        places = self.buttons(entry, wide).items()
        return next((name for name, rect in places if rect.contains(at)), "")

    def editorEvent(self, event: QEvent, *args: object) -> bool:  # type: ignore[override]
        return False

    def helpEvent(self, *args: object) -> bool:  # type: ignore[override]
        return False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: MeasurementEntry = index.data(ENTRY)
        rect = QRectF(option.rect)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if entry.selected:
            self._paint_card(painter, rect, entry)
        else:
            if self._view.hovered == index:
                painter.fillRect(rect, theme.color("bg.hover"))
            self._paint_row(painter, rect, entry)
        foot = QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1)
        painter.fillRect(foot, theme.color("line.soft"))
        painter.restore()

    def _paint_row(self, painter: QPainter, rect: QRectF, entry: MeasurementEntry) -> None:
        """Icon, title over figures, image at the right."""
        left, right = self._ends(painter, rect, entry, rect.center().y())
        name, caption = theme.line_height("bodyStrong"), theme.line_height("caption")
        top = rect.center().y() - (name + (caption if entry.lines else 0)) / 2
        room = QRectF(left, top, right - left, name)
        paint_words(painter, room, entry.title, "bodyStrong", "text.primary")
        below = QRectF(left, top + name, right - left, caption)
        told = whole_figures(entry.lines, QFontMetricsF(theme.font("caption")), below.width())
        paint_words(painter, below, told, "caption", "text.tertiary")

    def _paint_card(self, painter: QPainter, rect: QRectF, entry: MeasurementEntry) -> None:
        """The same on a selected ground, a line for each figure, then the buttons."""
        painter.fillRect(rect, theme.color("bg.selected"))
        edge = theme.number("size.focusRing")
        painter.fillRect(
            QRectF(rect.left(), rect.top(), edge, rect.height()), theme.color("accent.base")
        )
        high = theme.line_height("name")
        top = rect.top() + theme.number("space.m")
        left, right = self._ends(painter, rect, entry, top + high / 2)
        room = QRectF(left, top, right - left, high)
        paint_words(painter, room, entry.title, "name", "text.primary")
        top += high + theme.number("space.xs")
        for n, line in enumerate(entry.lines):
            row = QRectF(left, top, rect.right() - theme.number("space.m") - left, 18)
            role, ink = ("bodyStrong", "text.primary") if n == 0 else ("body", "text.secondary")
            paint_words(painter, row, line, role, ink)
            top += theme.line_height("body")
        for name, place in self.buttons(entry, rect.width()).items():
            self._paint_button(painter, place.translated(rect.topLeft()), name)

    def _ends(
        self, painter: QPainter, rect: QRectF, entry: MeasurementEntry, middle: float
    ) -> tuple[float, float]:
        """Paints icon and image; where the words between them begin and end."""
        inset, side = theme.number("space.m"), theme.number("icon")
        left = rect.left() + inset
        paint_icon(painter, entry.icon, QRectF(left, middle - side / 2, side, side))
        wide = QFontMetricsF(theme.font("caption")).horizontalAdvance(entry.where) + 1
        right, high = rect.right() - inset, theme.line_height("caption")
        box = QRectF(right - wide, middle - high / 2, wide, high)
        paint_words(painter, box, entry.where, "caption", "text.tertiary", right=True)
        return left + side + theme.number("card.gap"), right - wide - theme.number("space.s")

    def _paint_button(self, painter: QPainter, box: QRectF, name: str) -> None:
        hover, pressed = self._view.hover_at, self._view.pressed_at
        over = hover is not None and box.contains(hover)
        down = over and pressed is not None and box.contains(pressed)
        shade = "bg.pressed" if down else "bg.hover" if over else "bg.raised"
        radius = theme.number("radius.control")
        painter.setBrush(theme.color(shade))
        painter.setPen(theme.pen("line.strong"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        font, text, key = theme.font("bodyStrong"), self._labels[name], self._keys.get(name, "")
        gap, cap = theme.number("space.s"), theme.key_cap_width(key) if key else 0.0
        wide = QFontMetricsF(font).horizontalAdvance(text)
        x = box.left() + (box.width() - wide - (gap + cap if key else 0)) / 2
        painter.setFont(font)
        painter.setPen(theme.color("text.primary"))
        room = QRectF(x, box.top(), wide + 1, box.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        if key:
            theme.paint_key_cap(painter, QPointF(x + wide + gap, box.center().y()), key)
