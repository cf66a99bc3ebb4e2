"""Another language while a study is read: the window changes, the reading does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.fakes import CANDIDATES, Children, FakeJobs, chest
from tests.volume.fakes import FakeSession
from tests.window.conftest import Sitting
from tests.window.test_cuts import SOFT
from viewer.app import Program, compose
from viewer.dicom.io_messages import Load, Look
from viewer.language.spoken import speak, spoken
from viewer.notices import EXPORT
from viewer.reading.events import Answer
from viewer.views.layouts import COMPARE, VOLUMES
from viewer.views.slice_view import SliceView
from viewer.views.state import Window

Key = Qt.Key


@pytest.fixture
def english() -> Iterator[None]:
    yield
    speak("en")


@pytest.fixture
def program(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    hilum_home: Path,
    strict: None,
    at_once: None,
    english: None,
) -> Iterator[Program]:
    """The whole program, its children fakes, a study open and searched."""
    monkeypatch.setattr("viewer.app.Jobs", FakeJobs)
    made = compose(mode="concurrent", language="en")
    made.window.show()
    open_study(made)
    made.desk.segment_lungs()
    children(made).lungs()
    made.desk.find_nodules()
    children(made).nodules(*CANDIDATES)
    yield made
    made.window.close()
    made.close()


def children(program: Program) -> Children:
    assert isinstance(program.jobs, FakeJobs)
    return Children(program.jobs)


def open_study(program: Program) -> None:
    program.desk.open(Path("study"))
    answer_for_study(program)


def answer_for_study(program: Program) -> None:
    children(program).find()
    children(program).load()


def switch(program: Program, qtbot: QtBot) -> None:
    """F8, and the study read anew by the new window's children."""
    before = program.window
    QTest.keyClick(program.window, Key.Key_F8)
    qtbot.waitUntil(lambda: program.window is not before)
    if program.desk.opening.busy:
        answer_for_study(program)


def test_f8_leaves_every_picture_as_large_as_it_was(program: Program, qtbot: QtBot) -> None:
    program.window.resize(1440, 900)
    program.desk.select("a")
    QApplication.processEvents()
    before = {name: view.camera.mm_per_px for name, view in shown(program).items()}
    switch(program, qtbot)
    QApplication.processEvents()
    for name, view in shown(program).items():
        assert view.camera.mm_per_px == pytest.approx(before[name], rel=0.15)
        assert not view.camera.touched, "no hand has moved it"


def shown(program: Program) -> dict[str, SliceView]:
    panes = program.window.panes
    return {name: panes.views[name] for name in panes.shown if name in panes.views}


def test_f8_changes_the_language_and_keeps_the_reading(program: Program, qtbot: QtBot) -> None:
    program.desk.select("a")
    program.desk.answer(Answer.ACCEPT)
    program.desk.select("b")
    program.desk.answer(Answer.REJECT)
    assert program.desk.reading is not None
    states, reading = dict(program.desk.reading.states), program.desk.reading.id
    switch(program, qtbot)
    assert spoken().code == "zh"
    assert program.window.side.tabs[0].text() == "发现"
    assert program.desk.reading is not None
    assert program.desk.reading.id == reading and dict(program.desk.reading.states) == states
    assert program.desk.reading.mode == "concurrent" and program.desk.own_pass.chosen
    program.desk.undo()
    assert program.desk.reading.states["b"] != "rejected", "undo goes on where it was"
    switch(program, qtbot)
    assert program.window.side.tabs[0].text() == "Findings"
    assert program.library.setting("language") == "en", "from the next start on too"


def test_nothing_is_read_again_and_nothing_is_lost(program: Program, qtbot: QtBot) -> None:
    jobs, scan, reading = program.jobs, program.desk.scan, program.desk.reading
    assert isinstance(jobs, FakeJobs) and scan is not None and reading is not None
    program.desk.export()
    children(program).export(Path("out") / "lungs.dcm")
    saved = program.window.banners.shown[-1].notice
    small, asked = dict(program.window.studies.pictures), len(jobs.io.asked)
    assert saved.about == EXPORT and scan.series.key in small
    steps = len(reading.history)
    before = program.window
    QTest.keyClick(program.window, Key.Key_F8)
    qtbot.waitUntil(lambda: program.window is not before)
    window, desk = program.window, program.desk
    assert not desk.opening.busy and desk.scan is scan, "the same voxels"
    assert window.centre.currentWidget() is window.panes, "no start page in between"
    assert window.panes.views["axial"].volume is scan.volume
    assert desk.reading is not None and desk.reading.findings == reading.findings
    assert not desk.reading.closed and not any(
        isinstance(request, (Look, Load)) for request in jobs.io.asked[asked:]
    )
    assert len(desk.reading.history) >= steps
    assert not jobs.io.closed, "its children go on"
    assert window.studies.pictures.keys() >= small.keys()
    told = [banner.notice for banner in window.banners.shown if banner.notice.about == EXPORT]
    assert len(told) == 1 and told[0].action == "open-export-folder"
    assert told[0].sentence != saved.sentence and told[0].remedy == saved.remedy
    program.desk.find_nodules()
    assert program.jobs.running("nodules") is not None, "the new window asks and hears"
    children(program).nodules(*CANDIDATES)
    assert program.jobs.running("nodules") is None


