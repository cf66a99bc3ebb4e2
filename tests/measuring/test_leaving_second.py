"""What was drawn on a prior goes out as the prior's: its images, its frame, its name."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from tests.dicom.seg_scan import Grid, write_scan
from tests.measuring.test_leaving import NOW, a_reading
from tests.reading.samples import Log
from viewer.dicom.reread.sr import reread_sr
from viewer.dicom.series import Patient, Series
from viewer.dicom.written.sr import write_sr
from viewer.reading.events import MeasurementAdded
from viewer.reading.library import series_key
from viewer.reading.out.export import export_reading
from viewer.reading.out.figures import figures_csv
from viewer.reading.out.outputs import findings_json
from viewer.reading.out.request import ALL_OBJECTS, ExportRequest
from viewer.reading.out.seg import plan_segs
from viewer.reading.out.sr import sr_content
from viewer.reading.out.sr_compare import sr_agreement
from viewer.reading.reading import Reading
from viewer.reading.report.content import report_content
from viewer.reading.report.text import report_text

ANNA = Patient(name="Doe^Anna", id="P1", issuer="CITY")


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return replace(write_scan(tmp_path / "ct", Grid()), patient=ANNA, study_date="20260205")


@pytest.fixture
def prior(scan: Series) -> Series:
    pieces = tuple(
        replace(piece, sop_instance_uid=f"2.25.77.{k}") for k, piece in enumerate(scan.slices)
    )
    return replace(
        scan, uid="2.25.71", study_uid="2.25.72", frame_of_reference="2.25.73", number=9,
        study_date="20250101", slices=pieces,
    )  # fmt: skip


def drawn_on_both(scan: Series, prior: Series) -> Reading:
    log = Log()
    for one in a_reading(scan).measurements:
        log.add(MeasurementAdded(one))
        shape = replace(one.shape, id=f"p-{one.id}", series=series_key(prior.key))
        log.add(MeasurementAdded(replace(one, shape=shape)))
    return log.reading


def request_of(scan: Series, reading: Reading, folder: Path, **others: Series) -> ExportRequest:
    known = {series_key(series.key): series for series in others.values()}
    return ExportRequest(
        folder=folder,
        series=scan,
        lungs=None,
        findings=(),
        reading_id=reading.id,
        reader_label="reader a1b2c3",
        content=report_content(scan, reading, others=known),
        measured=tuple((one, "") for one in reading.measurements),
        objects=ALL_OBJECTS,
        others=known,
    )


def test_the_measurement_report_names_the_priors_images_and_frame(
    scan: Series, prior: Series, tmp_path: Path
) -> None:
    request = request_of(scan, drawn_on_both(scan, prior), tmp_path, prior=prior)
    asked = sr_content(request, plan_segs(request)[0], NOW)
    assert asked is not None
    path = tmp_path / "sr.dcm"
    write_sr(path, asked)
    seen = reread_sr(path, [], scan.slices[0].path)
    found = sr_agreement(seen, asked)
    assert found.fault == "" and found.same_study and found.figures == (36, 36)
    lengths = [one for one in seen.drawn if one.tracking_id.startswith("Length 1")]
    frames = [one.places[0].frame_of_reference for one in lengths if one.places[0]]
    assert frames == [scan.frame_of_reference, prior.frame_of_reference]
    assert lengths[1].sources == (("2.25.77.1", ()),)
    report = pydicom.dcmread(path)
    (elsewhere,) = report.PertinentOtherEvidenceSequence
    assert elsewhere.StudyInstanceUID == prior.study_uid
    (current,) = report.CurrentRequestedProcedureEvidenceSequence
    assert current.StudyInstanceUID == scan.study_uid
    if shutil.which("dciodvfy"):
        done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True)
        lines = (done.stdout + done.stderr).splitlines()
        assert [line for line in lines if line.startswith(("Error", "Warning"))] == []


def test_table_json_and_report_say_which_scan_was_measured(scan: Series, prior: Series) -> None:
    known = {series_key(prior.key): prior}
    content = report_content(scan, drawn_on_both(scan, prior), others=known)
    rows = list(csv.DictReader(io.StringIO(figures_csv(content))))
    assert [(row["scan"], row["series"]) for row in rows][:2] == [
        ("", str(scan.number)),
        ("prior, 400 days", "9"),
    ]
    told = json.loads(findings_json(content))["measurements"]
    assert "scan" not in told[0]
    assert (told[1]["scan"], told[1]["series_uid"]) == ("prior, 400 days", "2.25.71")
    where = f"prior, 400 days earlier, se 9 im {prior.image_number(1)}"
    assert where in " ".join(report_text(content).split())


def test_what_lies_on_a_series_that_is_not_at_hand_is_told_and_kept_in_the_tables(
    scan: Series, prior: Series, tmp_path: Path
) -> None:
    done = export_reading(request_of(scan, drawn_on_both(scan, prior), tmp_path / "out"))
    assert any(told.startswith("8 of the drawings lie on a series") for told in done.sentences)
    report = next(path for path in done.files if path.name == "sr.dcm")
    assert len(reread_sr(report, [], scan.slices[0].path).drawn) == 8
    table = next(path for path in done.files if path.name == "figures.csv")
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert [row["scan"] for row in rows] == ["", "another series"] * 8


def test_a_drawing_beside_the_scan_that_names_no_image_brings_no_evidence(
    scan: Series, prior: Series, tmp_path: Path
) -> None:
    (one, *_) = a_reading(scan).measurements
    far = tuple((x, y, z + 500.0) for x, y, z in one.shape.points_lps)
    shape = replace(one.shape, points_lps=far, series=series_key(prior.key))
    log = Log()
    log.add(MeasurementAdded(replace(one, shape=shape)))
    request = request_of(scan, log.reading, tmp_path, prior=prior)
    asked = sr_content(request, plan_segs(request)[0], NOW)
    assert asked is not None
    write_sr(tmp_path / "sr.dcm", asked)
    seen = reread_sr(tmp_path / "sr.dcm", [], scan.slices[0].path)
    assert sr_agreement(seen, asked).fault == ""
