"""Banners in another language: what they offer is still true, and is told in the new words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ai.scan.check import ONLY_OTHER, CheckPlace
from ai.scan.finding import BoxMask, Origin
from ai.scan.labelmap import MadeBy
from tests.fakes import FakeJobs
from tests.window.programs import open_study, switch
from viewer.app import Program
from viewer.dicom.io_messages import Export, ReadSeg, SegRead
from viewer.dicom.masks.content import NamedMask
from viewer.notices import BANNER
from viewer.reading.events import SECOND
from viewer.reading.lung_events import LungsCompared

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier


def leaving(program: Program) -> list[str]:
    told = [one.notice for one in program.window.banners.shown if one.notice.about == "leaving"]
    return [f"{notice.sentence} {notice.remedy}" for notice in told]


def exports(program: Program) -> int:
    jobs = program.jobs
    assert isinstance(jobs, FakeJobs)
    return sum(isinstance(one, Export) for one in jobs.io.asked)


@pytest.fixture
def asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it ships: who exports is asked about lung that was not shown."""
    monkeypatch.setattr("viewer.window.leaving.GOAL", 0.95)


def test_an_export_that_waits_for_an_answer_waits_on(
    program: Program, qtbot: QtBot, asks: None
) -> None:
    QTest.keyClick(program.window, Key.Key_E, CTRL)
    assert len(leaving(program)) == 1 and program.window.leaving.counts_down
    switch(program, qtbot)
    (told,) = leaving(program)
    assert "再按 Ctrl+E 仍要导出" in told
    assert not program.window.leaving.counts_down, "who changed the language is there"
    assert exports(program) == 0
    QTest.keyClick(program.window, Key.Key_E, CTRL)
    assert exports(program) == 1 and not leaving(program)


def test_an_export_given_up_is_given_up_in_the_other_language_too(
    program: Program, qtbot: QtBot, asks: None
) -> None:
    QTest.keyClick(program.window, Key.Key_E, CTRL)
    switch(program, qtbot)
    QTest.keyClick(program.window, Key.Key_Escape)
    assert not leaving(program) and exports(program) == 0


def test_marks_that_wait_for_the_own_pass_wait_on(
    program: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    program.desk.own_pass.start_in(SECOND)
    jobs, file = program.jobs, tmp_path / "nodules.dcm"
    assert isinstance(jobs, FakeJobs)
    program.desk.set_reader("Dr Ray")  # who takes along what was read without a name
    program.desk.set_reader("Dr New")
    open_study(program)
    program.desk.segs.read([file], asked=False, then=lambda: None)
    box = BoxMask((10, 20, 20), np.ones((3, 4, 5), bool))
    origin = Origin("SEG", "AUTOMATIC", "T1", "2.25.1")
    found = NamedMask("nodule", "2.25.1", box, MadeBy("ALGO", ""), origin=origin)
    jobs.say(SegRead(jobs.asked(ReadSeg).job, None, (found,)))
    assert [one.notice.action for one in program.window.banners.shown] == ["show-marks-now"]
    switch(program, qtbot)
    (banner,) = program.window.banners.shown
    assert banner.notice.action == "show-marks-now" and "ALGO" in banner.notice.sentence
    assert "wait" not in banner.notice.sentence, "in the new words"
    program.window.actions_by_id["show-marks-now"].trigger()
    assert program.desk.reading is not None and len(program.desk.reading.findings) == 1
    assert not program.window.banners.shown


def test_places_to_check_are_told_in_the_other_language(program: Program, qtbot: QtBot) -> None:
    desk = program.desk
    assert desk.reading is not None
    place = CheckPlace((0.0, 0.0, 0.0), 40.0, ONLY_OTHER, 2)
    told = LungsCompared(desk.reading.lungs_row, "lungs-unet", "1.1", (0.9, 0.9), (place,))
    assert desk.record(told)
    desk.checking.tell_places(BANNER)
    switch(program, qtbot)
    shown = [one.notice for one in program.window.banners.shown]
    (banner,) = (notice for notice in shown if notice.action == "check-next")
    assert "disagree" not in banner.sentence and "1" in banner.sentence
