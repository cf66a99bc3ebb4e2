"""The Why page says in plain words whether a candidate came up by rule or by lot."""

from __future__ import annotations

from viewer.panels.why_page import drawn_words
from viewer.reading.events import Proposal


def proposal(*, shown: bool, propensity: float) -> Proposal:
    return Proposal("a", shown, 0, propensity, "v0", 7, 0.4, "audit" if shown else "held")


def test_a_decision_of_the_rules_alone_tells_no_figure() -> None:
    for shown in (True, False):
        told = drawn_words(proposal(shown=shown, propensity=1.0))
        assert "rules alone" in told and "1" not in told


def test_a_candidate_drawn_to_be_checked_says_so_with_its_chance() -> None:
    assert "Drawn by lot" in drawn_words(proposal(shown=True, propensity=0.05))
    assert "was 5 %" in drawn_words(proposal(shown=True, propensity=0.05))
    held = drawn_words(proposal(shown=False, propensity=0.95))
    assert held.startswith("Held back") and "95 %" in held