def test_the_pictures_stay_as_they_were(program: Program, qtbot: QtBot) -> None:
    window = program.window
    window.panes.set_window(Window(350, 40))
    window.panes.set_invert(True)
    window.toggle_patient()
    program.desk.select("b")
    current = program.desk.current
    window.panes.go_to((1.0, 2.0, 4.0))
    window.pages.show(window.pages.report)
    window.resize(1111, 777)
    crosshair = window.panes.state.crosshair_lps
    switch(program, qtbot)
    window = program.window
    assert window.panes.state.window == Window(350, 40) and window.panes.state.invert
    assert window.panes.state.patient_hidden
    qtbot.waitUntil(lambda: window.panes.state.crosshair_lps == pytest.approx(crosshair, abs=1e-2))
    assert program.desk.current == current
    assert window.side.page is window.pages.report
    assert (window.width(), window.height()) == (1111, 777)


def test_the_layout_stays_and_the_second_series_is_read_anew(
    program: Program, qtbot: QtBot
) -> None:
    program.desk.open(Path("study"))
    children(program).find(chest(), SOFT)
    children(program).load()
    QTest.keyClick(program.window, Key.Key_F3)
    jobs = program.jobs
    assert isinstance(jobs, FakeJobs)
    assert jobs.asked(Load).series.key == SOFT.key
    children(program).load()
    assert program.window.panes.second is not None
    before = program.window
    QTest.keyClick(program.window, Key.Key_F8)
    qtbot.waitUntil(lambda: program.window is not before)
    window, jobs = program.window, program.jobs
    qtbot.waitUntil(lambda: jobs.running("second") is not None)
    children(program).load()
    assert window.panes.layout_shown.name == COMPARE
    assert isinstance(jobs, FakeJobs)
    qtbot.waitUntil(lambda: window.cuts.comparing.series is not None)
    assert jobs.asked(Load).series.key == SOFT.key, "it is read again, without F3"
    assert window.panes.second is not None


def test_the_3d_layout_stays_and_its_picture_too(
    program: Program, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.volume.view.VolumeSession", lambda parent: FakeSession())
    QTest.keyClick(program.window, Key.Key_V)
    assert program.window.volume.pane is not None
    program.window.volume.pane.show_3d()
    switch(program, qtbot)
    assert program.window.panes.layout_shown.name == VOLUMES
    pane = program.window.volume.pane
    assert pane is not None and pane.asked


def test_work_that_runs_is_not_lost(program: Program, qtbot: QtBot) -> None:
    before = program.window
    program.desk.segment_lungs()
    told: list[str] = []
    program.desk.noticed.connect(lambda notice: told.append(notice.sentence))
    QTest.keyClick(program.window, Key.Key_F8)
    QTest.qWait(50)
    assert program.window is before and spoken().code == "en"
    assert told == ["Work still runs. Wait for it or stop it with Esc; then change the language."]


def test_the_words_that_are_being_typed_are_kept(program: Program, qtbot: QtBot) -> None:
    program.window.pages.show(program.window.pages.report)
    program.window.pages.report.findings.setFocus()
    QTest.keyClicks(program.window.pages.report.findings, "One nodule.")
    switch(program, qtbot)
    assert program.window.pages.report.findings.text == "One nodule."


def test_the_status_bar_names_the_other_language_in_itself(sitting: Sitting) -> None:
    asked: list[str] = []
    sitting.window.language_asked.connect(asked.append)
    part = sitting.window.status.language
    assert part.label.text() == "中文"
    sitting.click(part, part.rect().center())
    assert asked == ["zh"]
