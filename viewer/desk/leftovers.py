"""Folders in which something is being written, remembered so that a kill leaves nothing there."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ai.errors import HilumError
from viewer.home import home_path
from viewer.unfinished import in_order, sweep

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


class Leftovers(QObject):
    """Of one desk. Disks are looked at on another thread: one on the network may not answer."""

    swept = Signal(object)  # folders that are in order again

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self.swept.connect(self._forget)

    def note(self, folder: Path) -> None:
        """Before a writer is asked to write there."""
        with contextlib.suppress(HilumError):  # what goes out matters more than this note
            self._desk.library.note_writing(folder)

    def ended(self, folder: Path, *, whole: bool) -> None:
        """The writer's last word on it; what it may have left half-written goes."""
        if whole:
            self._forget((folder,))
        else:
            self._sweep((folder,))

    def sweep(self) -> None:
        """At a start: whatever earlier windows left behind anywhere."""
        with contextlib.suppress(HilumError):
            self._sweep(self._desk.library.written_to())

    def _sweep(self, folders: Iterable[Path]) -> None:
        if wanted := tuple(folders):
            threading.Thread(target=self._look, args=(wanted,), daemon=True).start()

    def _look(self, folders: tuple[Path, ...]) -> None:
        clean = []
        for folder in folders:
            with contextlib.suppress(OSError):
                sweep(folder)
                if folder.parent == home_path() / "exports":
                    with contextlib.suppress(OSError):  # not empty, or gone already
                        folder.rmdir()
                if in_order(folder):
                    clean.append(folder)
        with contextlib.suppress(RuntimeError):  # the desk may be gone meanwhile
            self.swept.emit(tuple(clean))

    def _forget(self, folders: tuple[Path, ...]) -> None:
        with contextlib.suppress(HilumError):
            for folder in folders:
                self._desk.library.forget_writing(folder)
