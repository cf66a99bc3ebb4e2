"""What a pointer does on a picture can be done by keys: place a mark, measure, paint."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.window.conftest import SHIFT, Sitting

Key = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier


def crosshair(sitting: Sitting) -> np.ndarray:
    return np.array(sitting.window.panes.state.crosshair_lps)


def walk(sitting: Sitting, key: Qt.Key, steps: int) -> None:
    for _ in range(steps):
        sitting.key(key, ALT)


@pytest.mark.parametrize(
    ("key", "moved"),
    [(Key.Key_Right, (1, 0, 0)), (Key.Key_Left, (-1, 0, 0)),
     (Key.Key_Down, (0, 1, 0)), (Key.Key_Up, (0, -1, 0))],
)  # fmt: skip
def test_the_crosshair_goes_a_millimetre_as_the_pane_shows_it(
    sitting: Sitting, key: Qt.Key, moved: tuple[int, int, int]
) -> None:
    sitting.open()
    before = crosshair(sitting)
    sitting.key(key, ALT)
    assert np.allclose(crosshair(sitting) - before, moved, atol=1e-6)
    assert not sitting.window.panes.state.moving


def test_in_another_pane_it_goes_as_that_one_shows_it(sitting: Sitting) -> None:
    sitting.open()
    sitting.window.panes.activate("coronal")
    before = crosshair(sitting)
    sitting.key(Key.Key_Up, ALT)
    assert np.allclose(crosshair(sitting) - before, (0, 0, 1), atol=1e-6)


def test_it_stays_inside_the_scan_and_in_sight(sitting: Sitting) -> None:
    sitting.open()
    panes = sitting.window.panes
    view = panes.views["axial"]
    panes.zoom(20.0)
    for _ in range(90):
        walk(sitting, Key.Key_Right, 1)
        x, y = view.view().pixels_of(panes.state.crosshair_lps)
        assert view.rect().contains(int(x), int(y))
    at = crosshair(sitting)
    sitting.key(Key.Key_Right, ALT)
    assert np.allclose(crosshair(sitting), at), "the scan ends there"


def test_a_length_is_drawn_by_keys_alone(sitting: Sitting) -> None:
    sitting.open()
    sitting.key(Key.Key_D)
    sitting.key(Key.Key_Return, SHIFT)
    walk(sitting, Key.Key_Right, 6)
    sitting.key(Key.Key_Return, SHIFT)
    assert sitting.desk.reading is not None
    (drawn,) = sitting.desk.reading.measurements
    assert drawn.figures.length_mm == pytest.approx(6.0, abs=0.2)


def test_a_mark_goes_where_the_crosshair_was_moved_to(sitting: Sitting) -> None:
    sitting.open()
    walk(sitting, Key.Key_Left, 5)
    sitting.key(Key.Key_M)
    assert sitting.desk.reading is not None
    (own,) = sitting.desk.reading.added
    assert np.linalg.norm(np.array(own.centre_lps) - crosshair(sitting)) < 5.0


def test_a_click_at_the_crosshair_makes_the_mark_there_current(read: Sitting) -> None:
    here = read.desk.current
    other = next(one for one in read.desk.order if one != here)
    finding = read.desk.reading.finding(other)
    read.window.panes.go_to(finding.centre_lps)
    assert read.desk.current == here
    read.key(Key.Key_Return, SHIFT)
    assert read.desk.current == other


def test_a_brush_paints_a_dab_at_the_crosshair(read: Sitting, qtbot: QtBot) -> None:
    history = len(read.desk.reading.history)
    read.key(Key.Key_E)
    walk(read, Key.Key_Right, 3)
    read.key(Key.Key_Return, SHIFT)
    qtbot.waitUntil(lambda: len(read.desk.reading.history) > history)
    assert type(read.desk.reading.history[history].event).__name__ == "SegmentEdited"


def test_without_a_scan_nothing_happens(sitting: Sitting) -> None:
    sitting.key(Key.Key_Right, ALT)
    sitting.key(Key.Key_Return, SHIFT)
    assert sitting.desk.reading is None
