"""Contours and NIfTI files reach the window by the same door as SEGs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from ai.scan.geometry import Geometry
from ai.worker.shared import Block
from tests.dicom.seg_scan import Grid, two_lungs, write_scan
from tests.dicom.test_rtstruct import box, contour
from tests.dicom.test_rtstruct import write as write_rtstruct
from tests.dicom.test_seg import content
from viewer.dicom.find import open_path
from viewer.dicom.io_messages import ReadSeg
from viewer.dicom.masks.masks import read_masks
from viewer.dicom.masks.nifti import write_nifti
from viewer.dicom.masks.rtstruct import read_rtstruct
from viewer.dicom.process import read_seg
from viewer.dicom.series import EMPTY_LEVEL, REFUSED, Series
from viewer.dicom.written.seg import write_seg
from viewer.reading.out.segments import lung_segments

NO_TASK = cast("Any", None)


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


@pytest.fixture
def lungs(scan: Series, tmp_path: Path) -> Path:
    write_nifti(tmp_path / "lungs.nii.gz", two_lungs(scan))
    return tmp_path / "lungs.nii.gz"


@pytest.fixture
def contours(scan: Series, tmp_path: Path) -> Path:
    regions = {
        "GTV-1": [contour(scan, 2, box(3.5, 3.5, 4, 4))],
        "PTV-1": [contour(scan, 2, box(2.5, 2.5, 6, 6))],
        "Lung R": [contour(scan, 1, box(3.5, 3.5, 4, 4))],
    }
    return write_rtstruct(tmp_path / "rs.dcm", scan, regions)


def test_a_file_of_masks_alone_waits_for_its_ct(lungs: Path, contours: Path) -> None:
    for path in (lungs, contours):
        opened = open_path(path)
        assert (opened.outcome, opened.series, opened.segs) == (REFUSED, (), (path,))
        assert opened.sentences[-1] == f"{path.name} can be laid on its CT; open that first."


def test_beside_a_scan_they_are_left_for_the_reader_to_open(
    scan: Series, lungs: Path, contours: Path
) -> None:
    folder = scan.slices[0].path.parent
    for path in (lungs, contours):
        path.rename(folder / path.name)
    opened = open_path(folder)
    assert len(opened.series) == 1
    assert opened.segs == ()


def test_the_process_that_reads_files_lays_either_on_the_scan(
    scan: Series, lungs: Path, contours: Path
) -> None:
    assert scan.geometry is not None
    with Block.create(scan.geometry.shape_kji, "uint8") as block:
        answer = read_seg(ReadSeg("a", str(lungs), scan, block.ref), NO_TASK)
        assert answer.labels is not None
        assert np.array_equal(block.array, two_lungs(scan).labels)
        answer = read_seg(ReadSeg("b", str(contours), scan, block.ref), NO_TASK)
        assert answer.labels is not None
        assert int(block.array.sum()) == 16
        block.free()
    assert [found.label for found in answer.findings] == ["GTV-1", "PTV-1"]


def test_a_tumour_is_a_finding_and_a_target_with_its_margin_is_none(
    scan: Series, contours: Path
) -> None:
    found = read_rtstruct(contours, scan).findings
    assert [(one.label, one.abnormal) for one in found] == [("GTV-1", True), ("PTV-1", False)]


def test_labels_of_organs_are_no_findings(tmp_path: Path) -> None:
    from ai.scan.labelmap import LabelMap, MadeBy
    from viewer.dicom.masks.nifti import read_nifti

    wide = write_scan(tmp_path / "wide", Grid(pixel_spacing_mm=(20.0, 20.0)))
    assert wide.geometry is not None
    labels = np.zeros(wide.geometry.shape_kji, np.uint8)
    labels[:, 2:20, 2:18], labels[2, 22, 2] = 3, 4
    write_nifti(tmp_path / "a.nii", LabelMap(wide.geometry, labels, (), MadeBy("x", "")))
    found = read_nifti(tmp_path / "a.nii", wide).findings
    assert [(one.label, one.abnormal) for one in found] == [("label 3", False), ("label 4", True)]


def test_a_slice_shown_at_two_levels_has_its_mask_at_both(
    scan: Series, contours: Path, tmp_path: Path
) -> None:
    """Slices that lie unevenly are shown on an even grid, some twice, with empty levels between."""
    assert scan.geometry is not None
    shown = (*scan.slices[:3], scan.slices[2], EMPTY_LEVEL, *scan.slices[3:])
    geometry = Geometry((8, scan.rows, scan.columns), scan.geometry.affine, "")
    uneven = replace(scan, slices=shown, geometry=geometry)
    tumour = read_rtstruct(contours, uneven).findings[0].mask.on(geometry.shape_kji)
    assert tumour.any(axis=(1, 2)).tolist() == [False, False, True, True] + 4 * [False]
    pair = lung_segments(two_lungs(scan), edited=(), uid_of=lambda name: f"2.25.{len(name)}")
    write_seg(tmp_path / "lungs.dcm", content(scan, *pair))
    lungs = read_masks(tmp_path / "lungs.dcm", uneven).label_map
    assert lungs is not None
    wanted = two_lungs(scan).labels
    assert np.array_equal(lungs.labels[[0, 1, 2, 3, 5, 6, 7]], wanted[[0, 1, 2, 2, 3, 4, 5]])
    assert not lungs.labels[4].any()


def uid_of(name: str) -> str:
    return f"2.25.{len(name)}"


def test_all_kinds_of_masks_dropped_together_are_laid_on(
    scan: Series, lungs: Path, contours: Path, tmp_path: Path
) -> None:
    seg = tmp_path / "seg.dcm"
    write_seg(seg, content(scan, *lung_segments(two_lungs(scan), edited=(), uid_of=uid_of)))
    opened = open_path(tmp_path, only=(contours, seg, lungs))
    assert set(opened.segs) == {contours, seg, lungs} and not opened.series
    again = open_path(tmp_path, only=(contours, seg))
    assert set(again.segs) == {contours, seg}


def test_masks_dropped_together_with_their_scan_are_laid_on_it(
    scan: Series, lungs: Path, contours: Path, tmp_path: Path
) -> None:
    folder = scan.slices[0].path.parent
    opened = open_path(tmp_path, only=(folder, contours, lungs))
    assert len(opened.series) == 1 and set(opened.segs) == {contours, lungs}
    assert opened.contours == () and "lungs.nii.gz" not in " ".join(opened.sentences)


def test_a_lung_in_each_of_two_files_becomes_a_pair(scan: Series, tmp_path: Path) -> None:
    whole = two_lungs(scan)
    with Block.create(whole.labels.shape, "uint8") as block:
        for number in (1, 2):
            one = np.where(whole.labels == number, number, 0).astype(np.uint8)
            path = tmp_path / f"{number}.dcm"
            pair = lung_segments(replace(whole, labels=one), edited=(), uid_of=uid_of)
            write_seg(path, content(scan, *pair))
        first = read_seg(ReadSeg("a", str(tmp_path / "1.dcm"), scan, block.ref), NO_TASK)
        assert first.labels is not None and not first.joined
        holds = first.labels.made_by
        request = ReadSeg("b", str(tmp_path / "2.dcm"), scan, block.ref, holds)
        assert read_seg(request, NO_TASK).joined
        assert np.array_equal(block.array, whole.labels)
        assert not read_seg(request, NO_TASK).joined, "the same side is there already"
        assert set(np.unique(block.array)) == {0, 2}
        block.free()
