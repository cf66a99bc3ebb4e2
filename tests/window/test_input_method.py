"""An input method composes in fields alone; while it does no key is a command, and none is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputMethodEvent, QInputMethodQueryEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from tests.window.conftest import CTRL, NONE, SHIFT, Sitting
from viewer.language.signs import plain_sign
from viewer.measuring.editor import LabelField
from viewer.panels.key_entry import key_of

Key = Qt.Key
KEYS_OF_A_WORD = (Key.Key_J, Key.Key_I, Key.Key_E, Key.Key_Space, Key.Key_1, Key.Key_Return)
COMMANDS = (
    *KEYS_OF_A_WORD,
    Key.Key_A,
    Key.Key_X,
    Key.Key_M,
    Key.Key_Escape,
    Key.Key_F5,
    Key.Key_Up,
)
Opens = Callable[[Sitting], QWidget]


def compose(field: QWidget, preedit: str = "", commit: str = "") -> None:
    """What an input method sends: what is being composed, or what came of it."""
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(field, event)


def takes_input_method(one: QWidget) -> bool:
    asked = QInputMethodQueryEvent(Qt.InputMethodQuery.ImEnabled)
    QApplication.sendEvent(one, asked)
    return bool(asked.value(Qt.InputMethodQuery.ImEnabled))


def press(one: QWidget, key: int, text: str, held: Qt.KeyboardModifier = NONE) -> None:
    """A key with a text of its own, by the way of a keyboard."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(one.window().windowHandle(), QKeyEvent(kind, key, held, text))


def focused(sitting: Sitting) -> QWidget:
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit | QPlainTextEdit), field
    return field


def in_the_search(sitting: Sitting) -> QWidget:
    sitting.key(Key.Key_F, CTRL | SHIFT)
    return focused(sitting)


def in_the_finding_search(sitting: Sitting) -> QWidget:
    sitting.key(Key.Key_F, CTRL)
    return focused(sitting)


def in_the_label(sitting: Sitting) -> QWidget:
    sitting.key(Key.Key_M)
    sitting.key(Key.Key_M, CTRL)
    return focused(sitting)


def in_the_key_sheet(sitting: Sitting) -> QWidget:
    sitting.key(Key.Key_F1)
    return focused(sitting)


def in_the_report(sitting: Sitting) -> QWidget:
    sitting.key(Key.Key_R)
    report = sitting.window.pages.report
    report.findings.setFocus()
    return focused(sitting)


def in_the_readers_name(sitting: Sitting) -> QWidget:
    sitting.window.status.ask_reader()
    return focused(sitting)


FIELDS = (
    in_the_search,
    in_the_finding_search,
    in_the_label,
    in_the_key_sheet,
    in_the_report,
    in_the_readers_name,
)


@pytest.mark.parametrize("opened", FIELDS)
def test_no_key_is_a_command_while_a_word_is_composed(read: Sitting, opened: Opens) -> None:
    field = opened(read)
    assert takes_input_method(field)
    history, asked = len(read.desk.reading.history), len(read.jobs.ai.asked)
    view, page = read.window.panes.state, read.window.side.page
    for key in COMMANDS:
        compose(field, "jie'jie")
        QTest.keyClick(field, key)
        assert QApplication.focusWidget() is field, key
    assert len(read.desk.reading.history) == history and len(read.jobs.ai.asked) == asked
    assert read.window.panes.state == view and read.window.side.page is page


@pytest.mark.parametrize("opened", FIELDS)
def test_what_was_composed_is_typed_and_the_next_escape_leaves(
    read: Sitting, opened: Opens
) -> None:
    field = opened(read)
    compose(field, "jie'jie")
    compose(field, commit="结节")
    assert isinstance(field, QLineEdit | QPlainTextEdit)
    text = field.text() if isinstance(field, QLineEdit) else field.toPlainText()
    assert "结节" in text
    read.key(Key.Key_Escape)
    assert QApplication.focusWidget() is not field
    here = QApplication.focusWidget()
    assert here is not None and not takes_input_method(here)


