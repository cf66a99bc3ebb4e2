"""Words that wrap: as far apart as their role asks, and never read as markup."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from viewer import theme
from viewer.panels.parts import words

ROLES = ["", "bodyStrong", "secondary"]


@pytest.mark.parametrize("role", ROLES)
def test_lines_lie_as_far_apart_as_the_table_of_type_says(
    themed: QApplication, qtbot: QtBot, role: str
) -> None:
    pitch = theme.line_height("body")
    one = words("Right lung\nLeft lung\nBoth", role, wrap=True)
    qtbot.addWidget(one)
    one.ensurePolished()
    assert one.heightForWidth(200) == pytest.approx(3 * pitch, abs=1)
    one.setText("Right lung")
    assert one.heightForWidth(200) == pytest.approx(pitch, abs=1)
    one.setText("Right lung, left lung, both lungs, and what lies between them")
    assert one.heightForWidth(120) % pitch in (0, 1, pitch - 1) and one.heightForWidth(120) > 50


def test_what_is_told_is_shown_as_it_stands(themed: QApplication, qtbot: QtBot) -> None:
    told = "<b>A & B</b>  < 5 mm\nand <img src=x>"
    one = words("", "secondary", wrap=True)
    qtbot.addWidget(one)
    one.setText(told)
    assert one.text() == told
    wide = words(told.replace("\n", " "), "secondary")
    qtbot.addWidget(wide)
    assert one.sizeHint().width() > 0.4 * wide.sizeHint().width(), "no word of it was swallowed"
    one.setText("")
    assert one.text() == "" and one.heightForWidth(200) < theme.line_height("body")
