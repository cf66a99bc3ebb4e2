"""Rows of every schema that there ever was fold for ever, and are never rewritten."""

from __future__ import annotations

import base64
import contextlib
import json
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from viewer.home import home
from viewer.reading import converters
from viewer.reading.codec import KINDS
from viewer.reading.events import Begun, FindingAdded, VerdictGiven
from viewer.reading.policy_choices import PolicyChoice
from viewer.reading.reader_events import ReportWritten
from viewer.reading.searching import search_of
from viewer.reading.store import Store, StoreError

FROZEN = Path(__file__).parent / "frozen"
MINE, OTHERS = "aaaa000011112222", "bbbb000011112222"
SERIES, ME = "a9e04b7712cd35f0", "0d8b64ce91fa2735"
NEWER = converters.SCHEMA + 1


def frozen_lines(name):
    return [json.loads(line) for line in (FROZEN / name).read_text("utf-8").splitlines()]


def thaw(name):
    """The frozen rows as a log on the disk, byte for byte as they were sealed."""
    path = home() / "readings.sqlite"
    Store(path).close()
    with contextlib.closing(sqlite3.connect(path)) as log:
        for line in frozen_lines(name):
            if "event" in line:
                log.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", line["event"])
            else:
                digest, packed = line["mask"]
                log.execute("INSERT INTO mask VALUES (?, ?)", (digest, base64.b64decode(packed)))
        schema = name.removeprefix("schema-").removesuffix(".jsonl")
        log.execute("UPDATE meta SET value = ? WHERE name = 'schema'", (schema,))
        log.commit()
    return path


def stored_rows(path):
    with contextlib.closing(sqlite3.connect(path)) as log:
        return log.execute("SELECT * FROM event ORDER BY seq").fetchall()


@pytest.fixture
def store():
    store = Store(thaw("schema-1.jsonl"))
    yield store
    store.close()


def test_the_frozen_log_of_schema_1_folds_as_it_did_when_it_was_written(store):
    assert store.broken_at() is None
    assert store.readings() == (OTHERS, MINE)
    reading = store.reading(MINE)
    assert dict(reading.states) == {
        "a": "edited",
        "b": "accepted",
        "c": "undecided",
        "d": "held",
        "m": "added",
    }
    assert reading.begun_at == "2026-01-15T09:01:30.125+00:00"
    assert reading.closed and reading.searched
    assert reading.withdrawn == {8}
    assert [f.id for f in reading.findings] == ["a", "b", "c", "d", "m"]
    assert reading.finding("a").measurement.mean_diameter_mm == 7.5
    assert reading.finding("m").measurement.mean_diameter_mm == 9.5
    assert reading.verdicts["a"].seconds == 4.25 and reading.verdicts["b"].by == "rule"
    assert reading.proposals["d"].shown is False


def test_its_voxels_lie_where_they_lay(store):
    lungs = store.reading(MINE).lungs
    assert lungs.labels.shape == (6, 8, 10)
    for number, columns in ((1, slice(1, 4)), (2, slice(6, 9))):
        expected = np.zeros(lungs.labels.shape, bool)
        expected[1:5, 2:6, columns] = True
        assert np.array_equal(lungs.labels == number, expected)
    assert np.allclose(lungs.geometry.spacing_kji_mm, (2.5, 0.7, 0.7))
    mask = store.reading(MINE).finding("b").mask
    assert mask.start_kji == (2, 3, 4) and mask.voxels.shape == (2, 3, 3) and mask.voxels.all()


def test_a_reading_without_lungs_keeps_its_warning(store):
    reading = store.reading(OTHERS)
    assert reading.lungs is None and reading.has_lungs
    assert reading.lung_warnings == ("The lungs could not be told from the bowel.",)


