"""What a killed export left behind goes with the next start, and nothing else does."""

from __future__ import annotations

import os
import time

import pytest

from viewer.exporting import ABANDONED_S, sweep_exports
from viewer.home import subfolder
from viewer.reading.export import ASIDE


@pytest.fixture
def exports(hilum_home):
    return subfolder("exports")


def made(folder, *names, age_s=2 * ABANDONED_S):
    folder.mkdir()
    then = time.time() - age_s
    for name in names:
        (folder / name).write_bytes(b"half a file")
        os.utime(folder / name, (then, then))
    os.utime(folder, (then, then))
    return folder


def test_an_export_that_was_never_finished_is_removed(exports):
    half = made(exports / "half", f".lungs.dcm{ASIDE}", f".nodules.dcm{ASIDE}")
    empty = made(exports / "empty")
    assert set(sweep_exports()) == {half, empty}
    assert list(exports.iterdir()) == []


@pytest.mark.parametrize(
    ("names", "age_s"),
    [
        (("lungs.dcm", f".nodules.dcm{ASIDE}"), 2 * ABANDONED_S),
        (("a reader's own notes.txt",), 2 * ABANDONED_S),
        ((f".lungs.dcm{ASIDE}",), 5),
        ((), 5),
    ],
)
def test_what_is_finished_or_may_still_be_written_stays(exports, names, age_s):
    made(exports / "one", *names, age_s=age_s)
    (exports / "a file").write_bytes(b"not ours")
    assert sweep_exports() == ()
    assert {path.name for path in exports.rglob("*")} == {"one", "a file", *names}


def test_without_a_folder_nothing_is_swept(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HILUM_HOME", str(tmp_path / "file" / "home"))
    assert sweep_exports() == ()
