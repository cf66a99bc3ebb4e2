"""A reading is what its rows say, and undo erases none of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.reading.samples import Log, finding, lungs, proposed
from viewer.reading.events import (
    Answer,
    FindingAdded,
    FindingEdited,
    Restored,
    VerdictGiven,
    Withdrawn,
)
from viewer.reading.reading import fold


def test_an_accepted_finding_is_accepted_and_the_next_open_one_follows():
    log = Log()
    log.add(proposed("abc"))
    log.add(VerdictGiven("a", Answer.ACCEPT))
    assert log.reading.state("a") == "accepted"
    assert log.reading.next_open("a") == "b"


def test_an_undecided_finding_waits_its_turn_and_held_ones_never_come():
    log = Log()
    log.add(proposed("abh", held="h"))
    log.add(VerdictGiven("a", Answer.UNDECIDED))
    log.add(VerdictGiven("b", Answer.REJECT))
    assert log.reading.next_open("b") == "a"
    log.add(VerdictGiven("a", Answer.ACCEPT))
    assert log.reading.next_open("a") is None
    assert log.reading.state("h") == "held"


def test_a_withdrawn_verdict_gives_back_the_state_before_it():
    log = Log()
    log.add(proposed("ab"))
    log.add(VerdictGiven("a", Answer.UNDECIDED))
    log.add(VerdictGiven("a", Answer.REJECT))
    log.add(Withdrawn(log.reading.undo_target.seq))
    assert log.reading.state("a") == "undecided"
    log.add(Withdrawn(log.reading.undo_target.seq))
    assert log.reading.state("a") == "proposed"


def test_redo_gives_back_what_undo_took_in_the_same_order():
    log = Log()
    log.add(proposed("ab"))
    log.add(VerdictGiven("a", Answer.ACCEPT))
    log.add(VerdictGiven("b", Answer.REJECT))
    for _ in range(2):
        log.add(Withdrawn(log.reading.undo_target.seq))
    assert log.reading.redo_target.event.finding == "a"
    log.add(Restored(log.reading.redo_target.seq))
    assert (log.reading.state("a"), log.reading.state("b")) == ("accepted", "proposed")
    log.add(Restored(log.reading.redo_target.seq))
    assert log.reading.state("b") == "rejected"
    assert log.reading.redo_target is None


def test_a_new_verdict_after_an_undo_ends_the_redo():
    log = Log()
    log.add(proposed("ab"))
    log.add(VerdictGiven("a", Answer.ACCEPT))
    log.add(Withdrawn(log.reading.undo_target.seq))
    log.add(VerdictGiven("a", Answer.REJECT))
    assert log.reading.redo_target is None
    assert log.reading.state("a") == "rejected"


def test_undo_goes_back_through_lungs_and_candidates_too():
    log = Log()
    log.add(lungs())
    log.add(proposed("ab"))
    log.add(Withdrawn(log.reading.undo_target.seq))
    assert log.reading.findings == () and log.reading.has_lungs
    log.add(Withdrawn(log.reading.undo_target.seq))
    assert log.reading.lungs is None and log.reading.undo_target is None


def test_a_second_search_keeps_every_answer_and_every_added_finding():
    log = Log()
    log.add(proposed("abc"))
    log.add(VerdictGiven("a", Answer.ACCEPT))
    log.add(VerdictGiven("b", Answer.REJECT))
    log.add(FindingAdded(finding("m")))
    log.add(proposed("bd"))
    states = dict(log.reading.states)
    assert states == {"b": "rejected", "d": "proposed", "a": "accepted", "m": "added"}


def test_an_edited_finding_is_edited_and_an_added_one_stays_added():
    log = Log()
    log.add(proposed("a"))
    log.add(FindingAdded(finding("m")))
    log.add(FindingEdited(finding("a", diameter_mm=9.0)))
    log.add(FindingEdited(finding("m", diameter_mm=9.0)))
    assert dict(log.reading.states) == {"a": "edited", "m": "added"}
    assert log.reading.finding("a").measurement.mean_diameter_mm == 9.0


def test_a_verdict_on_a_finding_that_is_not_there_changes_nothing():
    log = Log()
    log.add(proposed("a"))
    log.add(VerdictGiven("gone", Answer.ACCEPT))
    assert dict(log.reading.states) == {"a": "proposed"}


_verdicts = st.tuples(st.sampled_from("abcd"), st.sampled_from(list(Answer)))
_steps = st.lists(st.one_of(_verdicts, st.just("undo"), st.just("redo")), max_size=30)


@given(_steps)
def test_a_reading_folded_from_its_rows_is_the_reading_that_was_left(steps):
    log = Log()
    log.add(proposed("abcd", held="d"))
    for step in steps:
        if step == "undo" and log.reading.undo_target:
            log.add(Withdrawn(log.reading.undo_target.seq))
        elif step == "redo" and log.reading.redo_target:
            log.add(Restored(log.reading.redo_target.seq))
        elif isinstance(step, tuple):
            log.add(VerdictGiven(*step))
    again = fold("r", log.reading.history)
    assert dict(again.states) == dict(log.reading.states)
    assert again.redoable == log.reading.redoable


@given(_steps)
def test_undoing_everything_leads_back_to_the_beginning(steps):
    log = Log()
    for step in steps:
        if isinstance(step, tuple):
            log.add(VerdictGiven(*step))
    while log.reading.undo_target:
        log.add(Withdrawn(log.reading.undo_target.seq))
    assert not log.reading.findings and not log.reading.states
