"""An export with everything in it: one name for all, one passport, all files or none."""

from __future__ import annotations

import errno
import json
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pydicom
import pytest

from ai.errors import Cancelled
from ai.scan.labelmap import SegmentFigures
from ai.scan.volume import Volume
from tests.dicom.seg_scan import Grid, write_scan
from tests.reading.test_export_outputs import a_reading, blank
from viewer.dicom.reread import judge
from viewer.dicom.series import Series
from viewer.dicom.written import sr as sr_module
from viewer.reading.events import Answer, FindingsProposed, Proposal, SegmentsAdded, VerdictGiven
from viewer.reading.out import figures as figures_module
from viewer.reading.out.aside import Aside
from viewer.reading.out.export import NotSaved, export_reading
from viewer.reading.out.passport import Passport, passport_of
from viewer.reading.out.request import (
    ALL_OBJECTS,
    CSV,
    PASSPORT,
    REPORT,
    SEG,
    SR,
    ExportRequest,
    ExportResult,
)
from viewer.reading.reading import Row, fold
from viewer.reading.report.content import report_content

EVERYTHING = {
    *("lungs.dcm", "nodules.dcm", "sr.dcm", "figures.csv", "findings.json"),
    *("report.html", "report.pdf", "report.txt", "passport.json"),
    *("pictures/lungs.png", "pictures/finding-n0.png", "pictures/finding-n2.png"),
}
Make = Callable[..., ExportRequest]


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


@pytest.fixture
def request_for(scan: Series, tmp_path: Path) -> Make:
    def make(**more: object) -> ExportRequest:
        reading = a_reading(scan)
        assert scan.geometry is not None
        base = ExportRequest(
            folder=tmp_path / "out",
            series=scan,
            lungs=reading.lungs,
            findings=tuple((f, reading.state(f.id)) for f in reading.findings),
            reading_id=reading.id,
            reader_label="reader a1b2c3",
            lung_figures=reading.lung_figures,
            objects=ALL_OBJECTS,
            content=report_content(scan, reading, rule="by rule"),
            volume=blank(scan.geometry),
        )
        return replace(base, **more)  # type: ignore[arg-type]

    return make


def named(folder: Path) -> set[str]:
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    return {str(path.relative_to(folder)) for path in files}


def passport_in(result: ExportResult) -> Passport:
    assert result.passport is not None
    return result.passport


def test_everything_goes_out_under_one_name_and_again_under_the_next(
    request_for: Make, tmp_path: Path
) -> None:
    export_reading(request_for())
    assert named(tmp_path / "out") == EVERYTHING
    export_reading(request_for())
    again = named(tmp_path / "out") - EVERYTHING
    assert {"sr-2.dcm", "passport-2.json", "report-2.pdf", "pictures-2/lungs.png"} <= again
    assert len(again) == len(EVERYTHING)
    page = (tmp_path / "out" / "report-2.html").read_text()
    assert 'href="pictures-2/lungs.png"' in page
    for form in (page, (tmp_path / "out" / "report-2.txt").read_text()):
        told = " ".join(form.split())
        assert "Each of them stands in findings-2.json and figures-2.csv." in told
    export_reading(request_for(objects=frozenset({REPORT, CSV})))
    told = " ".join((tmp_path / "out" / "report-3.txt").read_text().split())
    assert "Each of them stands in figures-3.csv." in told


def test_only_what_was_asked_for_is_written(request_for: Make, tmp_path: Path) -> None:
    export_reading(request_for(objects=frozenset({SEG, SR, PASSPORT})))
    assert named(tmp_path / "out") == {"lungs.dcm", "nodules.dcm", "sr.dcm", "passport.json"}


def test_the_passport_tells_what_was_proven_of_every_file(
    request_for: Make, tmp_path: Path
) -> None:
    result = export_reading(request_for())
    passport = passport_in(result)
    assert passport.proven
    by_role = {one.role: one for one in passport.objects}
    lungs, nodules, report = (by_role[role] for role in ("lungs", "nodules", "sr"))
    voxels = 6 * 24 * 20
    assert (lungs.segments, lungs.voxels_reread, nodules.segments) == (2, voxels, 1)
    assert [one.dice for one in (*lungs.overlaps, *nodules.overlaps)] == [1.0] * 3
    assert nodules.overlaps[0].voxels == 24
    assert nodules.positions == (2, 2) and nodules.frames == 2
    assert (report.groups, report.figures) == (3, (9, 9))
    assert by_role["figures"].rows == 6 and by_role["figures"].figures[0] > 40
    assert all(one.same_study for one in (lungs, nodules, report))
    for one in passport.objects:
        stored = (tmp_path / "out" / one.file).read_bytes()
        assert (one.sha256, one.size_bytes) == (sha256(stored).hexdigest(), len(stored))
    assert {one.file for one in passport.objects} == EVERYTHING - {"passport.json"}
    assert passport_of((tmp_path / "out" / "passport.json").read_text()) == passport
    assert pickle.loads(pickle.dumps(result)) == result


