"""The studies: series of the open one, others opened on this machine; a rail when folded."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QStackedLayout, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from viewer import theme
from viewer.dicom.series import Series
from viewer.panels.buttons import Button, Tool
from viewer.panels.empty import EmptyState
from viewer.panels.entries import ENTRY, Entries, EntryList, Index
from viewer.panels.parts import column, ground, line, paint_icon, paint_words, row, words
from viewer.views.pane_text import date_text, name_text

if TYPE_CHECKING:
    from viewer.desk import Desk

STUDY, SERIES, KNOWN = "study", "series", "known"
MOST_KNOWN = 30


@dataclass(frozen=True)
class StudyEntry:
    """One row: the open study's head, one of its series, or a study that was open before."""

    kind: str
    title: str
    caption: str = ""
    state: str = ""
    current: bool = False
    trouble: str = ""  # warn or refused
    done: float | None = None  # how much of a series has been read
    images: int = 0
    series: Series | None = field(default=None, compare=False, repr=False)
    path: Path | None = None
    uid: str = ""

    def __str__(self) -> str:
        return ", ".join(part for part in (self.title, self.caption, self.state) if part)


class StudyRows(QStyledItemDelegate):
    """Paints the rows of the browser."""

    def __init__(self, view: EntryList, pictures: dict[str, QImage]) -> None:
        super().__init__(view)
        self._view, self._pictures = view, pictures

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        entry: StudyEntry = index.data(ENTRY)
        if entry.kind == SERIES:
            return QSize(0, theme.size("row") + (14 if entry.done is not None else 4))
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
        else:
            self._paint_study(painter, rect, entry)
        painter.restore()

    def _paint_study(self, painter: QPainter, rect: QRectF, entry: StudyEntry) -> None:
        inset, small = theme.number("space.m"), theme.number("iconSmall")
        icon = "lists" if entry.kind == STUDY else "tree"
        top = rect.top() + theme.number("space.s")
        high, low = theme.line_height("bodyStrong"), theme.line_height("caption")
        mark = QRectF(rect.left() + inset, top + (high - small) / 2, small, small)
        paint_icon(painter, icon, mark, "text.tertiary")
        x = mark.right() + theme.number("space.xs")
        room = QRectF(x, top, rect.right() - inset - x, high)
        wide = 56.0 if entry.state else 0.0
        ink = "text.primary" if entry.kind == STUDY else "text.secondary"
        paint_words(painter, room.adjusted(0, 0, -wide, 0), entry.title, "bodyStrong", ink)
        paint_words(painter, room, entry.state, "caption", "text.tertiary", right=True)
        below = QRectF(x, top + high + 2, room.width(), low)
        paint_words(painter, below, entry.caption, "caption", "text.tertiary")

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


