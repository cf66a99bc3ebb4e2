"""Two windows on one reading stand on the same steps; what one keeps the other takes in."""

from __future__ import annotations

import pytest

from tests.reading.samples import finding, proposed
from viewer.desk.keeping import keep
from viewer.home import home
from viewer.reading.events import Answer, Begun, FindingAdded, VerdictGiven, Withdrawn
from viewer.reading.reading import Reading
from viewer.reading.store import Store, StoreError

BEGUN = Begun("study", "series", "me")


@pytest.fixture
def windows():
    pair = Store(home() / "readings.sqlite"), Store(home() / "readings.sqlite")
    yield pair
    for store in pair:
        store.close()


def test_the_first_step_begins_the_reading(windows):
    kept = keep(windows[0], Reading("r"), proposed("ab"), begun=BEGUN)
    assert [type(row.event).__name__ for row in kept.reading.history] == [
        "Begun",
        "FindingsProposed",
    ]
    assert kept.missed == 0 and kept.reading.series == "series"


def test_a_step_of_another_window_is_taken_in_before_ones_own(windows):
    one, two = windows
    mine = keep(one, Reading("r"), proposed("abc"), begun=BEGUN).reading
    theirs = two.reading("r")
    theirs = keep(two, theirs, VerdictGiven("a", Answer.ACCEPT), begun=BEGUN).reading
    keep(two, theirs, FindingAdded(finding("m")), begun=BEGUN)
    kept = keep(one, mine, VerdictGiven("b", Answer.REJECT), begun=BEGUN)
    assert kept.missed == 2
    assert dict(kept.reading.states) == {
        "a": "accepted",
        "b": "rejected",
        "c": "proposed",
        "m": "added",
    }
    assert kept.reading.states == one.reading("r").states
    again = keep(one, kept.reading, VerdictGiven("c", Answer.ACCEPT), begun=BEGUN)
    assert again.missed == 0


def test_undo_undoes_ones_own_step_though_another_window_came_between(windows):
    one, two = windows
    mine = keep(one, Reading("r"), proposed("ab"), begun=BEGUN).reading
    mine = keep(one, mine, VerdictGiven("a", Answer.ACCEPT), begun=BEGUN).reading
    keep(two, two.reading("r"), VerdictGiven("b", Answer.REJECT), begun=BEGUN)
    kept = keep(one, mine, Withdrawn(mine.undo_target.seq), begun=BEGUN)
    assert dict(kept.reading.states) == {"a": "proposed", "b": "rejected"}


def test_two_windows_that_begin_the_same_reading_go_on_with_one(windows):
    one, two = windows
    keep(one, Reading("r"), proposed("ab"), begun=BEGUN)
    kept = keep(two, Reading("other"), VerdictGiven("a", Answer.ACCEPT), begun=BEGUN)
    assert kept.reading.id == "r" and kept.missed == 2
    assert one.readings() == ("r",)
    assert one.reading("r").state("a") == "accepted"


def test_another_readers_reading_is_not_joined(windows):
    one, two = windows
    keep(one, Reading("r"), proposed("ab"), begun=BEGUN)
    kept = keep(two, Reading("x"), proposed("ab"), begun=Begun("study", "series", "you"))
    assert kept.reading.id == "x" and kept.missed == 0


def test_a_step_refused_after_the_reading_was_begun_goes_on_with_it_later(windows, monkeypatch):
    one, _ = windows
    append, asked = one.append, []

    def refuse_the_second(*words, **more):
        asked.append(words)
        if len(asked) == 2:
            raise StoreError("The disk is full.")
        return append(*words, **more)

    monkeypatch.setattr(one, "append", refuse_the_second)
    with pytest.raises(StoreError):
        keep(one, Reading("r"), proposed("ab"), begun=BEGUN)
    kept = keep(one, Reading("r"), proposed("ab"), begun=BEGUN)
    assert kept.missed == 0 and one.readings() == ("r",)
    assert [row.seq for row in kept.reading.history] == [1, 2]


def test_a_reading_that_cannot_be_read_is_not_joined_when_told_so(windows):
    one, two = windows
    keep(one, Reading("r"), proposed("ab"), begun=BEGUN)
    kept = keep(two, Reading("fresh"), proposed("ab"), begun=BEGUN, joins=False)
    assert kept.reading.id == "fresh"
