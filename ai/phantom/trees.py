"""Branching trees that fill a lung, as its vessels do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

MURRAY = 2.45
"""Radius grows with the leaves served to the power 1 / MURRAY (3 in theory, less in real lungs)."""


@dataclass(frozen=True)
class Branch:
    """A stretch of a tree: its ends (LPS mm), how many leaves it serves, and how many next."""

    start: tuple[float, float, float]
    end: tuple[float, float, float]
    leaves: int

    def radius_mm(self, leaf_mm: float) -> float:
        return leaf_mm * float(self.leaves ** (1 / MURRAY))


def _triple(point: Points) -> tuple[float, float, float]:
    return float(point[0]), float(point[1]), float(point[2])


def grow(leaves_lps: Points, root_lps: Points, rng: np.random.Generator) -> tuple[Branch, ...]:
    """A tree from a root to every leaf, trunk first.

    A branch heads for the middle of its leaves, then the leaves are parted across their widest
    direction and each half gets a branch. After Wang, Bassingthwaighte and Sipp, 1992: the
    space is divided first, the tree follows.
    """
    branches: list[Branch] = []
    open_ends: list[tuple[Points, NDArray[np.intp]]] = [(root_lps, np.arange(len(leaves_lps)))]
    while open_ends:
        start, own = open_ends.pop(0)
        if len(own) == 1:
            branches.append(Branch(_triple(start), _triple(leaves_lps[own[0]]), 1))
            continue
        points = leaves_lps[own]
        aim = points.mean(axis=0) - start
        reach = rng.uniform(0.32, 0.48)
        sway = rng.normal(size=3) * 0.06 * np.linalg.norm(aim)
        end = start + reach * aim + sway
        branches.append(Branch(_triple(start), _triple(end), len(own)))
        spread = points - points.mean(axis=0)
        widest = np.linalg.eigh(spread.T @ spread)[1][:, -1]
        widest *= np.sign(widest[np.abs(widest).argmax()])  # libraries differ in the sign
        order = np.argsort(spread @ widest)
        cut = min(max(int(len(own) * rng.uniform(0.33, 0.67)), 1), len(own) - 1)
        open_ends.append((end, own[order[:cut]]))
        open_ends.append((end, own[order[cut:]]))
    return tuple(branches)
