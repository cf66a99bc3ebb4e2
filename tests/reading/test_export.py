"""What leaves a reading: the right things, whole or not at all, never over something else."""

from __future__ import annotations

import errno
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from ai.errors import BadInput, OutsideError
from ai.scan.finding import Finding
from ai.scan.labelmap import MadeBy
from tests.dicom.seg_scan import Grid, lungs_on, nodule, two_lungs, write_scan
from viewer.dicom.masks.seg_read import read_seg
from viewer.dicom.series import Series
from viewer.dicom.written import seg as seg_module
from viewer.reading.out import export as export_module
from viewer.reading.out.export import ExportRequest, NotSaved, export_reading, tracking_uid

BLOCK = np.ones((2, 3, 4), np.bool_)


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


@pytest.fixture
def request_for(scan: Series, tmp_path: Path) -> Callable[..., ExportRequest]:
    def make(*findings: tuple[Finding, str], **more: object) -> ExportRequest:
        base = ExportRequest(
            folder=tmp_path / "out",
            series=scan,
            lungs=two_lungs(scan),
            findings=findings,
            reading_id="reading-1",
        )
        return replace(base, **more)  # type: ignore[arg-type]

    return make


Make = Callable[..., ExportRequest]


def named(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_only_accepted_edited_and_added_findings_are_exported(
    scan: Series, request_for: Make
) -> None:
    states = ("accepted", "rejected", "edited", "held", "undecided", "added", "proposed")
    findings = [
        (nodule(scan, f"n-{state}", (n % 4, n, n), BLOCK), state) for n, state in enumerate(states)
    ]
    result = export_reading(request_for(*findings))
    assert [path.name for path in result.files] == ["lungs.dcm", "nodules.dcm"]
    seg = pydicom.dcmread(result.files[1])
    assert [item.TrackingID for item in seg.SegmentSequence] == [
        "n-accepted",
        "n-edited",
        "n-added",
    ]
    assert [item.SegmentAlgorithmType for item in seg.SegmentSequence] == [
        "AUTOMATIC",
        "SEMIAUTOMATIC",
        "SEMIAUTOMATIC",
    ]
    again = read_seg(result.files[1], scan).findings
    exported = [finding for finding, state in findings if state in ("accepted", "edited", "added")]
    for seen, finding in zip(again, exported, strict=True):
        assert finding.mask is not None
        shape = (6, 24, 20)
        assert np.array_equal(seen.mask.on(shape), finding.mask.on(shape))


def test_the_lungs_file_holds_two_lungs_and_nothing_else(scan: Series, request_for: Make) -> None:
    labels = two_lungs(scan).labels.copy()
    labels[0, :2] = 7
    result = export_reading(request_for(lungs=lungs_on(scan, labels)))
    seg = pydicom.dcmread(result.files[0])
    assert [item.SegmentLabel for item in seg.SegmentSequence] == ["Right lung", "Left lung"]
    assert seg.SegmentsOverlap == "NO"
    again = read_seg(result.files[0], scan).label_map
    assert again is not None
    assert np.array_equal(again.labels, np.where(labels == 7, 0, labels))


def test_lungs_that_a_reader_changed_are_semiautomatic(request_for: Make) -> None:
    path = export_reading(request_for(lungs_edited=frozenset({1}))).files[0]
    seg = pydicom.dcmread(path)
    kinds = [item.SegmentAlgorithmType for item in seg.SegmentSequence]
    assert kinds == ["SEMIAUTOMATIC", "AUTOMATIC"], "the left one is as the model left it"
    assert seg.SeriesDescription == "Hilum lungs (AI, reader edited)"


def test_what_was_drawn_by_hand_names_no_algorithm(scan: Series, request_for: Make) -> None:
    drawn = nodule(scan, "n1", (0, 1, 1), BLOCK, made_by=MadeBy("reader", ""))
    path = export_reading(request_for((drawn, "added"))).files[1]
    (item,) = pydicom.dcmread(path).SegmentSequence
    assert item.SegmentAlgorithmType == "MANUAL"
    assert "SegmentAlgorithmName" not in item


def test_without_an_accepted_finding_there_is_no_file_and_a_sentence(
    scan: Series, request_for: Make
) -> None:
    result = export_reading(request_for((nodule(scan, "n1", (0, 0, 0), BLOCK), "rejected")))
    assert [path.name for path in result.files] == ["lungs.dcm"]
    assert "No finding was accepted: no nodules file." in result.sentences


def test_with_nothing_to_export_nothing_is_written(request_for: Make, tmp_path: Path) -> None:
    result = export_reading(request_for(lungs=None))
    assert (result.files, len(result.sentences)) == ((), 2)
    assert named(tmp_path / "out") == []


def test_a_second_export_takes_a_new_name_and_a_new_identity(
    scan: Series, request_for: Make
) -> None:
    request = request_for((nodule(scan, "n1", (0, 0, 0), BLOCK), "accepted"))
    first, second, third = (export_reading(request).files for _ in range(3))
    assert [path.name for path in (*second, *third)] == [
        "lungs-2.dcm",
        "nodules-2.dcm",
        "lungs-3.dcm",
        "nodules-3.dcm",
    ]
    read = [pydicom.dcmread(files[1]) for files in (first, second)]
    assert read[0].SOPInstanceUID != read[1].SOPInstanceUID
    tracked = [seg.SegmentSequence[0].TrackingUID for seg in read]
    assert tracked == [tracking_uid("reading-1", "n1")] * 2


def test_batch_writes_afresh_and_leaves_no_older_file_behind(
    scan: Series, request_for: Make, tmp_path: Path
) -> None:
    taken = nodule(scan, "n1", (0, 0, 0), BLOCK)
    export_reading(request_for((taken, "accepted"), replace=True))
    before = pydicom.dcmread(tmp_path / "out" / "lungs.dcm").SOPInstanceUID
    export_reading(request_for((taken, "rejected"), replace=True))
    assert named(tmp_path / "out") == ["lungs.dcm"]
    assert pydicom.dcmread(tmp_path / "out" / "lungs.dcm").SOPInstanceUID != before


def test_tracking_uids_are_valid_and_differ_between_readings() -> None:
    one, other = tracking_uid("a", "n1"), tracking_uid("b", "n1")
    assert one != other
    assert pydicom.uid.UID(one).is_valid
    assert one == tracking_uid("a", "n1")


def test_a_file_that_reads_back_otherwise_is_not_saved(
    request_for: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = seg_module.packed_bits

    def one_bit_wrong(*args: object) -> bytes:
        bits = bytearray(whole(*args))  # type: ignore[arg-type]
        bits[100] ^= 1
        return bytes(bits)

    monkeypatch.setattr(seg_module, "packed_bits", one_bit_wrong)
    with pytest.raises(NotSaved, match="other voxels"):
        export_reading(request_for())
    assert named(tmp_path / "out") == []


def test_a_grid_that_is_not_the_scans_is_noticed(
    scan: Series, request_for: Make, tmp_path: Path
) -> None:
    moved = replace(scan, geometry=replace(scan.geometry, affine=scan.geometry.affine + 0.5))
    with pytest.raises(NotSaved, match="another place"):
        export_reading(request_for(series=moved))
    assert named(tmp_path / "out") == []


@pytest.mark.parametrize("failing", ["write", "name"])
def test_a_full_disk_gives_one_sentence_and_leaves_nothing(
    scan: Series, request_for: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    rename = Path.replace

    def second_fails(path: Path, target: Path) -> Path:
        if target.name == "nodules.dcm":
            full()
        return rename(path, target)

    if failing == "write":
        monkeypatch.setattr(os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", second_fails)
    with pytest.raises(OutsideError, match=r"out: the disk is full\.$") as said:
        export_reading(request_for((nodule(scan, "n1", (0, 0, 0), BLOCK), "accepted")))
    assert said.value.sentence.count(".") >= 1
    assert said.value.remedy
    assert named(tmp_path / "out") == []


def test_a_full_disk_is_named_also_where_the_dicom_writer_speaks_first(
    scan: Series, request_for: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        try:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise OSError("With tag (7FE0,0010) got exception") from error

    monkeypatch.setattr(pydicom, "dcmwrite", full)
    with pytest.raises(OutsideError, match=r"out: the disk is full\.$"):
        export_reading(request_for((nodule(scan, "n1", (0, 0, 0), BLOCK), "accepted")))
    assert named(tmp_path / "out") == []


def test_a_folder_that_cannot_be_made_gives_one_sentence(request_for: Make, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file stands where the folder should be")
    with pytest.raises(NotSaved, match="Nothing was exported"):
        export_reading(request_for())


def test_what_a_killed_export_left_is_no_hindrance(request_for: Make, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".lungs.dcm.part").write_bytes(b"half")
    export_reading(request_for())
    assert named(tmp_path / "out") == ["lungs.dcm"]


def test_a_ct_that_is_gone_is_said(scan: Series, request_for: Make, tmp_path: Path) -> None:
    scan.slices[0].path.unlink()
    with pytest.raises(BadInput, match="can no longer be read"):
        export_reading(request_for())
    assert named(tmp_path / "out") == []


def test_a_finding_without_voxels_stops_the_export(
    scan: Series, request_for: Make, tmp_path: Path
) -> None:
    empty = nodule(scan, "n1", (0, 0, 0), np.zeros((2, 3, 4), np.bool_))
    outside = nodule(scan, "n2", (5, 0, 0), BLOCK)
    for finding in (empty, outside, replace(empty, mask=None)):
        with pytest.raises(BadInput, match="no voxels"):
            export_reading(request_for((finding, "accepted")))
    assert named(tmp_path / "out") == []


def test_requests_and_results_can_cross_a_pipe(scan: Series, request_for: Make) -> None:
    request = request_for((nodule(scan, "n1", (0, 0, 0), BLOCK), "accepted"))
    result = export_reading(pickle.loads(pickle.dumps(request)))
    assert pickle.loads(pickle.dumps(result)) == result
    assert [role for role, _ in result.objects] == ["lungs", "nodules"]


def test_asking_for_an_export_loads_no_dicom_library() -> None:
    code = (
        f"import sys, {export_module.__name__}; "
        "print([m for m in ('pydicom', 'highdicom', 'torch', 'PySide6') if m in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


@pytest.mark.data
@pytest.mark.parametrize("name", ["LIDC-IDRI-0001", "LUNG1-002"])
def test_real_scans_feet_first_and_head_first_come_back_in_place(name: str, tmp_path: Path) -> None:
    from tests.data import scan as scan_folder
    from tests.dicom.seg_scan import open_scan

    series = open_scan(scan_folder(name))
    labels = np.zeros((len(series.slices), series.rows, series.columns), np.uint8)
    labels[20:60, 200:300, 100:200], labels[20:60, 200:300, 300:400] = 1, 2
    found = nodule(series, "n1", (30, 210, 120), np.ones((3, 9, 8), np.bool_))
    result = export_reading(
        ExportRequest(
            folder=tmp_path,
            series=series,
            lungs=lungs_on(series, labels),
            findings=((found, "accepted"),),
            reading_id="r",
        )
    )
    again = read_seg(result.files[0], series).label_map
    assert again is not None
    assert np.array_equal(again.labels, labels)
