"""One home, one phantom, one reader at one desk; the tests go on with what the reader did."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flows.desks import AtDesk, until, with_torch
from tests.flows.kill import begin_reading, quick_study
from tests.flows.phantom import Study, small_study
from viewer.reading.events import FindingsProposed, SegmentsAdded


@pytest.fixture(scope="session")
def phantom() -> Study:
    return small_study()


@pytest.fixture(scope="package")
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """HILUM_HOME of all flows."""
    place = tmp_path_factory.mktemp("flows") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_HOME", str(place))
        yield place


@pytest.fixture(scope="package")
def at_desk(own_home: Path, qapp: object) -> Iterator[AtDesk]:
    """A reader at a desk, before anything is open."""
    reader = AtDesk()
    reader.jobs.warm_up()
    yield reader
    reader.close()


@pytest.fixture(scope="session")
def tiny() -> Study:
    """Another study: the phantom in coarse voxels."""
    return small_study("tiny")


@pytest.fixture(scope="package")
def read(at_desk: AtDesk, phantom: Study) -> AtDesk:
    """The phantom read as far as candidates: F5 while it loads, F6 with the worker killed."""
    desk = at_desk.desk
    desk.open(phantom.series)
    desk.segment_lungs()  # asked before one slice is there
    until(lambda: at_desk.stands, "the phantom stands")
    until(lambda: desk.reading and desk.reading.has_lungs, "the lungs asked for while it loaded")
    for pid in with_torch():
        os.kill(pid, signal.SIGKILL)
    desk.find_nodules()
    until(lambda: at_desk.reading.searched, "candidates by the next worker")
    at_desk.found = [
        row.event
        for row in at_desk.reading.history
        if isinstance(row.event, SegmentsAdded | FindingsProposed)
    ]
    return at_desk


@pytest.fixture
def newcomer(read: AtDesk, phantom: Study, request: pytest.FixtureRequest) -> AtDesk:
    """A reader nobody knows sits down at the phantom and is shown the same lungs and candidates."""
    if read.desk.scan.series.uid != phantom.uid:
        read.open(phantom.series)
    read.desk.set_reader("Dr Ray")  # who read without a name takes that reading along
    read.desk.set_reader(request.node.name)
    for event in read.found:
        read.desk.record(event)
    read.desk.make_first_current()
    return read


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of which a reading takes seconds."""
    return quick_study(tmp_path_factory.mktemp("quick") / "study")


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: Path) -> Path:
    """That study, and a data folder with readings of it that wait to be judged."""
    monkeypatch.setenv("HILUM_HOME", str(tmp_path / "home"))
    begin_reading(quick)
    return quick
