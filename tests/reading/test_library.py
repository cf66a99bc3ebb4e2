"""The private library: which studies lie where, what was exported, who reads."""

from __future__ import annotations

import json
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from tests.dicom.small import write_ct
from tests.reading.samples import lungs
from viewer.cli import run
from viewer.dicom.find import open_path
from viewer.home import home
from viewer.reading.events import Begun
from viewer.reading.library import Library, reader_key, series_key, study_key
from viewer.reading.store import Store, StoreError


@pytest.fixture
def library():
    library = Library()
    yield library
    library.close()


@pytest.fixture
def series(tmp_path):
    write_ct(tmp_path / "ct")
    return open_path(tmp_path / "ct").series[0]


def test_a_series_that_was_opened_is_known_with_its_names_and_place(library, series, tmp_path):
    library.remember(series, tmp_path / "ct")
    (known,) = library.known()
    assert (known.uid, known.study_uid) == (series.uid, series.study_uid)
    assert (known.patient, known.patient_id) == (series.patient.name, series.patient.id)
    assert known.path == tmp_path / "ct"
    assert known.slices == len(series.slices)
    assert library.uid_of(known.key) == series.uid


def test_a_series_that_is_opened_waits_for_the_disk_once(library, series, tmp_path):
    """Row by row it was four times: the window stood still for each."""
    said = []
    library._db.set_trace_callback(said.append)
    library.remember(series, tmp_path / "ct")
    library._db.set_trace_callback(None)
    assert said[0] == "BEGIN IMMEDIATE" and said[-1] == "COMMIT"
    assert said.count("COMMIT") == 1 and sum("INTO series" in one for one in said) == 1


def test_cts_of_a_patient_are_found_by_id_and_issuer_alone(library, series, tmp_path):
    def of(uid, **told):
        patient = replace(series.patient, **{"id": "P1", "issuer": "CITY", **told})
        return replace(series, uid=uid, study_uid=f"s{uid}", patient=patient)

    library.note_found(
        [
            of("1"),
            of("2", issuer="COUNTY"),
            of("3", id="P2"),
            of("4", id="", name="Doe^Jane"),
            replace(of("5"), modality="MR"),
            of("6"),
        ],
        tmp_path,
    )
    assert {known.uid for known in library.ct_of_patient("P1", "CITY")} == {"1", "6"}
    assert [known.uid for known in library.ct_of_patient("P1", "COUNTY")] == ["2"]
    assert not library.ct_of_patient("P1", "") and not library.ct_of_patient("", "CITY")


def test_the_series_opened_last_comes_first_and_none_comes_twice(library, series, tmp_path):
    other = replace(series, uid="1.2.3.99")
    for one in (series, other, series):
        library.remember(one, tmp_path / "ct")
    assert [known.uid for known in library.known()] == [series.uid, other.uid]


def test_a_series_that_moved_is_known_where_it_was_opened_last(library, series, tmp_path):
    library.remember(series, tmp_path / "here")
    library.remember(series, tmp_path / "there")
    assert [known.path.name for known in library.known()] == ["there"]


def test_a_path_that_was_given_in_part_is_kept_in_whole(library, series, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    library.remember(series, Path("ct"))
    library.note_export("r", Path("lungs.dcm"))
    assert library.known()[0].path == tmp_path / "ct"
    assert library.exports_of("r") == (str(tmp_path / "lungs.dcm"),)


def test_a_key_nobody_knows_has_no_uid(library):
    assert library.uid_of("0123456789abcdef") == ""


def test_exports_add_up_over_a_reading_each_once_and_in_order(library, tmp_path):
    for name in ("lungs.dcm", "nodules.dcm", "lungs.dcm", "lungs-2.dcm"):
        library.note_export("one", tmp_path / name)
    library.note_export("other", tmp_path / "lungs.dcm")
    assert [Path(p).name for p in library.exports_of("one")] == [
        "lungs.dcm", "nodules.dcm", "lungs-2.dcm",
    ]  # fmt: skip
    assert library.exports_of("nobody's") == ()


def test_a_setting_is_kept_for_the_next_window(library):
    assert library.setting("reader", "Reader A") == "Reader A"
    library.set_setting("reader", "Dr Åström")
    library.set_setting("reader", "Dr Öz")
    library.close()
    again = Library()
    assert again.setting("reader", "Reader A") == "Dr Öz"
    again.close()


def test_only_its_owner_can_read_it(library, series, tmp_path):
    library.remember(series, tmp_path)
    files = [p for p in home().iterdir() if p.name.startswith("library.sqlite")]
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_keys_differ_by_kind_and_by_home_and_stay_within_one(tmp_path, monkeypatch):
    key = series_key("1.2.3")
    assert key == series_key("1.2.3")
    assert len({key, study_key("1.2.3"), reader_key("1.2.3"), series_key("1.2.4")}) == 4
    monkeypatch.setenv("HILUM_HOME", str(tmp_path / "elsewhere"))
    assert series_key("1.2.3") != key


def test_two_windows_may_use_it_at_once(library, series, tmp_path):
    other = Library()
    other.remember(series, tmp_path)
    library.note_export("r", tmp_path / "a.dcm")
    assert library.known()[0].uid == series.uid
    assert other.exports_of("r")
    other.close()


@pytest.mark.parametrize("content", [b"no database at all, but long enough" * 40, b"\0" * 4096])
def test_a_damaged_library_is_told_in_a_sentence_and_left_as_it_is(content):
    path = home() / "library.sqlite"
    path.write_bytes(content)
    with pytest.raises(StoreError) as caught:
        Library()
    assert caught.value.sentence
    assert path.read_bytes() == content


def test_a_library_without_its_tables_is_told_of_when_it_is_only_read():
    path = home() / "library.sqlite"
    sqlite3.connect(path).close()
    path.touch()
    with pytest.raises(StoreError):
        Library(path, read_only=True).known()


def test_readings_join_the_uid_and_the_exports_from_it(library, series, tmp_path, capsys):
    library.remember(series, tmp_path / "ct")
    store = Store(home() / "readings.sqlite")
    store.append("r1", Begun(study_key(series.study_uid), series_key(series.uid), "reader"))
    store.append("r1", lungs())
    store.append("r2", Begun("", series_key("1.2.3.of.another.home"), "reader"))
    store.close()
    library.note_export("r1", tmp_path / "lungs.dcm")
    assert run(["readings", "--json"]) == 0
    second, first = json.loads(capsys.readouterr().out)
    assert first["series"] == series.uid
    assert first["lungs"] is True
    assert first["exports"] == [str(tmp_path / "lungs.dcm")]
    assert (second["reading"], second["series"], second["exports"]) == ("r2", "", [])


def test_with_no_reading_the_list_is_empty_and_nothing_is_made(own_home, capsys):
    assert run(["readings", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert not (own_home / "readings.sqlite").exists()
