"""How sure a mean is: a bootstrap over patients, where there are patients enough for one.

Lungs and strata of one patient are no independent looks, so patients are drawn, each with all that
was measured of him. Below ten patients the percentiles of a bootstrap promise more than they keep
(they are too narrow), so there is no interval then and no mean: every scan stands by its name.
Source: B. Efron and R. Tibshirani 1993, An Introduction to the Bootstrap, chapters 12 and 13.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

ENOUGH = 10
DRAWS = 2000
PERCENT = 95

T = TypeVar("T")


@dataclass(frozen=True)
class Spread:
    """A figure over so many patients, and the 95 % interval of it."""

    value: float
    low: float
    high: float
    patients: int

    def told(self, digits: int, scale: float = 1.0, sign: str = "") -> str:
        """In words: 0.962 (0.951 to 0.970). sign: "+" has each number carry its own."""
        value, low, high = (
            f"{scale * number:{sign}.{digits}f}" for number in (self.value, self.low, self.high)
        )
        return f"{value} ({low} to {high})"


def spread(
    measured: Sequence[tuple[str, T]], figure: Callable[[Sequence[T]], float], *, seed: int = 1
) -> Spread | None:
    """The figure of all that was measured with its interval; None for too few patients.

    measured: patient and what was measured of him, as often as it was. The same gives the same.
    """
    by_patient: dict[str, list[T]] = {}
    for patient, one in measured:
        by_patient.setdefault(patient, []).append(one)
    groups = list(by_patient.values())
    if len(groups) < ENOUGH:
        return None
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(DRAWS):
        picked = rng.integers(0, len(groups), len(groups))
        drawn.append(figure([one for n in picked for one in groups[n]]))
    edge = (100 - PERCENT) / 2
    low, high = np.percentile(drawn, [edge, 100 - edge], method="nearest")
    return Spread(figure([one for _, one in measured]), float(low), float(high), len(groups))