def test_the_passport_counts_what_stayed_behind(request_for: Make) -> None:
    passport = passport_in(export_reading(request_for()))
    counts = {row.state: (row.count, row.in_file) for row in passport.went_out}
    assert counts["accepted"] == (1, True)
    assert counts["rejected"] == (1, False)
    assert counts["held"] == (1, False)
    assert counts["proposed"] == (1, False)
    assert counts["edited"] == (0, True)
    assert passport.judged == (2, 3)  # what was held back was not shown
    assert passport.policies == ("prior",)


def test_passport_and_report_name_no_patient(scan: Series, request_for: Make) -> None:
    result = export_reading(request_for())
    for path in result.files:
        if path.suffix in (".json", ".csv", ".html", ".txt"):
            told = path.read_text(encoding="utf-8")
            for identity in ("Doe", "Jane", "Wang", ">P1<", scan.study_date, str(path.parent)):
                assert identity not in told, (path.name, identity)


def test_the_segs_and_the_report_track_the_same_things(request_for: Make) -> None:
    files = {path.name: path for path in export_reading(request_for()).files}
    tracked = [
        segment.TrackingUID
        for name in ("lungs.dcm", "nodules.dcm")
        for segment in pydicom.dcmread(files[name]).SegmentSequence
    ]
    groups = pydicom.dcmread(files["sr.dcm"]).ContentSequence[-2].ContentSequence
    assert [group.ContentSequence[1].UID for group in groups] == tracked
    table = files["figures.csv"].read_text()
    told = json.loads(files["findings.json"].read_text())
    assert all(uid in table for uid in tracked)
    assert [row["id"] for row in told["findings"]] == ["n0", "n1", "n2", "n3"]


def test_a_report_names_the_one_it_follows_and_only_of_the_same_study(
    request_for: Make, tmp_path: Path
) -> None:
    first = export_reading(request_for())
    stale = tmp_path / "sr-9.dcm"
    stale.write_bytes(b"no DICOM")
    other = write_scan(tmp_path / "ct2", Grid(), study="2")
    foreign = export_reading(
        request_for(series=other, folder=tmp_path / "other", content=None, volume=None)
    )
    earlier = (*first.files, stale, tmp_path / "sr-gone.dcm", *foreign.files)
    second = export_reading(request_for(earlier=earlier))
    (was,) = (p for p in first.files if p.name == "sr.dcm")
    (now,) = (p for p in second.files if p.name == "sr-2.dcm")
    (study,) = pydicom.dcmread(now).PredecessorDocumentsSequence
    (series,) = study.ReferencedSeriesSequence
    (named_before,) = series.ReferencedSOPSequence
    assert named_before.ReferencedSOPInstanceUID == pydicom.dcmread(was).SOPInstanceUID
    assert "PredecessorDocumentsSequence" not in pydicom.dcmread(was)


def test_batch_leaves_nothing_of_an_earlier_run(request_for: Make, tmp_path: Path) -> None:
    export_reading(request_for(replace=True))
    (tmp_path / "out" / "notes.txt").write_text("a reader's own")
    export_reading(request_for(replace=True, objects=frozenset({SEG}), findings=()))
    assert named(tmp_path / "out") == {"lungs.dcm", "notes.txt"}


