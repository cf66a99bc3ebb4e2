"""The phantom's nodules: where they may lie, of what size and kind."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ai.phantom.vessels import Lungs
from ai.scan.finding import GROUND_GLASS, PART_SOLID, SOLID

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class PhantomNodule:
    """A nodule of known place and size: centre in LPS mm, diameter in mm, its type, HU and zone.

    Balls in the plain phantom; in the rich one uneven, and of the volume that the diameter tells.
    core_mm: diameter of the solid part of a part-solid one, whose hu is that of the glass around.
    """

    centre_lps: tuple[float, float, float]
    diameter_mm: float
    type: str
    hu: float
    zone: str
    core_mm: float = 0.0


@dataclass(frozen=True)
class _Wish:
    diameter_mm: float
    type: str
    hu: float
    zone: str
    beside: str
    core_mm: float = 0.0


WISHES = (
    _Wish(20.0, SOLID, 45.0, "RUZ", "free"),
    _Wish(12.5, SOLID, 35.0, "LMZ", "pleura"),
    _Wish(9.0, SOLID, 40.0, "RMZ", "vessel"),
    _Wish(7.0, SOLID, 30.0, "LUZ", "free"),
    _Wish(5.5, SOLID, 30.0, "RUZ", "pleura"),
    _Wish(4.0, SOLID, 40.0, "LLZ", "free"),
    _Wish(15.0, GROUND_GLASS, -600.0, "RLZ", "free"),
    _Wish(10.0, GROUND_GLASS, -620.0, "LUZ", "free"),
)
"""Six solid and two ground glass; two touch the pleura, one a vessel."""

RICH_WISHES = (
    *WISHES,
    _Wish(18.0, PART_SOLID, -560.0, "LMZ", "free", core_mm=9.0),
    _Wish(6.5, SOLID, 480.0, "RLZ", "free"),
)
"""The same eight, a part-solid and a calcified one."""

APART_MM = 34.0


class Places(Protocol):
    """Points on a grid in the lungs: places, sides (1 right, 2 left), depths under the pleura."""

    @property
    def points_lps(self) -> Floats: ...
    @property
    def sides(self) -> NDArray[np.uint8]: ...
    @property
    def depths_mm(self) -> Floats: ...


@lru_cache(maxsize=2)
def place_nodules(lungs: Lungs, seed: int) -> tuple[PhantomNodule, ...]:
    """The wished nodules at places that the seed chooses, well apart, each in its zone."""
    seen = [t for t in lungs.vessels if t.thickest_mm > 0.6]
    ends = np.array([(t.start, t.end) for t in seen])  # (V, 2, 3)
    radii = np.array([t.thickest_mm for t in seen])
    return place(WISHES, lungs, ends, radii, seed)


def place(
    wishes: tuple[_Wish, ...],
    lungs: Places,
    ends: Floats,
    radii: Floats,
    seed: int,
    *,
    tries: int = 60,
) -> tuple[PhantomNodule, ...]:
    """Wished nodules among vessels that run between ends (V, 2, 3), with radii in mm.

    tries: places looked at for each, of which the one farthest from any vessel is taken.
    """
    rng = np.random.default_rng([seed, 2])
    placed: list[PhantomNodule] = []
    for wish in wishes:
        places = lungs.points_lps[_fits(wish, lungs)]
        for other in placed:
            far = np.linalg.norm(places - other.centre_lps, axis=1) > APART_MM
            places = places[far] if far.any() else places
        some = places[rng.choice(len(places), size=min(tries, len(places)), replace=False)]
        clear = np.array([_clearance(p, ends, radii) for p in some]) - wish.diameter_mm / 2
        best = int(np.argmin(np.abs(clear + 0.5)) if wish.beside == "vessel" else np.argmax(clear))
        centre = some[best] + rng.uniform(-0.5, 0.5, size=3)
        x, y, z = (round(float(v), 2) for v in centre)
        own = (wish.diameter_mm, wish.type, wish.hu, wish.zone, wish.core_mm)
        placed.append(PhantomNodule((x, y, z), *own))
    return tuple(placed)


def _fits(wish: _Wish, lungs: Places) -> NDArray[np.bool_]:
    """Which points of the lungs suit a wish: zone, and depth under the pleura."""
    side = 1 if wish.zone[0] == "R" else 2
    own = lungs.sides == side
    z = lungs.points_lps[:, 2]
    low, high = z[own].min() - 2, z[own].max() + 2
    third = {"L": 0, "M": 1, "U": 2}[wish.zone[1]]
    height = (z - low) / (high - low) * 3 - third
    radius = wish.diameter_mm / 2
    if wish.beside == "pleura":
        touching = np.abs(lungs.depths_mm - 0.75 * radius) < 0.2 * radius + 0.3
        touching &= np.abs(lungs.points_lps[:, 0]) > 75  # on the ribs, not on the heart
        return own & (height > 0.2) & (height < 0.8) & touching
    return own & (height > 0.2) & (height < 0.8) & (lungs.depths_mm > radius + 7)


def _clearance(point: Floats, ends: Floats, radii: Floats) -> float:
    """Mm from a point to the wall of the nearest vessel."""
    start, way = ends[:, 0], ends[:, 1] - ends[:, 0]
    t = np.einsum("vi,vi->v", point - start, way) / np.maximum((way**2).sum(1), 1e-9)
    near = start + np.clip(t, 0, 1)[:, None] * way
    gap = np.linalg.norm(point - near, axis=1) - radii
    return float(gap.min())