def test_the_frozen_log_of_schema_2_tells_a_signature_and_what_came_after_it():
    path = thaw("schema-2.jsonl")
    store = Store(path)
    try:
        assert store.broken_at() is None
        reading = store.reading(MINE)
        assert reading.signed and reading.amended == 1
        assert reading.signed_at == "2026-02-10T08:09:00.000+00:00"
        assert reading.report == ReportWritten("1111222233334444", "5555666677778888")
        assert dict(reading.states) == {"a": "rejected"}
    finally:
        store.close()


def test_the_frozen_log_of_schema_3_folds_as_it_did_when_it_was_written():
    store = Store(thaw("schema-3.jsonl"))
    try:
        assert store.broken_at() is None
        reading = store.reading(MINE)
        assert reading.mode == "second" and reading.own_pass.asked_early
        assert reading.coverage.left == 0.75
        (kept,) = reading.key_images
        assert (kept.id, kept.plane, kept.slice_index) == ("k2", "coronal", 5)
        assert kept.invert and kept.slab_mm == 10.0 and kept.down == (0.0, 0.0, -1.0)
        assert dict(reading.states) == {"a": "edited", "b": "rejected", "m": "added"}
        assert reading.reasons["b"] == "vessel" and reading.labels["m"].label == "cyst"
        (drawn,) = reading.measurements
        assert (drawn.id, drawn.figures.length_mm) == ("d1", 10.0)
        mask = reading.finding("a").mask
        assert mask.voxels.sum() == 9, "one stroke counts, the other was given up"
        assert reading.finding("a").measurement.mean_diameter_mm == 5.5
        assert (reading.lungs.labels == 1).sum() == 44
        assert reading.lung_figures[0].volume_ml == 0.055
        (linked,) = reading.priors.values()
        assert (linked.prior, linked.by, linked.matrix[3]) == ("cccc000011112222", "hand", 6.0)
    finally:
        store.close()


def test_the_frozen_log_of_schema_11_tells_which_model_found_nothing():
    store = Store(thaw("schema-11.jsonl"))
    try:
        assert store.broken_at() is None
        search = search_of(store.reading(MINE))
        assert (search.by.name, search.candidates) == ("nodules-log 1.0", 0)
    finally:
        store.close()


def test_an_old_search_has_the_model_of_its_candidates(store):
    search = search_of(store.reading(MINE))
    assert search.by == store.reading(MINE).finding("a").made_by
    assert (search.candidates, search.accepted) == (4, 2)
    nothing = converters.up_to_date("FindingsProposed", 10, {"findings": [], "proposals": []})
    assert nothing["made_by"] is None, "nobody noted it"


def test_the_frozen_log_of_schema_4_tells_how_fit_the_scan_was_and_how_dense_the_lungs():
    store = Store(thaw("schema-4.jsonl"))
    try:
        assert store.broken_at() is None
        reading = store.reading(MINE)
        assert reading.fit.level == "red" and reading.fit.by_reader
        assert "120 ml" in reading.fit.reasons[0]
        right, left = reading.lung_figures
        assert right.density.below_950 == 0.25 and right.density.p15_hu == -960
        assert left.density.voxels == 48
        assert reading.compared.dice == (0.97, -1.0)
        (place,) = reading.compared.places
        assert (place.centre_lps, place.volume_ml, place.side) == ((1.0, -2.0, 3.5), 12.5, 1)
    finally:
        store.close()


def test_the_frozen_log_of_schema_5_tells_which_series_was_drawn_on():
    store = Store(thaw("schema-5.jsonl"))
    try:
        assert store.broken_at() is None
        on_prior, on_own = store.reading(MINE).measurements
        assert (on_prior.shape.series, on_own.shape.series) == ("cccc000011112222", "")
        assert on_prior.figures.length_mm == 12.5
    finally:
        store.close()


