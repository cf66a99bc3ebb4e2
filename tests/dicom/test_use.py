"""Folders as people have them, copied in haste, nested, mixed: each opens, or says why not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000, ExplicitVRLittleEndian

from tests.dicom.fuzz import enhanced
from tests.dicom.small import Edit, hu_of, write_ct
from tests.dicom.test_sources import directory_of, zipped
from viewer.dicom import find
from viewer.dicom.find import open_path
from viewer.dicom.headers import Header, read_header
from viewer.dicom.inspect import inspect
from viewer.dicom.pixels import read_volume
from viewer.dicom.series import OPENS, REFUSED, WARNS, Opened


def counts(opened: Opened) -> list[int]:
    return [len(series.sources) for series in opened.series]


def of_patient(name: str, study: str) -> Edit:
    def edit(dataset: Dataset, k: int) -> None:
        dataset.PatientName, dataset.PatientID, dataset.StudyInstanceUID = name, name, study

    return edit


def test_two_patients_with_three_series_in_one_folder_stay_apart(tmp_path: Path) -> None:
    first, second = of_patient("One", "1.2.3"), of_patient("Two", "1.2.4")
    write_ct(tmp_path, series="1.2.3.1", number=1, hu=hu_of(12), edit=first)
    write_ct(tmp_path, series="1.2.3.2", number=2, hu=hu_of(6), edit=first)
    write_ct(tmp_path, series="1.2.4.1", number=3, hu=hu_of(8), edit=second)
    opened = open_path(tmp_path)
    told = {(s.patient.name, s.study_uid, len(s.slices)) for s in opened.series}
    assert told == {("One", "1.2.3", 12), ("One", "1.2.3", 6), ("Two", "1.2.4", 8)}
    assert opened.outcome == OPENS


def test_a_series_of_1200_slices_opens_in_a_few_seconds(tmp_path: Path) -> None:
    (template,) = write_ct(tmp_path / "one", hu=hu_of(1), z_mm=[1000.5])
    raw = template.read_bytes()
    for k in range(1200):  # two fields patched in place: pydicom would take longer than the test
        piece = raw.replace(b"1000.5", f"{1000 + 0.5 * k:6.1f}".encode())
        piece = piece.replace(b"1.2.3.1.1\0", f"1.2.3.{k:04d}".encode()[:10].ljust(10, b"\0"))
        (tmp_path / f"{k:04d}.dcm").write_bytes(piece)
    shutil.rmtree(tmp_path / "one")
    began = time.monotonic()
    answer = inspect(tmp_path)
    assert answer["outcome"] == OPENS and answer["series"][0]["slices"] == 1200
    assert answer["series"][0]["spacing_mm"][0] == pytest.approx(0.5)
    assert time.monotonic() - began < 10, "5 s on a machine that does nothing else"


def test_a_study_six_folders_deep_is_found(tmp_path: Path) -> None:
    write_ct(tmp_path / "a/b/c/d/e/f")
    assert counts(open_path(tmp_path)) == [6]


@pytest.mark.parametrize(
    "name", ["CT chest 1 mm", "胸部 王小东", "Zoë 🫁 (2)", "-rf", "a'b\"c", "#1%20"]
)
def test_folders_and_files_may_have_any_name(tmp_path: Path, name: str) -> None:
    files = write_ct(tmp_path / name)
    files[3].rename(files[3].with_name(f"{name}.x"))
    assert counts(open_path(tmp_path / name)) == [6]
    archive = zipped(tmp_path / name, tmp_path / f"{name}.zip")
    assert inspect(archive)["series"][0]["slices"] == 6


def test_links_that_run_in_a_circle_end(tmp_path: Path) -> None:
    write_ct(tmp_path / "ct")
    (tmp_path / "ct" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "ct" / "self").symlink_to(tmp_path / "ct" / "self")
    (tmp_path / "ct" / "gone").symlink_to(tmp_path / "nowhere")
    opened = open_path(tmp_path)
    assert opened.outcome == OPENS and counts(opened) == [6]


def test_a_file_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = write_ct(tmp_path, hu=hu_of(12))

    def guarded(path: Path) -> Header:
        if path == files[11]:
            raise PermissionError(13, "Permission denied")  # root may read all, so chmod won't do
        return read_header(path)

    monkeypatch.setattr(find, "read_header", guarded)
    opened = open_path(tmp_path)
    assert opened.outcome == WARNS and counts(opened) == [11]
    assert "1-011.dcm" in opened.sentences[0] and "permission" in opened.sentences[0]


def test_a_file_still_being_copied_is_left_out_and_is_there_when_asked_again(
    tmp_path: Path,
) -> None:
    files = write_ct(tmp_path, hu=hu_of(12))
    whole = files[11].read_bytes()
    files[11].write_bytes(whole[: len(whole) // 2])
    opened = open_path(tmp_path)
    assert opened.outcome == WARNS and counts(opened) == [11]
    assert "1-011.dcm" in opened.sentences[0] and "too short" in opened.sentences[0]
    files[11].write_bytes(whole)
    assert counts(open_path(tmp_path)) == [12]


def test_a_file_cut_between_looking_and_loading_is_one_empty_slice(tmp_path: Path) -> None:
    files = write_ct(tmp_path, hu=hu_of(12))
    (series,) = open_path(tmp_path).series
    files[4].write_bytes(files[4].read_bytes()[:-1000])
    hu = read_volume(series).hu
    assert (hu[4] == -1024).all() and np.array_equal(hu[5], hu_of(12)[5])


def test_a_folder_that_may_not_be_entered_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_ct(tmp_path / "ct")
    (tmp_path / "private").mkdir()
    scandir = os.scandir

    def guarded(path: Path):  # type: ignore[no-untyped-def]
        if Path(path).name == "private":
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    opened = open_path(tmp_path)
    assert opened.outcome == WARNS and counts(opened) == [6]
    assert opened.sentences[0].startswith("The folder private could not be looked into")
    assert open_path(tmp_path / "private").outcome == REFUSED


def test_nothing_is_written_beside_a_study(tmp_path: Path) -> None:
    write_ct(tmp_path / "ct")
    zipped(tmp_path / "ct", tmp_path / "ct.zip")
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    for path in (tmp_path / "ct", tmp_path / "ct.zip"):
        assert inspect(path)["outcome"] == OPENS
    assert {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")} == before


def write_object(path: Path, sop_class: str, modality: str) -> None:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.Modality = sop_class, "1.2.9", modality
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3", f"1.2.3.{path.stem}"
    dataset.ensure_file_meta()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.save_as(path, enforce_file_format=True)


def test_results_beside_the_ct_do_not_disturb_it(tmp_path: Path) -> None:
    write_ct(tmp_path)
    write_object(tmp_path / "91.dcm", "1.2.840.10008.5.1.4.1.1.66.4", "SEG")
    write_object(tmp_path / "92.dcm", "1.2.840.10008.5.1.4.1.1.88.34", "SR")
    write_object(tmp_path / "93.dcm", "1.2.840.10008.5.1.4.1.1.481.3", "RTSTRUCT")
    write_object(tmp_path / "94.dcm", "1.2.840.10008.5.1.4.1.1.11.1", "PR")
    opened = open_path(tmp_path)
    assert opened.outcome == OPENS and counts(opened) == [6]
    assert tmp_path / "91.dcm" in opened.segs


def test_a_dicomdir_of_a_disc_read_in_small_letters_still_leads(tmp_path: Path) -> None:
    files = write_ct(tmp_path / "ct")
    for n, path in enumerate(files):
        path.rename(path.with_name(f"im{n}.;1" if n % 2 else f"im{n}"))
    directory_of(tmp_path, [["CT", f"IM{n}"] for n in range(6)])
    opened = open_path(tmp_path / "DICOMDIR")
    assert opened.outcome == OPENS and counts(opened) == [6]


def test_a_dicomdir_that_leads_nowhere_is_passed_by(tmp_path: Path) -> None:
    write_ct(tmp_path / "ct")
    directory_of(tmp_path, [["OTHER", f"IM{n}"] for n in range(3)])
    opened = open_path(tmp_path / "DICOMDIR")
    assert opened.outcome == WARNS and counts(opened) == [6]
    assert "names 3 files that are missing here" in opened.sentences[0]


def test_an_archive_as_a_mac_makes_it_opens(tmp_path: Path) -> None:
    files = write_ct(tmp_path / "ct")
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        for path in files:
            archive.write(path, f"Study 1/Series 2/{path.name}")
            archive.writestr(f"__MACOSX/Study 1/Series 2/._{path.name}", b"\0\5\x16\7" + bytes(80))
        archive.writestr("Study 1/.DS_Store", b"\0\0\0\1Bud1")
    answer = inspect(tmp_path / "study.zip")
    assert answer["outcome"] == OPENS and answer["series"][0]["slices"] == 6


def test_a_folder_of_archives_opens_all_of_them(tmp_path: Path) -> None:
    for number in (1, 2):
        write_ct(tmp_path / "_", series=f"1.2.3.{number}", number=number)
        (tmp_path / "zips").mkdir(exist_ok=True)
        zipped(tmp_path / "_", tmp_path / "zips" / f"series {number}.zip")
        shutil.rmtree(tmp_path / "_")
    (tmp_path / "zips" / "broken.zip").write_bytes(b"PK\x03\x04" + bytes(40))
    (tmp_path / "out").mkdir()
    opened = open_path(tmp_path / "zips", unpack_to=tmp_path / "out")
    assert counts(opened) == [6, 6]
    assert "broken.zip is a damaged archive" in opened.sentences[0]


def test_an_archive_in_an_archive_is_named(tmp_path: Path) -> None:
    write_ct(tmp_path / "ct")
    zipped(tmp_path / "ct", tmp_path / "inner.zip")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(tmp_path / "inner.zip", "inner.zip")
    answer = inspect(tmp_path / "outer.zip")
    assert answer["outcome"] == REFUSED
    assert "An archive lies in the archive" in answer["sentences"][0]


def test_one_damaged_entry_of_an_archive_costs_no_other(tmp_path: Path) -> None:
    write_ct(tmp_path / "ct", hu=hu_of(12))
    archive = tmp_path / "ct.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as out:
        for path in sorted((tmp_path / "ct").iterdir()):
            out.write(path, path.name)
    raw = bytearray(archive.read_bytes())
    raw[len(raw) // 24] ^= 0xFF  # in the first entry's pixels: its checksum no longer holds
    archive.write_bytes(raw)
    answer = inspect(archive)
    assert answer["outcome"] == WARNS and answer["series"][0]["slices"] == 11
    assert "1 entry is left out" in answer["sentences"][0]


@pytest.mark.parametrize("inside", [[], ["notes.txt"], [".DS_Store", "Thumbs.db"]])
def test_a_folder_with_nothing_to_show_says_so(tmp_path: Path, inside: list[str]) -> None:
    for name in inside:
        (tmp_path / name).write_bytes(b"nothing of use")
    opened = open_path(tmp_path)
    assert opened.outcome == REFUSED and "no DICOM image here" in opened.sentences[-1]


def test_a_copy_that_broke_off_shows_what_arrived(tmp_path: Path) -> None:
    files = write_ct(tmp_path, hu=hu_of(14))
    files[7].write_bytes(files[7].read_bytes()[:900])
    for path in files[8:]:
        path.write_bytes(b"")
    opened = open_path(tmp_path)
    assert opened.outcome == WARNS and counts(opened) == [7]
    assert "1-007.dcm" in " ".join(opened.sentences)


def test_a_series_that_lies_there_twice_is_one_series(tmp_path: Path) -> None:
    write_ct(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "copy of a")
    opened = open_path(tmp_path)
    assert opened.outcome == OPENS and counts(opened) == [6]


def test_a_thousand_other_files_cost_little(tmp_path: Path) -> None:
    write_ct(tmp_path)
    for n in range(1000):
        (tmp_path / f"IMG_{n}.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(200))
    began = time.monotonic()
    opened = open_path(tmp_path)
    assert opened.outcome == OPENS and counts(opened) == [6]
    assert time.monotonic() - began < 3


def test_an_enhanced_file_beside_plain_slices_is_a_series_of_its_own(tmp_path: Path) -> None:
    write_ct(tmp_path / "plain", series="1.2.3.1", hu=hu_of(12))
    path = enhanced(tmp_path / "enhanced" / "one.dcm", hu_of(5))
    dataset = pydicom.dcmread(path)
    dataset.SeriesInstanceUID = "1.2.3.2"
    dataset.save_as(path)
    opened = open_path(tmp_path)
    assert opened.outcome == OPENS and counts(opened) == [12, 5]
    assert np.array_equal(read_volume(opened.series[1]).hu, hu_of(5))


def test_lossy_compression_is_said_with_its_count(tmp_path: Path) -> None:
    for path in write_ct(tmp_path, hu=hu_of(12)):
        dataset = pydicom.dcmread(path)
        dataset.compress(JPEG2000, j2k_cr=[4], generate_instance_uid=False)
        dataset.LossyImageCompression = "01"
        dataset.save_as(path)
    answer = inspect(tmp_path)
    assert answer["outcome"] == WARNS and answer["series"][0]["slices"] == 12
    assert answer["sentences"] == ["Lossy compression in 12 of 12 images: HU are not exact."]


def test_unsigned_pixels_with_half_a_slope_come_out_in_hu(tmp_path: Path) -> None:
    def halved(dataset: Dataset, k: int) -> None:
        hu = np.frombuffer(dataset.PixelData, "<i2").astype(np.int32) - 1024
        dataset.PixelRepresentation, dataset.RescaleSlope = 0, "0.5"
        dataset.RescaleIntercept = -4096
        dataset.PixelData = ((hu + 4096) * 2).astype("<u2").tobytes()

    write_ct(tmp_path, edit=halved)
    (series,) = open_path(tmp_path).series
    assert np.array_equal(read_volume(series).hu, hu_of(6))


def test_names_of_files_say_nothing_about_what_they_are(tmp_path: Path) -> None:
    for n, path in enumerate(write_ct(tmp_path)):
        path.rename(path.with_name(("a.jpg", "IM1", "b.IMA", "c.txt", ".hidden", "d.dcm.zip")[n]))
    opened = open_path(tmp_path)
    assert opened.outcome == OPENS and counts(opened) == [6]


def test_one_slice_opened_alone_says_where_the_others_are(tmp_path: Path) -> None:
    files = write_ct(tmp_path)
    opened = open_path(files[2])
    assert counts(opened) == [1]
    assert opened.sentences[-1] == "Open its folder to see the whole series."


def test_a_pet_beside_the_ct_stays_second_and_is_no_ct(tmp_path: Path) -> None:
    def pet(dataset: Dataset, k: int) -> None:
        dataset.SOPClassUID, dataset.Modality = "1.2.840.10008.5.1.4.1.1.128", "PT"

    write_ct(tmp_path, series="1.2.3.2", number=1, hu=hu_of(20), edit=pet)
    write_ct(tmp_path, series="1.2.3.1", number=2, hu=hu_of(12))
    opened = open_path(tmp_path)
    assert [s.modality for s in opened.series] == ["CT", "PT"]
    assert opened.series[1].ai_refusal.startswith("This is PT, not CT")


def test_two_phases_of_one_series_are_told_apart_by_their_key(tmp_path: Path) -> None:
    def phase(dataset: Dataset, k: int) -> None:
        dataset.AcquisitionNumber = 2
        dataset.SOPInstanceUID += ".2"

    write_ct(tmp_path, number=1, hu=hu_of(6))
    write_ct(tmp_path, number=2, hu=hu_of(6) + np.int16(7), edit=phase)
    opened = open_path(tmp_path)
    assert {s.uid for s in opened.series} == {"1.2.3.1"}
    assert [s.key for s in opened.series] == ["1.2.3.1", "1.2.3.1#1"]
    assert opened.series[0].part == 0


def test_what_a_killed_process_unpacked_is_swept_by_the_next(tmp_path: Path) -> None:
    write_ct(tmp_path / "ct")
    archive = zipped(tmp_path / "ct", tmp_path / "ct.zip")
    code = (
        "import os, signal; from pathlib import Path; from viewer.dicom.find import open_path;"
        f"open_path(Path({str(archive)!r})); os.kill(os.getpid(), signal.SIGKILL)"
    )
    here = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    where = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], env=here, cwd=where, check=False)
    assert len(list((tmp_path / "tmp").iterdir())) == 1
    again = [sys.executable, "-m", "viewer", "inspect", str(archive)]
    subprocess.run(again, env=here, cwd=where, check=True, stdout=subprocess.DEVNULL)
    assert list((tmp_path / "tmp").iterdir()) == []
    assert Path(tempfile.gettempdir()).is_dir()
