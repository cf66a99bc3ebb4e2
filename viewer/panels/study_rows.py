"""Rows of the browser: the open study's head, its series, studies that were here before."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QImage, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from viewer import theme
from viewer.dicom.series import Series
from viewer.panels.entries import ENTRY, Entries, EntryList, Index, plain_tip
from viewer.panels.parts import paint_icon, paint_words
from viewer.panels.study_cuts import BELOW, Head, Told, fitted, number_shown
from viewer.panels.study_words import tr
from viewer.reading.library import KnownSeries
from viewer.reading.worklist import DONE

STUDY, SERIES, KNOWN = "study", "series", "known"


@dataclass(frozen=True)
class StudyEntry:
    """One row: the open study's head, one of its series, or a study that was open before."""

    kind: str
    title: str
    caption: str = ""
    state: str = ""
    state_kind: str = ""  # unread, in work or done
    current: bool = False
    trouble: str = ""  # warn or refused
    done: float | None = None  # how much of a series has been read
    images: int = 0
    series: Series | None = field(default=None, compare=False, repr=False)
    known: KnownSeries | None = field(default=None, repr=False)
    uid: str = ""
    tip: str = ""  # what has no room in the row
    tag: str = ""  # which of two scans beside each other it is
    told: Told | None = None  # of a head: what its title and caption are made of

    def __str__(self) -> str:
        parts = (self.title, self.caption, self.state, self.tag)
        return ", ".join(part for part in parts if part)


