"""The desk: the one open scan, the one reading, and every command on them.

It holds no rules: a command becomes an event, the event is stored, then applied, then announced.
Everything on screen is drawn from what it announces.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from ai.errors import HilumError
from ai.scan.finding import Finding
from viewer.desk.agent import AgentDesk
from viewer.desk.chance import Chance
from viewer.desk.checking import Checking
from viewer.desk.copies import Copies
from viewer.desk.details import SeriesDetails
from viewer.desk.editing import EditingDesk
from viewer.desk.keeping import keep
from viewer.desk.laying import Laying
from viewer.desk.leftovers import Leftovers
from viewer.desk.loop import Loop
from viewer.desk.measuring import MeasuringDesk
from viewer.desk.opening import Opening
from viewer.desk.outgoing import Outgoing
from viewer.desk.own_marks import OwnMarks
from viewer.desk.own_pass import OwnPass
from viewer.desk.pictures import Pictures
from viewer.desk.readers import left_words, restored_words, sit_down
from viewer.desk.segs import Segs
from viewer.desk.shelf import Shelf
from viewer.desk.waiting import Waiting
from viewer.desk.work import Work
from viewer.dicom.series import Series
from viewer.jobs import Job, Jobs
from viewer.language.spoken import say
from viewer.notices import BANNER, REFUSED, WARN, Notice, of_error
from viewer.open_scan import OpenScan
from viewer.reading.events import Answer, Begun, Closed, Event
from viewer.reading.library import Library, reader_key, series_key, study_key
from viewer.reading.names import short_name
from viewer.reading.reader_events import Reopened
from viewer.reading.reading import Reading
from viewer.reading.signature import NOBODY
from viewer.reading.store import Store

CANCELLED = (
    *("edit", "nodules", "lungs", "compare", "chance", "export", "copy", "nifti"),
    *("load", "open", "demo"),
)
BESIDE = ("second", "prior")
"""What other rooms stop by Esc, after all of these."""


class Desk(QObject):
    """The only mutable state that matters: scan, reading, and which finding is current."""

    scan_opened = Signal(object)  # OpenScan, slices still arriving
    scan_completed = Signal(object)  # OpenScan
    reading_changed = Signal(object)  # Reading
    reader_changed = Signal()  # another reader sits there, and reads the same series if one is open
    current_changed = Signal(object)  # id of the current finding, or None
    noticed = Signal(object)  # Notice
    exported = Signal(object)  # tuple of paths

    def __init__(
        self,
        store: Store,
        library: Library,
        jobs: Jobs,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """clock: seconds, by which the time that a reader took for an answer is measured."""
        super().__init__(parent)
        self.library = library
        self.jobs = jobs
        self.opening = Opening(jobs, self)
        self.agent = AgentDesk(store)
        self.scan: OpenScan | None = None
        self.reading: Reading | None = None
        self.current: str | None = None
        self._store = store
        store.words = library
        self._clock = clock
        self.joins = True
        self.seen: set[str] = set()
        self._current_since = clock()
        self.waiting = Waiting(self)
        self.names_hidden = False  # no patient's name nor a study's place is told on the screen
        self.out: Outgoing = Outgoing(self)
        self.details = SeriesDetails(self)
        self.shelf: Shelf = Shelf(self, store)
        self.pictures = Pictures(self)
        self.leftovers = Leftovers(self)
        self.copies = Copies(self)
        self.own_pass: OwnPass = OwnPass(self)
        self.editing: EditingDesk = EditingDesk(self)
        self.own = OwnMarks(self, clock)
        self.measuring = MeasuringDesk(self)
        self.checking: Checking = Checking(self)
        self.chance: Chance = Chance(self)
        self._loop = Loop(self)
        self._work = Work(self)
        self.segs = Segs(self)
        self.laying = Laying(self)
        self.opening.scan_begun.connect(self._begin)
        self.opening.scan_completed.connect(self._complete)
        self.opening.segs_found.connect(self.laying.take)
        self.opening.replaced.connect(self.waiting.forget)
        self.opening.noticed.connect(self.tell)
        self.opening.given_up.connect(self.waiting.forget)
        self.opening.given_up.connect(self.laying.given_up)
        jobs.answered.connect(self._answered)

    # What is asked of it

    @property
    def reader(self) -> str:
        """The reader's name as the status bar shows it; the log holds a keyed hash of it."""
        return self.library.setting("reader", NOBODY)

    @property
    def order(self) -> tuple[str, ...]:
        """Ids of what is not held, as it is to be read; before the own pass, of one's own alone."""
        if self.reading is None:
            return ()
        return self.agent.order_shown(self.reading, self.seen, blind=self.own_pass.blind)

    @property
    def held(self) -> tuple[Finding, ...]:
        reading = None if self.own_pass.blind else self.reading
        return () if reading is None else reading.in_state("held")

    @property
    def current_finding(self) -> Finding | None:
        reading, current = self.reading, self.current
        return None if reading is None or current is None else reading.finding(current)

    def name_of(self, finding_id: str) -> str:
        """As readers call it, in the window's language: LMZ 1."""
        return say(short_name(self.reading, finding_id)) if self.reading else ""

    # Commands: opening

    def open(self, path: Path, *, study_uid: str = "", only: Sequence[Path] = ()) -> None:
        """Opens a study; the reading in work on it goes on by itself."""
        self.opening.open(path, study_uid=study_uid, only=only)

    def open_demo(self, *, pair: bool = False) -> None:
        self.opening.open_demo(pair=pair)

    def choose_series(self, series: Series) -> None:
        self.opening.choose(series)

    def set_reader(self, name: str) -> None:
        """Another reader sits down; one who has read without a name takes along what is done."""
        sit_down(self, self._store, name.strip())

    def change_reader(self, name: str) -> None:
        """The named reader's own reading of the open series goes on."""
        self._leave()
        self.library.set_setting("reader", name)
        if self.scan is not None:
            self._announce(self._take_up(self.scan))
            self.segs.settle()
        self.reader_changed.emit()

    # Commands: the AI

    def segment_lungs(self, card: str = "") -> None:
        """Lungs by the AI worker; waits for a study that still loads."""
        if self.waiting.scan_stands(lambda: self.segment_lungs(card)):
            self._work.segment_lungs(card)

    def find_nodules(self) -> None:
        """Candidates by the AI worker, the lungs first where there are none yet."""
        if self.waiting.scan_stands(self.find_nodules):
            self._work.find_nodules()

    @property
    def nodules_wait(self) -> bool:
        """True while Find nodules waits for the lungs it asked for."""
        return self._work.nodules_wait

    def forget_nodules(self) -> None:
        """Find nodules no longer waits for the lungs; the lungs go on."""
        self._work.forget_nodules()

    def export(self, folder: Path | None = None) -> None:
        """Lungs and accepted findings as DICOM-SEG, re-read before it is called saved."""
        if self.waiting.scan_stands(lambda: self.export(folder)):
            self.editing.when_counted(lambda: self._work.export(folder))

    def sign(self, reason: str = "") -> None:
        """The reading is done as it stands; after a change once more, as an amendment."""
        if self.waiting.scan_stands(lambda: self.sign(reason)):
            self.editing.when_counted(lambda: self.out.sign(reason))

    def cancel(self) -> bool:
        """Stops the job that runs; False where none does."""
        job = self.jobs.running(*CANCELLED)
        if job is not None:
            self.jobs.cancel(job.id)
        return job is not None

    @property
    def stopped_first(self) -> Job | None:
        """The job that Esc would stop: while a mask is edited one on that mask or none."""
        if self.editing.target is not None:
            return self.jobs.running("edit")
        return self.jobs.running(*CANCELLED) or self.jobs.running(*BESIDE)

    # Commands: the loop

    def answer(self, answer: Answer) -> None:
        """The reader's verdict on the current finding; the next open one comes by itself."""
        if self.waiting.reading_stands(lambda: self.answer(answer)):
            self._loop.answer(answer)

    def step(self, places: int) -> None:
        """N and P: the finding so many places on; judged ones too, held ones never."""
        if self.waiting.reading_stands(lambda: self.step(places)):
            self._loop.step(places)

    def undo(self) -> None:
        """The last step is withdrawn; a verdict's finding is current again in its old state."""
        if self.waiting.reading_stands(self.undo):
            self._loop.undo()

    def redo(self) -> None:
        """The step that was withdrawn last counts again; after a verdict the next one comes."""
        if self.waiting.reading_stands(self.redo):
            self._loop.redo()

    def select(self, finding: str) -> None:
        """Makes a finding current, also a held one that the reader asked to see."""
        reading = self.reading
        if reading is None or finding not in reading.states:
            return
        if not (self.own_pass.blind and finding in reading.proposals):
            self.make_current(finding)

    def add_at(self, lps: tuple[float, float, float]) -> None:
        """M: a finding the AI missed, grown at half contrast around the crosshair."""
        if self.waiting.scan_stands(lambda: self.add_at(lps)) and not self._work.refused():
            self.own.add_at(lps)

    def close(self) -> None:
        """Ends the session: the reading is marked as left, the children stop."""
        self._leave()
        self.jobs.close()
        if self.scan is not None:
            self.scan.block.free()  # its name goes now, the voxels with the last pane

    # What its helpers may do

    def record(self, event: Event) -> bool:
        """Stores one event, applies it, announces the reading; False where the disk refused."""
        if self.scan is None or self.reading is None:
            return False
        first = self.own_pass.before(self.reading, event)
        if first is not None and not self.record(first):
            return False
        series = self.scan.series
        begun = Begun(study_key(series.study_uid), series_key(series.key), reader_key(self.reader))
        try:
            kept = keep(self._store, self.reading, event, begun=begun, joins=self.joins)
        except HilumError as error:
            self.tell(of_error(error))
            return False
        was, self.reading = self.reading, kept.reading
        self.reading_changed.emit(kept.reading)
        if was.signed and not kept.reading.signed and not isinstance(event, Reopened):
            self.out.tell_amending(kept.reading)
        if kept.missed:
            text = self.tr("Another window has this reading open too; its steps were taken in.")
            self.tell(Notice(text, "", WARN, BANNER, reading=kept.reading.id))
        return True

    def record_for(self, reading_id: str, event: Event) -> None:
        """Stores an event of a reading that may have been left. Raises StoreError."""
        if self.reading is not None and self.reading.id == reading_id:
            self.record(event)
        else:
            self._store.append(reading_id, event)

    @property
    def unsaved(self) -> HilumError | None:
        """Why the log is one in memory; None where it is on the disk."""
        return self._store.trouble

    def tell_unsaved(self) -> None:
        """Says that the log is one in memory, and why; nothing where it is on the disk."""
        why = self.unsaved
        if why is not None:
            text = self.tr("Readings are not saved. {0}").format(why.sentence)
            self.tell(Notice(text, why.remedy, REFUSED, BANNER))

    def tell(self, notice: Notice) -> None:
        self.noticed.emit(notice)

    def make_current(self, finding: str | None) -> None:
        """The finding that A, X and U speak of; always announced, so the panes go there."""
        self.current = finding
        self._current_since = self._clock()
        if finding is not None:
            self.seen.add(finding)
        self.current_changed.emit(finding)

    def make_first_current(self) -> None:
        self.make_current(self._loop.next_open(None))

    @property
    def seconds_on_current(self) -> float:
        """How long the current finding has been current."""
        return round(self._clock() - self._current_since, 3)

    # Inside

    def _begin(self, scan: OpenScan) -> None:
        self.out.settle()
        stopped, back = left_words(self, scan.series)
        self._leave()
        try:
            self.library.remember(scan.series, scan.path)
        except HilumError as error:
            self.tell(of_error(error))
        restored_at = self._take_up(scan)
        self.scan_opened.emit(scan)
        self._announce(restored_at, stopped, back)

    def _take_up(self, scan: OpenScan) -> str:
        """Goes on with the newest reading of this series by this reader, or begins one.

        When its last click was (ISO 8601, UTC), or nothing for a reading that begins.
        """
        self.scan = scan
        self.current = None
        self.seen.clear()
        self.joins = True
        key = series_key(scan.series.key)
        restored = None
        try:
            found = self._store.newest_of_series(key, reader_key(self.reader))
            restored = self._store.reading(found) if found else None
            self.reading = restored or Reading(uuid.uuid4().hex[:16], series=key)
            self.agent.serve(self.reading)
        except HilumError as error:
            self.reading = Reading(uuid.uuid4().hex[:16], series=key)
            self.joins = False  # an earlier reading is there, and cannot be read
            self.tell(of_error(error))
            return ""
        clicks = [row.at for row in self.reading.history if not isinstance(row.event, Closed)]
        return clicks[-1] if clicks else ""

    def _announce(self, restored_at: str, stopped: str = "", back: str = "") -> None:
        self.tell_unsaved()
        self.reading_changed.emit(self.reading)
        self.out.take_up()
        self.make_first_current()
        if told := " ".join(filter(None, (stopped, restored_words(restored_at)))):
            self.tell(Notice(told, action=back))

    def _complete(self, scan: OpenScan) -> None:
        self.scan = scan
        self.scan_completed.emit(scan)
        self.jobs.warm_up_writing()
        self.laying.scan_stands()

    def _leave(self) -> None:
        """The open reading is left in order: what it taught is learnt from then on."""
        self.out.settle()
        self._work.leave()
        self.segs.leave()
        if self.reading is not None and self.reading.history and not self.reading.closed:
            self.record(Closed())
            self.learn()

    def learn(self) -> None:
        """Persistent learning from all readings that were left, in the worker."""
        try:
            request = self.agent.learning(self.jobs.new_id("learn"))
        except HilumError as error:
            self.tell(of_error(error))
            return
        if request is not None:
            self.jobs.ask_ai("learn", request)

    def _answered(self, answer: tuple[Job, Any]) -> None:
        self._work.take(*answer)
        self.segs.take(*answer)
