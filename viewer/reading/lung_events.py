"""Rows of the log that tell of the scan and its lungs, beside their mask."""

from __future__ import annotations

from dataclasses import dataclass

from ai.scan.check import CheckPlace


@dataclass(frozen=True)
class ScanJudged:
    """Whether the scan is fit for the AI: a level of ai.scan.fit, and why.

    by_reader: the gate refused it, and the reader had it segmented all the same.
    """

    level: str
    reasons: tuple[str, ...] = ()
    by_reader: bool = False


@dataclass(frozen=True)
class LungsCompared:
    """Where another model's lungs differ from those of row `row`, which are shown.

    card, version: of the other model. dice: of the right and the left lung, -1 where both have
    none. places: to look at, the largest first.
    """

    row: int
    card: str
    version: str
    dice: tuple[float, float]
    places: tuple[CheckPlace, ...] = ()
