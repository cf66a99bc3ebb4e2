"""A search that found nothing says what was searched and by which model, wherever it is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ai.scan.labelmap import MadeBy, SegmentFigures
from tests.dicom.seg_scan import Grid, write_scan
from tests.reading.samples import proposed
from viewer.dicom.series import Series
from viewer.language.catalogue import language
from viewer.reading.events import (
    BY_RULE,
    SECOND,
    Answer,
    Begun,
    Event,
    FindingsProposed,
    ModeChosen,
    SegmentsAdded,
    VerdictGiven,
    Withdrawn,
)
from viewer.reading.listing import _line
from viewer.reading.out.outputs import findings_json
from viewer.reading.reading import Reading, Row, fold
from viewer.reading.report.content import models, report_content
from viewer.reading.report.how_read import how_read
from viewer.reading.report.text import report_text
from viewer.reading.report.words import Tell
from viewer.reading.searching import search_of

BLOBS = MadeBy("blobs", "2.0")
LUNGS = SegmentsAdded(
    None, (SegmentFigures(1, 30.0, -800.0), SegmentFigures(2, 25.6, -800.0)), ()
)  # fmt: skip
EMPTY = FindingsProposed((), (), BLOBS)
NOTHING = (
    "Nodules were searched for by blobs 2.0 in 56 ml of lung. Candidates: 0. Small nodules can be "
    "missed."
)


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


def read(*events: Event) -> Reading:
    return fold("r", [Row(n, "2026-01-02T03:04:05+00:00", e) for n, e in enumerate(events, 1)])


def test_a_search_without_candidates_keeps_its_model_and_how_much_lung() -> None:
    search = search_of(read(LUNGS, EMPTY))
    assert search is not None and search.by == BLOBS and search.candidates == 0
    assert round(search.lung_ml, 1) == 55.6
    assert BLOBS in models(read(LUNGS, EMPTY))


def test_a_search_that_was_undone_or_never_made_is_none() -> None:
    assert search_of(read(LUNGS)) is None
    assert search_of(read(LUNGS, EMPTY, Withdrawn(2))) is None
    assert how_read(read(LUNGS)) == ()


def test_it_stands_among_how_it_was_read_for_report_sr_and_passport() -> None:
    assert how_read(read(LUNGS, EMPTY)) == (NOTHING,)
    assert how_read(read(EMPTY))[0].startswith("Nodules were searched for by blobs 2.0. Cand")
    assert how_read(read(FindingsProposed((), ())))[0].startswith("Nodules were searched for. C")


def test_candidates_of_which_none_was_accepted_are_counted() -> None:
    (told,) = how_read(read(LUNGS, proposed("abc", held="c")))
    assert told.endswith("in 56 ml of lung. Candidates: 3, none accepted.")
    assert how_read(read(LUNGS, proposed("ab"), VerdictGiven("a", Answer.ACCEPT, BY_RULE))) == ()


def test_what_waits_for_the_own_pass_is_not_counted_before_it() -> None:
    told = " ".join(how_read(read(Begun("s", "k", "m"), ModeChosen(SECOND), proposed("abc"))))
    assert "Candidates" not in told


@pytest.mark.parametrize("code", ["en", "zh"])
def test_the_report_says_it_once_in_the_place_of_the_findings(scan: Series, code: str) -> None:
    told = report_text(report_content(scan, read(LUNGS, EMPTY)), language=code, width=400)
    assert told.count(language(code).say(NOTHING)) == 1
    head = {"en": "FINDINGS (0)\n", "zh": "发现（0）\n"}[code]
    assert told.split(head)[1].startswith(language(code).say(NOTHING))
    models = {"en": "Models: blobs 2.0.", "zh": "模型：blobs 2.0。"}[code]
    assert models in told and "no findings" not in told.lower()


def test_the_table_for_machines_has_it_too(scan: Series) -> None:
    def searched(reading: Reading) -> object:
        return json.loads(findings_json(report_content(scan, reading)))["searched"]

    assert searched(read(LUNGS, EMPTY)) == {
        "model": "blobs 2.0", "lung_ml": 55.6, "candidates": 0, "accepted": 0,
    }  # fmt: skip
    assert searched(read(LUNGS)) is None


@pytest.mark.parametrize(
    ("searched", "told"), [(True, "0 candidates"), (False, "not searched for")]
)
def test_the_listing_of_readings_never_says_that_there_is_nothing(
    searched: bool, told: str
) -> None:
    row = {"lungs": True, "searched": searched, "findings": [], "exported": 0}
    assert told in _line(row, Tell("en")) and "no findings" not in _line(row, Tell("en"))
