"""For every reader: names for a screen reader, targets large enough, no words cut at any scale."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)

from tests.window.conftest import CTRL, Sitting
from tests.window.scaled import SIZES, stations
from viewer import theme
from viewer.panels.buttons import Button, Choice
from viewer.panels.jobs import JobRow

Key = Qt.Key
ROOT = Path(__file__).resolve().parents[2]


def everywhere(at: Sitting) -> Iterator[str]:
    """Each page and tab of the window, in turn."""
    yield from stations(at.window)


def seen(at: Sitting, *kinds: type[QWidget]) -> list[QWidget]:
    return [
        part
        for kind in kinds
        for part in at.window.findChildren(kind)
        if part.isVisible() and not isinstance(part, QScrollBar)
    ]


def test_everything_that_can_be_used_has_a_name_for_a_screen_reader(read: Sitting) -> None:
    nameless = set()
    kinds = (QAbstractButton, QLineEdit, QPlainTextEdit, QAbstractSlider, QAbstractItemView)
    for station in everywhere(read):
        for part in seen(read, *kinds):
            words = part.text() if isinstance(part, QAbstractButton) else ""
            if not (part.accessibleName() or words):
                nameless.add((station, type(part).__name__, part.parent().__class__.__name__))
    assert nameless == set()


def test_every_target_is_at_least_24_pixels_high_and_wide(read: Sitting) -> None:
    least = theme.size("targetMin")
    small = set()
    for station in everywhere(read):
        for part in seen(read, QAbstractButton, QLineEdit, QAbstractSlider):
            if isinstance(part, QLineEdit) and part.property("inline"):
                continue  # as high as the status bar, whose whole part is its target
            if part.width() < least or part.height() < least:
                small.add((station, type(part).__name__, part.width(), part.height()))
    assert small == set()


def test_what_is_read_out_of_a_row_is_name_size_and_state(read: Sitting) -> None:
    read.key(Key.Key_X)
    model = read.window.findings.model
    told = model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert told == "LMZ 1, Ø 14.0 mm \u00b7 solid, rejected, no reason given"
    read.key(Key.Key_1, Qt.KeyboardModifier.AltModifier)
    told = model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert told == "LMZ 1, Ø 14.0 mm \u00b7 solid, rejected: vessel"


def test_the_panes_say_what_they_show(read: Sitting) -> None:
    for view in read.window.panes.views.values():
        assert view.accessibleName()


def test_the_whole_loop_goes_without_the_mouse(sitting: Sitting) -> None:
    sitting.open()
    sitting.nodules(*_candidates())
    for key in (Key.Key_A, Key.Key_X, Key.Key_U, Key.Key_M):
        sitting.key(key)
    sitting.key(Key.Key_E, CTRL)
    assert sitting.jobs.io.asked


def _candidates() -> tuple[object, ...]:
    from tests.fakes import CANDIDATES

    return CANDIDATES


@pytest.mark.parametrize("factor", ["1", "1.25", "1.5", "2", "2.5"])
def test_no_words_are_cut_at_any_scale(factor: str, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "QT_SCALE_FACTOR": factor,
        "QT_QPA_PLATFORM": "offscreen",
        "HILUM_HOME": str(tmp_path / "home"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.window.scaled"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["ratio"] == float(factor)
    assert found["stations"] >= 15 * (len(SIZES) if factor == "1" else 1)
    assert found["cut"] == []


def test_every_button_that_is_an_action_shows_its_key(read: Sitting) -> None:
    keys = {read.window.actions_by_id[i].text(): k for i, k in read.window.keys_by_id.items() if k}
    keyless = set()
    for station in ("start", *everywhere(read)):
        for button in read.window.findChildren(Button):
            if not button.isVisible() or isinstance(button, Choice) or button.kind == "busy":
                continue  # a menu shows the keys of its choices
            if isinstance(button.parentWidget(), JobRow):
                continue  # of several jobs Esc stops one, whichever the machine's load left here
            if button.text() in keys and button.tail != keys[button.text()]:
                keyless.add((station, button.text(), button.tail))
    assert keyless == set()
