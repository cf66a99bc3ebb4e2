"""The muscles over the rich phantom's ribs at one height: where each lies, and how thick it is.

Each is a sheet over a stretch of directions, and sheets lie on one another like shingles. Their
borders wander by the dice of the body, another way on either side. Directions as SIDE_DEG: 0 is
the back, 180 the front.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from ai.phantom.anatomy import ANGLES, SIDE_DEG, SPINE_Y, Curve, Image, bump, cage
from ai.phantom.look import Look

HEIGHTS = (20.0, 90.0, 150.0, 200.0, 245.0, 285.0)
STEP_MM = 6.0
COARSE, STRAND_MM = 720, 0.8
FROM_RIB_MM = 5.0
LOW = np.arange(ANGLES) * COARSE // ANGLES
SHARE = (np.arange(ANGLES) * (COARSE / ANGLES) - LOW).astype(np.float32)


@dataclass(frozen=True)
class Sheet:
    """One muscle by HEIGHTS: first and last direction, thickness in mm, and how far its borders
    stand off what lies under it (at the first and at the last direction, mm).

    blunt, steep: how it thins towards each border; blunt is low. fat_mm: between it and what
    lies under.
    """

    first: tuple[float, ...]
    last: tuple[float, ...]
    thick: tuple[float, ...]
    blunt: tuple[float, float] = (0.6, 0.6)
    lift: tuple[float, float] = (0.0, 0.0)
    fat_mm: float = 1.2
    steep: tuple[float, float] = (2.2, 2.2)

    def at(self, z_mm: float) -> tuple[float, float, float]:
        first, last, thick = (
            float(np.interp(z_mm, HEIGHTS, one)) for one in (self.first, self.last, self.thick)
        )
        return first, last, thick


SERRATUS = Sheet(
    (72, 66, 56, 46, 42, 44), (138, 142, 142, 128, 114, 104), (4, 4.5, 4, 4.5, 4.5, 4), (0.9, 0.8)
)
UNDER_BLADE = Sheet(
    (60, 60, 60, 48, 41, 38), (74, 74, 88, 87, 86, 92), (0, 0, 1, 11, 16.5, 17), (0.9, 0.35),
    steep=(1.15, 6.0), fat_mm=0.5,
)  # fmt: skip
OVER_BLADE = Sheet(
    (60, 60, 60, 47, 38, 35), (74, 74, 84, 79, 76, 84), (0, 0, 2.5, 11, 13.5, 16), (0.7, 0.3),
    fat_mm=0.2,
)  # fmt: skip
TERES = Sheet(
    (78, 78, 78, 80, 79, 78), (92, 92, 94, 96, 93, 94), (0, 0, 0, 11, 15, 15), (0.4, 0.5),
    fat_mm=0.0,
)  # fmt: skip
LATISSIMUS = Sheet(
    (26, 34, 50, 66, 80, 84), (96, 96, 103, 101, 96, 100), (4, 5, 6.5, 2.5, 0, 0), (0.6, 0.8),
    (0, 1), 0.4,
)  # fmt: skip
SMALL_BREAST = Sheet(
    (128, 128, 126, 122, 116, 108), (140, 140, 140, 144, 142, 132), (0, 0, 0, 6, 11, 8),
    (0.4, 1.2), (1.5, 0), 0.8, (4.0, 1.1),
)  # fmt: skip
BREAST = Sheet(
    (150, 148, 132, 116, 106, 102), (173, 173, 174, 175, 174, 166), (1.5, 3, 7, 12, 16, 13),
    (0.5, 0.7), (2.5, 0), 0.7, (1.8, 1.6),
)  # fmt: skip
RHOMBOID = Sheet(
    (6, 6, 6, 6, 5, 5), (20, 24, 44, 50, 46, 44), (0, 0, 2.4, 6, 8, 8), (0.5, 0.8), (0, 0), 0.5
)
TRAPEZIUS = Sheet(
    (1, 1, 1, 1, 1, 1), (28, 34, 46, 56, 60, 68), (1.5, 2.5, 3.4, 5, 7, 10), (0.4, 0.9), (0, 0), 0.6
)
DELTOID = Sheet((70, 70, 70, 72, 66, 60), (100, 100, 100, 102, 106, 112), (0, 0, 0, 0, 14, 34))
SHEETS = (
    SERRATUS, UNDER_BLADE, OVER_BLADE, TERES, LATISSIMUS, SMALL_BREAST, BREAST, RHOMBOID, TRAPEZIUS,
    DELTOID,
)  # fmt: skip
"""From the ribs outwards."""
ROUND = (1, 2, 3)
"""These are thick about the shoulder blade: here they only make room, and are drawn with it."""


@lru_cache(maxsize=3)
def _dice(own: int) -> NDArray[np.float32]:
    """Unevenness (sheets, 3, heights, directions), spread 1: of thickness, place and fat."""
    rng = np.random.default_rng([own, 31])
    high = int(330 / STEP_MM)
    made = rng.standard_normal((len(SHEETS), 3, high, COARSE), dtype=np.float32)
    wide = gaussian_filter(made, (0, 0, 4.0, 16.0), mode=("nearest",) * 3 + ("wrap",))
    fine = gaussian_filter(made[..., ::-1], (0, 0, 1.6, 3.6), mode=("nearest",) * 3 + ("wrap",))
    return 0.9 * wide / wide.std() + 0.35 * fine / fine.std()


def uneven(own: int, z_mm: float) -> NDArray[np.float32]:
    """The dice at a height: (sheets, 3, directions)."""
    dice = _dice(own)
    at = float(np.clip((z_mm + 20) / STEP_MM, 0, dice.shape[2] - 1.001))
    low = int(at)
    coarse = dice[:, :, low] + np.float32(at - low) * (dice[:, :, low + 1] - dice[:, :, low])
    fine = coarse[..., LOW] * (1 - SHARE) + coarse[..., (LOW + 1) % COARSE] * SHARE
    return np.asarray(fine, dtype=np.float32)


@lru_cache(maxsize=3)
def _strands(own: int) -> NDArray[np.float32]:
    """Two planes of strands (2, radial STRAND_MM, directions), spread 1: long and thin."""
    rng = np.random.default_rng([own, 32])
    made = rng.standard_normal((2, 96, COARSE), dtype=np.float32)
    made = gaussian_filter(made, (0, 1.1, 8.0), mode=("nearest", "nearest", "wrap"))
    return made / made.std()


def strands(own: int, z_mm: float, above_mm: Image, angle: NDArray[np.intp]) -> Image:
    """Unevenness along the muscles at pixels so far above the ribs, in these directions."""
    planes = _strands(own)
    turn = z_mm / 9.0
    plane = np.cos(turn) * planes[0] + np.sin(turn) * planes[1]
    row = np.clip(above_mm * np.float32(1 / STRAND_MM), 0, 95).astype(np.intp)
    return plane.astype(np.float32)[row, angle // (ANGLES // COARSE)]


def long_muscles(z_mm: float) -> Curve:
    """Radius by direction of the back of the long muscles beside the spine."""
    low = float(np.clip((140 - z_mm) / 90, 0, 1))  # they are thickest in the loins
    back = float(SPINE_Y(z_mm)) + 52.5 + 6.0 * low
    rounded = np.clip(1.02 - 0.5 * (SIDE_DEG / (44 + 2 * low)) ** 4, 0, 1)
    return back * rounded - (1.5 + 3 * low) * bump(SIDE_DEG, 0, 4)


@lru_cache(maxsize=8)
def stack(z_mm: float, look: Look) -> tuple[tuple[Curve, Curve], ...]:
    """Inner and outer radius by direction of each sheet at a height, from the ribs outwards.

    The last one has no thickness: it lies over all the others.
    """
    ribs = cage(z_mm) + FROM_RIB_MM
    base = np.maximum(ribs, long_muscles(z_mm))
    bare = base
    dice = uneven(look.own, z_mm)
    made = []
    for n, sheet in enumerate(SHEETS):
        first, last, thick = sheet.at(z_mm)
        if thick < 0.3:
            made.append((base, base))
            continue
        swell, shift, fat = dice[n]
        own = (SIDE_DEG - first - 1.0 * shift) / (last - first)
        rises, falls = sheet.blunt
        along = np.clip(own, 0, 1)
        shape = (
            np.minimum(1, sheet.steep[0] * along) ** rises
            * np.minimum(1, sheet.steep[1] * (1 - along)) ** falls
        )
        there = shape > 0
        inner = bare if n == 0 else base
        away = sheet.lift[0] * (1 - along) ** 2 + sheet.lift[1] * along**2
        away = away + np.maximum(0, sheet.fat_mm * (0.2 + 1.1 * fat))
        lump = look.muscle * thick * shape * np.clip(1 + 0.14 * swell, 0.2, 2.0)
        inner = inner + away * np.clip(6 * shape, 0, 1)
        made.append((np.where(there, inner, 999.0), np.where(there, inner + lump, -999.0)))
        base = np.where(lump > 0.3, inner + lump, base)
    made.append((base, base))
    return tuple(made)
