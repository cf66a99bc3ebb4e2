"""What a reader has half typed stands there after F8, and never goes to another study."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from tests.window.conftest import CTRL, SHIFT, Sitting
from tests.window.programs import switch
from tests.window.test_stopped_exports import named
from viewer.app import Program, compose

Key = Qt.Key


def typing(program: Program) -> QLineEdit:
    field = program.window.focusWidget()
    assert isinstance(field, QLineEdit) and field.isVisible()
    return field


def test_a_word_that_looks_for_a_study_goes_on(program: Program, qtbot: QtBot) -> None:
    program.window.find_study()
    QTest.keyClicks(program.window.studies.search, "Doe")
    program.window.studies.search.setCursorPosition(1)
    switch(program, qtbot)
    qtbot.waitUntil(lambda: program.window.studies.search.isVisible())
    assert program.window.studies.search.text() == "Doe"
    qtbot.waitUntil(lambda: program.window.focusWidget() is program.window.studies.search)
    QTest.keyClicks(typing(program), "x")
    assert program.window.studies.search.text() == "Dxoe"


def test_a_word_that_looks_for_a_finding_goes_on(program: Program, qtbot: QtBot) -> None:
    program.window.findings.start_search()
    QTest.keyClicks(program.window.findings.search, "RU")
    switch(program, qtbot)
    qtbot.waitUntil(lambda: program.window.findings.search.isVisible())
    assert program.window.findings.search.text() == "RU" == program.window.findings.wanted
    qtbot.waitUntil(lambda: program.window.focusWidget() is program.window.findings.search)


def test_a_readers_name_goes_on_and_is_nobodys_yet(program: Program, qtbot: QtBot) -> None:
    program.desk.set_reader("Dr Ray")
    program.window.status.ask_reader()
    QTest.keyClicks(program.window.status.field, "Dr Ne")
    switch(program, qtbot)
    qtbot.waitUntil(lambda: program.window.status.field.isVisible())
    assert program.window.status.field.text() == "Dr Ne" and program.desk.reader == "Dr Ray"
    qtbot.waitUntil(lambda: program.window.focusWidget() is program.window.status.field)
    QTest.keyClicks(typing(program), "w")
    QTest.keyClick(typing(program), Key.Key_Return)
    assert program.desk.reader == "Dr New"


def test_a_key_looked_for_goes_on(program: Program, qtbot: QtBot) -> None:
    program.window.toggle_keys()
    QTest.keyClicks(program.window.keysheet.field, "slab")
    switch(program, qtbot)
    qtbot.waitUntil(lambda: program.window.keysheet.isVisible())
    assert program.window.keysheet.field.text() == "slab"


@pytest.fixture
def idle(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, hilum_home: object, english: None
) -> object:
    from tests.fakes import FakeJobs

    monkeypatch.setattr("viewer.app.Jobs", FakeJobs)
    made = compose(language="en")
    made.window.show()
    yield made
    made.window.close()
    made.close()


def test_a_name_on_the_first_page_goes_on(idle: Program, qtbot: QtBot) -> None:
    card = idle.window.findings.reader_card
    assert card.isVisible()
    card.field.setFocus()
    card.field.selectAll()
    QTest.keyClicks(card.field, "Dr Ne")
    before = idle.window
    QTest.keyClick(idle.window, Key.Key_F8)
    qtbot.waitUntil(lambda: idle.window is not before)
    field = idle.window.findings.reader_card.field
    assert field.text() == "Dr Ne" and idle.desk.reader != "Dr Ne"
    qtbot.waitUntil(lambda: idle.window.focusWidget() is field)


def test_a_name_waits_in_its_field_while_another_study_is_opened(read: Sitting) -> None:
    status = read.window.status
    before = read.desk.reader
    status.ask_reader()
    QTest.keyClicks(status.field, "Dr Ne")
    read.open(named("1.7", "Roe^Richard"))
    QApplication.processEvents()
    assert status.field.isVisible() and status.field.text() == "Dr Ne"
    assert read.desk.reader == before, "half a name is nobody's"
    status.field.setFocus()
    read.key(Key.Key_Escape)
    assert status.field.isHidden() and read.desk.reader == before


def test_a_word_for_a_finding_of_one_study_hides_none_of_another(read: Sitting) -> None:
    findings = read.window.findings
    findings.start_search()
    QTest.keyClicks(findings.search, "RUZ")
    read.open(named("1.7", "Roe^Richard"))
    assert findings.wanted == "" and findings.search.isHidden()


def test_the_reason_of_one_amendment_never_stands_at_another(read: Sitting) -> None:
    report = read.window.pages.report

    def amend() -> None:
        read.key(Key.Key_S, CTRL | SHIFT)
        read.key(Key.Key_S, CTRL | SHIFT)
        read.desk.out.reopen()
        read.window.pages.show(report)
        QApplication.processEvents()

    amend()
    QTest.keyClicks(report.reason, "left lung missed")
    read.window.side.close_page()
    read.open(named("1.7", "Roe^Richard"))
    read.lungs()
    amend()
    assert report.reason.text() == ""
    read.window.side.close_page()
    read.open()
    read.window.pages.show(report)
    QApplication.processEvents()
    assert report.reason.text() == "left lung missed"
