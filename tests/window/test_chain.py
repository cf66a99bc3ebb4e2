"""Enter and Esc: the innermost thing is finished or left first."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from tests.window.conftest import CTRL, SHIFT, Sitting
from viewer.reading.events import Answer
from viewer.window.chain import DRAWING, READING, VIEWING, Chain

Key = Qt.Key


def test_the_first_that_has_something_to_do_does_it_and_nobody_after_it() -> None:
    done: list[str] = []
    chain = Chain()
    chain.add(READING, lambda: done.append("reading") or True)
    chain.add(DRAWING, lambda: False)
    chain.add(VIEWING, lambda: done.append("viewing") or True)
    assert chain.ask()
    assert done == ["viewing"]


def test_a_chain_without_work_says_so() -> None:
    chain = Chain()
    chain.add(DRAWING, lambda: None)
    assert not chain.ask()


def test_enter_finishes_a_drawing_before_the_pass(read: Sitting) -> None:
    drawing, done = [True], []
    read.window.on_enter.add(READING, lambda: done.append("pass") or True)
    read.window.on_enter.add(
        DRAWING, lambda: drawing and drawing.pop() and done.append("line") is None
    )
    read.key(Key.Key_Return)
    assert done == ["line"]
    read.key(Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    assert done == ["line", "pass"]


def test_enter_with_nothing_to_finish_says_so(sitting: Sitting) -> None:
    sitting.key(Key.Key_Return)
    assert sitting.said == "There is nothing to finish."


def test_escape_gives_up_a_drawing_and_leaves_the_page_alone(read: Sitting) -> None:
    drawing = [True]
    read.window.on_escape.add(DRAWING, lambda: drawing and drawing.pop())
    read.key(Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert read.window.side.page is not None
    read.key(Key.Key_Escape)
    assert read.window.side.page is not None and not drawing
    read.key(Key.Key_Escape)
    assert read.window.side.page is None


def test_escape_leaves_an_open_page_before_it_stops_a_job(read: Sitting) -> None:
    read.key(Key.Key_F5)
    assert read.desk.jobs.running("lungs") is not None
    read.key(Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    read.key(Key.Key_Escape)
    assert read.window.side.page is None
    job = read.desk.jobs.running("lungs")
    assert job is not None
    assert job.id not in read.jobs.ai.cancelled
    read.key(Key.Key_Escape)
    assert job.id in read.jobs.ai.cancelled


@pytest.mark.parametrize("left", ["open", "judged", "signed", "blind", "rejected"])
def test_a_verdict_is_given_or_refused_in_words_over_a_page(read: Sitting, left: str) -> None:
    """Never nothing: the key does what it says, or a sentence says why not."""
    if left in ("judged", "signed"):
        while read.desk.current is not None:
            read.desk.answer(Answer.ACCEPT)
    if left == "signed":
        read.desk.sign()
    if left == "blind":
        read.desk.own_pass.switch()
        read.desk.make_first_current()
    if left == "rejected":
        read.desk.answer(Answer.REJECT)
    read.key(Key.Key_P, CTRL | SHIFT)
    assert read.window.side.page is not None
    read.window.toast.hide()
    before = len(read.notices)
    read.key(Key.Key_A)
    assert len(read.notices) == before + 1
    assert read.window.toast.isVisible()
