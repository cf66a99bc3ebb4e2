"""Before a reading is signed or goes out, lung that was not shown is offered, in place."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.fakes import CANDIDATES
from tests.window.conftest import CTRL, SHIFT, Sitting
from tests.window.test_stopped_exports import named
from viewer.dicom.io_messages import Export
from viewer.notices import Notice
from viewer.panels.banner import Banner
from viewer.reading.events import SECOND, Answer

Key = Qt.Key


@pytest.fixture
def lung_not_asked_about() -> None:
    """As it ships."""


def offered(at: Sitting) -> Banner | None:
    there = [one for one in at.window.banners.shown if one.notice.about == "leaving"]
    assert len(there) < 2
    return there[0] if there else None


def exports(at: Sitting) -> list[Export]:
    return [one for one in at.jobs.io.asked if isinstance(one, Export)]


def told(at: Sitting) -> Notice:
    banner = offered(at)
    assert banner is not None
    return banner.notice


def test_an_export_offers_the_lung_not_shown_before_it_begins(read: Sitting) -> None:
    read.key(Key.Key_E, CTRL)
    assert not exports(read)
    assert told(read).sentence.endswith(" % of the lungs was not shown, 4 marks are undecided.")
    assert told(read).remedy == (
        "Ctrl+E once more exports it all the same; Esc gives it up."
        " Untouched, it begins by itself in 10 s."
    )
    banner = offered(read)
    assert banner is not None
    assert [b.text() for b in banner.buttons] == ["Go to lung not seen", "Export now"]
    read.key(Key.Key_E, CTRL)
    assert len(exports(read)) == 1 and offered(read) is None


def test_nobody_answers_and_it_goes_on_by_itself(read: Sitting, qtbot: QtBot) -> None:
    read.window.leaving._timer.setInterval(30)
    read.key(Key.Key_E, CTRL)
    assert not exports(read)
    qtbot.waitUntil(lambda: len(exports(read)) == 1)
    assert offered(read) is None


def test_a_second_reader_is_asked_and_nothing_begins_by_itself(read: Sitting) -> None:
    read.desk.own_pass.switch()
    assert read.desk.own_pass.mode == SECOND
    read.key(Key.Key_E, CTRL)
    assert not exports(read) and not read.window.leaving.counts_down
    assert told(read).remedy == "Ctrl+E once more exports it all the same; Esc gives it up."
    read.key(Key.Key_Escape)
    assert offered(read) is None and not exports(read)
    read.key(Key.Key_E, CTRL)
    assert offered(read) is not None, "what was given up is asked again"
    read.key(Key.Key_E, CTRL)
    assert len(exports(read)) == 1 and offered(read) is None


@pytest.mark.parametrize("hand", ["key", "mouse"])
def test_whoever_touches_anything_is_waited_for(read: Sitting, hand: str) -> None:
    read.key(Key.Key_E, CTRL)
    leaving, view = read.window.leaving, read.window.panes.views["axial"]
    assert leaving.counts_down
    QTest.keyRelease(view, Key.Key_E, CTRL)
    assert leaving.counts_down, "the end of the key that asked is no answer"
    if hand == "key":
        read.key(Key.Key_N)
    else:
        QTest.mouseClick(view, Qt.MouseButton.RightButton)
    assert not leaving.counts_down and offered(read) is not None and not exports(read)
    assert "by itself" not in told(read).remedy


def test_who_goes_to_that_lung_is_waited_for(read: Sitting) -> None:
    read.key(Key.Key_E, CTRL)
    place = read.window.watching.unseen()[0]
    read.key(Key.Key_L, CTRL)
    assert read.window.panes.state.crosshair_lps == pytest.approx(place.lps, abs=1e-3)
    assert not read.window.leaving.counts_down
    assert told(read).remedy == "Ctrl+E once more exports it all the same; Esc gives it up."
    banner = offered(read)
    assert banner is not None and banner.buttons[-1].text() == "Export anyway"
    read.click(banner.buttons[-1], banner.buttons[-1].rect().center())
    assert len(exports(read)) == 1


def test_esc_gives_it_up_and_another_study_too(read: Sitting) -> None:
    read.key(Key.Key_E, CTRL)
    read.key(Key.Key_Escape)
    assert offered(read) is None and not read.window.leaving.counts_down
    read.key(Key.Key_E, CTRL)
    assert offered(read) is not None, "it was not answered"
    read.open()
    assert offered(read) is None and not exports(read)


@pytest.mark.parametrize("closed", [False, True])
def test_an_export_that_would_have_begun_by_itself_is_told_when_its_reading_is_left(
    read: Sitting, closed: bool
) -> None:
    read.key(Key.Key_E, CTRL)
    banner = offered(read)
    assert banner is not None
    if closed:
        banner.closed.emit()
    read.open(named("1.7", "Roe^Richard"))
    shown = [one.notice for one in read.window.banners.shown if "left" in one.notice.sentence]
    assert [one.remedy for one in shown] == ([] if closed else ["Ctrl+E there begins it."])
    assert not exports(read) and not read.window.leaving.counts_down


def test_who_closes_the_offer_gives_it_up(read: Sitting) -> None:
    read.key(Key.Key_E, CTRL)
    banner = offered(read)
    assert banner is not None
    banner.closed.emit()
    assert read.window.leaving.waits_for == ""
    read.window.leaving._timer.timeout.emit()
    assert not exports(read)
    read.key(Key.Key_E, CTRL)
    assert offered(read) is not None and not exports(read)


def test_a_signature_waits_for_an_answer_and_never_comes_by_itself(read: Sitting) -> None:
    read.key(Key.Key_S, CTRL | SHIFT)
    assert read.desk.reading is not None and not read.desk.reading.signed
    assert "undecided" in told(read).sentence and told(read).remedy == ""
    assert not read.window.leaving.counts_down
    banner = offered(read)
    assert banner is not None and banner.buttons[-1].text() == "Sign anyway"
    read.key(Key.Key_S, CTRL | SHIFT)
    assert read.desk.reading.signed and offered(read) is None
    read.key(Key.Key_S, CTRL | SHIFT)
    assert read.said.startswith("It is signed already")


def test_an_export_to_a_folder_asks_before_its_dialog(
    read: Sitting, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("viewer.window.handing_out.ask_folder", lambda *_: asked.append("asked"))
    read.key(Key.Key_E, CTRL | SHIFT)
    assert not asked and offered(read) is not None
    read.key(Key.Key_E, CTRL | SHIFT)
    assert asked and offered(read) is None


def test_what_was_answered_once_in_a_reading_is_not_asked_again(read: Sitting) -> None:
    read.key(Key.Key_E, CTRL)
    read.key(Key.Key_E, CTRL)
    read.children.export(Path("out") / "lungs.dcm")
    read.desk.answer(Answer.ACCEPT)
    read.key(Key.Key_E, CTRL)
    assert len(exports(read)) == 2


def test_the_figures_follow_what_is_judged_and_go_once_all_was_shown(
    read: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    read.key(Key.Key_S, CTRL | SHIFT)
    read.desk.answer(Answer.ACCEPT)
    assert "3 marks are undecided" in told(read).sentence
    monkeypatch.setattr(read.window.watching, "whole", lambda: 1.0)
    read.window.watching.counted.emit()
    assert offered(read) is None and read.window.leaving.waits_for == ""


def test_nothing_is_asked_before_there_are_lungs(sitting: Sitting) -> None:
    sitting.open()
    sitting.key(Key.Key_E, CTRL)
    assert offered(sitting) is None


def test_the_share_shown_stands_below_the_findings_while_they_are_judged(sitting: Sitting) -> None:
    sitting.open()
    sitting.nodules(*CANDIDATES)
    row = sitting.window.findings.coverage_row
    assert row.isVisible() and row.text.text().endswith("% of lung shown")
    beside = sitting.window.measuring.panel.coverage_row
    assert not beside.isHidden() and beside.text.text() == row.text.text()
    sitting.key(Key.Key_M, SHIFT)
    assert sitting.window.side.page is sitting.window.pages.coverage
    sitting.key(Key.Key_M, SHIFT)
    assert sitting.window.side.page is None and len(sitting.desk.order) == 4
    sitting.click(row.map, row.map.rect().center())
    assert sitting.window.side.page is sitting.window.pages.coverage


def test_the_map_stays_at_hand_once_all_was_shown(
    read: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read.window.watching, "whole", lambda: 1.0)
    read.window.watching.counted.emit()
    row = read.window.findings.coverage_row
    assert row.isVisible() and row.go.isHidden() and not row.map.isHidden()
