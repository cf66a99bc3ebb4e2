"""When a place counts as shown, from resources/coverage.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Final

from ai.resources import resource
from viewer.language.spoken import of_hundred

GOAL: Final = 0.98
"""From this share on nothing is offered any more: edges of the mask lie outside any window."""


@dataclass(frozen=True)
class Rules:
    """Units stand in the names; the file says what each means and why."""

    darkest_hu: float
    brightest_hu: float
    mm_per_px: float
    seconds: float
    grid_mm: float
    block_mm: float

    def window_tells(self, width_hu: float, level_hu: float) -> bool:
        """Whether lung can be told from soft tissue in this grey window."""
        dark, bright = level_hu - width_hu / 2, level_hu + width_hu / 2
        return dark <= self.darkest_hu and bright >= self.brightest_hu

    def fine_enough(self, mm_per_px: float) -> bool:
        return mm_per_px <= self.mm_per_px


@cache
def rules() -> Rules:
    """The shipped table."""
    return Rules(**tomllib.loads(resource("coverage.toml").read_text(encoding="utf-8")))


def percent(share: float) -> str:
    """'7 %', as the language writes it: rounded down, so that 100 % is all of it."""
    return of_hundred(str(int(100 * share + 1e-6)))
