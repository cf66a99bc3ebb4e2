"""Another language while a study is read: the window changes, the reading does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.fakes import CANDIDATES, FakeJobs, chest
from tests.volume.fakes import NO_CARD, FakeSession
from tests.window.conftest import Sitting
from tests.window.programs import children, switch
from tests.window.test_cuts import SOFT
from tests.window.test_priors import NOW, PRIOR
from tests.window.test_studies import study
from viewer.app import Program
from viewer.dicom.io_messages import Load, Look
from viewer.language.spoken import spoken
from viewer.measuring.shapes import Kind, Shape
from viewer.notices import EXPORT
from viewer.reading.events import Answer
from viewer.views.layouts import AXIAL_2, COMPARE, VOLUMES
from viewer.views.slice_view import SliceView
from viewer.views.state import Window
from viewer.volume.cover import ENDED, SHOWN
from viewer.window.speaking import Sight, tell_again
from viewer.window.window import HilumWindow

Key = Qt.Key


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


def test_the_order_on_screen_stays_though_more_was_seen_since(
    program: Program, qtbot: QtBot
) -> None:
    order = program.desk.order
    program.desk.select(order[0])
    program.desk.answer(Answer.REJECT)
    program.desk.select(order[0])
    program.desk.answer(Answer.ACCEPT)
    before = program.desk.order
    for finding in reversed(before):
        program.desk.select(finding)
    assert program.desk.order == before
    replayed = program.desk.agent._turn
    switch(program, qtbot)
    assert program.desk.order == before and program.desk.agent._turn is replayed


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
    window.panes.set_tool("hand")
    window.panes.activate("coronal")
    window.panes.go_to((1.0, 2.0, 4.0))
    window.pages.show(window.pages.report)
    window.resize(1211, 777)
    crosshair = window.panes.state.crosshair_lps
    switch(program, qtbot)
    window = program.window
    assert window.panes.state.window == Window(350, 40) and window.panes.state.invert
    assert window.panes.state.patient_hidden
    qtbot.waitUntil(lambda: window.panes.state.crosshair_lps == pytest.approx(crosshair, abs=1e-2))
    assert program.desk.current == current
    assert window.panes.state.tool == "hand" and window.panes.active == "coronal"
    assert window.side.page is window.pages.report
    assert (window.width(), window.height()) == (1211, 777)


def test_zoom_turned_planes_and_the_selected_measurement_stay(
    program: Program, qtbot: QtBot
) -> None:
    window = program.window
    program.desk.select("b")
    drawn = Shape("one", Kind.LENGTH, 1, ((0.0, 0.0, 4.0), (8.0, 0.0, 4.0)), (0.0, 0.0, 1.0))
    program.desk.measuring.add(drawn)
    assert program.desk.measuring.selected is not None
    window.panes.turn_planes("axial", 20)
    window.panes.zoom(2.5, "coronal")
    window.panes.views["coronal"].pan(QPointF(12, 7))
    QApplication.processEvents()
    looks = {name: view.camera.place for name, view in shown(program).items()}
    planes = window.panes.state.planes
    switch(program, qtbot)
    qtbot.waitUntil(lambda: program.desk.measuring.selected is not None)
    assert program.desk.measuring.selected.id == "one"
    assert program.desk.current == "b"
    assert program.window.panes.state.planes == planes
    for name, view in shown(program).items():
        assert view.camera.place == pytest.approx(looks[name], abs=0.01), name
        assert view.camera.touched == (name == "coronal")


def test_the_layout_stays_and_the_second_series_lies_where_it_lay(
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
    panes = program.window.panes
    assert panes.second is not None
    voxels, asked = panes.second.volume, len(jobs.io.asked)
    panes.set_linked(True)
    panes.set_linked(False)
    panes.activate(AXIAL_2)
    panes.set_window(Window(350, 40))
    panes.show_place_of_second((3.0, 4.0, 5.0))
    apart, first = panes.linking.own_of((0, 0, 0)), panes.state.window
    switch(program, qtbot)
    window = program.window
    assert window.panes.layout_shown.name == COMPARE
    qtbot.waitUntil(lambda: window.panes.second is not None)
    second = window.panes.second
    assert second is not None and second.volume is voxels, "the same voxels"
    assert window.cuts.comparing.series is not None
    assert isinstance(jobs, FakeJobs) and not any(
        isinstance(request, (Look, Load)) for request in jobs.io.asked[asked:]
    )
    assert not window.panes.linked, "it was apart from the first"
    assert window.panes.linking.own_of((0, 0, 0)) == apart
    assert window.panes.linking.window == Window(350, 40) and window.panes.state.window == first
    window.cuts.close_second()
    assert window.panes.second is None and window.cuts.comparing.series is None


def test_a_prior_that_was_told_of_is_not_told_of_again(program: Program, qtbot: QtBot) -> None:
    program.desk.open(Path("study"))
    children(program).find(NOW, PRIOR)
    children(program).load()
    assert "earlier chest CT" in program.window.toast.label.text()
    switch(program, qtbot)
    QApplication.processEvents()
    assert program.window.toast.isHidden()


def test_the_way_back_to_the_study_before_is_kept(
    program: Program, qtbot: QtBot, folders_lie_there: None
) -> None:
    program.desk.open(Path("another"))
    children(program).find(study(2), path=Path("another"))
    children(program).load()
    switch(program, qtbot)
    switch(program, qtbot)
    QTest.keyClick(program.window, Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    children(program).find()
    children(program).load()
    assert program.desk.scan is not None
    assert program.desk.scan.series.study_uid == chest().study_uid
    QTest.keyClick(program.window, Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    children(program).find(study(2), path=Path("another"))
    children(program).load()
    assert program.desk.scan.series.study_uid == "2.9"


def test_the_3d_layout_stays_and_its_picture_too(
    program: Program, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[FakeSession] = []

    def new(parent: QObject) -> FakeSession:
        made.append(FakeSession())
        return made[-1]

    monkeypatch.setattr("viewer.volume.view.VolumeSession", new)
    monkeypatch.setattr("viewer.volume.moving.VolumeSession", new)
    QTest.keyClick(program.window, Key.Key_V)
    assert program.window.volume.pane is not None
    program.window.volume.pane.show_3d()
    session = made[0]
    session.is_ready(NO_CARD)
    session.send()
    canvas = program.window.volume.pane.canvas
    program.window.volume.pane.set_preset("bone")
    canvas.move_to(canvas.camera.turned(30, 10).zoomed(1.5))
    session.send()
    camera, scan, before = canvas.camera, session.told["scan"], len(session.looks)
    switch(program, qtbot)
    assert program.window.panes.layout_shown.name == VOLUMES
    pane = program.window.volume.pane
    assert pane is not None and pane.asked and pane.state == SHOWN
    assert pane.session is session and not session.closed, "its process goes on"
    assert session.starts == [False], "and was not started again"
    assert session.told["scan"] == scan and session.told["lungs"][0] is not None
    assert pane.canvas.camera == camera and pane.preset == "bone"
    assert pane.canvas.picture is not None, "no gap in between"
    qtbot.waitUntil(lambda: len(session.looks) > before)
    size = pane.canvas.width(), pane.canvas.height()
    asked = [(one.width, one.height) for one in session.looks[before:]]
    assert set(asked) == {size}, "none for a pane that has not its room yet: each is awaited"
    assert session.looks[-1].camera == camera
    session.dies()
    assert pane.state == ENDED, "it hears of its process"


def test_keys_typed_while_the_window_changes_are_acted_upon(
    program: Program, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.desk.select("a")
    before = program.window

    def types_on(window: HilumWindow, sight: Sight) -> None:
        """As the system does it: queued for the window that had the focus."""
        for key, text in ((Key.Key_A, "a"), (Key.Key_I, "i")):
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
                QApplication.postEvent(before.windowHandle(), event)
        tell_again(window, sight)

    monkeypatch.setattr("viewer.app.tell_again", types_on)
    switch(program, qtbot)
    qtbot.waitUntil(lambda: program.window.panes.state.invert)
    assert program.desk.reading is not None
    assert program.desk.reading.states["a"] == "accepted"


def test_letters_go_on_into_the_field_they_went_to(program: Program, qtbot: QtBot) -> None:
    program.window.pages.show(program.window.pages.report)
    program.window.pages.report.findings.setFocus()
    QTest.keyClicks(program.window.pages.report.findings, "One nodule. ")
    switch(program, qtbot)
    field = program.window.pages.report.findings
    qtbot.waitUntil(field.hasFocus)
    QTest.keyClicks(field, "Solid.")
    assert field.text == "One nodule. Solid."


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
