"""What a writer that was killed left in a folder goes; what is whole, or anybody else's, stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from viewer.unfinished import ASIDE, OURS, Journal, aside_of, sweep


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def killed(folder: Path, script: str) -> None:
    """A process that opens a journal in the folder, does what it is told, and is killed."""
    lines = [
        "import os, signal, sys",
        "from pathlib import Path",
        "from viewer.unfinished import *",
        "folder = Path(sys.argv[1])",
        "journal = Journal(folder)",
        script,
        "os.kill(os.getpid(), signal.SIGKILL)",
    ]
    code = "\n".join(lines)
    ended = subprocess.run([sys.executable, "-c", code, str(folder)], check=False)
    assert ended.returncode != 0


HALF = """
for name in ("lungs.dcm", "pictures/lungs.png"):
    path = folder / name
    if not path.parent.exists():
        journal.note(path.parent)
        path.parent.mkdir()
    journal.note(aside_of(path), path)
    aside_of(path).write_bytes(b"half")
"""


def test_half_an_export_is_taken_away_and_what_lies_beside_it_stays(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "pictures of mine").mkdir()
    killed(tmp_path, HALF)
    assert ".lungs.dcm.part" in names(tmp_path)
    assert sweep(tmp_path)
    assert names(tmp_path) == {"notes.txt", "pictures of mine"}
    assert sweep(tmp_path) == ()


def test_a_folder_of_the_reader_that_only_got_a_file_stays_though_it_is_empty(tmp_path):
    (tmp_path / "pictures").mkdir()
    killed(tmp_path, HALF)
    sweep(tmp_path)
    assert names(tmp_path) == {"pictures"}


def test_an_export_killed_while_it_was_named_gets_all_its_names(tmp_path):
    naming = "journal.note_names(); aside_of(folder / 'lungs.dcm').replace(folder / 'lungs.dcm')"
    killed(tmp_path, HALF + naming)
    assert names(tmp_path) >= {"lungs.dcm", "pictures/.lungs.png.part"}
    sweep(tmp_path)
    assert names(tmp_path) == {"lungs.dcm", "pictures", "pictures/lungs.png"}


def test_a_copy_that_was_never_finished_goes_with_its_folder(tmp_path):
    killed(tmp_path, "d = folder / '.hilum-x1'; journal.note(d); (d / 'copy').mkdir(parents=True)")
    sweep(tmp_path)
    assert names(tmp_path) == set()


def test_what_a_living_writer_writes_is_left_alone(tmp_path):
    with Journal(tmp_path) as journal:
        aside = aside_of(tmp_path / "lungs.dcm")
        journal.note(aside, tmp_path / "lungs.dcm")
        aside.write_bytes(b"on its way")
        assert sweep(tmp_path) == ()
        assert aside.exists()
    assert names(tmp_path) == {aside.name}


def test_a_writer_that_ends_in_order_leaves_no_journal(tmp_path):
    with Journal(tmp_path / "new folder"):
        pass
    assert names(tmp_path) == {"new folder"}


@pytest.mark.parametrize(
    "line",
    [
        ["notes.txt", ""],
        ["notes.txt", "notes.txt"],
        [".notes.txt.part", "other.txt"],
        ["../beside/.notes.txt.part", "../beside/notes.txt"],
        ["full", ""],
        ["notes.txt"],
        "notes.txt",
        7,
    ],
)
def test_a_journal_that_somebody_else_made_harms_nothing(tmp_path, line):
    folder, beside = tmp_path / "folder", tmp_path / "beside"
    for place in (folder, beside, folder / "full"):
        place.mkdir()
        (place / "notes.txt").write_text("mine")
        (place / ".notes.txt.part").write_text("mine")
    before = names(tmp_path)
    text = f"not even JSON\n{json.dumps(line)}\n{json.dumps(['.cut off'])}"
    (folder / f"{OURS}1-1{ASIDE}").write_text(text)
    sweep(folder)
    assert names(tmp_path) == before


def test_a_folder_that_is_gone_needs_no_sweeping(tmp_path):
    assert sweep(tmp_path / "gone") == ()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is refused to root")
def test_a_folder_that_refuses_is_told(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(OSError):
        Journal(tmp_path)
