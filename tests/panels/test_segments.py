"""The heads of the Segments tab: figures with their units."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from viewer.panels.segments import FigureWords


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [("3,752 ml", "3,752", "ml"), ("−831 HU", "−831", "HU"), ("2.7 %", "2.7", "%"), ("–", "–", "")],
)
def test_a_unit_is_smaller_than_its_figure_and_stands_on_its_line(
    themed: QApplication, qtbot: QtBot, text: str, number: str, unit: str
) -> None:
    one = FigureWords()
    qtbot.addWidget(one)
    one.say(text)
    one.show()
    qtbot.waitExposed(one)
    assert (one.number.text(), one.unit.text()) == (number, unit)
    assert one.unit.property("role") == "secondary" and one.number.property("role") == "number"
    feet = [
        part.geometry().bottom() - part.contentsMargins().bottom() - part.fontMetrics().descent()
        for part in (one.number, one.unit)
    ]
    assert abs(feet[0] - feet[1]) <= 1
