"""What only a hand does, by real mouse events in the window: outline, pull, another map, detach."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.window.conftest import CTRL, SHIFT, Sitting

LEFT = Qt.MouseButton.LeftButton
Key = Qt.Key


def stroke(sitting: Sitting, *places: tuple[int, int]) -> None:
    """A press, a way and a release on the large pane, from its middle."""
    pane = sitting.window.panes.views["axial"]
    middle = pane.rect().center()
    points = [middle + QPoint(*place) for place in places]
    QTest.mousePress(pane, LEFT, Qt.KeyboardModifier.NoModifier, points[0])
    for point in points[1:]:
        QTest.mouseMove(pane, point)
        QApplication.processEvents()
    QTest.mouseRelease(pane, LEFT, Qt.KeyboardModifier.NoModifier, points[-1])
    QApplication.processEvents()


def test_an_outline_is_drawn_by_hand_its_anchor_pulled_and_both_undone(sitting: Sitting) -> None:
    sitting.open()
    sitting.key(Key.Key_O, SHIFT)
    square = ((-60, -60), (0, -60), (60, -60), (60, 0), (60, 60), (0, 60), (-60, 60), (-60, 0))
    stroke(sitting, *square, square[0])
    reading = sitting.desk.reading
    assert reading is not None and len(reading.measurements) == 1
    drawn = reading.measurements[0]
    sitting.key(Key.Key_D)
    stroke(sitting, (-150, 150), (-80, 150), (-20, 150))
    reading = sitting.desk.reading
    assert reading is not None and len(reading.measurements) == 2
    before = reading.measurements[1]
    stroke(sitting, (-20, 150), (20, 150), (60, 150))
    reading = sitting.desk.reading
    assert reading is not None and len(reading.measurements) == 2
    assert reading.measurements[1] != before
    sitting.key(Key.Key_Z, CTRL)
    sitting.key(Key.Key_Z, CTRL)
    reading = sitting.desk.reading
    assert reading is not None and reading.measurements == (drawn,)


@pytest.mark.parametrize("name", ["ohif", "weasis", "horos"])
def test_under_each_ready_map_verdicts_keep_their_keys(read: Sitting, name: str) -> None:
    read.window.keys.choose(name)
    first = read.desk.current
    read.key(Key.Key_A)
    assert read.state(first) == "accepted"


def test_a_detached_pane_draws_and_comes_back(sitting: Sitting) -> None:
    sitting.open()
    panes = sitting.window.panes
    pane = panes.views["axial"]
    sitting.window.actions_by_id["detach"].trigger()
    QApplication.processEvents()
    assert panes.detached and pane.window() is not sitting.window
    sitting.key(Key.Key_D)
    stroke(sitting, (-50, 0), (0, 0), (40, 0))
    assert sitting.desk.reading is not None and len(sitting.desk.reading.measurements) == 1
    sitting.window.actions_by_id["detach"].trigger()
    QApplication.processEvents()
    assert not panes.detached and pane.window() is sitting.window
