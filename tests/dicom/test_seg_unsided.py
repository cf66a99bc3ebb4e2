"""A SEG whose lung has no side is one mask of both lungs, with no figure of a side made up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from ai.lungs.quantify import quantify
from ai.scan.labelmap import BOTH_LUNGS
from ai.scan.volume import Volume
from tests.dicom.seg_scan import Grid, two_lungs, write_scan
from tests.dicom.test_seg import content
from viewer.dicom.masks.seg_read import read_seg
from viewer.dicom.series import Series
from viewer.dicom.written.seg import write_seg
from viewer.reading.out.segments import lung_segments


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid(patient_position="FFS"))


def lungs_of(scan: Series, path: Path, *plain: int) -> Path:
    """Our own lungs, the segments named in `plain` robbed of their sides."""
    pair = lung_segments(two_lungs(scan), edited=(), uid_of=lambda name: f"2.25.{len(name)}")
    write_seg(path, content(scan, *pair))
    seg = pydicom.dcmread(path)
    for item in seg.SegmentSequence:
        if item.SegmentNumber in plain:
            item.SegmentLabel = "Lung"
            kind: Dataset = item.SegmentedPropertyTypeCodeSequence[0]
            del kind.SegmentedPropertyTypeModifierCodeSequence
    seg.save_as(path)
    return path


def test_lung_without_a_side_is_one_mask_and_says_so(scan: Series, tmp_path: Path) -> None:
    told = read_seg(lungs_of(scan, tmp_path / "plain.dcm", 1, 2), scan)
    assert told.label_map is not None and not told.label_map.sided
    assert told.label_map.segments == (BOTH_LUNGS,)
    assert np.array_equal(told.label_map.labels > 0, two_lungs(scan).labels > 0)
    assert told.findings == ()
    (sentence,) = told.sentences
    assert "does not say which lung is the right one" in sentence


def test_its_figures_are_of_both_lungs_alone(scan: Series, tmp_path: Path) -> None:
    lungs = read_seg(lungs_of(scan, tmp_path / "plain.dcm", 1, 2), scan).label_map
    assert lungs is not None
    volume = Volume(lungs.geometry, np.full(lungs.geometry.shape_kji, -800, np.int16))
    (figures,) = quantify(volume, lungs)
    assert figures.number == BOTH_LUNGS.number
    wanted = np.count_nonzero(lungs.labels) * lungs.geometry.voxel_mm3 / 1000
    assert figures.volume_ml == pytest.approx(wanted)


def test_beside_lungs_with_sides_it_covers_neither(scan: Series, tmp_path: Path) -> None:
    told = read_seg(lungs_of(scan, tmp_path / "mixed.dcm", 2), scan)
    assert told.label_map is not None and told.label_map.sided
    assert set(np.unique(told.label_map.labels)) == {0, 1}
    assert [(found.label, found.abnormal) for found in told.findings] == [("Lung", False)]


def test_it_goes_out_again_as_one_segment_without_a_side(scan: Series, tmp_path: Path) -> None:
    lungs = read_seg(lungs_of(scan, tmp_path / "plain.dcm", 1, 2), scan).label_map
    assert lungs is not None
    (one,) = lung_segments(lungs, edited=(), uid_of=lambda name: "2.25.7")
    assert one.laterality is None
    write_seg(tmp_path / "again.dcm", content(scan, one))
    again = read_seg(tmp_path / "again.dcm", scan).label_map
    assert again is not None and np.array_equal(again.labels, lungs.labels)
