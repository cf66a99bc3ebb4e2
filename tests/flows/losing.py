"""A real `hilum` process whose children are killed at seeded moments of their work.

    python -m tests.flows.losing STUDY SEED KIND KILLS       KIND: ai, or io

After each kill it prints, as one line of JSON, what the reader was told and whether the reading is
what it was. The first job of each sort is left alone, to know how long it takes.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.flows.scripted import chosen_folder, digest
from viewer.unfinished import ASIDE

if TYPE_CHECKING:
    from viewer.app import Program
    from viewer.notices import Notice

FEW = 4
"""So many kills leave no time for more than one sort of job."""
PATIENCE_S = 120.0


class Losing:
    """One program, and what its reader is told."""

    def __init__(self, program: Program, study: Path, seed: int) -> None:
        self.program, self.desk, self.study = program, program.desk, study
        self.random = random.Random(seed)
        self.notices: list[Notice] = []
        self.desk.noticed.connect(self.notices.append)
        self.typical_s: dict[str, float] = {}

    def until(self, question: Callable[[], bool]) -> None:
        from PySide6.QtTest import QTest

        end = time.monotonic() + PATIENCE_S
        while not question():
            assert time.monotonic() < end, [notice.sentence for notice in self.notices]
            QTest.qWait(5)

    def open(self) -> None:
        self.desk.open(self.study)
        self.until(lambda: not self.desk.opening.busy)

    def job(self, sort: str) -> None:
        """Asks for a job and waits for the last word on it."""
        desk = self.desk
        if sort == "open":
            self.open()
            return
        jobs: dict[str, Callable[[], None]] = {
            "lungs": desk.segment_lungs,
            "nodules": desk.find_nodules,
            "export": lambda: desk.export(chosen_folder()),
        }
        jobs[sort]()
        self.until(lambda: desk.jobs.running(sort) is None)

    def pid(self, sort: str) -> int | None:
        """The process that does such jobs, where it has one."""
        jobs: Any = self.program.jobs
        client = {"export": jobs._io._writing, "open": jobs._io._reading}.get(sort, jobs._ai)
        worker = client._worker
        return worker.transport.pid if worker is not None and worker.transport else None

    def measure(self, sort: str) -> None:
        """How long such a job takes where nobody kills it."""
        began = time.monotonic()
        self.job(sort)
        self.typical_s[sort] = time.monotonic() - began

    def lose(self, sort: str) -> dict[str, Any]:
        """One kill at a moment uniform in the job's time."""
        assert self.desk.reading is not None
        before, rows = digest(self.desk.reading), len(self.desk.reading.history)
        self.notices.clear()
        moment_s = self.random.uniform(0, self.typical_s[sort])
        killed: list[int] = []

        def kill() -> None:
            if pid := self.pid(sort):
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

        timer = threading.Timer(moment_s, kill)
        timer.start()
        self.job(sort)
        timer.join()
        told = [notice.sentence for notice in self.notices if is_of_a_loss(notice.sentence)]
        if sort == "open" and told:
            self.open()
        self.until(lambda: not self.program.library.written_to())
        reading = self.desk.reading
        done = len(reading.history) > rows
        return {
            "sort": sort,
            "moment_s": round(moment_s, 3),
            "killed": bool(killed),
            "told": told,
            "others": [n.sentence for n in self.notices if n.sentence not in told],
            "same": digest(reading) == before,
            "done": done,
            "left": [path.name for path in chosen_folder().rglob(f"*{ASIDE}")],
        }


def is_of_a_loss(sentence: str) -> bool:
    """Whether a sentence tells that a process ended, or, killed over and over, does not start."""
    return "process" in sentence and (" ended" in sentence or "does not start" in sentence)


def run(study: Path, seed: int, kind: str, kills: int) -> int:
    """All kills of one kind; the exit code."""
    from viewer.app import compose

    program = compose(mode="concurrent")
    losing = Losing(program, study, seed)
    program.window.show()
    program.jobs.warm_up()
    losing.open()
    losing.until(lambda: bool(program.jobs.versions))  # the worker has said Hello
    sorts = ("lungs", "nodules")[: 1 if kills <= FEW else 2] if kind == "ai" else ("open", "export")
    for sort in sorts:
        losing.measure(sort)
    for _ in range(kills):
        print(json.dumps(losing.lose(losing.random.choice(sorts))), flush=True)
    program.window.close()
    program.close()
    return 0


if __name__ == "__main__":
    study, seed, kind, kills = sys.argv[1:]
    sys.exit(run(Path(study), int(seed), kind, int(kills)))
