"""Where an edit begins and what is apart from it: undo stops there, strokes beyond are told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from tests.editing.conftest import Bench
from tests.window.conftest import Sitting
from viewer.reading.events import Answer

MORE = "Nothing more to undo in this edit."
AGAIN = "Nothing more to redo in this edit."


def begin(bench: Bench, finding: str = "a") -> None:
    bench.desk.select(finding)
    assert bench.desk.editing.edit_finding()


@pytest.fixture
def judged(bench: Bench) -> Bench:
    """Finding b was rejected, and then a is edited."""
    bench.desk.select("b")
    bench.desk.answer(Answer.REJECT)
    begin(bench)
    return bench


def test_undo_stops_where_the_edit_began(judged: Bench) -> None:
    before = judged.mask()
    judged.paint((20, 20, 24))
    judged.paint((20, 20, 26))
    for _ in range(2):
        judged.desk.undo()
    assert np.array_equal(judged.mask(), before)
    for _ in range(3):
        judged.desk.undo()
        assert judged.said == MORE and judged.reading.state("b") == "rejected"
    assert judged.desk.editing.field is not None and judged.desk.current == "a"


def test_after_the_edit_undo_goes_on_as_ever(judged: Bench) -> None:
    judged.desk.undo()
    assert judged.said == MORE
    judged.desk.editing.cancel()
    judged.desk.undo()
    assert "b" not in judged.reading.verdicts and judged.desk.current == "b"


def test_strokes_of_an_earlier_edit_are_not_those_of_this_one(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 24))
    kept = bench.mask()
    bench.desk.editing.finish()
    begin(bench)
    bench.desk.undo()
    assert bench.said == MORE and np.array_equal(bench.mask(), kept)


def test_redo_does_not_leave_the_edit_either(bench: Bench) -> None:
    bench.desk.select("b")
    bench.desk.answer(Answer.REJECT)
    bench.desk.undo()
    begin(bench)
    bench.desk.redo()
    assert bench.said == AGAIN and bench.desk.editing.field is not None
    assert "b" not in bench.reading.verdicts
    bench.paint((20, 20, 24))
    after = bench.mask()
    bench.desk.undo()
    bench.desk.redo()
    assert np.array_equal(bench.mask(), after)


def test_a_lung_is_edited_with_the_same_edge(bench: Bench) -> None:
    assert bench.desk.editing.edit_lung(1)
    bench.paint((20, 30, 30))
    bench.desk.undo()
    bench.desk.undo()
    assert bench.said == MORE and bench.reading.lungs is not None
    assert len(bench.reading.findings) > 0, "the candidates are there as before"


# Strokes apart from the mask

ISLAND = "The stroke lies apart from the mask, as an island of its own."


def told(bench: Bench) -> int:
    return sum(notice.sentence == ISLAND for notice in bench.notices)


def test_a_stroke_apart_from_the_mask_is_said_with_undo(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 34))
    assert bench.said == ISLAND and bench.notices[-1].action == "undo"


def test_a_stroke_that_touches_the_mask_is_not(bench: Bench) -> None:
    begin(bench)
    bench.paint((20, 20, 20), (20, 20, 30))
    bench.paint((20, 22, 22))
    bench.paint((20, 20, 33), (20, 20, 30))
    assert told(bench) == 0


def test_one_on_every_third_slice_is_said_once_and_again_after_one_that_touches(
    bench: Bench,
) -> None:
    begin(bench)
    for slice_k in (26, 31, 36):
        bench.paint((slice_k, 20, 20))
    assert told(bench) == 1
    bench.paint((20, 20, 20), (20, 20, 23))
    bench.paint((20, 40, 40))
    assert told(bench) == 2


def test_each_edit_says_it_anew(bench: Bench) -> None:
    for place in ((20, 20, 34), (20, 34, 20)):
        begin(bench)
        bench.paint(place)
        bench.desk.editing.finish()
    assert told(bench) == 2


def test_erasing_and_the_first_stroke_of_an_empty_mask_are_no_islands(bench: Bench) -> None:
    begin(bench)
    bench.desk.editing.set_hold(replace(bench.desk.editing.hold, diameter_mm=40.0))
    bench.paint((20, 20, 20), turned=True)
    assert not bench.mask().any()
    bench.paint((20, 20, 20))
    assert bench.mask().any() and told(bench) == 0


def test_lungs_are_told_of_too(bench: Bench) -> None:
    assert bench.desk.editing.edit_lung(1)
    bench.paint((2, 2, 2))
    assert bench.said == ISLAND


# E goes to what it edits


def test_e_goes_to_the_finding_that_is_edited(read: Sitting) -> None:
    read.desk.select("a")
    panes, finding = read.window.panes, read.desk.current_finding
    assert finding is not None
    there = finding.centre_lps
    panes.go_to((there[0] + 30, there[1] + 20, there[2] - 16))
    read.key(Qt.Key.Key_E)
    assert read.desk.editing.field is not None
    assert panes.state.crosshair_lps == pytest.approx(there)
    for view in panes.views.values():
        assert view.slice_lps() == pytest.approx(there, abs=1.01)
        x, y = view.view().pixels_of(there)
        assert (x, y) == pytest.approx((view.width() / 2, view.height() / 2), abs=2)


def test_e_stays_on_the_slice_of_the_finding_that_is_looked_at(read: Sitting) -> None:
    read.desk.select("a")
    read.window.panes.scroll(1, "axial")
    stands = read.window.panes.state.crosshair_lps
    read.key(Qt.Key.Key_E)
    assert read.window.panes.state.crosshair_lps == stands
