"""Whatever the disk, another window or the clock does: a sentence, and nothing lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.reading.samples import finding, proposed
from viewer.home import home
from viewer.reading import converters, database, store
from viewer.reading.events import Answer, Begun, FindingAdded, VerdictGiven
from viewer.reading.library import Library
from viewer.reading.listing import readings
from viewer.reading.store import Store, StoredPolicy, StoreError
from viewer.reading.unsaved import open_library, open_store

PRELUDE = """
import os, resource, signal, subprocess, sys
from pathlib import Path
from tests.reading.samples import finding, proposed
from viewer.home import home
from viewer.reading.events import (Answer, Begun, FindingAdded, VerdictGiven)
from viewer.reading.store import Store, StoreError
from viewer.reading.unsaved import open_library, open_store
LOG = home() / "readings.sqlite"


def mount(*words):
    subprocess.run(["mount", *words], check=True)
"""
ROOT = Path(__file__).resolve().parents[2]


def script(code):
    return [sys.executable, "-c", PRELUDE + textwrap.dedent(code)]


def start(code, **more):
    """Another window, as far as the log can tell."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(script(code), cwd=ROOT, **pipes, **more)


def carry_out(code, *, by=()):
    done = subprocess.run([*by, *script(code)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def private_mounts():
    """A command that gives its child a file tree of its own; skips where that is not permitted."""
    if shutil.which("unshare") is None:
        pytest.skip("no unshare on this machine")
    way = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
    if subprocess.run([*way, "true"], capture_output=True).returncode != 0:
        pytest.skip("mounts of one's own are not permitted here")
    return way


@pytest.fixture
def log_path():
    return home() / "readings.sqlite"


@pytest.fixture
def one_reading(log_path):
    log = Store(log_path)
    log.append("r", Begun("study", "series", "reader"))
    log.append("r", proposed("ab", held="b"))
    log.append("r", VerdictGiven("a", Answer.ACCEPT))
    log.close()
    return log_path


# Two windows


def test_two_windows_that_write_at_once_make_one_whole_chain(log_path):
    code = """
        log = Store(LOG)
        for n in range(150):
            log.append(sys.argv[1], VerdictGiven("a", Answer.ACCEPT, seconds=float(n)))
    """
    windows = [
        subprocess.Popen([*script(code), name], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for name in "xy"
    ]
    for window in windows:
        assert window.communicate()[1] == "" and window.returncode == 0
    log = Store(log_path)
    assert log.broken_at() is None and log.last_seq() == 300
    for name in "xy":
        assert [row.event.seconds for row in log.rows(name)] == [float(n) for n in range(150)]
    log.close()


def test_windows_that_start_at_once_make_one_log(log_path):
    code = """
        for n in range(20):
            log, library = Store(LOG), open_library(home() / "library.sqlite")
            assert library[1] is None, library[1].sentence
            log.append("r", VerdictGiven("a", Answer.ACCEPT))
            log.close(); library[0].close()
            if n == 0: print("ready", flush=True)
    """
    windows = [start(code) for _ in range(3)]
    for window in windows:
        assert window.communicate()[1] == "" and window.returncode == 0
    log = Store(log_path)
    assert log.broken_at() is None and log.last_seq() == 60
    log.close()


def test_what_another_window_added_is_found_between_two_rows(one_reading):
    mine, other = Store(one_reading), Store(one_reading)
    missed = other.append("r", FindingAdded(finding("m")))
    other.append("elsewhere", Begun("s", "t", "u"))
    row = mine.append("r", VerdictGiven("a", Answer.REJECT))
    assert [r.seq for r in mine.rows("r", after=3, before=row.seq)] == [missed.seq]
    mine.close(), other.close()


HOLD = """
    log = Store(LOG)
    log._db.execute("BEGIN IMMEDIATE")
    log._db.execute("UPDATE meta SET value = '1'")
    print("held", flush=True)
    signal.pause()
"""


def test_a_window_that_hangs_with_the_log_in_hand_costs_a_sentence(one_reading, monkeypatch):
    monkeypatch.setattr(database, "BUSY_S", 0.2)
    with start(HOLD) as other:
        assert other.stdout.readline() == "held\n"
        mine = Store(one_reading)
        assert mine.reading("r").state("a") == "accepted", "reading goes on meanwhile"
        with pytest.raises(StoreError, match="Another window holds the log"):
            mine.append("r", VerdictGiven("a", Answer.REJECT))
        other.kill()
    mine.append("r", VerdictGiven("a", Answer.REJECT))
    assert mine.broken_at() is None and mine.last_seq() == 4
    mine.close()


def test_a_window_killed_inside_a_write_leaves_neither_a_lock_nor_half_a_row(one_reading):
    code = """
        log = Store(LOG)
        log._db.execute("BEGIN IMMEDIATE")
        log._db.execute("INSERT INTO mask VALUES ('x', zeroblob(3000000))")
        log._db.execute("INSERT INTO event VALUES (4, 'r', '', 1, 'Closed', '{}', '', '')")
        os.kill(os.getpid(), signal.SIGKILL)
    """
    with start(code) as other:
        other.communicate()
    assert other.returncode == -signal.SIGKILL
    mine = Store(one_reading)
    assert mine.last_seq() == 3
    mine.append("r", VerdictGiven("a", Answer.REJECT))
    assert mine.broken_at() is None
    mine.close()


# A full disk


def test_a_full_disk_costs_a_sentence_and_the_next_step_works_once_there_is_room(one_reading):
    log = Store(one_reading)
    log._db.execute("PRAGMA max_page_count = 1")  # SQLite keeps to what is used already
    saved = log.last_seq()
    with pytest.raises(StoreError, match="disk is full") as told:
        for n in range(500):
            log.append("r", VerdictGiven("a", Answer.REJECT, seconds=float(n)))
            saved += 1
    assert "Free some space" in told.value.remedy
    assert log.last_seq() == saved and log.broken_at() is None
    log._db.execute("PRAGMA max_page_count = 100000")
    log.append("r", VerdictGiven("a", Answer.ACCEPT))
    assert log.last_seq() == saved + 1 and log.broken_at() is None
    log.close()


def test_a_disk_that_refuses_to_grow_a_file_costs_a_sentence_and_no_row(one_reading):
    out = carry_out("""
        log, saved = Store(LOG), 3
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, resource.RLIM_INFINITY))
        try:
            for n in range(500):
                log.append("r", FindingAdded(finding(f"m{n}")))
                saved += 1
        except StoreError as error:
            print(saved, log.last_seq(), log.broken_at(), error.sentence)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        log.append("r", VerdictGiven("a", Answer.ACCEPT))
        print(log.last_seq(), log.broken_at())
    """)
    first, second = out.splitlines()
    saved, last, broken, sentence = first.split(" ", 3)
    assert saved == last and broken == "None" and 3 < int(saved) < 503
    assert sentence.startswith("The disk")
    assert second == f"{int(saved) + 1} None"


def test_a_really_full_disk_costs_a_sentence_and_no_row(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    out = carry_out(
        f"""
        mount("-t", "tmpfs", "-o", "size=400k", "none", {str(place)!r})
        os.environ["HILUM_HOME"] = {str(place)!r}
        LOG = home() / "readings.sqlite"
        log, saved = open_store(LOG), 0
        assert log.trouble is None, log.trouble.sentence
        try:
            for n in range(2000):
                log.append("r", FindingAdded(finding(f"m{{n}}")))
                saved += 1
        except StoreError as error:
            print(error.sentence)
        (home() / "filler").write_bytes(b"0" * max(0, os.statvfs(home()).f_bavail * 4096))
        assert log.last_seq() == saved > 5 and log.broken_at() is None
        again = open_store(LOG)
        print(again.trouble.sentence if again.trouble else "opens")
        assert again.last_seq() == saved
        again.close()
        (home() / "filler").unlink()
        mount("-o", "remount,size=40m", {str(place)!r})
        log.append("r", FindingAdded(finding("last")))
        assert log.last_seq() == saved + 1 and log.broken_at() is None
        """,
        by=private_mounts(),
    )
    assert out.splitlines()[0].startswith("The disk is full")


def test_on_a_disk_without_any_room_the_window_gets_a_log_in_memory(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    out = carry_out(
        f"""
        mount("-t", "tmpfs", "-o", "size=64k", "none", {str(place)!r})
        os.environ["HILUM_HOME"] = {str(place)!r}
        filler = os.open({str(place / "filler")!r}, os.O_CREAT | os.O_WRONLY)
        try:
            while os.write(filler, b"0" * 4096): pass
        except OSError: pass
        log = open_store(home() / "readings.sqlite")
        library, trouble = open_library(home() / "library.sqlite")
        log.append("r", Begun("s", "k", "x"))
        library.set_setting("reader", "Anna")
        print(log.trouble.sentence, log.trouble.remedy)
        print(trouble.sentence)
        os._exit(0)
        """,
        by=private_mounts(),
    )
    assert "full" in out or "cannot be saved" in out, out


# A folder that nobody may write to


def read_only(folder, code):
    """What a window prints that finds its folder mounted read-only."""
    return carry_out(
        f"""
        mount("--bind", {str(folder)!r}, {str(folder)!r})
        mount("-o", "remount,ro,bind", {str(folder)!r})
        """
        + textwrap.dedent(code).replace("\n", "\n        "),
        by=private_mounts(),
    )


def test_in_a_read_only_folder_earlier_readings_are_seen_and_new_answers_stay_in_memory(
    one_reading,
):
    library = Library()
    library.set_setting("reader", "Anna")
    library.close()
    before = one_reading.read_bytes()
    out = read_only(
        home(),
        """
        log = open_store(LOG)
        print(log.trouble.sentence)
        print(log.reading("r").state("a"))
        log.append("r", VerdictGiven("a", Answer.REJECT))
        print(log.reading("r").state("a"), log.broken_at())
        library, trouble = open_library(home() / "library.sqlite")
        print(library.setting("reader"), trouble.sentence)
        library.set_setting("reader", "Bo")
        """,
    )
    assert out.splitlines() == [
        "The log cannot be written here.",
        "accepted",
        "rejected None",
        "Anna The library of studies cannot be written here.",
    ]
    assert one_reading.read_bytes() == before


def test_readings_are_listed_from_a_read_only_folder(one_reading):
    out = read_only(
        home(),
        """
        from viewer.reading.listing import readings
        print([f["state"] for f in readings()[0]["findings"]])
        """,
    )
    assert out.strip() == "['accepted', 'held']"


def test_in_an_empty_read_only_folder_a_window_still_gets_a_log_in_memory():
    out = read_only(
        home(),
        """
        log = open_store(LOG)
        library, trouble = open_library(home() / "library.sqlite")
        print(log.trouble.sentence, trouble.sentence)
        log.append("r", Begun("s", "k", "x"))
        from viewer.reading.library import series_key
        print(series_key("1.2.3") == series_key("1.2.3"))
        """,
    )
    assert out.splitlines() == [
        "The log cannot be written here. The library of studies cannot be written here.",
        "True",
    ]


# Damaged and newer ones


def spoil(path, *, at, with_=b"\xa5" * 4096):
    with path.open("r+b") as file:
        file.seek(at)
        file.write(with_)


def fill(path):
    log = Store(path)
    for n in range(60):
        log.append("r", FindingAdded(finding(f"m{n}")))
    log.close()


@pytest.mark.parametrize("what", ["header", "rows", "cut"])
def test_a_damaged_log_is_left_as_it_is_and_a_window_gets_one_in_memory(one_reading, what):
    fill(one_reading)
    if what == "header":
        spoil(one_reading, at=0)
    elif what == "rows":
        for page in range(8, 40):
            spoil(one_reading, at=4096 * page)
    else:
        one_reading.write_bytes(one_reading.read_bytes()[: 4096 * 9])
    before = one_reading.read_bytes()
    log = open_store(one_reading)
    assert "damaged" in log.trouble.sentence and "HILUM_HOME" in log.trouble.remedy
    log.append("fresh", Begun("s", "k", "x"))
    assert log.readings() == ("fresh",)
    log.close()
    assert one_reading.read_bytes() == before


def test_a_damaged_library_is_left_as_it_is_and_a_window_gets_one_in_memory():
    path = home() / "library.sqlite"
    path.write_bytes(b"no database, but longer than the header of one" * 100)
    before = path.read_bytes()
    library, trouble = open_library(path)
    assert "library of studies is damaged" in trouble.sentence
    library.set_setting("reader", "Anna")
    assert library.setting("reader") == "Anna"
    library.close()
    assert path.read_bytes() == before


def test_a_newer_log_is_not_touched_at_all(one_reading):
    with contextlib.closing(sqlite3.connect(one_reading)) as other:
        other.execute(f"UPDATE meta SET value = '{converters.SCHEMA + 1}'")
        other.execute("DROP TRIGGER event_stays")  # a newer Hilum may guard its rows otherwise
        other.commit()
        other.execute("PRAGMA journal_mode = DELETE")
    before = one_reading.read_bytes()
    log = open_store(one_reading)
    assert "newer Hilum" in log.trouble.sentence
    assert log.readings() == (), "rows that may mean something else are not shown"
    log.close()
    assert one_reading.read_bytes() == before
    assert {p.name for p in one_reading.parent.glob("readings*")} == {one_reading.name}


@pytest.mark.parametrize("value", ["two", "", "-1"])
def test_a_log_whose_schema_is_no_number_is_called_damaged(one_reading, value):
    with contextlib.closing(sqlite3.connect(one_reading)) as other:
        other.execute("UPDATE meta SET value = ?", (value,))
        other.commit()
    with pytest.raises(StoreError, match="damaged"):
        Store(one_reading)


def test_a_listing_of_a_damaged_log_is_one_sentence(one_reading):
    spoil(one_reading, at=0)
    command = [sys.executable, "-m", "viewer", "readings", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("The log is damaged") and done.stderr.count("\n") == 1


# The clock


def test_a_clock_that_goes_backwards_changes_no_order(one_reading, monkeypatch):
    times = iter(f"2026-01-{day:02d}T00:00:00.000+00:00" for day in range(28, 1, -1))
    monkeypatch.setattr(store, "_now", lambda: next(times))
    log = Store(one_reading)
    log.append("r", VerdictGiven("a", Answer.REJECT))
    log.append("r", VerdictGiven("a", Answer.UNDECIDED))
    log.append("later", Begun("study", "series", "reader"))
    assert log.reading("r").state("a") == "undecided"
    assert log.newest_of_series("series", "reader") == "later"
    log.keep_policy(StoredPolicy("v1", "", 3, "{}"))
    log.keep_policy(StoredPolicy("v2", "v1", 3, "{}"))
    assert log.newest_policy().id == "v2"
    assert [p.id for p in log.policies()] == ["v1", "v2"]
    assert log.broken_at() is None
    log.close()


def test_an_error_that_is_ours_leaves_no_transaction_open(one_reading):
    log = Store(one_reading)
    with pytest.raises(StoreError), database.writing(log._db, "log") as db:
        db.execute("INSERT INTO event VALUES (1, '', '', 1, '', '', '', '')")
    with pytest.raises(ZeroDivisionError), database.writing(log._db, "log") as db:
        _ = 1 / 0
    assert db.in_transaction is False
    log.append("r", VerdictGiven("a", Answer.REJECT))
    log.close()


def test_readings_of_a_window_that_is_open_are_listed(one_reading):
    log = Store(one_reading)
    log.append("r", VerdictGiven("a", Answer.REJECT))
    assert readings()[0]["findings"][0]["state"] == "rejected"
    log.close()
