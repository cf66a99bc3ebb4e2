"""Figures under drawings are those of a formula, whatever the grid and however the patient lies."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.measuring import phantoms
from tests.measuring.phantoms import SPACINGS, turned
from viewer.measuring.figures import figures_of, sheet_of
from viewer.measuring.flat import plane_of
from viewer.measuring.shapes import Figures, Kind
from viewer.views.planes import PLANES

GRIDS = {
    **{f"spacing {name}": turned(mm) for name, mm in SPACINGS.items()},
    "turned 30": turned(SPACINGS["oblong"], degrees=30),
    "turned 30, tilted 12": turned(SPACINGS["oblong"], degrees=30, tilt=12),
    "feet first": turned(SPACINGS["oblong"], feet_first=True),
    "feet first, turned": turned(SPACINGS["oblong"], feet_first=True, degrees=30),
}
NORMALS = {name: plane.onward for name, plane in PLANES.items()}
NORMALS["oblique"] = (0.36, 0.48, 0.8)


@pytest.mark.parametrize("normal", NORMALS.values(), ids=NORMALS)
def test_lengths_and_angles_are_those_of_the_patient(normal):
    plane = plane_of(normal)
    a, b, c = (tuple(plane.lps((*p, 4.0))) for p in ((0, 0), (30, 40), (-40, 30)))
    length = figures_of(phantoms.shape(Kind.LENGTH, a, b, normal=normal), None)
    assert length.length_mm == pytest.approx(50.0)
    right = figures_of(phantoms.shape(Kind.ANGLE, b, a, c, normal=normal), None)
    assert right.angle_deg == pytest.approx(90.0)


@pytest.mark.parametrize("degrees", [0.001, 30, 90, 135, 179.999, 180])
def test_flat_and_straight_angles_are_exact_too(degrees):
    tip = (20 * math.cos(math.radians(degrees)), 20 * math.sin(math.radians(degrees)), 0.0)
    drawn = phantoms.shape(Kind.ANGLE, (10.0, 0, 0), (0.0, 0, 0), tip)
    assert figures_of(drawn, None).angle_deg == pytest.approx(degrees, abs=1e-9)


def test_an_arm_without_length_has_no_angle():
    drawn = phantoms.shape(Kind.ANGLE, (0.0, 0, 0), (0.0, 0, 0), (1.0, 0, 0))
    assert figures_of(drawn, None).angle_deg is None


def test_the_long_axis_is_the_longer_one_whichever_was_drawn_first():
    ends = (0.0, -6, 0), (0.0, 6, 0), (-10.0, 0, 0), (10.0, 0, 0)
    figures = figures_of(phantoms.shape(Kind.BIDIRECTIONAL, *ends), None)
    assert (figures.long_mm, figures.short_mm) == (20, 12)


@pytest.mark.parametrize("normal", NORMALS.values(), ids=NORMALS)
@pytest.mark.parametrize("geometry", GRIDS.values(), ids=GRIDS)
def test_a_region_on_an_even_slope_has_the_figures_of_the_formula(geometry, normal):
    """Mean and median are those at the middle; the SD goes with the axes."""
    per_mm = (7.0, -5.0, 9.0)
    volume = phantoms.slope(geometry, per_mm, at_origin=-300)
    centre, half = (1.3, -2.1, 2.2), (11.0, 7.0)
    drawn = phantoms.ellipse(centre, half, normal=normal, turn=25)
    figures = figures_of(drawn, volume)
    plane = plane_of(normal)
    # Along the two axes of the ellipse:
    angle = math.radians(25)
    right, down = np.array(per_mm) @ plane.right, np.array(per_mm) @ plane.down
    one = (math.cos(angle) * right + math.sin(angle) * down) * half[0]
    other = (-math.sin(angle) * right + math.cos(angle) * down) * half[1]
    middle = -300 + np.array(per_mm) @ centre
    spread = math.hypot(one, other)
    # Voxels lie up to half a slice off the plane; on an even slope that moves the HU of all alike
    # (own slices) or of each at random (tilted ones), by less than one voxel's step.
    step = float(np.abs(np.array(per_mm) @ geometry.affine[:3, :3]).sum())
    assert figures.area_mm2 == pytest.approx(math.pi * half[0] * half[1])
    assert figures.mean_hu == pytest.approx(middle, abs=step / 2)
    assert figures.median_hu == pytest.approx(middle, abs=step / 2 + 1)
    assert figures.sd_hu == pytest.approx(spread / 2, rel=0.06)
    assert figures.min_hu == pytest.approx(middle - spread, abs=step)
    assert figures.max_hu == pytest.approx(middle + spread, abs=step)


@pytest.mark.parametrize("geometry", GRIDS.values(), ids=GRIDS)
def test_on_the_scans_own_slices_nothing_is_left_to_chance(geometry):
    """The very voxels of one slice, found one by one."""
    rng = np.random.default_rng(4)
    hu = rng.integers(-1000, 500, geometry.shape_kji).astype(np.int16)
    volume = phantoms.Volume(geometry, hu)
    normal = tuple(float(n) for n in geometry.directions[:, 0])
    centre = geometry.lps_of((11, 44.3, 52.8))
    drawn = phantoms.ellipse(tuple(centre), (9.0, 6.0), normal=normal, turn=10)
    figures = figures_of(drawn, volume)
    ends = np.array(drawn.points_lps)
    axes = (ends[1] - ends[0]) / 2, (ends[3] - ends[2]) / 2
    off = phantoms.places(geometry)[11] - centre
    inside = sum((off @ axis / (axis @ axis)) ** 2 for axis in axes) <= 1
    asked = hu[11][inside].astype(float)
    assert figures.voxels == inside.sum() > 150
    assert figures.mean_hu == pytest.approx(asked.mean())
    assert figures.sd_hu == pytest.approx(asked.std(ddof=1))
    assert figures.median_hu == np.median(asked)
    assert (figures.min_hu, figures.max_hu) == (asked.min(), asked.max())


@pytest.mark.parametrize("geometry", GRIDS.values(), ids=GRIDS)
def test_inside_a_ball_everything_is_the_balls_and_around_it_only_its_share(geometry):
    volume = phantoms.ball(geometry, (0.0, 0, 0), 12.0, hu=100)
    inner = figures_of(phantoms.ellipse((0.0, 0, 0), (8, 8)), volume)
    assert (inner.mean_hu, inner.sd_hu, inner.min_hu, inner.max_hu) == (100, 0, 100, 100)
    around = figures_of(phantoms.ellipse((0.0, 0, 0), (20, 20)), volume)
    assert (around.min_hu, around.max_hu) == (-800, 100)
    assert around.mean_hu == pytest.approx(-800 + 900 * (12 / 20) ** 2, abs=45)


@pytest.mark.parametrize("feet_first", [False, True])
def test_a_probe_tells_the_stored_hu_of_its_voxel(feet_first):
    geometry = turned(SPACINGS["oblong"], degrees=30, feet_first=feet_first)
    hu = np.arange(np.prod(geometry.shape_kji), dtype=np.int32).reshape(geometry.shape_kji)
    volume = phantoms.Volume(geometry, (hu % 3000).astype(np.int16))
    at = tuple(geometry.lps_of((7.4, 20.4, 33.6)))
    figures = figures_of(phantoms.shape(Kind.PROBE, at), volume)
    assert figures == Figures(mean_hu=int(volume.hu[7, 20, 34]), voxels=1)


def test_outside_the_scan_there_is_no_figure_and_no_nan():
    volume = phantoms.ball(turned(SPACINGS["fine"]), (0.0, 0, 0), 5)
    far = (500.0, 0, 0)
    assert figures_of(phantoms.shape(Kind.PROBE, far), volume) == Figures()
    region = figures_of(phantoms.ellipse(far, (5, 5)), volume)
    assert region.area_mm2 == pytest.approx(25 * math.pi)
    assert (region.voxels, region.mean_hu, region.median_hu) == (0, None, None)


def test_a_region_between_voxel_centres_says_that_it_holds_none():
    volume = phantoms.ball(turned(SPACINGS["fine"], shape_kji=(3, 11, 11)), (0.0, 0, 0), 5)
    tiny = figures_of(phantoms.ellipse((0.3, 0.3, 0), (0.1, 0.1)), volume)
    assert (tiny.voxels, tiny.mean_hu, tiny.sd_hu) == (0, None, None)
    one = figures_of(phantoms.ellipse((0.0, 0, 0), (0.2, 0.2)), volume)
    assert (one.voxels, one.mean_hu, one.sd_hu) == (1, 100, None)


def test_a_region_that_leaves_the_scan_counts_what_is_in_it():
    geometry = turned((1.0, 1.0, 1.0), shape_kji=(5, 41, 41))
    volume = phantoms.slope(geometry, (0.0, 0, 0), at_origin=-50)
    half = figures_of(phantoms.ellipse((20.5, 0, 0), (10, 10)), volume)
    assert half.voxels == pytest.approx(50 * math.pi, rel=0.05)
    assert half.mean_hu == -50


def test_while_the_scan_loads_there_is_an_area_and_no_hu():
    figures = figures_of(phantoms.ellipse((0.0, 0, 0), (3, 2)), None)
    assert figures.area_mm2 == pytest.approx(6 * math.pi)
    assert (figures.voxels, figures.mean_hu) == (None, None)


SQUARE = np.array([(-10.3, -10.3), (10.4, -10.3), (10.4, 10.4), (-10.3, 10.4)])
BOW = np.array([(-10.0, -10.0), (10.0, 10.0), (10.0, -10.0), (-10.0, 10.0)])


def test_a_freehand_square_counts_its_voxels_and_its_area():
    geometry = turned((2.0, 1.0, 1.0), shape_kji=(5, 41, 41))
    volume = phantoms.slope(geometry, (10.0, 0, 0))
    figures = figures_of(phantoms.outline(SQUARE), volume)
    assert figures.area_mm2 == pytest.approx(20.7**2)
    assert figures.voxels == 21**2
    assert (figures.mean_hu, figures.min_hu, figures.max_hu) == (0, -100, 100)


@pytest.mark.parametrize("geometry", GRIDS.values(), ids=GRIDS)
def test_a_freehand_circle_agrees_with_the_oval_tool(geometry):
    volume = phantoms.slope(geometry, (7.0, -5.0, 9.0))
    turn = np.linspace(0, 2 * math.pi, 180, endpoint=False)
    plane = plane_of((0, 0, -1.0))
    drawn = phantoms.outline(12 * np.column_stack([np.cos(turn), np.sin(turn)]))
    hand = figures_of(drawn, volume)
    oval = figures_of(phantoms.ellipse(tuple(plane.lps((0, 0, 0))), (12, 12)), volume)
    assert hand.area_mm2 == pytest.approx(oval.area_mm2, rel=0.001)
    assert hand.voxels == pytest.approx(oval.voxels, abs=4)
    assert hand.mean_hu == pytest.approx(oval.mean_hu, abs=1.5)
    assert hand.sd_hu == pytest.approx(oval.sd_hu, rel=0.01)


def test_an_outline_that_crosses_itself_has_the_area_of_what_it_encloses():
    geometry = turned((2.0, 0.5, 0.5), shape_kji=(5, 81, 81))
    figures = figures_of(phantoms.outline(BOW), phantoms.slope(geometry, (0.0, 0, 0)))
    assert figures.area_mm2 == pytest.approx(200)
    assert figures.voxels * 0.25 == pytest.approx(200, rel=0.04)


@settings(max_examples=40, deadline=None)
@given(
    corners=st.lists(
        st.tuples(*[st.floats(-15, 15).map(lambda n: round(n, 2))] * 2),
        min_size=3, max_size=12, unique=True,
    )
)  # fmt: skip
def test_area_and_voxels_agree_for_any_outline(corners):
    geometry = turned((2.0, 0.25, 0.25), shape_kji=(3, 129, 129))
    drawn = phantoms.outline(np.array(corners))
    figures = figures_of(drawn, phantoms.slope(geometry, (0.0, 0, 0)))
    around = np.diff(np.vstack([corners, corners[:1]]), axis=0)
    edge_mm = np.linalg.norm(around, axis=1).sum()
    assert figures.area_mm2 == pytest.approx(figures.voxels * 0.0625, abs=0.25 * edge_mm + 0.1)


@pytest.mark.parametrize("normal", NORMALS.values(), ids=NORMALS)
@pytest.mark.parametrize("geometry", GRIDS.values(), ids=GRIDS)
def test_a_sheet_is_one_voxel_thick_and_lies_at_the_plane(geometry, normal):
    plane = plane_of(normal)
    sheet = sheet_of(geometry, plane, 3.3, np.array((-8.0, -8)), np.array((8.0, 8)))
    lps = geometry.lps_of(sheet.kji.T)
    along = plane.along(lps)
    assert len(np.unique(sheet.kji, axis=1).T) == len(sheet.kji.T) > 20
    assert np.allclose(along[:, 0], sheet.u_mm) and np.allclose(along[:, 1], sheet.v_mm)
    across = np.abs(geometry.affine[:3, :3].T @ plane.onward)
    assert np.abs(along[:, 2] - 3.3).max() <= across.max() / 2 + 1e-9
