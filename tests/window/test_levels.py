"""Two dark levels, and windows from 100 to 250 percent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from tests.window.conftest import Sitting
from viewer import theme

Key = Qt.Key


@pytest.fixture(autouse=True)
def as_bright_as_usual_afterwards(themed: QApplication) -> Iterator[None]:
    yield
    if theme.level() != theme.DIM:
        theme.show_level(themed, theme.DIM)


def corner(at: Sitting) -> QColor:
    """What stands at the very edge of the status bar."""
    bar = at.window.status
    return QColor(bar.grab().toImage().pixel(2, bar.height() - 2))


def test_a_key_makes_the_window_darker_and_the_choice_is_kept(read: Sitting) -> None:
    before = corner(read)
    read.key(Key.Key_F9)
    assert theme.level() == theme.DARKER
    assert corner(read) == QColor(theme.token("bg.window")) and corner(read) != before
    assert read.desk.library.setting("level") == theme.DARKER
    read.key(Key.Key_F9)
    assert corner(read) == before
    assert read.desk.library.setting("level") == theme.DIM


def test_the_image_is_the_same_in_both_levels(read: Sitting) -> None:
    read.window.panes.set_show_marks(False)
    view = read.window.panes.views["axial"]
    middle = view.rect().center() + view.rect().center() / 4

    def seen() -> int:
        return view.grab().toImage().pixel(middle)

    before = seen()
    read.key(Key.Key_F9)
    assert seen() == before


def test_icons_take_the_ink_of_their_level(read: Sitting) -> None:
    tool = read.window.topbar.tools["hand"]

    def brightest() -> int:
        image = tool.icon().pixmap(18, 18).toImage()
        places = ((x, y) for x in range(image.width()) for y in range(image.height()))
        inks = (image.pixelColor(x, y) for x, y in places)
        return max(ink.lightness() for ink in inks if ink.alpha() == 255)

    before = brightest()
    read.key(Key.Key_F9)
    assert brightest() < before


def test_a_level_that_does_not_exist_is_refused(themed: QApplication) -> None:
    with pytest.raises(ValueError, match="must be one of"):
        theme.show_level(themed, "pitch black")
