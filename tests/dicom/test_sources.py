"""Archives and directories give their files, and reach nothing outside."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from tests.dicom.small import write_ct
from viewer.dicom.find import open_path
from viewer.dicom.series import OPENS, REFUSED, WARNS
from viewer.dicom.sources import gather


def zipped(folder: Path, target: Path, extra: dict[str, bytes] | None = None) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"study/{path.name}")
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return target


@pytest.fixture
def unpack_to(tmp_path: Path) -> Path:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    return folder


def test_a_zip_opens_like_its_folder(tmp_path: Path, unpack_to: Path) -> None:
    write_ct(tmp_path / "ct")
    result = open_path(zipped(tmp_path / "ct", tmp_path / "ct.zip"), unpack_to=unpack_to)
    assert result.outcome == OPENS and len(result.series[0].slices) == 6


@pytest.mark.parametrize("name", ["../../evil.dcm", "..\\..\\evil.dcm", "/tmp/evil", "C:\\evil"])
def test_a_name_that_points_outside_is_left_out_and_said(
    tmp_path: Path, unpack_to: Path, name: str
) -> None:
    write_ct(tmp_path / "ct")
    archive = zipped(tmp_path / "ct", tmp_path / "ct.zip", {name: b"evil"})
    result = open_path(archive, unpack_to=unpack_to)
    assert result.outcome == WARNS and "outside" in result.sentences[0]
    assert {p.parent for p in unpack_to.rglob("*")} == {unpack_to}
    assert len(list(unpack_to.iterdir())) == 6


def test_a_bomb_is_refused_before_a_byte_is_written(tmp_path: Path, unpack_to: Path) -> None:
    (tmp_path / "none").mkdir()
    bomb = zipped(tmp_path / "none", tmp_path / "bomb.zip", {"zeros": bytes(80 << 20)})
    gathered = gather(bomb, unpack_to=unpack_to)
    assert "implausible size" in gathered.refusal
    assert not list(unpack_to.iterdir())


def test_an_archive_cut_to_little_is_damaged_and_a_locked_one_asks_to_be_unpacked(
    tmp_path: Path,
) -> None:
    write_ct(tmp_path / "ct")
    archive = zipped(tmp_path / "ct", tmp_path / "ct.zip")
    raw = archive.read_bytes()
    archive.write_bytes(raw[: len(raw) // 3])
    assert "damaged archive" in gather(archive).refusal
    locked = bytearray(raw)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := locked.find(mark, at + 1)) >= 0:
            locked[at + flags] |= 1
    archive.write_bytes(locked)
    assert "password" in gather(archive).refusal


def directory_of(folder: Path, names: list[list[str]]) -> Path:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    records = []
    for parts in names:
        record = Dataset()
        record.DirectoryRecordType = "IMAGE"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that ".." is no name is the point
            record.ReferencedFileID = parts
        records.append(record)
    dataset.DirectoryRecordSequence = records
    path = folder / "DICOMDIR"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset.save_as(path, enforce_file_format=True)
    return path


def test_a_dicomdir_opens_the_files_it_names_and_no_others(tmp_path: Path) -> None:
    files = write_ct(tmp_path / "IMG")
    for k, path in enumerate(files):
        path.rename(path.with_name(f"I{k}"))
    directory = directory_of(tmp_path, [["IMG", f"I{k}"] for k in range(4)])
    assert len(open_path(directory).series[0].slices) == 4
    assert len(open_path(tmp_path).series[0].slices) == 6


def test_a_dicomdir_that_swells_is_damaged_not_memory(tmp_path: Path) -> None:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.add_new(0x00091010, "OB", bytes(40 << 20))
    dataset.save_as(tmp_path / "DICOMDIR", enforce_file_format=True)
    assert (tmp_path / "DICOMDIR").stat().st_size < 1 << 20
    result = open_path(tmp_path)
    assert result.outcome == REFUSED and "DICOMDIR is damaged" in result.sentences[0]


def test_a_dicomdir_never_leads_outside_and_says_what_is_missing(tmp_path: Path) -> None:
    write_ct(tmp_path / "outside")
    inside = tmp_path / "inside"
    inside.mkdir()
    directory = directory_of(inside, [["..", "outside", "1-000.dcm"], ["IMG", "I9"]])
    result = open_path(directory)
    assert result.outcome == REFUSED
    assert "outside the folder" in result.sentences[0]
    assert "1 file that is missing" in result.sentences[1]
