"""A whole reading of a patient whose name, UIDs and path can be recognised: where they turn up."""

from __future__ import annotations

import json
import stat
import zlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest

from ai.phantom.chest import chest
from ai.scan.geometry import Geometry
from ai.scan.volume import Volume
from viewer.actions import ROWS
from viewer.dicom.find import open_path
from viewer.dicom.io_messages import Look
from viewer.dicom.pixels import read_volume
from viewer.dicom.written.ct import SeriesHeader, write_series
from viewer.reading.events import Answer
from viewer.reading.out import outputs, pictures
from viewer.reading.store import Store

PATIENT = SeriesHeader(
    patient_name="Lindqvist^Annemarie",
    patient_id="PID-778899",
    patient_birth_date="19481107",
    study_description="Thorax of Lindqvist",
    series_description="Lung of Annemarie",
    study_uid="1.2.826.0.1.3680043.9.777001.1",
    series_uid="1.2.826.0.1.3680043.9.777001.2",
    frame_of_reference="1.2.826.0.1.3680043.9.777001.3",
)
READER = "Doktor Erkennbar"
NAMES = (b"Lindqvist", b"Annemarie", b"778899", b"19481107", b"Erkennbar")
UIDS = (b"3680043.9.777001",)
WAIT_S = 180


@dataclass(frozen=True)
class Left:
    """What a reading left behind. log: its bytes while the window was open, and after."""

    home: Path
    study: Path
    reading: str
    log: tuple[bytes, ...]
    path: bytes


def until(question, what):
    for _ in range(WAIT_S * 50):
        if question():
            return
        QTest.qWait(20)
    pytest.fail(f"not in {WAIT_S} s: {what}")


def write_study(folder):
    volume = chest("small", 7).volume
    affine = volume.geometry.affine.copy()
    affine[:3, 1:3] *= 2
    hu = np.ascontiguousarray(volume.hu[:, ::2, ::2])
    header = replace(PATIENT, seed="telling")
    return write_series(folder, Volume(Geometry(hu.shape, affine), hu), header=header)


@pytest.fixture(scope="module")
def left(tmp_path_factory, qapp):
    from viewer.app import compose

    place = tmp_path_factory.mktemp("private")
    study, home = place / "Lindqvist_Annemarie" / "CT", place / "home"
    write_study(study)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_HOME", str(home))
        program = compose(mode="concurrent")
        desk, jobs = program.desk, program.jobs
        program.window.show()
        jobs.warm_up()
        desk.set_reader(READER)
        desk.open(study)
        until(lambda: desk.scan is not None and desk.scan.complete, "the study is open")
        desk.find_nodules()
        until(lambda: desk.reading.searched, "candidates")
        for answer in (Answer.ACCEPT, Answer.REJECT, Answer.UNDECIDED, Answer.ACCEPT):
            desk.answer(answer)
        desk.undo()
        desk.add_at(desk.reading.findings[0].centre_lps)
        program.window.key_images.toggle()
        desk.out.typed("Frau Lindqvist has a nodule", "")
        desk.export()
        until(lambda: jobs.running("export") is None, "the export")
        # what goes wrong, too: a path that is none, and errors of ours in a child and in the window
        desk.open(study / "nothing-of-Annemarie")
        until(lambda: not desk.opening.busy, "a path that is none")
        jobs.ask_io("open", Look("look-bug", str(study), str(study)))
        until(lambda: jobs.running("open") is None, "an error of ours in a child")
        program.window.carry_out(replace(ROWS[0], do=_fail))
        log = [path.read_bytes() for path in sorted(home.glob("readings.sqlite*"))]
        reading = desk.reading.id
        program.window.close()
        program.close()
    log += [path.read_bytes() for path in sorted(home.glob("readings.sqlite*"))]
    return Left(home, study, reading, tuple(log), str(place).encode())


def _fail(_window):
    raise ValueError(f"{PATIENT.patient_name} of {PATIENT.study_uid} is no number")


