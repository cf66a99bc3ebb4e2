"""Where an edit begins and what is apart from it: undo stops there, strokes beyond are told."""

from __future__ import annotations

import numpy as np
import pytest

from tests.editing.conftest import Bench
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
