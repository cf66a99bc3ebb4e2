"""From an answer to a reward in seconds of reader time, by one table that a site can edit."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ai.errors import BadInput
from ai.resources import resource


@dataclass(frozen=True)
class RewardTable:
    """The table of resources/agent/reward.toml, checked."""

    propose_true: float
    propose_false: float
    hold_true: float
    hold_false: float
    missed_and_added: float
    removed_later: float
    least_seconds: float
    weights: tuple[tuple[str, float], ...]
    budget: int
    optimism_sd: float
    order_only_under: int
    audit_chance: float
    audit_least_chance: float
    safety_operating_chance: float
    safety_diameter_mm: float
    safety_part_solid: bool
    safety_ground_glass_mm: float
    safety_chance: float

    @property
    def break_even(self) -> float:
        """The chance from which showing a candidate costs the reader less than holding it."""
        gain = self.propose_true - self.hold_true
        cost = self.hold_false - self.propose_false
        return cost / (gain + cost)

    def of_answer(self, state: str, *, shown: bool) -> float:
        """Seconds that an answer was worth; 0 where it says nothing."""
        if state in ("accepted", "edited"):
            return self.propose_true if shown else self.hold_true
        if state == "rejected":
            return self.propose_false if shown else self.hold_false
        return self.missed_and_added if state == "added" else 0.0

    def weight(self, state: str, seconds: float, by: str) -> float:
        """How much an answer counts when learning: 0 by rule, in haste, or undecided."""
        if by != "reader" or seconds < self.least_seconds:
            return 0.0
        return dict(self.weights).get("accepted" if state == "edited" else state, 0.0)


@cache
def reward_table() -> RewardTable:
    """The table in force. Raises BadInput where it was edited into something unusable."""
    return read_table(resource("agent", "reward.toml"))


def read_table(path: Path) -> RewardTable:
    """The table in a file. Raises BadInput with the sentence that says what is wrong there."""
    try:
        data: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        learning, showing, safety = data["learning"], data["showing"], data["safety"]
        table = RewardTable(
            **{name: float(value) for name, value in data["seconds"].items()},
            least_seconds=float(learning["least_seconds"]),
            weights=tuple(
                (state, float(learning[f"weight_{state}"]))
                for state in ("accepted", "rejected", "undecided")
            ),
            budget=int(showing["budget"]),
            optimism_sd=float(showing["optimism_sd"]),
            order_only_under=int(showing["order_only_under"]),
            audit_chance=float(showing["audit_chance"]),
            audit_least_chance=float(showing["audit_least_chance"]),
            safety_operating_chance=float(safety["operating_chance"]),
            safety_diameter_mm=float(safety["diameter_mm"]),
            safety_part_solid=bool(safety["part_solid"]),
            safety_ground_glass_mm=float(safety["ground_glass_mm"]),
            safety_chance=float(safety["chance"]),
        )
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"The reward table cannot be used: {error}.", "Restore resources/agent/reward.toml."
        ) from error
    if not (table.propose_true > table.hold_true and table.propose_false < table.hold_false):
        raise BadInput(
            "The reward table rewards showing what is false or holding what is true.",
            "Restore resources/agent/reward.toml.",
        )
    return table
