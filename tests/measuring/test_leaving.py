"""What was drawn leaves in the measurement report, the table and the pages, and is read back."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.dicom.seg_scan import Grid, nodule, two_lungs, write_scan
from tests.measuring import phantoms
from tests.reading.samples import Log
from viewer.dicom.reread.seg import UnreadableError
from viewer.dicom.reread.sr import SrSeen, reread_sr
from viewer.dicom.series import Series
from viewer.dicom.written.sr import write_sr
from viewer.dicom.written.sr_content import SrContent
from viewer.measuring.figures import measure
from viewer.measuring.shapes import Kind, Measured
from viewer.reading.events import MeasurementAdded
from viewer.reading.out.export import export_reading
from viewer.reading.out.figures_reread import reread_figures
from viewer.reading.out.request import ALL_OBJECTS, ExportRequest, NotSaved
from viewer.reading.out.seg import plan_segs
from viewer.reading.out.sr import sr_content
from viewer.reading.out.sr_compare import sr_agreement
from viewer.reading.reading import Reading
from viewer.reading.report.content import report_content
from viewer.reading.report.drawings import measurement_lines
from viewer.reading.report.text import report_text

NOW = datetime(2026, 1, 2, 3, 4, 5)
WORDS = {"k1": "Aorta, 主动脉"}
GRIDS = {
    "axial": Grid(),
    "turned 30": Grid(
        row_lps=(math.cos(math.pi / 6), 0.5, 0.0), column_lps=(-0.5, math.cos(math.pi / 6), 0.0)
    ),
    "feet first": Grid(row_lps=(-1.0, 0.0, 0.0), patient_position="FFS"),
}


def drawings(series: Series) -> tuple[Measured, ...]:
    """One of each kind on the second slice, and a length across slices."""
    assert series.geometry is not None
    geometry = series.geometry
    normal = tuple(float(n) for n in geometry.directions[:, 0])
    rng = np.random.default_rng(2)
    hu = rng.integers(-1000, 400, geometry.shape_kji).astype(np.int16)
    volume = phantoms.Volume(geometry, hu)

    def at(j: float, i: float, k: float = 1.0):
        return tuple(float(n) for n in geometry.lps_of((k, j, i)))

    plane = phantoms.plane_of(normal)
    along = plane.along(at(11, 9))
    turn = np.linspace(0, 2 * math.pi, 40, endpoint=False)
    ring = along[:2] + 3 * np.column_stack([np.cos(turn), np.sin(turn)])
    cross = [along[:2] + way for way in ((-5, 0), (5, 0), (1, -2), (1, 2.5))]
    places = [tuple(map(float, plane.lps((*p, along[2])))) for p in cross]
    oval = phantoms.ellipse(at(11, 9), (2.0, 4.0), normal=normal, turn=20)
    shapes = (
        replace(phantoms.shape(Kind.LENGTH, at(2, 3), at(20, 15), normal=normal), label="k1"),
        phantoms.shape(Kind.BIDIRECTIONAL, *places, normal=normal),
        phantoms.shape(Kind.ANGLE, at(2, 3), at(10, 3), at(10, 12), normal=normal),
        oval,
        phantoms.outline(ring, depth=float(along[2]), normal=normal),
        phantoms.shape(Kind.PROBE, at(7, 7), normal=normal),
        phantoms.shape(Kind.ARROW, at(5, 5), at(15, 12), normal=normal),
        phantoms.shape(
            Kind.LENGTH, at(2, 3, 0), at(2, 12, 4), number=2,
            normal=tuple(float(n) for n in geometry.directions[:, 1]),
        ),
    )  # fmt: skip
    return tuple(measure(shape, volume) for shape in shapes)


def a_reading(series: Series) -> Reading:
    log = Log()
    for one in drawings(series):
        log.add(MeasurementAdded(one))
    return log.reading


def request_of(series: Series, folder: Path = Path(), **more: object) -> ExportRequest:
    reading = a_reading(series)
    content = report_content(series, reading, words_of=lambda key: WORDS.get(key, ""))
    words = {line.id: line.words for line in content.measurements}
    base = ExportRequest(
        folder=folder,
        series=series,
        lungs=None,
        findings=(),
        reading_id=reading.id,
        reader_label="reader a1b2c3",
        content=content,
        measured=tuple((one, words[one.id]) for one in reading.measurements),
        objects=ALL_OBJECTS,
    )
    return replace(base, **more)  # type: ignore[arg-type]


class Written:
    """A report of drawings on the disk, with what was asked of it."""

    def __init__(self, folder: Path, series: Series) -> None:
        self.series, self.path = series, folder / "sr.dcm"
        request = request_of(series)
        asked = sr_content(request, plan_segs(request)[0], NOW)
        assert asked is not None
        self.asked: SrContent = asked
        write_sr(self.path, asked)

    def seen(self) -> SrSeen:
        return reread_sr(self.path, [], self.series.slices[0].path)

    def change(self, change: Callable[[pydicom.Dataset], None]) -> None:
        report = pydicom.dcmread(self.path)
        change(report)
        report.save_as(self.path)


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


@pytest.fixture
def written(scan: Series, tmp_path: Path) -> Written:
    return Written(tmp_path, scan)


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_every_figure_and_place_comes_back(grid: Grid, tmp_path: Path) -> None:
    written = Written(tmp_path, write_scan(tmp_path / "ct", grid))
    found = sr_agreement(written.seen(), written.asked)
    assert found.fault == "" and found.same_study
    assert found.figures == (18, 18)
    drawn = {one.tracking_id.rpartition(" ")[0]: one for one in written.seen().drawn}
    assert len(drawn) == 8
    assert {name: [f.concept[1] for f in one.figures] for name, one in drawn.items()} == {
        "Length 1": ["410668003"],
        "Two axes 1": ["103339001", "103340004"],
        "Angle 1": ["1483009"],
        "Oval 1": ["42798000", *["112031"] * 5],
        "Outline 1": ["42798000", *["112031"] * 5],
        "Point 1": ["112031"],
        "Arrow 1": [],
        "Length 2": ["410668003"],
    }
    length = drawn["Length 1"]
    place = length.places[0]
    assert place is not None and place.kind == "POLYLINE"
    assert place.frame_of_reference == written.series.frame_of_reference
    assert math.dist(*place.points_mm) == pytest.approx(length.figures[0].value, abs=0.01)
    oval, ring = drawn["Oval 1"].region, drawn["Outline 1"].region
    assert oval is not None and ring is not None
    assert (oval.kind, len(oval.points_mm)) == ("ELLIPSE", 4)
    assert math.dist(*oval.points_mm[:2]) == pytest.approx(8)  # the longer axis first
    assert (ring.kind, ring.points_mm[0]) == ("POLYGON", ring.points_mm[-1])
    assert [f.derivation and f.derivation[1] for f in drawn["Oval 1"].figures] == [
        None, "373098007", "386136009", "255605001", "56851009", "373099004",
    ]  # fmt: skip


def test_it_names_the_images_it_lies_on_and_the_readers_words(written: Written) -> None:
    drawn = {one.tracking_id.rpartition(" ")[0]: one for one in written.seen().drawn}
    slices = written.series.slices
    assert drawn["Length 1"].sources == ((slices[1].sop_instance_uid, ()),)
    assert [uid for uid, _ in drawn["Length 2"].sources] == [
        piece.sop_instance_uid for piece in slices[:5]
    ]
    assert drawn["Length 1"].comment.startswith("Length 1: Aorta, 主动脉. Drawn by a reader")
    arrow = drawn["Arrow 1"]
    assert arrow.pointed is not None and arrow.pointed.kind == "POLYLINE"
    assert [uid for uid, _ in arrow.sources] == [slices[1].sop_instance_uid]


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_dciodvfy_has_nothing_against_it(grid: Grid, tmp_path: Path) -> None:
    written = Written(tmp_path, write_scan(tmp_path / "ct", grid))
    done = subprocess.run(["dciodvfy", str(written.path)], capture_output=True, text=True)
    told = done.stdout + done.stderr
    assert "Comprehensive3DSR" in told
    assert [line for line in told.splitlines() if line.startswith(("Error", "Warning"))] == []


def test_highdicom_reads_the_regions_and_figures(written: Written) -> None:
    from highdicom.sr import Comprehensive3DSR
    from highdicom.sr.sop import Comprehensive3DSR as Report

    assert Comprehensive3DSR is Report
    report = Report.from_dataset(pydicom.dcmread(written.path))
    groups = report.content.get_planar_roi_measurement_groups()
    assert len(groups) == 2
    kinds = {group.roi.graphic_type.value for group in groups}
    assert kinds == {"ELLIPSE", "POLYGON"}
    areas = [
        row.value
        for group in groups
        for row in group.get_measurements()
        if row.name.value == "42798000"
    ]
    assert sorted(areas) == pytest.approx([8 * math.pi, 9 * math.pi], rel=0.01)


def group_of(report: pydicom.Dataset, name: str) -> pydicom.Dataset:
    for part in report.ContentSequence:
        if part.ConceptNameCodeSequence[0].CodeValue == "126010":
            for group in part.ContentSequence:
                if group.ContentSequence[0].TextValue.startswith(name):
                    return group
    raise AssertionError(name)


def items(group: pydicom.Dataset, kind: str) -> list[pydicom.Dataset]:
    below = [two for one in group.ContentSequence for two in one.get("ContentSequence") or ()]
    return [item for item in (*group.ContentSequence, *below) if item.ValueType == kind]


def spoil_value(report: pydicom.Dataset) -> None:
    items(group_of(report, "Length 1"), "NUM")[0].MeasuredValueSequence[0].NumericValue = "99"


def spoil_place(report: pydicom.Dataset) -> None:
    place = items(group_of(report, "Length 1"), "SCOORD3D")[0]
    place.GraphicData = [place.GraphicData[0] + 0.5, *place.GraphicData[1:]]


def spoil_region(report: pydicom.Dataset) -> None:
    place = items(group_of(report, "Oval 1"), "SCOORD3D")[0]
    place.GraphicData = [mm + 1 for mm in place.GraphicData]


def spoil_arrow(report: pydicom.Dataset) -> None:
    place = items(group_of(report, "Arrow 1"), "SCOORD3D")[0]
    place.GraphicData = [mm + 1 for mm in place.GraphicData]


def spoil_image(report: pydicom.Dataset) -> None:
    image = items(group_of(report, "Length 1"), "IMAGE")[0]
    other = items(group_of(report, "Length 2"), "IMAGE")[0]
    image.ReferencedSOPSequence = other.ReferencedSOPSequence


def spoil_words(report: pydicom.Dataset) -> None:
    items(group_of(report, "Arrow 1"), "TEXT")[-1].TextValue = "Something else"


def drop_group(report: pydicom.Dataset) -> None:
    for part in report.ContentSequence:
        if part.ConceptNameCodeSequence[0].CodeValue == "126010":
            del part.ContentSequence[0]


@pytest.mark.parametrize(
    "spoil",
    [
        *(spoil_value, spoil_place, spoil_region, spoil_arrow),
        *(spoil_image, spoil_words, drop_group),
    ],
)
def test_whatever_is_spoilt_on_the_disk_is_seen(written: Written, spoil) -> None:
    written.change(spoil)
    assert sr_agreement(written.seen(), written.asked).fault != ""


def test_an_image_that_is_no_evidence_is_refused(written: Written) -> None:
    def spoil(report: pydicom.Dataset) -> None:
        image = items(group_of(report, "Length 1"), "IMAGE")[0]
        image.ReferencedSOPSequence[0].ReferencedSOPInstanceUID = "1.2.3"

    written.change(spoil)
    with pytest.raises(UnreadableError, match="evidence"):
        written.seen()


def test_a_place_in_another_frame_of_reference_is_seen(written: Written) -> None:
    def spoil(report: pydicom.Dataset) -> None:
        items(group_of(report, "Oval 1"), "SCOORD3D")[0].ReferencedFrameOfReferenceUID = "1.2.3"

    written.change(spoil)
    assert "frame of reference" in sr_agreement(written.seen(), written.asked).fault


def test_drawings_alone_are_exported_proven_and_told_in_every_form(
    scan: Series, tmp_path: Path
) -> None:
    result = export_reading(request_of(scan, tmp_path / "out"))
    names = {path.name for path in result.files}
    assert {"sr.dcm", "figures.csv", "findings.json", "report.pdf", "passport.json"} <= names
    assert "lungs.dcm" not in names and result.passport is not None
    by_role = {one.role: one for one in result.passport.objects}
    assert result.passport.proven
    assert (by_role["sr"].groups, by_role["sr"].figures) == (8, (18, 18))
    rows = reread_figures(tmp_path / "out" / "figures.csv")
    assert by_role["figures"].rows == len(rows) == 8
    assert by_role["figures"].figures[0] == sum(len(row) for row in rows.values())
    text = (tmp_path / "out" / "report.txt").read_text()
    assert "MEASUREMENTS (8)" in text and "Aorta, 主动脉: " in text
    assert "Aorta" in (tmp_path / "out" / "report.html").read_text()


def test_with_segments_both_stand_in_one_report(scan: Series, tmp_path: Path) -> None:
    block = np.ones((2, 3, 4), np.bool_)
    found = ((nodule(scan, "n1", (0, 1, 1), block), "accepted"),)
    request = request_of(scan, tmp_path / "out", lungs=two_lungs(scan), findings=found)
    result = export_reading(request)
    assert result.passport is not None and result.passport.proven
    by_role = {one.role: one for one in result.passport.objects}
    assert by_role["sr"].groups == 9


def test_a_table_with_another_figure_is_not_saved(
    scan: Series, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.reading.out import figures

    honest = figures.measurement_figures_of
    monkeypatch.setattr(
        figures,
        "measurement_figures_of",
        lambda line: {**honest(line), "centre_x_mm": 0.25},
    )
    with pytest.raises(NotSaved, match="other figures"):
        export_reading(request_of(scan, tmp_path / "out"))
    assert not list((tmp_path / "out").glob("*.dcm"))


def test_a_line_of_the_report_says_name_figures_and_image(scan: Series) -> None:
    lines = measurement_lines(scan, a_reading(scan), lambda key: WORDS.get(key, ""))
    assert [line.title for line in lines][:3] == ["Aorta, 主动脉", "Two axes 1", "Angle 1"]
    assert [line.image for line in lines] == [*[scan.image_number(1)] * 7, 0]
    content = replace(report_content(scan, a_reading(scan)), measurements=lines)
    told = " ".join(report_text(content).split())
    number, length = scan.number, lines[0].figures.length_mm
    assert f"Aorta, 主动脉: {length:.1f} mm; se {number} im {scan.image_number(1)}" in told
    assert f"Arrow 1; se {number} im {scan.image_number(1)}" in told
    assert "Two axes 1: 10.0 × 4.5 mm" in told
