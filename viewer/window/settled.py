"""Banners whose matter is settled go by themselves, and a toast whose Undo means another step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.dicom.masks.drawn_by import from_contours
from viewer.jobs import FAILED
from viewer.notices import EXPORT, LUNGS_ODD, OPENING, SAVING, TOAST, Notice
from viewer.panels.steps import is_exported
from viewer.reading.reading import Reading
from viewer.window.returning import Returning

if TYPE_CHECKING:
    from viewer.window.window import HilumWindow


OF_A_READING = ("lungs", "nodules", "compare", "chance")
"""Jobs that, stopped, may be run again in the reading that they were begun in, and in no other."""


class Settled(QObject):
    """Of one window; made once its banners are there."""

    def __init__(self, window: HilumWindow) -> None:
        super().__init__(window)
        self._banners, self._own_pass = window.banners, window.desk.own_pass
        self._rows = ("", 0)  # of which reading, and how many
        self._lungs_row = 0
        self._desk, self._toast = window.desk, window.toast
        self.returning: Returning = Returning(window)
        self._undoes: int | None = None  # the row that the toast's Undo would withdraw
        window.desk.noticed.connect(self._noticed)
        window.desk.reading_changed.connect(self._reading_changed)
        window.desk.reader_changed.connect(self._reader_changed)

    def _reader_changed(self) -> None:
        """What the other one's export came to is theirs; what lies there is offered to each."""
        for job in self._desk.jobs.living:
            if job.kind == "export":
                self._desk.jobs.clear(job.id)
        self._banners.drop_about(OPENING)
        if self._desk.reading is not None and not holds_contours(self._desk.reading):
            self._desk.opening.tell_contours()

    def _noticed(self, notice: Notice) -> None:
        """After the window has shown it."""
        if notice.place == TOAST:
            self._undoes = self._next_undone() if notice.action == "undo" else None

    def _next_undone(self) -> int:
        reading = self._desk.reading
        row = reading.undo_target if reading is not None else None
        return row.seq if row is not None else 0

    def _reading_changed(self, reading: Reading) -> None:
        if self._undoes is not None and self._undoes != self._next_undone():
            self._undoes = None
            self._toast.hide()
        before, self._rows = self._rows, (reading.id, len(reading.history))
        if before[0] != reading.id:  # another reader's, of the same series
            self._banners.drop_about(EXPORT)
            self._banners.drop_of_others(reading.id)
            self._banners.drop("sign")
            if before[0]:
                self._clear_stopped()
        if reading.lungs_row != self._lungs_row:  # what was odd about others, or unlike them
            self._lungs_row = reading.lungs_row
            self._banners.drop_about(LUNGS_ODD)
            self._banners.drop("check-next")
        waits = self._banners.has("show-marks-now") and self._own_pass.blind
        if before[0] != reading.id or not (waits and self._desk.segs.lying):
            self._banners.drop("show-marks-now")
        if before[0] == reading.id and before[1] < self._rows[1]:  # a step was saved
            self._banners.drop_about(SAVING)
        if reading.signed:
            self._banners.drop("sign")
        if not is_exported(reading):  # what was saved is no longer what stands here
            self._banners.drop("open-export-folder")
        if reading.fit is not None and reading.fit.by_reader:
            self._banners.drop("segment-anyway")
        if holds_contours(reading):
            self._banners.drop("lay-contours")

    def _clear_stopped(self) -> None:
        """A bar that stays would run it again in the reading that is open now."""
        for job in self._desk.jobs.living:
            if job.state == FAILED and job.kind in OF_A_READING:
                self._desk.jobs.clear(job.id)


def holds_contours(reading: Reading) -> bool:
    """Whether contours of a radiotherapy plan were laid on it, and count."""
    made = [finding.made_by for finding in reading.findings]
    made += [reading.lungs.made_by] if reading.lungs is not None else []
    return any(map(from_contours, made))
