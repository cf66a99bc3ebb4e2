"""The agent shows what is safe to show, learns from answers, and can be replayed."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai.agent.learning import learn_json
from ai.agent.policy import (
    Answered,
    from_json,
    laplace,
    learn,
    order,
    prior,
    propose,
    to_json,
    why,
)
from ai.agent.reward import read_table, reward_table
from ai.errors import BadInput
from ai.scan.finding import GROUND_GLASS, PART_SOLID, SOLID
from tests.reading.samples import finding


def candidates(number: int = 40):
    rng = np.random.default_rng(3)
    return [
        finding(
            f"f{n:02}",
            diameter_mm=float(rng.uniform(3, 7.5)),
            chance=float(rng.beta(1, 9)),
            kind=GROUND_GLASS if n % 3 == 0 else SOLID,
        )
        for n in range(number)
    ]


def rejected(findings, seconds=2.0):
    return [Answered(f, "rejected", seconds) for f in findings]


def test_every_candidate_gets_exactly_one_decision():
    found = candidates()
    decisions = propose(prior(), found, seed=1)
    assert sorted(d.finding for d in decisions) == sorted(f.id for f in found)
    assert [d.rank for d in decisions] == list(range(len(found)))
    assert all(0 < d.propensity <= 1 for d in decisions)


def test_the_safety_set_is_shown_whatever_was_learnt():
    large = finding("large", diameter_mm=8.0, chance=0.03)
    part = finding("part", diameter_mm=4.0, kind=PART_SOLID, chance=0.03)
    glass = finding("glass", diameter_mm=6.0, kind=GROUND_GLASS, chance=0.03)
    sure = finding("sure", diameter_mm=4.0, chance=0.6)
    found = [large, part, glass, sure, *candidates()]
    taught = learn(prior(), rejected(found * 10))
    shown = {d.finding for d in propose(taught, found, seed=1) if d.shown}
    assert {"large", "part", "glass", "sure"} <= shown


def test_under_150_judged_nodules_what_was_learnt_orders_only():
    found = candidates()
    averse = learn(prior(), rejected(found) * 5)
    few, enough = replace(averse, accepted=149), replace(averse, accepted=150)
    before = {d.finding: d.shown for d in propose(prior(), found, seed=1)}
    ordered = propose(few, found, seed=1)
    assert {d.finding: d.shown for d in ordered} == before, "nothing more is held, nothing less"
    values = [d.value for d in ordered if d.shown]
    assert values == sorted(values, reverse=True) and values[0] < 0.5, "the order is as learnt"
    assert few.orders_only() and not enough.orders_only()
    held = {d.finding for d in propose(enough, found, seed=1) if not d.shown}
    assert held > {finding for finding, shown in before.items() if not shown}


def test_below_the_detectors_operating_point_size_alone_does_not_make_safe():
    vessel = finding("vessel", diameter_mm=20.0, chance=0.004)
    decisions = propose(prior(), [vessel, *candidates()], seed=1)
    reason = next(d.reason for d in decisions if d.finding == "vessel")
    assert not reason.startswith("safety set")


def test_a_sole_candidate_is_always_shown():
    (decision,) = propose(prior(), [finding("only", diameter_mm=3.0, chance=0.002)], seed=1)
    assert decision.shown


def test_nothing_found_is_nothing_proposed():
    assert propose(prior(), [], seed=1) == ()
    assert order(prior(), [], []) == ()


def test_after_ten_rejections_of_one_kind_that_kind_comes_later():
    found = candidates(60)
    glass = [f for f in found if f.measurement.type == GROUND_GLASS]
    answers = rejected(glass[:10])
    left = [f for f in found if f not in glass[:10]]
    before, after = order(prior(), [], left), order(prior(), answers, left)
    ids = {f.id for f in glass[10:]}

    def mean_place(turn):
        return np.mean([place for place, i in enumerate(turn) if i in ids])

    assert before != after
    assert mean_place(after) > mean_place(before) + 1


def test_the_same_answers_give_the_same_order_and_the_same_policy_bit_for_bit():
    found = candidates()
    answers = [*rejected(found[:6]), Answered(found[7], "accepted", 3.0)]
    assert order(prior(), answers, found[8:]) == order(prior(), answers, found[8:])
    assert to_json(learn(prior(), answers)) == to_json(learn(prior(), answers))
    assert propose(prior(), found, seed=5) == propose(prior(), found, seed=5)


def test_answers_by_rule_in_haste_or_undecided_teach_nothing():
    found = candidates(4)
    nothing = [
        Answered(found[0], "accepted", 3.0, by="rule"),
        Answered(found[1], "rejected", 0.2),
        Answered(found[2], "undecided", 3.0),
    ]
    assert learn(prior(), nothing) is prior() or learn(prior(), nothing) == prior()


def test_accepting_raises_and_rejecting_lowers_the_chance_of_its_like():
    one = finding("x", diameter_mm=5.0)
    base = propose(prior(), [one, finding("y")], seed=1)
    up = propose(learn(prior(), [Answered(one, "accepted", 2.0)] * 5), [one, finding("y")], seed=1)
    down = propose(learn(prior(), rejected([one] * 5)), [one, finding("y")], seed=1)
    value = {
        name: next(d.value for d in ds if d.finding == "x")
        for name, ds in (("base", base), ("up", up), ("down", down))
    }
    assert value["down"] < value["base"] < value["up"]


def test_reasons_name_what_todays_answers_changed():
    found = candidates()
    glass = [f for f in found if f.measurement.type == GROUND_GLASS]
    reasons = why(prior(), rejected(glass[:8]), glass[9])
    assert any(r.label == "Your latest answers" and r.value < 0 for r in reasons)
    sizes = [abs(r.value) for r in reasons]
    assert sizes == sorted(sizes, reverse=True)


def test_the_prior_says_where_it_is_from():
    assert prior().origin == "prior from another detector"
    assert prior().answers == 0


def test_an_audit_shows_one_held_candidate_and_logs_its_propensity():
    found = candidates(60)
    audits = 0
    for seed in range(400):
        decisions = propose(prior(), found, seed=seed)
        chosen = [d for d in decisions if d.reason == "audit"]
        audits += len(chosen)
        assert len(chosen) <= 1
        assert all(d.shown and d.propensity < 0.05 for d in chosen)
    held = any(not d.shown for d in propose(prior(), found, seed=0))
    assert not held or 8 <= audits <= 36  # 400 at a chance of 0.05, four standard deviations


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-5],
        lambda text: text.replace("bias", "bios"),
        lambda text: text.replace('"covariance":[[', '"covariance":[[NaN,'),
        lambda text: "[]",
    ],
)
def test_a_spoilt_policy_is_refused_in_a_sentence(spoil):
    with pytest.raises(BadInput, match="policy cannot be used"):
        from_json(spoil(to_json(prior())))


def test_features_that_are_not_numbers_never_reach_the_belief():
    odd = finding("odd", chance=float("nan"))
    decisions = propose(prior(), [odd, finding("b")], seed=1)
    assert all(np.isfinite(d.value) for d in decisions)


def test_feedback_as_text_learns_what_the_answers_teach():
    text = learn_json(to_json(prior()), "[]")
    assert from_json(text).id == prior().id
    with pytest.raises(BadInput, match="feedback"):
        learn_json(to_json(prior()), '[{"reading": "r"}]')


@given(st.lists(st.tuples(st.floats(-6, 6), st.booleans()), min_size=1, max_size=40))
def test_the_newton_steps_end_at_the_top_of_the_posterior(points):
    rows = np.array([[1.0, x] for x, _ in points])
    accepted = np.array([float(y) for _, y in points])
    weights = np.ones(len(points))
    mean, covariance = laplace(np.zeros(2), np.eye(2), rows, accepted, weights)
    chance = 1 / (1 + np.exp(-rows @ mean))
    slope = rows.T @ (chance - accepted) + mean
    assert np.abs(slope).max() < 1e-5
    assert (np.linalg.eigvalsh(covariance) > 0).all()


def test_break_even_is_computed_from_the_table_in_force():
    table = reward_table()
    assert table.break_even == pytest.approx(4.7 / (50.5 + 15 + 4.7))
    assert table.of_answer("accepted", shown=True) == 50.5
    assert table.of_answer("added", shown=False) == -15.0


def test_a_reward_table_that_rewards_the_wrong_thing_is_refused(tmp_path):
    from ai.resources import resource

    text = resource("agent", "reward.toml").read_text()
    path = tmp_path / "reward.toml"
    path.write_text(text.replace("propose_false = -4.7", "propose_false = 4.7"))
    with pytest.raises(BadInput, match="rewards showing what is false"):
        read_table(path)


def test_sixty_candidates_are_ordered_and_learnt_from_in_milliseconds():
    found = candidates(60)
    answers = rejected(found[:30])
    began = time.perf_counter()
    order(prior(), answers, found[30:])
    print(f"order after 30 answers: {1000 * (time.perf_counter() - began):.1f} ms")
