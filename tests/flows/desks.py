"""A desk with its real children, and what a reader sees of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtTest import QTest

from viewer.desk.desk import Desk
from viewer.ending import end
from viewer.home import home
from viewer.jobs import Jobs
from viewer.notices import Notice
from viewer.reading.events import Answer, Event
from viewer.reading.library import Library
from viewer.reading.reading import Reading
from viewer.reading.store import Store

LOOK_MS = 10


def until(question: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Lets Qt run until the question is true; says what was waited for when it never is."""
    waited = 0
    while not question():
        assert waited < 1000 * seconds, f"after {seconds} s not yet: {what}"
        QTest.qWait(LOOK_MS)
        waited += LOOK_MS


@dataclass
class Clock:
    """Time as the desk measures a reader's answers by."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class AtDesk:
    """Store, library, jobs and desk in HILUM_HOME, put together as the window does it."""

    clock: Clock = field(default_factory=Clock)
    notices: list[Notice] = field(default_factory=list)
    found: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store = Store(home() / "readings.sqlite")
        self.library = Library()
        self.jobs = Jobs()
        self.desk = Desk(self.store, self.library, self.jobs, clock=self.clock)
        self.desk.own_pass.start_in("concurrent")
        self.desk.noticed.connect(self.notices.append)

    def close(self) -> None:
        self.desk.close()
        end(self.desk, self.jobs)
        self.store.close()
        self.library.close()

    @property
    def reading(self) -> Reading:
        assert self.desk.reading is not None
        return self.desk.reading

    @property
    def said(self) -> list[str]:
        """All sentences so far."""
        return [notice.sentence for notice in self.notices]

    @property
    def last(self) -> str:
        return self.notices[-1].sentence

    def open(self, path: Path) -> None:
        """Opens a study and waits until every slice of it is there."""
        self.desk.open(path)
        until(lambda: self.stands, f"{path} stands")

    @property
    def stands(self) -> bool:
        scan = self.desk.scan
        return scan is not None and scan.complete and not self.desk.opening.busy

    def idle(self, *kinds: str, seconds: float = 60) -> None:
        """Waits until no job of these kinds runs."""
        until(lambda: self.jobs.running(*kinds) is None, f"{kinds} done", seconds)

    def lungs(self) -> None:
        self.desk.segment_lungs()
        self.idle("lungs")

    def answer(self, answer: Answer, *, after_s: float = 2.0) -> str:
        """Answers the current finding after so many seconds of looking; its id."""
        finding = self.desk.current
        self.clock.now += after_s
        self.desk.answer(answer)
        return finding or ""

    def waiting(self) -> list[str]:
        """Shown findings without an answer, in the order they will come."""
        return [i for i in self.desk.order if self.reading.states[i] == "proposed"]


def children(of: int | None = None) -> list[int]:
    """Processes that this one (or that one) started, and theirs."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int(
                (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
            )
        except OSError:
            continue
    found, fresh = [], [of or os.getpid()]
    while fresh:
        fresh = [pid for pid, parent in parents.items() if parent in fresh]
        found += fresh
    return found


def with_torch() -> list[int]:
    """Of those, the ones that have loaded torch: the AI's workers."""
    return [pid for pid in children() if "libtorch" in _maps(pid)]


def _maps(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/maps").read_text()
    except OSError:
        return ""
