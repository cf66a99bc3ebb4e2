"""What the pointer takes hold of, and where the words of a drawing lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.measuring.hits import HANDLE, LINE, TEXT, Box, Hit, Traced, hit
from viewer.measuring.plates import place

PANE = Box(0, 0, 600, 500)


def line(name: str, *points: tuple[float, float], text: Box | None = None, selected=False):
    made = np.array(points, dtype=float)
    return Traced(name, (made,), made, text, selected)


def at(traced, x, y):
    return hit(traced, x, y, handle_px=12, line_px=6)


LEVEL = line("level", (100, 100), (200, 100), text=Box(210, 90, 260, 110))


def test_near_a_line_is_on_it_and_further_off_is_not():
    assert at([LEVEL], 150, 105) == Hit("level", LINE)
    assert at([LEVEL], 150, 107) == Hit("", "")
    assert at([], 1, 1) == Hit("", "")


def test_its_words_are_part_of_it():
    assert at([LEVEL], 255, 108) == Hit("level", TEXT)


def test_the_ends_of_the_selected_one_are_large_targets():
    assert at([LEVEL], 91, 100).id == ""
    chosen = line("level", (100, 100), (200, 100), selected=True)
    assert at([chosen], 91, 100) == Hit("level", HANDLE, 0)
    assert at([chosen], 203, 108) == Hit("level", HANDLE, 1)


def test_the_nearest_of_two_is_taken_and_the_selected_ones_handle_before_it():
    other = line("other", (100, 104), (200, 104))
    assert at([LEVEL, other], 150, 103).id == "other"
    chosen = line("chosen", (152, 96), (152, 20), selected=True)
    assert at([LEVEL, other, chosen], 150, 103) == Hit("chosen", HANDLE, 0)


def test_a_probe_is_taken_by_its_point():
    probe = line("probe", (50, 50))
    assert at([probe], 53, 52) == Hit("probe", HANDLE, 0)


def test_words_stand_at_the_right_first_and_at_the_left_by_the_edge():
    small = Box(100, 100, 140, 140)
    assert place(small, (80, 20), PANE).left > small.right
    by_edge = Box(540, 100, 590, 140)
    assert place(by_edge, (80, 20), PANE).right < by_edge.left


def test_words_give_way_to_others():
    small = Box(100, 100, 140, 140)
    first = place(small, (80, 20), PANE)
    second = place(small, (80, 20), PANE, taken=[first])
    assert not second.meets(first) and not second.meets(small)


@given(
    x=st.floats(0, 560), y=st.floats(0, 460), wide=st.floats(1, 300), high=st.floats(1, 300),
    wished=st.none() | st.tuples(st.floats(-100, 700), st.floats(-100, 600)),
)  # fmt: skip
def test_words_never_cover_what_was_measured_and_never_leave_the_pane(x, y, wide, high, wished):
    shape = Box(x, y, min(x + wide, 600), min(y + high, 500))
    box = place(shape, (90, 40), PANE, wished=wished)
    assert not box.meets(shape)
    assert PANE.grown(0.01).holds(box.left, box.top)
    assert PANE.grown(0.01).holds(box.right, box.bottom)


def test_words_put_somewhere_by_hand_stay_there():
    box = place(Box(100, 100, 140, 140), (80, 20), PANE, wished=(400, 300))
    assert box.middle == pytest.approx((400, 300))


def test_a_shape_that_fills_the_pane_still_has_words_in_sight():
    box = place(Box(-50, -50, 700, 600), (90, 40), PANE)
    assert PANE.holds(box.left, box.top) and PANE.holds(box.right, box.bottom)


def test_words_go_farther_away_before_they_cover_a_finding_or_other_words():
    small = Box(280, 230, 320, 270)
    crowd = [Box(150, 120, 450, 380)]
    box = place(small, (80, 20), PANE, taken=crowd)
    assert not box.meets(crowd[0]) and not box.meets(small)
    assert PANE.holds(box.left, box.top) and PANE.holds(box.right, box.bottom)
