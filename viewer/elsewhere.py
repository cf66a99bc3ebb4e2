"""Work too long for one turn of the window's loop: done on a thread, told in a turn of its own."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

BEHIND = 10
"""The niceness of a thread whose work nobody waits for."""

Say = Callable[[], None]


def nothing() -> None: ...


class Elsewhere(QObject):
    """Of one owner, on the window's own thread; what is on its way when that goes is not told."""

    _done = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._done.connect(self._tell)

    def do(self, work: Callable[[], Say], after: Say = nothing) -> None:
        """Calls work() on a thread, then what it returned on the window's, then after() behind.

        work must not touch what the window changes meanwhile, and not raise.
        """

        def run() -> None:
            say = work()
            # the window may have closed meanwhile; what was made goes with `say` then
            with contextlib.suppress(RuntimeError):
                self._done.emit(say)
            del say
            stand_back()
            after()

        threading.Thread(target=run, name="elsewhere", daemon=True).start()

    def _tell(self, say: Say) -> None:
        say()


def stand_back() -> None:
    """This thread gives way to all others, where the system knows threads by number."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)
