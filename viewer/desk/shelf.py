"""The studies at hand: what this machine has seen, where each stands, which one comes next."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from ai.errors import HilumError
from viewer.desk.gone import Gone, lies_there
from viewer.desk.opening import Lps
from viewer.dicom.series import Opened, Series
from viewer.keymaps import cap
from viewer.notices import Notice, of_error
from viewer.open_scan import OpenScan
from viewer.reading.library import KnownSeries, reader_key, series_key, study_key
from viewer.reading.store import Store
from viewer.reading.worklist import DONE, UNREAD, state_of, study_states

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


PLACE = "place-"


def tr(text: str) -> str:
    return QCoreApplication.translate("Shelf", text)


@dataclass(frozen=True)
class Known:
    """A study by the series of it that was seen first, and unread, in work or done."""

    series: KnownSeries
    state: str


class Shelf(QObject):
    """Of one desk. Library and log are joined anew when a study comes or a reader sits down."""

    changed = Signal()

    def __init__(self, desk: Desk, store: Store) -> None:
        super().__init__(desk)
        self._desk, self._store = desk, store
        self._series: tuple[KnownSeries, ...] | None = None
        self._states: Mapping[str, str] = {}
        self._ranks: Mapping[str, int] = {}
        self._reader = ""
        self.gone = Gone(desk)
        self._passed: tuple[KnownSeries, ...] = ()  # to be told of once the next one stands
        self._asked = ""  # the study that was asked for last, while it is being opened
        self._refused: set[str] = set()  # studies that did not open: the others come first
        desk.opening.place_of = self.place_of
        desk.opening.study_found.connect(self._found)
        desk.opening.given_up.connect(self._given_up)
        desk.scan_opened.connect(self._opened)

    @property
    def studies(self) -> tuple[Known, ...]:
        """Every study once; what was seen last first. Opening one does not move it."""
        self._look()
        first: dict[str, KnownSeries] = {}
        for series in self._series or ():
            first.setdefault(series.study_uid, series)
        return tuple(Known(series, self.state(uid)) for uid, series in first.items())

    @property
    def last(self) -> KnownSeries | None:
        """The series that was opened last on this machine."""
        return self._opened_last()

    def _opened_last(self, study_uid: str = "") -> KnownSeries | None:
        """The same, or of one study the series that was opened last."""
        self._look()
        opened = [
            series
            for series in self._series or ()
            if series.opened_at and study_uid in ("", series.study_uid)
        ]
        return max(opened, key=lambda series: series.opened_at, default=None)

    def state(self, study_uid: str) -> str:
        """Unread, in work or done, for the reader at the desk."""
        scan = self._desk.scan
        if scan is not None and scan.series.study_uid == study_uid:
            here = state_of(self._desk.reading)
            if here != UNREAD:
                return here
        self._look()
        return self._states.get(study_key(study_uid), UNREAD)

    def seen_first(self, study_uid: str) -> int:
        """When this machine first saw a study, among the others: smaller is earlier."""
        self._look()
        return self._ranks.get(study_uid, 0)

    def open(self, known: KnownSeries) -> None:
        """Opens a study where it was seen last, at the series that was open; one gone says so."""
        there = self._opened_last(known.study_uid) or known
        if not lies_there(there.path):
            self._refused.add(known.study_uid)
            self.gone.tell([there])
            return
        self._asked = known.study_uid
        self._desk.open(there.path, study_uid=known.study_uid)
        if there.opened_at:
            self._desk.opening.prefer(there.key)

    def open_study(self, study_uid: str) -> bool:
        """Opens a study that was here; False where it is not known."""
        known = next((one for one in self.studies if one.series.study_uid == study_uid), None)
        if known is not None:
            self._open_here_or_there(known.series)
        return known is not None

    def open_last(self) -> None:
        if self.last is None:
            self._desk.tell(
                Notice(tr("No study was opened here yet. {0} opens one.").format(cap("open")))
            )
        else:
            self.open(self.last)

    def open_next(self, among: Collection[str] | None = None) -> None:
        """The next study that is not done, after the open one and round again.

        Those that are gone from their place are passed over, and told of once. among: UIDs of the
        studies that a search has found; None where all of them count.
        """
        waiting = self._waiting(among)
        if not waiting:
            text = tr("No other study of this search waits. Esc in the search shows all.")
            self._desk.tell(Notice(tr("No other study waits.") if among is None else text))
            return
        missed: list[KnownSeries] = []
        for known in waiting:
            there = self._opened_last(known.study_uid) or known
            if self._lies_open(known) or lies_there(there.path):
                self._passed = tuple(missed)
                self._open_here_or_there(known)
                return
            missed.append(there)
        self._desk.tell(Notice(tr("None of the studies that wait lies where it was.")))
        self.gone.tell(missed)

    def take_off(self) -> None:
        """Studies that were missed last leave the list, and come back when they are opened."""
        if self.gone.take_off():
            self.forget()

    def _waiting(self, among: Collection[str] | None) -> list[KnownSeries]:
        """Other studies that are not done, as they come next; those that did not open come last."""
        scan, studies = self._desk.scan, self.studies
        uids = [known.series.study_uid for known in studies]
        here = scan.series.study_uid if scan is not None else ""
        start = uids.index(here) + 1 if here in uids else 0
        turn = studies[start:] + studies[:start]
        found = [k.series for k in turn if k.state != DONE and k.series.study_uid != here]
        wanted = [one for one in found if among is None or one.study_uid in among]
        return sorted(wanted, key=lambda one: one.study_uid in self._refused)

    def keep_picture(self, key: str, png: bytes) -> None:
        """A small picture of a series by its own key, for the list of another day."""
        try:
            self._desk.library.keep_picture(series_key(key), png)
        except HilumError as error:
            self._desk.tell(of_error(error))

    def keep_place(self, key: str, lps: Lps) -> None:
        """Where the reader stands in a series by its own key. Raises StoreError."""
        told = " ".join(f"{mm:.3f}" for mm in lps)
        self._desk.library.set_setting(f"{PLACE}{series_key(key)}", told)

    def place_of(self, series: Series) -> Lps | None:
        """Where a reader stood in it last, in mm; None where that was never kept."""
        try:
            told = self._desk.library.setting(f"{PLACE}{series_key(series.key)}")
            x, y, z = (float(part) for part in told.split())
        except (HilumError, ValueError):
            return None
        return x, y, z

    def forget(self, *_: object) -> None:
        """Library or log have changed: they are looked at again when next asked."""
        self._series = None
        self.changed.emit()

    def _lies_open(self, known: KnownSeries) -> list[Series]:
        """Its series, where it lies in the folder that is open."""
        opened = self._desk.opening.opened
        return [s for s in (opened.series if opened else ()) if s.study_uid == known.study_uid]

    def _open_here_or_there(self, known: KnownSeries) -> None:
        """A study of the folder that is open needs no second look at the folder."""
        here, last = self._lies_open(known), self._opened_last(known.study_uid)
        if not here:
            self.open(known)
            return
        self._asked = known.study_uid
        wanted = (s for s in here if last is not None and series_key(s.key) == last.key)
        self._desk.choose_series(next(wanted, here[0]))

    def _opened(self, scan: OpenScan) -> None:
        self._refused.discard(scan.series.study_uid)
        self._asked, passed, self._passed = "", self._passed, ()
        self.forget()
        self.gone.tell_new(passed)

    def _given_up(self) -> None:
        """What was asked for did not open: the next one comes before it."""
        if self._asked:
            self._refused.add(self._asked)
        self._asked, passed, self._passed = "", self._passed, ()
        self.gone.tell_new(passed)

    def _found(self, opened: Opened) -> None:
        first = {series.study_uid: series for series in reversed(opened.series)}
        try:
            places: dict[Path, list[Series]] = {}
            for series in reversed(first.values()):
                places.setdefault(self._desk.opening.place(series, opened), []).append(series)
            for place, series_there in reversed(places.items()):
                self._desk.library.note_found(series_there, place)
        except HilumError as error:
            self._desk.tell(of_error(error))
        self.forget()

    def _look(self) -> None:
        desk = self._desk
        if self._series is not None and self._reader == desk.reader:
            return
        self._reader = desk.reader
        try:
            self._series = desk.library.shelf()
            self._states = study_states(self._store, reader_key(desk.reader))
        except HilumError:
            self._series = self._series or ()  # what is wrong was told when it was opened
        self._ranks = {one.study_uid: one.place for one in self._series}  # the last seen come first
