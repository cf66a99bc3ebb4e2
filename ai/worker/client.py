"""Speaking to a worker: start it, queue jobs, cancel, replace it when it dies.

One thread of the client owns all state and makes every call back, in order; callers only post to
it and never wait. The worker itself stands behind `Transport`: a child process here, something far
away later.
"""

from __future__ import annotations

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

    @property
    def id(self) -> str:
        return str(self.request.job)


class WorkerClient:
    """Jobs for one worker, done one at a time in the order they came.

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

    def submit(self, request: Any) -> None:
        """Queue a job; its id is request.job."""
        self._posted.put(functools.partial(self._submitted, _Job(request)))

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
            self._answer(Failed(running.id, self._words.cancelled, cancelled=True))
        if self._spare_due_s is not None and now >= self._spare_due_s:
            self._spare_due_s = None
            if self._spare is None and self._worker is not None and _memory_for_spare():
                self._spare = self._new_worker()

    def _pump(self) -> None:
        if self._running is None and self._waiting:
            self._ensure_worker()
            worker = self._worker
            if worker is not None and worker.ready and worker.transport is not None:
                self._running = job = self._waiting.popleft()
                job.tries += 1
                worker.transport.send(job.request)

    def _submitted(self, job: _Job) -> None:
        self._waiting.append(job)

    def _cancelled(self, job_id: str) -> None:
        for job in self._waiting:
            if job.id == job_id:
                self._waiting.remove(job)
                self._on_reply(Failed(job_id, self._words.cancelled, cancelled=True))
                return
        running = self._running
        if running and running.id == job_id and running.give_up_s is None and self._worker:
            running.give_up_s = time.monotonic() + self._cancel_s
            if self._worker.transport is not None:
                self._worker.transport.send(Cancel(job_id))

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
        if worker is not self._worker or running is None or message.job != running.id:
            return  # the last words of a job that was given up
        running.taken_up = True
        if _is_answer(message):
            self._short_lives = 0
            if running.give_up_s is not None:
                message = Failed(running.id, self._words.cancelled, cancelled=True)
            self._plan_spare()
            self._answer(message)
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
            self._on_reply(Failed(job.id, words.cancelled, cancelled=True))
        elif not job.taken_up and job.tries < 2:
            self._waiting.appendleft(job)  # it was dead before it heard of the job
        else:
            self._on_reply(Failed(job.id, words.lost, words.lost_remedy))

    def _fail_waiting(self) -> None:
        words = self._words
        while self._waiting:
            job = self._waiting.popleft()
            self._on_reply(Failed(job.id, words.no_start, words.no_start_remedy))


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
