"""What Hilum writes as DICOM-SEG lies where it was drawn, for our eyes and for others'."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ai.errors import BadInput
from ai.scan.finding import BoxMask
from ai.scan.labelmap import LUNG, LUNGS, RIGHT, MadeBy
from tests.dicom.seg_scan import Grid, write_scan
from viewer.dicom.masks.seg_read import read_seg
from viewer.dicom.reread.seg import UnreadableError, reread
from viewer.dicom.series import Series
from viewer.dicom.written.seg import even_step_mm, write_seg
from viewer.dicom.written.seg_content import AUTOMATIC, MANUAL, SegContent, SegSegment
from viewer.dicom.written.seg_items import cielab, segment_item
from viewer.reading.out.compare import seg_agreement

CODES = {s.number: s for s in LUNGS}


def segment(mask: BoxMask, number: int = 1, *, nodule: bool = False) -> SegSegment:
    lung = CODES[1 if number % 2 else 2]
    kind = replace(LUNG, value="27925004", meaning="Nodule") if nodule else lung.kind
    return SegSegment(
        label=f"thing {number}",
        category=lung.category,
        kind=kind,
        mask=mask,
        algorithm_type=AUTOMATIC,
        made_by=MadeBy("model", "2.0"),
        colour_rgb=(76, 155, 232),
        tracking_id=f"t{number}",
        tracking_uid=f"2.25.{number}",
        laterality=None if nodule else lung.laterality,
    )


def content(series: Series, *segments: SegSegment) -> SegContent:
    return SegContent(
        series=series,
        segments=segments,
        content_label="LUNGS",
        description="Hilum lungs (AI)",
        series_number=9001,
        creator="reader one",
        sop_instance_uid="2.25.11",
        series_instance_uid="2.25.12",
        dimension_uid="2.25.13",
        made_at=datetime(2026, 1, 2, 3, 4),
    )


def block(shape: tuple[int, int, int] = (2, 3, 4)) -> NDArray[np.bool_]:
    return np.ones(shape, np.bool_)


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    """Any orientation and spacing, with and without gaps, odd widths, feet or head first."""
    finite = st.floats(-300, 300, allow_nan=False).map(lambda v: round(v, 4))
    turn, _ = np.linalg.qr(
        np.array(draw(st.lists(st.floats(-1, 1), min_size=9, max_size=9))).reshape(3, 3)
        + 2 * np.eye(3)[list(draw(st.permutations(range(3))))]
    )
    axial = draw(st.booleans())
    row = (draw(st.sampled_from([1.0, -1.0])), 0.0, 0.0) if axial else tuple(map(float, turn[0]))
    column = (0.0, draw(st.sampled_from([1.0, -1.0])), 0.0) if axial else tuple(map(float, turn[1]))
    steps = draw(st.lists(st.sampled_from([0.5, 1.25, 3.0]), min_size=0, max_size=5))
    heights = np.concatenate([[0.0], np.cumsum(steps)])
    if draw(st.booleans()):
        heights = np.arange(len(heights)) * 1.25
    return Grid(
        heights_mm=tuple(map(float, heights)),
        rows=draw(st.integers(1, 17)),
        columns=draw(st.integers(1, 19)),
        pixel_spacing_mm=(
            draw(st.sampled_from([0.6, 0.703125])),
            draw(st.sampled_from([0.8, 1.0])),
        ),
        row_lps=row,
        column_lps=column,
        origin_lps=(draw(finite), draw(finite), draw(finite)),
        patient_position=draw(st.sampled_from(["HFS", "FFS", "HFP", "FFDL"])),
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(grid=grids(), data=st.data())
def test_a_mask_comes_back_from_dicom_seg_in_the_same_place(
    grid: Grid, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        series = write_scan(Path(folder) / "ct", grid)
        shape = (len(grid.heights_mm), grid.rows, grid.columns)
        count = data.draw(st.integers(1, 3))
        seed = data.draw(st.integers(0, 2**32 - 1))
        masks = np.random.default_rng(seed).random((count, *shape)) > data.draw(
            st.sampled_from([0.2, 0.9])
        )
        masks[0, 0, 0, 0] = True  # one voxel at least: an empty SEG is never written
        if shape[0] > 2:
            masks[:, 1] = False  # an empty frame in the middle
        asked = content(
            series,
            *(
                segment(BoxMask((0, 0, 0), mask), n, nodule=True)
                for n, mask in enumerate(masks, start=1)
            ),
        )
        path = Path(folder) / "out.dcm"
        write_seg(path, asked)

        assert seg_agreement(reread(path, Path(folder) / "ct"), asked).fault == ""
        held = [mask for mask in masks if mask.any()]
        again = read_seg(path, series)
        assert len(again.findings) == len(held)
        for finding, mask in zip(again.findings, held, strict=True):
            assert np.array_equal(finding.mask.on(shape), mask)


def test_odd_widths_are_packed_without_padding_between_frames(tmp_path: Path) -> None:
    series = write_scan(tmp_path / "ct", Grid(heights_mm=(0.0, 1.0, 2.0), rows=5, columns=7))
    mask = np.random.default_rng(2).random((3, 5, 7)) > 0.5
    write_seg(tmp_path / "out.dcm", content(series, segment(BoxMask((0, 0, 0), mask))))
    stored = pydicom.dcmread(tmp_path / "out.dcm")
    assert len(stored.PixelData) == 14
    bits = np.unpackbits(np.frombuffer(stored.PixelData, np.uint8), bitorder="little")
    assert np.array_equal(bits[:105].reshape(3, 5, 7).astype(bool), mask)


def test_highdicom_sees_a_large_odd_matrix_at_the_same_voxels(tmp_path: Path) -> None:
    import highdicom as hd

    series = write_scan(tmp_path / "ct", Grid(rows=511, columns=509))
    mask = np.random.default_rng(3).random((6, 511, 509)) > 0.7
    write_seg(tmp_path / "out.dcm", content(series, segment(BoxMask((0, 0, 0), mask))))
    volume = hd.seg.segread(tmp_path / "out.dcm").get_volume(combine_segments=False)
    places = volume.affine @ np.c_[np.argwhere(volume.array[..., 0]), np.ones(mask.sum())].T
    assert series.geometry is not None
    seen = np.rint(series.geometry.index_of(places[:3].T)).astype(int)
    again = np.zeros_like(mask)
    again[tuple(seen.T)] = True
    assert np.array_equal(again, mask)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="no dciodvfy (Debian: dicom3tools)")
@pytest.mark.parametrize("heights", [(0.0, 2.5, 5.0), (0.0, 2.5, 9.0), (4.0,)])
def test_dciodvfy_finds_no_error(tmp_path: Path, heights: tuple[float, ...]) -> None:
    series = write_scan(tmp_path / "ct", Grid(heights_mm=heights))
    drawn = replace(
        segment(BoxMask((0, 2, 2), block((1, 3, 4))), 2, nodule=True),
        region=LUNG,
        region_side=RIGHT,
        algorithm_type=MANUAL,
        made_by=None,
        laterality=None,
        description="added",
    )
    path = tmp_path / "out.dcm"
    write_seg(path, content(series, segment(BoxMask((0, 0, 0), block((1, 9, 9)))), drawn))
    said = subprocess.run(
        ["dciodvfy", str(path)], capture_output=True, text=True, errors="replace", check=False
    )
    faults = [line for line in (said.stdout + said.stderr).splitlines() if line.startswith("Error")]
    assert faults == []


def test_the_headers_belong_to_the_patient_and_study_of_the_ct(
    scan: Series, tmp_path: Path
) -> None:
    write_seg(tmp_path / "out.dcm", content(scan, segment(BoxMask((1, 2, 3), block()))))
    seg, ct = pydicom.dcmread(tmp_path / "out.dcm"), pydicom.dcmread(scan.slices[0].path)
    for keyword in (
        "PatientName",
        "PatientID",
        "PatientAge",
        "StudyInstanceUID",
        "StudyDate",
        "AccessionNumber",
        "FrameOfReferenceUID",
    ):
        assert seg[keyword].value == ct[keyword].value, keyword
    assert seg.ContentQualification == "RESEARCH"
    assert seg.SeriesInstanceUID != ct.SeriesInstanceUID
    assert seg.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    named = seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence
    assert [item.ReferencedSOPInstanceUID for item in named] == [
        piece.sop_instance_uid for piece in scan.slices
    ]


def test_the_side_stands_inside_the_type_and_the_model_is_named(scan: Series) -> None:
    item = segment_item(segment(BoxMask((0, 0, 0), block()), 1), 1)
    kind = item.SegmentedPropertyTypeCodeSequence[0]
    assert kind.SegmentedPropertyTypeModifierCodeSequence[0].CodeValue == "24028007"
    assert "SegmentedPropertyTypeModifierCodeSequence" not in item
    assert item.SegmentAlgorithmName == "model 2.0"
    assert item.SegmentationAlgorithmIdentificationSequence[0].AlgorithmVersion == "2.0"
    assert (item.TrackingID, item.TrackingUID) == ("t1", "2.25.1")


def test_odd_values_of_the_ct_are_left_behind_and_its_patient_is_not(
    scan: Series, tmp_path: Path
) -> None:
    path = scan.slices[0].path
    header = pydicom.dcmread(path)
    header.StudyDescription = "a\tb"
    header.BodyPartExamined = "CHEST"
    header.save_as(path)
    bytes_now = path.read_bytes().replace(b"\x18\x00\x15\x00CS", b"\x18\x00\x15\x00ZZ")
    path.write_bytes(bytes_now[132:])  # nor is there a preamble
    assert b"ZZ" in bytes_now
    write_seg(tmp_path / "out.dcm", content(scan, segment(BoxMask((1, 2, 3), block()))))
    seg = pydicom.dcmread(tmp_path / "out.dcm")
    assert "StudyDescription" not in seg
    assert (seg.PatientID, seg.PatientName) == ("P1", header.PatientName)
    reread(tmp_path / "out.dcm", [piece.path for piece in scan.slices])


@pytest.mark.parametrize("lacking", ["study_uid", "uid", "frame_of_reference"])
def test_a_ct_without_a_name_of_its_own_carries_no_seg(
    scan: Series, tmp_path: Path, lacking: str
) -> None:
    asked = content(replace(scan, **{lacking: ""}), segment(BoxMask((1, 2, 3), block())))
    with pytest.raises(BadInput, match="could not be tied"):
        write_seg(tmp_path / "out.dcm", asked)
    assert not (tmp_path / "out.dcm").exists()


def test_a_guessed_spacing_is_never_written(tmp_path: Path) -> None:
    even = write_scan(tmp_path / "even", Grid())
    gap = write_scan(tmp_path / "gap", Grid(heights_mm=(0.0, 2.5, 7.5, 10.0)))
    assert even_step_mm(even) == pytest.approx(2.5)
    assert even_step_mm(gap) is None
    write_seg(tmp_path / "out.dcm", content(gap, segment(BoxMask((1, 2, 3), block()))))
    shared = pydicom.dcmread(tmp_path / "out.dcm").SharedFunctionalGroupsSequence[0]
    assert "SpacingBetweenSlices" not in shared.PixelMeasuresSequence[0]


@pytest.mark.parametrize(
    ("rgb", "stored"),
    [
        ((255, 0, 0), (34886, 53484, 50172)),
        ((255, 255, 255), (65535, 32897, 32893)),
        ((0, 0, 0), (0, 32896, 32896)),
        ((230, 159, 0), (46273, 37131, 52089)),
        ((86, 180, 233), (45761, 29808, 23959)),
    ],
)
def test_colours_are_stored_as_cielab(
    rgb: tuple[int, int, int], stored: tuple[int, int, int]
) -> None:
    assert np.abs(np.subtract(cielab(rgb), stored)).max() <= 6


def test_overlap_is_said_honestly(scan: Series, tmp_path: Path) -> None:
    one = segment(BoxMask((0, 0, 0), block()), 1, nodule=True)
    touching = segment(BoxMask((1, 2, 3), block()), 2, nodule=True)
    apart = segment(BoxMask((0, 10, 10), block()), 2, nodule=True)
    write_seg(tmp_path / "one.dcm", content(scan, one, touching))
    write_seg(tmp_path / "two.dcm", content(scan, one, apart))
    assert pydicom.dcmread(tmp_path / "one.dcm").SegmentsOverlap == "YES"
    assert pydicom.dcmread(tmp_path / "two.dcm").SegmentsOverlap == "NO"


def spoil(path: Path, keyword: str, value: object) -> None:
    seg = pydicom.dcmread(path)
    if keyword == "voxel":
        bits = bytearray(seg.PixelData)
        bits[len(bits) // 2] ^= 8
        seg.PixelData = bytes(bits)
    elif keyword == "place":
        group = seg.PerFrameFunctionalGroupsSequence[0]
        group.PlanePositionSequence[0].ImagePositionPatient = value
    else:
        setattr(seg, keyword, value)
    seg.save_as(path)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("voxel", None),
        ("place", [0, 0, 999]),
        ("StudyInstanceUID", "1.2.3"),
        ("FrameOfReferenceUID", "1.2.3"),
        ("PatientID", "someone else"),
        ("Rows", 20),
        ("ContentQualification", "PRODUCT"),
        ("NumberOfFrames", 1),
    ],
)
def test_the_second_pair_of_eyes_sees_every_change(
    scan: Series, tmp_path: Path, keyword: str, value: object
) -> None:
    asked = content(scan, segment(BoxMask((1, 2, 3), block())))
    path = tmp_path / "out.dcm"
    write_seg(path, asked)
    files = [piece.path for piece in scan.slices]
    assert seg_agreement(reread(path, files), asked).fault == ""
    spoil(path, keyword, value)
    try:
        said = seg_agreement(reread(path, files), asked).fault
    except UnreadableError as error:
        said = str(error)
    assert said != ""


def test_the_second_pair_of_eyes_shares_no_module_with_the_writer() -> None:
    import ast

    import viewer.dicom.reread.seg as module

    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [a.name for a in node.names]
            if isinstance(node, ast.Import)
            else []
        )
    }
    assert imported <= {
        "__future__",
        "struct",
        "collections",
        "dataclasses",
        "pathlib",
        "numpy",
        "pydicom",
    }
