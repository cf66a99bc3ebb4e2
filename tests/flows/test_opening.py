"""Opening studies: what is refused, what is told, and who wins."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.dicom.small import write_ct
from tests.flows.desks import until
from tests.flows.phantom import copy_of, spoil
from viewer.notices import BANNER, REFUSED, WARN
from viewer.reading.events import Answer
from viewer.reading.listing import readings


@pytest.fixture
def desk(read, phantom):
    """The phantom is open; nothing was said yet."""
    read.open(phantom.series)
    read.notices.clear()
    return read


def looked_at(at_desk, path):
    at_desk.desk.open(path)
    until(lambda: not at_desk.desk.opening.busy, f"{path} was looked at", 20)


def test_what_is_no_study_is_refused_in_a_sentence_and_the_open_one_stays(desk, tmp_path):
    (tmp_path / "notes.txt").write_text("no image")
    before = desk.reading
    looked_at(desk, tmp_path / "notes.txt")
    (notice,) = desk.notices
    assert (notice.level, notice.place) == (REFUSED, BANNER)
    assert notice.sentence
    looked_at(desk, tmp_path / "nowhere")
    assert desk.last == "There is nothing at nowhere."
    assert desk.reading is before
    assert desk.stands


def test_keys_given_for_a_study_that_is_refused_are_forgotten(desk, tmp_path):
    before = desk.reading
    desk.desk.open(tmp_path / "nowhere")
    desk.desk.answer(Answer.REJECT)
    desk.desk.find_nodules()
    until(lambda: not desk.desk.opening.busy, "it was refused", 20)
    assert desk.reading is before
    assert desk.jobs.running("lungs", "nodules") is None


def test_of_two_studies_opened_at_once_the_last_one_wins(desk, phantom, tiny):
    desk.desk.open(phantom.series)
    desk.desk.open(tiny.series)
    until(lambda: desk.stands and desk.desk.scan.series.uid == tiny.uid, "the last one", 20)
    assert "Opening was stopped." not in desk.said


def test_opening_can_be_stopped_and_says_so(desk, phantom):
    desk.desk.open(phantom.series)
    desk.desk.cancel()
    until(lambda: not desk.desk.opening.busy, "it was stopped", 5)
    assert desk.last == "Opening was stopped."


def test_a_spoilt_slice_is_named_and_the_others_open(desk, phantom, tmp_path):
    study = copy_of(phantom, tmp_path / "spoilt")
    spoil(study / "0040.dcm")
    desk.open(study)
    (notice,) = [n for n in desk.notices if "0040.dcm" in n.sentence]
    assert (notice.level, notice.place) == (WARN, BANNER)


def test_on_unequal_spacing_the_ai_is_refused_in_a_sentence_and_nothing_is_measured(desk, tmp_path):
    write_ct(tmp_path / "uneven", z_mm=[0, 2.5, 5, 9, 11.5, 14])
    desk.open(tmp_path / "uneven")
    for command in (
        desk.desk.segment_lungs,
        desk.desk.find_nodules,
        lambda: desk.desk.add_at((0.0, 0.0, 5.0)),
    ):
        (told,) = [n for n in desk.notices if n.about == "series"]
        desk.notices.clear()
        command()
        assert desk.notices == [told], "the same banner again, and no other beside it"
        assert told.level == REFUSED and told.remedy == "Viewing works, AI is off."
        assert "spacing runs from 2.5 to 4 mm" in told.sentence.lower()
    assert not desk.reading.history


def test_the_study_of_a_restored_reading_stands_before_its_slices_do(desk, phantom, tiny):
    """A verdict on a reading that goes on need not wait for the last slice."""
    desk.desk.set_reader("Reader of the phantom")
    for event in desk.found:
        desk.desk.record(event)
    desk.open(tiny.series)
    heard = []

    def answer_at_once(finding):
        if finding and not heard:
            heard.append(desk.desk.scan.complete)
            desk.desk.answer(Answer.ACCEPT)

    desk.desk.current_changed.connect(answer_at_once)
    try:
        desk.open(phantom.series)
    finally:
        desk.desk.current_changed.disconnect(answer_at_once)
    assert heard == [False]
    assert len(desk.reading.in_state("accepted")) == 1


@pytest.fixture
def lungs_seg(desk):
    """The lungs of the phantom as they were exported."""
    desk.desk.set_reader("Who has the SEG")
    if not desk.reading.has_lungs:
        for event in desk.found:
            desk.desk.record(event)
    desk.desk.export()
    desk.idle("export")
    told = next(row for row in readings() if row["reading"] == desk.reading.id)
    return Path(next(path for path in told["exports"] if path.endswith("lungs.dcm")))


def test_a_seg_opened_while_its_ct_still_loads_is_laid_on_when_the_ct_stands(
    desk, phantom, lungs_seg
):
    labels = desk.reading.lungs.labels
    desk.desk.set_reader("Who is in a hurry")
    began = []

    def open_the_seg(scan):
        if not began:
            began.append(scan.complete)
            desk.desk.open(lungs_seg)

    desk.desk.scan_opened.connect(open_the_seg)
    try:
        desk.desk.open(phantom.series)
        until(lambda: desk.stands and desk.reading.has_lungs, "the SEG on its CT", 20)
    finally:
        desk.desk.scan_opened.disconnect(open_the_seg)
    assert began == [False]
    assert np.array_equal(desk.reading.lungs.labels, labels)


def test_a_seg_alone_with_no_ct_on_the_desk_is_refused(desk, lungs_seg, monkeypatch):
    monkeypatch.setattr(desk.desk.opening, "_scan", None)
    looked_at(desk, lungs_seg)
    assert "the CT of this segmentation is missing" in desk.last