class StudyRows(QStyledItemDelegate):
    """Paints the rows of the browser."""

    def __init__(self, view: EntryList, model: Entries, pictures: dict[str, QImage]) -> None:
        super().__init__(view)
        self._view, self._model, self._pictures = view, model, pictures
        self._cut_of: tuple[StudyEntry, ...] | None = None
        self._cut_wide = 0.0
        self._cut: dict[StudyEntry, tuple[str, str]] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        entry: StudyEntry = index.data(ENTRY)
        if entry.kind == SERIES:
            return QSize(0, theme.size("row") + (14 if entry.done is not None else 4))
        if entry.kind == KNOWN:
            return QSize(0, theme.size("row") + 10)
        return QSize(0, theme.size("row") - 4)

    def editorEvent(self, event: QEvent, *args: object) -> bool:  # type: ignore[override]
        return False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        entry: StudyEntry = index.data(ENTRY)
        rect = QRectF(option.rect)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if entry.current:
            painter.fillRect(rect, theme.color("bg.selected"))
            edge = QRectF(rect.left(), rect.top(), theme.number("size.focusRing"), rect.height())
            painter.fillRect(edge, theme.color("accent.base"))
        elif self._view.hovered == index and entry.kind != STUDY:
            painter.fillRect(rect, theme.color("bg.hover"))
        if entry.kind == SERIES:
            self._paint_series(painter, rect, entry)
        elif entry.kind == KNOWN:
            self._paint_known(painter, rect, entry)
        else:
            self._paint_study(painter, rect, entry)
        painter.restore()

    def _paint_study(self, painter: QPainter, rect: QRectF, entry: StudyEntry) -> None:
        inset, small = theme.number("space.m"), theme.number("iconSmall")
        top = rect.top() + theme.number("space.s")
        high, low = theme.line_height("bodyStrong"), theme.line_height("caption")
        mark = QRectF(rect.left() + inset, top + (high - small) / 2, small, small)
        paint_icon(painter, "lists", mark, "text.tertiary")
        x, right = self._sides(rect, entry)
        title, caption = self.shown(entry, rect.width())
        paint_words(painter, QRectF(x, top, right - x, high), title, "bodyStrong", "text.primary")
        below = QRectF(x, top + high + 2, right - x, low)
        paint_words(painter, below, caption, "caption", "text.tertiary")
        paint_words(painter, below, entry.state, "caption", "text.tertiary", right=True)

    def _paint_known(self, painter: QPainter, rect: QRectF, entry: StudyEntry) -> None:
        """A study that was here before: its picture, patient, date, images and state."""
        inset, side = theme.number("space.m"), theme.number("thumbSeries")
        thumb = QRectF(rect.left() + inset, rect.top() + theme.number("space.s"), side, side)
        paint_thumb(painter, thumb, self._pictures.get(entry.uid))
        x, right = self._sides(rect, entry)
        high, low = theme.line_height("bodyStrong"), theme.line_height("caption")
        room = QRectF(x, thumb.top() - 2, right - x, high)
        ink = "text.secondary" if entry.state_kind == DONE else "text.primary"
        title, caption = self.shown(entry, rect.width())
        paint_words(painter, room, title, "bodyStrong", ink)
        below = QRectF(x, room.bottom(), right - x, low)
        paint_words(painter, below, caption, "caption", "text.secondary")
        last = below.translated(0, low)
        told, ink = (entry.tag, "accent.base") if entry.tag else (entry.state, "text.tertiary")
        wide = paint_words(painter, last, told, "caption", ink, right=True)
        what = last.adjusted(0, 0, -wide - theme.number("space.xs"), 0)
        _, _, images = entry.caption.partition("\n")
        paint_words(painter, what, images, "caption", "text.tertiary")

    def helpEvent(  # type: ignore[override]
        self, event: QHelpEvent, view: EntryList, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """What the row has no room for, and why it has a number, at rest."""
        rect = QRectF(option.rect)  # type: ignore[attr-defined]
        tip = self.tip(index.data(ENTRY), rect.width())
        QToolTip.showText(event.globalPos(), plain_tip(tip), view.viewport())
        return bool(tip)

    def tip(self, entry: StudyEntry, wide: float) -> str:
        """What is told at rest of a row of that width."""
        counted = ""
        if entry.told is not None:
            counted = number_shown(entry.told, self.shown(entry, wide))
        if not counted:
            return entry.tip
        text = tr("{0}: another study looks the same at this width.").format(counted)
        return f"{entry.tip}\n{text}"

    def shown(self, entry: StudyEntry, wide: float) -> tuple[str, str]:
        """Title and line below it as they stand in a row of that width, cut but never mistaken."""
        entries = self._model.entries
        if entries is not self._cut_of or wide != self._cut_wide:
            heads = [e for e in entries if e.kind in (STUDY, KNOWN)]
            cut = fitted([self._head(wide, entry) for entry in heads])
            self._cut = dict(zip(heads, cut, strict=True))
            self._cut_of, self._cut_wide = entries, wide
        return self._cut.get(entry) or (entry.title, entry.caption)

    def _head(self, wide: float, entry: StudyEntry) -> Head:
        """What a head tells, and the room that a row of that width has for it."""
        left, right = self._sides(QRectF(0, 0, wide, 1), entry)
        below = right - left
        if entry.kind == STUDY and entry.state:
            metrics = QFontMetricsF(theme.font(BELOW))
            below -= metrics.horizontalAdvance(entry.state) + theme.number("space.s")
        return Head(entry.told or Told(entry.title), right - left, below)

    def _sides(self, rect: QRectF, entry: StudyEntry) -> tuple[float, float]:
        """Where the words of a head begin and end."""
        inset = theme.number("space.m")
        if entry.kind == STUDY:
            before = theme.number("iconSmall") + theme.number("space.xs")
        else:
            before = theme.number("thumbSeries") + inset
        return rect.left() + inset + before, rect.right() - inset

    def _paint_series(self, painter: QPainter, rect: QRectF, entry: StudyEntry) -> None:
        inset, side = theme.number("space.m"), theme.number("thumbSeries")
        thumb = QRectF(rect.left() + inset, rect.top() + theme.number("space.s"), side, side)
        paint_thumb(painter, thumb, self._pictures.get(entry.uid))
        x, right = thumb.right() + inset, rect.right() - inset
        if entry.trouble:
            small = theme.number("icon")
            mark = QRectF(right - small, thumb.top() + 2, small, small)
            paint_icon(painter, entry.trouble, mark, f"notice.{entry.trouble}")
            right = mark.left() - theme.number("space.xs")
        high, low = theme.line_height("bodyStrong"), theme.line_height("caption")
        room = QRectF(x, thumb.top(), right - x, high)
        paint_words(painter, room, entry.title, "bodyStrong", "text.primary")
        paint_words(painter, room, entry.tag, "caption", "accent.base", right=True)
        below = QRectF(x, thumb.top() + high, right - x, low)
        paint_words(painter, below, entry.caption, "caption", "text.secondary")
        if entry.done is not None:
            bar = QRectF(x, below.bottom() + 4, rect.right() - inset - x, theme.number("progress"))
            painter.fillRect(bar, theme.color("line.strong"))
            bar.setWidth(bar.width() * entry.done)
            painter.fillRect(bar, theme.color("accent.base"))
            read = QRectF(x, bar.bottom() + 2, right - x, low)
            paint_words(painter, read, entry.state, "caption", "text.tertiary")


def paint_thumb(
    painter: QPainter, rect: QRectF, picture: QImage | None, *, on: bool = True
) -> None:
    """A series' picture, or a plain black square where there is none yet."""
    painter.fillRect(rect, theme.color("bg.image"))
    if picture is None:
        side = theme.number("icon")
        middle = rect.center()
        mark = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
        paint_icon(painter, "studies", mark, "text.disabled")
        return
    painter.setOpacity(1.0 if on else 0.6)
    painter.drawImage(rect, picture)
    painter.setOpacity(1.0)
