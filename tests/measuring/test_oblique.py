"""On cuts that were turned, drawings lie as the cut does, and are found again from any other."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.measuring import phantoms
from tests.measuring.board import Board
from tests.measuring.drawing_on_a_screen import drag
from tests.views import scans
from viewer.measuring.facing import facing
from viewer.measuring.hand import Hand
from viewer.measuring.shapes import Kind
from viewer.measuring.tools import join
from viewer.views.panes import Panes
from viewer.views.planes import PLANES
from viewer.views.turning import STRAIGHT

PER_MM = (7.0, -5.0, 9.0)


@pytest.fixture
def board() -> Board:
    geometry = phantoms.turned((1.5, 0.8, 0.6), degrees=20, shape_kji=(41, 80, 100))
    return Board(phantoms.slope(geometry, PER_MM, at_origin=-300))


@pytest.fixture
def panes(qtbot: QtBot, themed: object, board: Board) -> Panes:
    made = Panes()
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    made.set_scan(board.volume, scans.series_of(board.volume))
    made.go_to((0.0, 0.0, 0.0))
    return made


@pytest.fixture
def hand(panes: Panes, board: Board) -> Hand:
    return join(board, panes)  # type: ignore[arg-type]


def middle(panes: Panes, plane: str) -> tuple[float, float]:
    view = panes.views[plane]
    x, y = view.view().pixels_of(panes.state.crosshair_lps)
    return float(x), float(y)


def draw(panes: Panes, kind: Kind, plane: str, half_px: float = 60.0) -> None:
    x, y = middle(panes, plane)
    panes.set_tool(kind.value)
    drag(panes.views[plane], (x - half_px, y - half_px / 2), (x, y), (x + half_px, y + half_px / 2))


def test_a_line_on_a_turned_cut_lies_in_it_and_shows_nowhere_else(
    panes: Panes, board: Board, hand: Hand
) -> None:
    panes.turn_planes("axial", 25)
    draw(panes, Kind.LENGTH, "coronal")
    drawn = board.measured[-1]
    view = panes.views["coronal"].view()
    assert drawn.shape.normal_lps == view.plane.onward
    assert drawn.figures.length_mm == pytest.approx(math.hypot(120, 60) * view.mm_per_px)
    assert [name for name in PLANES if hand.laid(panes.views[name])] == ["coronal"]
    panes.set_planes(STRAIGHT)
    assert not any(hand.laid(panes.views[name]) for name in PLANES)


def test_a_region_on_a_turned_cut_is_that_of_the_formula(
    panes: Panes, board: Board, hand: Hand
) -> None:
    panes.turn_planes("axial", 30)
    panes.turn_planes("sagittal", 15)
    draw(panes, Kind.ELLIPSE, "coronal", 80)
    drawn = board.measured[-1]
    ends = np.array(drawn.shape.points_lps)
    one, other = (ends[1] - ends[0]) / 2, (ends[3] - ends[2]) / 2
    centre = -300 + np.array(PER_MM) @ ends.mean(axis=0)
    spread = math.hypot(np.array(PER_MM) @ one, np.array(PER_MM) @ other)
    assert drawn.figures.area_mm2 == pytest.approx(
        math.pi * np.linalg.norm(one) * np.linalg.norm(other)
    )
    assert drawn.figures.mean_hu == pytest.approx(centre, abs=3)
    assert drawn.figures.sd_hu == pytest.approx(spread / 2, rel=0.06)


def test_going_to_it_turns_the_cuts_back_and_no_more_than_it_takes(
    panes: Panes, board: Board, hand: Hand
) -> None:
    panes.turn_planes("axial", 25)
    draw(panes, Kind.LENGTH, "coronal")
    shape = board.measured[-1].shape
    panes.set_planes(STRAIGHT)
    board.go_asked.emit(shape)
    shown = [name for name in PLANES if hand.laid(panes.views[name])]
    assert shown == ["coronal"]
    assert panes.state.planes.tilt_deg("coronal") == pytest.approx(25)
    assert panes.state.planes.tilt_deg("axial") == pytest.approx(0, abs=1e-6)


def test_what_lies_on_a_straight_cut_is_found_from_a_turned_one(
    panes: Panes, board: Board, hand: Hand
) -> None:
    draw(panes, Kind.LENGTH, "sagittal")
    panes.turn_planes("axial", 40)
    board.go_asked.emit(board.measured[-1].shape)
    assert panes.state.planes.straight
    assert len(hand.laid(panes.views["sagittal"])) == 1


def test_cuts_that_hold_it_already_are_not_turned(panes: Panes) -> None:
    panes.turn_planes("axial", 25)
    line = phantoms.shape(Kind.LENGTH, (0.0, 0.0, 1.0), (9.0, 4.0, 1.0))
    assert facing(panes.state.planes, line) is panes.state.planes
    point = phantoms.shape(Kind.PROBE, (0.0, 0.0, 1.0), normal=(0.6, 0.0, 0.8))
    assert facing(STRAIGHT, point) is STRAIGHT


@pytest.mark.parametrize("normal", [(0.6, 0.0, 0.8), (-0.48, 0.6, -0.64), (0.0, -0.8, 0.6)])
def test_any_plane_can_be_faced(normal: tuple[float, float, float]) -> None:
    shape = phantoms.ellipse((3.0, 4.0, 5.0), (7, 3), normal=normal, turn=33)
    cuts = facing(STRAIGHT, shape)
    assert min(np.ptp(cuts[name].along(shape.points_lps)[:, 2]) for name in PLANES) < 1e-9
    normals = np.array([cuts[name].onward for name in PLANES])
    assert np.allclose(normals @ normals.T, np.eye(3))
