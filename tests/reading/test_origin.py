"""A finding that came in a file is told as what it is, and keeps its identity and its place."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pydicom
import pytest

from ai.nodules.added import GROWING
from ai.scan.finding import UNKNOWN_ZONE, Finding, Origin
from ai.scan.labelmap import BOTH_LUNGS, LabelMap, MadeBy
from tests.dicom.seg_scan import Grid, nodule, two_lungs, write_scan
from tests.reading.samples import finding, proposed
from tests.reading.test_export_outputs import blank
from viewer.desk.agent import feedback_of
from viewer.dicom.masks.drawn_by import READER, UNNAMED
from viewer.dicom.masks.seg_read import read_seg
from viewer.dicom.series import Series
from viewer.home import home
from viewer.reading.events import (
    ADDED,
    CONCURRENT,
    SECOND,
    Answer,
    Begun,
    FindingAdded,
    FindingEdited,
    ModeChosen,
    OwnPassDone,
    SegmentsAdded,
    VerdictGiven,
    Withdrawn,
)
from viewer.reading.judged import judged_of
from viewer.reading.library import Library
from viewer.reading.names import short_name
from viewer.reading.origin import TAKEN_OVER, came_in, origin_words, told_state
from viewer.reading.out.export import ExportRequest, export_reading
from viewer.reading.out.figures import figures_csv
from viewer.reading.out.outputs import draw_pictures, findings_json
from viewer.reading.out.passport import what_went_out
from viewer.reading.reading import Reading, Row, apply, fold
from viewer.reading.report.content import report_content
from viewer.reading.report.how_read import how_read
from viewer.reading.report.html import report_html
from viewer.reading.report.text import report_text
from viewer.reading.report.words import Tell, overview_words
from viewer.reading.store import Store

BLOCK = np.ones((2, 3, 4), np.bool_)
TOOL = MadeBy("SECRETALGO", "")
SEEN = Origin("SEG", "AUTOMATIC", "Nodule A", "1.2.826.0.1.77")
AT = "2026-02-10T08:09:00.000+00:00"


def folded(*events: object) -> Reading:
    return fold("one", [Row(n, AT, event) for n, event in enumerate(events, 1)])  # type: ignore[arg-type]


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


def of_file(scan: Series, name: str = "n1", made_by: MadeBy = TOOL, **more: object) -> Finding:
    one = nodule(scan, name, (0, 1, 1), BLOCK, made_by=made_by)
    return replace(one, **({"origin": SEEN} | more))  # type: ignore[arg-type]


def exported(scan: Series, folder: Path, one: Finding, state: str) -> dict[str, Path]:
    request = ExportRequest(
        folder=folder, series=scan, lungs=two_lungs(scan), findings=((one, state),),
        reading_id="reading-1", objects=frozenset({"seg", "sr"}),
    )  # fmt: skip
    return {path.name: path for path in export_reading(request).files}


def texts(path: Path) -> str:
    return " ".join(
        str(one.value) for one in pydicom.dcmread(path).iterall() if one.keyword == "TextValue"
    )


# Words


@pytest.mark.parametrize(
    ("made_by", "origin", "words"),
    [
        (TOOL, SEEN, "Out of a SEG by SECRETALGO, AUTOMATIC"),
        (MadeBy("tool", "2"), Origin("SEG"), "Out of a SEG by tool 2"),
        (READER, Origin("SEG", "MANUAL"), "Out of a SEG, drawn by hand"),
        (READER, Origin("NIfTI"), "Out of a NIfTI"),
        (GROWING, Origin("SEG", "SEMIAUTOMATIC"),
         "Out of a SEG by half-contrast-growing 1, SEMIAUTOMATIC"),
        (MadeBy("contours from RTSTRUCT, plan 1", ""), Origin("RTSTRUCT"),
         "Contours from RTSTRUCT, plan 1"),
        (TOOL, None, "Out of a file by SECRETALGO"),
        (GROWING, None, ""),
    ],
)  # fmt: skip
def test_where_a_finding_came_from_is_said_in_words(
    made_by: MadeBy, origin: Origin | None, words: str
) -> None:
    one = replace(finding("f"), made_by=made_by, origin=origin)
    assert origin_words(one, "added") == words
    assert told_state(one, "added") == (TAKEN_OVER if words else "added")
    assert told_state(one, "accepted") == "accepted"
    assert came_in(one, "proposed") is (origin is not None)


def test_the_passport_counts_what_a_file_brought_apart_from_what_a_reader_added(
    scan: Series,
) -> None:
    own = replace(nodule(scan, "n2", (0, 5, 5), BLOCK), made_by=GROWING)
    reading = folded(FindingAdded(of_file(scan)), FindingAdded(own))
    content = report_content(scan, reading)
    counts = {row.state: row for row in what_went_out(f.told_state for f in content.findings)}
    assert counts["added"].count == counts[TAKEN_OVER].count == 1
    assert counts[TAKEN_OVER].in_file
    assert "Out of a SEG by SECRETALGO, AUTOMATIC" in content.drawn


def test_seg_and_report_tell_that_it_was_taken_over_and_not_added(
    scan: Series, tmp_path: Path
) -> None:
    files = exported(scan, tmp_path / "out", of_file(scan), "added")
    (item,) = pydicom.dcmread(files["nodules.dcm"]).SegmentSequence
    assert item.SegmentAlgorithmType == "AUTOMATIC", "nobody touched it"
    assert "taken over; Out of a SEG by SECRETALGO, AUTOMATIC" in item.SegmentDescription
    told = texts(files["sr.dcm"])
    assert "Taken over by a reader; Out of a SEG by SECRETALGO, AUTOMATIC" in told
    assert "Added by a reader" not in told


OUT_OF = "Out of a SEG by SECRETALGO, AUTOMATIC"


def test_every_form_tells_state_and_source_in_the_same_words(scan: Series) -> None:
    own = replace(nodule(scan, "n2", (0, 5, 5), BLOCK), made_by=GROWING, chance=1.0)
    laid = FindingAdded(of_file(scan, chance=1.0))
    content = report_content(scan, folded(laid, FindingAdded(own)))
    taken, added = json.loads(findings_json(content))["findings"]
    assert (taken["state"], taken["origin"]) == (TAKEN_OVER, OUT_OF)
    assert added["state"] == ADDED and "origin" not in added
    assert taken["chance"] is None and added["chance"] is None, "no search found them"
    taken, added = csv.DictReader(StringIO(figures_csv(content)))
    assert (taken["state"], taken["origin"]) == (TAKEN_OVER, OUT_OF)
    assert (added["state"], added["origin"]) == (ADDED, "")
    assert taken["chance"] == added["chance"] == ""
    text, page = " ".join(report_text(content).split()), report_html(content)
    assert f"; taken over; {OUT_OF}" in text and "; added" in text
    assert "<td>taken over</td>" in page and f"{OUT_OF}; Tracking UID" in page
    assert "mask by SECRETALGO" not in page
    assert "chance" not in text


def test_what_a_reader_accepted_is_told_as_accepted_and_from_where(scan: Series) -> None:
    reading = folded(FindingAdded(of_file(scan)), VerdictGiven("n1", Answer.ACCEPT))
    content = report_content(scan, reading)
    (row,) = json.loads(findings_json(content))["findings"]
    assert (row["state"], row["origin"]) == ("accepted", OUT_OF)
    assert OUT_OF in report_html(content)


def test_a_picture_says_that_its_finding_was_taken_over(
    scan: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def picture(_volume: object, _finding: Finding, _state: str, caption: str, **_: object) -> None:
        said.append(caption)

    monkeypatch.setattr("viewer.reading.out.pictures.finding_picture", picture)
    monkeypatch.setattr("viewer.reading.out.pictures.lungs_picture", lambda *_, **__: None)
    monkeypatch.setattr("viewer.reading.out.outputs.png", lambda _: b"")
    assert scan.geometry is not None
    draw_pictures(blank(scan.geometry), None, [(of_file(scan), ADDED)])
    assert TAKEN_OVER in said[0] and ADDED not in said[0]


def test_what_the_agent_learns_from_counts_it_apart(store: Store, scan: Series) -> None:
    own = replace(finding("n2"), made_by=GROWING)
    for event in (
        FindingAdded(of_file(scan)), FindingAdded(own),
        VerdictGiven("n1", Answer.ACCEPT, 3.0), VerdictGiven("n2", Answer.REJECT, 3.0),
    ):  # fmt: skip
        store.append("r", event)
    rows = {row["finding"]: row for row in feedback_of(store, store.last_seq())}
    assert (rows["n1"]["added"], rows["n1"]["taken_over"]) == (False, True)
    assert (rows["n2"]["added"], rows["n2"]["taken_over"]) == (True, False)


def test_it_is_no_judged_nodule_until_somebody_judges_it(scan: Series) -> None:
    judged = judged_of(folded(proposed("a"), VerdictGiven("a", Answer.ACCEPT)), 0.5)
    both = judged_of(
        folded(proposed("a"), VerdictGiven("a", Answer.ACCEPT), FindingAdded(of_file(scan))), 0.5
    )
    assert judged is not None and both is not None
    assert both.nodules == judged.nodules == 1


def test_once_a_reader_changed_its_outline_it_is_edited(scan: Series, tmp_path: Path) -> None:
    one = of_file(scan)
    reading = folded(FindingAdded(one), FindingEdited(one))
    assert reading.states["n1"] == "edited"
    files = exported(scan, tmp_path / "out", one, "edited")
    (item,) = pydicom.dcmread(files["nodules.dcm"]).SegmentSequence
    assert item.SegmentAlgorithmType == "SEMIAUTOMATIC"


# Identity


def test_it_keeps_the_tracking_uid_and_id_of_its_file(scan: Series, tmp_path: Path) -> None:
    files = exported(scan, tmp_path / "out", of_file(scan), "accepted")
    (item,) = pydicom.dcmread(files["nodules.dcm"]).SegmentSequence
    assert (item.TrackingID, item.TrackingUID) == (SEEN.tracking_id, SEEN.tracking_uid)
    assert SEEN.tracking_id in texts(files["sr.dcm"])
    uids = {str(o.value) for o in pydicom.dcmread(files["sr.dcm"]).iterall() if o.keyword == "UID"}
    assert SEEN.tracking_uid in uids
    line = report_content(scan, folded(FindingAdded(of_file(scan)))).findings[0]
    assert line.tracking_uid == SEEN.tracking_uid
    (again,) = read_seg(files["nodules.dcm"], scan).findings
    assert again.origin == replace(SEEN, how="AUTOMATIC")


def test_a_tracking_uid_that_is_none_is_not_passed_on(scan: Series, tmp_path: Path) -> None:
    odd = of_file(scan, origin=replace(SEEN, tracking_uid="Mr Smith"))
    files = exported(scan, tmp_path / "out", odd, "accepted")
    (item,) = pydicom.dcmread(files["nodules.dcm"]).SegmentSequence
    assert str(item.TrackingUID).startswith("2.25.")


def test_a_segment_that_an_unnamed_program_drew_is_no_hands_work(
    scan: Series, tmp_path: Path
) -> None:
    path = exported(scan, tmp_path / "out", of_file(scan), "accepted")["nodules.dcm"]
    seg = pydicom.dcmread(path)
    del seg.SegmentSequence[0].SegmentAlgorithmName
    seg.save_as(path)
    assert read_seg(path, scan).findings[0].made_by.card == UNNAMED


@pytest.fixture
def store() -> Iterator[Store]:
    library, store = Library(), Store(home() / "readings.sqlite")
    store.words = library
    store.append("r", Begun("study", "series", "reader"))
    yield store
    store.close()
    library.close()


def test_uids_and_ids_of_a_file_are_in_the_library_and_not_in_the_log(store: Store) -> None:
    store.append("r", FindingAdded(replace(finding("f"), origin=SEEN)))
    assert store.reading("r").findings[0].origin == SEEN
    log = b"".join(path.read_bytes() for path in sorted(home().glob("readings.sqlite*")))
    assert SEEN.tracking_uid.encode() not in log and SEEN.tracking_id.encode() not in log
    store.words = None
    lost = store.reading("r").findings[0].origin
    assert lost == replace(SEEN, tracking_id="", tracking_uid=""), "as if the file had none"


# Zone


def test_before_the_lungs_its_zone_is_unknown_and_then_it_is_its_own(scan: Series) -> None:
    lungs = two_lungs(scan)
    one = of_file(scan, zone="")
    before = folded(FindingAdded(one))
    assert before.findings[0].zone == UNKNOWN_ZONE
    assert short_name(before, "n1") == "Finding 1"
    row = Row(2, AT, SegmentsAdded(lungs, ()))
    after = apply(before, row)
    assert after.findings[0].zone not in ("", UNKNOWN_ZONE)
    assert short_name(after, "n1") == f"{after.findings[0].zone} 1"
    again = folded(FindingAdded(one), row.event)
    assert again.findings[0].zone == after.findings[0].zone
    undone = apply(after, Row(3, AT, Withdrawn(2)))
    assert short_name(undone, "n1") == "Finding 1"


def test_lungs_without_sides_tell_no_zone(scan: Series) -> None:
    lungs = two_lungs(scan)
    labels = np.where(lungs.labels > 0, BOTH_LUNGS.number, 0).astype(np.uint8)
    whole = LabelMap(lungs.geometry, labels, (BOTH_LUNGS,), lungs.made_by)
    reading = folded(SegmentsAdded(whole, ()), FindingAdded(of_file(scan, zone="")))
    assert reading.findings[0].zone == UNKNOWN_ZONE


def test_without_a_zone_no_file_says_that_it_lies_outside(scan: Series, tmp_path: Path) -> None:
    files = exported(scan, tmp_path / "out", of_file(scan, zone=UNKNOWN_ZONE), "added")
    (item,) = pydicom.dcmread(files["nodules.dcm"]).SegmentSequence
    assert "outside" not in item.SegmentLabel and "unknown" not in item.SegmentLabel


# How it was read


def test_marks_of_a_file_before_the_own_pass_are_told(scan: Series) -> None:
    of_ai = FindingAdded(of_file(scan))
    told = " ".join(how_read(folded(ModeChosen(SECOND), of_ai)))
    assert "not ended; marks of a program, out of a file, showed from" in told
    assert "no mark of the AI" not in told
    told = " ".join(how_read(folded(ModeChosen(SECOND), of_ai, OwnPassDone(60.0))))
    assert "own pass took" in told and "showed before the own pass was done" in told


@pytest.mark.parametrize("first", [CONCURRENT, SECOND])
def test_a_hands_marks_and_those_after_the_own_pass_change_nothing(
    scan: Series, first: str
) -> None:
    by_hand = FindingAdded(of_file(scan, made_by=READER, origin=Origin("SEG", "MANUAL")))
    late = FindingAdded(of_file(scan, "n2"))
    told = " ".join(how_read(folded(ModeChosen(first), by_hand, OwnPassDone(60.0), late)))
    assert "a program" not in told


# The picture of the lungs


def test_rings_are_not_called_confirmed_where_they_came_in_a_file(scan: Series) -> None:
    own = replace(nodule(scan, "n2", (0, 5, 5), BLOCK), made_by=GROWING)
    taken, added = FindingAdded(of_file(scan)), FindingAdded(own)
    for events, said in (
        ((added,), "Rings: confirmed findings only (1)."),
        ((taken,), "Rings: taken over out of a file (1), none confirmed."),
        ((taken, added), "Rings: confirmed (1), taken over out of a file (1)."),
        ((taken, VerdictGiven("n1", Answer.ACCEPT)), "Rings: confirmed findings only (1)."),
    ):
        assert overview_words(Tell("en"), report_content(scan, folded(*events)))[0] == said
