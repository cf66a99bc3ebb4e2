"""DICOM read and written in processes of their own."""

from __future__ import annotations

import dataclasses
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ai.scan.labelmap import LUNGS, MadeBy
from ai.worker.messages import BlockRef, Failed, Hello, Progress
from ai.worker.shared import Block
from tests.dicom.small import hu_of, write_ct
from viewer.dicom.archives.unpacked import sweep_unpacked
from viewer.dicom.demo import write_demo
from viewer.dicom.find import open_path
from viewer.dicom.header_details import read_details
from viewer.dicom.io_messages import (
    CopyPreviewed,
    CopyWritten,
    DemoMade,
    DetailsRead,
    Export,
    ExportDone,
    Found,
    LabelsRef,
    Load,
    Loaded,
    Look,
    MakeDemo,
    NiftiWritten,
    ReadDetails,
    ReadSeg,
    SegRead,
    SlicesReady,
    WriteCopy,
    WriteNifti,
)
from viewer.dicom.masks.nifti import read_nifti
from viewer.dicom.pixels import read_volume
from viewer.dicom.process import IoClient
from viewer.dicom.series import Series
from viewer.reading.out.export import ExportRequest

WAIT_S = 60.0


class Io:
    """Both lanes, and all they told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self._coming: queue.Queue[Any] = queue.Queue()
        self.client = IoClient(self._coming.put)

    def until(self, wanted: Callable[[Any], bool]) -> Any:
        end = time.monotonic() + WAIT_S
        while True:
            message = self._coming.get(timeout=max(0.01, end - time.monotonic()))
            self.heard.append(message)
            if wanted(message):
                return message

    def answer(self, request: Any) -> Any:
        """Asks, and waits for the last word on it."""
        self.client.submit(request)
        return self.last_word(request.job)

    def last_word(self, job: str) -> Any:
        on_the_way = (Progress, SlicesReady, Hello)
        return self.until(lambda m: not isinstance(m, on_the_way) and m.job == job)


@pytest.fixture(scope="module")
def io() -> Iterator[Io]:
    it = Io()
    it.client.start()
    yield it
    it.client.close()


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("demo"), "tiny")


@pytest.fixture(scope="module")
def series(study: Path) -> Series:
    return open_path(study).series[0]


def test_a_study_is_looked_at_as_if_it_were_here(io: Io, study: Path, series: Series) -> None:
    found = io.answer(Look("look-1", str(study)))
    assert isinstance(found, Found), found
    assert [s.uid for s in found.opened.series] == [series.uid]
    there, here = found.opened.series[0].geometry, series.geometry
    assert there is not None and here is not None and there.same_grid(here)


def test_a_path_with_nothing_is_refused_in_a_sentence(io: Io, tmp_path: Path) -> None:
    found = io.answer(Look("look-nothing", str(tmp_path / "nowhere")))
    assert found.opened.outcome == "refused" and found.opened.sentences


def test_slices_arrive_in_the_block_the_wanted_one_first(io: Io, series: Series) -> None:
    assert series.geometry is not None
    with Block.create(series.geometry.shape_kji, "int16") as block:
        done = io.answer(Load("load-1", series, block.ref, 7))
        assert done == Loaded("load-1", ())
        told = [m.ks for m in io.heard if isinstance(m, SlicesReady) and m.job == "load-1"]
        assert told[0][0] == 7
        count = len(series.slices)
        assert sorted(k for ks in told for k in ks) == list(range(count))
        np.testing.assert_array_equal(block.array, read_volume(series).hu)


def test_the_lane_tells_which_slices_are_spoilt(io: Io, tmp_path: Path) -> None:
    files = write_ct(tmp_path, hu=hu_of(6))
    cut = open_path(tmp_path).series[0]
    files[2].write_bytes(files[2].read_bytes()[:-500])
    assert cut.geometry is not None
    with Block.create(cut.geometry.shape_kji, "int16") as block:
        done = io.answer(Load("load-cut", cut, block.ref, 3))
    assert done.spoilt == (2,) and len(done.sentences) == 1


def test_a_block_that_is_gone_costs_one_sentence(io: Io, series: Series) -> None:
    lost = BlockRef("hilum-1-77", (2, 2, 2), "int16")
    answer = io.answer(Load("load-gone", series, lost))
    assert isinstance(answer, Failed) and "hilum-1-77" in answer.sentence


def test_the_demo_study_is_written_and_found_again(io: Io, tmp_path: Path) -> None:
    made = io.answer(MakeDemo("demo-1", str(tmp_path), "tiny"))
    assert isinstance(made, DemoMade), made
    assert open_path(Path(made.path)).outcome == "opens"


def test_lungs_go_out_as_a_seg_and_come_back_from_it(
    io: Io, series: Series, tmp_path: Path
) -> None:
    assert series.geometry is not None
    shape = series.geometry.shape_kji
    with Block.create(shape, "uint8") as labels, Block.create(shape, "uint8") as out:
        labels.array[4:20, 20:40, 10:25], labels.array[4:20, 20:40, 40:55] = 1, 2
        by = MadeBy("lungs-classical", "1")
        request = ExportRequest(tmp_path, series, None, (), "reading-1", reader_label="reader 1")
        ref = LabelsRef(labels.ref, series.geometry, LUNGS, by)
        done = io.answer(Export("export-1", request, ref))
        assert isinstance(done, ExportDone), done
        assert len(done.files) == 1 and Path(done.files[0]).is_file()
        assert [role for role, _ in done.objects] == ["lungs"]
        back = io.answer(ReadSeg("seg-1", done.files[0], series, out.ref))
        assert isinstance(back, SegRead), back
        assert back.labels is not None and back.findings == ()
        np.testing.assert_array_equal(out.array, labels.array)


def test_a_file_that_is_no_seg_is_refused_in_a_sentence(io: Io, series: Series) -> None:
    with Block.create((1,), "uint8") as out:
        answer = io.answer(ReadSeg("seg-bad", str(series.slices[0].path), series, out.ref))
    assert isinstance(answer, Failed) and answer.sentence


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_an_export_does_not_wait_for_a_series_that_loads(
    io: Io, series: Series, tmp_path: Path
) -> None:
    # A pipe nobody writes to: the reading lane hangs on it until it is cancelled.
    pipe = tmp_path / "slow"
    os.mkfifo(pipe)
    assert series.geometry is not None
    slices = tuple(dataclasses.replace(s, path=pipe) for s in series.slices)
    stuck = dataclasses.replace(series, slices=slices)
    with Block.create(series.geometry.shape_kji, "int16") as block:
        io.client.submit(Load("load-stuck", stuck, block.ref))
        io.until(lambda m: isinstance(m, Progress) and m.job == "load-stuck")
        made = io.answer(MakeDemo("demo-2", str(tmp_path / "demo"), "tiny"))
        assert isinstance(made, DemoMade), made
        asked_s = time.monotonic()
        io.client.cancel("load-stuck")
        assert io.last_word("load-stuck").cancelled
        assert time.monotonic() - asked_s < 0.3
    found = io.answer(Look("look-after", made.path))
    assert isinstance(found, Found)


def test_a_reader_killed_in_the_middle_costs_one_sentence(series: Series, tmp_path: Path) -> None:
    io = Io()
    io.client.start()
    pid = io.until(lambda m: isinstance(m, Hello)).pid
    os.kill(pid, signal.SIGKILL)
    assert isinstance(io.answer(Look("look-again", str(series.slices[0].path.parent))), Found)
    io.client.close()


def test_what_an_archive_held_goes_with_the_window(study: Path, tmp_path: Path) -> None:
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in study.iterdir():
            packed.write(file, file.name)
    io = Io()
    opened = io.answer(Look("look/zip", str(archive))).opened
    unpacked = opened.series[0].slices[0].path
    assert unpacked.is_file() and unpacked.parent.stat().st_mode & 0o077 == 0
    io.client.close()
    assert not unpacked.exists() and not unpacked.parent.parent.exists()


def test_what_an_archive_held_is_swept_after_a_crash() -> None:
    finished = subprocess.Popen([sys.executable, "-c", ""])
    finished.wait()
    left = Path(tempfile.gettempdir()) / f"hilum-unpacked-{finished.pid}-abc"
    mine = Path(tempfile.gettempdir()) / f"hilum-unpacked-{os.getpid()}-abc"
    left.mkdir()
    mine.mkdir()
    (left / "000000.dcm").write_bytes(b"voxels")
    assert left in sweep_unpacked()
    assert not left.exists() and mine.exists()
    shutil.rmtree(mine)


def test_a_header_tells_more_of_its_series_and_a_lost_one_says_so(
    io: Io, series: Series, tmp_path: Path
) -> None:
    told = io.answer(ReadDetails("details-1", str(series.slices[0].path)))
    assert isinstance(told, DetailsRead) and told.details == read_details(series.slices[0].path)
    lost = io.answer(ReadDetails("details-2", str(tmp_path / "gone.dcm")))
    assert isinstance(lost, Failed) and "can no longer be read" in lost.sentence


def test_lungs_are_written_as_nifti_once(io: Io, series: Series, tmp_path: Path) -> None:
    assert series.geometry is not None
    path = tmp_path / "lungs.nii.gz"
    with Block.create(series.geometry.shape_kji, "uint8") as block:
        block.array[2:5, 4:9, 3:6] = 1
        block.array[2:5, 4:9, 9:12] = 2
        labels = LabelsRef(block.ref, series.geometry, LUNGS, MadeBy("test", "1"))
        done = io.answer(WriteNifti("nifti-1", str(path), series, labels))
        assert done == NiftiWritten("nifti-1", str(path)), done
        again = io.answer(WriteNifti("nifti-2", str(path), series, labels))
        assert isinstance(again, Failed) and "is not overwritten" in again.sentence
        nowhere = str(path / "no" / "folder.nii")  # below a file
        lost = io.answer(WriteNifti("nifti-3", nowhere, series, labels))
        assert isinstance(lost, Failed) and "could not be written" in lost.sentence
        there = read_nifti(path, series).label_map
        assert there is not None
        np.testing.assert_array_equal(there.labels, block.array)


def test_a_copy_does_what_its_preview_said(io: Io, series: Series, tmp_path: Path) -> None:
    seen = io.answer(WriteCopy("preview-1", series))
    assert isinstance(seen, CopyPreviewed), seen
    assert any(change.name == "Patient's Name" for change in seen.changes)
    assert list(tmp_path.iterdir()) == []
    done = io.answer(WriteCopy("copy-1", series, str(tmp_path / "copy")))
    assert isinstance(done, CopyWritten), done
    assert done.files == len(series.slices) and done.sentences
    copy = open_path(tmp_path / "copy").series[0]
    assert copy.uid != series.uid and copy.patient.name != series.patient.name
    np.testing.assert_array_equal(read_volume(copy).hu, read_volume(series).hu)
    again = io.answer(WriteCopy("copy-2", series, str(tmp_path / "copy")))
    assert isinstance(again, Failed) and "is not overwritten" in again.sentence
