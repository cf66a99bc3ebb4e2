"""Work in other processes, told to the window as Qt signals.

Replies come on the clients' threads; the signals bring them to the window's own.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from ai.worker.client import WorkerClient
from ai.worker.messages import Failed, Hello, Progress
from viewer.dicom.process import IoClient

RUNNING: Final = "running"
FAILED: Final = "failed"


@dataclass(frozen=True)
class Job:
    """One job that lives, or failed and was not yet cleared away.

    kind: lungs, nodules, learn, open, load, seg, export, demo, details, picture, nifti, preview
        or copy.
    fraction: done so far, 0 to 1.
    begun: on the monotonic clock, seconds.
    """

    id: str
    kind: str
    begun: float
    fraction: float = 0.0
    step: str = ""
    state: str = RUNNING
    sentence: str = ""
    remedy: str = ""

    def seconds_left(self, now: float) -> float | None:
        """An estimate, once two seconds and two hundredths of the work are done."""
        spent = now - self.begun
        if spent < 2 or self.fraction < 0.02:
            return None
        return spent * (1 - self.fraction) / self.fraction


class Ear:
    """Where the children's replies go: to one Jobs after another, while they live on."""

    def __init__(self) -> None:
        self.to: Callable[[Any], None] = lambda message: None

    def __call__(self, message: Any) -> None:
        self.to(message)


class Jobs(QObject):
    """All jobs of the window. `answered` carries each last word; `changed` all jobs that live."""

    answered = Signal(object)
    told = Signal(object)
    changed = Signal(object)
    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None, *, after: Jobs | None = None) -> None:
        """after: whose children go on for this one; that one hears no more and ends none.

        What failed there and was not cleared away stands here.
        """
        super().__init__(parent)
        self._jobs: dict[str, Job] = {}
        self._arrived.connect(self._take)
        self._handed_on = False
        self.versions: tuple[tuple[str, str], ...] = ()
        if after is None:
            self._numbers = itertools.count(1)
            self._ear = Ear()
            self._ai = WorkerClient(self._ear)
            self._io = IoClient(self._ear)
        else:
            self._numbers, self._ear = after._numbers, after._ear
            self._ai, self._io = after._ai, after._io
            self.versions, after._handed_on = after.versions, True
            self._jobs = {job.id: job for job in after.living if job.state == FAILED}
        self._ear.to = self._arrived.emit

    @property
    def living(self) -> tuple[Job, ...]:
        return tuple(self._jobs.values())

    def warm_up_reading(self) -> None:
        """Starts the child that reads studies, and no other."""
        self._io.start()

    def warm_up(self) -> None:
        """Starts the children; called once the first frame is on the screen."""
        self._io.start()
        self._ai.start()

    def warm_up_writing(self) -> None:
        """Starts the process that exports; called once a study stands and the machine is idle."""
        self._io.start_writing()

    def new_id(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}"

    def ask_ai(self, kind: str, request: Any, *, yields: bool = False) -> str:
        """Hands a request to the AI worker; its job id.

        yields: it makes room for every other request, and is begun again after it.
        """
        self._begin(kind, request.job)
        self._ai.submit(request, yields=yields)
        return str(request.job)

    def ask_io(self, kind: str, request: Any) -> str:
        """Hands a request to an I/O process; its job id."""
        self._begin(kind, request.job)
        self._io.submit(request)
        return str(request.job)

    def running(self, *kinds: str) -> Job | None:
        """The oldest job of these kinds that still runs."""
        return next(
            (j for j in self._jobs.values() if j.kind in kinds and j.state == RUNNING), None
        )

    def cancel(self, job: str) -> None:
        """Stops a job: the window is told within 300 ms."""
        self._ai.cancel(job)
        self._io.cancel(job)

    def clear(self, job: str) -> None:
        """Takes a failed job off the strip."""
        if self._jobs.get(job, None) is not None and self._jobs[job].state == FAILED:
            del self._jobs[job]
            self.changed.emit(self.living)

    def close(self) -> None:
        """Ends the children, two seconds at most; not those that go on for another."""
        if self._handed_on:
            return
        self._ai.close()
        self._io.close()

    def _begin(self, kind: str, job: str) -> None:
        for old in [j for j in self._jobs.values() if j.kind == kind and j.state == FAILED]:
            del self._jobs[old.id]
        self._jobs[job] = Job(job, kind, time.monotonic())
        self.changed.emit(self.living)

    def _take(self, message: Any) -> None:
        if isinstance(message, Hello):
            self.versions = message.versions or self.versions
            return
        job = self._jobs.get(getattr(message, "job", ""))
        if job is None:
            return
        if isinstance(message, Progress):
            self._jobs[job.id] = replace(job, fraction=message.fraction, step=message.step)
            self.changed.emit(self.living)
        elif is_last_word(message):
            self._end(job, message)
        else:
            self.told.emit(message)

    def _end(self, job: Job, message: Any) -> None:
        if isinstance(message, Failed) and not message.cancelled:
            self._jobs[job.id] = replace(
                job, state=FAILED, sentence=message.sentence, remedy=message.remedy
            )
        else:
            del self._jobs[job.id]
        self.changed.emit(self.living)
        self.answered.emit((job, message))


def is_last_word(message: Any) -> bool:
    """True for a message after which its job is over."""
    return not getattr(message, "on_the_way", False)
