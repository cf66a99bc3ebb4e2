"""The numbers of the nodule card: limits between types, and the chance's coefficients."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache

from ai.errors import OutsideError
from ai.models.card import ModelCard, load_card
from ai.resources import resource

CARD = "nodules-log"


@dataclass(frozen=True)
class TypeRule:
    """HU limits on the core of a nodule.

    solid_p90_hu: with a 90th percentile below, nothing in it is solid: ground glass.
    solid_p10_hu: with a 10th percentile at or above, all of it is solid; else part-solid.
    """

    solid_p90_hu: float
    solid_p10_hu: float


@dataclass(frozen=True)
class Term:
    """One feature of the logistic: its coefficient, and the centre and scale it was fitted with."""

    feature: str
    weight: float
    centre: float
    scale: float


@dataclass(frozen=True)
class ChanceRule:
    """Logistic on candidate features: log odds = intercept + sum of weight * (x - centre) / scale.

    Each standardised feature is cut to -cut..cut, so that one odd figure never decides alone.
    """

    intercept: float
    cut: float
    terms: tuple[Term, ...]

    def log_odds(self, features: dict[str, float]) -> float:
        """Log odds that a reader would accept. Raises KeyError for a missing feature."""
        total = self.intercept
        for term in self.terms:
            standard = (features[term.feature] - term.centre) / term.scale
            total += term.weight * min(max(standard, -self.cut), self.cut)
        return total


@lru_cache(maxsize=1)
def type_rule() -> TypeRule:
    """The limits on the shipped nodule card."""
    return type_rule_of(load_card(CARD))


def type_rule_of(card: ModelCard) -> TypeRule:
    """The limits on a card. Raises BadInput when it has none."""
    return TypeRule(card.operating_point("solid_p90_hu"), card.operating_point("solid_p10_hu"))


@lru_cache(maxsize=4)
def chance_rule(card_id: str) -> ChanceRule:
    """The coefficients in the [chance] table of a shipped card.

    Raises OutsideError when the card has none or they are spoilt.
    """
    path = resource("cards", f"{card_id}.toml")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))["chance"]
        terms = tuple(
            Term(name, float(row["weight"]), float(row["centre"]), float(row["scale"]))
            for name, row in table["terms"].items()
        )
        if any(term.scale <= 0 for term in terms):
            raise ValueError("a scale is not positive")
        return ChanceRule(float(table["intercept"]), float(table["cut"]), terms)
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise OutsideError(
            f"The model card {path.name} has no usable chance table.", "Install Hilum again."
        ) from error
