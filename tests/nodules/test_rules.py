from __future__ import annotations

import math

import pytest

from ai.errors import OutsideError
from ai.models.card import load_card
from ai.nodules.rules import ChanceRule, Term, chance_rule, type_rule, type_rule_of

RULE = ChanceRule(-1.0, 3.0, (Term("a", 2.0, 1.0, 0.5), Term("b", -1.0, 0.0, 1.0)))


def test_the_chance_is_a_logistic_on_standardised_figures() -> None:
    assert RULE.log_odds({"a": 1.5, "b": 0.5}) == pytest.approx(-1 + 2 * 1 - 0.5)


def test_one_odd_figure_never_decides_alone() -> None:
    assert RULE.log_odds({"a": 1e9, "b": 0.0}) == pytest.approx(-1 + 2 * 3)
    assert RULE.log_odds({"a": -1e9, "b": 0.0}) == pytest.approx(-1 - 2 * 3)


def test_a_missing_figure_is_an_error_and_not_a_zero() -> None:
    with pytest.raises(KeyError):
        RULE.log_odds({"a": 1.0})


def test_the_shipped_card_carries_both_rules() -> None:
    card = load_card("nodules-log")
    assert card.task == "nodules"
    assert type_rule() == type_rule_of(card)
    assert all(math.isfinite(term.weight) and term.scale > 0 for term in chance_rule(card.id).terms)


def test_a_card_without_a_chance_table_is_told_in_a_sentence() -> None:
    with pytest.raises(OutsideError, match="no usable chance table"):
        chance_rule("lungs-classical")
