"""Which stored policy serves after a reader went back, undid it, learnt on, or froze it."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from ai.errors import HilumError
from viewer.reading.events import Answer, Begun, VerdictGiven
from viewer.reading.policy_choices import (
    BACK,
    FREEZE,
    GO_ON,
    UNDO,
    PolicyChoice,
    StoredPolicy,
    from_text,
    inside,
    standing,
)
from viewer.reading.store import Store

SECOND = StoredPolicy("v2", "v1", 10, "{}")
THIRD = StoredPolicy("v3", "v2", 20, "{}")
FOURTH = StoredPolicy("v4", "v2", 40, "{}")
WENT_BACK = PolicyChoice(BACK, "v2", 25)


def test_the_policy_learnt_last_serves() -> None:
    assert standing([], []).serves is None
    assert standing([SECOND, THIRD], []).serves == THIRD


def test_gone_back_to_the_one_before_serves_and_what_came_since_teaches_nothing() -> None:
    now = standing([SECOND, THIRD], [WENT_BACK])
    assert now.serves == SECOND
    assert now.back == WENT_BACK
    assert [seq for seq in range(8, 30) if inside(seq, now.unlearnt)] == list(range(11, 26))
    assert now.settled == 25  # nothing to learn until something new was answered


def test_an_undone_going_back_leaves_no_trace_in_what_serves() -> None:
    undone = standing([SECOND, THIRD], [WENT_BACK, PolicyChoice(UNDO)])
    assert undone == standing([SECOND, THIRD], [])
    assert standing([SECOND], [PolicyChoice(UNDO)]).serves == SECOND


def test_what_is_learnt_after_going_back_serves_and_still_leaves_the_rest_out() -> None:
    now = standing([SECOND, THIRD, FOURTH], [WENT_BACK])
    assert now.serves == FOURTH
    assert now.back is None
    assert inside(20, now.unlearnt) and not inside(30, now.unlearnt)


def test_going_back_to_the_prior_leaves_out_all_there_was() -> None:
    now = standing([SECOND], [PolicyChoice(BACK, "v1", 12)])
    assert now.serves is None
    assert inside(1, now.unlearnt) and inside(12, now.unlearnt)


def test_frozen_lasts_until_it_goes_on() -> None:
    assert standing([], [PolicyChoice(FREEZE)]).frozen
    assert not standing([], [PolicyChoice(FREEZE), PolicyChoice(GO_ON)]).frozen


def test_choices_outlast_the_program(tmp_path: Path) -> None:
    store = Store(tmp_path / "log.sqlite")
    store.keep_policy(SECOND)
    store.keep_policy(THIRD)
    for _ in range(20):
        store.append("r", VerdictGiven("a", Answer.ACCEPT))
    store.keep_policy_choice(BACK, "v2")
    store.close()
    store = Store(tmp_path / "log.sqlite")
    assert store.newest_policy() == SECOND
    store.keep_policy_choice(UNDO)
    assert store.newest_policy() == THIRD
    assert store.policy_choices() == (PolicyChoice(BACK, "v2", 21), PolicyChoice(UNDO, "", 22))
    store.close()


def test_a_choice_is_a_row_of_the_log_that_no_one_can_change_unseen(tmp_path: Path) -> None:
    store = Store(tmp_path / "log.sqlite")
    store.append("r", Begun("study", "series", "reader"))
    store.keep_policy_choice(FREEZE)
    assert store.last_seq("PolicyChosen") == 2
    assert store.readings() == ("r",) and len(store.stands()) == 1, "it is of no reading"
    assert store.reading("r").history[-1].seq == 1
    with contextlib.closing(sqlite3.connect(tmp_path / "log.sqlite")) as log:
        with pytest.raises(sqlite3.DatabaseError, match="append-only"):
            log.execute("DELETE FROM event WHERE kind = 'PolicyChosen'")
        log.execute("DROP TRIGGER event_stays")
        log.execute("""UPDATE event SET body = '{"kind":"go on","policy":""}' WHERE seq = 2""")
        log.commit()
    assert store.broken_at() == 2
    store.close()


def test_what_was_chosen_before_schema_10_counts_and_stays_where_it_lay(tmp_path: Path) -> None:
    store = Store(tmp_path / "log.sqlite")
    store.keep_policy(SECOND)
    store.keep_policy(THIRD)
    text = '[{"kind": "back", "policy": "v2", "seq": 25}]'
    with contextlib.closing(sqlite3.connect(tmp_path / "log.sqlite")) as log:
        log.execute("INSERT INTO meta VALUES ('policy choices', ?)", (text,))
        log.commit()
    assert store.policy_choices() == (WENT_BACK,) and store.newest_policy() == SECOND
    store.keep_policy_choice(UNDO)
    assert store.newest_policy() == THIRD
    with contextlib.closing(sqlite3.connect(tmp_path / "log.sqlite")) as log:
        kept = log.execute("SELECT value FROM meta WHERE name = 'policy choices'").fetchall()
    assert kept == [(text,)]
    store.close()


@pytest.mark.parametrize("text", ["", "[1]", '{"a": 1}', '[{"kind": "back"}]'])
def test_choices_that_cannot_be_read_are_told_in_a_sentence(text: str) -> None:
    with pytest.raises(HilumError, match="cannot be read"):
        from_text(text)
