"""Banners leave the picture its room: two at once, errors first, the rest behind a click."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from tests.window.conftest import Sitting
from viewer.notices import BANNER, GOOD, INFO, REFUSED, WARN, Notice
from viewer.panels.parts import IconMark


def tell(sitting: Sitting, *levels: str) -> None:
    for n, level in enumerate(levels):
        remedy = "What to do about it stands here."
        sitting.desk.tell(Notice(f"{level} {n}.", remedy, level, BANNER, action="export"[n:]))
    QApplication.processEvents()


def seen(sitting: Sitting) -> list[str]:
    """What stands in sight, from above."""
    there = [one for one in sitting.window.banners.shown if one.isVisible()]
    return [one.notice.sentence for one in sorted(there, key=lambda one: one.y())]


def test_two_banners_stand_without_a_word_of_more(sitting: Sitting) -> None:
    sitting.open()
    tell(sitting, INFO, WARN)
    assert seen(sitting) == ["warn 1.", "info 0."]
    assert not sitting.window.banners.more.isVisible()


def test_the_third_is_behind_a_click_and_the_picture_keeps_its_room(sitting: Sitting) -> None:
    sitting.open()
    tell(sitting, INFO, WARN)
    banners, panes = sitting.window.banners, sitting.window.panes
    high = panes.height()
    sitting.desk.tell(Notice("refused 2.", "What to do.", REFUSED, BANNER))
    QApplication.processEvents()
    assert seen(sitting) == ["refused 2.", "warn 1."]
    assert abs(panes.height() - high) <= 12, "a row for a row"
    assert banners.more.isVisible() and banners.more.text() == "and 1 more"
    sitting.click(banners.more)
    QApplication.processEvents()
    assert seen(sitting) == ["refused 2.", "warn 1.", "info 0."]
    assert panes.height() < high and banners.more.text() == "Show fewer"
    sitting.click(banners.more)
    QApplication.processEvents()
    assert seen(sitting) == ["refused 2.", "warn 1."]


def test_of_one_rank_the_newest_stands_and_an_error_is_never_behind_a_remark(
    sitting: Sitting,
) -> None:
    sitting.open()
    tell(sitting, WARN, REFUSED, WARN, INFO, INFO)
    assert seen(sitting) == ["refused 1.", "warn 2."]
    assert sitting.window.banners.more.text() == "and 3 more"
    sitting.desk.tell(Notice("good 5.", "", GOOD, BANNER))
    QApplication.processEvents()
    assert seen(sitting) == ["refused 1.", "good 5."], "what just came of a command is seen"


def test_closing_one_brings_the_next_and_the_last_click_is_not_offered(sitting: Sitting) -> None:
    sitting.open()
    tell(sitting, INFO, WARN, WARN)
    banners = sitting.window.banners
    for one in banners.shown:
        if one.notice.sentence == "warn 1.":
            one.closed.emit()
    QApplication.processEvents()
    assert seen(sitting) == ["warn 2.", "info 0."] and not banners.more.isVisible()
    banners.clear()
    assert not banners.isVisible()
    tell(sitting, INFO)
    assert seen(sitting) == ["info 0."]


def test_errors_outlast_any_number_of_remarks(sitting: Sitting) -> None:
    sitting.open()
    tell(sitting, REFUSED)
    for n in range(20):
        sitting.desk.tell(Notice(f"Remark {n}.", "", INFO, BANNER))
    assert seen(sitting) == ["refused 0.", "Remark 19."]
    assert len(sitting.window.banners.shown) <= 8


@pytest.mark.parametrize("wide", [1024, 1440])
def test_the_click_is_never_cut(sitting: Sitting, wide: int) -> None:
    sitting.window.resize(wide, 700)
    sitting.open()
    tell(sitting, INFO, WARN, WARN)
    more = sitting.window.banners.more
    parent = more.parentWidget()
    assert parent is not None and parent.rect().contains(more.geometry())
    assert more.width() >= more.sizeHint().width()


@pytest.mark.parametrize("rest", ["", "What to do about it stands here."])
def test_the_mark_of_a_banner_stands_beside_its_first_line(sitting: Sitting, rest: str) -> None:
    sitting.open()
    sitting.desk.tell(Notice("DICOMDIR names 3 files.", rest, WARN, BANNER, action="export"))
    QApplication.processEvents()
    (one,) = sitting.window.banners.shown
    (mark,) = one.findChildren(IconMark)
    fact = next(label for label in one.findChildren(QLabel) if label.text().startswith("DICOMDIR"))
    middles = [part.mapTo(one, part.rect().center()).y() for part in (mark, fact)]
    assert abs(middles[0] - middles[1]) <= 2
