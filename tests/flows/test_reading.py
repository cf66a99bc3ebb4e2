"""One reading at the desk: candidates, answers, undo and redo, what a reader adds."""

from __future__ import annotations

import math

from viewer.reading.events import Answer

ACCEPT, REJECT, UNDECIDED = Answer.ACCEPT, Answer.REJECT, Answer.UNDECIDED


def test_a_command_given_while_the_study_loads_is_carried_out_when_it_stands(read):
    assert {row.number for row in read.found[0].figures} == {1, 2}


def test_candidates_come_although_the_worker_was_killed_before_they_were_asked_for(read):
    assert len(read.found[-1].findings) > 10


def test_the_first_candidate_is_current_when_they_arrive(newcomer):
    assert newcomer.desk.current == newcomer.desk.order[0]


def test_an_answer_brings_the_next_one_by_itself(newcomer):
    first = newcomer.answer(ACCEPT)
    assert newcomer.reading.states[first] == "accepted"
    assert newcomer.desk.current == newcomer.waiting()[0] != first


def test_a_rejection_right_after_an_acceptance_counts(newcomer):
    a = newcomer.answer(ACCEPT, after_s=0.0)
    b = newcomer.answer(REJECT, after_s=0.0)
    assert (newcomer.reading.states[a], newcomer.reading.states[b]) == ("accepted", "rejected")
    assert a != b


def test_undo_makes_its_finding_current_with_the_state_it_had(newcomer):
    finding = newcomer.answer(REJECT)
    assert newcomer.desk.current != finding
    newcomer.desk.undo()
    assert newcomer.desk.current == finding
    assert newcomer.reading.states[finding] == "proposed"


def test_undo_of_a_second_thought_gives_the_first_one_back(newcomer):
    finding = newcomer.answer(UNDECIDED)
    newcomer.desk.select(finding)
    newcomer.answer(ACCEPT)
    newcomer.desk.undo()
    assert newcomer.desk.current == finding
    assert newcomer.reading.states[finding] == "undecided"


def test_redo_goes_on_to_the_next(newcomer):
    finding = newcomer.answer(REJECT)
    following = newcomer.desk.current
    newcomer.desk.undo()
    newcomer.desk.redo()
    assert newcomer.reading.states[finding] == "rejected"
    assert newcomer.desk.current == following


def test_undo_goes_back_over_everything_and_redo_forth_again(newcomer):
    newcomer.answer(ACCEPT)
    newcomer.answer(REJECT)
    states = dict(newcomer.reading.states)
    for _ in range(4):  # two answers, the candidates, the lungs
        newcomer.desk.undo()
    assert not newcomer.reading.findings
    assert not newcomer.reading.has_lungs
    assert newcomer.desk.current is None
    newcomer.desk.undo()
    assert newcomer.last == "There is nothing to undo."
    for _ in range(4):
        newcomer.desk.redo()
    assert dict(newcomer.reading.states) == states
    assert newcomer.reading.has_lungs
    newcomer.desk.redo()
    assert newcomer.last == "There is nothing to redo."


def test_with_no_finding_current_an_answer_says_so_and_changes_nothing(newcomer):
    newcomer.desk.make_current(None)
    before = newcomer.reading
    for answer in (ACCEPT, REJECT, UNDECIDED):
        newcomer.desk.answer(answer)
        assert newcomer.last.startswith("No finding is current.")
    assert newcomer.reading is before


def test_after_the_last_answer_none_is_current(newcomer):
    for _ in newcomer.waiting():
        newcomer.answer(REJECT)
    assert newcomer.desk.current is None
    assert not newcomer.waiting()
    assert newcomer.desk.held


def test_held_ones_never_come_by_themselves(newcomer):
    held = {f.id for f in newcomer.desk.held}
    came = set()
    for _ in range(2 * len(newcomer.reading.findings)):
        newcomer.desk.step(1)
        came.add(newcomer.desk.current)
    assert came == set(newcomer.desk.order)
    assert held
    assert not came & held


def test_a_held_one_that_is_asked_for_can_be_accepted(newcomer):
    held = newcomer.desk.held[0].id
    newcomer.desk.select(held)
    newcomer.answer(ACCEPT)
    assert newcomer.reading.states[held] == "accepted"
    newcomer.desk.undo()
    assert newcomer.reading.states[held] == "held"
    assert newcomer.desk.current == held


def test_steps_go_round_in_both_directions(newcomer):
    first, *_, last = newcomer.desk.order
    newcomer.desk.make_current(first)
    newcomer.desk.step(-1)
    assert newcomer.desk.current == last
    newcomer.desk.step(1)
    assert newcomer.desk.current == first


def test_a_nodule_the_ai_missed_is_added_where_the_crosshair_lies(newcomer, phantom):
    nodule = max(phantom.nodules, key=lambda n: n.diameter_mm)
    newcomer.desk.add_at(nodule.centre_lps)
    (added,) = newcomer.reading.in_state("added")
    assert math.dist(added.centre_lps, nodule.centre_lps) < nodule.diameter_mm / 2
    truth_mm3 = math.pi / 6 * nodule.diameter_mm**3
    assert 0.4 * truth_mm3 < added.measurement.volume_mm3 < 2 * truth_mm3
    grid = newcomer.desk.scan.volume.geometry
    middle = grid.nearest_voxel(nodule.centre_lps)
    assert added.mask.on(grid.shape_kji)[middle]
    newcomer.desk.undo()
    assert not newcomer.reading.in_state("added")


def test_nothing_is_added_outside_the_scan(newcomer):
    before = newcomer.reading
    newcomer.desk.add_at((1e4, 0.0, 0.0))
    assert newcomer.last == "The crosshair lies outside the scan."
    assert newcomer.reading is before


def test_every_reader_has_a_reading_of_their_own_and_it_goes_on(newcomer):
    answered = newcomer.answer(ACCEPT)
    first, name = newcomer.reading.id, newcomer.desk.reader
    newcomer.desk.set_reader("Somebody else")
    assert newcomer.reading.id != first
    assert not newcomer.reading.findings
    newcomer.desk.set_reader(name)
    assert newcomer.reading.id == first
    assert newcomer.reading.states[answered] == "accepted"
    assert newcomer.last.startswith("Reading restored to your last click, ")