def words_in(content, words):
    return [word for word in words if word.lower() in content.lower()]


def test_the_words_looked_for_are_those_that_were_read(left):
    books = b"".join(path.read_bytes() for path in left.home.glob("library.sqlite*"))
    assert words_in(books, (b"Lindqvist", b"778899", b"Erkennbar", *UIDS, left.path))


def test_neither_name_nor_uid_nor_path_is_in_the_log(left):
    assert len(left.log) >= 3, "the log beside the log was looked at too"
    for content in left.log:
        assert words_in(content, (*NAMES, *UIDS, left.path)) == []


def test_neither_name_nor_uid_nor_path_is_in_the_programs_log_or_a_trace(left):
    files = sorted((left.home / "log").iterdir())
    assert {"hilum.log"} <= {file.name for file in files}
    told = (left.home / "log" / "hilum.log").read_text()
    assert "Look failed" in told and "FileExistsError" in told, "the child's error was logged"
    assert "the action" in told and "ValueError" in told, "the window's error was logged"
    for file in files:
        assert words_in(file.read_bytes(), (*NAMES, *UIDS, left.path)) == []


def test_no_file_is_named_after_the_patient_or_a_uid(left):
    names = "\n".join(str(path.relative_to(left.home)) for path in left.home.rglob("*")).encode()
    assert b"lungs.dcm" in names
    assert words_in(names, (*NAMES, *UIDS)) == []


def test_what_is_exported_beside_dicom_names_nobody_and_no_place(left):
    others = [path for path in (left.home / "exports").rglob("*") if path.is_file()]
    for path in others:
        if path.suffix != ".dcm":
            assert words_in(path.read_bytes(), (*NAMES, left.path)) == [], path.name


def test_pictures_name_nobody_and_carry_no_text_beside_their_pixels(left, monkeypatch):
    monkeypatch.setenv("HILUM_HOME", str(left.home))
    series = open_path(left.study).series[0]
    store = Store(left.home / "readings.sqlite", read_only=True)
    reading = store.reading(left.reading)
    store.close()
    drawn, draw = [], pictures.put_text
    monkeypatch.setattr(
        pictures, "put_text", lambda *words: (drawn.append(str(words[2])), draw(*words))[1]
    )
    stated = [(f, reading.state(f.id)) for f in reading.findings]
    volume = Volume(series.geometry, read_volume(series).hu, series.uid)
    made = outputs.draw_pictures(volume, reading.lungs, stated, series=series)
    assert len(made) > 2 and any("mm" in text for text in drawn)
    assert words_in("\n".join(drawn).encode(), (*NAMES, *UIDS)) == []
    made |= {path.name: path.read_bytes() for path in (left.home / "exports").rglob("*.png")}
    for name, content in made.items():
        assert set(png_chunks(content)) <= {b"IHDR", b"IDAT", b"IEND", b"PLTE", b"pHYs"}, name
        assert words_in(name.encode() + content, (*NAMES, *UIDS)) == []


def png_chunks(content):
    at, kinds = 8, []
    while at < len(content):
        length, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        assert zlib.crc32(content[at + 4 : at + 8 + length]) == int.from_bytes(
            content[at + 8 + length : at + 12 + length], "big"
        )
        kinds.append(kind)
        at += 12 + length
    return kinds


def test_all_that_is_written_is_its_owners_alone(left):
    open_to_others = {
        str(path.relative_to(left.home)): oct(stat.S_IMODE(path.lstat().st_mode))
        for path in [left.home, *left.home.rglob("*")]
        if stat.S_IMODE(path.lstat().st_mode) != (0o700 if path.is_dir() else 0o600)
    }
    assert open_to_others == {}


def test_the_reading_itself_can_be_told_again_with_the_library_at_hand(left, monkeypatch, capsys):
    from viewer.reading.listing import main

    monkeypatch.setenv("HILUM_HOME", str(left.home))
    assert main(["--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["series"] == PATIENT.series_uid and row["exports"]
