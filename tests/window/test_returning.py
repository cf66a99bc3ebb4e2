"""What another study takes the place of is kept, said so, and one key away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.window.conftest import CTRL, SHIFT, Sitting
from tests.window.test_studies import on_desk, open_folder, study
from viewer.reading.reader_events import ReportWritten

Key = Qt.Key
KEPT = "The reading of Doe, Jane, 2000-01-02, is kept and not signed."


@pytest.fixture
def left(sitting: Sitting) -> Sitting:
    """Work in one study, typed words among it, when a folder with another one is dropped."""
    open_folder(sitting, "first", study(1))
    sitting.lungs()
    sitting.window.pages.report.findings.setPlainText("Typed, and not kept yet.")
    drop(sitting, 2)
    return sitting


def drop(sitting: Sitting, number: int) -> None:
    open_folder(sitting, f"folder {number}", study(number, f"Other^Patient{number}"))
    QApplication.processEvents()


def test_work_that_another_study_replaces_is_said_to_be_kept_with_the_way_back(
    left: Sitting,
) -> None:
    assert on_desk(left) == "2.9"
    assert left.said == KEPT and left.notices[-1].action == "previous-study"
    left.key(Key.Key_Left, CTRL)
    left.children.find(study(1))
    left.children.load()
    QApplication.processEvents()
    assert on_desk(left) == "1.9"
    reading = left.desk.reading
    assert reading is not None and reading.has_lungs and not reading.signed
    assert left.said.startswith("Reading restored to your last click")


def test_both_are_said_where_the_new_study_was_in_work_too(left: Sitting) -> None:
    left.lungs()
    open_folder(left, "first", study(1))
    QApplication.processEvents()
    assert left.said.startswith("The reading of Other, Patient2, 2000-01-02, is kept and not")
    assert "Reading restored to your last click" in left.said


def test_words_that_were_being_typed_are_kept_too(left: Sitting) -> None:
    left.key(Key.Key_Left, CTRL)
    left.children.find(study(1))
    left.children.load()
    reading = left.desk.reading
    assert reading is not None
    written = [row.event for row in reading.history if isinstance(row.event, ReportWritten)]
    assert written and left.desk.out.words[0] == "Typed, and not kept yet."


def test_nothing_is_said_of_a_reading_that_is_signed_or_not_begun(sitting: Sitting) -> None:
    open_folder(sitting, "first", study(1))
    drop(sitting, 2)
    assert "is kept" not in sitting.said
    sitting.lungs()
    sitting.key(Key.Key_S, CTRL | SHIFT)
    drop(sitting, 3)
    assert "is kept" not in sitting.said


def test_another_series_of_the_study_is_no_other_study(sitting: Sitting) -> None:
    one = study(1)
    other = replace(one, uid="1.2")
    open_folder(sitting, "first", one, other)
    sitting.lungs()
    sitting.desk.choose_series(other)
    sitting.children.load()
    QApplication.processEvents()
    assert "is kept" not in sitting.said


def test_no_name_is_said_where_names_are_hidden(sitting: Sitting) -> None:
    open_folder(sitting, "first", study(1))
    sitting.lungs()
    sitting.window.actions_by_id["hide-patient"].trigger()
    drop(sitting, 2)
    assert "is kept" in sitting.said and "Doe" not in sitting.said


def test_without_a_study_before_it_says_so(sitting: Sitting) -> None:
    open_folder(sitting, "first", study(1))
    sitting.key(Key.Key_Left, CTRL)
    assert sitting.said == "No other study was open before this one."
