"""Inside the rich phantom's lungs: lobes, and the trees that grow in each, in still space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.phantom.heart import mediastinum
from ai.phantom.organs import BRONCHUS_ENDS
from ai.phantom.still import DOMES
from ai.phantom.twigs import Room, Trees, grow
from ai.phantom.vessels import STEP_MM, lung_points

Floats = NDArray[np.floating[Any]]
Point = tuple[float, float, float]

ARTERY_LEAF_MM, VEIN_LEAF_MM = 0.335, 0.315
ARTERY_LEAF_MM3, VEIN_LEAF_MM3 = 755.0, 865.0
FROM_PLEURA_MM, STRAY_MM = 1.6, 2.8
RIM_MM, AT_RIM = 12.0, 2.3
"""Lobules are smaller under the pleura: how deep, and how many more leaves lie there."""


@dataclass(frozen=True)
class Hilum:
    """Where the trees of one lobe begin: the roots of its artery, vein and bronchus."""

    side: int
    upper: bool | None
    """True over the oblique fissure, False under it, None between it and the level one."""
    artery: tuple[Point, ...]
    vein: tuple[Point, ...]
    bronchus: tuple[Point, ...]


HILA = (
    Hilum(
        1, True, ((-41, 9, 153), (-39, 7, 158), (-43, 3, 168)), ((-30, -2, 146), (-40, -13, 158)),
        ((-32, 22, 156), (-44, 15, 165)),
    ),
    Hilum(
        1, None, ((-41, 9, 153), (-46, 6, 138), (-52, -5, 128)), ((-30, -2, 142), (-43, -12, 130)),
        ((-36, 22, 153), (-40, 19, 140), (-49, 5, 127)),
    ),
    Hilum(
        1, False, ((-41, 9, 153), (-46, 13, 138), (-48, 23, 120)), ((-24, 14, 138), (-39, 29, 117)),
        ((-36, 22, 153), (-40, 20, 140), (-41, 28, 119)),
    ),
    Hilum(
        2, True, ((47, 27, 154), (51, 13, 168)), ((36, 2, 148), (49, -9, 157)),
        ((42, 26, 151), (51, 14, 160)),
    ),
    Hilum(
        2, False, ((47, 29, 153), (52, 31, 138), (53, 33, 120)), ((30, 18, 138), (44, 37, 117)),
        ((42, 27, 150), (46, 32, 137), (47, 39, 119)),
    ),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Lobes:
    """points (N, 3) on a coarse grid, sides 1 right and 2 left, depths_mm under the pleura, lobes
    0 to 4 as in HILA; and the trees, one of each kind for every lobe, numbered as the lobes."""

    points_lps: NDArray[np.float64]
    sides: NDArray[np.uint8]
    depths_mm: NDArray[np.float64]
    lobes: NDArray[np.intp]
    arteries: Trees
    veins: Trees


def oblique_mm(x: Any, y: Any, z: Any) -> Any:
    """How far above the fissure that parts the lower lobe from the rest a place lies."""
    return (z - (218 - 1.02 * (82 - y) + 0.0016 * (np.abs(x) - 70) ** 2)) * 0.7


def level_mm(x: Any, y: Any, z: Any) -> Any:
    """How far above the level fissure, between the right upper and middle lobe, a place lies."""
    return z - (171 + 0.10 * (y + 30) - 0.0042 * (x + 64) ** 2 - 0.0028 * (y + 30) ** 2)


@lru_cache(maxsize=4)
def hila_of(seed: int) -> tuple[Hilum, ...]:
    """The hila of a seed: the same plan, drawn a little otherwise in each body."""
    rng = np.random.default_rng([seed, 36])
    moved: dict[Point, Point] = {}

    def own(path: tuple[Point, ...]) -> tuple[Point, ...]:
        for place, stray in zip(path, (0.6, STRAY_MM, STRAY_MM), strict=False):
            if place not in moved:  # where two trees share a place they go on sharing it
                x, y, z = (np.array(place) + rng.normal(0, stray, 3)).tolist()
                moved[place] = (x, y, z)
        return tuple(moved[place] for place in path)

    return tuple(Hilum(h.side, h.upper, own(h.artery), own(h.vein), own(h.bronchus)) for h in HILA)


@lru_cache(maxsize=2)
def grow_lobes(seed: int) -> Lobes:
    """Lobes and trees of a seed, the same for every size of phantom."""
    points, sides, depths = lung_points(mediastinum())
    over_dome = _over_domes(points)
    points, sides = points[over_dome > 0], sides[over_dome > 0]
    depths = np.minimum(depths, over_dome)[over_dome > 0]
    x, y, z = points.T
    over, high = oblique_mm(x, y, z), level_mm(x, y, z)
    lobes = np.where(sides == 2, np.where(over > 0, 3, 4), 2)
    lobes = np.where((sides == 1) & (over > 0), np.where(high > 0, 0, 1), lobes)
    rng = np.random.default_rng([seed, 22])
    gap = np.where(sides == 1, np.minimum(np.abs(over), np.abs(high)), np.abs(over))
    free = (depths > FROM_PLEURA_MM) & (gap > 1.5)
    inner, which = points[free], lobes[free]
    hila = hila_of(seed)
    room = Room(points, lobes, STEP_MM)
    dense = np.where(np.minimum(depths[free], gap[free] + 4) < RIM_MM, AT_RIM, 1.0)
    dense /= dense.mean()
    kinds = ((ARTERY_LEAF_MM3, [h.artery for h in hila]), (VEIN_LEAF_MM3, [h.vein for h in hila]))
    arteries, veins = (
        _trees(_leaves(inner, dense, mm3, rng), inner, which, stems, rng, room)
        for mm3, stems in kinds
    )
    return Lobes(points, sides, depths, lobes, arteries, veins)


def _over_domes(points: Floats) -> Floats:
    """How far in mm over the rich phantom's diaphragm places lie, at least."""
    x, y, z = points.T
    caps = [
        top - drop * (((x - x0) / mm[0]) ** 2 + ((y - y0) / np.where(y < y0, mm[1], mm[2])) ** 2)
        for x0, y0, top, drop, mm in DOMES
    ]
    return np.asarray((z - np.max(caps, axis=0)) * 0.6)


def _leaves(
    points: Floats, dense: Floats, leaf_mm3: float, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Evenly over the lung, as lobules lie: one at random in each run of neighbours."""
    cell = np.floor(points / np.cbrt(leaf_mm3)).astype(int)
    order = np.lexsort((rng.uniform(size=len(points)), *cell.T))
    many = int(len(points) * STEP_MM**3 / leaf_mm3)
    filled = np.cumsum(dense[order])
    at = (np.arange(many) + rng.uniform(size=many)) * (filled[-1] / many)
    return np.asarray(order[np.minimum(np.searchsorted(filled, at), len(order) - 1)])


def _trees(
    chosen: NDArray[np.intp],
    points: Floats,
    lobes: NDArray[np.intp],
    stems: Sequence[tuple[Point, ...]],
    rng: np.random.Generator,
    room: Room,
) -> Trees:
    leaves = points[chosen] + rng.uniform(-1.6, 1.6, size=(len(chosen), 3))
    ways = [np.array(stem[max(0, len(stem) - 3) :], dtype=np.float64) for stem in stems]
    return grow(leaves, lobes[chosen], ways, rng, room)


def bronchus_of(lobe: int, seed: int) -> tuple[Point, ...]:
    """The stretch of bronchus from the main one to where the lobe's own tree begins."""
    hilum = hila_of(seed)[lobe]
    return (BRONCHUS_ENDS[hilum.side - 1], *hilum.bronchus[1:])
