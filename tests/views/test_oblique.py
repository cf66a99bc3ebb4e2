"""Oblique cuts: the planes turn together, and every place stays where it is in the patient."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF

from tests.views import scans
from tests.views.test_mouse import LEFT, NONE, drag, send
from viewer.views.crosshair import hairs_of
from viewer.views.panes import Panes
from viewer.views.planes import PLANES, letters
from viewer.views.slice_view import SliceView
from viewer.views.state import Mark, Window
from viewer.views.turning import STRAIGHT, ThreePlanes

ANGLE = st.floats(-3.1, 3.1)


def hover(view: SliceView, at: QPointF) -> None:
    view._hovered = True
    send(view, QEvent.Type.MouseMove, at, NONE, NONE)


def arm_end(panes: Panes, pane: str, plane: str) -> QPointF:
    """The end of an arm as it lies when a hand is over the pane."""
    view = panes.views[pane]
    hover(view, QPointF(5, 5))
    return next(arm.end for arm in view.arms() if arm.plane == plane)


def swing(panes: Panes, pane: str, plane: str, degrees: float) -> None:
    """A hand takes the end of an arm and goes round the crosshair with it."""
    view = panes.views[pane]
    start = arm_end(panes, pane, plane)
    centre = QPointF(*view.view().pixels_of(panes.state.crosshair_lps))
    way = start - centre
    stops = []
    for share in (0.3, 0.7, 1.0):
        turn = math.radians(degrees * share)
        c, s = math.cos(turn), math.sin(turn)
        stops.append(centre + QPointF(c * way.x() - s * way.y(), s * way.x() + c * way.y()))
    drag(view, LEFT, start, *stops)


@given(ANGLE, ANGLE, ANGLE)
def test_planes_stay_at_right_angles_however_they_are_turned(a: float, b: float, c: float) -> None:
    planes = STRAIGHT.turned("axial", a).turned("coronal", b).turned("sagittal", c)
    for name in PLANES:
        axes = planes[name].axes
        assert axes @ axes.T == pytest.approx(np.eye(3), abs=1e-12)
        hand = np.linalg.det(PLANES[name].axes)
        assert np.linalg.det(axes) == pytest.approx(hand), "never a mirror image"
    normals = np.array([planes[name].onward for name in PLANES])
    assert np.abs(normals @ normals.T - np.eye(3)).max() < 1e-12


def test_a_turn_leaves_the_plane_it_is_made_on_as_it_is() -> None:
    planes = STRAIGHT.turned("axial", math.radians(23))
    assert planes.axial == PLANES["axial"]
    assert planes.tilt_deg("coronal") == pytest.approx(23)
    assert planes.tilt_deg("sagittal") == pytest.approx(23)


def test_a_turn_to_and_fro_ends_on_the_patients_own_planes_exactly() -> None:
    there = STRAIGHT.turned("coronal", 0.7)
    assert not there.straight
    assert there.turned("coronal", -0.7) is STRAIGHT
    assert STRAIGHT.turned("axial", math.radians(0.9)) is STRAIGHT, "a degree is a tremor"


@pytest.mark.parametrize("pane", PLANES)
@pytest.mark.parametrize("degrees", [30.0, -20.0])
def test_a_hand_on_an_arm_turns_the_other_two_planes_with_the_line_under_it(
    panes: Panes, pane: str, degrees: float
) -> None:
    other, third = (name for name in PLANES if name != pane)
    view = panes.views[pane]
    before = {hair.plane: (hair.dx, hair.dy) for hair in hairs_of(view.view(), view.state)}
    swing(panes, pane, other, degrees)
    planes = panes.state.planes
    assert planes[pane] == PLANES[pane]
    assert planes.tilt_deg(other) == pytest.approx(abs(degrees), abs=0.1)
    assert planes.tilt_deg(third) == pytest.approx(abs(degrees), abs=0.1)
    turn = math.radians(degrees)
    for hair in hairs_of(view.view(), view.state):
        dx, dy = before[hair.plane]
        wanted = (
            math.cos(turn) * dx - math.sin(turn) * dy,
            math.sin(turn) * dx + math.cos(turn) * dy,
        )
        assert abs(hair.dx * wanted[0] + hair.dy * wanted[1]) == pytest.approx(1.0, abs=1e-3)


def test_turning_keeps_the_crosshair_where_it_is_on_every_pane(panes: Panes) -> None:
    panes.go_to((14.0, -8.0, 5.0))
    spots = {
        name: view.view().pixels_of(panes.state.crosshair_lps) for name, view in panes.views.items()
    }
    window = panes.state.window
    swing(panes, "axial", "coronal", 25)
    for name, view in panes.views.items():
        assert view.view().pixels_of(panes.state.crosshair_lps) == pytest.approx(
            spots[name], abs=0.6
        )
    assert panes.state.window == window and not panes.state.moving


def test_what_is_bright_in_the_patient_is_bright_at_its_place_on_oblique_panes(
    panes: Panes,
) -> None:
    volume = scans.left_front_head(scans.lying("FFP"))
    panes.set_scan(volume)
    panes.set_window(Window(400, 0))
    panes.set_planes(STRAIGHT.turned("axial", 0.5).turned("sagittal", -0.4))
    panes.set_show_crosshair(False)
    panes.go_to((20.0, -20.0, 20.0))
    for name, view in panes.views.items():
        picture = view.grab().toImage()
        x, y = view.view().pixels_of((20.0, -20.0, 20.0))
        assert picture.pixelColor(round(x), round(y)).lightness() > 200, name
        lps = view.view().lps_of(float(x), float(y))
        assert lps == pytest.approx((20.0, -20.0, 20.0), abs=1e-6)
        assert view.hu_at(lps) == scans.TISSUE
        aside = 25 / view.camera.mm_per_px
        far = view.view().lps_of(float(x) + aside, float(y) + aside)
        assert view.hu_at(far) == scans.AIR


def test_outlines_of_a_ball_stay_round_on_an_oblique_cut(panes: Panes) -> None:
    assert panes.volume is not None
    panes.set_labels(scans.two_balls(panes.volume.geometry))
    panes.go_to((30.0, 0.0, 0.0))
    panes.set_planes(STRAIGHT.turned("axial", 0.6).turned("coronal", 0.3))
    for name, view in panes.views.items():
        view.grab()
        onward = float(view.plane.along(view.view().centre_lps)[2])
        lines = view._layer._lines(view.plane, onward)[2]
        centre = view.plane.along((30.0, 0.0, 0.0))[:2]
        gone = np.linalg.norm(np.concatenate(lines) - centre, axis=1)
        assert gone.mean() == pytest.approx(18.0, abs=1.0), name
        assert gone.min() > 15 and gone.max() < 21


def test_a_turning_pane_is_rough_only_while_it_turns(panes: Panes) -> None:
    assert panes.volume is not None
    panes.set_labels(scans.two_balls(panes.volume.geometry))
    coronal = panes.views["coronal"]
    coronal.planes_turned.emit(STRAIGHT.turned("axial", 0.4))
    coronal.grab()
    rough = coronal.hu_shown
    assert rough is not None and rough.shape[1] == round(coronal.width() / 2)
    assert panes.views["axial"].grab() and panes.views["axial"].hu_shown is not None
    assert panes.views["axial"].hu_shown.shape[1] == panes.views["axial"].width(), "it turns not"
    coronal.drag_ended.emit()
    coronal.grab()
    assert coronal.hu_shown is not None and coronal.hu_shown.shape[1] == coronal.width()


def test_a_mark_rings_its_place_on_oblique_panes_and_a_click_there_means_it(panes: Panes) -> None:
    place = (10.0, 12.0, 3.0)
    panes.set_marks((Mark("a", 1, place, 4.0, "proposed", True),))
    panes.go_to(place)
    panes.set_planes(STRAIGHT.turned("coronal", 0.4))
    for view in panes.views.values():
        x, y = view.view().pixels_of(place)
        assert view.mark_at(QPointF(float(x), float(y))) == "a"


def test_a_pane_says_that_it_is_oblique_with_two_letters_and_no_image_number(panes: Panes) -> None:
    panes.set_planes(STRAIGHT.turned("axial", math.radians(23)))
    coronal, axial = panes.views["coronal"], panes.views["axial"]
    assert "Oblique 23°" in coronal.corners.state_lines()
    assert not any("Oblique" in line for line in axial.corners.state_lines())
    assert letters(coronal.plane.right) == "LP"
    assert any("Image" in line for line in axial.corners.probe_lines())
    panes.set_planes(STRAIGHT.turned("coronal", math.radians(10)))
    assert not any("Image" in line for line in axial.corners.probe_lines())
    assert len(letters(np.array((0.5, 0.6, 0.62)))) == 2


def test_the_key_brings_the_patients_planes_back(panes: Panes) -> None:
    panes.set_planes(STRAIGHT.turned("axial", 0.3))
    panes.straighten()
    assert panes.state.planes is STRAIGHT
    assert panes.views["axial"].slice_lps()[2] % 2 == pytest.approx(1), "on a stored slice again"


def test_another_scan_begins_straight(panes: Panes) -> None:
    panes.set_planes(STRAIGHT.turned("axial", 0.3))
    volume = scans.ramp()
    panes.set_scan(volume, scans.series_of(volume))
    assert panes.state.planes.straight


def test_scrolling_an_oblique_pane_goes_along_its_normal(panes: Panes) -> None:
    panes.set_planes(STRAIGHT.turned("axial", 0.5))
    before = np.array(panes.state.crosshair_lps)
    panes.scroll(2, "coronal")
    went = np.array(panes.state.crosshair_lps) - before
    normal = np.array(panes.state.planes.coronal.onward)
    assert np.linalg.norm(np.cross(went, normal)) == pytest.approx(0, abs=1e-9)
    assert went @ normal > 1


def test_arms_give_way_to_added_tools_and_show_only_under_the_hand(panes: Panes) -> None:
    class Brush:
        name = "brush"

        def hover(self, *_: object) -> None: ...
        def leave(self, *_: object) -> None: ...

    axial = panes.views["axial"]
    axial._hovered = False
    assert axial.arms() == []
    hover(axial, QPointF(5, 5))
    assert len(axial.arms()) == 4
    panes.add_tool(Brush())  # type: ignore[arg-type]
    panes.set_tool("brush")
    assert axial.arms() == []
    panes.set_tool("window")
    panes.set_show_crosshair(False)
    assert axial.arms() == [], "what is not drawn cannot be taken"


def test_the_same_planes_seen_from_another_frame_come_back(panes: Panes) -> None:
    turn = STRAIGHT.turned("axial", 0.2).turned("coronal", 0.9)
    rotation = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    rotation *= np.sign(np.linalg.det(rotation))
    back: ThreePlanes = turn.seen_from(rotation).seen_from(rotation.T)
    for name in PLANES:
        assert back[name].axes == pytest.approx(turn[name].axes, abs=1e-12)
