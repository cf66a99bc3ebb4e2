"""The bar of an export that stopped: it stays until it is done with, and says of what it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ai.worker.messages import FindNodules
from tests.fakes import chest
from tests.window.conftest import Sitting
from tests.window.programs import children, switch
from viewer.app import Program
from viewer.dicom.io_messages import Export
from viewer.dicom.series import Patient, Series
from viewer.panels.jobs import JobRow
from viewer.window.window import HilumWindow

Key = Qt.Key
FULL = "The disk is full."


def named(uid: str, name: str) -> Series:
    return replace(chest(uid), patient=Patient(name), study_date="20200102", study_uid=f"9.{uid}")


def bar(window: HilumWindow) -> JobRow:
    (made,) = window.strip.job_rows.values()
    return made


@pytest.fixture
def failed(sitting: Sitting) -> Iterator[Sitting]:
    """An export of Doe, Jane stopped."""
    sitting.open(named("1.1", "Doe^Jane"))
    sitting.lungs()
    sitting.desk.export()
    sitting.children.fail(Export, FULL)
    assert bar(sitting.window).name.text() == "Export stopped"
    assert bar(sitting.window).run_again.isVisible()
    yield sitting


def test_it_stays_in_another_language_and_is_run_again_there(
    program: Program, qtbot: QtBot, tmp_path: Path
) -> None:
    program.desk.export(tmp_path)
    first = children(program).jobs.asked(Export)
    children(program).fail(Export, FULL)
    switch(program, qtbot)
    shown = bar(program.window)
    assert program.window.strip.isVisible() and shown.name.text() == "导出已停止"
    assert shown.run_again.isVisible()
    shown.run_again.click()
    again = children(program).jobs.asked(Export)
    assert again.job != first.job and again.request.folder == tmp_path
    assert not shown.run_again.isVisible()


def test_over_another_study_it_names_its_own_and_is_not_run_again_there(failed: Sitting) -> None:
    failed.open(named("1.2", "Roe^Richard"))
    shown = bar(failed.window)
    assert shown.name.text() == "Export of Doe, Jane, 2020-01-02 stopped"
    assert FULL in shown.step.text() and not shown.run_again.isVisible()
    failed.window.toggle_patient()
    assert "Doe" not in shown.name.text() and "2020-01-02" in shown.name.text()
    failed.open(named("1.1", "Doe^Jane"))
    shown = bar(failed.window)
    assert shown.name.text() == "Export stopped" and shown.run_again.isVisible()
    shown.run_again.click()
    assert failed.jobs.running("export") is not None


def test_one_that_stops_after_its_reader_left_says_whose_it_is(sitting: Sitting) -> None:
    sitting.desk.set_reader("Dr Ray")
    sitting.open()
    sitting.lungs()
    sitting.desk.export()
    sitting.desk.set_reader("Dr New")
    sitting.children.fail(Export, FULL)
    shown = bar(sitting.window)
    assert shown.name.text() == "Export of the reading of Dr Ray stopped"
    assert not shown.run_again.isVisible()


def test_of_two_that_stopped_each_is_run_again_to_its_own_folder(
    failed: Sitting, tmp_path: Path
) -> None:
    failed.open(named("1.2", "Roe^Richard"))
    failed.lungs()
    failed.desk.export(tmp_path)
    failed.children.fail(Export, FULL)
    assert bar(failed.window).name.text() == "Export stopped"
    bar(failed.window).run_again.click()
    assert failed.jobs.asked(Export).request.folder == tmp_path


def test_a_search_that_stopped_in_a_reading_is_not_offered_in_the_next(sitting: Sitting) -> None:
    sitting.open(named("1.1", "Doe^Jane"))
    sitting.lungs()
    sitting.key(Key.Key_F6)
    sitting.children.fail(FindNodules, "The worker ended.")
    assert bar(sitting.window).run_again.isVisible()
    sitting.open(named("1.2", "Roe^Richard"))
    assert not sitting.window.strip.job_rows


def test_a_search_that_stopped_stays_in_another_language(program: Program, qtbot: QtBot) -> None:
    program.desk.find_nodules()
    children(program).fail(FindNodules, "The worker ended.")
    switch(program, qtbot)
    assert bar(program.window).run_again.isVisible()
