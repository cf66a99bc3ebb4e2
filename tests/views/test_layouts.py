"""The layouts of the table, panes that maximise and detach, pictures that stay put."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.views import scans
from viewer import theme
from viewer.views import panes as panes_module
from viewer.views.layouts import COMPARE, LAYOUTS, READ, REVIEW, VOLUME, VOLUMES, places
from viewer.views.panes import Panes
from viewer.views.second import SecondScan


@pytest.mark.parametrize("lead", ["axial", "coronal", "sagittal"])
@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("size", [(1031, 830), (651, 520), (2077, 1330)])
def test_panes_of_a_layout_fill_the_room_and_never_overlap(
    name: str, size: tuple[int, int], lead: str, themed: QApplication
) -> None:
    layout = LAYOUTS[name].led_by(lead)
    assert len(set(layout.panes)) == len(layout.panes) == len(LAYOUTS[name].panes)
    found = places(layout, *size, layout.panes)
    assert tuple(found) == layout.panes
    covered = np.zeros((size[1], size[0]), int)
    for rect in found.values():
        covered[rect.top() : rect.bottom() + 1, rect.left() : rect.right() + 1] += 1
    assert covered.max() == 1
    gaps = np.count_nonzero(covered == 0)
    assert gaps <= 2 * sum(size) + len(found), "hairlines only"


def test_a_missing_pane_leaves_its_room_to_its_neighbours(themed: QApplication) -> None:
    read = LAYOUTS[READ]
    alone = places(read, 1000, 800, {"coronal", "sagittal"})
    assert alone["coronal"].width() == 1000
    pair = places(read, 1000, 800, {"axial", "sagittal"})
    assert pair["sagittal"].height() == 800 and pair["axial"].width() < 1000
    assert places(read, 1000, 800, ()) == {}


def test_a_volume_has_its_place_beside_three_cuts_in_a_stack_of_300(panes: Panes) -> None:
    seen = QLabel("volume")
    panes.set_volume_pane(seen)
    assert not seen.isVisible()
    panes.set_layout(VOLUMES)
    assert seen.isVisible() and panes.views["axial"].width() == 300
    assert seen.geometry() == QRect(0, 0, 1031 - 301, 830)
    panes.set_layout(READ)
    assert not seen.isVisible()
    panes.set_layout(VOLUMES)
    panes.set_volume_pane(None)
    assert panes.views["axial"].width() == 1031, "without a volume the cuts have the room"
    assert VOLUME not in panes.shown


def test_the_agents_layout_has_the_axial_pane_over_the_coronal(panes: Panes) -> None:
    panes.set_layout(REVIEW)
    assert panes.layout_shown.wide_side
    axial, coronal = panes.views["axial"], panes.views["coronal"]
    assert axial.width() == coronal.width() == 1031 and axial.height() > coronal.height()
    assert not panes.views["sagittal"].isVisible()
    assert panes.shown == ("axial", "coronal")


def test_tab_goes_through_the_panes_of_the_layout_and_the_active_one_is_among_them(
    panes: Panes,
) -> None:
    panes.activate("sagittal")
    panes.set_layout(REVIEW)
    assert panes.active == "axial"
    panes.activate_next()
    panes.activate_next()
    assert panes.active == "axial"


def test_a_layout_gives_a_maximised_pane_its_room_back(panes: Panes, qtbot: QtBot) -> None:
    panes.maximise("coronal")
    with qtbot.waitSignal(panes.maximised_changed) as told:
        panes.set_layout(COMPARE)
    assert told.args == [""]
    assert panes.views["axial"].isVisible()
    with pytest.raises(ValueError, match="a layout is one of"):
        panes.set_layout("four-up")


def test_what_lies_in_the_place_of_the_second_series_goes_when_it_comes(panes: Panes) -> None:
    ask = QLabel("choose")
    panes.set_placeholder(ask)
    assert not ask.isVisible()
    panes.set_layout(COMPARE)
    assert ask.isVisible() and ask.geometry().left() > 500
    panes.set_second(SecondScan(scans.ramp(), to_first=np.eye(4)))
    assert not ask.isVisible()
    panes.set_second(None)
    assert ask.isVisible()


# Windows of their own


def test_a_detached_pane_has_its_own_window_and_leaves_its_room(panes: Panes, qtbot: QtBot) -> None:
    with qtbot.waitSignal(panes.detached_changed) as told:
        panes.detach("axial", QRect(10, 20, 500, 400))
    assert told.args == ["axial", True]
    axial = panes.views["axial"]
    assert axial.window() is not panes and axial.isVisible()
    assert panes.place_of("axial") == QRect(10, 20, 500, 400)
    assert panes.views["coronal"].width() == 1031
    panes.scroll(3, "axial")
    assert axial.state.crosshair_lps == panes.state.crosshair_lps, "it stays linked"
    assert set(panes.grab_pictures()) == {"axial", "coronal", "sagittal"}
    panes.attach("axial")
    assert axial.window() is panes and axial.width() == 686
    assert panes.detached == () and panes.place_of("axial") is None


def test_closing_the_window_of_a_pane_brings_it_back(panes: Panes) -> None:
    panes.detach("sagittal")
    panes.views["sagittal"].window().close()
    assert panes.views["sagittal"].window() is panes and panes.views["sagittal"].isVisible()


def test_closing_the_main_window_closes_those_of_its_panes(panes: Panes) -> None:
    panes.detach("sagittal")
    panes.close()
    assert panes.detached == ()


def test_the_keys_of_the_main_window_work_in_the_window_of_a_pane(
    panes: Panes, qtbot: QtBot
) -> None:
    heard: list[str] = []
    action = QAction("A", panes)
    action.setShortcut(QKeySequence("A"))
    action.triggered.connect(lambda: heard.append("A"))
    panes.addAction(action)
    panes.detach("coronal")
    window = panes.views["coronal"].window()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    panes.views["coronal"].setFocus()
    qtbot.keyClick(panes.views["coronal"], Qt.Key.Key_A)
    assert heard == ["A"]


def test_the_focus_goes_to_no_pane_in_another_window(panes: Panes, qtbot: QtBot) -> None:
    panes.detach("axial")
    panes.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is panes)
    panes.setFocus()
    focused = QApplication.focusWidget()
    assert focused is not None and focused.window() is panes


def test_a_double_click_makes_the_window_of_a_pane_fill_its_screen_and_back(panes: Panes) -> None:
    panes.detach("axial")
    view = panes.views["axial"]
    view.double_clicked.emit("axial")
    assert view.window().isFullScreen()
    view.double_clicked.emit("axial")
    assert not view.window().isFullScreen()
    panes.attach("axial")


def test_a_place_on_a_screen_that_is_gone_is_not_used(panes: Panes) -> None:
    panes.detach("axial", QRect(90000, 90000, 300, 300))
    place = panes.place_of("axial")
    assert place is not None and place.left() < 20000


# Pictures stay put


@pytest.fixture
def under_banner(qtbot: QtBot, themed: QApplication) -> Iterator[tuple[Panes, QWidget]]:
    """Panes below a strip that comes and goes, as in the window."""
    window, strip = QWidget(), QWidget()
    qtbot.addWidget(window)
    strip.setFixedHeight(52)
    strip.hide()
    made = Panes()
    inside = QVBoxLayout(window)
    inside.setContentsMargins(0, 0, 0, 0)
    inside.setSpacing(0)
    inside.addWidget(strip)
    inside.addWidget(made, 1)
    window.resize(1000, 800)
    window.show()
    volume = scans.ramp()
    made.set_scan(volume, scans.series_of(volume))
    made.set_labels(scans.two_balls(volume.geometry))
    yield made, strip
    window.close()


def sights(panes: Panes) -> dict[str, tuple[float, float, float]]:
    """For each pane the zoom, and where in the window the crosshair lies."""
    found = {}
    for name, view in panes.views.items():
        x, y = view.view().pixels_of((5.0, 5.0, 5.0))
        corner = view.mapTo(view.window(), view.rect().topLeft())
        found[name] = view.camera.mm_per_px, float(x) + corner.x(), float(y) + corner.y()
    return found


@pytest.mark.parametrize("why", ["fitted", "zoomed", "followed"])
def test_a_banner_that_comes_and_goes_moves_no_picture(
    under_banner: tuple[Panes, QWidget], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, why: str
) -> None:
    panes, strip = under_banner
    monkeypatch.setattr(panes_module, "FRESH_S", 0.0)
    if why == "zoomed":
        for plane in panes.views:
            panes.zoom(1.3, plane)
    elif why == "followed":
        panes.go_to((57.0, 57.0, 5.0))
        assert any(view._followed for view in panes.views.values())
    before = sights(panes)
    high = panes.height()
    strip.show()
    qtbot.waitUntil(lambda: panes.height() == high - 52)
    for name, sight in sights(panes).items():
        assert sight == pytest.approx(before[name], abs=0.51), name
        assert sight[0] == before[name][0], name
    strip.hide()
    qtbot.waitUntil(lambda: panes.height() == high)
    for name, sight in sights(panes).items():
        assert sight == pytest.approx(before[name], abs=0.01), name


def test_a_banner_hides_no_crosshair_and_what_it_moved_comes_back(
    under_banner: tuple[Panes, QWidget], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    panes, strip = under_banner
    monkeypatch.setattr(panes_module, "FRESH_S", 0.0)
    coronal, high = panes.views["coronal"], panes.height()
    edge = coronal.view().lps_of(coronal.width() / 2, 45.0)
    panes.go_to(edge)
    before = sights(panes)
    strip.show()
    qtbot.waitUntil(lambda: panes.height() == high - 52)
    assert coronal.view().pixels_of(edge)[1] == pytest.approx(theme.number("reveal.inset"), abs=1)
    assert sights(panes)["coronal"][0] == before["coronal"][0]
    strip.hide()
    qtbot.waitUntil(lambda: panes.height() == high)
    assert sights(panes)["coronal"] == pytest.approx(before["coronal"], abs=0.01)
    strip.show()
    qtbot.waitUntil(lambda: panes.height() == high - 52)
    coronal.pan(QPointF(0, 30))
    chosen = sights(panes)["coronal"]
    strip.hide()
    qtbot.waitUntil(lambda: panes.height() == high)
    assert sights(panes)["coronal"] == pytest.approx(chosen, abs=0.51), "a hand has moved it"


@pytest.mark.parametrize("how", ["F", "the window's size"])
def test_under_a_banner_what_nobody_has_zoomed_fills_its_pane_when_that_is_asked_for(
    under_banner: tuple[Panes, QWidget], monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, how: str
) -> None:
    panes, strip = under_banner
    monkeypatch.setattr(panes_module, "FRESH_S", 0.0)
    high = panes.height()
    strip.show()
    qtbot.waitUntil(lambda: panes.height() == high - 52)
    if how == "F":
        panes.fit()
    else:
        panes.window().resize(1000, 700)
        qtbot.waitUntil(lambda: panes.height() == high - 152)
    shown = sights(panes)
    panes.fit()
    assert sights(panes) == shown
    assert not any(view.camera.touched for view in panes.views.values())


def test_a_banner_that_comes_with_the_scan_is_fitted_round(
    under_banner: tuple[Panes, QWidget], qtbot: QtBot
) -> None:
    panes, strip = under_banner
    panes.set_labels(None)
    volume = scans.ramp()
    panes.set_scan(volume, scans.series_of(volume))
    high = panes.height()
    strip.show()
    qtbot.waitUntil(lambda: panes.height() == high - 52)
    shown = sights(panes)
    panes.fit()
    assert shown == sights(panes)


def test_a_hand_at_work_settles_the_pictures_while_slices_still_come(
    under_banner: tuple[Panes, QWidget], qtbot: QtBot
) -> None:
    panes, strip = under_banner
    volume = scans.ramp()
    panes.set_scan(volume, scans.series_of(volume), np.zeros(30, bool))
    panes.scroll(1)
    panes.slices_ready(range(30))
    before, high = sights(panes), panes.height()
    strip.show()
    qtbot.waitUntil(lambda: panes.height() == high - 52)
    for name, sight in sights(panes).items():
        assert sight == pytest.approx(before[name], abs=0.51), name


def test_lungs_that_are_edited_change_no_zoom(panes: Panes) -> None:
    assert panes.volume is not None
    panes.set_labels(scans.two_balls(panes.volume.geometry))
    fitted = panes.views["axial"].camera.mm_per_px
    panes.set_labels(scans.two_balls(panes.volume.geometry, radius_mm=9))
    assert panes.views["axial"].camera.mm_per_px == fitted
    panes.fit()
    assert panes.views["axial"].camera.mm_per_px < fitted
