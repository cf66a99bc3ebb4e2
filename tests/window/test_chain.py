"""Enter and Esc: the innermost thing is finished or left first."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tests.window.conftest import Sitting
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
