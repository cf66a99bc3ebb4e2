"""A desk with fake children, at which masks are edited."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.fakes import CANDIDATES, Children, FakeJobs
from tests.window.conftest import (  # noqa: F401
    at_once,
    folders_lie_there,
    lung_not_asked_about,
    read,
    sitting,
    strict,
    themed,
)
from viewer.desk.desk import Desk
from viewer.editing.brush import Point, swept
from viewer.editing.lane import change, count
from viewer.editing.messages import ChangeMask, CountMask
from viewer.ending import end
from viewer.home import home
from viewer.notices import Notice
from viewer.reading.library import Library
from viewer.reading.reading import Reading
from viewer.reading.store import Store

SHAPE = (40, 64, 64)


@dataclass
class Bench:
    """A reader who edits, without a window."""

    desk: Desk
    jobs: FakeJobs
    children: Children
    store: Store
    notices: list[Notice] = field(default_factory=list)

    @property
    def reading(self) -> Reading:
        assert self.desk.reading is not None
        return self.desk.reading

    @property
    def said(self) -> str:
        return self.notices[-1].sentence if self.notices else ""

    def lps(self, *kji: float) -> Point:
        assert self.desk.scan is not None
        x, y, z = self.desk.scan.volume.geometry.lps_of(kji)
        return float(x), float(y), float(z)

    def paint(self, *at: tuple[float, float, float], turned: bool = False) -> None:
        """One stroke through places (slice, row, column)."""
        editing = self.desk.editing
        stroke = editing.begin_stroke(turned=turned)
        assert stroke is not None and editing.field is not None
        radius = editing.hold.diameter_mm / 2
        last = self.lps(*at[0])
        for place in at:
            here = self.lps(*place)
            dab = swept(editing.field.geometry, last, here, radius)
            if dab is not None:
                editing.painted(stroke.add(dab))
            last = here
        editing.end_stroke()

    def mask(self, finding: str = "a") -> np.ndarray:
        found = self.reading.finding(finding)
        assert found is not None and found.mask is not None
        return found.mask.on(SHAPE)

    def fresh_asked(self, kind: type) -> list[object]:
        return [request for request in self.jobs.io.asked if isinstance(request, kind)]

    def answer_change(self) -> None:
        """The process beside the window carries the newest operation out."""
        self.jobs.say(change(self.jobs.asked(ChangeMask), None))  # type: ignore[arg-type]

    def answer_count(self) -> None:
        """The process beside the window counts what was asked for last."""
        self.jobs.say(count(self.jobs.asked(CountMask), None))  # type: ignore[arg-type]

    def until_asked(self, kind: type, number: int) -> None:
        """Waits until so many of these were asked for."""
        waited = 0
        while len(self.fresh_asked(kind)) < number:
            assert waited < 5000, f"{kind.__name__} was not asked for"
            QTest.qWait(10)
            waited += 10


@pytest.fixture
def bench(
    qtbot: QtBot,
    hilum_home: Path,
    at_once: None,  # noqa: F811
) -> Iterator[Bench]:
    """A study with lungs and candidates on the desk, the first one current."""
    store, library, jobs = Store(home() / "readings.sqlite"), Library(), FakeJobs()
    desk = Desk(store, library, jobs)
    desk.own_pass.start_in("concurrent")
    made = Bench(desk, jobs, Children(jobs), store)
    desk.noticed.connect(made.notices.append)
    desk.open(Path("study"))
    made.children.find()
    made.children.load()
    desk.segment_lungs()
    made.children.lungs()
    desk.find_nodules()
    made.children.nodules(*CANDIDATES)
    yield made
    desk.close()
    end(desk, jobs)
    store.close()
    library.close()
