"""Where readings cannot be saved the window opens all the same, and says so while it is open."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtTest import QTest

from ai.errors import BadInput
from tests.flows.kill import begin_reading, quick_study
from viewer import app
from viewer.app import compose
from viewer.home import home
from viewer.reading.converters import SCHEMA
from viewer.reading.events import Answer, FindingsProposed
from viewer.reading.store import Store

UNSAVED = "Hilum: readings are not saved"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return quick_study(tmp_path_factory.mktemp("quick") / "study")


@pytest.fixture
def window(hilum_home, qapp):
    """Opens windows on HILUM_HOME as it is by then, and closes them."""
    opened = []

    def open_one():
        program = compose(mode="concurrent")
        opened.append(program)
        program.window.show()
        return program

    yield open_one
    for program in opened:
        if shiboken6.isValid(program.window):
            program.window.close()
            program.close()


def banners(program):
    return [banner.notice for banner in program.window.banners.shown]


def wait(question):
    for _ in range(3000):
        if question():
            return
        QTest.qWait(20)
    pytest.fail("it never came")


def look_at(program, study):
    program.jobs.warm_up()
    program.desk.open(study)
    wait(lambda: program.desk.scan is not None and program.desk.scan.complete)


def propose_as(path):
    """The proposals of the reading that begin_reading() made."""
    store = Store(path)
    rows = store.rows("script")
    store.close()
    return next(row.event for row in rows if isinstance(row.event, FindingsProposed))


def test_a_window_whose_log_is_whole_says_nothing(window):
    program = window()
    assert program.window.windowTitle() == "Hilum"
    assert banners(program) == []


def test_on_a_damaged_log_a_study_is_looked_at_and_judged_and_each_study_says_it_again(
    window, study, hilum_home
):
    begin_reading(study)
    path = home() / "readings.sqlite"
    proposals = propose_as(path)
    path.write_bytes(b"\xa5" * 5000 + path.read_bytes()[5000:])
    before = path.read_bytes()
    program = window()
    desk = program.desk
    assert program.window.windowTitle() == UNSAVED
    (told,) = banners(program)
    assert told.sentence == "Readings are not saved. The log is damaged and was left as it is."
    assert "HILUM_HOME" in told.remedy and told.level == "refused", "a refusal cannot be closed"
    look_at(program, study)
    assert any("not saved" in notice.sentence for notice in banners(program))
    assert desk.record(proposals)
    desk.make_first_current()
    desk.answer(Answer.ACCEPT)
    assert "accepted" in desk.reading.states.values()
    desk.undo()
    assert "accepted" not in desk.reading.states.values()
    assert any("not saved" in notice.sentence for notice in banners(program))
    program.window.close()
    assert path.read_bytes() == before


def test_a_newer_log_is_left_to_the_newer_hilum(window, hilum_home):
    path = home() / "readings.sqlite"
    Store(path).close()
    with sqlite3.connect(path) as log:
        log.execute(f"UPDATE meta SET value = '{SCHEMA + 1}'")
    log.close()
    before = path.read_bytes()
    program = window()
    assert program.window.windowTitle() == UNSAVED
    assert "newer Hilum" in banners(program)[0].sentence
    program.window.close()
    assert path.read_bytes() == before


def test_without_a_data_folder_the_window_has_a_passing_one_that_goes_with_it(
    window, monkeypatch, tmp_path
):
    (tmp_path / "a file").write_text("where the folder should be")
    monkeypatch.setenv("HILUM_HOME", str(tmp_path / "a file" / "home"))
    program = window()
    assert program.window.windowTitle() == UNSAVED
    assert "data folder cannot be made" in banners(program)[0].sentence
    passing = Path(os.environ["HILUM_HOME"])
    assert passing.stat().st_mode & 0o777 == 0o700
    program.window.close()
    program.close()
    assert not passing.exists()


def test_a_damaged_library_costs_the_list_of_studies_and_no_reading(window, study, hilum_home):
    begin_reading(study)
    (home() / "library.sqlite").write_bytes(b"no database" * 900)
    program = window()
    assert program.window.windowTitle() == "Hilum", "readings are saved"
    assert "library of studies is damaged" in banners(program)[0].sentence
    look_at(program, study)
    assert program.desk.reading.id == "script"


def test_only_errors_of_ours_make_a_passing_folder(monkeypatch):
    def fail():
        raise BadInput("Hilum's data folder cannot be made: no.")

    monkeypatch.setattr(app, "home", fail)
    monkeypatch.setenv("HILUM_HOME", "unset by the test")
    why, passing = app._home_or_passing()
    assert "cannot be made" in why.sentence and passing.is_dir()
    passing.rmdir()
