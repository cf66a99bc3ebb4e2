"""Whether a scan is fit for a model: green, amber or red, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GREEN: Final = "green"
AMBER: Final = "amber"
RED: Final = "red"
LEVELS: Final = (GREEN, AMBER, RED)


@dataclass(frozen=True)
class Fit:
    """One of LEVELS, a sentence for every doubt or for the refusal, and what to do instead.

    by_reader: a red scan that a reader had segmented all the same.
    """

    level: str
    reasons: tuple[str, ...] = ()
    remedy: str = ""
    by_reader: bool = False


FITS: Final = Fit(GREEN)