def test_enter_that_ends_composing_keeps_nothing_yet(read: Sitting) -> None:
    field = in_the_label(read)
    compose(field, "zhong'kuai")
    QTest.keyClick(field, Key.Key_Return)
    assert QApplication.focusWidget() is field and read.desk.reading.labels == {}
    compose(field, commit="肿块")
    QTest.keyClick(field, Key.Key_Return)
    assert [*read.desk.reading.labels.values()] != []


def test_only_fields_take_an_input_method(read: Sitting) -> None:
    read.key(Key.Key_R)
    for one in (read.window, *read.window.findChildren(QWidget)):
        field = isinstance(one, QLineEdit | QPlainTextEdit)
        assert takes_input_method(one) <= field, one


def test_where_no_field_is_focused_keys_come_as_keys(read: Sitting) -> None:
    read.window.focus_panes()
    here = QApplication.focusWidget()
    assert here is not None and not takes_input_method(here)
    first = read.desk.current
    assert first is not None
    pressed = QTest.KeyAction.Click  # by the way of shortcuts, whatever sign the key would type
    QTest.sendKeyEvent(pressed, here, Key.Key_A, "ａ", NONE)
    assert read.state(first) == "accepted"
    QTest.sendKeyEvent(pressed, here, Key.Key_Period, "。", NONE)
    assert read.window.cuts.cine.runs


@pytest.mark.parametrize(
    ("sign", "plain"),
    [("ａ", "a"), ("Ａ", "A"), ("１", "1"), ("。", "."), ("，", ","), ("【", "["), ("；", ";"),
     ("结", ""), ("", ""), ("a", ""), (".", ""), ("ф", ""), ("结节", ""), ("é", "")],
)  # fmt: skip
def test_a_sign_of_full_width_stands_for_its_key(sign: str, plain: str) -> None:
    assert plain_sign(sign) == plain


def test_a_key_that_comes_as_a_sign_of_full_width_is_carried_out(read: Sitting) -> None:
    """As a keyboard of the screen, or one far away, sends them: the sign alone, no key."""
    read.window.focus_panes()
    here, first = read.window.panes.views["axial"], read.desk.current
    assert first is not None
    press(here, ord("ａ"), "ａ")
    assert read.state(first) == "accepted"
    assert not read.window.cuts.cine.runs
    press(here, ord("。"), "。")
    assert read.window.cuts.cine.runs
    press(here, ord("。"), "。")
    assert not read.window.cuts.cine.runs


def test_a_word_that_no_field_took_is_no_command(read: Sitting) -> None:
    read.window.focus_panes()
    history = len(read.desk.reading.history)
    here = read.window.panes.views["axial"]
    press(here, ord("结"), "结")
    press(here, 0, "结节")
    compose(here, commit="结节")
    assert len(read.desk.reading.history) == history


@pytest.mark.parametrize(
    ("key", "text", "told"),
    [(ord("结"), "结", ""), (ord("ａ"), "ａ", "A"), (ord("。"), "。", "."), (Key.Key_A, "ａ", "A")],
)
def test_no_composed_sign_becomes_the_key_of_an_action(key: int, text: str, told: str) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, key, NONE, text)
    assert key_of(event) == told


def test_words_on_the_picture_are_composed_as_anywhere(read: Sitting) -> None:
    kept: list[str] = []
    pane = read.window.panes.views["axial"]
    field = LabelField(pane, "", kept=kept.append, left=lambda: kept.append("left"))
    field.open_at(10, 10)
    compose(field, "zhu'dong'mai")
    QTest.keyClick(field, Key.Key_Escape)
    compose(field, "zhu'dong'mai")
    QTest.keyClick(field, Key.Key_Return)
    assert kept == [] and QApplication.focusWidget() is field
    compose(field, commit="主动脉")
    QTest.keyClick(field, Key.Key_Return)
    assert kept == ["主动脉"] and QApplication.focusWidget() is pane
