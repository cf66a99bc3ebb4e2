"""Contours drawn for radiotherapy become masks on their own CT, and on no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from ai.errors import BadInput
from tests.data import scan as real_scan
from tests.dicom.seg_scan import Grid, write_scan
from viewer.dicom.find import open_path
from viewer.dicom.masks.nifti import read_nifti
from viewer.dicom.masks.rtstruct import RTSTRUCT_STORAGE, lung_side, read_rtstruct
from viewer.dicom.series import Series
from viewer.reading.out.segments import lung_segments

GRID = Grid(pixel_spacing_mm=(0.5, 1.0), origin_lps=(-10.0, -6.0, 0.0))
Corners = Sequence[tuple[float, float]]


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Series:
    return write_scan(tmp_path_factory.mktemp("scan") / "ct", GRID)


def contour(
    series: Series, k: float, rows_columns: Corners, kind: str = "CLOSED_PLANAR"
) -> Dataset:
    """A contour through these (row, column) places at slice k, which may be a fraction."""
    assert series.geometry is not None
    item = Dataset()
    points = series.geometry.lps_of([(k, row, column) for row, column in rows_columns])
    item.ContourGeometricType = kind
    item.NumberOfContourPoints = len(points)
    item.ContourData = [f"{value:.4f}" for value in points.ravel()]
    return item


def box(row: float, column: float, rows: float, columns: float) -> Corners:
    return (
        (row, column),
        (row, column + columns),
        (row + rows, column + columns),
        (row + rows, column),
    )


def write(
    path: Path,
    series: Series,
    regions: dict[str, list[Dataset]],
    *,
    frame: str = "",
    study: str = "",
    ct_study: str = "",
    ct_series: str = "",
    syntax: str = ExplicitVRLittleEndian,
) -> Path:
    """A structure set of these regions; empty arguments stand for what fits the series."""
    out = Dataset()
    out.SOPClassUID, out.SOPInstanceUID, out.Modality = RTSTRUCT_STORAGE, "1.2.3.4", "RTSTRUCT"
    out.StudyInstanceUID = study or series.study_uid
    frame_item, study_item, series_item = Dataset(), Dataset(), Dataset()
    series_item.SeriesInstanceUID = ct_series or series.uid
    study_item.ReferencedSOPInstanceUID = ct_study or out.StudyInstanceUID
    study_item.RTReferencedSeriesSequence = [series_item]
    frame_item.FrameOfReferenceUID = frame or series.frame_of_reference
    frame_item.RTReferencedStudySequence = [study_item]
    out.ReferencedFrameOfReferenceSequence = [frame_item]
    out.StructureSetROISequence, out.ROIContourSequence = [], []
    for number, (name, contours) in enumerate(regions.items(), start=1):
        roi, drawn = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName = number, name
        roi.ReferencedFrameOfReferenceUID = frame_item.FrameOfReferenceUID
        drawn.ReferencedROINumber, drawn.ContourSequence = number, contours
        out.StructureSetROISequence.append(roi)
        out.ROIContourSequence.append(drawn)
    out.file_meta = FileMetaDataset()
    out.file_meta.TransferSyntaxUID = syntax
    out.save_as(path, enforce_file_format=True)
    return path


def mask_of(path: Path, series: Series) -> NDArray[np.bool_]:
    (found,) = read_rtstruct(path, series).findings
    assert series.geometry is not None
    return found.mask.on(series.geometry.shape_kji)


def test_a_pixel_is_in_when_its_centre_is(scan: Series, tmp_path: Path) -> None:
    drawn = contour(scan, 2, box(4.6, 3.4, 5.0, 6.5))  # rows 5 to 9, columns 4 to 9
    mask = mask_of(write(tmp_path / "rs.dcm", scan, {"GTV": [drawn]}), scan)
    wanted = np.zeros_like(mask)
    wanted[2, 5:10, 4:10] = True
    assert np.array_equal(mask, wanted)


def test_a_contour_inside_another_is_a_hole(scan: Series, tmp_path: Path) -> None:
    outer, inner = contour(scan, 1, box(2.5, 2.5, 9, 9)), contour(scan, 1, box(4.5, 5.5, 3, 2))
    mask = mask_of(write(tmp_path / "rs.dcm", scan, {"GTV": [outer, inner]}), scan)
    assert mask.sum() == 81 - 6
    assert not mask[1, 5:8, 6:8].any()


def test_a_contour_stored_twice_counts_once_from_wherever_it_begins(
    scan: Series, tmp_path: Path
) -> None:
    corners = box(2.5, 2.5, 9, 9)
    again = (*corners[2:], *corners[:2])
    back = corners[::-1]
    drawn = [contour(scan, 1, c) for c in (corners, again, back)]
    contents = read_rtstruct(write(tmp_path / "rs.dcm", scan, {"GTV": drawn}), scan)
    assert contents.findings[0].mask.voxels.sum() == 81
    assert contents.sentences == ("rs.dcm: 2 contours of GTV are stored twice; each counts once.",)


def test_a_slanting_shape_is_filled_as_a_point_test_would(scan: Series, tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    corners = [tuple(c) for c in rng.uniform((-3, -3), (26, 22), (11, 2)).round(3)]
    mask = mask_of(write(tmp_path / "rs.dcm", scan, {"x": [contour(scan, 0, corners)]}), scan)
    edges = list(zip(corners, corners[1:] + corners[:1], strict=True))
    for row in range(scan.rows):
        for column in range(scan.columns):
            left = sum(
                (a[0] <= row) != (b[0] <= row)
                and a[1] + (row - a[0]) / (b[0] - a[0]) * (b[1] - a[1]) < column
                for a, b in edges
            )
            assert mask[0, row, column] == left % 2, (row, column)


def test_lungs_by_name_become_the_label_map_and_the_rest_keeps_its_name(
    scan: Series, tmp_path: Path
) -> None:
    regions = {
        "Lung R": [contour(scan, 1, box(2.5, 1.5, 9, 6))],
        "Lung_L": [contour(scan, 1, box(2.5, 11.5, 9, 6))],
        "Heart": [contour(scan, 1, box(2.5, 8.5, 2, 2))],
        "Isocenter": [contour(scan, 1, [(3, 3)], "POINT")],
    }
    contents = read_rtstruct(write(tmp_path / "rs.dcm", scan, regions), scan)
    assert contents.label_map is not None
    labels = contents.label_map.labels
    assert (labels[1, 3:12, 2:8] == 1).all()
    assert (labels[1, 3:12, 12:18] == 2).all()
    assert (labels > 0).sum() == 108
    assert [found.label for found in contents.findings] == ["Heart"]
    assert contents.sentences == (
        "rs.dcm: there is 1 point or line beside the areas, which make no mask.",
    )


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("Lung R", 1), ("Lung_L", 2), ("LUNG-RT", 1), ("LungLeft", 2), ("rt lung", 1),
        ("left Lung", 2), ("RLung", 1), ("Lungs", 0), ("Lung R minus GTV", 0), ("Lung", 0),
        ("PRV Lung R", 0), ("Liver R", 0), ("", 0),
    ],
)  # fmt: skip
def test_which_names_mean_a_lung(name: str, side: int) -> None:
    assert lung_side(name) == side


def test_contours_between_slices_are_left_out_and_told(scan: Series, tmp_path: Path) -> None:
    drawn = [contour(scan, k, box(2.5, 2.5, 3, 3)) for k in (0, 1.5, 3)]
    contents = read_rtstruct(write(tmp_path / "rs.dcm", scan, {"GTV": drawn}), scan)
    assert contents.findings[0].mask.voxels.sum() == 18
    assert contents.sentences == (
        "rs.dcm: 1 of 3 contours of GTV lie on no slice of this CT and are left out.",
        "rs.dcm: GTV has no contour on 2 slices between its first and its last.",
    )


def test_a_structure_set_may_be_of_a_study_of_its_own(scan: Series, tmp_path: Path) -> None:
    drawn = {"GTV": [contour(scan, 1, box(2.5, 2.5, 3, 3))]}
    path = write(tmp_path / "rs.dcm", scan, drawn, study="9.9", ct_study=scan.study_uid)
    assert mask_of(path, scan).sum() == 9


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"study": "9.9"}, "another study"),
        ({"frame": "9.9"}, "another frame of reference"),
        ({"ct_series": "9.9"}, "another series"),
    ],
)
def test_what_was_drawn_elsewhere_is_refused(
    scan: Series, tmp_path: Path, other: dict[str, str], words: str
) -> None:
    drawn = {"GTV": [contour(scan, 1, box(2.5, 2.5, 3, 3))]}
    with pytest.raises(BadInput, match=words) as refused:
        read_rtstruct(write(tmp_path / "rs.dcm", scan, drawn, **other), scan)
    assert refused.value.remedy


def test_a_deflated_file_reads_alike(scan: Series, tmp_path: Path) -> None:
    drawn = {"GTV": [contour(scan, 1, box(2.5, 2.5, 3, 3))]}
    path = write(tmp_path / "rs.dcm", scan, drawn, syntax=DeflatedExplicitVRLittleEndian)
    assert mask_of(path, scan).sum() == 9


def test_contours_on_a_tilted_patient_lie_in_the_plane_of_the_slices(tmp_path: Path) -> None:
    c, s = np.cos(0.3), np.sin(0.3)
    grid = replace(GRID, row_lps=(1.0, 0.0, 0.0), column_lps=(0.0, c, s))
    tilted = write_scan(tmp_path / "ct", grid)
    drawn = {"GTV": [contour(tilted, 3, box(4.6, 3.4, 5.0, 6.5))]}
    mask = mask_of(write(tmp_path / "rs.dcm", tilted, drawn), tilted)
    assert mask[3, 5:10, 4:10].all()
    assert mask.sum() == 30


@pytest.mark.parametrize("what", ["text", "ct", "points only", "odd numbers", "nothing here"])
def test_what_gives_no_mask_gets_one_sentence(scan: Series, tmp_path: Path, what: str) -> None:
    path = tmp_path / "rs.dcm"
    drawn = contour(scan, 1, box(2.5, 2.5, 3, 3))
    if what == "text":
        path.write_text("not contours")
    elif what == "ct":
        path = scan.slices[0].path
    elif what == "points only":
        drawn.ContourGeometricType = "POINT"
    elif what == "odd numbers":
        drawn.ContourData = drawn.ContourData[:-1]
    else:
        drawn = contour(scan, 40, box(2.5, 2.5, 3, 3))
    if what not in ("text", "ct"):
        write(path, scan, {"GTV": [drawn]})
    with pytest.raises(BadInput) as refused:
        read_rtstruct(path, scan)
    assert refused.value.sentence.endswith(".")


STRAY_MM = -552.5
"""The slice of LUNG1-001 on which the archive has only a stray contour of the left lung."""


@pytest.mark.data
def test_the_contours_of_a_real_patient_give_the_lungs_that_were_made_from_them() -> None:
    folder = real_scan("LUNG1-001")
    series = open_path(folder).series[0]
    drawn = read_rtstruct(folder / "rtstruct" / "rtstruct.dcm", series)
    truth = read_nifti(folder / "lungs.nii.gz", series)
    tumour = read_nifti(folder / "gtv.nii.gz", series)
    assert drawn.label_map is not None
    assert truth.label_map is not None
    for k, piece in enumerate(series.slices):
        ours, theirs = drawn.label_map.labels[k], truth.label_map.labels[k]
        assert np.array_equal(ours == 1, theirs == 1), piece.position_lps
        if piece.position_lps[2] != STRAY_MM:
            assert np.array_equal(ours == 2, theirs == 2), piece.position_lps
    (gtv,) = [found for found in drawn.findings if found.label == "GTV-1"]
    shape = drawn.label_map.geometry.shape_kji
    assert np.array_equal(gtv.mask.on(shape), tumour.findings[0].mask.on(shape))


@pytest.mark.parametrize(
    ("label", "stated", "card", "kind"),
    [
        ("Plan 1", "", "contours from RTSTRUCT, Plan 1", "MANUAL"),
        ("Plan 1", "MANUAL", "contours from RTSTRUCT, Plan 1", "MANUAL"),
        ("Plan 1", "SEMIAUTOMATIC", "contours from RTSTRUCT, Plan 1", "SEMIAUTOMATIC"),
        ("Plan 1", "AUTOMATIC", "contours from RTSTRUCT, Plan 1", "AUTOMATIC"),
        ("", "", "contours from RTSTRUCT", "MANUAL"),
        ("Plan of Doe", "", "contours from RTSTRUCT", "MANUAL"),
        ("1.2.840.1.2.55", "", "contours from RTSTRUCT", "MANUAL"),
    ],
)
def test_contours_are_a_persons_unless_the_file_says_otherwise(
    scan: Series, tmp_path: Path, label: str, stated: str, card: str, kind: str
) -> None:
    path = write(tmp_path / "rs.dcm", scan, {"Lung R": [contour(scan, 1, box(2.5, 1.5, 9, 6))]})
    file = pydicom.dcmread(path)
    file.StructureSetLabel, file.ManufacturerModelName, file.PatientName = label, "XiO", "Doe^Jane"
    for roi in file.StructureSetROISequence:
        roi.ROIGenerationAlgorithm = stated
    file.save_as(path)
    label_map = read_rtstruct(path, scan).label_map
    assert label_map is not None
    assert label_map.made_by.card == card
    (right, _) = lung_segments(label_map, edited=(), uid_of=lambda name: f"1.{len(name)}")
    assert right.algorithm_type == kind
    assert (right.made_by is None) == (kind == "MANUAL")
