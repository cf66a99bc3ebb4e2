"""In a small window the list and the other cuts take turns; the axial pane keeps its room."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.fakes import CANDIDATES
from tests.window.conftest import CTRL, SHIFT, Sitting
from viewer import theme
from viewer.panels.measures import measures, side_beside, strip_width
from viewer.views.layouts import cut_width

Key = Qt.Key
SIZES = ((1024, 640), (1024, 768), (1080, 1920), (1140, 900))


def settle() -> None:
    for _ in range(3):
        QApplication.processEvents()


def small(sitting: Sitting, size: tuple[int, int] = (1024, 640)) -> Sitting:
    sitting.window.resize(*size)
    settle()
    return sitting


def axial(sitting: Sitting) -> int:
    return sitting.window.panes.views["axial"].width()


def cuts(sitting: Sitting) -> bool:
    views = sitting.window.panes.views
    return views["coronal"].isVisible() and views["sagittal"].isVisible()


def strip_in_sight(sitting: Sitting) -> bool:
    return sitting.window.cuts.folding.strip.isVisible()


@pytest.mark.parametrize("size", SIZES)
def test_the_axial_pane_has_its_480_pixels_with_the_list_and_with_the_cuts(
    read: Sitting, size: tuple[int, int]
) -> None:
    small(read, size)
    least = theme.size("layout.axialMin")
    assert measures(*size).small
    assert not strip_in_sight(read) and not cuts(read), "there are marks to judge: the list"
    with_list = axial(read)
    read.key(Key.Key_B, CTRL | SHIFT)
    settle()
    assert strip_in_sight(read) and cuts(read)
    assert axial(read) == with_list >= least
    assert read.window.panes.views["coronal"].width() >= theme.size("layout.cutMin")


def test_windows_of_the_boards_are_as_they_were(read: Sitting) -> None:
    for size in ((1280, 720), (1440, 900), (1920, 1080)):
        small(read, size)
        assert not measures(*size).small
        assert cuts(read) and read.window.findings.isVisible()
        assert read.window.side.width() == measures(*size).panel


def test_the_own_pass_has_the_three_cuts_and_the_list_comes_with_the_marks(
    sitting: Sitting,
) -> None:
    sitting.desk.own_pass.start_in("second")
    small(sitting).open()
    settle()
    assert cuts(sitting) and strip_in_sight(sitting)
    assert sitting.window.cuts.folding.strip.own_pass.isVisible(), "nothing waits unsaid"
    before = axial(sitting)
    sitting.nodules(*CANDIDATES)
    settle()
    assert cuts(sitting), "marks wait for the own pass"
    sitting.key(Key.Key_Return)
    settle()
    assert sitting.window.findings.isVisible() and not cuts(sitting)
    assert axial(sitting) == before


def test_the_strip_says_how_many_findings_are_in_each_state(read: Sitting) -> None:
    small(read)
    read.key(Key.Key_B, CTRL | SHIFT)
    strip = read.window.cuts.folding.strip
    assert strip.counts == {"undecided": 4, "held": len(read.desk.held)}
    read.key(Key.Key_A)
    read.key(Key.Key_X)
    settle()
    assert strip.counts["accepted"] == strip.counts["rejected"] == 1
    assert strip.counts["undecided"] == 2 and cuts(read), "verdicts need no list"
    assert "1 accepted" in strip.toolTip()
    read.key(Key.Key_Z, CTRL)
    assert "rejected" not in strip.counts


def test_a_click_on_the_strip_opens_the_panel_and_its_button_folds_it(read: Sitting) -> None:
    small(read)
    read.key(Key.Key_B, CTRL | SHIFT)
    read.click(read.window.cuts.folding.strip, QPoint(20, 300))
    settle()
    assert read.window.findings.isVisible() and not cuts(read)
    button = read.window.side.fold_button
    assert button is not None and button.isVisible()
    assert button.geometry().right() < read.window.side.width()
    read.click(button, button.rect().center())
    settle()
    assert cuts(read)


def test_tab_to_a_cut_brings_the_cuts(read: Sitting) -> None:
    small(read)
    read.key(Key.Key_Tab)
    settle()
    assert cuts(read) and read.window.panes.active == "coronal"
    read.key(Key.Key_B, CTRL | SHIFT)
    settle()
    assert read.window.panes.active == "axial", "no key goes to a pane that nobody sees"


def test_a_page_another_tab_and_a_field_open_it_and_it_goes_back(read: Sitting) -> None:
    small(read)
    read.key(Key.Key_B, CTRL | SHIFT)
    settle()
    read.key(Key.Key_R)
    settle()
    assert read.window.pages.report.isVisible() and not cuts(read)
    read.window.focus_panes()
    read.key(Key.Key_Escape)
    settle()
    assert cuts(read)
    read.key(Key.Key_Tab, CTRL)
    settle()
    assert read.window.segments.isVisible()
    read.key(Key.Key_Tab, CTRL | SHIFT)
    settle()
    assert cuts(read)
    read.window.hands.find_finding()
    settle()
    field = read.window.findings.search
    assert QApplication.focusWidget() is field and field.isVisible()
    QTest.keyClicks(field, "R")
    read.key(Key.Key_Escape)
    settle()
    assert cuts(read) and read.window.findings.wanted == ""


def test_a_label_for_a_mark_of_ones_own_is_typed_in_sight(sitting: Sitting) -> None:
    sitting.desk.own_pass.start_in("second")
    small(sitting).open()
    settle()
    sitting.window.activateWindow()
    sitting.window.focus_panes()
    sitting.key(Key.Key_M)
    settle()
    field = sitting.window.findings.labelling.field
    assert field.isVisible() and QApplication.focusWidget() is field
    QTest.keyClicks(field, "node")
    sitting.key(Key.Key_Return)
    settle()
    assert cuts(sitting)
    own = sitting.desk.order[0]
    assert sitting.desk.own.label_of(own) == "node"


def test_the_key_folds_a_page_away_and_words_stay(read: Sitting) -> None:
    small(read)
    read.key(Key.Key_R)
    settle()
    page = read.window.pages.report
    QTest.keyClicks(page.findings, "Words")
    read.window.focus_panes()
    read.key(Key.Key_B, CTRL | SHIFT)
    settle()
    assert cuts(read) and read.window.side.page is None
    read.key(Key.Key_R)
    assert page.findings.text == "Words"


def test_in_a_large_window_the_key_folds_the_panel_too(read: Sitting) -> None:
    small(read, (1440, 900))
    wide = axial(read)
    read.key(Key.Key_B, CTRL | SHIFT)
    settle()
    assert strip_in_sight(read) and cuts(read) and axial(read) > wide
    small(read)
    assert not strip_in_sight(read), "another window, and its rule"


def test_the_table_of_widths_adds_up() -> None:
    for wide, high in SIZES:
        rail = theme.size("rail") + theme.size("hairline")
        body = high - theme.size("topbar") - theme.size("statusbar")
        whole = wide - rail - strip_width()
        assert side_beside(wide, high) == strip_width() + 1 + cut_width(whole, body)


def test_the_start_page_keeps_its_panel(sitting: Sitting) -> None:
    small(sitting)
    assert sitting.window.findings.isVisible() and not strip_in_sight(sitting)
    button = sitting.window.side.fold_button
    assert button is not None and not button.isVisible()


def test_the_agents_page_and_two_series_have_their_room(read: Sitting) -> None:
    small(read)
    read.key(Key.Key_F4)
    settle()
    assert read.window.agent.isVisible()
    read.key(Key.Key_B, CTRL | SHIFT)
    settle()
    assert read.window.agent.isVisible(), "its page is why that layout is there"
    read.key(Key.Key_F3)
    settle()
    assert strip_in_sight(read), "two series beside each other need the width"
    read.key(Key.Key_F2)
    settle()
    assert read.window.findings.isVisible()
