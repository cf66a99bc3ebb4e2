"""The demo study is an ordinary CT series, whole or not there."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import pydicom
import pytest

from ai.errors import BadInput, Cancelled
from ai.phantom.chest import chest
from viewer.dicom import demo
from viewer.dicom.demo import is_complete, write_demo


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    started = time.perf_counter()
    write_demo(folder, "tiny")
    print(f"tiny demo study written in {time.perf_counter() - started:.2f} s")
    return folder


def test_the_voxels_come_back_as_they_were_made(written: Path) -> None:
    phantom = chest("tiny")
    slices = [pydicom.dcmread(f) for f in (written / "series").iterdir()]
    slices.sort(key=lambda s: float(s.ImagePositionPatient[2]))
    hu = np.stack([s.pixel_array.astype(int) + int(s.RescaleIntercept) for s in slices])
    assert np.array_equal(hu, phantom.volume.hu)
    first = np.array(slices[0].ImagePositionPatient, dtype=float)
    assert first == pytest.approx(phantom.volume.geometry.lps_of((0, 0, 0)), abs=1e-6)


def test_it_is_an_ordinary_ct_of_a_patient_who_is_no_one(written: Path) -> None:
    files = sorted((written / "series").iterdir())
    first, last = (pydicom.dcmread(f, stop_before_pixels=True) for f in (files[0], files[-1]))
    assert str(first.PatientName) == "Phantom^Chest"
    assert first.PatientID == "HILUM-DEMO"
    assert first.SOPClassUID.name == "CT Image Storage"
    assert first.file_meta.TransferSyntaxUID.name == "Explicit VR Little Endian"
    assert first.ConvolutionKernel.startswith("B50")
    assert first.SeriesInstanceUID == last.SeriesInstanceUID
    assert first.SOPInstanceUID != last.SOPInstanceUID
    assert len(files) == 24


def test_every_uid_is_the_same_on_every_machine_and_differs_by_size_and_seed(
    written: Path,
) -> None:
    told = json.loads((written / "truth.json").read_text())["series"]
    assert told == demo.header_of("tiny", 7).series_uid
    others = {demo.header_of(*case).series_uid for case in (("tiny", 8), ("small", 7), ("full", 7))}
    assert len(others | {told}) == 4
    assert all(uid.startswith("2.25.") and len(uid) < 64 for uid in others)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="needs dciodvfy (dicom3tools)")
def test_dciodvfy_finds_no_error(written: Path) -> None:
    for file in list((written / "series").iterdir())[::8]:
        said = subprocess.run(["dciodvfy", str(file)], capture_output=True, text=True, check=False)
        assert "CTImage" in said.stderr + said.stdout
        errors = [x for x in (said.stderr + said.stdout).splitlines() if x.startswith("Error")]
        assert not errors


def test_the_truth_lies_beside_the_series_not_in_it(written: Path) -> None:
    truth = json.loads((written / "truth.json").read_text())
    assert {f.suffix for f in (written / "series").iterdir()} == {".dcm"}
    assert len(truth["nodules"]) == 8
    for told, made in zip(truth["nodules"], chest("tiny").nodules, strict=True):
        assert tuple(told["centre_lps_mm"]) == made.centre_lps
        assert told["diameter_mm"] == made.diameter_mm
        assert (told["type"], told["zone"]) == (made.type, made.zone)
    assert truth["lungs_ml"]["right"] > truth["lungs_ml"]["left"] > 1000


def test_a_whole_one_is_given_at_once_and_left_alone(
    written: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "chest", None)
    before = {f: f.stat().st_mtime_ns for f in (written / "series").iterdir()}
    assert write_demo(written, "tiny") == written / "series"
    assert before == {f: f.stat().st_mtime_ns for f in (written / "series").iterdir()}


def test_an_interrupted_write_never_counts_and_the_next_start_makes_it_whole(
    tmp_path: Path,
) -> None:
    def stop(fraction: float, step: str) -> None:
        if fraction > 0.9:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_demo(tmp_path, "tiny", on_progress=stop)
    assert not is_complete(tmp_path, "tiny")
    assert not list(tmp_path.iterdir())
    write_demo(tmp_path, "tiny")
    assert is_complete(tmp_path, "tiny")


def test_a_series_without_its_truth_or_with_a_slice_missing_is_not_whole(
    written: Path, tmp_path: Path
) -> None:
    shutil.copytree(written / "series", tmp_path / "series")
    assert not is_complete(tmp_path, "tiny")
    shutil.copy(written / "truth.json", tmp_path)
    assert is_complete(tmp_path, "tiny")
    assert not is_complete(tmp_path, "small")
    assert not is_complete(tmp_path, "tiny", seed=8)
    next((tmp_path / "series").iterdir()).unlink()
    assert not is_complete(tmp_path, "tiny")
    write_demo(tmp_path, "tiny")
    assert is_complete(tmp_path, "tiny")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": 3}'])
def test_a_spoilt_truth_table_is_not_a_whole_study(tmp_path: Path, text: str) -> None:
    (tmp_path / "series").mkdir()
    (tmp_path / "truth.json").write_text(text)
    assert not is_complete(tmp_path, "tiny")


def test_a_full_disk_is_told_in_a_sentence_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(demo, "write_series", full)
    with pytest.raises(BadInput, match="disk is full") as told:
        write_demo(tmp_path, "tiny")
    assert told.value.remedy
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_a_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        write_demo(tmp_path / "taken", "tiny")
