"""Masks that a reader opened: laid on the scan on the desk, or on the one that is on its way."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from viewer.dicom.series import Opened
from viewer.language.spoken import listed
from viewer.notices import BANNER, WARN, Notice

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


def tr(text: str) -> str:
    return QCoreApplication.translate("Laying", text)


class Laying:
    """Of one desk; what was opened waits for its scan in order, and none of it is lost unsaid."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._waiting: deque[tuple[Path, ...]] = deque()
        desk.opening.segs_late.connect(self._too_late)

    def take(self, found: Opened) -> None:
        """Masks were opened without a CT."""
        self._waiting.append(found.segs)
        self._go_on()

    def leave(self) -> None:
        """Another reader sits down: what the one before opened is none of that reading."""
        self._desk.opening.reader_leaves()
        self._desk.segs.lose(path.name for paths in self._waiting for path in paths)
        self._waiting.clear()

    def _too_late(self, found: Opened) -> None:
        """Masks that a reader opened who has left."""
        self._desk.segs.lose(path.name for path in found.segs)
        if not self._desk.opening.busy:  # else it is told over the scan that comes
            self._desk.segs.tell_lost()
        self._go_on()

    def _go_on(self) -> None:
        desk = self._desk
        if desk.opening.busy:
            return  # a scan is on its way: it is laid on that one
        if desk.scan is not None and not desk.scan.complete:
            desk.opening.choose(desk.scan.series)  # it was stopped on its way
        elif self._waiting:
            self._lay()
        else:
            desk.waiting.carry_out()

    def scan_stands(self) -> None:
        """The scan is whole: what lay in its folder first, then what the reader opened.

        Commands that wait for the scan are carried out after all of it.
        """
        desk = self._desk
        there = desk.opening.opened.segs if desk.opening.opened else ()
        last = not self._waiting
        desk.segs.read(there, asked=False, then=desk.waiting.carry_out if last else _nothing)
        self._lay()

    def given_up(self) -> None:
        """Nothing comes of what was to be opened: the scan on the desk, if it is whole, stays."""
        desk = self._desk
        desk.segs.tell_lost()
        if desk.scan is not None and desk.scan.complete:
            self._lay()
            return
        names = dict.fromkeys(path.name for paths in self._waiting for path in paths)
        self._waiting.clear()
        if names:
            told = tr("Not laid on, because no scan came: {0}.").format(listed(names))
            desk.tell(Notice(told, tr("Open the CT first, then this."), WARN, BANNER))

    def _lay(self) -> None:
        desk = self._desk
        while self._waiting:
            paths = self._waiting.popleft()
            last = not self._waiting
            desk.segs.read(paths, asked=True, then=desk.waiting.carry_out if last else _nothing)


def _nothing() -> None: ...
