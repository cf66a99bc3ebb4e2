"""Tab in a field goes to what stands next to it: what is typed then is no command by mistake."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.window.conftest import CTRL, SHIFT, Sitting

Key = Qt.Key


def typed(text: str) -> None:
    """Letters to whatever has the focus."""
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClicks(focus, text)


def ring(at: Sitting) -> QWidget | None:
    stop = at.window.hands.walk.stop
    return stop.widget if stop is not None else None


def test_tab_goes_from_what_is_found_to_the_impression_and_back(read: Sitting) -> None:
    read.key(Key.Key_R)
    report = read.window.pages.report
    report.findings.setFocus()
    typed("a x")
    read.key(Key.Key_Tab)
    assert QApplication.focusWidget() is report.impression and ring(read) is None
    typed("m k")
    read.key(Key.Key_Tab, SHIFT)
    assert QApplication.focusWidget() is report.findings
    assert (report.findings.text, report.impression.text) == ("a x", "m k")
    assert read.state(read.desk.current or "") == "proposed"


def test_tab_reaches_the_organisation_and_keeps_what_is_typed_there(read: Sitting) -> None:
    read.key(Key.Key_R)
    report = read.window.pages.report
    report.impression.setFocus()
    for _ in range(20):
        read.key(Key.Key_Tab)
        if ring(read) is report.organisation:
            read.key(Key.Key_Return)
            break
    assert QApplication.focusWidget() is report.organisation
    typed("Klinik")
    read.key(Key.Key_Tab)
    assert QApplication.focusWidget() is not report.organisation
    assert read.desk.out.organisation == "Klinik"
    assert ring(read) is not None, "a button is next: the ring is around it"
    read.key(Key.Key_Escape)
    assert ring(read) is None


@pytest.mark.parametrize("back", [False, True])
def test_tab_in_a_search_never_falls_to_the_panes(read: Sitting, back: bool) -> None:
    read.key(Key.Key_F, CTRL)
    field = QApplication.focusWidget()
    read.key(Key.Key_Tab, SHIFT if back else Qt.KeyboardModifier.NoModifier)
    assert QApplication.focusWidget() is not field
    assert ring(read) is not None


def test_on_the_start_page_tab_leaves_the_readers_name_for_a_button(sitting: Sitting) -> None:
    sitting.window.status.ask_reader()
    sitting.key(Key.Key_Tab)
    assert ring(sitting) is not None and sitting.window.status.field.isHidden()
