"""A drawing comes from drags, from clicks, or from both, and ends by itself or by Enter."""

from __future__ import annotations

import numpy as np
import pytest

from viewer.measuring.drawing import Draft
from viewer.measuring.figures import figures_of
from viewer.measuring.shapes import Kind
from viewer.views.planes import AXIAL, PLANES

PLANE = PLANES[AXIAL]


def draft(kind: Kind) -> Draft:
    return Draft(kind, 1, PLANE)


def click(drawing: Draft, *at: tuple[float, float]) -> Draft:
    for x, y in at:
        drawing = drawing.hovered((x - 1, y, 0.0)).pressed((x, y, 0.0)).released()
    return drawing


def drag(drawing: Draft, start: tuple[float, float], end: tuple[float, float]) -> Draft:
    drawing = drawing.pressed((*start, 0.0))
    for share in (0.3, 0.7, 1.0):
        x, y = np.array(start) + share * (np.array(end) - start)
        drawing = drawing.dragged((float(x), float(y), 0.0))
    return drawing.released()


def figures(drawing: Draft):
    assert drawing.whole
    return figures_of(drawing.shape("a"), None)


def test_a_length_by_a_drag_is_the_one_by_two_clicks():
    by_drag = drag(draft(Kind.LENGTH), (0, 0), (30, 40))
    by_clicks = click(draft(Kind.LENGTH), (0, 0), (30, 40))
    assert figures(by_drag).length_mm == figures(by_clicks).length_mm == pytest.approx(50)


def test_between_two_clicks_the_second_end_follows_the_pointer():
    half = click(draft(Kind.LENGTH), (0, 0)).hovered((3.0, 4.0, 0.0))
    assert not half.whole
    assert figures_of(half.shape("a"), None).length_mm == pytest.approx(5)


def test_the_last_point_may_be_moved_until_the_button_goes_up():
    drawing = click(draft(Kind.LENGTH), (0, 0)).pressed((9.0, 0, 0)).dragged((12.0, 0, 0))
    assert figures(drawing.released()).length_mm == pytest.approx(12)


def test_an_angle_is_drawn_along_its_arms():
    drawing = drag(draft(Kind.ANGLE), (10, 0), (0, 0))
    assert not drawing.whole
    assert drawing.shape("a").kind is Kind.LENGTH  # as long as there is one arm
    assert figures(click(drawing, (0, 10))).angle_deg == pytest.approx(90)
    assert figures(click(draft(Kind.ANGLE), (10, 0), (0, 0), (0, 10))).angle_deg == 90


def test_both_axes_by_two_drags_by_four_clicks_and_mixed():
    long = (-10, 0), (10, 0)
    for drawing in (
        drag(drag(draft(Kind.BIDIRECTIONAL), *long), (3, -4), (3, 5)),
        click(draft(Kind.BIDIRECTIONAL), *long, (3, -4), (3, 5)),
        click(drag(draft(Kind.BIDIRECTIONAL), *long), (3, -4), (7, 5)),
    ):
        assert figures(drawing).long_mm == pytest.approx(20)
        assert figures(drawing).short_mm == pytest.approx(9)
        shape = drawing.shape("a")
        assert shape.points_lps[2][0] == shape.points_lps[3][0] == pytest.approx(3)


def test_with_the_long_axis_alone_it_is_a_line_and_the_short_one_grows_from_it():
    drawing = drag(draft(Kind.BIDIRECTIONAL), (-10, 0), (10, 0))
    assert drawing.shape("a").kind is Kind.LENGTH
    shape = drawing.hovered((4.0, 6.0, 0.0)).shape("a")
    assert shape.kind is Kind.BIDIRECTIONAL
    assert figures_of(shape, None).short_mm == pytest.approx(6)


def test_an_oval_fills_the_box_that_was_dragged_and_shift_makes_it_round():
    drawing = drag(draft(Kind.ELLIPSE), (0, 0), (20, 10))
    assert figures(drawing).area_mm2 == pytest.approx(np.pi * 10 * 5)
    round_ = draft(Kind.ELLIPSE).pressed((0.0, 0, 0)).dragged((-20.0, 6.0, 0), round_=True)
    shape = round_.released().shape("a")
    assert figures_of(shape, None).area_mm2 == pytest.approx(np.pi * 100)
    assert shape.middle_lps == pytest.approx((-10, 10, 0))


def test_an_outline_by_clicks_closes_on_enter():
    corners = (0, 0), (10, 0), (10, 10), (0, 10)
    drawing = click(draft(Kind.FREEHAND), *corners).hovered((3.0, 3.0, 0.0))
    assert not drawing.whole
    ended = drawing.finished()
    assert ended is not None
    assert figures_of(ended.shape("a"), None).area_mm2 == pytest.approx(100)
    assert click(draft(Kind.FREEHAND), *corners[:2]).finished() is None


def test_enter_takes_the_pointer_for_the_last_place_only():
    one = click(draft(Kind.ANGLE), (10, 0)).hovered((0.0, 0, 0))
    assert one.finished() is None
    two = click(one, (0, 0)).hovered((0.0, 10, 0)).finished()
    assert two is not None
    assert figures_of(two.shape("a"), None).angle_deg == pytest.approx(90)


def test_a_length_of_nothing_and_a_flat_oval_are_no_drawings():
    assert click(draft(Kind.LENGTH), (4, 4), (4, 4)).shape("a") is None
    assert drag(draft(Kind.ELLIPSE), (0, 0), (20, 0)).shape("a") is None
    assert draft(Kind.LENGTH).shape("a") is None
    nothing = click(draft(Kind.BIDIRECTIONAL), (1, 1), (1, 1), (1, 1), (1, 1))
    assert nothing.shape("a") is None


def test_a_drawing_lies_on_the_plane_of_its_pane():
    for plane in PLANES.values():
        start, end = (tuple(map(float, plane.lps((*p, 7.0)))) for p in ((0, 0), (5, 5)))
        drawing = Draft(Kind.LENGTH, 3, plane).pressed(start).dragged(end).released()
        shape = drawing.shape("a")
        assert shape.normal_lps == plane.onward
        assert np.allclose(plane.along(shape.points_lps)[:, 2], 7)
