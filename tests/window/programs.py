"""The whole program over fake children, and its window in another language."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.fakes import CANDIDATES, Children, FakeJobs
from viewer.app import Program, compose
from viewer.language.spoken import speak


@pytest.fixture
def english() -> Iterator[None]:
    yield
    speak("en")


@pytest.fixture
def program(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    hilum_home: Path,
    strict: None,
    at_once: None,
    english: None,
) -> Iterator[Program]:
    """The whole program, its children fakes, a study open and searched."""
    monkeypatch.setattr("viewer.app.Jobs", FakeJobs)
    made = compose(mode="concurrent", language="en")
    made.window.show()
    open_study(made)
    made.desk.segment_lungs()
    children(made).lungs()
    made.desk.find_nodules()
    children(made).nodules(*CANDIDATES)
    yield made
    made.window.close()
    made.close()


def children(program: Program) -> Children:
    assert isinstance(program.jobs, FakeJobs)
    return Children(program.jobs)


def open_study(program: Program) -> None:
    program.desk.open(Path("study"))
    answer_for_study(program)


def answer_for_study(program: Program) -> None:
    children(program).find()
    children(program).load()


def switch(program: Program, qtbot: QtBot) -> None:
    """F8, and the study read anew by the new window's children."""
    before = program.window
    QTest.keyClick(program.window, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: program.window is not before)
    if program.desk.opening.busy:
        answer_for_study(program)
