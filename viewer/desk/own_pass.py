"""The reader's own pass: in second-reader mode nothing the AI proposed shows before it is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from viewer.language.counted import counted
from viewer.notices import Notice
from viewer.panels.figures import nothing_found
from viewer.reading.events import (
    CONCURRENT,
    MODES,
    SECOND,
    Closed,
    Event,
    ModeChosen,
    OwnPassDone,
)
from viewer.reading.reading import Reading
from viewer.reading.searching import search_of

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


def tr(text: str) -> str:
    return QCoreApplication.translate("OwnPass", text)


class OwnPass(QObject):
    """Of one desk. The mode is a setting of the reader's; what a reading was done in is in its log.

    An open reading keeps its mode until the reader switches it. One that was begun before modes
    were known showed its marks at once, and goes on so.
    """

    changed = Signal()

    def __init__(self, desk: Desk, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(desk)
        self._desk = desk
        self._clock = clock
        self._chosen = ""  # for this window alone, by its command line
        self.since = clock()
        desk.scan_opened.connect(self._begin)

    @property
    def mode(self) -> str:
        """Of the open reading, else the one that the next reading begins with."""
        reading = self._desk.reading
        if reading is None or not reading.history:
            return self._wish
        return reading.mode or CONCURRENT

    @property
    def blind(self) -> bool:
        """Whether what the AI proposes waits."""
        reading = self._desk.reading
        return self.mode == SECOND and reading is not None and reading.own_pass is None

    @property
    def waiting(self) -> int:
        """How many marks wait for the own pass to be done."""
        reading = self._desk.reading
        return len(proposed(reading)) if reading is not None and self.blind else 0

    @property
    def chosen(self) -> str:
        """The mode that was chosen in this window, for `start_in` of another; empty where none."""
        return self._chosen

    def start_in(self, mode: str) -> None:
        """The mode of this window's readings, whatever the setting; raises ValueError."""
        if mode not in MODES:
            raise ValueError(f"the mode must be one of {MODES}, not {mode!r}")
        self._chosen = mode
        self.changed.emit()

    def switch(self) -> None:
        """The other mode, for this reading and those to come. Marks that show already stay, and so
        does the picture."""
        waited = self.blind
        other = CONCURRENT if self.mode == SECOND else SECOND
        self._chosen = other
        self._desk.library.set_setting("mode", other)
        reading = self._desk.reading
        if reading is not None and reading.history:
            self._desk.record(ModeChosen(other))
        if other == CONCURRENT:
            self._desk.segs.settle()
            self._desk.tell(Notice(tr("Concurrent reader: marks show as they come.")))
            if waited:
                self._desk.make_first_current()
        elif self.blind or reading is None:
            self._desk.tell(Notice(tr("Second reader: marks show after your own pass.")))
        else:
            self._desk.tell(
                Notice(
                    tr("Second reader: marks stay here; in other studies they await your own pass.")
                )
            )
        self.changed.emit()

    def finish(self) -> bool:
        """Enter: the own pass is done, the marks show. False where there is none to finish."""
        return self._end(asked_early=False)

    def show_now(self) -> bool:
        """The marks show at once, without an own pass; the log says so."""
        return self._end(asked_early=True)

    def before(self, reading: Reading, event: Event) -> ModeChosen | None:
        """What must stand in the log before this event: the mode, once, first of all."""
        if reading.history or isinstance(event, ModeChosen | Closed):
            return None
        return ModeChosen(self._wish)

    @property
    def _wish(self) -> str:
        wish = self._chosen or self._desk.library.setting("mode", SECOND)
        return wish if wish in MODES else SECOND

    def _begin(self, _scan: object) -> None:
        self.since = self._clock()
        self.changed.emit()

    def _end(self, *, asked_early: bool) -> bool:
        desk = self._desk
        if not self.blind:
            return False
        seconds = round(self._clock() - self.since, 1)
        before = set(desk.order)  # the reader's own, which have shown all along
        if not desk.record(OwnPassDone(seconds, asked_early)):
            return True
        laid = desk.segs.settle()
        shown = len(set(desk.order) - before)
        if laid or (desk.reading is not None and desk.reading.searched):
            text = counted(
                shown, tr("Own pass done. 1 mark shows."), tr("Own pass done. {0} marks show.")
            )
        else:
            text = tr("Own pass done. Marks show as soon as nodules are searched for.")
        desk.tell(Notice(text, self._nothing()))
        desk.make_first_current()
        self.changed.emit()
        return True

    def _nothing(self) -> str:
        """What was searched and by which model, where the search found nothing."""
        reading = self._desk.reading
        search = search_of(reading) if reading is not None else None
        if reading is None or search is None or search.candidates:
            return ""
        return nothing_found(reading)


def proposed(reading: Reading) -> tuple[str, ...]:
    """Ids of what the AI proposed, held ones among them."""
    return tuple(f.id for f in reading.findings if f.id in reading.proposals)
