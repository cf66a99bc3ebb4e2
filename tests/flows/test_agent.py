"""The agent at work: it orders, holds, learns within a reading and from one reading to the next."""

from __future__ import annotations

import pytest

from ai.agent.policy import from_json, prior
from tests.flows.desks import AtDesk, until
from viewer.reading.events import Answer, FindingsProposed

ACCEPT, REJECT = Answer.ACCEPT, Answer.REJECT


def proposed_order(at_desk):
    """Ids of what the agent showed, in the order in which it first did."""
    ranked = sorted(at_desk.reading.proposals.values(), key=lambda p: p.rank)
    return [p.finding for p in ranked if p.shown]


def reject_ten(at_desk, **more):
    """Rejects the ten smallest of those shown, as a reader who wants none of that kind."""
    figures = {f.id: f.measurement.mean_diameter_mm for f in at_desk.reading.findings}
    ten = sorted(proposed_order(at_desk), key=figures.get)[:10]
    for finding in ten:
        at_desk.desk.select(finding)
        at_desk.answer(REJECT, **more)
    return ten


def test_every_proposal_is_in_the_log_with_its_chance_its_policy_and_whether_it_was_held(read):
    event = read.found[-1]
    assert isinstance(event, FindingsProposed)
    assert {p.finding for p in event.proposals} == {f.id for f in event.findings}
    assert {p.shown for p in event.proposals} == {True, False}
    assert all(0 < p.propensity <= 1 for p in event.proposals)
    assert {p.policy for p in event.proposals} == {prior().id}


def test_the_order_is_the_agents_until_the_first_answer(newcomer):
    assert list(newcomer.desk.order) == proposed_order(newcomer)
    newcomer.desk.step(3)
    assert list(newcomer.desk.order) == proposed_order(newcomer)