class Rail(QWidget):
    """The folded browser: a thumbnail and the number of images for each series."""

    series_chosen = Signal(object)

    def __init__(self, pictures: dict[str, QImage], unfold: Tool, keys: Tool) -> None:
        super().__init__()
        ground(self, "panel")
        self.setFixedWidth(theme.size("rail"))
        self._pictures = pictures
        self.entries: tuple[StudyEntry, ...] = ()
        self.setMouseTracking(True)
        self.setLayout(
            column(
                row(None, unfold, None),
                None,
                row(None, keys, None),
                inset=(0, theme.size("space.xs"), 0, theme.size("space.s")),
            )
        )

    def show_series(self, entries: tuple[StudyEntry, ...]) -> None:
        self.entries = entries
        self.update()

    def place(self, n: int) -> QRectF:
        """Where the n-th thumbnail lies."""
        side = theme.number("thumbSeries")
        step = side + theme.line_height("caption") + theme.number("space.l") + 4
        top = theme.number("tabbar") + theme.number("space.s")
        return QRectF((self.width() - side) / 2, top + n * step, side, side)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        entry = self._at(event.position())
        self.setToolTip(f"{entry.title}\n{entry.caption}" if entry else "")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        entry = self._at(event.position())
        if entry is not None and event.button() == Qt.MouseButton.LeftButton and not entry.current:
            self.series_chosen.emit(entry.series)

    def _at(self, at: QPointF) -> StudyEntry | None:
        low = theme.line_height("caption")
        for n, entry in enumerate(self.entries):
            if self.place(n).adjusted(0, 0, 0, low).contains(at):
                return entry
        return None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg.panel"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        foot = self.height() - 2 * theme.size("tabbar")
        for n, entry in enumerate(self.entries):
            rect = self.place(n)
            if rect.bottom() > foot:
                break
            paint_thumb(painter, rect, self._pictures.get(entry.uid), on=entry.current)
            if entry.current:
                edge = QRectF(0, rect.top(), theme.number("size.focusRing"), rect.height())
                painter.fillRect(edge, theme.color("accent.base"))
            if entry.done is not None:
                bar = QRectF(rect.left(), rect.bottom() - 3, rect.width() * entry.done, 3)
                painter.fillRect(bar, theme.color("accent.base"))
            painter.setFont(theme.font("caption"))
            painter.setPen(theme.color("text.secondary" if entry.current else "text.tertiary"))
            below = QRectF(0, rect.bottom() + 2, self.width(), theme.line_height("caption"))
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, str(entry.images))
        painter.end()


