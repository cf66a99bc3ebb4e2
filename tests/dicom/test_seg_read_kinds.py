"""SEGs that other programs write open where they were drawn, whatever their kind."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    RLELossless,
    generate_uid,
)

from ai.errors import BadInput
from tests.dicom.seg_scan import Grid, write_scan
from viewer.dicom.masks.seg_read import read_seg
from viewer.dicom.series import Series

ODD = Grid(rows=25, columns=21)
"""525 pixels a frame: no frame but the first begins on a byte."""


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Series:
    return write_scan(tmp_path_factory.mktemp("scan") / "ct", ODD)


def labels_on(series: Series) -> NDArray[np.uint8]:
    """Segments 1 and 2, ragged, absent from the first slice and from one in the middle."""
    shape = (len(series.slices), series.rows, series.columns)
    k, j, i = np.indices(shape)
    labels = np.where((i - 5) ** 2 + (j - 9) ** 2 < 14 + k, 1, 0)
    labels = np.where((i - 15) ** 2 + (j - 12) ** 2 < 9 + 2 * k, 2, labels)
    labels[0] = labels[3] = 0
    return labels.astype(np.uint8)


def described(number: int, label: str) -> Any:
    import highdicom

    return highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=label,
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.SCT.Nodule,
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.MANUAL,
        tracking_uid=f"2.25.{number}",
        tracking_id=label,
    )


def made(
    series: Series, path: Path, pixels: NDArray[Any], kind: str, *, segments: int = 2, **more: Any
) -> Path:
    """A SEG of highdicom's on the whole CT, in `path`."""
    import highdicom

    sources = [pydicom.dcmread(piece.path) for piece in series.slices]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seg = highdicom.seg.Segmentation(
            source_images=sources,
            pixel_array=pixels,
            segmentation_type=kind,
            segment_descriptions=[described(n, f"thing {n}") for n in range(1, segments + 1)],
            series_instance_uid=generate_uid(),
            series_number=9,
            sop_instance_uid=generate_uid(),
            instance_number=1,
            manufacturer="Other",
            manufacturer_model_name="Model",
            software_versions="1",
            device_serial_number="1",
            **more,
        )
        seg.save_as(path)
    return path


def must_hold(path: Path, series: Series, wanted: NDArray[np.uint8], numbers: int = 2) -> None:
    """The file's masks are these labels, voxel for voxel."""
    again = read_seg(path, series)
    assert again.label_map is None
    assert [found.label for found in again.findings] == [f"thing {n + 1}" for n in range(numbers)]
    assert [found.tracking_uid for found in again.findings] == [
        f"2.25.{n + 1}" for n in range(numbers)
    ]
    for number, found in enumerate(again.findings, start=1):
        assert np.array_equal(found.mask.on(wanted.shape), wanted == number)


@pytest.mark.parametrize("sparse", [True, False], ids=["sparse", "every frame"])
def test_binary_frames_packed_bit_to_bit(scan: Series, tmp_path: Path, sparse: bool) -> None:
    wanted = labels_on(scan)
    path = made(scan, tmp_path / "a.dcm", wanted, "BINARY", omit_empty_frames=sparse)
    assert pydicom.dcmread(path).NumberOfFrames == (8 if sparse else 12)
    must_hold(path, scan, wanted)


def test_a_single_segment_is_found_in_the_shared_groups(scan: Series, tmp_path: Path) -> None:
    wanted = (labels_on(scan) == 1).astype(np.uint8)
    path = made(scan, tmp_path / "a.dcm", wanted, "BINARY", segments=1)
    shared = pydicom.dcmread(path).SharedFunctionalGroupsSequence[0]
    assert "SegmentIdentificationSequence" in shared
    must_hold(path, scan, wanted, 1)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless], ids=["plain", "RLE"])
def test_a_label_map_without_its_background(scan: Series, tmp_path: Path, syntax: str) -> None:
    wanted = labels_on(scan)
    path = made(scan, tmp_path / "a.dcm", wanted, "LABELMAP", transfer_syntax_uid=syntax)
    seg = pydicom.dcmread(path)
    assert seg.SOPClassUID == "1.2.840.10008.5.1.4.1.1.66.7"
    assert seg.SegmentSequence[0].SegmentNumber == 0
    must_hold(path, scan, wanted)


def test_a_label_map_of_sixteen_bits_whose_background_is_no_zero(
    scan: Series, tmp_path: Path
) -> None:
    wanted = labels_on(scan)
    path = made(scan, tmp_path / "a.dcm", wanted, "LABELMAP")
    seg = pydicom.dcmread(path)
    stored = seg.pixel_array.astype("<u2")
    stored[stored == 0] = 700
    seg.PixelPaddingValue = seg.SegmentSequence[0].SegmentNumber = 700
    seg.BitsAllocated, seg.BitsStored, seg.HighBit = 16, 16, 15
    seg.PixelData = stored.tobytes()
    seg["PixelData"].VR = "OW"
    seg.save_as(path)
    must_hold(path, scan, wanted)


def test_fractions_count_from_one_half_of_their_most_and_that_is_told(
    scan: Series, tmp_path: Path
) -> None:
    wanted = labels_on(scan)
    chances = np.stack([np.where(wanted == n, 0.51, 0.49) for n in (1, 2)], axis=-1)
    path = made(
        scan, tmp_path / "a.dcm", chances, "FRACTIONAL",
        fractional_type="PROBABILITY", max_fractional_value=200,
    )  # fmt: skip
    must_hold(path, scan, wanted)
    (sentence,) = read_seg(path, scan).sentences
    assert "one half and more" in sentence


