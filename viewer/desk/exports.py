"""Exports that are on their way, and those that stopped: of which reading each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from viewer.dicom.series import Series
from viewer.jobs import RUNNING
from viewer.language.spoken import clause
from viewer.panels.study_words import study_told

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

KEPT = 16
"""So many are known; what came before them stands on no strip any more."""


def tr(text: str) -> str:
    return QCoreApplication.translate("Jobs", text)


@dataclass(frozen=True, eq=False)
class Asked:
    """What an export is of. folder: of the reader's choice, None for one of Hilum's own."""

    reading: str
    reader: str
    series: Series
    folder: Path | None


class Exports:
    """Of one desk, by their jobs; the newest of them, whether they run, stopped or are done."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asked: dict[str, Asked] = {}

    def note(self, job: str, folder: Path | None) -> None:
        """The open reading is exported by this job."""
        desk = self._desk
        assert desk.reading is not None and desk.scan is not None
        self._asked[job] = Asked(desk.reading.id, desk.reader, desk.scan.series, folder)
        if len(self._asked) > KEPT:
            del self._asked[next(iter(self._asked))]

    def take_over(self, other: Exports) -> None:
        """Those of another desk, whose jobs stand on this one's strip."""
        self._asked |= other._asked

    def of(self, job: str) -> Asked | None:
        return self._asked.get(job)

    def is_open(self, job: str) -> bool:
        """Whether it is of the reading that is open."""
        asked, reading = self._asked.get(job), self._desk.reading
        return asked is not None and reading is not None and asked.reading == reading.id

    def other(self, job: str) -> str:
        """What one is called that is of another study or reader than those that are open."""
        asked, scan = self._asked.get(job), self._desk.scan
        if asked is None or self.is_open(job):
            return ""
        if scan is not None and scan.series.key == asked.series.key:
            return tr("Export of the reading of {0}").format(asked.reader)
        told = study_told(asked.series, hidden=self._desk.names_hidden)
        return tr("Export of {0}").format(clause(told.title, told.day))

    @property
    def running(self) -> bool:
        """Whether the open reading is being exported."""
        jobs = self._desk.jobs.living
        return any(self.is_open(job.id) for job in jobs if job.state == RUNNING)
