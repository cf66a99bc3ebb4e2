"""Findings out of another program's SEG leave as valid objects, and as what they are."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest

from ai.scan.labelmap import MadeBy
from tests.dicom.seg_scan import Grid, nodule, two_lungs, write_scan
from viewer.dicom.masks.drawn_by import READER
from viewer.dicom.masks.seg_read import read_seg
from viewer.dicom.series import Series
from viewer.dicom.written.algorithm import NOT_TOLD
from viewer.reading.out.export import ExportRequest, export_reading

BLOCK = np.ones((2, 3, 4), np.bool_)
NO_VERSION = MadeBy("SECRETALGO", "")


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


def exported(scan: Series, folder: Path, made_by: MadeBy) -> dict[str, Path]:
    request = ExportRequest(
        folder=folder,
        series=scan,
        lungs=two_lungs(scan),
        findings=((nodule(scan, "n1", (0, 1, 1), BLOCK, made_by=made_by), "added"),),
        reading_id="reading-1",
        objects=("sr",),
    )
    return {path.name: path for path in export_reading(request).files}


def test_a_program_without_a_version_is_named_without_an_empty_value(
    scan: Series, tmp_path: Path
) -> None:
    files = exported(scan, tmp_path / "out", NO_VERSION)
    (item,) = pydicom.dcmread(files["nodules.dcm"]).SegmentSequence
    assert item.SegmentAlgorithmName == "SECRETALGO"
    assert "SegmentationAlgorithmIdentificationSequence" not in item
    assert read_seg(files["nodules.dcm"], scan).findings[0].made_by == NO_VERSION
    report = pydicom.dcmread(files["sr.dcm"])
    told = [str(one.value) for one in report.iterall() if one.keyword == "TextValue"]
    assert all(told) and NOT_TOLD in told and "SECRETALGO" in told
    for one in (report, pydicom.dcmread(files["nodules.dcm"])):
        for maker in one.get("ContributingEquipmentSequence") or []:
            versions = maker.SoftwareVersions
            assert all([versions] if isinstance(versions, str) else versions)


@pytest.mark.skipif(not shutil.which("dciodvfy"), reason="dciodvfy is not on this machine")
def test_dciodvfy_finds_no_error_where_a_program_has_no_version(
    scan: Series, tmp_path: Path
) -> None:
    files = exported(scan, tmp_path / "out", NO_VERSION)
    for name in ("nodules.dcm", "sr.dcm"):
        said = subprocess.run(
            ["dciodvfy", "-new", str(files[name])], capture_output=True, text=True, check=False
        ).stderr
        assert "AlgorithmVersion" not in said and "TextValue" not in said


def test_the_name_of_a_model_without_a_version_ends_without_a_space() -> None:
    assert NO_VERSION.name == "SECRETALGO"
    assert MadeBy("nodules-log", "1.2").name == "nodules-log 1.2"


def test_a_manual_segment_is_drawn_by_hand_whatever_name_stands_beside_it(
    scan: Series, tmp_path: Path
) -> None:
    path = exported(scan, tmp_path / "out", NO_VERSION)["nodules.dcm"]
    seg = pydicom.dcmread(path)
    seg.SegmentSequence[0].SegmentAlgorithmType = "MANUAL"
    seg.save_as(path)
    (seen,) = read_seg(path, scan).findings
    assert seen.made_by == READER
