"""Work too long for one turn of the window's loop: done on a thread, told in a turn of its own."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

Say = Callable[[], None]


def nothing() -> None: ...


class Elsewhere(QObject):
    """Of one owner, on the window's own thread; what is on its way when that goes is not told."""

    _done = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._done.connect(self._tell)

    def do(self, work: Callable[[], Say], after: Say = nothing) -> None:
        """Calls work() on a thread, what it returned on the window's, then after() on the thread.

        work must not touch what the window changes meanwhile, and not raise.
        """

        def run() -> None:
            say = work()
            # the window may have closed meanwhile; what was made goes with `say` then
            with contextlib.suppress(RuntimeError):
                self._done.emit(say)
            del say
            after()

        threading.Thread(target=run, name="elsewhere", daemon=True).start()

    def _tell(self, say: Say) -> None:
        say()
