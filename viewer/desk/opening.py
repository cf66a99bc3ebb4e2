"""From a path to a scan on screen: look, make room, let the slices stream in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from ai.errors import OutsideError
from ai.scan.volume import Volume
from ai.worker.messages import Failed
from ai.worker.shared import Block
from viewer.desk.few import Asked, Beside, are_few
from viewer.desk.room import Room, Want, let_go
from viewer.dicom.io_messages import DemoMade, Found, Load, Loaded, Look, MakeDemo, SlicesReady
from viewer.dicom.series import REFUSED as SCAN_REFUSED
from viewer.dicom.series import Opened, Series, contours_sentence
from viewer.home import subfolder
from viewer.jobs import Job, Jobs
from viewer.notices import BANNER, INFO, OPENING, REFUSED, WARN, Notice
from viewer.open_scan import OpenScan, middle_slice, odd_about
from viewer.reading.library import series_key

Lps = tuple[float, float, float]


class Opening(QObject):
    """Opens one path after another; the last scan asked for wins, masks wait for theirs."""

    study_found = Signal(object)  # Opened
    segs_found = Signal(object)  # Opened: segmentations alone, for the scan on the desk
    segs_late = Signal(object)  # the same, opened by a reader who has left
    series_chosen = Signal(object)  # Series, another one of the study that is open
    scan_begun = Signal(object)  # OpenScan, slices still arriving
    slices_arrived = Signal(object)  # tuple of slice indices
    scan_completed = Signal(object)  # OpenScan
    noticed = Signal(object)  # Notice
    given_up = Signal()  # nothing comes of what was to be opened
    replaced = Signal()  # something else is wanted than what was being opened, or stood

    def __init__(self, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._wanted = ""  # the job whose answer still counts
        self._beside = Beside()  # looks into files that may be masks
        self._of_left: frozenset[str] = frozenset()  # looks of a reader who has left
        self._study_uid = ""
        self._series_key = ""
        self._scan: OpenScan | None = None
        self._only: tuple[Path, ...] = ()
        self._odd: tuple[str, ...] = ()
        self._told_of = ""  # the series, by its key
        self._told_of_series: Notice | None = None
        self._chosen: Series | None = None
        self._room = Room(self)
        self.opened: Opened | None = None
        self.place_of: Callable[[Series], Lps | None] = lambda series: None
        jobs.answered.connect(self._answered)
        jobs.told.connect(self._told)

    @property
    def only(self) -> tuple[Path, ...]:
        """Of the folder that was asked for, the files and folders that were meant; empty: all."""
        return self._only

    @property
    def busy(self) -> bool:
        """True from open() until the last slice is there, or the path was refused."""
        return bool(self._wanted)

    @property
    def looking(self) -> bool:
        """True while it is not yet known what the wanted path holds."""
        return self._wanted.startswith(("open", "demo"))

    def open(self, path: Path, *, study_uid: str = "", only: Sequence[Path] = ()) -> None:
        """Looks at a path; signals tell the rest.

        study_uid: the one wanted, where several may lie there; only that one is put on the desk.
        only: of a folder nothing but these files and folders.

        Few files may be masks for a scan that is on its way: that goes on, unless they are a scan.
        """
        job, few = self._jobs.new_id("open"), not study_uid and are_few(only or (path,))
        if few and self.busy:
            self._beside.add(job, only)
        else:
            self._make_way()
            self._study_uid, self._series_key = study_uid, ""
            self._only = tuple(only)
            self._wanted = job
            if few:
                self._beside.watch(job)
        self._jobs.ask_io("open", Look(job, str(path), only=tuple(map(str, only))))

    def reader_leaves(self) -> None:
        """Another reader sits down. What opens goes on; masks that are found now come too late."""
        self._of_left |= self._beside.jobs | {self._wanted}

    def prefer(self, key: str) -> None:
        """Of the path being opened the series wanted first, by its key in the log, if it is there.

        place_of tells where a reader stood in a series: there its slices come first.
        """
        self._series_key = key

    def open_demo(self, *, pair: bool = False) -> None:
        """Opens the demo study, made first where it does not lie there yet.

        pair: an earlier study of the same patient lies beside it.
        """
        self._make_way()
        self._study_uid, self._only = "", ()
        self._wanted = self._jobs.new_id("demo")
        folder = str(subfolder("demo"))
        self._jobs.ask_io("demo", MakeDemo(self._wanted, folder, "full", pair=pair))

    def take_over(self, other: Opening) -> OpenScan | None:
        """What another has opened stands here as it stands there: its scan, where there is one.

        What is odd about it is not told again: `tell_again` does.
        """
        self.opened, self._only, self._study_uid = other.opened, other._only, other._study_uid
        self._series_key, self._scan, self._chosen = other._series_key, other._scan, other._chosen
        self._odd, self._told_of = other._odd, other._told_of
        return self._scan

    def tell_contours(self) -> None:
        """That contours of the open study lie there, once more."""
        if self._scan is not None:
            self._tell_contours(self._scan.series)

    def place(self, series: Series, opened: Opened) -> Path:
        """Where a series is found again: the path that was opened, or of several the one it is in.

        Several on two drives were opened as the first of them.
        """
        files = [piece.path for piece in series.sources[:1]]
        if any(file.is_relative_to(opened.path) for file in files):
            return opened.path
        roots = (root for root in self._only if any(file.is_relative_to(root) for file in files))
        return next(roots, opened.path)

    def choose(self, series: Series) -> None:
        """Puts one series of the opened study on the desk, and says what is odd about it."""
        self._beside.outdo()
        self.series_chosen.emit(series)
        self._tell(series, odd_about(series))
        self._tell_contours(series)
        self._put(series)

    def _tell_contours(self, series: Series) -> None:
        """Contours of its study lie there: they are laid on when the reader wants them."""
        opened = self.opened
        if opened is None or series.study_uid != opened.series[0].study_uid or series.ai_refusal:
            return
        if sentence := contours_sentence(opened.contours):
            self.noticed.emit(Notice(sentence, "", INFO, BANNER, action="lay-contours"))

    @property
    def complete(self) -> Series | None:
        """The same of the series that was chosen last; its slices need not be there yet."""
        return self.complete_one(self._chosen) if self._chosen is not None else None

    def complete_one(self, series: Series) -> Series | None:
        """Another series of the same study that the AI may be asked of, the preferred one first."""
        there = self.opened.series if self.opened is not None else ()
        for other in there:
            same_study = other.study_uid == series.study_uid and other.key != series.key
            if same_study and other.geometry is not None and not other.ai_refusal:
                return other
        return None

    def choose_complete(self) -> None:
        """Opens that series instead of the one on the desk; nothing where there is none."""
        if (other := self.complete) is not None:
            self.choose(other)

    def told_of(self, series: Series) -> tuple[str, ...]:
        """All that was told to be odd about a series when it came and was read."""
        return self._odd if self._told_of == series.key else odd_about(series)

    def tell_again(self, remedy: str = "") -> None:
        """What was told of the series on the desk, in its banner's place; remedy: what is new."""
        series = self._scan.series if self._scan is not None else None
        known = self._told_of_series
        if series is not None and (known is None or self._told_of != series.key):
            self._tell(series, self.told_of(series) or odd_about(series))
            known = self._told_of_series
        if known is not None:
            told = " ".join(dict.fromkeys(part for part in (known.remedy, remedy) if part))
            self.noticed.emit(replace(known, remedy=told))

    def _tell(self, series: Series, sentences: Sequence[str]) -> None:
        """One banner for all that is odd about a series, the AI's refusal in it."""
        self._told_of, self._told_of_series = series.key, None
        self._chosen = series
        self._odd = tuple(dict.fromkeys(sentences))
        if self._odd:
            off = bool(series.ai_refusal)
            remedy = self.tr("Viewing works, AI is off.") if off else ""
            level = REFUSED if off else WARN
            other = "open-complete" if off and self.complete_one(series) else ""
            told = " ".join(self._odd)
            notice = Notice(told, remedy, level, BANNER, "details", second=other, about="series")
            self._told_of_series = notice
            self.noticed.emit(notice)

    def _put(self, series: Series) -> None:
        self._drop_job()
        if series.geometry is None:
            reason = series.refusal or series.ai_refusal
            self._give_up(Notice(reason, "", REFUSED, BANNER))
            return
        self._wanted = wanted = self._jobs.new_id("open")
        self._room.make(
            [Want(series.geometry.shape_kji, "int16")],
            lambda blocks: self._load(wanted, series, blocks[0]),
            lambda error: self._no_room(wanted, error),
        )

    def _load(self, wanted: str, series: Series, block: Block) -> None:
        """There is room: the slices stream in, unless something else is wanted by now."""
        if wanted != self._wanted or series.geometry is None or self.opened is None:
            block.free()
            return
        volume = Volume(series.geometry, block.array, series.key)
        before = [] if self._scan is None else [self._scan.volume.hu]
        self._scan = OpenScan(series, volume, block, self.place(series, self.opened))
        self._wanted = self._jobs.new_id("load")
        self._jobs.ask_io("load", Load(self._wanted, series, block.ref, self._first_k(series)))
        self.scan_begun.emit(self._scan)
        let_go(before)

    def _no_room(self, wanted: str, error: OutsideError) -> None:
        if wanted == self._wanted:
            self._wanted = ""
            self._give_up(Notice(error.sentence, error.remedy, REFUSED, BANNER))

    def _refusal(self, sentence: str, path: Path) -> Notice:
        """Nothing comes of a path; what was on the desk stays there, and that is said."""
        stays = self.tr("{0} was not opened; what was on the screen stays.").format(path.name)
        remedy = "" if self._scan is None else stays
        return Notice(sentence, remedy, REFUSED, BANNER, action="open")

    def _give_up(self, notice: Notice) -> None:
        self.given_up.emit()
        self.noticed.emit(replace(notice, about=OPENING))

    def _first_k(self, series: Series) -> int:
        """The slice that is read first: where the reader stood, else the middle."""
        assert series.geometry is not None
        place = self.place_of(series)
        if place is None:
            return middle_slice(series)
        k = int(np.rint(series.geometry.index_of(place)[0]))
        return min(max(k, 0), len(series.slices) - 1)

    def _make_way(self) -> None:
        self._drop_job()
        self._beside.outdo()
        self.replaced.emit()

    def _drop_job(self) -> None:
        """What was being opened no longer comes; few files are looked into all the same."""
        if self._wanted and not self._beside.keep(self._wanted):
            self._jobs.cancel(self._wanted)
        self._wanted = ""

    def _told(self, message: Any) -> None:
        if isinstance(message, SlicesReady) and message.job == self._wanted:
            self.slices_arrived.emit(tuple(message.ks))

    def _answered(self, answer: tuple[Job, Any]) -> None:
        job, message = answer
        if job.id != self._wanted:
            if (asked := self._beside.take(job.id)) is not None:
                self._looked_beside(job, message, asked)
            return
        self._wanted = ""
        if isinstance(message, Failed):
            self._give_up(self._failed(job, message))
        elif isinstance(message, DemoMade):
            self.open(Path(message.path), study_uid=message.study_uid)
        elif isinstance(message, Found):
            self._found(job, message.opened)
        elif isinstance(message, Loaded) and self._scan is not None:
            if message.sentences:
                self._tell(self._scan.series, (*self._odd, *message.sentences))
            self._scan = replace(self._scan, complete=True, spoilt=message.spoilt)
            self.scan_completed.emit(self._scan)

    def _failed(self, job: Job, failed: Failed) -> Notice:
        sentence, remedy = failed.sentence, failed.remedy
        if failed.cancelled:
            sentence, remedy = self.tr("Opening was stopped."), self.tr("Open the study again.")
        self._jobs.clear(job.id)
        return Notice(sentence, remedy, REFUSED, BANNER)

    def _looked_beside(self, job: Job, message: Any, asked: Asked) -> None:
        """Few files were looked into, and another path was opened before or after them."""
        if isinstance(message, Failed):
            self.noticed.emit(self._failed(job, message))
            return
        opened: Opened = message.opened
        if opened.segs and not opened.series and (self.busy or self._scan is not None):
            self._masks(job, opened)
        elif not opened.series:
            self.noticed.emit(self._refusal(" ".join(opened.sentences), opened.path))
        elif asked.wins:
            self._drop_job()
            self._study_uid, self._series_key, self._only = "", "", asked.only
            self.replaced.emit()
            self._found(job, opened)

    def _masks(self, job: Job, opened: Opened) -> None:
        late = job.id in self._of_left
        (self.segs_late if late else self.segs_found).emit(opened)

    def _found(self, job: Job, opened: Opened) -> None:
        if opened.segs and not opened.series and self._scan is not None:
            self._masks(job, opened)
            return
        if opened.outcome == SCAN_REFUSED or not opened.series:
            self._give_up(self._refusal(" ".join(opened.sentences), opened.path))
            return
        there = [s for s in opened.series if self._study_uid in ("", s.study_uid)]
        if not there:
            text = self.tr("{0} no longer holds this study.").format(opened.path.name)
            remedy = self.tr("Open it where it lies now; its readings are found again.")
            self._give_up(Notice(text, remedy, REFUSED, BANNER))
            return
        self.opened = opened
        self.study_found.emit(opened)
        wanted = (s for s in there if self._series_key and series_key(s.key) == self._series_key)
        series = next(wanted, there[0])
        if series is opened.series[0]:
            self._tell(series, opened.sentences)
        else:
            of_first = (*opened.series[0].warnings, opened.series[0].ai_refusal)
            of_path = [told for told in opened.sentences if told not in of_first]
            self._tell(series, (*of_path, *odd_about(series)))
        self._tell_contours(series)
        self._put(series)
