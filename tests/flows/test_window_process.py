"""A real window in a process of its own: killed, started again, and looked at from outside."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.data import CHECKOUT
from tests.flows.desks import children
from viewer.home import home
from viewer.reading.events import Begun
from viewer.reading.library import reader_key, series_key
from viewer.reading.listing import readings
from viewer.reading.store import Store

READING = "a1b2c3d4e5f60718"


class Window:
    """hilum STUDY, its keys given and its sentences heard through pipes."""

    def __init__(self, study: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.keys", str(study)],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.pid = self._process.pid
        self._heard = {w: queue.SimpleQueue() for w in ("notice", "stands", "pressed")}
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._process.stdout:
            told = json.loads(line)
            self._heard[next(iter(told))].put(told)

    def hears(self, word: str, seconds: float = 60) -> dict[str, object]:
        """The next thing of that kind that the window says."""
        return self._heard[word].get(timeout=seconds)

    def tells(self, beginning: str) -> bool:
        """Waits for a notice that begins so."""
        while not str(self.hears("notice")["notice"]).startswith(beginning):
            pass
        return True

    def press(self, key: str) -> float:
        """Presses a key; the seconds until it was carried out."""
        self._process.stdin.write(f"{key}\n")
        return float(self.hears("pressed")["seconds"])

    def family(self) -> list[int]:
        """The window's process and all that it started."""
        return [self.pid, *children(self.pid)]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def exit_code(self, seconds: float = 20) -> int:
        return self._process.wait(seconds)

    def close(self) -> None:
        if self._process.poll() is None:
            self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            pipe.close()


def gone(pids, seconds=10):
    """Those that are still there after so many seconds."""
    end = time.monotonic() + seconds
    while (left := [pid for pid in pids if is_alive(pid)]) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture(scope="module")
def own_study(read, phantom, tmp_path_factory):
    """The phantom, and a home with a reading of it that has candidates and no answer."""
    place = tmp_path_factory.mktemp("window") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HILUM_HOME", str(place))
        store = Store(home() / "readings.sqlite")
        begun = Begun("", series_key(phantom.uid), reader_key("Reader A"))
        for event in (begun, *read.found):
            store.append(READING, event)
        store.close()
        yield phantom


@pytest.fixture
def window(own_study):
    opened = []

    def start() -> Window:
        opened.append(Window(own_study.series))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def states():
    (row,) = readings()
    assert row["reading"] == READING
    return [f["state"] for f in row["findings"]]


def as_printed():
    """What `hilum readings --json` prints."""
    done = subprocess.run(
        [sys.executable, "-m", "viewer", "readings", "--json"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
        timeout=20,
    )
    return json.loads(done.stdout)


def test_a_killed_window_loses_nothing_and_the_next_one_goes_on(window, own_study):
    first = window()
    assert first.tells("Reading restored to your last click, ")
    first.hears("stands")
    assert first.press("A") < 1
    assert states().count("accepted") == 1  # on the disk when the key was carried out
    assert first.press("X") < 1
    (row,) = as_printed()  # while the window is open
    assert row["series"] == own_study.uid
    assert row["lungs"] is True
    assert sorted(s for s in states() if s not in ("proposed", "held")) == ["accepted", "rejected"]

    family = first.family()
    assert len(family) > 1
    first.kill()
    assert gone(family) == []
    (row,) = as_printed()
    assert row["reading"] == READING
    assert states().count("rejected") == 1

    second = window()
    assert second.tells("Reading restored to your last click, ")
    second.hears("stands")
    second.press("Ctrl+Z")
    assert second.tells("Undone: ")
    assert (states().count("accepted"), states().count("rejected")) == (1, 0)
    second.press("A")
    assert states().count("accepted") == 2

    family = second.family()
    second.press("Ctrl+Q")
    assert second.exit_code() == 0
    assert gone(family) == []


def test_a_lock_left_behind_stops_nothing(window, own_study):
    for name in ("readings.sqlite", "library.sqlite"):
        (home() / f"{name}-journal").write_bytes(b"")
        (home() / f"{name}.lock").write_bytes(b"1")
    one = window()
    assert one.tells("Reading restored to your last click, ")
    one.hears("stands")
    before = states().count("undecided")
    one.press("U")
    assert states().count("undecided") == before + 1
    os.kill(one.pid, signal.SIGTERM)
    assert one.exit_code() == 0
