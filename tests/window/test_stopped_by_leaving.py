"""What the AI was asked for stops with the reading it was asked in, and who reads on is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from ai.worker.messages import SegmentLungs
from tests.window.conftest import Sitting
from tests.window.test_stopped_exports import named

Key = Qt.Key


def test_lungs_that_stop_at_a_change_of_reader_are_told_with_how_to_begin_again(
    sitting: Sitting,
) -> None:
    sitting.open()
    sitting.key(Key.Key_F5)
    sitting.desk.set_reader("Dr Ray")
    sitting.key(Key.Key_F5)
    sitting.desk.set_reader("Dr New")
    told = sitting.notices[-1]
    assert told.sentence == "Segmenting the lungs was stopped with the reading of Dr Ray."
    assert told.remedy == "F5 begins it again, in each reading."


def test_the_search_is_told_too_with_whose_reading_is_kept(sitting: Sitting) -> None:
    sitting.desk.set_reader("Dr Ray")
    sitting.open()
    sitting.lungs()
    sitting.key(Key.Key_F6)
    sitting.desk.set_reader("Dr New")
    told = f"{sitting.said} {sitting.notices[-1].remedy}"
    assert "The reading of Dr Ray is kept" in told
    assert "The search for nodules was stopped with the reading of Dr Ray." in told
    assert "F6 begins it again" in told


def test_a_search_that_waits_for_its_lungs_is_a_search(sitting: Sitting) -> None:
    sitting.desk.set_reader("Dr Ray")
    sitting.open()
    sitting.key(Key.Key_F6)
    sitting.desk.set_reader("Dr New")
    assert sitting.said == "The search for nodules was stopped with the reading of Dr Ray."


@pytest.mark.parametrize("with_work", [True, False])
def test_who_gives_a_name_late_stops_nothing_and_idle_work_is_not_told(
    sitting: Sitting, with_work: bool
) -> None:
    sitting.open()
    sitting.lungs()
    if with_work:
        sitting.key(Key.Key_F6)
    sitting.desk.set_reader("Dr Ray")
    assert (sitting.jobs.running("nodules") is not None) == with_work
    if not with_work:
        sitting.desk.set_reader("Dr New")
    assert not [one for one in sitting.notices if "stopped" in f"{one.sentence}{one.remedy}"]


def to_another(sitting: Sitting) -> str:
    """Another study is opened; what its toast says at last."""
    sitting.open(named("1.2", "Roe^Richard"))
    QApplication.processEvents()
    return sitting.said


def test_lungs_that_stop_at_a_change_of_study_are_told(sitting: Sitting) -> None:
    sitting.open(named("1.1", "Doe^Jane"))
    sitting.key(Key.Key_F5)
    job = sitting.jobs.asked(SegmentLungs).job
    assert to_another(sitting) == (
        "Segmenting the lungs of Doe, Jane, 2020-01-02, was stopped. F5 begins it again there."
    )
    assert sitting.notices[-1].action == "previous-study"
    toast = sitting.window.toast
    assert toast.button is not None and toast.button.isVisible()
    assert toast.button.text() == "Study before"
    assert job in sitting.jobs.ai.cancelled
    sitting.click(toast.button)
    sitting.children.find(named("1.1", "Doe^Jane"))
    sitting.children.load()
    assert sitting.desk.scan is not None and sitting.desk.scan.series.uid == "1.1"


def test_with_names_hidden_the_stopped_lungs_are_told_without_one(sitting: Sitting) -> None:
    sitting.open(named("1.1", "Doe^Jane"))
    sitting.key(Key.Key_F5)
    sitting.window.actions_by_id["hide-patient"].trigger()
    told = to_another(sitting)
    assert "Segmenting the lungs of Name hidden, 2020-01-02, was stopped." in told
    assert "Doe" not in told


def test_in_another_series_of_the_study_no_other_study_is_told_of(sitting: Sitting) -> None:
    one = named("1.1", "Doe^Jane")
    other = replace(one, uid="1.2")
    sitting.open(one, other)
    sitting.key(Key.Key_F5)
    sitting.desk.choose_series(other)
    sitting.children.load()
    QApplication.processEvents()
    assert sitting.said == (
        "Segmenting the lungs was stopped with the series that was left. F5 begins it again there."
    )
    assert not sitting.notices[-1].action


def test_the_search_is_told_with_the_reading_that_is_kept(sitting: Sitting) -> None:
    sitting.open(named("1.1", "Doe^Jane"))
    sitting.lungs()
    sitting.key(Key.Key_F6)
    told = to_another(sitting)
    assert "Doe, Jane, 2020-01-02, is kept and not signed." in told
    assert "The search for nodules was stopped. F6 begins it again there." in told
    assert told.count("Doe, Jane") == 1
    assert sitting.notices[-1].action == "previous-study" and not sitting.notices[-1].second


def test_it_is_told_with_the_reading_that_is_restored(sitting: Sitting) -> None:
    sitting.open(named("1.2", "Roe^Richard"))
    sitting.lungs()
    sitting.open(named("1.1", "Doe^Jane"))
    QApplication.processEvents()
    sitting.key(Key.Key_F6)
    told = to_another(sitting)
    assert told.startswith("The search for nodules in Doe, Jane, 2020-01-02, was stopped. F6")
    assert "Reading restored" in told and sitting.notices[-1].action == "previous-study"


def test_a_change_of_study_with_nothing_on_its_way_stops_nothing(sitting: Sitting) -> None:
    sitting.open(named("1.1", "Doe^Jane"))
    sitting.lungs()
    assert "stopped" not in to_another(sitting)


@pytest.mark.parametrize("browser", [False, True])
def test_in_the_smallest_window_all_of_it_can_be_read(sitting: Sitting, browser: bool) -> None:
    sitting.open(named("1.1", "Doe^Jane"))
    sitting.lungs()
    sitting.key(Key.Key_F6)
    sitting.window.browser_pinned = browser
    sitting.window.resize(1024, 640)
    told = to_another(sitting)
    QApplication.processEvents()
    assert sitting.window.studies.folded is not browser
    toast = sitting.window.toast
    assert toast.label.text().replace("\n", " ") == told
    assert toast.label.text().count("\n") <= 2
    assert sitting.window.centre.rect().contains(toast.geometry())
