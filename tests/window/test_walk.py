"""Every button is reached and pressed by keys alone, and the panes' keys stay the panes'."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication

from tests.window.conftest import SHIFT, Sitting
from tests.window.test_priors import NOW, PRIOR
from viewer.panels.buttons import Button, Tool
from viewer.panels.entries import EntryList
from viewer.panels.segments import SegmentRow
from viewer.panels.tabs import Tab
from viewer.window.keys import SEGMENTS
from viewer.window.walk import Walk

Key = Qt.Key


def walk_of(at: Sitting) -> Walk:
    return at.window.hands.walk


def here(at: Sitting) -> object:
    QApplication.processEvents()
    stop = walk_of(at).stop
    return stop.widget if stop is not None else None


def round_trip(at: Sitting) -> list[object]:
    """All that Tab comes to, from the first button and once round."""
    at.key(Key.Key_F7)
    first = walk_of(at).stop
    seen = [here(at)]
    for _ in range(300):
        at.key(Key.Key_Tab)
        if walk_of(at).stop == first:
            return seen
        seen.append(here(at))
    raise AssertionError("Tab never comes round")


def go_to(at: Sitting, wanted: object) -> None:
    at.key(Key.Key_F7)
    for _ in range(300):
        if here(at) is wanted:
            return
        at.key(Key.Key_Tab)
    raise AssertionError(f"Tab never comes to {wanted}")


def test_tab_is_the_next_panes_until_f7_and_again_after_esc(read: Sitting) -> None:
    panes = read.window.panes
    before = panes.active
    read.key(Key.Key_Tab)
    assert panes.active != before and here(read) is None
    before = panes.active
    read.key(Key.Key_F7)
    read.key(Key.Key_Tab)
    assert panes.active == before and here(read) is not None
    read.key(Key.Key_Escape)
    assert here(read) is None and panes.hasFocus()
    read.key(Key.Key_Tab)
    assert panes.active != before


@pytest.mark.parametrize("tab", [0, 1, 2, 3])
def test_every_button_in_sight_is_reached(read: Sitting, tab: int) -> None:
    read.window.side.open(tab)
    read.key(Key.Key_E)
    QApplication.processEvents()
    seen = set(map(id, round_trip(read)))
    missed = [
        button
        for button in read.window.findChildren(QAbstractButton)
        if isinstance(button, Button | Tool | Tab)
        and button.isVisible()
        and button.isEnabled()
        and not button.visibleRegion().isEmpty()
        and id(button) not in seen
    ]
    assert missed == []


def test_f7_goes_through_the_parts_and_shift_f7_back(read: Sitting) -> None:
    window = read.window
    read.key(Key.Key_F7)
    first = here(read)
    assert window.topbar.isAncestorOf(first)  # type: ignore[arg-type]
    read.key(Key.Key_F7)
    second = here(read)
    assert second is not first and not window.topbar.isAncestorOf(second)  # type: ignore[arg-type]
    read.key(Key.Key_F7, SHIFT)
    assert here(read) is first


def test_enter_presses_what_the_ring_is_around(read: Sitting) -> None:
    go_to(read, read.window.side.tabs[SEGMENTS])
    read.key(Key.Key_Return)
    assert read.window.side.current == SEGMENTS
    assert here(read) is read.window.side.tabs[SEGMENTS], "the ring stays where it was"
    row = read.window.segments.findChildren(SegmentRow)[0]
    go_to(read, row.eye)
    read.key(Key.Key_Space)
    assert row.shown is False
    assert read.window.panes.state.show_marks, "Space was the button's, not the panes'"


def test_letters_still_judge_and_a_ring_does_not_hold_them_up(read: Sitting) -> None:
    current = read.desk.current
    assert current is not None
    read.key(Key.Key_F7)
    read.key(Key.Key_A)
    assert read.state(current) == "accepted"


def test_rows_and_the_buttons_painted_in_them_are_pressed_too(read: Sitting) -> None:
    findings = read.window.findings.list
    go_to(read, findings)
    names = []
    while here(read) is findings:
        stop = walk_of(read).stop
        assert stop is not None
        names.append((stop.row, stop.place.topLeft() == QPoint()))
        read.key(Key.Key_Tab)
    assert sum(whole for _, whole in names) == findings.model().rowCount()
    card = [row for row, whole in names if not whole]
    assert len(card) >= 4 and len(set(card)) == 1, "the buttons of the current one's card"
    before = read.desk.current
    go_to(read, findings)
    stop = walk_of(read).stop
    assert stop is not None
    while stop.row != names[-1][0]:
        read.key(Key.Key_Tab)
        stop = walk_of(read).stop
        assert stop is not None
    read.key(Key.Key_Return)
    assert read.desk.current != before


def test_a_series_is_chosen_from_the_rail_by_keys(sitting: Sitting) -> None:
    sitting.open(NOW, PRIOR)
    go_to(sitting, sitting.window.studies.rail)
    sitting.key(Key.Key_Tab)
    assert here(sitting) is sitting.window.studies.rail
    sitting.key(Key.Key_Return)
    sitting.children.load()
    assert sitting.desk.scan is not None and sitting.desk.scan.series.key == PRIOR.key


def test_a_slider_moves_by_arrows_while_the_ring_is_around_it(read: Sitting) -> None:
    read.key(Key.Key_E)
    slider = read.window.editing.strip.slider
    go_to(read, slider)
    before = slider.value()
    read.key(Key.Key_Right)
    assert slider.value() > before and here(read) is slider
    read.key(Key.Key_Left)
    assert slider.value() == before


def test_the_ring_goes_on_where_its_button_has_gone(read: Sitting) -> None:
    read.key(Key.Key_E)
    done = read.window.editing.strip.findChildren(Button)[-1]
    go_to(read, done)
    read.key(Key.Key_Return)
    QApplication.processEvents()
    assert read.desk.editing.target is None
    assert here(read) is not done
    read.key(Key.Key_Escape)
    assert here(read) is None


def test_a_click_on_a_pane_ends_it(read: Sitting) -> None:
    read.key(Key.Key_F7)
    read.window.panes.setFocus()
    assert here(read) is None


def test_with_no_study_open_the_start_page_is_reached(sitting: Sitting) -> None:
    seen = round_trip(sitting)
    start = [one for one in seen if sitting.window.start.isAncestorOf(one)]  # type: ignore[arg-type]
    assert start
    assert not [one for one in seen if isinstance(one, EntryList) and not one.isVisible()]
