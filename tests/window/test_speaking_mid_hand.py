"""F8 while the hand is at something: it ends as by Enter or a click elsewhere, and that is told."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.editing.test_window import mask, stroke
from tests.measuring.conftest import Artist
from tests.window.conftest import CTRL, Sitting
from tests.window.programs import children, switch
from viewer.app import Program
from viewer.editing.hold import ERASE, SCISSORS
from viewer.language.spoken import spoken
from viewer.measuring.shapes import Kind
from viewer.panels.labels import label_word
from viewer.reading.events import Answer

Key = Qt.Key


def sitting_at(program: Program) -> Sitting:
    return Sitting(program.window, program.desk, program.jobs, children(program))  # type: ignore[arg-type]


def artist_at(program: Program) -> Artist:
    program.window.panes.go_to((0.0, 0.0, 0.0))
    return Artist(sitting_at(program))


def toast(program: Program) -> str:
    told = program.window.toast
    assert not told.isHidden()
    return told.label.text().replace("\n", " ")


def typing_on(program: Program) -> bool:
    return any(field.isVisible() for field in program.window.panes.findChildren(QLineEdit))


def test_a_label_that_is_being_typed_is_kept(program: Program, qtbot: QtBot) -> None:
    program.window.panes.go_to((0.0, 0.0, 0.0))
    program.window.activateWindow()
    QTest.keyClick(program.window, Key.Key_M)
    own = program.desk.current
    program.window.findings.ask_label()
    QTest.keyClicks(program.window.findings.labelling.field, "effusion axn")
    switch(program, qtbot)
    assert own is not None and program.desk.own.label_of(own) == "effusion axn"
    assert "effusion axn" in toast(program)
    program.desk.undo()
    assert program.desk.own.label_of(own) != "effusion axn"


def test_a_kind_named_in_the_old_language_is_that_kind(program: Program, qtbot: QtBot) -> None:
    switch(program, qtbot)
    program.window.panes.go_to((0.0, 0.0, 0.0))
    QTest.keyClick(program.window, Key.Key_M)
    own = program.desk.current
    assert own is not None
    program.window.findings.ask_label()
    field = program.window.findings.labelling.field
    kind = next(kind for kind in program.window.findings.labelling.chips if kind != "nodule")
    assert not label_word(kind).isascii()
    typed = QInputMethodEvent()
    typed.setCommitString(label_word(kind))
    QApplication.sendEvent(field, typed)
    switch(program, qtbot)
    assert spoken().code == "en" and program.desk.reading is not None
    assert program.desk.reading.labels[own].label == kind


def test_an_arrow_keeps_the_words_typed_for_it(program: Program, qtbot: QtBot) -> None:
    artist = artist_at(program)
    artist.choose(Kind.ARROW)
    artist.drag((0.0, 0.0, artist.z), (10.0, 0.0, artist.z), (20.0, 0.0, artist.z))
    field = program.window.panes.findChildren(QLineEdit)[-1]
    QTest.keyClicks(field, "tether")
    switch(program, qtbot)
    (arrow,) = program.desk.measuring.measured
    assert arrow.shape.kind is Kind.ARROW
    assert program.desk.measuring.label_of(arrow.shape) == "tether"
    program.desk.undo()
    assert program.desk.measuring.measured == (), "Undo means the arrow, no step before it"


def test_words_typed_for_a_drawing_are_kept(program: Program, qtbot: QtBot) -> None:
    artist = artist_at(program)
    artist.length()
    program.window.measuring.name_selected()
    field = program.window.panes.findChildren(QLineEdit)[-1]
    QTest.keyClicks(field, "Aorta")
    switch(program, qtbot)
    (line,) = program.desk.measuring.measured
    assert program.desk.measuring.label_of(line.shape) == "Aorta" and not typing_on(program)


def test_the_first_of_two_axes_is_kept_as_a_length_and_that_is_told(
    program: Program, qtbot: QtBot
) -> None:
    artist = artist_at(program)
    artist.choose(Kind.BIDIRECTIONAL)
    artist.drag((0.0, 0.0, artist.z), (10.0, 0.0, artist.z), (20.0, 0.0, artist.z))
    artist.hover((12.0, 5.0, artist.z))
    switch(program, qtbot)
    (line,) = program.desk.measuring.measured
    assert line.shape.kind is Kind.LENGTH
    assert line.figures.length_mm == pytest.approx(20, abs=0.5)
    assert "长度 1" in toast(program), "in the language that the window speaks now"


def test_what_cannot_be_whole_is_given_up_and_that_is_told(program: Program, qtbot: QtBot) -> None:
    artist = artist_at(program)
    artist.choose(Kind.ANGLE)
    artist.drag((0.0, 0.0, artist.z), (10.0, 0.0, artist.z), (20.0, 0.0, artist.z))
    switch(program, qtbot)
    assert program.desk.measuring.measured == ()
    assert toast(program)


def edit(program: Program) -> Sitting:
    program.window.resize(1440, 900)
    program.desk.select("a")
    QApplication.processEvents()
    program.window.panes.zoom(2.5, "coronal")
    program.window.panes.views["coronal"].pan(QPointF(12, 7))
    QTest.keyClick(program.window, Key.Key_E)
    QApplication.processEvents()
    assert program.desk.editing.field is not None
    return sitting_at(program)


def test_an_edit_ends_as_by_enter_with_its_view_given_back(program: Program, qtbot: QtBot) -> None:
    program.desk.select("a")
    views = program.window.panes.views
    program.window.resize(1440, 900)
    QApplication.processEvents()
    at = edit(program)
    looks = {n: view.camera.place for n, view in views.items() if n != "coronal"}
    stroke(at, (20, 26))
    painted = mask(at)
    QTest.keyClick(program.window, Key.Key_Return)
    QApplication.processEvents()
    by_enter = {name: view.camera.place for name, view in views.items()}
    assert by_enter["axial"] != pytest.approx(looks["axial"], abs=0.01)
    program.desk.undo()
    QTest.keyClick(program.window, Key.Key_E)
    QApplication.processEvents()
    stroke(at, (20, 26))
    switch(program, qtbot)
    at = sitting_at(program)
    assert (mask(at) == painted).all()
    reading = program.desk.reading
    assert reading is not None and reading.verdicts["a"].answer is Answer.ACCEPT
    assert program.desk.editing.field is None and program.window.editing.strip.isHidden()
    qtbot.waitUntil(lambda: program.desk.current == "a")
    QApplication.processEvents()
    panes = program.window.panes
    assert panes.state.tool != "edit"
    for name in panes.shown:
        if name in panes.views:
            place = panes.views[name].camera.place
            assert place == pytest.approx(by_enter[name], abs=0.2), name
    assert "已编辑并接受" in toast(program)
    QTest.keyClick(program.window, Key.Key_Z, CTRL)
    reading = program.desk.reading
    assert reading is not None and "a" not in reading.verdicts and (mask(at) != painted).any()


def test_a_line_of_the_scissors_is_closed_as_by_enter(program: Program, qtbot: QtBot) -> None:
    at = edit(program)
    before = mask(at)
    program.desk.editing.choose(SCISSORS)
    for place in ((16, 16), (16, 20), (25, 20), (25, 16)):
        stroke(at, place)
    assert program.window.editing.tool.drawing
    switch(program, qtbot)
    assert (mask(sitting_at(program)) != before).any()


def test_an_edit_that_left_nothing_goes_on_and_says_why(program: Program, qtbot: QtBot) -> None:
    at = edit(program)
    program.desk.editing.choose(ERASE)
    program.desk.editing.resize(40)
    for k in range(10, 30):
        program.window.panes.go_to(_centre(program, k))
        stroke_at_slice(at, k)
    field = program.desk.editing.field
    assert field is not None and field.empty
    before = program.window
    QTest.keyClick(program.window, Key.Key_F8)
    QTest.qWait(50)
    assert program.window is before and spoken().code == "en"
    assert toast(program).startswith("The mask is empty.")


def _centre(program: Program, k: int) -> tuple[float, float, float]:
    assert program.desk.scan is not None
    x, y, z = program.desk.scan.volume.geometry.lps_of((k, 20, 20))
    return float(x), float(y), float(z)


def stroke_at_slice(at: Sitting, k: int) -> None:
    view = at.window.panes.views["axial"]
    x, y = view.view().pixels_of(view.volume.geometry.lps_of((k, 20, 20)))  # type: ignore[union-attr]
    QTest.mouseClick(
        view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPointF(x, y).toPoint()
    )
