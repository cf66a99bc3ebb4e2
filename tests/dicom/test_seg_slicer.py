"""A SEG as 3D Slicer writes it: "Segment_1", colours, only frames and the box that hold voxels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from tests.dicom.seg_scan import Grid, write_scan
from tests.dicom.test_seg_read_kinds import ODD, labels_on, made
from viewer.dicom.masks.seg_read import read_seg
from viewer.dicom.series import Series


@pytest.fixture(scope="module", params=[ODD, Grid(patient_position="FFS")], ids=["odd", "plain"])
def scan(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Series:
    return write_scan(tmp_path_factory.mktemp("scan") / "ct", request.param)


def slicer(series: Series, path: Path, wanted: NDArray[np.uint8]) -> Dataset:
    """Two segments cut to the box that holds them, with the labels and colours of Slicer."""
    made(series, path, wanted, "BINARY", omit_empty_frames=True)
    seg = pydicom.dcmread(path)
    seg.Manufacturer, seg.ManufacturerModelName = "QIICR", "https://github.com/QIICR/dcmqi.git"
    _k, j, i = (slice(int(n.min()), int(n.max()) + 1) for n in np.nonzero(wanted))
    planes = seg.pixel_array[:, j, i]
    seg.Rows, seg.Columns = planes.shape[1:]
    bits = np.packbits(planes.ravel(), bitorder="little").tobytes()
    seg.PixelData = bits + b"\0" * (len(bits) % 2)
    down, across = (0.6, 0.8)
    for group in seg.PerFrameFunctionalGroupsSequence:
        x, y, z = map(float, group.PlanePositionSequence[0].ImagePositionPatient)
        place = [x + i.start * across, y + j.start * down, z]
        group.PlanePositionSequence[0].ImagePositionPatient = [f"{mm:.10g}" for mm in place]
    for number, item in enumerate(seg.SegmentSequence, start=1):
        item.SegmentLabel = f"Segment_{number}"
        item.RecommendedDisplayCIELabValue = [43803, 26565 + number, 37722]
        for tag in ("TrackingUID", "TrackingID"):
            delattr(item, tag)
    return seg


def test_its_masks_lie_where_they_were_drawn(scan: Series, tmp_path: Path) -> None:
    wanted, path = labels_on(scan), tmp_path / "Segmentation.dcm"
    seg = slicer(scan, path, wanted)
    assert seg.Rows < scan.rows and seg.Columns < scan.columns
    assert int(seg.NumberOfFrames) < 2 * len(scan.slices)
    seg.save_as(path)
    told = read_seg(path, scan)
    assert told.label_map is None and told.sentences == ()
    assert [found.label for found in told.findings] == ["Segment_1", "Segment_2"]
    for number, found in enumerate(told.findings, start=1):
        assert found.abnormal and np.array_equal(found.mask.on(wanted.shape), wanted == number)


def test_a_segment_whose_kind_nobody_chose_is_no_finding(scan: Series, tmp_path: Path) -> None:
    wanted, path = labels_on(scan), tmp_path / "Segmentation.dcm"
    seg = slicer(scan, path, wanted)
    for item in seg.SegmentSequence:
        category = item.SegmentedPropertyCategoryCodeSequence[0]
        category.CodeValue, category.CodeMeaning = "85756007", "Tissue"
        kind = item.SegmentedPropertyTypeCodeSequence[0]
        kind.CodeValue, kind.CodeMeaning = "85756007", "Tissue"
    seg.save_as(path)
    told = read_seg(path, scan)
    assert [found.abnormal for found in told.findings] == [False, False]
    assert [found.kind for found in told.findings] == ["Tissue", "Tissue"]
    for number, found in enumerate(told.findings, start=1):
        assert np.array_equal(found.mask.on(wanted.shape), wanted == number)
