"""Measurement reports: what is written is what others read, and what differs is seen."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai.scan.density import Density, counted, density_of
from ai.scan.finding import BoxMask, Finding
from ai.scan.labelmap import MadeBy, SegmentFigures
from tests.dicom.seg_scan import Grid, nodule, two_lungs, write_scan
from tests.reading.samples import Log, proposed
from viewer.dicom.reread.seg import UnreadableError
from viewer.dicom.reread.sr import reread_sr
from viewer.dicom.series import Series
from viewer.dicom.written.seg import write_seg
from viewer.dicom.written.sr import write_sr
from viewer.dicom.written.sr_content import SrContent
from viewer.reading.events import (
    SECOND,
    Answer,
    CoverageNoted,
    ModeChosen,
    OwnPassDone,
    Reason,
    ReasonGiven,
    VerdictGiven,
)
from viewer.reading.out.request import ExportRequest
from viewer.reading.out.seg import plan_segs
from viewer.reading.out.sr import sr_content
from viewer.reading.out.sr_compare import sr_agreement
from viewer.reading.report.content import report_content
from viewer.reading.report.density import density_use
from viewer.reading.signature import Signature

BLOCK = np.ones((2, 3, 4), np.bool_)
NOW = datetime(2026, 1, 2, 3, 4, 5)
LUNG_FIGURES = (SegmentFigures(1, 2500.25, -820.04), SegmentFigures(2, 2200.0, -815.0))


class Written:
    """A report and its SEGs on the disk, with what was asked of the report."""

    def __init__(self, folder: Path, series: Series, request: ExportRequest) -> None:
        planned, _ = plan_segs(request)
        self.series, self.path = series, folder / "sr.dcm"
        self.segs = []
        for seg in planned:
            path = folder / f"{seg.role}.dcm"
            write_seg(path, seg.content(request, NOW))
            self.segs.append(path)
        asked = sr_content(request, planned, NOW)
        assert asked is not None
        self.asked: SrContent = asked
        write_sr(self.path, asked)

    def fault(self) -> str:
        seen = reread_sr(self.path, self.segs, self.series.slices[0].path)
        return sr_agreement(seen, self.asked).fault

    def change(self, change: Callable[[pydicom.Dataset], None]) -> None:
        """The same report, spoilt on the disk."""
        report = pydicom.dcmread(self.path)
        change(report)
        report.save_as(self.path)


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


def asked_of(series: Series, *findings: tuple[Finding, str], **more: object) -> ExportRequest:
    base = ExportRequest(
        folder=Path(),
        series=series,
        lungs=two_lungs(series),
        findings=findings,
        reading_id="r",
        reader_label="reader a1b2c3",
        lung_figures=LUNG_FIGURES,
    )
    return replace(base, **more)  # type: ignore[arg-type]


@pytest.fixture
def written(scan: Series, tmp_path: Path) -> Written:
    """Two lungs, an accepted finding of the model, one that a reader changed."""
    found = (
        (nodule(scan, "n1", (0, 1, 1), BLOCK), "accepted"),
        (nodule(scan, "n2", (3, 9, 9), BLOCK, zone="LLZ"), "edited"),
        (nodule(scan, "n3", (2, 5, 5), BLOCK), "rejected"),
    )
    return Written(tmp_path, scan, asked_of(scan, *found))


def test_what_was_measured_comes_back_by_tracking_uid(written: Written) -> None:
    seen = reread_sr(written.path, written.segs, written.series.slices[0].path)
    assert sr_agreement(seen, written.asked).fault == ""
    assert sr_agreement(seen, written.asked).figures == (14, 14)
    assert [group.tracking_id for group in seen.groups] == ["lungRight", "lungLeft", "n1", "n2"]
    figures = {
        (f.concept[1], f.derivation[1] if f.derivation else ""): (f.value, f.unit[1])
        for f in seen.groups[2].figures
    }
    assert figures == {
        ("118565006", ""): (288.7, "mm3"),
        ("103339001", ""): (9.0, "mm"),
        ("103340004", ""): (7.4, "mm"),
        ("81827009", "373098007"): (8.2, "mm"),
        ("112031", "373098007"): (-35.0, "[hnsf'U]"),
    }
    right, left, first, second = seen.groups
    assert {right.figures[0].value, left.figures[0].value} == {2500.2, 2200.0}
    assert (right.side, left.side) == (("SCT", "24028007"), ("SCT", "7771000"))
    assert (first.side, second.side) == (("SCT", "24028007"), ("SCT", "7771000"))
    assert first.qualities == ((("NCIt", "C41144"), ("RADLEX", "RID50151")),)
    assert first.algorithm == ("nodules-log", "1.0")
    assert "Accepted by a reader" in first.comment and "Edited" in second.comment
    assert right.source_series == written.series.uid and right.sources == ()
    assert [uid for uid, _ in first.sources] == [
        s.sop_instance_uid for s in written.series.slices[:2]
    ]


def dense(p15_hu: int, low: int, others: int) -> Density:
    """So many voxels at -1000 HU, so many at the 15th percentile."""
    return density_of(counted(np.array([-1000] * low + [p15_hu] * others)))


def test_densities_of_the_lungs_come_back_where_the_slices_allow_them(
    scan: Series, tmp_path: Path
) -> None:
    figures = tuple(
        replace(one, density=dense(-931, low, 1000 - low))
        for one, low in zip(LUNG_FIGURES, (123, 45), strict=True)
    )
    thin = replace(scan, thickness_mm=1.0, kernel="B30f")
    assert density_use(thin).given
    written = Written(tmp_path, thin, asked_of(thin, lung_figures=figures))
    seen = reread_sr(written.path, written.segs, thin.slices[0].path)
    assert sr_agreement(seen, written.asked).fault == ""
    assert sr_agreement(seen, written.asked).figures == (8, 8)
    for group, share in zip(seen.groups, (12.3, 4.5), strict=True):
        told = {
            (f.concept, f.derivation): (f.value, f.unit)
            for f in group.figures
            if "99HILUM" in (f.concept[0], f.derivation[0] if f.derivation else "")
        }
        assert told == {
            (("DCM", "112031"), ("99HILUM", "P15")): (-931.0, ("UCUM", "[hnsf'U]")),
            (("99HILUM", "LAA950"), None): (share, ("UCUM", "%")),
        }
    (scheme,) = pydicom.dcmread(written.path).CodingSchemeIdentificationSequence
    assert scheme.CodingSchemeDesignator == "99HILUM"
    assert errors_by_dciodvfy(written.path) == []
    import highdicom as hd

    groups = hd.sr.srread(written.path).content.get_volumetric_roi_measurement_groups()
    assert [m.value for m in groups[0].get_measurements()][2:] == [-931.0, 12.3]

    def another(report: pydicom.Dataset) -> None:
        lung = report.ContentSequence[-1].ContentSequence[0]
        (share,) = [
            item
            for item in lung.ContentSequence
            if item.ConceptNameCodeSequence[0].CodeValue == "LAA950"
        ]
        share.MeasuredValueSequence[0].NumericValue = "12.4"

    written.change(another)
    assert "other figures" in written.fault()


def test_thick_slices_leave_out_what_they_would_falsify_and_say_so(
    scan: Series, tmp_path: Path
) -> None:
    figures = tuple(replace(one, density=dense(-931, 100, 900)) for one in LUNG_FIGURES)
    thick = replace(scan, thickness_mm=5.0)
    written = Written(tmp_path, thick, asked_of(thick, lung_figures=figures))
    seen = reread_sr(written.path, written.segs, thick.slices[0].path)
    assert [len(group.figures) for group in seen.groups] == [2, 2]
    assert all("LAA-950 and the 15th percentile are not told" in g.comment for g in seen.groups)
    assert "CodingSchemeIdentificationSequence" not in pydicom.dcmread(written.path)


def test_how_a_model_was_run_is_told_with_what_it_drew(scan: Series, tmp_path: Path) -> None:
    run = MadeBy("lungs-unet", "1.0", "6d12" * 16, "PyTorch 2.13.0+cpu f32", "CPU")
    lungs = replace(two_lungs(scan), made_by=run)
    written = Written(tmp_path, scan, asked_of(scan, lungs=lungs))
    seen = reread_sr(written.path, written.segs, written.series.slices[0].path)
    assert [group.run for group in seen.groups] == [
        (f"Weights SHA-256: {run.weights_sha256}", f"Runtime: {run.runtime}", "Device: CPU")
    ] * 2
    assert sr_agreement(seen, written.asked).fault == ""
    other = replace(seen.groups[0], run=("Device: another",))
    told = replace(seen, groups=(other, *seen.groups[1:]))
    assert sr_agreement(told, written.asked).fault


def test_a_report_is_complete_unverified_research_and_lists_all_it_rests_on(
    written: Written,
) -> None:
    report = pydicom.dcmread(written.path)
    assert report.SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.34"
    assert (report.CompletionFlag, report.VerificationFlag) == ("COMPLETE", "UNVERIFIED")
    assert report.ContentQualification == "RESEARCH"
    assert report.StudyInstanceUID == written.series.study_uid
    assert str(report.PatientName) == "Wang^XiaoDong=王^小东"
    (study,) = report.CurrentRequestedProcedureEvidenceSequence
    listed = {
        image.ReferencedSOPInstanceUID
        for series in study.ReferencedSeriesSequence
        for image in series.ReferencedSOPSequence
    }
    segs = {pydicom.dcmread(path).SOPInstanceUID for path in written.segs}
    assert listed == segs | {piece.sop_instance_uid for piece in written.series.slices}


def test_the_reader_stands_as_a_pseudonym_and_a_rule_is_no_person(
    scan: Series, tmp_path: Path
) -> None:
    taken = (nodule(scan, "n1", (0, 1, 1), BLOCK), "accepted")
    for folder, by_rule, expected in (("a", False, "Hilum^reader a1b2c3"), ("b", True, "")):
        (tmp_path / folder).mkdir()
        one = Written(tmp_path / folder, scan, asked_of(scan, taken, by_rule=by_rule))
        seen = reread_sr(one.path, one.segs, scan.slices[0].path)
        assert seen.reader == expected
        assert ("by rule" in seen.groups[2].comment) is by_rule


def test_highdicom_reads_the_groups_and_their_segments(written: Written) -> None:
    import highdicom as hd

    report = hd.sr.srread(written.path)
    groups = report.content.get_volumetric_roi_measurement_groups()
    assert [group.tracking_uid for group in groups] == [
        g.tracking_uid for g in written.asked.groups
    ]
    for group, asked in zip(groups, written.asked.groups, strict=True):
        values = [measured.value for measured in group.get_measurements()]
        assert values == [number.value for number in asked.numbers]
        (site,) = group.finding_sites
        assert site.laterality.value == (asked.site_side.value if asked.site_side else "")
    nodules = hd.seg.segread(written.segs[1])
    by_uid = {item.TrackingUID: item.SegmentNumber for item in nodules.SegmentSequence}
    for group in groups[2:]:
        segment = group.referenced_segment
        assert segment.referenced_sop_instance_uid == nodules.SOPInstanceUID
        assert segment.referenced_segment_numbers == [by_uid[group.tracking_uid]]
        assert segment.has_source_images()


def errors_by_dciodvfy(path: Path) -> list[str]:
    """What it says against a file; nothing where it is not on this machine."""
    if shutil.which("dciodvfy") is None:
        return []
    done = subprocess.run(
        ["dciodvfy", "-new", path], capture_output=True, text=True, errors="replace"
    )
    said = (done.stdout + done.stderr).splitlines()
    return [line for line in said if line.startswith("Error")]


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy is not on this machine")
def test_dciodvfy_finds_no_error(written: Written) -> None:
    for path in (written.path, *written.segs):
        assert errors_by_dciodvfy(path) == []


@pytest.mark.skipif(shutil.which("dsrdump") is None, reason="dsrdump is not on this machine")
def test_dcmtk_reads_the_report(written: Written) -> None:
    done = subprocess.run(
        ["dsrdump", "+Pc", written.path], capture_output=True, text=True, errors="replace"
    )
    assert done.returncode == 0
    assert done.stdout.count("Tracking Unique Identifier") == 4
    assert not any(line.startswith(("E:", "F:")) for line in done.stderr.splitlines())


def spoil_figure(report: pydicom.Dataset) -> None:
    group = report.ContentSequence[-1].ContentSequence[2]
    number = next(item for item in group.ContentSequence if item.ValueType == "NUM")
    number.MeasuredValueSequence[0].NumericValue = "288.8"


def swap_units(report: pydicom.Dataset) -> None:
    group = report.ContentSequence[-1].ContentSequence[2]
    number = next(item for item in group.ContentSequence if item.ValueType == "NUM")
    number.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue = "ml"


def swap_sides(report: pydicom.Dataset) -> None:
    group = report.ContentSequence[-1].ContentSequence[2]
    site = next(
        i for i in group.ContentSequence if "Site" in i.ConceptNameCodeSequence[0].CodeMeaning
    )
    site.ContentSequence[0].ConceptCodeSequence[0].CodeValue = "7771000"


def track_another(report: pydicom.Dataset) -> None:
    group = report.ContentSequence[-1].ContentSequence[2]
    group.ContentSequence[1].UID = "1.2.3"


def lose_a_group(report: pydicom.Dataset) -> None:
    del report.ContentSequence[-1].ContentSequence[1]


def lose_evidence(report: pydicom.Dataset) -> None:
    (study,) = report.CurrentRequestedProcedureEvidenceSequence
    del study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0]


def another_study(report: pydicom.Dataset) -> None:
    report.StudyInstanceUID = "1.2.3"


def verified(report: pydicom.Dataset) -> None:
    report.VerificationFlag = "VERIFIED"


SIGNED = Signature("signed", "2026-01-02T03:04:05+00:00", 1, "Dr. Anna Müller", "Klinik Süd")


def test_a_report_signed_by_name_is_verified_and_says_who_where_and_when(
    scan: Series, tmp_path: Path
) -> None:
    made = Written(tmp_path, scan, asked_of(scan, signature=SIGNED))
    assert made.fault() == ""
    report = pydicom.dcmread(made.path)
    assert report.VerificationFlag == "VERIFIED"
    (who,) = report.VerifyingObserverSequence
    assert who.VerifyingObserverName == "Müller^Anna^^Dr."
    assert who.VerifyingOrganization == "Klinik Süd"
    assert len(who.VerifyingObserverIdentificationCodeSequence) == 0
    when = datetime.strptime(str(who.VerificationDateTime), "%Y%m%d%H%M%S%z")
    assert when == datetime.fromisoformat(SIGNED.at)
    assert not errors_by_dciodvfy(made.path)


def test_a_name_in_dicoms_own_form_stays_so(scan: Series, tmp_path: Path) -> None:
    given = replace(SIGNED, name="Müller^Anna^^Dr.=x\\y")
    made = Written(tmp_path, scan, asked_of(scan, signature=given))
    assert made.fault() == ""
    (who,) = pydicom.dcmread(made.path).VerifyingObserverSequence
    assert who.VerifyingObserverName == "Müller^Anna^^Dr.xy"


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Dr Anna Ray", "Ray^Anna^^Dr"),
        ("Prof. Dr. Anna Maria Ray", "Ray^Anna^Maria^Prof. Dr."),
        ("Ray, Anna", "Ray^Anna"),
        ("Ray", "Ray"),
        ("王小东", "=王^小东"),
        ("欧阳小东 医生", "=欧阳^小东^^医生"),
    ],
)
def test_a_name_as_typed_becomes_one_of_dicom_and_loses_no_word(
    scan: Series, tmp_path: Path, typed: str, stored: str
) -> None:
    made = Written(tmp_path, scan, asked_of(scan, signature=replace(SIGNED, name=typed)))
    assert made.fault() == ""
    seen = reread_sr(made.path, made.segs, scan.slices[0].path)
    ((name, _, _),) = seen.verified_by
    assert name == seen.reader == stored
    wanted = sorted(c for c in typed if c.isalnum() or c == ".")
    assert sorted(c for c in name if c.isalnum() or c == ".") == wanted
    assert not errors_by_dciodvfy(made.path)


@pytest.mark.parametrize(
    "signature",
    [
        Signature(),
        replace(SIGNED, state="changed"),
        replace(SIGNED, organisation=""),
        replace(SIGNED, name="^^"),
        replace(SIGNED, name="", organisation=" "),
    ],
)
def test_without_name_organisation_and_a_signature_that_holds_nobody_verified_it(
    scan: Series, tmp_path: Path, signature: Signature
) -> None:
    made = Written(tmp_path, scan, asked_of(scan, signature=signature))
    assert made.fault() == ""
    report = pydicom.dcmread(made.path)
    assert report.VerificationFlag == "UNVERIFIED"
    assert "VerifyingObserverSequence" not in report
    assert "Müller" not in str(report)


@pytest.mark.parametrize(
    "change",
    [
        lambda report: setattr(report, "VerificationFlag", "UNVERIFIED"),
        lambda report: report.__delattr__("VerifyingObserverSequence"),
        lambda report: setattr(
            report.VerifyingObserverSequence[0], "VerifyingObserverName", "Someone Else"
        ),
    ],
)
def test_another_verification_than_was_asked_is_noticed(
    scan: Series, tmp_path: Path, change: Callable[[pydicom.Dataset], None]
) -> None:
    made = Written(tmp_path, scan, asked_of(scan, signature=SIGNED))
    made.change(change)
    assert "its verif" in made.fault()


@pytest.mark.parametrize(
    "change",
    [
        spoil_figure,
        swap_units,
        swap_sides,
        track_another,
        lose_a_group,
        lose_evidence,
        another_study,
        verified,
    ],
)
def test_a_report_that_says_anything_else_is_noticed(
    written: Written, change: Callable[[pydicom.Dataset], None]
) -> None:
    written.change(change)
    try:
        fault = written.fault()
    except UnreadableError as error:
        fault = str(error)
    assert fault


def test_what_is_no_report_is_said(written: Written) -> None:
    for path in (written.segs[0], written.series.slices[0].path):
        with pytest.raises(UnreadableError, match="measurement report"):
            reread_sr(path, written.segs, written.series.slices[0].path)
    written.path.write_bytes(b"")
    with pytest.raises(UnreadableError):
        reread_sr(written.path, written.segs, written.series.slices[0].path)


def test_what_could_not_be_measured_is_left_out_and_not_written_as_a_number(
    scan: Series, tmp_path: Path
) -> None:
    finding = nodule(scan, "n1", (0, 1, 1), BLOCK)
    odd = replace(finding, measurement=replace(finding.measurement, mean_hu=float("nan")))
    one = Written(tmp_path, scan, asked_of(scan, (odd, "accepted"), lung_figures=()))
    assert one.fault() == ""
    (group,) = reread_sr(one.path, one.segs, scan.slices[0].path).groups
    assert "112031" not in {figure.concept[1] for figure in group.figures}


def test_without_figures_there_is_no_report(scan: Series) -> None:
    request = asked_of(scan, lung_figures=())
    assert sr_content(request, plan_segs(request)[0], NOW) is None


def test_writer_and_re_reader_share_no_module_of_ours() -> None:
    code = (
        "import sys, viewer.dicom.reread.sr; "
        "print(sorted(m for m in sys.modules if m.startswith(('viewer.', 'ai.'))))"
    )
    import sys

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    eyes = ("", ".reread", ".reread.seg", ".reread.sr", ".reread.sr_drawn", ".reread.sr_walk")
    assert done.stdout.strip() == str([f"viewer.dicom{name}" for name in eyes])


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    volume=st.floats(0.1, 1e6),
    long_mm=st.floats(0.5, 200),
    hu=st.floats(-1024, 3071),
    k=st.integers(0, 4),
)
def test_any_figure_comes_back_as_it_was_rounded(
    scan: Series,
    tmp_path_factory: pytest.TempPathFactory,
    volume: float,
    long_mm: float,
    hu: float,
    k: int,
) -> None:
    finding = nodule(scan, "n1", (k, 1, 1), BLOCK)
    figures = replace(finding.measurement, volume_mm3=volume, long_mm=long_mm, mean_hu=hu)
    taken = (replace(finding, measurement=figures, mask=BoxMask((k, 1, 1), BLOCK)), "accepted")
    one = Written(tmp_path_factory.mktemp("sr"), scan, asked_of(scan, taken))
    seen = reread_sr(one.path, one.segs, scan.slices[0].path)
    assert sr_agreement(seen, one.asked).fault == ""
    values = [figure.value for figure in seen.groups[2].figures]
    assert values[:2] == [round(volume, 1), round(long_mm, 2)]
    assert values[4] == round(hu, 1)


def test_how_it_was_read_and_what_was_rejected_is_told_and_read_back(
    scan: Series, tmp_path: Path
) -> None:
    log = Log()
    log.add(proposed("ab"))
    log.add(ModeChosen(SECOND))
    log.add(OwnPassDone(95.0))
    log.add(CoverageNoted(0.8, 0.7, ""))
    log.add(VerdictGiven("a", Answer.REJECT))
    log.add(ReasonGiven("a", Reason.VESSEL))
    content = report_content(scan, log.reading)
    made = Written(tmp_path, scan, asked_of(scan, content=content))
    seen = reread_sr(made.path, made.segs, scan.slices[0].path)
    mode, coverage, searched, rejected = seen.remarks
    assert searched == ("Nodules were searched for by nodules-log 1. Candidates: 2, none accepted.")
    assert mode.startswith("Second reader: the own pass took 1 min 35 s; marks of the AI showed")
    assert "80 % of the right lung, 70 % of the left" in coverage
    line = content.findings[0]
    assert rejected == f"{line.name} (solid, {line.where}) was rejected by reader as vessel."
    assert sr_agreement(seen, made.asked).fault == ""
    silent = replace(seen, remarks=())
    assert "how it was read" in sr_agreement(silent, made.asked).fault
    assert errors_by_dciodvfy(made.path) == []
