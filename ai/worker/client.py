"""Speaking to a worker: start it, queue jobs, cancel, replace it when it dies.

One thread of the client owns all state and makes every call back, in order; callers only post to
it and never wait. The worker itself stands behind `Transport`: a child process here, something far
away later.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ai.worker.child import Child, Target
from ai.worker.contract import check_reply
from ai.worker.messages import Cancel, Failed, Hello, Progress
from ai.worker.process import main as ai_main

log = logging.getLogger(__name__)

CANCEL_S = 0.22
"""A worker that has not answered a cancel by then is replaced: the reader waits 300 ms at most."""
SPARE_AFTER_S = 3.0
"""The spare worker starts so long after a job, when the window has drawn the result."""
SPARE_NEEDS_MB = 3000
SHORT_LIFE_S = 10.0
SHORT_LIVES = 3
"""After so many short lives in a row a worker starts only when there is work for it."""


class Transport(Protocol):
    """A way to a worker. Calls never wait, except stop."""

    def send(self, message: Any) -> None: ...

    def kill(self) -> None: ...

    def stop(self, timeout: float = 2.0) -> None: ...


Connect = Callable[[Callable[[Any], None], Callable[[int | None], None]], Transport]
"""connect(on_message, on_death) starts a worker; both may be called on any thread."""


def child(target: Target, *args: Any, name: str) -> Connect:
    """A worker in a child process of this machine; target(line, *args) runs there."""

    def connect(
        on_message: Callable[[Any], None], on_death: Callable[[int | None], None]
    ) -> Transport:
        return Child(target, args, name=name, on_message=on_message, on_death=on_death)

    return connect


@dataclass(frozen=True)
class Words:
    """What the reader is told when a worker fails."""

    lost: str = "The AI process ended. Your reading is safe."
    lost_remedy: str = "Run it again."
    no_start: str = "The AI process does not start."
    no_start_remedy: str = "Details are in the log."
    cancelled: str = "Cancelled. Nothing was changed."
    stands_back: str = "Waits until what you asked for is done."


@dataclass(eq=False)
class _Worker:
    number: int
    transport: Transport | None = None
    ready: bool = False
    born_s: float = field(default_factory=time.monotonic)


@dataclass(eq=False)
class _Job:
    request: Any
    taken_up: bool = False
    tries: int = 0
    give_up_s: float | None = None
    yields: bool = False
    stood_back: int = 0  # how often it made room
    makes_room: bool = False  # it was stopped, and is begun again

    @property
    def id(self) -> str:
        return str(self.request.job)

    @property
    def wire_id(self) -> str:
        """By what the worker knows it: an id that was cancelled there is never done again."""
        return f"{self.id}~{self.stood_back}" if self.stood_back else self.id

    @property
    def wire(self) -> Any:
        return (
            dataclasses.replace(self.request, job=self.wire_id) if self.stood_back else self.request
        )


class WorkerClient:
    """Jobs for one worker, done one at a time in the order they came; those that yield, last.

    on_reply(message) is called on the client's thread with Hello, Progress and the answers; every
    job submitted gets exactly one answer (its Done, or Failed), unless the client is closed first.
    connect: how to reach a worker, the AI's own child process unless given. check(message) raises
    for a reply that breaks the contract. spare: keep a second worker ready once a first job is
    done, so that a cancel or a death costs no start.
    """

    def __init__(
        self,
        on_reply: Callable[[Any], None],
        connect: Connect | None = None,
        *,
        words: Words | None = None,
        spare: bool = True,
        check: Callable[[Any], None] = check_reply,
        cancel_s: float = CANCEL_S,
        spare_after_s: float = SPARE_AFTER_S,
    ) -> None:
        self._on_reply, self._check = on_reply, check
        self._connect = child(ai_main, name="hilum-ai") if connect is None else connect
        self._words = Words() if words is None else words
        self._with_spare, self._cancel_s, self._spare_after_s = spare, cancel_s, spare_after_s
        self._numbers = itertools.count(1)
        self._worker: _Worker | None = None
        self._spare: _Worker | None = None
        self._spare_due_s: float | None = None
        self._waiting: deque[_Job] = deque()
        self._running: _Job | None = None
        self._short_lives = 0
        self._closed = threading.Event()
        self._posted: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._live, name="worker-client", daemon=True)
        self._thread.start()

    # What callers do, on any thread; nothing here waits, except close.

    def start(self) -> None:
        """Start the worker ahead of the first job."""
        self._posted.put(self._ensure_worker)

    def submit(self, request: Any, *, yields: bool = False) -> None:
        """Queue a job; its id is request.job.

        yields: nobody waits for it. It makes room for every job that does not yield, also while it
        runs, and is begun again after that.
        """
        self._posted.put(functools.partial(self._submitted, _Job(request, yields=yields)))

    def cancel(self, job: str) -> None:
        """Stop a job that waits or runs; it is answered by Failed(cancelled=True)."""
        self._posted.put(functools.partial(self._cancelled, job))

    def close(self, timeout: float = 0.5) -> None:
        """End the workers and the thread; no call back comes after it. Twice is once.

        timeout: seconds for a job that runs to come to its next step; then its worker is killed.
        """
        self._closed.set()
        self._posted.put(lambda: None)
        if threading.current_thread() is not self._thread:
            self._thread.join()
        workers = [w for w in (self._worker, self._spare) if w is not None]
        self._worker = self._spare = None
        _stop_all([w.transport for w in workers if w.transport is not None], timeout)

    # All below runs on the client's thread.

    def _live(self) -> None:
        while not self._closed.is_set():
            try:
                step = self._posted.get(timeout=self._sleep_s())
            except queue.Empty:
                step = self._overdue
            if self._closed.is_set():
                return
            try:
                step()
                self._overdue()
                self._pump()
            except Exception:
                log.exception("the worker's client failed at a step")

    def _sleep_s(self) -> float | None:
        due = [self._spare_due_s, self._running.give_up_s if self._running else None]
        times = [d for d in due if d is not None]
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _overdue(self) -> None:
        now = time.monotonic()
        running = self._running
        if running and running.give_up_s is not None and now >= running.give_up_s:
            self._replace_worker()
            self._given_up(running)
        if self._spare_due_s is not None and now >= self._spare_due_s:
            self._spare_due_s = None
            if self._spare is None and self._worker is not None and _memory_for_spare():
                self._spare = self._new_worker()

    def _pump(self) -> None:
        if self._running is None and self._waiting:
            self._ensure_worker()
            worker = self._worker
            if worker is not None and worker.ready and worker.transport is not None:
                self._running = job = self._next()
                job.tries += 1
                worker.transport.send(job.wire)

    def _next(self) -> _Job:
        """The first that somebody waits for, else the first."""
        job = next((job for job in self._waiting if not job.yields), self._waiting[0])
        self._waiting.remove(job)
        return job

    def _submitted(self, job: _Job) -> None:
        self._waiting.append(job)
        running = self._running
        if running and running.yields and not job.yields and running.give_up_s is None:
            running.makes_room = True
            self._stop(running)

    def _stop(self, running: _Job) -> None:
        """Asks the worker to stop; it is replaced where it does not hear."""
        running.give_up_s = time.monotonic() + self._cancel_s
        if self._worker is not None and self._worker.transport is not None:
            self._worker.transport.send(Cancel(running.wire_id))

    def _given_up(self, job: _Job) -> None:
        """It does not run any more: the reader stopped it, or it made room and waits again."""
        if not job.makes_room:
            self._answer(Failed(job.id, self._words.cancelled, cancelled=True))
            return
        self._running = None
        again = _Job(job.request, yields=True, stood_back=job.stood_back + 1)
        self._waiting.appendleft(again)
        self._on_reply(Progress(job.id, 0.0, self._words.stands_back))

    def _cancelled(self, job_id: str) -> None:
        for job in self._waiting:
            if job.id == job_id:
                self._waiting.remove(job)
                self._on_reply(Failed(job_id, self._words.cancelled, cancelled=True))
                return
        running = self._running
        if running is None or running.id != job_id or self._worker is None:
            return
        if running.give_up_s is None:
            self._stop(running)
        running.makes_room = False

    # Workers

    def _new_worker(self) -> _Worker:
        worker = _Worker(next(self._numbers))
        worker.transport = self._connect(
            lambda message: self._posted.put(functools.partial(self._heard, worker, message)),
            lambda code: self._posted.put(functools.partial(self._died, worker, code)),
        )
        return worker

    def _ensure_worker(self) -> None:
        if self._worker is None:
            self._worker, self._spare = self._spare or self._new_worker(), None

    def _replace_worker(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None and worker.transport is not None:
            worker.transport.kill()
        self._ensure_worker()
        self._plan_spare()

    def _plan_spare(self) -> None:
        if self._with_spare and self._spare is None:
            self._spare_due_s = time.monotonic() + self._spare_after_s

    def _heard(self, worker: _Worker, message: Any) -> None:
        try:
            self._check(message)
        except Exception:
            log.exception("worker %d broke the contract", worker.number)
            if worker.transport is not None:
                worker.transport.kill()
            return
        if isinstance(message, Hello):
            worker.ready = True
            if worker is self._worker:
                self._on_reply(message)
            return
        running = self._running
        if worker is not self._worker or running is None or message.job != running.wire_id:
            return  # the last words of a job that was given up
        running.taken_up = True
        if running.stood_back:
            message = dataclasses.replace(message, job=running.id)
        if _is_answer(message):
            self._short_lives = 0
            self._plan_spare()
            if running.give_up_s is None or (running.makes_room and not _was_stopped(message)):
                self._answer(message)  # it was done, or had failed, before it could make room
            else:
                self._given_up(running)
        elif running.give_up_s is None:
            self._on_reply(message)

    def _answer(self, message: Any) -> None:
        self._running = None
        self._on_reply(message)

    def _died(self, worker: _Worker, code: int | None) -> None:
        if worker is self._spare:
            self._spare = None
            self._plan_spare()
            return
        if worker is not self._worker:
            return
        log.warning("worker %d ended with exit code %s", worker.number, code)
        self._worker = None
        if time.monotonic() - worker.born_s < SHORT_LIFE_S:
            self._short_lives += 1
        else:
            self._short_lives = 1
        self._answer_for_the_dead()
        if not worker.ready and self._short_lives >= SHORT_LIVES:
            self._fail_waiting()
        elif self._short_lives < SHORT_LIVES:
            self._ensure_worker()
            self._plan_spare()

    def _answer_for_the_dead(self) -> None:
        job, self._running = self._running, None
        if job is None:
            return
        words = self._words
        if job.give_up_s is not None:
            self._given_up(job)
        elif not job.taken_up and job.tries < 2:
            self._waiting.appendleft(job)  # it was dead before it heard of the job
        else:
            self._on_reply(Failed(job.id, words.lost, words.lost_remedy))

    def _fail_waiting(self) -> None:
        words = self._words
        while self._waiting:
            job = self._waiting.popleft()
            self._on_reply(Failed(job.id, words.no_start, words.no_start_remedy))


def _was_stopped(message: Any) -> bool:
    return isinstance(message, Failed) and message.cancelled


def _is_answer(message: Any) -> bool:
    """Progress and what is marked as told on the way (`on_the_way`) leave the job running."""
    return not isinstance(message, Progress) and not getattr(message, "on_the_way", False)


def _stop_all(transports: list[Transport], timeout: float) -> None:
    stoppers = [threading.Thread(target=t.stop, args=(timeout,)) for t in transports]
    for thread in stoppers:
        thread.start()
    for thread in stoppers:
        thread.join()


def _memory_for_spare() -> bool:
    """True where another worker fits easily; also where nothing tells."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return True
    free_kb = next((int(x.split()[1]) for x in lines if x.startswith("MemAvailable:")), 0)
    return free_kb >= SPARE_NEEDS_MB * 1024
