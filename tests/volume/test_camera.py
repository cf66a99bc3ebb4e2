"""Where the 3-D picture is looked at from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.volume.camera import SIDES, VolumeCamera, box_lps

RIGHT_OF_PICTURE = {
    "front": (1, 0, 0), "back": (-1, 0, 0), "left": (0, 1, 0), "right": (0, -1, 0),
    "head": (1, 0, 0), "feet": (1, 0, 0),
}  # fmt: skip
DOWN_OF_PICTURE = {
    "front": (0, 0, -1), "back": (0, 0, -1), "left": (0, 0, -1), "right": (0, 0, -1),
    "head": (0, -1, 0), "feet": (0, 1, 0),
}  # fmt: skip


@pytest.mark.parametrize("side", SIDES)
def test_each_side_shows_the_patient_as_readers_know_it(side: str) -> None:
    right, down, away = VolumeCamera().seen_from(side).axes
    np.testing.assert_allclose(right, RIGHT_OF_PICTURE[side], atol=1e-9)
    np.testing.assert_allclose(down, DOWN_OF_PICTURE[side], atol=1e-9)
    np.testing.assert_allclose(np.cross(right, down), away, atol=1e-9)  # never mirrored


@given(st.floats(-720, 720), st.floats(-200, 200))
def test_no_view_is_mirrored_and_none_stands_on_its_head(azimuth: float, elevation: float) -> None:
    axes = VolumeCamera().at(azimuth, elevation).axes
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(axes) == pytest.approx(1)
    assert axes[1][2] <= 1e-9  # down the picture is never up the patient


def test_what_lies_in_front_goes_with_the_hand() -> None:
    camera = VolumeCamera(mm_per_px=0.5)
    nose = (0.0, -100.0, 0.0)
    before = camera.pixels_of(nose, 400, 300)
    np.testing.assert_allclose(before, (200, 150, -100))
    to_the_right = camera.turned(30, 0).pixels_of(nose, 400, 300)
    assert to_the_right[0] > 200
    down = camera.turned(0, 30).pixels_of(nose, 400, 300)
    assert down[1] > 150 and down[0] == pytest.approx(200)


def test_pushing_moves_the_picture_by_the_pixels_of_the_hand() -> None:
    camera = VolumeCamera((5.0, 6.0, 7.0), 33, 20, 0.7)
    point = (12.0, -40.0, 80.0)
    step = camera.panned(25, -14).pixels_of(point, 400, 300) - camera.pixels_of(point, 400, 300)
    np.testing.assert_allclose(step[:2], (25, -14), atol=1e-6)


def test_zoom_stops_before_nothing_can_be_seen() -> None:
    camera = VolumeCamera()
    assert camera.zoomed(2).mm_per_px == pytest.approx(0.5)
    assert camera.zoomed(1e9).mm_per_px == pytest.approx(0.02)
    assert camera.zoomed(1e-9).mm_per_px == pytest.approx(5.0)


@pytest.mark.parametrize("azimuth", [0, 20, 45, 90, 135, -77])
def test_a_fitted_box_is_wholly_in_sight_from_wherever(azimuth: float) -> None:
    low, high = np.array((-130.0, -90.0, -300.0)), np.array((120.0, 100.0, -40.0))
    camera = VolumeCamera().at(azimuth, 0).fitted((low, high), 727, 786)
    corners = np.array(np.meshgrid(*zip(low, high, strict=True))).reshape(3, -1).T
    x, y, _ = camera.pixels_of(corners, 727, 786).T
    assert x.min() >= 0 and x.max() <= 727 and y.min() >= 0 and y.max() <= 786
    assert y.max() - y.min() > 300  # and not far away


@pytest.mark.parametrize("azimuth", [0, 30, 45, 90, -135])
def test_a_fitted_ball_fills_the_pane_whatever_its_box_would_need(azimuth: float) -> None:
    ways = np.random.default_rng(0).normal(size=(4000, 3))
    ball = 100 * ways / np.linalg.norm(ways, axis=1, keepdims=True) + (20.0, -30.0, 7.0)
    camera = VolumeCamera().at(azimuth, 0).fitted(ball, 500, 700)
    x, _, _ = camera.pixels_of(ball, 500, 700).T
    assert x.min() >= 0 and x.max() <= 500 and x.max() - x.min() > 430


def test_the_box_of_a_tilted_grid_holds_every_voxel() -> None:
    from tests.views.scans import lying, places

    geometry = lying("HFDR")
    low, high = box_lps(geometry, margin_mm=1.0)
    every = places(geometry).reshape(-1, 3)
    np.testing.assert_allclose(low, every.min(axis=0) - 1)
    np.testing.assert_allclose(high, every.max(axis=0) + 1)
