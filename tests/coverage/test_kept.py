"""What was seen since the log last heard of it is safe in a file, also where a kill comes."""

from __future__ import annotations

import stat
import subprocess
import sys

from viewer.coverage.kept import SeenSince
from viewer.coverage.seen import as_text
from viewer.home import subfolder

KILLED = """
import os, signal
from viewer.coverage.kept import SeenSince
since = SeenSince("reading")
since.keep(b"first")
since.wait()
since.keep(b"second")
since.wait()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_seen_last_is_there_after_a_kill() -> None:
    subprocess.run([sys.executable, "-c", KILLED], check=False)
    assert SeenSince("reading").read() == as_text(b"second")
    assert SeenSince("another").read() == ""


def test_it_is_its_readers_alone_and_gone_when_the_log_has_it() -> None:
    since = SeenSince("reading")
    assert since.keep(b"places")
    since.wait()
    (path,) = subfolder("seen").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    since.keep(b"more")
    since.drop()
    assert list(subfolder("seen").iterdir()) == [] and since.read() == ""


def test_a_file_of_nonsense_tells_nothing() -> None:
    (subfolder("seen") / "reading.seen").write_bytes(b"\xff\x00")
    assert SeenSince("reading").read() == ""


def test_where_nothing_can_be_written_the_reading_goes_on() -> None:
    path = subfolder("seen") / "reading.part"
    path.mkdir()
    since = SeenSince("reading")
    since.keep(b"places")
    since.wait()
    assert since.read() == ""
    since.drop()
