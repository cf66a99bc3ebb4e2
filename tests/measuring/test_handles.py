"""What a drawing becomes when a handle is pulled, or all of it is moved."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.measuring import phantoms
from viewer.measuring.figures import figures_of
from viewer.measuring.flat import depth_mm, edge, flat, plane_of
from viewer.measuring.handles import handles, moved, shifted
from viewer.measuring.shapes import Kind

CROSS = phantoms.shape(Kind.BIDIRECTIONAL, (-10.0, 0, 0), (10.0, 0, 0), (2.0, -4, 0), (2.0, 6, 0))
OVAL = phantoms.ellipse((0.0, 0, 0), (10, 4))
TURN = np.linspace(0, 2 * math.pi, 60, endpoint=False)
ROUND = phantoms.outline(10 * np.column_stack([np.cos(TURN), np.sin(TURN)]))
EVERY = [
    phantoms.shape(Kind.LENGTH, (0.0, 0, 0), (9.0, 0, 0)),
    phantoms.shape(Kind.ANGLE, (9.0, 0, 0), (0.0, 0, 0), (0.0, 9, 0)),
    phantoms.shape(Kind.ARROW, (0.0, 0, 0), (9.0, 3, 0)),
    phantoms.shape(Kind.PROBE, (1.0, 2, 0)),
    CROSS,
    OVAL,
    ROUND,
]
places = st.tuples(*[st.floats(-60, 60)] * 3)


@pytest.mark.parametrize("shape", EVERY, ids=lambda shape: shape.kind.value)
@given(to=places, n=st.integers(0, 7))
def test_a_moved_handle_stays_on_the_plane_and_goes_where_it_was_taken(shape, to, n):
    grips = handles(shape)
    n %= len(grips)
    after = moved(shape, n, to)
    assert depth_mm(after) == pytest.approx(depth_mm(shape), abs=1e-6)
    assert (after.id, after.kind, after.number) == (shape.id, shape.kind, shape.number)
    along = plane_of(shape.normal_lps).along
    if shape.kind is not Kind.BIDIRECTIONAL or n < 2:
        gaps = np.linalg.norm(along(after.points_lps)[:, :2] - along(to)[:2], axis=1)
        assert gaps.min() < 1e-6


@pytest.mark.parametrize("shape", EVERY, ids=lambda shape: shape.kind.value)
def test_moving_all_of_it_keeps_every_figure(shape):
    after = shifted(shape, (3.0, -7.0, 99.0))
    assert np.allclose(np.array(after.points_lps) - shape.points_lps, (3, -7, 0))
    one, other = vars(figures_of(shape, None)), vars(figures_of(after, None))
    assert all(one[name] == pytest.approx(other[name]) for name in one)


@given(to=places, n=st.integers(0, 3))
def test_both_axes_always_stand_square(to, n):
    points = flat(moved(CROSS, n, to))
    long, short = points[1] - points[0], points[3] - points[2]
    assert abs(long @ short) <= 1e-6 * (1 + np.linalg.norm(long) * np.linalg.norm(short))


def test_pulling_a_long_end_leaves_the_short_axis_as_long_as_it_was():
    after = figures_of(moved(CROSS, 1, (0.0, 20.0, 0)), None)
    assert after.short_mm == pytest.approx(10)
    assert after.long_mm == pytest.approx(math.hypot(10, 20))


def test_pulling_a_short_end_slides_it_along_the_long_axis():
    after = moved(CROSS, 2, (-5.0, -8.0, 0))
    assert np.allclose(after.points_lps, [(-10, 0, 0), (10, 0, 0), (-5, -8, 0), (-5, 6, 0)])


@given(to=places, n=st.integers(0, 3))
def test_an_oval_keeps_the_axis_that_was_not_pulled(to, n):
    after = moved(OVAL, n, to)
    points = flat(after)
    kept = points[2:] if n < 2 else points[:2]
    assert np.linalg.norm(kept[1] - kept[0]) == pytest.approx(8 if n < 2 else 20)
    assert abs((points[1] - points[0]) @ (points[3] - points[2])) < 1e-5 * (1 + abs(points).max())


def test_a_pulled_outline_bulges_there_and_stays_as_it_was_elsewhere():
    assert len(handles(ROUND)) == 8
    after = moved(ROUND, 0, tuple(1.4 * np.array(handles(ROUND)[0])))
    step = np.linalg.norm(np.array(after.points_lps) - ROUND.points_lps, axis=1)
    assert step[0] == pytest.approx(4)
    assert (step > 1e-9).sum() < 2 * 60 / 8 + 1
    assert figures_of(after, None).area_mm2 > figures_of(ROUND, None).area_mm2


def test_a_polygon_of_few_corners_has_a_handle_at_each():
    drawn = phantoms.outline(np.array([(0.0, 0), (10, 0), (10, 10), (0, 10)]))
    assert handles(drawn) == drawn.points_lps
    after = moved(drawn, 2, tuple(plane_of(drawn.normal_lps).lps((20, 20, 0))))
    assert flat(after)[[0, 1, 3]] == pytest.approx(flat(drawn)[[0, 1, 3]])


def test_the_line_of_an_oval_runs_through_its_four_ends():
    line = edge(OVAL)[0]
    for end in flat(OVAL):
        assert np.linalg.norm(line - end, axis=1).min() < 1e-9
    assert np.allclose(line[0], line[-1])