def test_after_ten_rejections_of_one_kind_the_next_ones_come_in_another_order(newcomer):
    before = list(newcomer.desk.order)
    ten = reject_ten(newcomer)
    after = list(newcomer.desk.order)
    assert sorted(after) == sorted(before)
    figures = {f.id: f.measurement.mean_diameter_mm for f in newcomer.reading.findings}
    left = [i for i in before if i not in ten]
    now = [i for i in after if i not in ten]
    assert now != left
    small = sorted(left, key=figures.get)[: len(left) // 2]  # of that kind, too
    assert sum(map(now.index, small)) > sum(map(left.index, small))


def test_a_mark_once_seen_never_moves(newcomer):
    for _ in range(5):
        newcomer.desk.step(1)
    before = list(newcomer.desk.order)
    newcomer.desk.select(before[8])
    newcomer.answer(REJECT)
    after = list(newcomer.desk.order)
    assert after[:6] == before[:6]
    assert after[8] == before[8]


def test_answers_in_haste_change_no_order(newcomer):
    before = newcomer.desk.order
    reject_ten(newcomer, after_s=0.1)
    assert newcomer.desk.order == before


def test_undo_gives_the_order_back_and_redo_the_later_one(newcomer):
    reject_ten(newcomer)
    ten = newcomer.desk.order
    newcomer.answer(ACCEPT)
    eleven = newcomer.desk.order
    newcomer.desk.undo()
    assert newcomer.desk.order == ten
    newcomer.desk.redo()
    assert newcomer.desk.order == eleven


def test_why_a_finding_lies_where_it_does_tells_of_todays_answers(newcomer):
    reject_ten(newcomer)
    last = newcomer.reading.finding(newcomer.desk.order[-1])
    labels = {r.label for r in newcomer.desk.agent.why(newcomer.reading, last)}
    assert "Your latest answers" in labels
    assert "Detector score" in labels


def test_replay_of_the_log_gives_the_same_order(newcomer, qapp):
    for answer in (ACCEPT, REJECT, REJECT, REJECT, ACCEPT, REJECT):
        newcomer.answer(answer)
    again = AtDesk()  # another process would see no more than the log
    try:
        again.desk.agent.serve(again.store.reading(newcomer.reading.id))
        order = again.desk.agent.order(again.store.reading(newcomer.reading.id), frozenset())
        assert order == newcomer.desk.order
    finally:
        again.close()


@pytest.fixture
def learnt(newcomer):
    """A reading with answers was left, and the worker has learnt from it."""
    left = newcomer.reading.id
    reject_ten(newcomer)
    newcomer.answer(ACCEPT)
    newcomer.order_left = newcomer.desk.order
    newcomer.desk.set_reader(f"{newcomer.desk.reader}, next")
    newcomer.idle("learn")
    assert newcomer.store.reading(left, voxels=False).closed
    newcomer.left = left
    return newcomer


def test_a_reading_that_was_left_teaches_and_the_next_study_is_served_by_it(learnt, tiny):
    stored = learnt.store.newest_policy()
    policy = from_json(stored.body)
    assert policy.answers >= 11
    assert policy.id != prior().id
    assert stored.learnt_to == learnt.store.last_seq("Closed")
    learnt.open(tiny.series)
    learnt.desk.find_nodules()
    until(lambda: learnt.reading.searched, "candidates in the next study")
    assert {p.policy for p in learnt.reading.proposals.values()} == {learnt.desk.agent.policy.id}
    assert learnt.desk.agent.policy.id == learnt.store.newest_policy().id


def test_a_reading_that_goes_on_is_served_by_the_policy_that_proposed_it(learnt):
    reader = learnt.desk.reader
    learnt.desk.set_reader(reader.removesuffix(", next"))
    assert learnt.reading.id == learnt.left
    assert learnt.desk.agent.policy.id == prior().id
    assert learnt.desk.order == learnt.order_left


def test_what_was_learnt_is_learnt_once(learnt):
    count = len(learnt.store.policies())
    learnt.desk.learn()
    learnt.idle("learn")
    assert len(learnt.store.policies()) == count


def test_a_learner_that_dies_costs_nothing_and_the_next_start_learns(newcomer, monkeypatch):
    reject_ten(newcomer)
    before = newcomer.store.newest_policy()
    monkeypatch.setattr(newcomer.jobs, "ask_ai", lambda kind, request: "")  # nobody answers
    newcomer.desk.set_reader("Whoever comes next")
    monkeypatch.undo()
    assert newcomer.store.newest_policy() == before
    newcomer.desk.learn()  # as at each start
    newcomer.idle("learn")
    assert newcomer.store.newest_policy() != before


def test_rolled_back_the_policy_before_serves_the_next_study_and_undo_brings_the_other(learnt):
    agent = learnt.desk.agent
    taught = learnt.store.newest_policy().id
    before = agent.before
    assert before.id == from_json(learnt.store.newest_policy().body).parent
    assert agent.roll_back().id == before.id
    assert agent.next_policy.id == before.id
    learnt.desk.learn()
    learnt.idle("learn")
    assert agent.next_policy.id == before.id  # what was rolled back is not learnt again
    assert agent.undo_roll_back()
    assert agent.next_policy.id == taught
    assert not agent.undo_roll_back()


def test_a_frozen_agent_learns_nothing_until_it_goes_on(newcomer):
    before = newcomer.store.newest_policy()
    newcomer.desk.agent.freeze(True)
    reject_ten(newcomer)
    newcomer.desk.set_reader("Whoever comes next")
    newcomer.idle("learn")
    assert newcomer.store.newest_policy() == before
    newcomer.desk.agent.freeze(False)
    newcomer.desk.learn()
    newcomer.idle("learn")
    assert newcomer.store.newest_policy() != before


def test_each_version_has_a_number_of_its_own_and_names_the_one_before(learnt):
    first = from_json(learnt.store.newest_policy().body)
    learnt.desk.set_reader(learnt.desk.reader.removesuffix(", next"))
    learnt.desk.select(proposed_order(learnt)[-1])
    learnt.answer(ACCEPT)
    learnt.desk.set_reader("One more")
    learnt.idle("learn")
    second = from_json(learnt.store.newest_policy().body)
    assert second.version == first.version + 1
    assert second.parent == first.id
