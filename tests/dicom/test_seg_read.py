"""A DICOM-SEG opens again on its own CT, and on no other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from ai.errors import BadInput
from ai.scan.finding import BoxMask
from ai.scan.labelmap import MadeBy
from tests.dicom.seg_scan import Grid, two_lungs, write_scan
from tests.dicom.test_seg import block, content, segment
from viewer.dicom.masks.seg_read import read_seg
from viewer.dicom.series import Series
from viewer.dicom.written.seg import write_seg
from viewer.reading.out.segments import lung_segments


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid(patient_position="FFS"))


@pytest.fixture
def lungs_file(scan: Series, tmp_path: Path) -> Path:
    path = tmp_path / "lungs.dcm"
    pair = lung_segments(two_lungs(scan), edited=(), uid_of=lambda name: f"2.25.{len(name)}")
    write_seg(path, content(scan, *pair))
    return path


def test_lungs_come_back_as_a_label_map(scan: Series, lungs_file: Path) -> None:
    again = read_seg(lungs_file, scan)
    assert again.label_map is not None
    assert np.array_equal(again.label_map.labels, two_lungs(scan).labels)
    assert (again.label_map.made_by.card, again.label_map.made_by.version) == (
        "lungs-classical",
        "1.0",
    )
    assert (again.findings, again.sentences) == ((), ())


RUN = MadeBy(
    "lungs-unet",
    "1.0",
    "6d12" * 16,
    "OpenVINO 2026.4.1 f32",
    "CPU",
    "Memory was short: asked by windows of 64 x 64 x 64.",
)


def test_how_the_model_was_run_is_in_the_file_and_comes_back(scan: Series, tmp_path: Path) -> None:
    path, lungs = tmp_path / "lungs.dcm", replace(two_lungs(scan), made_by=RUN)
    pair = lung_segments(lungs, edited=(), uid_of=lambda name: f"2.25.{len(name)}")
    write_seg(path, content(scan, *pair))
    for item in pydicom.dcmread(path).SegmentSequence:
        (algorithm,) = item.SegmentationAlgorithmIdentificationSequence
        assert algorithm.AlgorithmParameters.splitlines() == [
            f"Weights SHA-256: {RUN.weights_sha256}",
            "Runtime: OpenVINO 2026.4.1 f32",
            "Device: CPU",
            f"Remark: {RUN.remark}",
        ]
    again = read_seg(path, scan)
    assert again.label_map is not None and again.label_map.made_by == RUN


@pytest.mark.parametrize("words", ["", "kernel=3", "Device", "Device:\r\nRuntime : x\r\n: : :"])
def test_parameters_of_other_programs_tell_us_nothing(
    scan: Series, lungs_file: Path, words: str
) -> None:
    def say(seg: Dataset) -> None:
        for item in seg.SegmentSequence:
            item.SegmentationAlgorithmIdentificationSequence[0].AlgorithmParameters = words

    again = read_seg(edit(lungs_file, say), scan)
    assert again.label_map is not None and again.label_map.made_by.weights_sha256 == ""
    assert again.label_map.made_by.name == "lungs-classical 1.0"


def test_findings_keep_their_tracking_uid(scan: Series, tmp_path: Path) -> None:
    mask = BoxMask((1, 2, 3), block())
    write_seg(tmp_path / "one.dcm", content(scan, segment(mask, 5, nodule=True)))
    (finding,) = read_seg(tmp_path / "one.dcm", scan).findings
    assert (finding.label, finding.tracking_uid) == ("thing 5", "2.25.5")
    assert finding.mask.start_kji == (1, 2, 3)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"study_uid": "1.2.3"}, "study"),
        ({"frame_of_reference": "1.2.3"}, "frame of reference"),
        ({"uid": "1.2.3"}, "series"),
    ],
)
def test_a_seg_of_something_else_is_refused_in_a_sentence(
    scan: Series, lungs_file: Path, change: dict[str, str], word: str
) -> None:
    with pytest.raises(BadInput, match=word) as refused:
        read_seg(lungs_file, replace(scan, **change))
    assert refused.value.remedy


def edit(path: Path, change: object) -> Path:
    seg = pydicom.dcmread(path)
    assert callable(change)
    change(seg)
    seg.save_as(path)
    return path


def test_a_cropped_seg_is_laid_where_its_position_says(scan: Series, lungs_file: Path) -> None:
    def crop(seg: Dataset) -> None:
        planes = seg.pixel_array[:, 2:, 1:]
        seg.Rows, seg.Columns = planes.shape[1:]
        bits = np.packbits(planes.ravel(), bitorder="little").tobytes()
        seg.PixelData = bits + b"\0" * (len(bits) % 2)
        for group in seg.PerFrameFunctionalGroupsSequence:
            x, y, z = group.PlanePositionSequence[0].ImagePositionPatient
            group.PlanePositionSequence[0].ImagePositionPatient = [x + 0.8, y + 2 * 0.6, z]

    again = read_seg(edit(lungs_file, crop), scan)
    assert again.label_map is not None
    assert np.array_equal(again.label_map.labels, two_lungs(scan).labels)


def test_a_seg_on_a_finer_grid_is_refused_not_resampled(scan: Series, lungs_file: Path) -> None:
    def finer(seg: Dataset) -> None:
        measures = seg.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0]
        measures.PixelSpacing = ["0.3", "0.4"]

    with pytest.raises(BadInput, match="another grid"):
        read_seg(edit(lungs_file, finer), scan)


def test_segment_numbers_in_the_shared_groups_and_sides_at_segment_level_are_understood(
    scan: Series, tmp_path: Path
) -> None:
    def older(seg: Dataset) -> None:
        for group in seg.PerFrameFunctionalGroupsSequence:
            shared = group.SegmentIdentificationSequence
            del group.SegmentIdentificationSequence
        seg.SharedFunctionalGroupsSequence[0].SegmentIdentificationSequence = shared
        item = seg.SegmentSequence[0]
        kind = item.SegmentedPropertyTypeCodeSequence[0]
        item.SegmentedPropertyTypeModifierCodeSequence = (
            kind.SegmentedPropertyTypeModifierCodeSequence
        )
        del kind.SegmentedPropertyTypeModifierCodeSequence

    path = tmp_path / "one.dcm"
    write_seg(path, content(scan, segment(BoxMask((1, 2, 3), block()), 1)))
    again = read_seg(edit(path, older), scan)
    assert again.label_map is not None
    assert int((again.label_map.labels == 1).sum()) == block().size


def test_fractions_count_from_one_half(scan: Series, tmp_path: Path) -> None:
    def fractional(seg: Dataset) -> None:
        planes = seg.pixel_array.astype(np.uint8) * 100
        planes[:, 0, 0], planes[:, 0, 1] = 99, 50
        seg.SegmentationType, seg.MaximumFractionalValue = "FRACTIONAL", 200
        seg.SegmentationFractionalType = "PROBABILITY"
        seg.BitsAllocated, seg.BitsStored, seg.HighBit = 8, 8, 7
        seg.PixelData = planes.tobytes()

    path = tmp_path / "one.dcm"
    write_seg(path, content(scan, segment(BoxMask((1, 2, 3), block()), 1, nodule=True)))
    again = read_seg(edit(path, fractional), scan)
    assert again.findings[0].mask.voxels.all()
    assert again.findings[0].mask.voxels.shape == block().shape
    assert "fractions" in again.sentences[0]


def test_an_empty_segment_is_told_not_lost(scan: Series, tmp_path: Path) -> None:
    empty = segment(BoxMask((0, 0, 0), np.zeros((1, 1, 1), np.bool_)), 2)
    write_seg(tmp_path / "one.dcm", content(scan, segment(BoxMask((1, 2, 3), block())), empty))
    assert len(pydicom.dcmread(tmp_path / "one.dcm").SegmentSequence) == 2
    again = read_seg(tmp_path / "one.dcm", scan)
    assert again.sentences == ("one.dcm: thing 2 is empty.",)


@pytest.mark.parametrize("what", ["text", "ct", "cut", "gone"])
def test_what_is_no_seg_gets_one_sentence(
    scan: Series, lungs_file: Path, tmp_path: Path, what: str
) -> None:
    path = tmp_path / "odd.dcm"
    if what == "text":
        path.write_text("not a scan")
    elif what == "ct":
        path = scan.slices[0].path
    elif what == "cut":
        path.write_bytes(lungs_file.read_bytes()[:-40])
    with pytest.raises(BadInput) as refused:
        read_seg(path, scan)
    assert refused.value.sentence.endswith(".")
