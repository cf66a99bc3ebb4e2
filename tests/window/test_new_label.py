"""After M: signs are the new mark's label, every other key and hand is what it is elsewhere."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from tests.window.conftest import CTRL, NONE, Sitting
from tests.window.test_own_marks import marked
from viewer.views.slice_view import SliceView

__all__ = ["marked"]

Key = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier


@pytest.mark.parametrize("end", [Key.Key_Escape, Key.Key_Return])
def test_a_mark_without_a_label_is_one_key_away_from_going_on(
    marked: tuple[Sitting, str], end: Qt.Key
) -> None:
    at, own = marked
    at.key(end)
    assert not at.window.findings.labelling.isVisible()
    assert at.desk.own.label_of(own) == "nodule" and at.desk.current == own
    assert isinstance(QApplication.focusWidget(), SliceView)
    at.key(Key.Key_N)
    assert at.desk.current != own


@pytest.mark.parametrize(
    ("key", "held"),
    [(Key.Key_PageDown, NONE), (Key.Key_Z, CTRL), (Key.Key_Delete, NONE), (Key.Key_Home, NONE),
     (Key.Key_Space, NONE), (Key.Key_S, CTRL), (Key.Key_Tab, NONE), (Key.Key_1, ALT)],
)  # fmt: skip
def test_what_writes_nothing_is_a_key_as_ever_and_gives_the_letters_back(
    marked: tuple[Sitting, str], key: Qt.Key, held: Qt.KeyboardModifier
) -> None:
    at, own = marked
    assert at.desk.reading is not None
    before = at.window.panes.state, at.window.panes.active, len(at.desk.reading.history)
    told = len(at.notices)
    at.key(key, held)
    now = at.window.panes.state, at.window.panes.active, len(at.desk.reading.history)
    assert now != before or len(at.notices) > told, "it did what it does"
    bar = at.window.findings.labelling
    assert not bar.field.isVisible(), "nothing that looks ready for letters"
    assert not isinstance(QApplication.focusWidget(), QLineEdit)
    if at.desk.current == own:
        assert bar.type.isVisible() and bar.type.text() == "Ctrl+M types a label"
        at.key(Key.Key_M, CTRL)
        assert QApplication.focusWidget() is bar.field and bar.field.text() == "nodule"


def test_the_key_that_marked_held_a_little_long_types_nothing(
    marked: tuple[Sitting, str],
) -> None:
    at, _ = marked
    field = at.window.findings.labelling.field
    held = QKeyEvent(QEvent.Type.KeyPress, Key.Key_M, NONE, "m", True)
    QApplication.sendEvent(field, held)
    assert field.text() == ""


def test_the_wheel_over_a_pane_goes_on_reading(marked: tuple[Sitting, str]) -> None:
    at, _ = marked
    at.window.panes.views["axial"].wheel_turned.emit(1)
    assert not at.window.findings.labelling.field.isVisible()
    assert isinstance(QApplication.focusWidget(), SliceView)


def test_words_typed_before_a_click_elsewhere_are_kept(marked: tuple[Sitting, str]) -> None:
    at, own = marked
    QTest.keyClicks(at.window.findings.labelling.field, "Azygos lobe")
    at.click(at.window.panes.views["coronal"], QPoint(60, 60))
    assert at.desk.own.label_of(own) == "Azygos lobe"
    assert not at.window.findings.labelling.isVisible()


def test_a_name_that_was_completed_is_kept_by_a_click_elsewhere_too(
    marked: tuple[Sitting, str],
) -> None:
    at, own = marked
    QTest.keyClicks(at.window.findings.labelling.field, "pleu")
    assert at.window.findings.labelling.field.text() == "pleural effusion"
    at.click(at.window.panes.views["coronal"], QPoint(60, 60))
    assert at.desk.own.label_of(own) == "pleural effusion"


def test_a_composed_label_keeps_its_keys_as_well(marked: tuple[Sitting, str]) -> None:
    at, own = marked
    field = at.window.findings.labelling.field
    QApplication.sendEvent(field, QInputMethodEvent("jie", []))
    assert not field.bare
    done = QInputMethodEvent()
    done.setCommitString("\u7ed3\u8282")
    QApplication.sendEvent(field, done)
    at.key(Key.Key_Return)
    assert at.desk.own.label_of(own) == "\u7ed3\u8282"
