"""Children that are stopped, killed, or answer too late."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.flows.desks import children, until, with_torch


@pytest.fixture
def at_phantom(read, phantom):
    """The phantom, whole, on the desk of a reader with nothing found yet."""
    if read.desk.scan.series.uid != phantom.uid or not read.stands:
        read.open(phantom.series)
    read.desk.set_reader("Dr Ray")  # who read without a name takes that reading along
    read.desk.set_reader(f"Reader {time.monotonic_ns()}")
    read.notices.clear()
    return read


def kill_workers():
    pids = with_torch()
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    return pids


def test_a_worker_killed_at_work_costs_one_sentence_and_the_next_click_works(at_phantom):
    at_phantom.desk.segment_lungs()
    until(lambda: (at_phantom.jobs.running("lungs") or 0) and at_phantom.jobs.running("lungs").step,
          "the lungs are at work", 30)  # fmt: skip
    assert kill_workers()
    at_phantom.idle("lungs", seconds=10)
    assert at_phantom.said == ["The AI process ended. Your reading is safe."]
    assert not at_phantom.reading.has_lungs
    at_phantom.lungs()
    assert at_phantom.reading.has_lungs


def test_cancel_gives_the_window_back_at_once_and_changes_nothing(at_phantom):
    at_phantom.desk.segment_lungs()
    until(lambda: at_phantom.jobs.running("lungs").step, "the lungs are at work", 30)
    before, began = at_phantom.reading, time.monotonic()
    at_phantom.desk.cancel()
    at_phantom.idle("lungs", seconds=5)
    assert time.monotonic() - began < 1.0  # 300 ms, and a machine that is busy
    assert at_phantom.said == ["Cancelled. Nothing was changed."]
    assert at_phantom.reading is before


def test_a_second_click_on_what_runs_already_asks_for_nothing(at_phantom):
    at_phantom.desk.segment_lungs()
    at_phantom.desk.segment_lungs()
    assert sum(job.kind == "lungs" for job in at_phantom.jobs.living) == 1
    at_phantom.desk.cancel()
    at_phantom.idle("lungs")


def test_lungs_asked_for_one_study_never_land_in_the_next(at_phantom, tiny):
    left = at_phantom.reading.id
    at_phantom.desk.find_nodules()  # the lungs first, then what is in them
    until(lambda: at_phantom.jobs.running("lungs").step, "the lungs are at work", 30)
    at_phantom.open(tiny.series)
    at_phantom.lungs()
    assert at_phantom.reading.lungs.labels.shape == at_phantom.desk.scan.volume.hu.shape
    assert not at_phantom.reading.searched
    assert at_phantom.jobs.running("nodules") is None
    assert left not in at_phantom.store.readings()  # nothing of it was ever kept
    assert "Cancelled. Nothing was changed." not in at_phantom.said


def test_lungs_of_the_next_study_are_not_refused_while_those_of_the_last_still_run(
    at_phantom, tiny
):
    at_phantom.desk.segment_lungs()
    at_phantom.desk.open(tiny.series)
    at_phantom.desk.segment_lungs()
    until(lambda: at_phantom.stands and at_phantom.reading.has_lungs, "the next study's lungs")
    assert at_phantom.desk.scan.series.uid == tiny.uid


def test_a_late_answer_for_a_reading_that_was_left_is_dropped(at_phantom, monkeypatch):
    monkeypatch.setattr(at_phantom.jobs, "cancel", lambda job: None)  # the answer is on its way
    left = at_phantom.reading.id
    at_phantom.desk.segment_lungs()
    at_phantom.desk.set_reader("Who came meanwhile")
    at_phantom.idle("lungs")
    assert not at_phantom.reading.has_lungs
    assert left not in at_phantom.store.readings()


def test_a_reading_process_that_dies_while_slices_come_is_told_and_the_study_opens_again(
    at_phantom, phantom
):
    def kill_all_but_the_ai():
        for pid in set(children()) - set(with_torch()):
            os.kill(pid, signal.SIGKILL)

    at_phantom.desk.scan_opened.connect(kill_all_but_the_ai)
    try:
        at_phantom.desk.open(phantom.series)
        until(lambda: not at_phantom.desk.opening.busy, "the last word on the study", 20)
    finally:
        at_phantom.desk.scan_opened.disconnect(kill_all_but_the_ai)
    if not at_phantom.stands:  # the slices may have been quicker
        assert at_phantom.last == "The process that reads files ended. Your reading is safe."
        at_phantom.desk.segment_lungs()
        assert at_phantom.last == "Not every image of this study was read."
    at_phantom.open(phantom.series)
    assert at_phantom.stands
