"""How a finding looks in the list: a row of 56, the current one as a card of 186."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QImage, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from viewer import theme
from viewer.panels import edit_card, figures
from viewer.panels.edit_card import EditFigures
from viewer.panels.entries import ENTRY, EntryList, Index
from viewer.panels.parts import paint_icon, paint_words, strong
from viewer.panels.thumbnails import Thumbnails
from viewer.panels.two_lines import two_lines
from viewer.reading.events import EDITED
from viewer.views.glyphs import paint_glyph

HEAD, FINDING = "head", "finding"
BUTTONS = ("accept", "reject", "edit", "undecided")


@dataclass(frozen=True)
class FindingEntry:
    """One row: a finding with its words, or the head of a group (name and count alone).

    stale: its figures are of an earlier mask. edit: what its card says while it is edited.
    choices: its card has room for the choices of type and zone. measured: the size of a rejected
    one, where `size` tells its state and why: a screen reader says each of them once. whose: which
    file it came with, and who made it.
    """

    kind: str
    name: str
    id: str = ""
    state: str = ""
    size: str = ""
    long_size: str = ""
    details: str = ""
    image: str = ""
    chance: float | None = None
    why: str = ""
    current: bool = False
    count: int = 0
    held: bool = False
    stale: bool = False
    edit: EditFigures | None = None
    choices: bool = False
    measured: str = ""
    whose: str = ""
    centre_lps: tuple[float, float, float] = field(default=(0.0, 0.0, 0.0), repr=False)

    @property
    def tip(self) -> str:
        """What the card may have had to cut, in full."""
        return self.why if self.current and self.edit is None else ""

    def __str__(self) -> str:
        """What a screen reader says."""
        state = figures.state_word(self.state) if self.state else ""
        parts = (self.name, self.measured, self.size, "" if self.measured else state, self.whose)
        return ", ".join(part for part in parts if part)


def lowered(entry: FindingEntry) -> int:
    """By how much what stands below the head of a card lies lower: for the choices."""
    return theme.size("card.choices") if entry.choices else 0


@dataclass
class Look:
    """What the rows share: compact rows in low windows, chances as numbers too, accent or not."""

    compact: bool = False
    numbers: bool = False
    accent: bool = True


class FindingRows(QStyledItemDelegate):
    """Paints the rows; the buttons of the card are painted too and hit by `button_at`."""

    def __init__(self, view: EntryList, thumbnails: Thumbnails, labels: dict[str, str],
                 keys: dict[str, str]) -> None:  # fmt: skip
        super().__init__(view)
        self._view, self._thumbnails = view, thumbnails
        self._labels, self._keys = labels, keys
        self.look = Look()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, self.height_of(index.data(ENTRY)))

    def height_of(self, entry: FindingEntry) -> int:
        if entry.kind == HEAD:
            return theme.size("head")
        if entry.edit is not None:
            return edit_card.card_height()
        if entry.current:
            return theme.size("card") + lowered(entry)
        return theme.size("rowCompact" if self.look.compact else "row")

    def buttons(self, wide: float, lower: float = 0.0) -> dict[str, QRectF]:
        """Where the card's buttons lie, from the card's upper left corner; lower: by so much."""
        inset, gap, high = theme.number("space.m"), theme.number("space.s"), theme.number("control")
        top = theme.number("card") + lower - inset - high
        last = theme.number("card.undecided")
        rects, x = {}, inset
        shares = self._shares(wide - 2 * inset - 3 * gap - last)
        for name, width in zip(BUTTONS, (*shares, last), strict=True):
            rects[name] = QRectF(x, top, width, high)
            x += width + gap
        return rects

    def _shares(self, room: float) -> list[float]:
        """How so much room is shared among Accept, Reject and Edit: alike; in a narrow panel as
        each needs it for its words and its key, so that not one of them goes without."""
        alike, least = room / 3, 2 * theme.number("space.xs")
        needs = []
        for name in BUTTONS[:3]:
            font = strong() if name == "accept" else theme.font("bodyStrong")
            wide = QFontMetricsF(font).horizontalAdvance(self._labels[name])
            needs.append(wide + theme.key_cap_width(self._keys[name]) + least + 1)
        spare = room - sum(needs)
        if max(needs) <= alike or spare < 0:
            return [alike, alike, alike]
        return [need + spare / 3 for need in needs]

    def button_at(self, entry: FindingEntry, at: QPointF, wide: float) -> str:
        """The id of the action whose button lies there, or nothing."""
        if not entry.current or entry.edit is not None:
            return ""
        lower = lowered(entry)
        if entry.chance is not None and self.why_box(wide, lower).contains(at):
            return "why"
        return next((n for n, rect in self.buttons(wide, lower).items() if rect.contains(at)), "")

    def parts_of(self, entry: FindingEntry, wide: float) -> list[QRectF]:
        """What can be pressed in the card."""
        if entry.kind != FINDING or not entry.current or entry.edit is not None:
            return []
        lower = lowered(entry)
        why = [self.why_box(wide, lower)] if entry.chance is not None else []
        return [*why, *self.buttons(wide, lower).values()]

    def why_box(self, wide: float, lower: float = 0.0) -> QRectF:
        """Where the card says why, from its upper left corner."""
        inset = theme.number("space.m")
        top = inset + theme.number("thumbCurrent") + inset / 2
        foot = theme.number("card") - inset - theme.number("control")
        return QRectF(inset, top + lower, wide - 2 * inset, foot - top)

    def editorEvent(self, event: QEvent, *args: object) -> bool:  # type: ignore[override]
        return False

    def helpEvent(  # type: ignore[override]
        self, event: QHelpEvent, view: EntryList, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """A tip only over words that the card had to cut: all of them."""
        entry, rect = index.data(ENTRY), QRectF(option.rect)  # type: ignore[attr-defined]
        at = QPointF(event.pos()) - rect.topLeft()
        if not self.is_cut(entry, rect.width(), at):
            return False
        return super().helpEvent(event, view, option, index)

    def is_cut(self, entry: FindingEntry, wide: float, at: QPointF) -> bool:
        """Whether the card says why at this place, from its upper left corner, and not in full."""
        if not entry.tip or not self.why_box(wide, lowered(entry)).contains(at):
            return False
        shown = "".join(self.why_lines(entry, self._why_room(entry, wide)))
        return shown.replace(" ", "") != entry.why.replace(" ", "")

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: FindingEntry = index.data(ENTRY)
        rect = QRectF(option.rect)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        hovered = self._view.hovered == index
        if entry.kind == HEAD:
            self._paint_head(painter, rect, entry)
        elif entry.current:
            self._paint_card(painter, rect, entry)
        else:
            if hovered:
                painter.fillRect(rect, theme.color("bg.hover"))
            self._paint_row(painter, rect, entry)
        foot = QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1)
        painter.fillRect(foot, theme.color("line.soft"))
        painter.restore()

    def _paint_head(self, painter: QPainter, rect: QRectF, entry: FindingEntry) -> None:
        inner = rect.adjusted(theme.number("space.m"), 0, -theme.number("space.m"), 0)
        paint_words(painter, inner, entry.name, "captionStrong", "text.tertiary")
        paint_words(painter, inner, str(entry.count), "caption", "text.tertiary", right=True)

    def _paint_row(self, painter: QPainter, rect: QRectF, entry: FindingEntry) -> None:
        inset, glyph = theme.number("space.m"), theme.number("glyph")
        middle, rejected = rect.center().y(), entry.state == "rejected"
        x = rect.left() + inset
        paint_glyph(painter, QRectF(x, middle - glyph / 2, glyph, glyph), entry.state)
        x += glyph + theme.number("card.gap")
        side = theme.number("thumb") if not self.look.compact else theme.number("control")
        self._paint_thumb(
            painter, QRectF(x, middle - side / 2, side, side), entry, 0.6 if rejected else 1.0
        )
        x += side + theme.number("card.gap")
        right = self._paint_right(painter, rect, entry)
        room = right - theme.number("space.s") - x
        name, caption = theme.line_height("bodyStrong"), theme.line_height("caption")
        top = middle - (name + caption) / 2
        ink = "text.secondary" if rejected else "text.primary"
        paint_words(painter, QRectF(x, top, room, name), entry.name, "bodyStrong", ink)
        paint_words(
            painter, QRectF(x, top + name, room, caption), entry.size, "caption", "text.tertiary"
        )

    def _paint_right(self, painter: QPainter, rect: QRectF, entry: FindingEntry) -> float:
        """Chance over image number; the left edge of both."""
        right, middle = rect.right() - theme.number("space.m"), rect.center().y()
        high = theme.line_height("caption")
        wide = theme.number("card.right")
        low = middle if entry.chance is not None else middle - high / 2
        box = QRectF(right - wide, low, wide, high)
        paint_words(painter, box, entry.image, "caption", "text.tertiary", right=True)
        if entry.chance is not None:
            blocks = self._blocks_width()
            top = middle - high / 2 - theme.token("chance.block")[1] / 2 - 1
            self._paint_chance(painter, QPointF(right - blocks, top), entry.chance)
            if self.look.numbers:
                number = QRectF(right - wide, middle - high - 2, wide - blocks - 4, high)
                text = f"{entry.chance:.2f}"
                paint_words(painter, number, text, "caption", "text.secondary", right=True)
        return right - wide

    def _paint_card(self, painter: QPainter, rect: QRectF, entry: FindingEntry) -> None:
        painter.fillRect(rect, theme.color("bg.selected"))
        edge = theme.number("size.focusRing")
        painter.fillRect(
            QRectF(rect.left(), rect.top(), edge, rect.height()), theme.color("accent.base")
        )
        inset, side = theme.number("space.m"), theme.number("thumbCurrent")
        thumb = QRectF(rect.left() + inset, rect.top() + inset, side, side)
        self._paint_thumb(painter, thumb, entry, 1.0)
        glyph = theme.number("glyph")
        right = rect.right() - inset
        state = entry.state if entry.edit is None else EDITED
        paint_glyph(painter, QRectF(right - glyph, thumb.top() + 2, glyph, glyph), state)
        x, y = thumb.right() + inset, thumb.top()
        if entry.edit is not None:
            word = QRectF(x, y, right - x - glyph - theme.number("space.s"), glyph + 4)
            edit_card.paint_editing_word(painter, word)
        for text, role, ink in (
            (entry.name, "name", "text.primary"),
            (entry.long_size, "bodyStrong", "text.tertiary" if entry.stale else "text.primary"),
            (entry.edit.caption if entry.edit else entry.details, "caption", "text.secondary"),
        ):
            high = theme.line_height(role)
            room = right - x - (glyph + 4 if role == "name" else 0)
            paint_words(painter, QRectF(x, y, room, high), text, role, ink)
            y += high + (2 if role == "bodyStrong" else 0)
        if entry.edit is not None:
            top = thumb.bottom() + theme.number("space.s") + theme.number("card.choices")
            table = QRectF(thumb.left(), top, right - thumb.left(), rect.bottom() - top)
            edit_card.paint_figures(painter, table, entry.edit)
            return
        self._paint_card_chance(painter, QRectF(x, y + 4, right - x, 14), entry)
        self._paint_why(painter, thumb.translated(0, lowered(entry)), right, entry)
        self._paint_buttons(painter, rect, lowered(entry))

    def _paint_card_chance(self, painter: QPainter, rect: QRectF, entry: FindingEntry) -> None:
        if entry.chance is None:
            paint_words(painter, rect, figures.state_word(entry.state), "caption", "text.secondary")
            return
        steps = theme.token("chance.steps")
        level = figures.chance_level(entry.chance, (steps[0], steps[1]))
        block = theme.token("chance.block")[1]
        top = rect.center().y() - block / 2
        self._paint_chance(painter, QPointF(rect.left(), top), entry.chance)
        text = figures.chance_word(level)
        if self.look.numbers:
            text = f"{text}  {entry.chance:.2f}"
        words = rect.adjusted(self._blocks_width() + theme.number("space.s"), 0, 0, 0)
        paint_words(painter, words, text, "caption", "text.secondary")

    def _paint_why(
        self, painter: QPainter, thumb: QRectF, right: float, entry: FindingEntry
    ) -> None:
        if not entry.why:
            return
        small = theme.number("iconSmall")
        top = thumb.bottom() + theme.number("space.m")
        paint_icon(painter, "why", QRectF(thumb.left(), top, small, small), "text.tertiary")
        x = thumb.left() + small + theme.number("space.s")
        if key := self._why_key(entry):
            at = QPointF(right - theme.key_cap_width(key), top + small / 2)
            theme.paint_key_cap(painter, at, key)
        room = self._why_room(entry, right - thumb.left() + 2 * theme.number("space.m"))
        font, high = theme.font("caption"), theme.line_height("caption") + 1
        painter.setFont(font)
        painter.setPen(theme.color("text.secondary"))
        for n, text in enumerate(self.why_lines(entry, room)):
            box = QRectF(x, top + n * high, room, high)
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)

    def _why_key(self, entry: FindingEntry) -> str:
        return self._keys["why"] if entry.chance is not None else ""

    def _why_room(self, entry: FindingEntry, wide: float) -> float:
        """How wide the words of why may be in a card of that width."""
        before = theme.number("iconSmall") + theme.number("space.s")
        key = self._why_key(entry)
        after = theme.key_cap_width(key) + theme.number("space.s") if key else 0.0
        return wide - 2 * theme.number("space.m") - before - after

    def why_lines(self, entry: FindingEntry, wide: float) -> list[str]:
        """As the card shows it; where a file is told that has too little room, with both ends."""
        mode = Qt.TextElideMode.ElideMiddle if entry.whose else Qt.TextElideMode.ElideRight
        return two_lines(entry.why, theme.font("caption"), wide, mode)

    def _paint_buttons(self, painter: QPainter, rect: QRectF, lower: float) -> None:
        hover, pressed = self._view.hover_at, self._view.pressed_at
        for name, place in self.buttons(rect.width(), lower).items():
            box = place.translated(rect.topLeft())
            over = hover is not None and box.contains(hover)
            down = pressed is not None and box.contains(pressed) and over
            self._paint_button(painter, box, name, over=over, down=down)

    def _paint_button(
        self, painter: QPainter, box: QRectF, name: str, *, over: bool, down: bool
    ) -> None:
        primary = name == "accept" and self.look.accent
        shades = ("accent.base", "accent.hover", "accent.pressed") if primary else (
            "bg.raised", "bg.hover", "bg.pressed")  # fmt: skip
        radius = theme.number("radius.control")
        shade = shades[2] if down else shades[1] if over else shades[0]
        painter.setBrush(theme.color(shade))
        painter.setPen(theme.pen(shade if primary else "line.strong"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        ink = "text.onAccent" if primary else "text.primary"
        font = strong() if primary else theme.font("bodyStrong")
        key, gap = self._keys[name], theme.number("space.s")
        cap = theme.key_cap_width(key)
        painter.setFont(font)
        icon_only = name == "undecided"
        text = "" if icon_only else self._labels[name]
        lead = theme.number("glyph") if icon_only else (
            painter.fontMetrics().horizontalAdvance(text))  # fmt: skip
        room_px = box.width() - theme.number("space.xs")
        if lead + gap + cap > room_px:
            gap = theme.number("space.xs")  # a narrow panel: closer, and then without the key
        if lead + gap + cap > room_px:
            gap, cap, key = 0.0, 0.0, ""
        x = box.left() + (box.width() - lead - gap - cap) / 2
        if icon_only:
            glyph = QRectF(x, box.center().y() - lead / 2, lead, lead)
            paint_glyph(painter, glyph, "undecided")
        else:
            painter.setPen(theme.color(ink))
            room = QRectF(x, box.top(), lead + 1, box.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        if key:
            place = QPointF(x + lead + gap, box.center().y())
            theme.paint_key_cap(painter, place, key, on_accent=primary)

    def _paint_thumb(
        self, painter: QPainter, rect: QRectF, entry: FindingEntry, alpha: float
    ) -> None:
        ratio = self._view.devicePixelRatioF()
        image: QImage | None = self._thumbnails.around(
            entry.centre_lps, round(rect.width() * ratio)
        )
        painter.fillRect(rect, theme.color("bg.image"))
        if image is not None:
            painter.setOpacity(alpha)
            painter.drawImage(rect, image)
            painter.setOpacity(1.0)

    def _blocks_width(self) -> float:
        block, gap = theme.token("chance.block")[0], theme.number("chance.gap")
        return float(3 * block + 2 * gap)

    def _paint_chance(self, painter: QPainter, at: QPointF, chance: float) -> None:
        wide, high = theme.token("chance.block")
        steps = theme.token("chance.steps")
        level = figures.chance_level(chance, (steps[0], steps[1]))
        for n in range(3):
            box = QRectF(at.x() + n * (wide + theme.number("chance.gap")), at.y(), wide, high)
            painter.fillRect(box, theme.color("text.primary" if n <= level else "line.strong"))
