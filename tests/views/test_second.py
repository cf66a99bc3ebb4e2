"""Two scans beside each other, linked by millimetres."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from ai.scan.geometry import Geometry
from ai.scan.volume import Volume
from tests.views import scans
from tests.views.test_mouse import LEFT, drag, turn
from viewer.views.layouts import AXIAL_2, COMPARE, CORONAL_2
from viewer.views.panes import Panes
from viewer.views.second import SecondScan
from viewer.views.slice_view import SERIES_MIME
from viewer.views.state import Mark, Window
from viewer.views.turning import STRAIGHT


def thick(*, shift: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Volume:
    """A scan of the same place in slices of 5 mm; its HU is its own slice index."""
    geometry = Geometry.axial(
        (12, 40, 40), spacing_kji_mm=(5.0, 3.0, 3.0),
        origin_lps=(-58.5 + shift[0], -58.5 + shift[1], -27.5 + shift[2]),
    )  # fmt: skip
    hu = np.zeros(geometry.shape_kji, np.int16) + np.arange(12, dtype=np.int16)[:, None, None]
    return Volume(geometry, hu)


def shifted(x: float, y: float, z: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, 3] = x, y, z
    return matrix


@pytest.fixture
def pair(panes: Panes) -> Panes:
    """Compare: the ramp at the left, slices of 5 mm of the same patient at the right."""
    volume = thick()
    series = replace(scans.series_of(volume), number=4, kernel="SOFT", thickness_mm=5.0)
    panes.set_layout(COMPARE)
    panes.set_second(SecondScan(volume, series, np.eye(4)))
    return panes


def test_each_pane_shows_its_own_volume_and_tells_its_series(pair: Panes) -> None:
    first, second = pair.views["axial"], pair.views[AXIAL_2]
    assert first.volume is pair.volume and second.volume is not pair.volume
    assert second.of_second and not first.of_second
    assert "SOFT · 5 mm" in second.corners.lines.text.study
    assert "STANDARD · 2 mm" in first.corners.lines.text.study


def test_scrolling_one_takes_the_other_to_the_same_millimetres(pair: Panes) -> None:
    first, second = pair.views["axial"], pair.views[AXIAL_2]
    turn(second, -120)
    assert abs(first.slice_lps()[2] - second.slice_lps()[2]) <= 2.5
    z = second.slice_lps()[2]
    for _ in range(5):
        turn(first, -120)
    assert second.slice_lps()[2] == pytest.approx(z - 10), "ten millimetres are two thick slices"
    assert pair.active == "axial"


def test_the_crosshair_lies_at_the_same_place_on_both(pair: Panes) -> None:
    pair.go_to((12.0, -9.0, 4.0))
    for view in pair.views.values():
        assert view.state.crosshair_lps == pytest.approx((12.0, -9.0, 4.0))
    pair.set_tool("crosshair")
    second = pair.views[AXIAL_2]
    drag(second, LEFT, QPointF(100, 90))
    assert pair.state.crosshair_lps == pytest.approx(second.state.crosshair_lps)


def test_a_match_moves_places_between_the_scans(panes: Panes) -> None:
    panes.set_layout(COMPARE)
    panes.set_second(SecondScan(thick(shift=(10, 0, -20)), to_first=shifted(-10, 0, 20)))
    panes.go_to((5.0, 6.0, 7.0))
    assert panes.views[AXIAL_2].state.crosshair_lps == pytest.approx((15.0, 6.0, -13.0))
    panes.views[AXIAL_2].crosshair_dragged.emit((0.0, 0.0, -20.0))
    assert panes.state.crosshair_lps == pytest.approx((-10.0, 0.0, 0.0))


def test_zoom_and_pan_are_linked_both_ways(pair: Panes) -> None:
    first, second = pair.views["axial"], pair.views[AXIAL_2]
    assert first.camera.mm_per_px == second.camera.mm_per_px
    first.zoom(2.0, about=QPointF(50, 60))
    assert second.camera.mm_per_px == first.camera.mm_per_px
    assert second.view().lps_of(100, 100)[:2] == pytest.approx(first.view().lps_of(100, 100)[:2])
    second.pan(QPointF(30, 10))
    assert first.view().lps_of(100, 100)[:2] == pytest.approx(second.view().lps_of(100, 100)[:2])
    coronal = pair.views["coronal"].camera.mm_per_px
    assert coronal == pair.views[CORONAL_2].camera.mm_per_px != first.camera.mm_per_px


def test_each_series_has_a_window_of_its_own(pair: Panes) -> None:
    pair.activate(AXIAL_2)
    pair.set_window(Window(400, 40))
    assert pair.views[AXIAL_2].state.window == Window(400, 40) == pair.window_shown
    assert pair.views["axial"].state.window == Window(1500, -600)
    pair.activate("axial")
    pair.set_window(Window(2000, 400))
    assert pair.views[CORONAL_2].state.window == Window(400, 40)


def test_a_prior_shares_the_window(panes: Panes) -> None:
    panes.set_layout(COMPARE)
    panes.set_second(SecondScan(thick(), to_first=np.eye(4), own_window=False))
    panes.activate(AXIAL_2)
    panes.set_window(Window(400, 40))
    assert panes.views["axial"].state.window == Window(400, 40)


def test_unlinked_they_scroll_apart_and_linked_again_they_meet(pair: Panes, qtbot: QtBot) -> None:
    first, second = pair.views["axial"], pair.views[AXIAL_2]
    with qtbot.waitSignal(pair.linked_changed) as told:
        pair.set_linked(False)
    assert told.args == [False] and "Not linked" in second.corners.beside
    z = first.slice_lps()[2], second.slice_lps()[2]
    turn(second, -240)
    assert (first.slice_lps()[2], second.slice_lps()[2]) == pytest.approx((z[0], z[1] - 10))
    first.zoom(1.5, about=QPointF(10, 10))
    assert first.camera.mm_per_px != second.camera.mm_per_px
    pair.set_linked(True)
    assert abs(first.slice_lps()[2] - second.slice_lps()[2]) <= 2.5
    assert not second.corners.beside


def test_a_reader_anchors_two_scans_by_hand_and_it_is_said(pair: Panes) -> None:
    first, second = pair.views["axial"], pair.views[AXIAL_2]
    pair.set_linked(False)
    turn(second, -480)
    gap = second.state.crosshair_lps[2] - first.state.crosshair_lps[2]
    pair.anchor_second()
    assert pair.linked and "Linked by hand" in second.corners.beside
    turn(first, -240)
    assert second.state.crosshair_lps[2] - first.state.crosshair_lps[2] == pytest.approx(gap)
    assert pair.second_match is not None and pair.second_match[2, 3] == pytest.approx(-gap)


def test_where_nothing_tells_how_two_scans_lie_they_are_apart_until_anchored(panes: Panes) -> None:
    panes.set_layout(COMPARE)
    panes.set_second(SecondScan(thick(shift=(0, 0, 300))))
    second = panes.views[AXIAL_2]
    assert not panes.linked and "Not linked" in second.corners.beside
    assert second.hu_at(second.slice_lps()) is not None, "it opens at its own middle"
    panes.set_linked(True)
    assert panes.linked and "Linked by hand" in second.corners.beside
    z = second.slice_lps()[2]
    panes.scroll(5, "axial")
    assert second.slice_lps()[2] == pytest.approx(z - 10)


def test_tags_stand_in_the_corners_of_both_and_in_small_panes_too(panes: Panes) -> None:
    volume = thick()
    panes.set_layout(COMPARE)
    panes.set_second(
        SecondScan(
            volume, scans.series_of(volume), shifted(0, 0, 3), tag="PRIOR · 366 days",
            first_tag="CURRENT", approximate=True,
        )
    )  # fmt: skip
    assert panes.views["coronal"].corners.beside == ("CURRENT",)
    assert panes.views[CORONAL_2].corners.beside == ("PRIOR · 366 days", "Linked, approximate")
    panes.resize(700, 600)
    corners = panes.views[CORONAL_2].corners
    assert corners.small and corners._series_lines() == ["PRIOR · 366 days", "Approximate"]
    assert panes.views["coronal"].corners._series_lines() == ["CURRENT"]
    panes.set_linked(False)
    assert corners._series_lines() == ["PRIOR · 366 days", "Not linked"]
    panes.set_second(None)
    assert panes.views["coronal"].corners.beside == ()


def test_the_study_is_told_on_the_axial_panes_and_the_lower_ones_keep_lung_in_sight(
    panes: Panes,
) -> None:
    volume = thick()
    panes.resize(1800, 1400)
    panes.set_layout(COMPARE)
    panes.set_second(
        SecondScan(
            volume, scans.series_of(volume), nodding(4.0), tag="PRIOR · 400 days",
            first_tag="CURRENT", approximate=True, link="By lungs, approximate",
        )
    )  # fmt: skip
    lines = {name: view.corners._series_lines() for name, view in panes.views.items()}
    assert not panes.views[CORONAL_2].corners.few
    assert lines[CORONAL_2] == ["PRIOR · 400 days", "By lungs, approximate"]
    assert lines["coronal"] == lines["sagittal"] == ["CURRENT"]
    assert lines[AXIAL_2][:3] == [
        "PRIOR · 400 days", "By lungs, approximate", "Turned 4° to match",
    ]  # fmt: skip
    assert "Chest CT · Se 7" in lines[AXIAL_2] and "Chest CT · Se 7" in lines["axial"]
    panes.views[AXIAL_2].hide()
    assert "Chest CT · Se 7" in panes.views[CORONAL_2].corners._series_lines(), (
        "where no axial pane of that scan shows, its other one tells"
    )
    panes.set_second(None)
    assert "Chest CT · Se 7" in panes.views["coronal"].corners._series_lines()


def test_marks_and_lungs_of_the_first_lie_on_the_second_only_where_the_match_is_exact(
    pair: Panes,
) -> None:
    assert pair.volume is not None
    mark = Mark("a", 1, (10.0, 10.0, 0.0), 5.0, "proposed")
    pair.set_marks((mark,))
    pair.set_labels(scans.two_balls(pair.volume.geometry))
    second = pair.views[AXIAL_2]
    assert second._marks == (mark,) and second._layer.labelled
    volume = thick(shift=(4, 0, 0))
    pair.set_second(SecondScan(volume, to_first=shifted(-4, 0, 0)))
    assert second._marks[0].centre_lps == pytest.approx((14.0, 10.0, 0.0))
    assert second._layer.labelled
    pair.set_second(SecondScan(volume, to_first=shifted(-4, 0, 0), approximate=True))
    assert second._marks == () and not second._layer.labelled


def nodding(degrees: float) -> np.ndarray:
    """About the patient's left-right axis: the head nods."""
    made, angle = np.eye(4), math.radians(degrees)
    c, s = math.cos(angle), math.sin(angle)
    made[1:3, 1:3] = (c, -s), (s, c)
    return made


