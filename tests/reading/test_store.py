"""The log keeps every row, in order, sealed, on the disk."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from ai.nodules.added import GROWING
from ai.scan.finding import Origin
from tests.reading.samples import finding, lungs, proposed
from viewer.home import home, pseudonym
from viewer.reading.codec import encode
from viewer.reading.converters import SCHEMA
from viewer.reading.events import Answer, Begun, FindingAdded, VerdictGiven, Withdrawn
from viewer.reading.listing import main, readings
from viewer.reading.store import Store, StoredPolicy, StoreError

OWN = replace(finding("m"), made_by=GROWING)


@pytest.fixture
def log_path():
    return home() / "readings.sqlite"


@pytest.fixture
def store(log_path):
    store = Store(log_path)
    yield store
    store.close()


def meddle(path, *statements):
    """What somebody else does to the file."""
    with contextlib.closing(sqlite3.connect(path)) as other:
        for statement in statements:
            other.execute(statement)
        other.commit()


def begin(store, reading="r"):
    store.append(reading, Begun("study", "series", "reader"))


def test_lungs_and_masks_come_back_voxel_for_voxel(store):
    begin(store)
    event = lungs()
    store.append("r", event)
    store.append("r", proposed("ab", held="b"))
    back = store.reading("r")
    assert np.array_equal(back.lungs.labels, event.label_map.labels)
    assert back.lungs.geometry.same_grid(event.label_map.geometry)
    assert back.lungs.segments == event.label_map.segments
    mask = back.finding("a").mask
    assert mask.start_kji == (2, 3, 4) and mask.voxels.shape == (2, 3, 3) and mask.voxels.all()
    assert back.finding("a").measurement == finding("a").measurement
    assert back.proposals["b"].shown is False


def test_a_label_map_encoded_beforehand_is_the_same_row(store):
    begin(store)
    event = lungs()
    row = store.append("r", encode(event), event_object=event)
    assert row.event is event
    assert store.reading("r").has_lungs


def test_a_row_can_be_neither_changed_nor_deleted(store, log_path):
    begin(store)
    for change in ("UPDATE event SET body = '{}'", "DELETE FROM event"):
        with pytest.raises(sqlite3.IntegrityError):
            meddle(log_path, change)


def test_a_row_changed_behind_its_back_breaks_the_chain(store, log_path):
    begin(store)
    store.append("r", proposed("a"))
    store.append("r", VerdictGiven("a", Answer.ACCEPT))
    assert store.broken_at() is None
    lie = "UPDATE event SET body = replace(body, 'accepted', 'rejected') WHERE seq = 3"
    meddle(log_path, "DROP TRIGGER event_stays", lie)
    assert store.broken_at() == 3


def test_two_windows_write_into_one_chain(store, log_path):
    begin(store)
    other = Store(log_path)
    for n in range(5):
        (store if n % 2 else other).append("r", VerdictGiven("a", Answer.ACCEPT, seconds=n))
    other.close()
    assert store.broken_at() is None
    assert [row.seq for row in store.rows("r")] == [1, 2, 3, 4, 5, 6]


def test_the_newest_reading_of_a_series_is_the_readers_own(store):
    store.append("r1", Begun("study", "series", "anna"))
    store.append("r2", Begun("study", "series", "bo"))
    store.append("r3", Begun("study", "other", "anna"))
    assert store.newest_of_series("series", "anna") == "r1"
    assert store.newest_of_series("series", "carl") is None
    assert store.readings() == ("r3", "r2", "r1")


def test_a_log_of_a_newer_hilum_is_refused_in_a_sentence_and_left_alone(store, log_path):
    begin(store)
    meddle(log_path, f"UPDATE meta SET value = '{SCHEMA + 1}' WHERE name = 'schema'")
    with pytest.raises(StoreError, match="newer Hilum"):
        Store(log_path)


def test_a_damaged_log_is_refused_in_a_sentence_and_left_alone(log_path):
    log_path.write_bytes(b"this is no database, but it is longer than a header would be" * 40)
    before = log_path.read_bytes()
    with pytest.raises(StoreError, match="damaged"):
        Store(log_path)
    assert log_path.read_bytes() == before


def test_the_log_is_private_to_its_owner(store, log_path):
    begin(store)
    assert stat.S_IMODE(log_path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home().stat().st_mode) == 0o700


def test_no_uid_stands_in_the_log(store, log_path):
    uid = "1.2.840.113619.2.55.3"
    store.append("r", Begun("s", pseudonym("series", uid), "x"))
    store.append("r", lungs())
    files = log_path.parent.glob("readings.sqlite*")
    assert not any(uid.encode() in path.read_bytes() for path in files)


def test_the_folder_is_not_made_anew_for_every_hash(monkeypatch):
    """A study that opens asks for twenty, on the window's own thread."""
    first = pseudonym("series", "1.2.3")
    monkeypatch.setattr("viewer.home.home", lambda: pytest.fail("the folder was made again"))
    assert pseudonym("series", "1.2.3") == first != pseudonym("series", "1.2.4")