def test_the_frozen_log_of_schema_6_tells_how_a_model_was_run():
    store = Store(thaw("schema-6.jsonl"))
    try:
        assert store.broken_at() is None
        reading = store.reading(MINE)
        for made_by in (reading.lungs.made_by, reading.finding("a").made_by):
            assert made_by.name == "lungs-unet 1.0"
            assert made_by.weights_sha256.startswith("6d124a59aa9e")
            assert (made_by.runtime, made_by.device) == ("OpenVINO 2026.4.1 f32", "CPU")
            assert made_by.remark.startswith("memory was short")
    finally:
        store.close()


def test_how_a_model_was_run_is_not_known_of_older_logs(store):
    reading = store.reading(MINE)
    assert reading.lungs.made_by.how == reading.finding("a").made_by.how == ""


def test_the_frozen_log_of_schema_7_tells_what_the_reader_says_a_finding_is():
    store = Store(thaw("schema-7.jsonl"))
    try:
        assert store.broken_at() is None
        finding = store.reading(MINE).finding("a")
        assert (finding.measurement.type, finding.zone) == ("calcified", "RLZ")
    finally:
        store.close()


def test_the_frozen_log_of_schema_8_tells_who_named_themselves_and_that_they_have_not_signed():
    store = Store(thaw("schema-8.jsonl"))
    assert store.broken_at() is None
    reading = store.reading(MINE)
    assert reading.reader == ME and not reading.signed
    assert store.newest_of_series(SERIES, ME) == MINE
    assert store.newest_of_series(SERIES, reading.history[0].event.reader) is None
    assert [stand.reader for stand in store.stands()] == [ME]
    store.close()


def test_drawings_of_older_logs_lie_on_the_scan_that_is_read():
    store = Store(thaw("schema-3.jsonl"))
    try:
        assert [one.shape.series for one in store.reading(MINE).measurements] == [""]
    finally:
        store.close()


def test_lungs_that_were_logged_before_densities_were_counted_have_none():
    store = Store(thaw("schema-3.jsonl"))
    try:
        assert all(row.density is None for row in store.reading(MINE).lung_figures)
    finally:
        store.close()


def test_every_kind_of_row_stands_in_a_frozen_log():
    frozen = {
        line["event"][4]
        for file in FROZEN.glob("schema-*.jsonl")
        for line in frozen_lines(file.name)
        if "event" in line
    }
    assert frozen == set(KINDS)


def test_the_frozen_log_of_schema_9_tells_which_finding_came_in_a_file_and_how_it_was_made():
    store = Store(thaw("schema-9.jsonl"))
    assert store.broken_at() is None
    out, own = store.reading(MINE).findings
    assert (out.origin.file, out.origin.how, own.origin) == ("SEG", "AUTOMATIC", None)
    store.close()


def test_the_frozen_log_of_schema_10_tells_what_was_chosen_for_the_agent():
    store = Store(thaw("schema-10.jsonl"))
    assert store.broken_at() is None
    assert store.policy_choices() == (
        PolicyChoice("back", "v2-01234567", 2),
        PolicyChoice("freeze", "", 3),
    )
    assert store.readings() == (MINE,)
    store.close()


def test_there_is_a_frozen_log_of_every_schema():
    names = {f"schema-{n}.jsonl" for n in range(1, converters.SCHEMA + 1)}
    assert {file.name for file in FROZEN.glob("*.jsonl")} == names


def test_old_rows_pass_through_every_converter_on_the_way_and_stay_as_they_are(monkeypatch):
    path = thaw("schema-1.jsonl")
    before = stored_rows(path)
    told = []

    def told_of(step, change):
        def convert(body):
            told.append(step)
            return change(body)

        return convert

    monkeypatch.setattr(converters, "SCHEMA", 5)
    monkeypatch.setattr(
        converters,
        "CONVERTERS",
        {
            **converters.CONVERTERS,
            ("VerdictGiven", 1): told_of(1, lambda body: {**body, "seconds": body["seconds"] * 2}),
            ("VerdictGiven", 4): told_of(4, lambda body: {**body, "seconds": body["seconds"] + 1}),
        },
    )
    store = Store(path)
    assert store.reading(MINE).verdicts["a"].seconds == 9.5
    assert told[:2] == [1, 4]
    store.append(MINE, VerdictGiven("a", "accepted", seconds=3.0))
    told.clear()
    assert store.rows(MINE, after=17)[0].event.seconds == 3.0, "a row of today needs no converter"
    assert told == []
    assert store.broken_at() is None
    store.close()
    assert stored_rows(path)[:-1] == before and stored_rows(path)[-1][3] == 5


