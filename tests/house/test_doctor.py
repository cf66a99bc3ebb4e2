"""`hilum doctor` tells what a bug report needs, soon, and nothing private."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from viewer.commands import doctor
from viewer.reading.converters import SCHEMA
from viewer.reading.events import Answer, Begun, VerdictGiven
from viewer.reading.library import Library, series_key
from viewer.reading.store import Store

ROOT = Path(__file__).resolve().parents[2]
TELLING = "annemarie-lindqvist"
SOON_S = 8.0
"""Under two seconds on an idle machine; tests share theirs."""


@pytest.fixture
def telling_home(tmp_path, monkeypatch):
    """A data folder whose path, library and user say who reads here."""
    place = tmp_path / TELLING / "hilum"
    place.mkdir(parents=True)
    monkeypatch.setenv("HILUM_HOME", str(place))
    monkeypatch.setenv("HOME", str(tmp_path / TELLING))
    monkeypatch.setenv("USER", TELLING)
    monkeypatch.setenv("LOGNAME", TELLING)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    return place


def fill(home):
    log, library = Store(home / "readings.sqlite"), Library(home / "library.sqlite")
    log.append("r", Begun("study", series_key("1.2.840.113619.2.55.3"), "reader"))
    log.append("r", VerdictGiven("a", Answer.ACCEPT))
    library.set_setting("reader", TELLING)
    log.close(), library.close()


def run_doctor(*words):
    command = [sys.executable, "-m", "viewer", "doctor", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)


def test_it_tells_versions_codecs_room_and_the_state_of_the_log(telling_home):
    fill(telling_home)
    began = time.monotonic()
    told = json.loads(run_doctor("--json").stdout)
    assert time.monotonic() - began < SOON_S
    assert told["packages"]["pydicom"] and told["python"].startswith("CPython 3.")
    assert told["codecs"]["JPEG-LS Lossless Image Compression"] == "SimpleITK"
    assert told["codecs"]["Explicit VR Little Endian"] == "none needed"
    assert told["log"] | {"size_mb": 0} == {
        "state": "whole",
        "schema": SCHEMA,
        "rows": 2,
        "readings": 1,
        "policies": 0,
        "library": "0 series",
        "size_mb": 0,
    }
    assert told["home"]["writable"] is True and told["home"]["free_mb"] > 0
    assert {"lungs-classical", "nodules-log"} <= set(told["cards"])
    assert told["torch"] != "" and told["missing_libraries"] == []


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_nothing_private_is_in_it(telling_home, words):
    fill(telling_home)
    told = run_doctor(*words).stdout
    private = [TELLING, str(telling_home.parents[1]), "1.2.840.113619.2.55.3"]
    private += [str(ROOT), sys.prefix]
    private += [name for name in [socket.gethostname()] if len(name) > 8]  # not "debian"
    assert [word for word in private if word in told] == []


def test_it_makes_nothing(telling_home):
    telling_home.rmdir()
    told = json.loads(run_doctor("--json").stdout)
    assert told["home"]["exists"] is False and told["log"]["state"] == "none yet"
    assert not telling_home.exists()


def test_it_loads_neither_qt_nor_torch(telling_home):
    code = (
        "import sys, viewer.cli; viewer.cli.run(['doctor']);"
        "bad = {'PySide6', 'torch', 'vtkmodules', 'highdicom', 'SimpleITK'} & set(sys.modules);"
        "sys.exit(', '.join(bad) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_damaged_log_and_a_broken_chain_are_troubles(telling_home):
    fill(telling_home)
    path = telling_home / "readings.sqlite"
    with sqlite3.connect(path) as log:
        log.execute("DROP TRIGGER event_stays")
        log.execute("UPDATE event SET body = replace(body, 'accepted', 'rejected') WHERE seq = 2")
    log.close()
    assert "The chain is broken at row 2." in doctor.examine()["troubles"]
    path.write_bytes(b"no database" * 1000)
    assert any("damaged" in sentence for sentence in doctor.examine()["troubles"])


def test_what_is_missing_is_a_trouble_in_one_sentence(telling_home, monkeypatch):
    monkeypatch.setattr(doctor, "_loads", lambda name: name != "libGL.so.1")
    monkeypatch.setattr(doctor, "_version", lambda name: "" if name == "vtk" else "1")
    monkeypatch.setattr(doctor, "_free_mb", lambda folder: 64)
    troubles = doctor.examine()["troubles"]
    assert "System libraries are missing: libGL.so.1." in troubles
    assert "Packages are missing: vtk." in troubles
    assert any(sentence.startswith("Only 64 MB of shared memory") for sentence in troubles)
    assert any(sentence.startswith("Only 64 MB of disk") for sentence in troubles)


def test_its_system_libraries_are_those_that_set_up_looks_for():
    code = (
        "import sys, json; sys.path.insert(0, 'packaging'); import setup_system as s;"
        "print(json.dumps([list(s.LIBRARIES), list(s.SCREEN_LIBRARIES)]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert json.loads(done.stdout) == [list(doctor.LIBRARIES), list(doctor.SCREEN_LIBRARIES)]


@pytest.mark.parametrize(
    ("env", "system", "kind"),
    [
        ({"QT_QPA_PLATFORM": "offscreen:size=1"}, "linux", "offscreen (asked for)"),
        ({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "linux", "wayland"),
        (
            {"DISPLAY": "host:10", "SSH_CONNECTION": "1", "XDG_CURRENT_DESKTOP": "KDE"},
            "linux",
            "x11 (KDE), over SSH",
        ),
        ({}, "linux", "none"),
        ({}, "darwin", "cocoa"),
        ({}, "win32", "windows"),
    ],
)
def test_the_kind_of_screen_is_told(env, system, kind):
    assert doctor.screen_of(env, system) == kind


def test_a_private_folder_that_is_not_ours_is_told_without_its_place(telling_home, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    told = doctor.examine()
    assert told["home"]["kind"] == "the folder that HILUM_HOME names"
    assert any("cannot be written" in sentence for sentence in told["troubles"])


def test_whatever_a_command_writes_is_its_users_alone():
    code = "import os, viewer.cli; viewer.cli.run(['--version']); print(oct(os.umask(0)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "0o77"


def test_an_error_in_a_batch_is_noted_without_what_was_read(telling_home):
    from viewer.commands.batch import _note_bug

    noted = _note_bug(ValueError(f"{TELLING} cannot be read"))
    assert "ValueError" in noted.read_text() and TELLING not in noted.read_text()
    assert noted.stat().st_mode & 0o777 == 0o600