class Studies(QWidget):
    """Browser and rail in one place; which one shows is the window's choice."""

    fold_asked = Signal()

    def __init__(self, desk: Desk, actions: dict[str, QAction], keys: dict[str, str]) -> None:
        super().__init__()
        ground(self, "panel")
        self._desk = desk
        self.pictures: dict[str, QImage] = {}
        unfold = Tool("unfold", self._tip(actions, keys, "browser"))
        help_tool = Tool("help", self._tip(actions, keys, "keys"))
        fold = Tool("fold", self._tip(actions, keys, "browser"))
        for tool, action in ((unfold, "browser"), (fold, "browser"), (help_tool, "keys")):
            tool.clicked.connect(actions[action].trigger)
        self.rail = Rail(self.pictures, unfold, help_tool)
        self.rail.series_chosen.connect(desk.choose_series)
        self.model = Entries()
        self.list = EntryList(self.model)
        self.list.setItemDelegate(StudyRows(self.list, self.pictures))
        self.list.entry_clicked.connect(self._clicked)
        self.empty = EmptyState("studies")
        self.empty.say(
            "studies",
            self.tr("No studies yet"),
            self.tr("Studies you open stay listed here, on this machine only."),
        )
        self._stack = QStackedLayout(self)
        self._inner = QStackedLayout()
        self._stack.addWidget(self.rail)
        self._stack.addWidget(self._browser(fold, actions["open"], keys["open"]))
        self._load = 0.0
        desk.opening.study_found.connect(self._study_found)
        desk.scan_opened.connect(self.refresh)
        desk.reading_changed.connect(self.refresh)
        desk.scan_completed.connect(self.refresh)
        desk.jobs.changed.connect(self._jobs_changed)
        self.fold(True)
        self.refresh()

    def _browser(self, fold: Tool, open_action: QAction, key: str) -> QWidget:
        inset = theme.size("space.m")
        head = QWidget()
        head.setFixedHeight(theme.size("tabbar"))
        head.setLayout(
            row(words(self.tr("Studies"), "bodyStrong"), None, fold, inset=(inset, 0, 4, 0))
        )
        nothing = QWidget()
        nothing.setLayout(column(None, self.empty, None, None))
        self._inner.addWidget(nothing)
        self._inner.addWidget(self.list)
        button = Button(open_action.text(), icon="open", key=key)
        button.clicked.connect(open_action.trigger)
        made = QWidget()
        whole = column(head, line())
        whole.addLayout(self._inner, 1)
        whole.addWidget(line())
        whole.addLayout(row(button, inset=(inset, inset, inset, inset)))
        made.setLayout(whole)
        return made

    @property
    def folded(self) -> bool:
        return self._stack.currentIndex() == 0

    def fold(self, folded: bool) -> None:
        self._stack.setCurrentIndex(0 if folded else 1)
        self.setFixedWidth(theme.size("rail" if folded else "browser"))

    def set_picture(self, uid: str, picture: QImage | None) -> None:
        if picture is not None:
            self.pictures[uid] = picture
            self.rail.update()
            self.list.viewport().update()

    def refresh(self, *_: object) -> None:
        """Everything anew from the desk and the library."""
        entries = self._open_study()
        self.rail.show_series(tuple(e for e in entries if e.kind == SERIES))
        entries += self._known()
        self.model.set_entries(entries)
        self.list.scheduleDelayedItemsLayout()
        self._inner.setCurrentIndex(1 if entries else 0)

    # Inside

    def _tip(self, actions: dict[str, QAction], keys: dict[str, str], action: str) -> str:
        return f"{actions[action].text()}  {keys[action]}"

    def _study_found(self, *_: object) -> None:
        self.pictures.clear()
        self.refresh()

    def _jobs_changed(self, *_: object) -> None:
        job = self._desk.jobs.running("load")
        done = job.fraction if job is not None else 0.0
        if done != self._load:
            self._load = done
            self.refresh()

    def _open_study(self) -> list[StudyEntry]:
        opened, scan = self._desk.opening.opened, self._desk.scan
        if opened is None or not opened.series:
            return []
        first = opened.series[0]
        reading = self._desk.reading
        begun = reading is not None and bool(reading.history)
        entries = [
            StudyEntry(
                STUDY,
                first.patient.id or name_text(first.patient.name) or self.tr("No name"),
                study_line(first.study_date, first.study_description),
                self.tr("in work") if begun else self.tr("unread"),
            )
        ]
        many = len(opened.series) > 1
        for n, series in enumerate(opened.series, 1):
            current = scan is not None and scan.series.key == series.key
            loading = current and scan is not None and not scan.complete
            whole = len(series.sources)
            read = self.tr("{0} of {1} read").format(round(self._load * whole), whole)
            entries.append(
                StudyEntry(
                    SERIES,
                    self._title(series, n if many else 0),
                    self.tr("{0} images").format(whole)
                    if not series.kernel
                    else f"{series.kernel} · " + self.tr("{0} images").format(whole),
                    read if loading else "",
                    current=current,
                    trouble=trouble_of(series),
                    done=self._load if loading else None,
                    images=whole,
                    series=series,
                    uid=series.key,
                )
            )
        return entries

    def _title(self, series: Series, number: int) -> str:
        plane = self.tr("Axial") if series.axial else series.description or series.modality
        thick = "" if series.thickness_mm is None else f" {series.thickness_mm:g} mm"
        return f"{number} · {plane}{thick}" if number else f"{plane}{thick}"

    def _known(self) -> list[StudyEntry]:
        scan = self._desk.scan
        seen = {scan.series.study_uid} if scan else set()
        entries: list[StudyEntry] = []
        for known in self._desk.library.known():
            if known.study_uid in seen or len(entries) >= MOST_KNOWN:
                continue
            seen.add(known.study_uid)
            title = known.patient_id or name_text(known.patient) or self.tr("No name")
            caption = study_line(known.study_date, known.description)
            entries.append(StudyEntry(KNOWN, title, caption, path=known.path))
        return entries

    def _clicked(self, entry: StudyEntry, _at: object) -> None:
        if entry.kind == SERIES and entry.series is not None and not entry.current:
            self._desk.choose_series(entry.series)
        elif entry.kind == KNOWN and entry.path is not None:
            self._desk.open(entry.path)


def study_line(date: str, description: str) -> str:
    return " · ".join(part for part in (date_text(date), description) if part)


def trouble_of(series: Series) -> str:
    if series.refusal or series.ai_refusal:
        return "refused"
    return "warn" if series.warnings else ""