def test_a_prior_that_lies_turned_is_cut_as_the_first_is_and_says_so(panes: Panes) -> None:
    panes.set_layout(COMPARE)
    matrix = nodding(5.0)
    panes.set_second(SecondScan(thick(), to_first=matrix, approximate=True))
    first, second = panes.views["axial"], panes.views[AXIAL_2]
    onward = matrix[:3, :3] @ np.array(second.plane.onward)
    assert onward == pytest.approx(np.array(first.plane.onward))
    assert "Turned 5° to match" in second.corners.beside
    assert first.state.planes.straight, "the scan that is read keeps its own slices"
    panes.set_linked(False)
    assert second.state.planes.straight, "apart it shows its own slices"
    assert not any("Turned" in line for line in second.corners.beside)


def test_a_turn_too_small_to_be_seen_keeps_the_priors_own_slices(panes: Panes) -> None:
    panes.set_layout(COMPARE)
    panes.set_second(SecondScan(thick(), to_first=nodding(0.5), approximate=True))
    assert panes.views[AXIAL_2].state.planes.straight


def test_the_first_keeps_its_own_slices_while_a_turned_prior_is_scrolled(panes: Panes) -> None:
    panes.set_layout(COMPARE)
    panes.set_second(SecondScan(thick(), to_first=nodding(5.0), approximate=True))
    second = panes.views[AXIAL_2]
    before = panes.state.crosshair_lps
    panes.scroll(2, AXIAL_2)
    assert panes.state.planes.straight and panes.state.crosshair_lps[2] < before[2]
    panes.turn_planes(AXIAL_2, 20.0)
    panes.turn_planes(AXIAL_2, -20.0)
    assert panes.state.planes.straight
    assert nodding(5.0)[:3, :3] @ np.array(second.plane.onward) == pytest.approx(
        np.array(panes.views["axial"].plane.onward)
    )


