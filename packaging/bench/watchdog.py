"""How long the Qt event loop did not answer, and where the main thread stood meanwhile.

Made on the main thread of any program with a Qt event loop:

    watchdog = Watchdog()
    watchdog.enter("load")
    ...
    watchdog.enter("export")
    ...
    for phase in watchdog.phases: print(phase.name, phase.longest_s, phase.stalls)
    watchdog.close()

A timer of the loop beats every 10 ms. How much later than that a beat comes is how long a click
would have waited; a thread looks at the main thread's stack while a beat is overdue. On a machine
that others share a beat is late without any fault of the program: `cpu_s` tells how much of a stall
the main thread computed, and `Sleeper`, in a process that does nothing, how late that one woke.
"""

from __future__ import annotations

import faulthandler
import re
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer

BEAT_S = 0.01
STALL_S = 0.1
LOOKS_EVERY_S = 0.02
DEPTH = 14
_CALL = re.compile(r'File "(?P<file>.*)", line (?P<line>\d+) in (?P<name>.*)')


@dataclass(frozen=True)
class Stall:
    """One time that the loop did not answer for longer than STALL_S.

    at: when it ended, on the monotonic clock. cpu_s: what the main thread computed of it.
    stacks: where the main thread was, looked at every 20 ms, the innermost call last; empty where
    the thread that looks did not come to run.
    """

    at: float
    seconds: float
    cpu_s: float
    stacks: tuple[tuple[str, ...], ...]

    @property
    def stack(self) -> tuple[str, ...]:
        """The stack that was seen most often."""
        seen = Counter(self.stacks).most_common(1)
        return seen[0][0] if seen else ()


@dataclass
class Phase:
    """What was seen from one `enter` to the next. longest_s: the latest beat, a stall or not.

    busiest_s: what the main thread computed at most from one beat to the next.
    """

    name: str
    began: float
    ended: float = 0.0
    longest_s: float = 0.0
    busiest_s: float = 0.0
    beats: int = 0
    stalls: list[Stall] = field(default_factory=list)


class Watchdog(QObject):
    """Watches the thread that made it; its loop must run for beats to be heard."""

    def __init__(self, parent: QObject | None = None, *, stall_s: float = STALL_S) -> None:
        super().__init__(parent)
        self._stall_s = stall_s
        self._main = threading.get_ident()
        self._samples: list[tuple[str, ...]] = []
        self._closed = threading.Event()
        self._last, self._cpu = time.monotonic(), time.thread_time()
        self.phases: list[Phase] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(round(1000 * BEAT_S))
        self._thread = threading.Thread(target=self._look, name="watchdog", daemon=True)
        self._thread.start()

    def enter(self, name: str) -> None:
        """A new phase begins; what is late by now belongs to the one before."""
        self._beat()
        now = time.monotonic()
        if self.phases:
            self.phases[-1].ended = now
        self.phases.append(Phase(name, now))

    def close(self) -> None:
        """No more beats; the last phase ends. Twice is once."""
        if self._closed.is_set():
            return
        self._beat()
        self._closed.set()
        self._timer.stop()
        if self.phases:
            self.phases[-1].ended = time.monotonic()
        self._thread.join()

    def _beat(self) -> None:
        now, cpu = time.monotonic(), time.thread_time()
        late, spent = now - self._last - BEAT_S, cpu - self._cpu
        samples, self._samples = self._samples, []
        self._last, self._cpu = now, cpu
        if not self.phases:
            return
        phase = self.phases[-1]
        phase.beats += 1
        phase.longest_s = max(phase.longest_s, late)
        phase.busiest_s = max(phase.busiest_s, spent)
        if late > self._stall_s:
            phase.stalls.append(Stall(now, late, spent, tuple(samples)))

    def _look(self) -> None:
        """On a thread of its own. It needs the GIL, so it sees C code where that gives it up."""
        with tempfile.TemporaryFile() as file:
            while not self._closed.wait(LOOKS_EVERY_S):
                if time.monotonic() - self._last > LOOKS_EVERY_S:
                    file.seek(0)
                    file.truncate()
                    # and not sys._current_frames: who holds a frame may be the last to hold what
                    # is in it, and end it on this thread, where VTK and Qt do not stand it
                    faulthandler.dump_traceback(file)
                    file.seek(0)
                    self._samples.append(stack_in(file.read().decode(errors="replace"), self._main))


class Sleeper:
    """Wakes every 10 ms and notes how late: what any program had to wait for a processor."""

    def __init__(self) -> None:
        self._late: list[tuple[float, float]] = []
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._sleep, name="sleeper", daemon=True)
        self._thread.start()

    def latest_s(self, began: float, ended: float) -> float:
        """How late it woke at most between two moments of the monotonic clock."""
        return max((late for at, late in self._late if began <= at <= ended), default=0.0)

    def close(self) -> None:
        self._closed.set()
        self._thread.join()

    def _sleep(self) -> None:
        last = time.monotonic()
        while not self._closed.wait(BEAT_S):
            now = time.monotonic()
            self._late.append((now, now - last - BEAT_S))
            last = now


def stack_in(dump: str, thread: int, depth: int = DEPTH) -> tuple[str, ...]:
    """One thread's stack out of faulthandler's words as "file:line function", the innermost last.

    thread: its ident. Empty where the dump does not tell of it.
    """
    head, calls = f"hread 0x{thread:016x} (most recent call first):", list[str]()
    told = dump.partition(head)[2].partition("\n\n")[0]
    for line in told.splitlines():
        if call := _CALL.fullmatch(line.strip()):
            place = "/".join(Path(call["file"]).parts[-2:])
            calls.append(f"{place}:{call['line']} {call['name']}")
    return tuple(reversed(calls[:depth]))