def test_a_report_that_reads_back_otherwise_keeps_everything_back(
    request_for: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = sr_module.sr_dataset

    def spoilt(content: object) -> pydicom.Dataset:
        report = write(content)  # type: ignore[arg-type]
        group = report.ContentSequence[-2].ContentSequence[0]
        number = next(item for item in group.ContentSequence if item.ValueType == "NUM")
        number.MeasuredValueSequence[0].NumericValue = "1"
        return report

    monkeypatch.setattr(sr_module, "sr_dataset", spoilt)
    with pytest.raises(NotSaved, match=r"sr\.dcm was not saved.*other figures"):
        export_reading(request_for())
    assert named(tmp_path / "out") == set()


def test_a_table_that_reads_back_otherwise_keeps_everything_back(
    request_for: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = figures_module.finding_figures_of

    def swapped(line: object) -> dict[str, float]:
        told = dict(whole(line))  # type: ignore[arg-type]
        told["long_axis_mm"], told["short_axis_mm"] = told["short_axis_mm"], told["long_axis_mm"]
        return told

    monkeypatch.setattr(figures_module, "finding_figures_of", swapped)
    with pytest.raises(NotSaved, match=r"figures\.csv was not saved.*other figures"):
        export_reading(request_for(objects=frozenset({SEG, CSV})))
    assert named(tmp_path / "out") == set()


def test_bytes_that_the_disk_changed_are_noticed(
    request_for: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Aside.write

    def rot(file: Aside, content: bytes) -> None:
        whole(file, content[:-1] if file.path.name == "report.txt" else content)

    monkeypatch.setattr(Aside, "write", rot)
    with pytest.raises(NotSaved, match=r"report\.txt was not saved"):
        export_reading(request_for())
    assert named(tmp_path / "out") == set()


def test_a_disk_that_fills_up_at_the_last_name_leaves_nothing(
    request_for: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.replace

    def last_fails(path: Path, target: Path) -> Path:
        if target.name == "passport.json":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", last_fails)
    with pytest.raises(NotSaved, match="the disk is full"):
        export_reading(request_for())
    assert named(tmp_path / "out") == set()
    assert list((tmp_path / "out").iterdir()) == []


def test_an_export_that_is_cancelled_leaves_nothing(request_for: Make, tmp_path: Path) -> None:
    def stop(fraction: float, step: str) -> None:
        if step == "Writing report":
            raise Cancelled

    with pytest.raises(Cancelled):
        export_reading(request_for(), on_progress=stop)
    assert named(tmp_path / "out") == set()


def test_without_dciodvfy_the_passport_says_so(
    request_for: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judge, "PROGRAM", "hilum-has-no-such-program")
    passport = passport_in(export_reading(request_for()))
    checks = {c.name: c for one in passport.objects[:1] for c in one.checks}
    assert checks["dciodvfy"].told == "not on this machine"
    assert checks["dciodvfy"].good is None
    assert passport.proven


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy is not on this machine")
def test_where_dciodvfy_is_it_finds_no_error(request_for: Make) -> None:
    passport = passport_in(export_reading(request_for()))
    judged = {one.role: one.dciodvfy for one in passport.objects if one.dciodvfy is not None}
    assert set(judged) == {"lungs", "nodules", "sr"}
    assert all(verdict.ran and verdict.errors == 0 for verdict in judged.values())


@pytest.mark.skipif(os.name == "nt", reason="shell scripts")
@pytest.mark.parametrize(
    ("script", "told", "good"),
    [
        ("echo 'Error - a' >&2; echo 'Warning - b' >&2; echo 'Warning - c' >&2; exit 1",
         "1 error, 2 warnings", False),
        ("kill -9 $$", "no answer", None),
        ("sleep 60", "no answer", None),
    ],
)  # fmt: skip
def test_what_a_judge_says_is_told_and_a_dead_or_slow_one_is_no_verdict(
    request_for: Make,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    told: str,
    good: bool | None,
) -> None:
    program = tmp_path / "judge"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setattr(judge, "PROGRAM", str(program))
    monkeypatch.setattr(judge, "LONGEST_S", 0.5)
    result = export_reading(request_for(objects=frozenset({SEG})))
    passport = passport_in(result)
    said = "Judged by dciodvfy, lungs.dcm has 1 error, 2 warnings." in result.sentences
    assert said is (good is False)
    (check,) = (c for c in passport.objects[0].checks if c.name == "dciodvfy")
    assert (check.told, check.good) == (told, good)
    assert passport.proven is (good is not False)


def test_lungs_without_voxels_or_findings_leave_a_sentence_and_no_file(
    scan: Series, request_for: Make, tmp_path: Path
) -> None:
    result = export_reading(request_for(lungs=None, findings=(), content=None, volume=None))
    assert (result.files, result.passport) == ((), None)
    assert "Nothing was measured: no measurement report." in result.sentences
    assert named(tmp_path / "out") == set()


def test_pictures_are_of_the_volume_that_was_given(scan: Series, request_for: Make) -> None:
    assert scan.geometry is not None
    bright = Volume(scan.geometry, np.full(scan.geometry.shape_kji, 3000, np.int16))
    dark, light = (
        next(p for p in export_reading(request_for(volume=v)).files if p.name == "lungs.png")
        for v in (blank(scan.geometry), bright)
    )
    assert dark.read_bytes() != light.read_bytes()


@pytest.mark.data
@pytest.mark.parametrize("name", ["LIDC-IDRI-0003", "LUNG1-002", "covid-hrct"])
def test_on_real_scans_every_object_is_proven_and_no_judge_speaks_against_it(
    name: str, tmp_path: Path
) -> None:
    from tests.data import scan as scan_folder
    from tests.dicom.seg_scan import lungs_on, nodule, open_scan

    series = open_scan(scan_folder(name))
    labels = np.zeros((len(series.slices), series.rows, series.columns), np.uint8)
    labels[2:-2, 200:300, 100:200], labels[2:-2, 200:300, 300:400] = 1, 2
    found = nodule(series, "n1", (4, 210, 120), np.ones((3, 9, 8), np.bool_))
    proposal = Proposal("n1", True, 0, 1.0, "prior", 1)
    figures = (SegmentFigures(1, 2500.0, -820.0), SegmentFigures(2, 2200.0, -815.0))
    events = (
        SegmentsAdded(lungs_on(series, labels), figures),
        FindingsProposed((found,), (proposal,)),
        VerdictGiven("n1", Answer.ACCEPT),
    )
    reading = fold("r", (Row(n, "", event) for n, event in enumerate(events, start=1)))
    result = export_reading(
        ExportRequest(
            folder=tmp_path,
            series=series,
            lungs=reading.lungs,
            findings=((found, "accepted"),),
            reading_id="r",
            lung_figures=figures,
            objects=frozenset({SEG, SR, CSV, PASSPORT}),
            content=report_content(series, reading),
        )
    )
    passport = passport_in(result)
    assert passport.proven, passport
    assert [one.role for one in passport.objects] == ["lungs", "nodules", "sr", "figures"]
