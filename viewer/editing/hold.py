"""What the hand holds while a mask is edited: the tool, its size, and how it works."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Final

from viewer.editing.threshold import HIGHEST_HU, LOWEST_HU

BRUSH: Final = "brush"
ERASE: Final = "erase"
REGROW: Final = "regrow"
THRESHOLD: Final = "threshold"
SCISSORS: Final = "scissors"
ISLANDS: Final = "islands"
SMOOTH: Final = "smooth"
BETWEEN: Final = "between"
TOOLS: Final = (BRUSH, ERASE, REGROW, THRESHOLD, SCISSORS, ISLANDS, SMOOTH, BETWEEN)
"""In the order of their keys, Shift+1 to Shift+8."""
ROUND: Final = (BRUSH, ERASE, THRESHOLD)
"""Those that paint with a round brush."""
AT_ONCE: Final = (SMOOTH, BETWEEN)
"""Those that do their work when they are chosen; the tool before them stays in the hand."""

SIZES_MM: Final = (
    *(0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 14.0, 16.0),
    *(20.0, 24.0, 28.0, 32.0, 40.0, 48.0, 56.0, 64.0, 80.0, 100.0),
)
"""Diameters of the brush, each a step of [ and ]."""

INSIDE: Final = "inside"
OUTSIDE: Final = "outside"
FILL: Final = "fill"
CUTS: Final = (INSIDE, OUTSIDE, FILL)
"""What scissors do: erase inside the line, erase outside of it, fill it in."""


@dataclass(frozen=True)
class Hold:
    """diameter_mm: of the brush. sphere: else a disc on the plane that is painted on. low_hu,
    high_hu: what threshold painting takes. through: scissors cut all slices, else this one alone.
    cut: one of CUTS."""

    tool: str = BRUSH
    diameter_mm: float = 6.0
    sphere: bool = True
    low_hu: int = LOWEST_HU
    high_hu: int = HIGHEST_HU
    through: bool = True
    cut: str = INSIDE

    def resized(self, steps: int) -> Hold:
        """The brush so many sizes larger, or smaller; it stops at the ends."""
        here = bisect_left(SIZES_MM, self.diameter_mm)
        there = min(max(here + steps, 0), len(SIZES_MM) - 1)
        return replace(self, diameter_mm=SIZES_MM[there])

    def between(self, low_hu: int, high_hu: int) -> Hold:
        """Another range of densities, its ends put in order and kept within what CT stores."""
        low, high = sorted((low_hu, high_hu))
        return replace(self, low_hu=max(low, LOWEST_HU), high_hu=min(high, HIGHEST_HU))