def test_oblique_planes_turn_on_both_the_same_way_in_the_patient(panes: Panes) -> None:
    turn_z = np.eye(4)
    c, s = math.cos(0.1), math.sin(0.1)
    turn_z[:2, :2] = (c, -s), (s, c)
    panes.set_layout(COMPARE)
    panes.set_second(SecondScan(thick(), to_first=turn_z))
    second = panes.views[AXIAL_2]
    panes.set_planes(STRAIGHT.turned("coronal", 0.4))
    own, first = np.array(second.plane.onward), np.array(panes.views["axial"].plane.onward)
    assert turn_z[:3, :3] @ own == pytest.approx(first)
    second.planes_turned.emit(second.state.planes.turned("axial", 0.2))
    expected = STRAIGHT.turned("coronal", 0.4).turned("axial", 0.2)
    assert np.array(panes.state.planes.sagittal.onward) == pytest.approx(
        np.array(expected.sagittal.onward)
    )


def test_a_pane_of_the_reading_layout_can_show_the_second_series(panes: Panes) -> None:
    volume = thick()
    panes.set_second(SecondScan(volume, scans.series_of(volume), np.eye(4)))
    coronal, sagittal = panes.views["coronal"], panes.views["sagittal"]
    coronal.zoom(1.3, about=QPointF(100, 100))
    seen = coronal.view().lps_of(50, 50), coronal.camera.mm_per_px
    panes.show_in("coronal", second=True)
    assert coronal.volume is not panes.volume and coronal.of_second
    assert coronal.state.crosshair_lps == panes.state.crosshair_lps
    assert coronal.view().lps_of(50, 50)[0] == pytest.approx(seen[0][0])
    assert coronal.camera.mm_per_px == seen[1], "as large as before"
    brief = "Se 7 · STANDARD · 2 mm"  # first what is never the same in two series of a study
    assert coronal.corners.small and coronal.corners._series_lines() == [brief]
    assert sagittal.corners._series_lines() == [brief]
    panes.set_layout(COMPARE)
    assert not coronal.of_second, "there each series has its own column"
    panes.show_in("coronal", second=True)
    panes.set_second(None)
    assert coronal.volume is panes.volume and not coronal.of_second
    assert sagittal.corners._series_lines() == []


