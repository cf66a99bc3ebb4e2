"""A child's loop: take a request, do it, answer; every error becomes a sentence."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from ai.errors import Cancelled, HilumError, UnfitScan
from ai.worker.child import Line
from ai.worker.messages import Failed, Progress, Stop

log = logging.getLogger(__name__)

LEAST_S = 0.1
"""Progress is told at most so often: more only costs the window's thread."""


class Task:
    """One request being done: how far it is, and whether it is still wanted."""

    def __init__(self, line: Line, job: str) -> None:
        self.job = job
        self._line = line
        self._told_s = -LEAST_S

    def progress(self, fraction: float, step: str) -> None:
        """Tell how far the work is (an OnProgress). Raises Cancelled when it is not wanted."""
        self.stop_if_cancelled()
        now = time.monotonic()
        if now - self._told_s >= LEAST_S:
            self._told_s = now
            self._line.send(Progress(self.job, min(1.0, max(0.0, float(fraction))), step))

    def is_cancelled(self) -> bool:
        """True once the reader stopped this job."""
        return self._line.is_cancelled(self.job)

    def stop_if_cancelled(self) -> None:
        """Raises Cancelled when the reader stopped this job."""
        if self.is_cancelled():
            raise Cancelled

    def send(self, message: Any) -> None:
        """Send something on the way to the answer."""
        self._line.send(message)


Handler = Callable[[Any, Task], Any]
"""Does one kind of request and returns the answer."""


def serve(
    line: Line,
    handlers: Mapping[type, Handler],
    *,
    check: Callable[[Any], None] = lambda message: None,
) -> None:
    """Answer requests until Stop. check raises BadInput for a request that breaks the contract."""
    while not isinstance(request := line.receive(), Stop):
        line.send(Progress(str(request.job), 0.0))  # taken up: from here on a death is this job's
        line.send(_answer(request, handlers, check, Task(line, str(request.job))))


def _answer(
    request: Any,
    handlers: Mapping[type, Handler],
    check: Callable[[Any], None],
    task: Task,
) -> Any:
    try:
        check(request)
        task.stop_if_cancelled()
        return handlers[type(request)](request, task)
    except Cancelled as error:
        return Failed(task.job, error.sentence, error.remedy, cancelled=True)
    except HilumError as error:
        unfit = isinstance(error, UnfitScan)
        return Failed(task.job, error.sentence, error.remedy, unfit=unfit)
    except MemoryError:
        log.exception("%s needs more memory than there is", type(request).__name__)
        return Failed(
            task.job,
            "There is not enough memory for this.",
            "Close other programs, or choose a series with fewer slices.",
        )
    except Exception:
        log.exception("%s failed", type(request).__name__)
        return Failed(task.job, "An internal error; details are in the log.", "Run it again.")