def test_a_deflated_file(scan: Series, tmp_path: Path) -> None:
    wanted = labels_on(scan)
    path = made(scan, tmp_path / "a.dcm", wanted, "BINARY")
    seg = pydicom.dcmread(path)
    seg.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    seg.save_as(path)
    must_hold(path, scan, wanted)


@pytest.mark.parametrize("order", ["columns back", "rows back", "transposed"])
def test_pixels_stored_in_another_order_lie_in_the_same_place(
    scan: Series, tmp_path: Path, order: str
) -> None:
    wanted = labels_on(scan)
    path = made(scan, tmp_path / "a.dcm", wanted, "BINARY")
    seg = pydicom.dcmread(path)
    planes = seg.pixel_array
    shared = seg.SharedFunctionalGroupsSequence[0]
    orientation = shared.PlaneOrientationSequence[0]
    moved = np.zeros(3)
    if order == "columns back":
        planes = planes[:, :, ::-1]
        orientation.ImageOrientationPatient = [-1, 0, 0, 0, 1, 0]
        moved[0] = (ODD.columns - 1) * ODD.pixel_spacing_mm[1]
    elif order == "rows back":
        planes = planes[:, ::-1]
        orientation.ImageOrientationPatient = [1, 0, 0, 0, -1, 0]
        moved[1] = (ODD.rows - 1) * ODD.pixel_spacing_mm[0]
    else:
        planes = planes.transpose(0, 2, 1)
        orientation.ImageOrientationPatient = [0, 1, 0, 1, 0, 0]
        shared.PixelMeasuresSequence[0].PixelSpacing = list(ODD.pixel_spacing_mm[::-1])
    seg.Rows, seg.Columns = planes.shape[1:]
    bits = np.packbits(planes.ravel(), bitorder="little").tobytes()
    seg.PixelData = bits + b"\0" * (len(bits) % 2)
    for group in seg.PerFrameFunctionalGroupsSequence:
        place = group.PlanePositionSequence[0]
        place.ImagePositionPatient = list(np.add(place.ImagePositionPatient, moved))
    seg.save_as(path)
    must_hold(path, scan, wanted)


def test_half_a_pixel_off_is_another_grid(scan: Series, tmp_path: Path) -> None:
    path = made(scan, tmp_path / "a.dcm", labels_on(scan), "BINARY")
    seg = pydicom.dcmread(path)
    for group in seg.PerFrameFunctionalGroupsSequence:
        x, y, z = group.PlanePositionSequence[0].ImagePositionPatient
        group.PlanePositionSequence[0].ImagePositionPatient = [x + 0.4, y, z]
    seg.save_as(path)
    with pytest.raises(BadInput, match="another grid"):
        read_seg(path, scan)


def test_a_segment_without_a_description_is_shown_and_told(scan: Series, tmp_path: Path) -> None:
    path = made(scan, tmp_path / "a.dcm", labels_on(scan), "BINARY")
    seg = pydicom.dcmread(path)
    del seg.SegmentSequence[1]
    seg.save_as(path)
    again = read_seg(path, scan)
    assert [found.label for found in again.findings] == ["thing 1", "segment 2"]
    assert again.sentences == ("a.dcm does not say what segment 2 is.",)


@pytest.mark.parametrize(
    ("code", "side", "number"),
    [
        ("39607008", "24028007", 1),
        ("T-28000", "G-A101", 2),
        ("3341006", "", 1),
        ("44029006", "", 2),
        ("39607008", "", 0),
    ],
)
def test_lungs_are_known_by_every_code_in_use(
    scan: Series, tmp_path: Path, code: str, side: str, number: int
) -> None:
    wanted = (labels_on(scan) == 1).astype(np.uint8)
    path = made(scan, tmp_path / "a.dcm", wanted, "BINARY", segments=1)
    seg = pydicom.dcmread(path)
    kind = seg.SegmentSequence[0].SegmentedPropertyTypeCodeSequence[0]
    kind.CodeValue = code
    if side:
        modifier = Dataset()
        modifier.CodeValue, modifier.CodingSchemeDesignator = side, "SCT"
        modifier.CodeMeaning = "side"
        kind.SegmentedPropertyTypeModifierCodeSequence = [modifier]
    seg.save_as(path)
    again = read_seg(path, scan)
    if number == 0:
        assert again.label_map is None
    else:
        assert again.label_map is not None
        assert np.array_equal(again.label_map.labels, wanted * number)


@pytest.mark.parametrize("what", ["too few pixels", "a frame count that lies", "no segments"])
def test_a_broken_seg_is_told_without_a_programs_words(
    scan: Series, tmp_path: Path, what: str
) -> None:
    path = made(scan, tmp_path / "a.dcm", labels_on(scan), "BINARY")
    seg = pydicom.dcmread(path)
    if what == "too few pixels":
        seg.PixelData = seg.PixelData[:64]
    elif what == "a frame count that lies":
        seg.NumberOfFrames = 2_000_000_000
    else:
        del seg.SegmentSequence
    seg.save_as(path)
    with pytest.raises(BadInput) as refused:
        read_seg(path, scan)
    assert refused.value.sentence == (
        "a.dcm is no whole DICOM-SEG: parts of it are missing or damaged."
    )