def test_the_second_shows_its_slices_as_they_come(panes: Panes) -> None:
    panes.set_layout(COMPARE)
    panes.set_second(SecondScan(thick(), to_first=np.eye(4), loaded=np.zeros(12, bool)))
    second = panes.views[AXIAL_2]
    assert second.hu_at((0.0, 0.0, 0.0)) is None
    panes.second_slices_ready(range(12))
    assert second.hu_at((0.0, 0.0, 0.0)) is not None


def test_panes_without_a_second_scan_are_told_of_to_nobody(panes: Panes) -> None:
    assert set(panes.views) == {"axial", "coronal", "sagittal"}
    panes.set_layout(COMPARE)
    assert set(panes.views) == {"axial", "coronal", "sagittal"}
    panes.set_second(SecondScan(thick(), to_first=np.eye(4)))
    assert set(panes.views) == {"axial", "coronal", "sagittal", AXIAL_2, CORONAL_2}
    panes.activate(AXIAL_2)
    panes.set_second(None)
    assert panes.active == "axial"


def test_another_scan_takes_the_second_away(pair: Panes) -> None:
    volume = scans.ramp()
    pair.set_scan(volume, scans.series_of(volume))
    assert pair.second is None and AXIAL_2 not in pair.views


def test_added_tools_and_overlays_keep_off_the_second_unless_they_say_so(pair: Panes) -> None:
    class Ruler:
        name = "ruler"
        on_second = False

        def __init__(self) -> None:
            self.told: list[str] = []

        def press(self, *_: object) -> bool:
            self.told.append("press")
            return True

        def move(self, *_: object) -> None: ...
        def release(self, *_: object) -> None: ...
        def hover(self, *_: object) -> None: ...
        def leave(self, *_: object) -> None: ...

        def paint(self, painter: object, view: object) -> None:
            self.told.append("paint")

    ruler = Ruler()
    pair.add_tool(ruler)  # type: ignore[arg-type]
    pair.add_overlay(ruler)
    pair.set_tool("ruler")
    drag(pair.views[AXIAL_2], LEFT, QPointF(50, 50), QPointF(70, 50))
    pair.views[AXIAL_2].grab()
    assert ruler.told == []
    ruler.on_second = True
    drag(pair.views[AXIAL_2], LEFT, QPointF(50, 50), QPointF(70, 50))
    pair.views[AXIAL_2].grab()
    assert {"press", "paint"} <= set(ruler.told)


def test_a_series_dropped_on_a_pane_is_told_with_the_pane(panes: Panes, qtbot: QtBot) -> None:
    data = QMimeData()
    data.setData(SERIES_MIME, b"1.2.3#1")
    event = QDropEvent(
        QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    with qtbot.waitSignal(panes.series_dropped) as told:
        panes.views["coronal"].dropEvent(event)
    assert told.args == ["coronal", "1.2.3#1"]
