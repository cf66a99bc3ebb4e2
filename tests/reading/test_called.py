"""The reader's own words for a finding, and its name, in the SEG and in the SR of an export."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pydicom
import pytest

from ai.nodules.added import GROWING
from ai.scan.finding import Finding
from tests.dicom.seg_scan import Grid, nodule, write_scan
from tests.reading.samples import Log
from viewer.dicom.masks.seg_read import read_seg
from viewer.dicom.reread.seg import reread
from viewer.dicom.reread.sr import reread_sr
from viewer.dicom.series import Series
from viewer.reading.events import EXPORTED_STATES, FindingAdded, LabelGiven
from viewer.reading.out.called import called_again
from viewer.reading.out.compare import seg_agreement
from viewer.reading.out.export import ExportRequest, export_reading
from viewer.reading.out.request import SEG, SR, tracking_uid
from viewer.reading.out.seg import plan_segs
from viewer.reading.reading import Reading
from viewer.reading.report.content import report_content

BLOCK = np.ones((2, 3, 4), np.bool_)
NOW = datetime(2026, 1, 2, 3, 4, 5)
NODE = "lymph node 4R"
CHINESE = "\u6c14\u7ba1\u65c1\u6dcb\u5df4\u7ed3 4R"


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


def mark(scan: Series, name: str = "9a0c31") -> Finding:
    return nodule(scan, name, (1, 4, 4), BLOCK, made_by=GROWING, zone="")


def request(folder: Path, scan: Series, reading: Reading, words: str) -> ExportRequest:
    folder.mkdir(exist_ok=True)
    content = report_content(scan, reading, words_of=lambda key: words if key == "key" else "")
    taken = tuple((f, reading.state(f.id)) for f in reading.in_state(*EXPORTED_STATES))
    return ExportRequest(
        folder, scan, None, taken, "r", objects=frozenset({SEG, SR}), content=content
    )


def labelled(scan: Series, kind: str = "other", key: str = "key") -> Reading:
    log = Log()
    log.add(FindingAdded(mark(scan)))
    log.add(LabelGiven("9a0c31", kind, key))
    return log.reading


def exported(folder: Path, scan: Series, words: str) -> tuple[Path, Path]:
    """The SEG and the SR of one mark of that label; the export itself read both back."""
    result = export_reading(request(folder, scan, labelled(scan), words))
    assert result.passport is not None and result.passport.proven
    files = {path.name: path for path in result.files}
    return files["nodules.dcm"], files["sr.dcm"]


def errors_by_dciodvfy(path: Path) -> list[str]:
    if shutil.which("dciodvfy") is None:
        return []
    done = subprocess.run(
        ["dciodvfy", "-new", path], capture_output=True, text=True, errors="replace"
    )
    return [one for one in (done.stdout + done.stderr).splitlines() if one.startswith("Error")]


@pytest.mark.parametrize("words", [NODE, CHINESE])
def test_own_words_stand_in_the_seg_and_in_the_sr(scan: Series, tmp_path: Path, words: str) -> None:
    seg, sr = exported(tmp_path / "out", scan, words)
    (item,) = pydicom.dcmread(seg).SegmentSequence
    assert item.SegmentLabel == f"{words}, 8.2 mm, se 3 im 5"
    assert item.SegmentDescription == f"{words}; added; research use only"
    assert item.SegmentedPropertyTypeCodeSequence[0].CodeMeaning == "Lesion"
    assert item.TrackingID == f"Finding 1: {words}"
    (group,) = reread_sr(sr, [seg], scan.slices[0].path).groups
    assert group.tracking_id == f"Finding 1: {words}"
    assert group.tracking_uid == item.TrackingUID == tracking_uid("r", "9a0c31")
    assert group.finding == ("SCT", "52988006")
    assert group.comment == f"{words}; Added by a reader; research use only"
    for path in (seg, sr):
        assert pydicom.dcmread(path).SpecificCharacterSet == "ISO_IR 192"
        assert errors_by_dciodvfy(path) == []


def test_a_word_with_a_code_goes_out_as_that_code_and_under_its_name(
    scan: Series, tmp_path: Path
) -> None:
    reading = labelled(scan, "lymph-node", "")
    result = export_reading(request(tmp_path / "out", scan, reading, NODE))
    (item,) = pydicom.dcmread(result.files[0]).SegmentSequence
    assert item.SegmentedPropertyTypeCodeSequence[0].CodeMeaning == "Lymph Node"
    assert item.SegmentLabel == "8.2 mm lymph node, se 3 im 5"
    assert item.TrackingID == "Finding 1"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("node 4R\\4L", "node 4R/4L"),
        ("node\x1b$)C 4R\u200b", "node$)C 4R"),
        ("\u3000node\n4R ", "node 4R"),
        ("x" * 60, "x" * 60),
        ("\u7ed3" * 60, "\u7ed3" * 60),
    ],
)
def test_odd_words_keep_to_what_dicom_allows(
    scan: Series, tmp_path: Path, typed: str, told: str
) -> None:
    seg, sr = exported(tmp_path / "out", scan, typed)
    (item,) = pydicom.dcmread(seg).SegmentSequence
    assert str(item.SegmentLabel).startswith(told[:21])
    assert len(str(item.SegmentLabel).encode()) <= 64
    assert str(item.SegmentDescription).startswith(f"{told}; added")
    assert item.TrackingID == f"Finding 1: {told}"
    for path in (seg, sr):
        assert errors_by_dciodvfy(path) == []


def test_words_of_nothing_that_can_be_printed_are_none(scan: Series, tmp_path: Path) -> None:
    seg, _ = exported(tmp_path / "out", scan, "\x1b\x07")
    (item,) = pydicom.dcmread(seg).SegmentSequence
    assert item.TrackingID == "Finding 1" and "8.2 mm lesion" in item.SegmentLabel


@pytest.mark.parametrize("keyword", ["SegmentLabel", "SegmentDescription", "TrackingID"])
def test_other_words_on_the_disk_are_seen(scan: Series, tmp_path: Path, keyword: str) -> None:
    path, _ = exported(tmp_path / "out", scan, NODE)
    asked = request(tmp_path / "out", scan, labelled(scan), NODE)
    (planned,), _ = plan_segs(asked)
    wanted = replace(
        planned.content(asked, NOW), sop_instance_uid=pydicom.dcmread(path).SOPInstanceUID
    )
    slices = [piece.path for piece in scan.slices]
    assert seg_agreement(reread(path, slices), wanted).fault == ""
    seg = pydicom.dcmread(path)
    setattr(seg.SegmentSequence[0], keyword, "lymph node 4L")
    seg.save_as(path)
    assert seg_agreement(reread(path, slices), wanted).fault == "segment 1 says something else"


def test_laid_on_again_it_is_the_same_finding_under_its_own_tracking_uid(
    scan: Series, tmp_path: Path
) -> None:
    seg, _ = exported(tmp_path / "out", scan, NODE)
    (again,) = read_seg(seg, scan).findings
    assert again.tracking_uid == tracking_uid("r", "9a0c31")
    assert again.origin is not None and again.origin.tracking_id == f"Finding 1: {NODE}"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("other", NODE),
        ("other", CHINESE),
        ("other", "node 4R: 9 mm; old"),
        ("lymph-node", ""),
        ("nodule", ""),
    ],
)
def test_laid_on_again_it_tells_what_the_reader_called_it(
    scan: Series, tmp_path: Path, kind: str, words: str
) -> None:
    reading = labelled(scan, kind, "key" if words else "")
    result = export_reading(request(tmp_path / "out", scan, reading, words))
    (again,) = read_seg(result.files[0], scan).findings
    assert called_again(again.code, again.origin, again.description) == (kind, words)


def test_a_foreign_file_says_nothing_that_a_reader_here_did(scan: Series, tmp_path: Path) -> None:
    path, _ = exported(tmp_path / "out", scan, NODE)
    seg = pydicom.dcmread(path)
    seg.SegmentSequence[0].SegmentDescription = f"{NODE}; drawn elsewhere"
    seg.save_as(path)
    (again,) = read_seg(path, scan).findings
    assert called_again(again.code, again.origin, again.description) == ("nodule", "")


def test_words_that_name_the_patient_do_not_come_back(scan: Series, tmp_path: Path) -> None:
    name = scan.patient.name.split("^")[0]
    assert len(name) > 2
    path, _ = exported(tmp_path / "out", scan, f"node of {name}")
    (again,) = read_seg(path, scan).findings
    assert called_again(again.code, again.origin, again.description) == ("other", "")


def test_without_the_reports_content_a_finding_goes_out_by_its_id(
    scan: Series, tmp_path: Path
) -> None:
    asked = replace(request(tmp_path / "out", scan, labelled(scan), NODE), content=None)
    result = export_reading(asked)
    (item,) = pydicom.dcmread(result.files[0]).SegmentSequence
    assert item.TrackingID == "9a0c31"
