"""One reading at the desk, from the study to the saved SEG."""

from __future__ import annotations

from viewer.reading.reading import Answer

ACCEPT, REJECT, UNDECIDED = Answer.ACCEPT, Answer.REJECT, Answer.UNDECIDED


def test_a_command_given_while_the_study_loads_is_carried_out_when_it_stands(read):
    assert read.reading.has_lungs
    assert {row.number for row in read.reading.lung_figures} == {1, 2}


def test_candidates_come_although_the_worker_was_killed_before_they_were_asked_for(read):
    assert read.reading.in_state("proposed")


def test_the_first_candidate_is_current_when_they_arrive(read):
    assert read.desk.current == read.desk.order[0]


def test_an_answer_brings_the_next_one_by_itself(read):
    first, second = read.waiting()[:2]
    read.desk.select(first)
    read.answer(ACCEPT)
    assert read.reading.states[first] == "accepted"
    assert read.desk.current not in (None, first)
    assert read.reading.states[read.desk.current] == "proposed"


def test_a_rejection_right_after_an_acceptance_counts(read):
    a = read.answer(ACCEPT, after_s=0.0)
    b = read.answer(REJECT, after_s=0.0)
    assert a != b
    assert read.reading.states[a] == "accepted"
    assert read.reading.states[b] == "rejected"


def test_undo_makes_its_finding_current_with_the_state_it_had(read):
    finding = read.answer(REJECT)
    assert read.desk.current != finding
    read.desk.undo()
    assert read.desk.current == finding
    assert read.reading.states[finding] == "proposed"


def test_redo_goes_on_to_the_next(read):
    finding = read.answer(REJECT)
    following = read.desk.current
    read.desk.undo()
    read.desk.redo()
    assert read.reading.states[finding] == "rejected"
    assert read.desk.current == following


def test_held_ones_never_come_by_themselves(read):
    held = {f.id for f in read.desk.held}
    assert held
    came = set()
    for _ in range(2 * len(read.reading.findings)):
        read.desk.step(1)
        came.add(read.desk.current)
    assert not came & held
    assert came == set(read.desk.order)
