"""An even grid for slices that lie unevenly, and for each of its levels the slice that lies there.

Nothing is interpolated and nothing invented: a level shows a stored slice as far as that slice
reaches, and where no slice reaches it stays empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

JITTER_MM = 0.11
"""Positions rounded to one decimal are off by 0.05 mm at either end; nobody should hear of that."""
JITTER_SHARE = 0.02
FINEST = 16
"""A level is never thinner than this part of the usual gap: by then no slice is visibly off."""
SPARE_LEVELS = 400
SPARE_BYTES = 200 * 1024**2
LEVELS_A_SLICE = 4
SLACK = 1e-6
SAME_MM = 0.005


@dataclass(frozen=True)
class EvenGrid:
    """Levels step_mm apart, the first on the first slice.

    levels: for each level the index of the slice shown there, or None where nothing was scanned.
    off_mm: how far the worst slice lies from the level it is on. lost: slices whose level another
    one took.
    """

    step_mm: float
    levels: tuple[int | None, ...]
    off_mm: float
    lost: tuple[int, ...] = ()

    @property
    def empty(self) -> int:
        """How many levels show nothing."""
        return self.levels.count(None)


def usual_gap(gaps_mm: Floats) -> float:
    """The median of the gaps, always one of them: of two unlike ones the smaller."""
    return float(np.sort(gaps_mm)[(len(gaps_mm) - 1) // 2])


def tolerance_mm(usual_mm: float) -> float:
    """How far a slice may lie from where even spacing would put it."""
    return max(JITTER_MM, JITTER_SHARE * usual_mm)


def is_even(along_mm: Floats) -> bool:
    """Whether rising places are evenly spaced but for the rounding of scanners."""
    if len(along_mm) < 3:
        return True
    even = np.linspace(along_mm[0], along_mm[-1], len(along_mm))
    usual = usual_gap(np.diff(along_mm))
    return bool(np.abs(along_mm - even).max() <= tolerance_mm(usual))


def most_levels(slices: int, pixels_a_slice: int) -> int:
    """How many levels a stack may be given: empty ones cost memory, too."""
    return LEVELS_A_SLICE * slices + min(SPARE_LEVELS, SPARE_BYTES // (2 * pixels_a_slice))


def even_grid(along_mm: Floats, thickness_mm: Sequence[float], *, most: int) -> EvenGrid | None:
    """The coarsest even grid on which rising places lie right; None where most levels are too few.

    Steps are the usual gap or a whole part of it. Where none is exact the finest that fits is
    taken, and off_mm says how far it is off.
    """
    usual = usual_gap(np.diff(along_mm))
    best: tuple[int, float, int] | None = None
    for parts in range(1, FINEST + 1):
        step = usual / parts
        place = _places(along_mm, step)
        if place[-1] + 1 > most:
            break
        lost = len(place) - len(np.unique(place))
        off = float(np.abs(along_mm - along_mm[0] - place * step).max())
        if best is None or (lost, off) < best[:2]:
            best = (lost, off, parts)
        if lost == 0 and off <= tolerance_mm(usual):
            break
    return None if best is None else _filled(along_mm, thickness_mm, usual, usual / best[2])


def _places(along_mm: Floats, step_mm: float) -> NDArray[np.int64]:
    return np.floor((along_mm - along_mm[0]) / step_mm + 0.5).astype(np.int64)


def _filled(
    along_mm: Floats, thickness_mm: Sequence[float], usual_mm: float, step_mm: float
) -> EvenGrid:
    place = _places(along_mm, step_mm)
    owner: dict[int, int] = {}
    for index, level in enumerate(place.tolist()):
        owner.setdefault(level, index)
    held = np.array(list(owner.values()))
    levels: list[int | None] = []
    for level in range(int(place[-1]) + 1):
        if level in owner:
            levels.append(owner[level])
            continue
        away = np.abs(along_mm[held] - along_mm[0] - level * step_mm)
        near = int(away.argmin())
        index = int(held[near])
        on = 1 if level > place[index] else -1
        gap = abs(float(along_mm[index + on] - along_mm[index]))
        # where thick slices overlap, a missing one is missing although its neighbours cover it
        thick = thickness_mm[index] if thickness_mm[index] <= gap + JITTER_MM else 0.0
        levels.append(index if away[near] < max(usual_mm, thick) / 2 - SLACK else None)
    off = float(np.abs(along_mm - along_mm[0] - place * step_mm)[held].max())
    lost = tuple(n for n in range(len(place)) if n not in set(held.tolist()))
    return EvenGrid(step_mm, tuple(levels), off, lost)


def pieces(along_mm: Floats, *, most_gap_mm: float, pixels_a_slice: int) -> list[range]:
    """Slices far from all others apart; one piece where most slices would not stay together."""
    whole = range(len(along_mm))
    found = _parted(along_mm, whole, most_gap_mm, pixels_a_slice)
    return found if 2 * max(map(len, found)) > len(whole) else [whole]


def _parted(along_mm: Floats, part: range, most_gap_mm: float, pixels: int) -> list[range]:
    waiting, found = [part], []
    while waiting:
        piece = waiting.pop()
        here = along_mm[piece.start : piece.stop]
        gaps = np.diff(here)
        if len(gaps) == 0:
            found.append(piece)
            continue
        steps = gaps[gaps > SAME_MM]
        levels = (here[-1] - here[0]) / usual_gap(steps) + 1 if len(steps) else 1.0
        if gaps.max() <= most_gap_mm and levels <= most_levels(len(here), pixels):
            found.append(piece)
            continue
        cut = piece.start + int(gaps.argmax()) + 1
        waiting += [range(piece.start, cut), range(cut, piece.stop)]
    return sorted(found, key=len, reverse=True)