def test_what_is_acknowledged_is_on_the_disk(store):
    assert store._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert store._db.execute("PRAGMA synchronous").fetchone() == (2,), "FULL"


def test_policies_are_kept_with_what_they_learnt_from(store):
    assert store.newest_policy() is None
    store.keep_policy(StoredPolicy("v1-a", "", 3, "{}"))
    store.keep_policy(StoredPolicy("v2-b", "v1-a", 9, "{}"))
    store.keep_policy(StoredPolicy("v2-b", "v1-a", 9, "{}"))
    assert store.newest_policy().id == "v2-b"
    assert len(store.policies()) == 2


def test_the_listing_tells_states_without_voxels(store):
    begin(store)
    store.append("r", proposed("ab", held="b"))
    verdict = store.append("r", VerdictGiven("a", Answer.ACCEPT))
    store.append("r", Withdrawn(verdict.seq))
    store.append("r", FindingAdded(OWN))
    store.append("r", FindingAdded(replace(finding("f"), origin=Origin("SEG", "AUTOMATIC"))))
    (row,) = readings()
    assert {f["id"]: f["state"] for f in row["findings"]} == {
        "a": "proposed",
        "b": "held",
        "m": "added",
        "f": "taken over",
    }
    assert row["exports"] == [] and row["lungs"] is False
    assert all(f["mean_diameter_mm"] == 6.0 and len(f["centre_mm"]) == 3 for f in row["findings"])


def test_the_command_prints_an_empty_list_where_there_is_no_reading(tmp_path):
    command = [sys.executable, "-m", "viewer", "readings", "--json"]
    env = {**os.environ, "HILUM_HOME": str(tmp_path / "none")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    assert json.loads(done.stdout) == []


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", "r  no lungs; 1 added, 1 held back, 1 proposed; 0 exports"),
        ("zh", "r  无肺部分割；1 个阅片者添加，1 个暂不显示，1 个待判；0 次导出"),
    ],
)
def test_the_listing_speaks_the_language_asked_for(store, capsys, language, wanted):
    assert main(["--language", language]) == 0
    assert (
        capsys.readouterr().out.strip() == {"en": "No readings yet.", "zh": "尚无阅片。"}[language]
    )
    begin(store)
    store.append("r", proposed("ab", held="b"))
    store.append("r", FindingAdded(OWN))
    assert main(["--language", language]) == 0
    assert capsys.readouterr().out.strip() == wanted
    assert main(["--language", language, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert {one["state"] for one in row["findings"]} == {"added", "held", "proposed"}


def test_the_listing_loads_neither_qt_nor_torch():
    code = (
        "import sys, viewer.cli; viewer.cli.run(['readings', '--json']);"
        "bad = {'PySide6', 'torch', 'pydicom', 'vtkmodules', 'highdicom'} & set(sys.modules);"
        "sys.exit(', '.join(bad) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


WRITER = """
import sys
from viewer.home import home
from viewer.reading.events import Answer, Begun, VerdictGiven
from viewer.reading.store import Store
store = Store(home() / "readings.sqlite")
store.append("r", Begun("s", "k", "x"))
for n in range(100000):
    store.append("r", VerdictGiven("a", Answer.ACCEPT, seconds=float(n)))
    print(n, flush=True)
"""


def test_what_was_acknowledged_before_a_kill_is_in_the_log():
    last = -1
    with subprocess.Popen(
        [sys.executable, "-c", WRITER], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as writer:
        for line in writer.stdout:
            last = int(line) if line.endswith("\n") else last
            if last == 40:
                writer.kill()
    store = Store(home() / "readings.sqlite")
    assert store.broken_at() is None
    answers = [row.event.seconds for row in store.rows("r") if isinstance(row.event, VerdictGiven)]
    store.close()
    assert answers[: last + 1] == [float(n) for n in range(last + 1)]
