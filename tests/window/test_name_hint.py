"""A reader's name says while it is typed how it will be written where it goes out."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.window.conftest import Sitting
from viewer.panels.name_hint import name_hint


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Zhou Wei-Ming", "Exported as: family name Wei-Ming, given name Zhou. "
         "Family name first? Type: Zhou, Wei-Ming"),
        ("Zhou, Wei-Ming", "Exported as: family name Zhou, given name Wei-Ming."),
        ("Zhou^Wei-Ming", "Exported as: family name Zhou, given name Wei-Ming."),
        ("Dr. Anna Maria Ray", "Exported as: family name Ray, given name Anna Maria. "
         "Family name first? Type: Anna, Maria Ray"),
        ("Ray", "Exported as: family name Ray."),
        ("王小东", "Exported as: family name 王, given name 小东."),
        ("Reader A", ""), ("  ", ""), ("?", ""),
    ],
)  # fmt: skip
def test_the_family_name_is_told_and_how_to_turn_it(typed: str, told: str) -> None:
    assert name_hint(typed) == told


def test_the_field_of_the_status_bar_says_it_beside_itself_and_gives_the_room_back(
    sitting: Sitting,
) -> None:
    status = sitting.window.status
    sitting.window.resize(1024, 640)
    sitting.click(status.reader)
    QTest.keyClicks(status.field, "Zhou Wei-Ming")
    assert status.hint.isVisible() and "family name Wei-Ming" in status.hint.text()
    assert not status.mode.isVisible()
    sitting.key(Qt.Key.Key_Escape)
    assert not status.hint.isVisible() and status.mode.isVisible() and status.reader.isVisible()


def test_the_card_that_asks_who_reads_says_it_under_its_field(sitting: Sitting) -> None:
    card = sitting.window.findings.reader_card
    assert not card.hint.isVisible()
    card.field.setText("Zhou Wei-Ming")
    assert card.hint.isVisible() and "family name Wei-Ming" in card.hint.text()
    assert card.hint.y() > card.field.y()
