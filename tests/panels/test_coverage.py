"""The map of the lung seen: told apart by more than a colour."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from viewer.coverage.lungs import Ghost
from viewer.coverage.rules import percent
from viewer.language.spoken import speak
from viewer.panels.coverage import GhostPicture, Swatch, unseen_percent
from viewer.views.planes import CORONAL


def greys(widget: QWidget) -> NDArray[np.uint8]:
    """(rows, columns): how bright it is where colour says nothing."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : image.width()].copy()


def picture(qtbot: QtBot, share: float) -> NDArray[np.uint8]:
    """The middle of lung of which so much was shown, in the map's own place."""
    seen, lung = np.full((30, 24), share, np.float32), np.full((30, 24), 5, np.int32)
    made = GhostPicture(CORONAL)
    qtbot.addWidget(made)
    made.resize(140, 180)
    made.show_ghost(Ghost(seen, lung, (0.0, 0.0), 6.0))
    return greys(made)[60:120, 40:100]


@pytest.mark.usefixtures("themed")
@pytest.mark.parametrize(
    ("share", "hatched"), [(0.0, True), (0.4, True), (0.6, False), (1.0, False)]
)
def test_lung_not_shown_is_hatched_and_lung_shown_is_not(
    qtbot: QtBot, share: float, hatched: bool
) -> None:
    assert bool(np.ptp(picture(qtbot, share).astype(int)) > 40) is hatched


@pytest.mark.usefixtures("themed")
def test_the_legend_shows_the_same_hatch(qtbot: QtBot) -> None:
    for swatch, hatched in (
        (Swatch("accent.base"), False),
        (Swatch("notice.warn", hatched=True), True),
    ):
        qtbot.addWidget(swatch)
        assert bool(np.ptp(greys(swatch).astype(int)) > 40) is hatched


def test_no_hatch_lies_outside_the_lung(qtbot: QtBot, themed: QApplication) -> None:
    made = GhostPicture(CORONAL)
    qtbot.addWidget(made)
    made.resize(140, 180)
    lung = np.zeros((30, 24), np.int32)
    made.show_ghost(Ghost(np.zeros((30, 24), np.float32), lung, (0.0, 0.0), 6.0))
    assert np.ptp(greys(made)[60:120, 40:100].astype(int)) == 0


def test_a_share_is_told_as_the_language_writes_it() -> None:
    assert (percent(0.187), unseen_percent(0.187)) == ("18 %", "82 %")
    speak("zh")
    try:
        assert (percent(0.187), unseen_percent(0.187)) == ("18%", "82%")
    finally:
        speak("en")
