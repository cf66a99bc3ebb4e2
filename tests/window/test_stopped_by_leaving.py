"""What the AI was asked for stops with the reading it was asked in, and the next reader is told."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from tests.window.conftest import Sitting

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
