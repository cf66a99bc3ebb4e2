"""The studies: series of the open one, others opened on this machine; a rail when folded."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, Qt, Signal
from PySide6.QtGui import QAction, QDrag, QImage, QImageWriter
from PySide6.QtWidgets import QStackedLayout, QWidget

from ai.scan.volume import Volume
from viewer import theme
from viewer.dicom.series import Series
from viewer.dicom.sort import plane_of
from viewer.language.counted import counted
from viewer.open_scan import OpenScan
from viewer.panels.buttons import Button, Tool
from viewer.panels.dragging import series_drag
from viewer.panels.empty import EmptyState
from viewer.panels.entries import Entries, EntryList
from viewer.panels.parts import Field, column, ground, line, row, words
from viewer.panels.rail import Rail, SettingsButton
from viewer.panels.study_cuts import Told
from viewer.panels.study_rows import KNOWN, SERIES, STUDY, StudyEntry, StudyRows
from viewer.panels.study_words import (
    matches,
    series_tip,
    state_word,
    study_line,
    study_tip,
    study_told,
    told_of,
    trouble_of,
)
from viewer.panels.thumbnails import Thumbnails
from viewer.reading.library import series_key
from viewer.views.planes import AXIAL, PLANES
from viewer.views.state import LUNG_WINDOW, Window

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

MOST_KNOWN = 60


class Studies(QWidget):
    """Browser and rail in one place; which one shows is the window's choice."""

    search_left = Signal()  # the field is done with: the focus goes back to where the keys work

    def __init__(self, desk: Desk, actions: dict[str, QAction], keys: dict[str, str]) -> None:
        super().__init__()
        ground(self, "panel")
        self._desk = desk
        self.pictures: dict[str, QImage] = {}
        self._fetched: set[str] = set()
        self._tags: Mapping[str, str] = {}
        unfold = Tool("unfold", actions["browser"].text(), key=keys["browser"])
        help_tool = Tool("help", actions["keys"].text(), key=keys["keys"])
        fold = Tool("fold", actions["browser"].text(), key=keys["browser"])
        for tool, action in ((unfold, "browser"), (fold, "browser"), (help_tool, "keys")):
            tool.clicked.connect(actions[action].trigger)
        self.rail = Rail(self.pictures, unfold, help_tool, SettingsButton(actions))
        self.rail.series_chosen.connect(desk.choose_series)
        self.model = Entries()
        self.list = EntryList(self.model)
        self.list.setAccessibleName(self.tr("Studies"))
        self.list.drag_of = self._drag_of
        self.rows = StudyRows(self.list, self.model, self.pictures)
        self.list.setItemDelegate(self.rows)
        self.list.entry_clicked.connect(self._clicked)
        self.empty = EmptyState("studies")
        self.search = Field()
        self.search.setPlaceholderText(self.tr("Name, number, date"))
        self.search.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.search.textChanged.connect(self.refresh)
        self.search.kept.connect(self._open_first)
        self.search.left.connect(self.end_search)
        self._stack = QStackedLayout(self)
        self._inner = QStackedLayout()
        self._stack.addWidget(self.rail)
        self._stack.addWidget(self._browser(fold, actions, keys))
        self._load = 0.0
        desk.scan_opened.connect(self.refresh)
        desk.reading_changed.connect(self.refresh)
        desk.reader_changed.connect(self.refresh)
        desk.scan_completed.connect(self.refresh)
        desk.scan_completed.connect(self.take_picture)
        desk.pictures.read.connect(self._keep_picture)
        desk.jobs.changed.connect(self._jobs_changed)
        desk.shelf.changed.connect(self.refresh)
        self.fold(True)
        self.refresh()

    def _browser(self, fold: Tool, actions: dict[str, QAction], keys: dict[str, str]) -> QWidget:
        inset = theme.size("space.m")
        head = QWidget()
        head.setFixedHeight(theme.size("tabbar"))
        find = Tool("search", actions["find-study"].text(), key=keys["find-study"])
        find.clicked.connect(actions["find-study"].trigger)
        head.setLayout(
            row(words(self.tr("Studies"), "bodyStrong"), None, find, fold, inset=(inset, 0, 4, 0))
        )
        self._field = QWidget()
        self._field.setLayout(row(self.search, inset=(inset, 8, inset, 8)))
        self._field.hide()
        nothing = QWidget()
        nothing.setLayout(column(None, self.empty, None, None))
        self._inner.addWidget(nothing)
        self._inner.addWidget(self.list)
        button = Button(actions["open"].text(), icon="open", key=keys["open"])
        button.clicked.connect(actions["open"].trigger)
        files = Button(actions["open-files"].text(), icon="file", key=keys["open-files"])
        files.clicked.connect(actions["open-files"].trigger)
        made = QWidget()
        whole = column(head, line(), self._field)
        whole.addLayout(self._inner, 1)
        whole.addWidget(line())
        gap = theme.size("space.s")
        whole.addLayout(column(button, files, inset=(inset, inset, inset, inset), gap=gap))
        made.setLayout(whole)
        return made

    @property
    def folded(self) -> bool:
        return self._stack.currentIndex() == 0

    def fold(self, folded: bool) -> None:
        """The rail or the browser; a search that nobody would see any more is over."""
        if folded:
            self.search.clear()
            self._field.hide()
        self._stack.setCurrentIndex(0 if folded else 1)
        self.setFixedWidth(theme.size("rail" if folded else "browser"))

    def take_picture(self, scan: OpenScan) -> None:
        """A picture of a series that has been read, and then of those beside it.

        Each is for this list and that of another day.
        """
        self._keep_picture(scan.series, scan.volume)
        opened = self._desk.opening.opened
        beside = [one for one in (opened.series if opened else ()) if self._lacks_picture(one)]
        self._desk.pictures.ask(beside)

    def _lacks_picture(self, series: Series) -> bool:
        """Whether it has none, also none of another day."""
        kept = series_key(series.key)
        self._fetch_picture(kept)
        if kept in self.pictures:
            self.pictures[series.key] = self.pictures[kept]
        return series.key not in self.pictures

    def _keep_picture(self, series: Series, volume: Volume) -> None:
        """A picture of the middle of a volume, in the lung window or its own."""
        thumbnails = Thumbnails()
        own = None if series.in_hu else series.window
        window = LUNG_WINDOW if own is None else Window(own.width_hu, own.level_hu)
        thumbnails.set_volume(volume, window)
        directions = volume.geometry.directions
        plane = plane_of((*directions[:, 2], *directions[:, 1]))
        side = 2 * theme.size("thumbSeries")
        picture = thumbnails.middle(side, plane if plane in PLANES else AXIAL)
        if picture is not None:
            self.pictures[series.key] = self.pictures[series_key(series.key)] = picture
            buffer = QBuffer()
            buffer.open(QIODevice.OpenModeFlag.WriteOnly)
            QImageWriter(buffer, b"PNG").write(picture)
            self._desk.shelf.keep_picture(series.key, bytes(buffer.data().data()))
            self.rail.update()
            self.list.viewport().update()

    @property
    def found(self) -> frozenset[str] | None:
        """UIDs of the studies that a search has found; None while nothing is searched."""
        if not self.search.text().strip():
            return None
        open_now = (entry.series for entry in self.model.entries)
        elsewhere = (entry.known for entry in self.model.entries)
        return frozenset(one.study_uid for one in (*open_now, *elsewhere) if one is not None)

    def tag(self, tags: Mapping[str, str]) -> None:
        """Which of two scans beside each other a series is, by its key; by study where it lies in
        another folder."""
        if tags != self._tags:
            self._tags = tags
            self.refresh()

    @property
    def searching(self) -> bool:
        """Whether the field to search in is there, with a word or without."""
        return not self._field.isHidden()

    def start_search(self) -> None:
        """The field to search in, with the focus."""
        self._field.show()
        self.search.setFocus()
        self.search.selectAll()

    def end_search(self) -> None:
        """All studies again."""
        self.search.clear()
        self._field.hide()
        self.search_left.emit()

    def refresh(self, *_: object) -> None:
        """Everything anew from the desk and the library."""
        studies = self._open_studies()
        self.rail.show_series(tuple(e for study in studies for e in study if e.kind == SERIES))
        entries: list[StudyEntry] = []
        for head, *series in studies:  # the head says whose the series below it are
            wanted = [e for e in series if e.series and self._wanted_series(e.series)]
            entries += [head, *wanted] if wanted else []
        entries += self._known()
        self.model.set_entries(entries)
        self.list.scheduleDelayedItemsLayout()
        self._inner.setCurrentIndex(1 if entries else 0)
        if not entries:
            self._say_why_empty()

    # Inside

    def _say_why_empty(self) -> None:
        if self.search.text().strip():
            head = self.tr("No study found")
            text = self.tr("Names, numbers, dates and descriptions were searched. Esc shows all.")
        else:
            head = self.tr("No studies yet")
            text = self.tr("Studies you open stay listed here, on this machine only.")
        self.empty.say("studies", head, text)

    def _jobs_changed(self, *_: object) -> None:
        job = self._desk.jobs.running("load")
        done = job.fraction if job is not None else 0.0
        if done != self._load:
            self._load = done
            self.refresh()

    def _open_studies(self) -> list[list[StudyEntry]]:
        """Of each study of the open folder its head, then its series."""
        opened = self._desk.opening.opened
        if opened is None:
            return []
        by_study = sorted(opened.series, key=lambda series: series.study_uid)
        studies = [list(found) for _, found in groupby(by_study, lambda s: s.study_uid)]
        studies.sort(key=lambda found: opened.series.index(found[0]))
        return [self._study(found) for found in studies]

    def _study(self, found: list[Series]) -> list[StudyEntry]:
        scan, first = self._desk.scan, found[0]
        state = self._desk.shelf.state(first.study_uid)
        rank = self._desk.shelf.seen_first(first.study_uid)
        told = study_told(first, hidden=self._desk.names_hidden, rank=rank)
        entries = [
            StudyEntry(
                STUDY, told.title, study_line(told), state_word(state), state, told=told,
                tip=self._tip(told, first.patient.name, first.patient.id),
            )
        ]  # fmt: skip
        many = len(found) > 1
        for n, series in enumerate(found, 1):
            current = scan is not None and scan.series.key == series.key
            loading = current and scan is not None and not scan.complete
            whole = len(series.sources)
            images = counted(whole, self.tr("1 image"), self.tr("{0} images"))
            read = self.tr("{0} of {1} read").format(round(self._load * whole), whole)
            entries.append(
                StudyEntry(
                    SERIES,
                    self._title(series, n if many else 0),
                    " · ".join(part for part in (series.kernel, images) if part),
                    read if loading else "",
                    current=current,
                    trouble=trouble_of(series),
                    done=self._load if loading else None,
                    images=whole,
                    series=series,
                    uid=series.key,
                    tip=series_tip(series),
                    tag=self._tags.get(series.key, ""),
                )
            )
        return entries

    def _tip(self, told: Told, name: str, number: str) -> str:
        """All of a head at rest; of a hidden patient neither name nor number."""
        return study_tip(told, *(("", "") if self._desk.names_hidden else (name, number)))

    def _title(self, series: Series, number: int) -> str:
        plane = self.tr("Axial") if series.axial else series.description or series.modality
        thick = "" if series.thickness_mm is None else f" {series.thickness_mm:.3g} mm"
        return f"{number} · {plane}{thick}" if number else f"{plane}{thick}"

    def _known(self) -> list[StudyEntry]:
        """Studies that lie elsewhere and fit the search, the first MOST_KNOWN of them."""
        opened, wanted = self._desk.opening.opened, self.search.text()
        here = {series.study_uid for series in opened.series} if opened is not None else set()
        entries: list[StudyEntry] = []
        for known in self._desk.shelf.studies:
            series = known.series
            if series.study_uid in here or not matches(wanted, *told_of(series)):
                continue
            images = counted(series.slices, self.tr("1 image"), self.tr("{0} images"))
            thick = series.thickness_mm
            what = images if thick is None else f"{thick:.3g} mm · {images}"
            rank = self._desk.shelf.seen_first(series.study_uid)
            told = study_told(series, hidden=self._desk.names_hidden, rank=rank)
            tip = self._tip(told, series.patient, series.patient_id)
            self._fetch_picture(series.key)
            entries.append(
                StudyEntry(
                    KNOWN, told.title, f"{study_line(told)}\n{what}", state_word(known.state),
                    known.state, known=series, uid=series.key, tip=f"{tip}\n{what}", told=told,
                    tag=self._tags.get(series.study_uid, ""),
                )
            )  # fmt: skip
            if len(entries) >= MOST_KNOWN:
                break
        return entries

    def _fetch_picture(self, key: str) -> None:
        """The picture that was kept on another day, looked for once."""
        if key not in self.pictures and key not in self._fetched:
            self._fetched.add(key)
            picture = QImage.fromData(self._desk.library.picture_of(key))
            if not picture.isNull():
                self.pictures[key] = picture

    def _wanted_series(self, series: Series) -> bool:
        patient = series.patient
        return matches(
            self.search.text(), patient.name, patient.id, series.study_date,
            f"{series.study_description} {series.description}",
        )  # fmt: skip

    def _open_first(self, _text: str) -> None:
        """Enter: the first study that was found."""
        for entry in self.model.entries:
            if entry.kind == KNOWN or (entry.kind == SERIES and not entry.current):
                self._clicked(entry, None)
                break
        self.end_search()

    def _drag_of(self, entry: StudyEntry) -> QDrag | None:
        """A series can be carried onto a pane."""
        if entry.kind != SERIES or entry.series is None:
            return None
        return series_drag(self.list, entry.series, self.pictures.get(entry.uid))

    def _clicked(self, entry: StudyEntry, _at: object) -> None:
        if entry.kind == SERIES and entry.series is not None and not entry.current:
            self._desk.choose_series(entry.series)
        elif entry.kind == KNOWN and entry.known is not None:
            self._desk.shelf.open(entry.known)
