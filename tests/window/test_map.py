"""The whole map of keys and mouse that readers were promised, each key for one thing."""

from __future__ import annotations

import string

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.window.conftest import Sitting
from viewer.action_rows.mouse import HANDS
from viewer.actions import BY_ID, ROWS, key_table
from viewer.keymaps import Keys, plain_key

LETTERS = {
    "A": "accept", "B": "tool-bidirectional", "C": "crosshair", "D": "tool-length", "E": "edit",
    "F": "fit", "G": "tool-angle", "H": "tool-hand", "I": "invert", "K": "key-image", "L": "link",
    "M": "add", "N": "next", "O": "tool-ellipse", "P": "previous", "Q": "tool-probe",
    "R": "report", "S": "slab", "T": "tool-arrow", "U": "undecided", "V": "volume",
    "W": "tool-window", "X": "reject", "Y": "why", "Z": "tool-zoom",
}  # fmt: skip
OTHERS = {
    "Space": "marks", "Up": "up", "Down": "down", "Left": "previous-series",
    "Right": "next-series", "PgUp": "up-ten", "PgDown": "down-ten", "Home": "first",
    "End": "last", "Tab": "next-pane", "Return": "finish", "Enter": "finish", "Esc": "cancel",
    "Del": "delete", "[": "brush-smaller", "]": "brush-larger",
    "Shift+1": "edit-brush", "Shift+2": "edit-erase", "Shift+3": "edit-regrow",
    "Shift+4": "edit-threshold", "Shift+5": "edit-scissors", "Shift+6": "edit-islands",
    "Shift+7": "edit-smooth", "Shift+8": "edit-between",
    "F1": "keys", "F2": "layout-read", "F3": "layout-compare", "F4": "layout-review",
    "F5": "segment-lungs", "Shift+F5": "segment-network", "F6": "find-nodules",
    "F11": "full-screen", "F7": "walk", "Shift+F7": "walk-back",
    "Ctrl+Z": "undo", "Ctrl+Shift+Z": "redo", "Ctrl+Y": "redo", "Ctrl+O": "open",
    "Ctrl+S": "save", "Ctrl+E": "export", "Ctrl+F": "find-finding", "Ctrl+H": "hide-patient",
    "Ctrl+P": "save-picture", "Ctrl+C": "copy", "Ctrl+Tab": "next-tab",
    "Alt+1": "reason-vessel", "Alt+2": "reason-scar", "Alt+3": "reason-lymph-node",
    "Alt+4": "reason-atelectasis", "Alt+5": "reason-other",
    **{str(digit): f"preset-{digit}" for digit in range(10)},
}  # fmt: skip
WAITS_FOR_PRIORS = "J"
GESTURES = {
    "Wheel", "Ctrl+wheel", "Shift+wheel", "Alt+wheel", "Left drag", "Right drag", "Right click",
    "Middle drag", "Left+right drag", "Shift+move", "Ctrl+left drag", "Double-click",
    "Thumb buttons", "Ctrl+drag",
}  # fmt: skip


@pytest.fixture
def keys() -> Keys:
    return Keys(key_table())


@pytest.mark.parametrize(("key", "action"), sorted({**LETTERS, **OTHERS}.items()))
def test_every_key_of_the_map_does_what_readers_were_promised(
    keys: Keys, key: str, action: str
) -> None:
    assert keys.owner(key) == action


def test_every_letter_is_used_once_and_the_one_that_is_left_waits_for_priors() -> None:
    plain = [key for row in ROWS for key in row.keys if len(key) == 1 and key.isalpha()]
    assert sorted(plain) == sorted(set(plain))
    unused = set(string.ascii_uppercase) - set(plain)
    assert unused <= {WAITS_FOR_PRIORS}
    assert set(LETTERS) == set(string.ascii_uppercase) - {WAITS_FOR_PRIORS}


def test_every_key_is_one_that_qt_knows() -> None:
    for row in ROWS:
        for key in row.keys:
            assert plain_key(key), (row.id, key)


def test_every_gesture_of_the_map_stands_on_the_key_sheet() -> None:
    assert {how for _, _, hows in HANDS for how in hows} >= GESTURES


def test_editing_adds_no_plain_letter_but_the_one_that_begins_it() -> None:
    letters = [
        key
        for row in ROWS
        if row.id.startswith(("edit-", "brush-"))
        for key in row.keys
        if len(key) == 1 and key.isalpha()
    ]
    assert letters == []
    assert BY_ID["edit"].keys == ("E",)


def test_left_and_right_together_drag_through_the_images(read: Sitting) -> None:
    view = read.window.panes.views["axial"]
    read.window.panes.activate("axial")
    before = view.slice_lps()[2]
    at, none = QPoint(150, 150), Qt.KeyboardModifier.NoModifier
    QTest.mousePress(view, Qt.MouseButton.LeftButton, none, at)
    QTest.mousePress(view, Qt.MouseButton.RightButton, none, at)
    QTest.mouseMove(view, at + QPoint(0, 20))
    QTest.mouseRelease(view, Qt.MouseButton.RightButton, none, at)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, none, at)
    assert view.slice_lps()[2] != before
