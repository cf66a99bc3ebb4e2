"""One child process and the line to it.

The child is spawned, never forked (fork after Qt or torch deadlocks). It ignores Ctrl+C, and it
dies with its parent: the end of the pipe is noticed by a thread of its own even in the middle of a
computation, and Linux is asked to kill it in case that thread cannot run.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import multiprocessing
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from ai.trace import PrivateFormatter
from ai.worker.messages import Cancel, Stop

log = logging.getLogger(__name__)

Target = Callable[..., None]
"""What the child runs: target(line, *args). It must be importable by name from a light module."""

_spawning = threading.Lock()
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Logged:
    """A log record of the child, written down by the parent: one process writes the log."""

    logger: str
    level: int
    text: str


class Child:
    """A running child, seen from the parent.

    on_message(message) and on_death(exit code) are called on this child's own thread. on_death
    comes exactly once, after the last message, when the process is reaped (no zombie is left).
    """

    def __init__(
        self,
        target: Target,
        args: tuple[Any, ...] = (),
        *,
        name: str,
        on_message: Callable[[Any], None],
        on_death: Callable[[int | None], None],
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._line, self._far_end = context.Pipe(duplex=True)
        self._process = context.Process(
            target=_run, args=(self._far_end, os.getpid(), target, args), name=name, daemon=True
        )
        self._on_message, self._on_death = on_message, on_death
        self._lock = threading.Lock()
        self._unwanted = False
        # The thread that spawns must live as long as the child: PDEATHSIG means that thread.
        self._thread = threading.Thread(target=self._live, name=f"{name}-line", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The process id, None until it is spawned."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """True until on_death has been called."""
        return self._thread.is_alive()

    def send(self, message: Any) -> None:
        """Send a message. To a dead child it goes nowhere; on_death tells of that."""
        with self._lock, contextlib.suppress(OSError):
            self._line.send(message)

    def kill(self) -> None:
        """End it now, whatever it does."""
        self._unwanted = True
        with contextlib.suppress(ValueError, AttributeError):
            if self._process.pid is not None:
                self._process.kill()

    def stop(self, timeout: float = 2.0) -> None:
        """Ask it to end, wait up to `timeout` seconds, then kill it."""
        self.send(Stop())
        self._thread.join(timeout)
        if self._thread.is_alive():
            self.kill()
            self._thread.join(2.0)

    def _live(self) -> None:
        code: int | None = None
        try:
            with _spawning:
                self._process.start()
            self._far_end.close()
            if self._unwanted:
                self._process.kill()
            self._read()
            # The pipe's end may come a little before the process's.
            self._process.join(1.0)
            self._process.kill()
            self._process.join()
            code = self._process.exitcode
        except Exception:
            log.exception("%s could not be started", self._process.name)
        finally:
            with self._lock:
                self._line.close()
            self._on_death(code)

    def _read(self) -> None:
        while True:
            try:
                message = self._line.recv()
            except (EOFError, OSError):
                return
            if isinstance(message, Logged):
                logging.getLogger(message.logger).log(message.level, "%s", message.text)
            else:
                self._on_message(message)


class Line:
    """The line to the parent, seen from the child."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._cancelled: set[str] = set()
        self._stopping = False
        self._at_work = False
        self._lock = threading.Lock()
        threading.Thread(target=self._listen, name="line", daemon=True).start()

    def receive(self) -> Any:
        """The next request; waits for it. Stop ends the process here, or comes after the work."""
        self._at_work = False
        self._cancelled.clear()  # there is no more than one job at a time
        message = self._inbox.get()
        self._at_work = True
        return message

    def send(self, message: Any) -> None:
        """Send a message to the parent; a parent that is gone ends this process."""
        try:
            with self._lock:
                self._connection.send(message)
        except OSError:
            os._exit(0)

    def is_cancelled(self, job: str) -> bool:
        """True once the parent no longer wants this job."""
        return self._stopping or job in self._cancelled

    @property
    def has_more(self) -> bool:
        """True while a request waits that receive() has not given out yet."""
        return not self._inbox.empty()

    def _listen(self) -> None:
        while True:
            try:
                message = self._connection.recv()
            except (EOFError, OSError):
                os._exit(0)
            if isinstance(message, Cancel):
                self._cancelled.add(message.job)
                continue
            if isinstance(message, Stop):
                self._stopping = True
                if not self._at_work:  # idle, or still loading its libraries
                    os._exit(0)
            self._inbox.put(message)


class _ToParent(logging.Handler):
    """Sends log records over the line."""

    def __init__(self, line: Line) -> None:
        super().__init__(logging.INFO)
        self._line = line
        self.setFormatter(PrivateFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        self._line.send(Logged(record.name, record.levelno, self.format(record)))


def _run(connection: Connection, parent_pid: int, target: Target, args: tuple[Any, ...]) -> None:
    """The first function in the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with(parent_pid)
    os.umask(0o077)  # what a child writes is its user's alone
    with contextlib.suppress(Exception):  # there is no stderr under pythonw
        faulthandler.enable()
    line = Line(connection)
    logging.getLogger().addHandler(_ToParent(line))
    logging.getLogger().setLevel(logging.INFO)
    code = 0
    try:
        target(line, *args)
    except Exception:
        log.exception("%s ended by an error", multiprocessing.current_process().name)
        code = 1
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)  # unloading torch in good order only costs the reader time


def _die_with(parent_pid: int) -> None:
    """Ask Linux to kill this process when the thread that spawned it ends."""
    if sys.platform != "linux":
        return
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:  # it died before we asked
        os._exit(0)
