"""What a killed export left behind goes with the next start, and nothing else does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.flows.desks import until
from tests.flows.kill import ROOT
from viewer.desk.exporting import ABANDONED_S, sweep_exports
from viewer.home import subfolder
from viewer.unfinished import ASIDE


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


def lie_aside(folder: Path) -> list[Path]:
    return list(folder.rglob(f"*{ASIDE}"))


@pytest.fixture
def chosen(tmp_path):
    """A folder of the reader's, with something in it already."""
    folder = tmp_path / "of my choice"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    return folder


def test_an_export_to_a_chosen_folder_whose_process_is_killed_leaves_nothing_there(
    newcomer, chosen
):
    desk, writer = newcomer.desk, newcomer.jobs._io._writing
    desk.export(chosen)
    until(lambda: len(lie_aside(chosen)) > 1, "the first file of the export is on its way")
    os.kill(writer._worker.transport.pid, signal.SIGKILL)
    newcomer.idle("export")
    assert newcomer.said[-1].startswith("The process that writes files ended; nothing was saved.")
    until(lambda: not newcomer.library.written_to(), "the folder was looked after")
    assert [path.name for path in chosen.iterdir()] == ["notes.txt"]


KILLED = """
import os, signal, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from tests.flows.desks import AtDesk
app = QApplication([])
reader = AtDesk()
reader.open(Path(sys.argv[1]))
folder = Path(sys.argv[2])
reader.desk.export(folder)
while len(list(folder.glob(".*.part"))) < 2:
    app.processEvents()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_window_killed_at_an_export_to_a_chosen_folder_leaves_nothing_after_the_next_start(
    begun, chosen, qapp
):
    from viewer.app import compose

    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    words = [sys.executable, "-c", KILLED, str(begun), str(chosen)]
    ended = subprocess.run(words, cwd=ROOT, env=environment, check=False)
    assert ended.returncode == -signal.SIGKILL
    program = compose(mode="concurrent")
    try:
        assert program.library.written_to() == (chosen,)
        program.desk.leftovers.sweep()
        until(lambda: not program.library.written_to(), "the folder was looked after")
        assert [path.name for path in chosen.iterdir()] == ["notes.txt"]
    finally:
        program.window.close()
        program.close()
