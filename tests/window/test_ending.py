"""A window that ends takes all with it: panes, desk, blocks, files, threads. Counted, not timed."""

from __future__ import annotations

import gc
import os
import threading
from collections import Counter
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStyle
from pytestqt.qtbot import QtBot

from tests.fakes import CANDIDATES, Children, FakeJobs, chest
from tests.window.conftest import Sitting
from viewer.app import compose
from viewer.desk.desk import Desk
from viewer.ending import end
from viewer.home import home
from viewer.reading.library import Library
from viewer.reading.store import Store
from viewer.window.window import HilumWindow

MAPS = Path("/proc/self/maps")


def living() -> Counter[str]:
    """What is alive of ours: Python's objects by class, maps of blocks, files, threads."""
    gc.collect()
    # by type(): what stands in for a module when it is asked for its class would be woken
    every = [one for one in gc.get_objects() if issubclass(type(one), QObject)]
    # a style is the application's, which stays
    found = Counter(type(one).__name__ for one in every if not isinstance(one, QStyle))
    if MAPS.exists():
        found["maps of blocks"] = MAPS.read_text().count("hilum-")
        found["files"] = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    found["threads"] = threading.active_count()
    return found


def sit_down_and_leave(uid: str) -> None:
    """One window from its start to its end, with a study read as far as verdicts."""
    store, library, jobs = Store(home() / "readings.sqlite"), Library(), FakeJobs()
    desk = Desk(store, library, jobs)
    desk.own_pass.start_in("concurrent")
    window = HilumWindow(desk)
    window.show()
    sitting = Sitting(window, desk, jobs, Children(jobs))
    sitting.open(chest(uid), chest(f"{uid}.2"))
    desk.segment_lungs()
    sitting.children.lungs()
    desk.find_nodules()
    sitting.children.nodules(*CANDIDATES)
    for action in ("accept", "report", "passport", "layout-compare", "layout-read", "edit"):
        window.actions_by_id[action].trigger()
    window.close()
    end(window, desk, jobs)
    store.close()
    library.close()


@pytest.mark.usefixtures("strict", "at_once", "themed", "hilum_home")
def test_a_window_that_ended_leaves_no_object_no_block_and_no_file(qtbot: QtBot) -> None:
    sit_down_and_leave("1.1")  # what is loaded once and kept, a font, an icon
    before = living()
    for n in range(3):
        sit_down_and_leave(f"1.{n + 2}")
    assert living() - before == Counter()


@pytest.mark.usefixtures("hilum_home")
def test_a_program_that_is_closed_leaves_nothing_either(qtbot: QtBot) -> None:
    compose().close()
    before = living()
    for _ in range(2):
        program = compose(mode="concurrent")
        program.window.show()
        program.window.close()
        program.close()
        del program
    assert living() - before == Counter()


def test_what_ended_already_ends_no_second_time() -> None:
    class Told(QObject):
        told = Signal()

    one, two = Told(), Told()
    one.told.connect(lambda: two)  # held where no collector looks
    end(one, two)
    end(one, two)
    with pytest.raises(RuntimeError):
        one.told.emit()
