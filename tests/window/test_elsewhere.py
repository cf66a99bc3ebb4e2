"""What is done on a thread is told on the window's own, in order, and lungs are packed there."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from ai.worker.messages import FindNodules
from ai.worker.shared import SHM, Block
from tests.fakes import CANDIDATES, chest
from tests.window.conftest import Sitting
from viewer import open_scan
from viewer.desk import room, work
from viewer.desk.elsewhere import Elsewhere, Say
from viewer.dicom.io_messages import Export, Load
from viewer.reading import codec
from viewer.reading.codec import encode, encode_ahead
from viewer.reading.events import SegmentsAdded
from viewer.reading.reading import Reading


def test_work_is_done_on_a_thread_told_on_this_one_and_followed_up_there(qtbot: QtBot) -> None:
    seen: list[tuple[str, bool]] = []

    def note(what: str) -> None:
        seen.append((what, threading.current_thread() is threading.main_thread()))

    def slow() -> Say:
        note("work")
        return lambda: note("told")

    elsewhere = Elsewhere()
    elsewhere.do(slow, lambda: note("after"))
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert set(seen) == {("work", False), ("told", True), ("after", False)}
    assert seen[0][0] == "work"


def test_an_owner_that_is_gone_is_told_nothing(qtbot: QtBot) -> None:
    told: list[int] = []
    go, gone = threading.Event(), threading.Event()

    def slow() -> Say:
        go.wait(5)
        return lambda: told.append(1)

    elsewhere = Elsewhere()
    elsewhere.do(slow, gone.set)
    shiboken6.delete(elsewhere)
    go.set()
    assert gone.wait(5)
    qtbot.wait(20)
    assert told == []


def lungs(side: int = 8) -> SegmentsAdded:
    geometry = Geometry.axial((side, side, side), spacing_kji_mm=(1, 1, 1))
    labels = np.zeros(geometry.shape_kji, np.uint8)
    labels[2:5, 2:5, 1:3], labels[2:5, 2:5, 5:7] = 1, 2
    return SegmentsAdded(LabelMap(geometry, labels, LUNGS, MadeBy("test", "1")), ())


def test_an_event_packed_ahead_is_the_same_and_is_not_packed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = lungs()
    plain = encode(event)
    encode_ahead(event)
    monkeypatch.setattr(codec, "_body", lambda *_: pytest.fail("packed again"))
    assert encode(event) == plain
    with pytest.raises(pytest.fail.Exception, match="packed again"):
        encode(event)  # kept for once only: what is in the log needs it no more


@pytest.fixture
def all_big(monkeypatch: pytest.MonkeyPatch, at_once: None) -> None:
    """Every block and every label map takes the way of big ones."""
    monkeypatch.setattr(room, "SMALL_BYTES", 0)
    monkeypatch.setattr(work, "SMALL_BYTES", 0)
    monkeypatch.setattr(open_scan, "BIG_BYTES", 0)


def ask_for_lungs(sitting: Sitting, qtbot: QtBot) -> None:
    sitting.desk.segment_lungs()
    sitting.desk.segment_lungs()  # the room is on its way: no second job
    qtbot.waitUntil(lambda: sitting.jobs.running("lungs") is not None)
    assert len(sitting.jobs.ai.asked) == 1


def open_study(sitting: Sitting, qtbot: QtBot, uid: str) -> None:
    count = len(sitting.jobs.io.asked)
    sitting.desk.open(Path("study"))
    sitting.children.find(chest(uid))
    qtbot.waitUntil(lambda: len(sitting.jobs.io.asked) == count + 2)
    sitting.children.load()


@pytest.mark.usefixtures("all_big")
def test_a_whole_reading_in_which_every_block_is_big(
    sitting: Sitting, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, jobs = sitting.desk, sitting.jobs
    open_study(sitting, qtbot, "1.2.3")
    ask_for_lungs(sitting, qtbot)
    sitting.children.lungs()
    assert desk.reading is not None and desk.reading.lungs is None
    qtbot.waitUntil(lambda: desk.reading is not None and desk.reading.lungs is not None)
    desk.find_nodules()
    qtbot.waitUntil(lambda: jobs.running("nodules") is not None)
    freed, free = list[int](), Block.free

    def watched(block: Block) -> None:
        if block._owned:
            freed.append(threading.get_ident())
        free(block)

    with monkeypatch.context() as patched:
        patched.setattr(Block, "free", watched)
        sitting.children.nodules(*CANDIDATES)
        lent = sitting.jobs.asked(FindNodules)
        qtbot.waitUntil(lambda: not any((SHM / b.name).exists() for b in (lent.lungs, lent.out)))
    assert len(desk.reading.findings) == len(CANDIDATES)
    assert len(freed) == 2 and threading.get_ident() not in freed
    desk.export()
    qtbot.waitUntil(lambda: jobs.running("export") is not None and len(jobs.io.asked) == 3)
    asked = jobs.asked(Export)
    with Block.attach(asked.labels.block) as block:
        assert np.array_equal(block.array, desk.reading.lungs.labels)


def search(sitting: Sitting, qtbot: QtBot) -> None:
    """In a reading with lungs: candidates are asked for, and have not come yet."""
    open_study(sitting, qtbot, "1.2.3")
    ask_for_lungs(sitting, qtbot)
    sitting.children.lungs()
    qtbot.waitUntil(lambda: sitting.desk.reading is not None and sitting.desk.reading.has_lungs)
    sitting.desk.find_nodules()
    qtbot.waitUntil(lambda: sitting.jobs.running("nodules") is not None)


@pytest.mark.usefixtures("all_big")
def test_what_was_found_in_a_big_scan_is_listed_at_once_and_gone_to_a_turn_later(
    sitting: Sitting, qtbot: QtBot
) -> None:
    """List, strip and three panes in one turn would hold the window up for a tenth of a second."""
    desk, strip = sitting.desk, sitting.window.strip
    search(sitting, qtbot)
    told = len(sitting.notices)
    sitting.children.nodules(*CANDIDATES)
    assert desk.order and desk.current is None and len(sitting.notices) == told
    assert not strip.isHidden(), "the panes do not grow in the turn that lists"
    qtbot.waitUntil(lambda: desk.current == desk.order[0] and strip.isHidden())
    assert "candidate" in sitting.notices[told].sentence


@pytest.mark.usefixtures("all_big")
def test_a_reader_who_went_on_meanwhile_is_not_called_back(sitting: Sitting, qtbot: QtBot) -> None:
    desk = sitting.desk
    search(sitting, qtbot)
    told = len(sitting.notices)
    sitting.children.nodules(*CANDIDATES)
    desk.select(desk.order[-1])
    qtbot.waitUntil(lambda: len(sitting.notices) > told)
    assert desk.current == desk.order[-1] != desk.order[0]


@pytest.mark.usefixtures("all_big")
def test_what_was_found_is_not_told_over_another_study(sitting: Sitting, qtbot: QtBot) -> None:
    desk = sitting.desk
    search(sitting, qtbot)
    told = len(sitting.notices)
    sitting.children.nodules(*CANDIDATES)
    assert desk.reading is not None
    left, desk.reading = desk.reading, Reading("another")
    qtbot.wait(20)
    assert len(sitting.notices) == told and desk.current is None
    desk.reading = left


@pytest.mark.usefixtures("all_big")
def test_lungs_of_a_reading_that_was_left_meanwhile_are_dropped(
    sitting: Sitting, qtbot: QtBot
) -> None:
    desk = sitting.desk
    open_study(sitting, qtbot, "1.2.3")
    ask_for_lungs(sitting, qtbot)
    sitting.children.lungs()
    assert desk.reading is not None and desk.reading.lungs is None
    left = desk.reading.id
    sitting.desk.choose_series(chest("1.2.4"))
    qtbot.waitUntil(lambda: desk.reading is not None and desk.reading.id != left)
    qtbot.waitUntil(lambda: not any(t.name == "elsewhere" for t in threading.enumerate()))
    qtbot.wait(20)
    assert desk.reading.lungs is None and desk.reading.history == ()


@pytest.mark.usefixtures("all_big")
def test_the_study_asked_for_last_is_the_one_that_gets_room(sitting: Sitting, qtbot: QtBot) -> None:
    desk = sitting.desk
    desk.open(Path("study"))
    sitting.children.find(chest("1.2.3"))
    assert desk.opening.busy and desk.scan is None
    desk.choose_series(chest("1.2.4"))
    qtbot.waitUntil(lambda: desk.scan is not None)
    qtbot.waitUntil(lambda: not any(t.name == "elsewhere" for t in threading.enumerate()))
    assert desk.scan is not None and desk.scan.series.uid == "1.2.4"
    assert sum(isinstance(asked, Load) for asked in sitting.jobs.io.asked) == 1