def test_a_log_is_of_a_newer_schema_only_from_its_first_newer_row_on(monkeypatch):
    path = thaw("schema-1.jsonl")
    with monkeypatch.context() as newer:
        newer.setattr(converters, "SCHEMA", NEWER)
        store = Store(path)
        store.reading(MINE)
        assert store.schema == 1
        store.append(MINE, VerdictGiven("a", "accepted"))
        assert store.schema == NEWER
        store.close()
    told = rf"newer Hilum \(its schema {NEWER}, ours {converters.SCHEMA}\)"
    with pytest.raises(StoreError, match=told):
        Store(path)


def test_a_row_that_a_newer_window_has_just_written_is_told_of_in_a_sentence(store, monkeypatch):
    with monkeypatch.context() as newer:
        newer.setattr(converters, "SCHEMA", NEWER)
        other = Store(home() / "readings.sqlite")
        other.append(MINE, VerdictGiven("a", "rejected"))
        other.append("fresh", Begun("s", SERIES, ME))
        other.close()
    with pytest.raises(StoreError, match="newer Hilum"):
        store.reading(MINE)
    with pytest.raises(StoreError, match="newer Hilum"):
        store.newest_of_series(SERIES, ME)
    assert store.reading(OTHERS).has_lungs, "a reading without such a row is still read"


def test_a_row_of_an_unknown_kind_is_told_of_in_a_sentence(store):
    with contextlib.closing(sqlite3.connect(home() / "readings.sqlite")) as log:
        row = (18, MINE, "2026-02-01T00:00:00+00:00", 1, "Whistled", "{}", "", "")
        log.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        log.commit()
    with pytest.raises(StoreError, match="Row 18 of the log is of a kind"):
        store.reading(MINE)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("VerdictGiven", "{"),
        ("VerdictGiven", "[]"),
        ("VerdictGiven", '{"finding":"a","answer":"perhaps"}'),
        ("FindingAdded", "{}"),
        ("SegmentsAdded", '{"labels":{},"figures":[],"warnings":[]}'),
        ("Withdrawn", '{"target":1,"more":2}'),
    ],
)
def test_a_row_that_makes_no_sense_is_told_of_in_a_sentence(store, kind, body):
    with contextlib.closing(sqlite3.connect(home() / "readings.sqlite")) as log:
        row = (18, MINE, "2026-02-01T00:00:00+00:00", 1, kind, body, "", "")
        log.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        log.commit()
    with pytest.raises(StoreError, match="Row 18 of the log cannot be read"):
        store.reading(MINE)


@pytest.mark.parametrize("change", ["zeroblob(12)", "zeroblob(0)"])
def test_a_mask_that_is_not_what_was_stored_is_told_of_in_a_sentence(store, change):
    with contextlib.closing(sqlite3.connect(home() / "readings.sqlite")) as log:
        log.execute(f"UPDATE mask SET packed = {change}")
        log.commit()
    with pytest.raises(StoreError, match="mask of this reading is damaged"):
        store.reading(MINE)
    assert store.reading(MINE, voxels=False).finding("m") is not None


def test_what_is_logged_today_is_of_todays_schema(store):
    finding = store.reading(MINE).finding("m")
    row = store.append("new", FindingAdded(finding))
    assert stored_rows(home() / "readings.sqlite")[row.seq - 1][3] == converters.SCHEMA
