"""What is typed is safe at once, also in a process that is killed in the middle of a line."""

from __future__ import annotations

import stat
import subprocess
import sys

from viewer.home import subfolder
from viewer.reading.draft import Draft

KILLED = """
import os, signal
from viewer.reading.draft import Draft
draft = Draft("series", "reader")
draft.keep("Right lung", "")
draft.keep("Right lung: one nodule 小结节", "benign?")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_typed_last_is_there_after_a_kill():
    subprocess.run([sys.executable, "-c", KILLED], check=False)
    typed = Draft("series", "reader").read()
    assert (typed.findings, typed.impression) == ("Right lung: one nodule 小结节", "benign?")
    assert Draft("series", "another reader").read() is None


def test_a_line_that_was_cut_off_costs_only_itself():
    draft = Draft("series", "reader")
    draft.keep("first", "")
    draft.close()
    (path,) = subfolder("drafts").iterdir()
    with path.open("ab") as file:
        file.write(b'{"at": "2026-01-01T00:00:00+00:00", "findi')
    assert draft.read().findings == "first"
    draft.keep("second", "")
    draft.close()
    assert draft.read().findings in ("first", "second")
    draft.keep("third", "")
    assert draft.read().findings == "third"


def test_a_draft_is_its_readers_alone_and_gone_when_the_log_has_it():
    draft = Draft("series", "reader")
    draft.keep("words", "")
    (path,) = subfolder("drafts").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    draft.drop()
    assert draft.read() is None
    assert list(subfolder("drafts").iterdir()) == []
    draft.keep("again", "")
    assert draft.read().findings == "again"
    draft.close()


def test_a_file_of_nonsense_is_no_draft():
    (subfolder("drafts") / "series-reader.draft").write_bytes(b'\xff\x00\n[1]\n{"at": 1}\n')
    assert Draft("series", "reader").read() is None
