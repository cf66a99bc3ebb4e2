"""The rich phantom's ribs in one slice: each with its own height, course and uneven cortex."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from ai.phantom.anatomy import ANGLES, PHI, SIDE_DEG, Curve, Image, bump, cage
from ai.phantom.bones import blend, cover, rib_heights
from ai.phantom.look import Look
from ai.phantom.still import StillPlane
from ai.phantom.tubes import Tube, chain

CORTEX_HU, MARROW_HU, GRISTLE_HU, CHALK_HU = 740.0, 90.0, 98.0, 560.0
STEEP = 1.42
"""Ribs run down to the front more steeply than in the plain phantom."""
ENDS = np.clip((SIDE_DEG - 20.5) / 5, 0, 1) ** 0.5
REACH_MM = 10.0
Textures = Mapping[str, NDArray[np.float32]]
Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Ribs:
    """(ribs, directions): middle in mm of height, slope, shift outwards, half-height and thickness;
    and how thick the rind is, as a share of the usual."""

    height: Curve
    lean: Curve
    out: Floats
    tall: Floats
    thick: Floats
    rind: Floats


@lru_cache(maxsize=3)
def ribs_of(own: int) -> Ribs:
    """The ribs of a body: no two of them alike, nor the two sides."""
    rng = np.random.default_rng([own, 33])
    plain = rib_heights(STEEP, float(rng.uniform(1.25, 1.8)))
    ribs = len(plain)
    dice = rng.standard_normal((4, ribs, 288), dtype=np.float32)
    dice = gaussian_filter(dice, (0, 0, 4.0), mode=("nearest", "nearest", "wrap"))
    dice = np.repeat(dice / dice.std(), ANGLES // 288, axis=2)
    dice = gaussian_filter(dice, (0, 0, 8.0), mode=("nearest", "nearest", "wrap"))
    side = np.where(PHI < 0, 0, 1)
    lift = rng.normal(0, 1.6, (ribs, 2))[:, side]
    lift = lift + rng.normal(0, 3.0, (ribs, 2))[:, side] * np.sin(np.radians(SIDE_DEG) / 2)
    height = plain + lift + 1.1 * dice[0]
    # the gristle of the lower ones climbs again towards the breastbone
    climb = float(rng.uniform(11, 14)) * np.clip(np.arange(ribs) - 2, 0, 6)[:, None]
    height = height + climb * np.clip((SIDE_DEG - 141) / 36, 0, 1) ** 1.2
    radius = cage(150.0)
    lean = np.gradient(np.nan_to_num(height), axis=1) / (PHI[1] - PHI[0]) / radius
    stout = rng.normal(1.0, 0.07, (ribs, 1))
    front = bump(SIDE_DEG, 166, 14)
    tall = (5.3 + 0.7 * bump(SIDE_DEG, 95, 45) + 2.6 * front) * stout * (1 + 0.08 * dice[1])
    thick = (3.0 + 0.9 * bump(SIDE_DEG, 45, 30) + 3.4 * front) * stout * (1 + 0.10 * dice[2])
    # none reaches through the pleura
    out = np.maximum(0.7 * dice[3] + 1.8 * front, thick - 4.1)
    made = (out, tall, thick, np.clip(1 + 0.35 * dice[1] - 0.2 * dice[0], 0.4, 1.8))
    out, tall, thick, rind = (one.astype(np.float32) for one in made)
    return Ribs(height, np.clip(np.abs(lean), 0, 1.6), out, tall, thick, rind)


@lru_cache(maxsize=3)
def long_bones(own: int) -> tuple[Tube, ...]:
    """Collar bones, which meet the breastbone at its upper corners, and the heads of the arms."""
    rng = np.random.default_rng([own, 36])
    made: list[Tube] = []
    for side in (-1, 1):
        up, fore = rng.normal(0, 2.5, 2)
        stout = rng.normal(1.0, 0.08)
        collar = [(25, -61, 247, 8.5), (32, -62, 253, 7), (56, -60, 267, 5.6), (94, -38, 281, 5.4),
                  (128, -10, 293, 6.8)]  # fmt: skip
        arm = [(128, 14, 283, 21), (131, 12, 292, 21), (138, 6, 330, 13)]
        for bone, wall_mm in ((collar, 1.4), (arm, 1.7)):
            points = [(side * x, y + fore, z + up, r * stout) for x, y, z, r in bone]
            outer = chain(points, CORTEX_HU - 120)
            made += [*outer, *(t.widened(-wall_mm, MARROW_HU + 50) for t in outer)]
    return tuple(made)


def draw_ribs(
    image: Image, plane: StillPlane, textures: Textures, look: Look, edge_mm: float
) -> None:
    """Ribs, with gristle towards the breastbone. They slope, so a slice cuts them obliquely."""
    z_mm = plane.middle_z
    ribs = ribs_of(look.own)
    apart = np.abs(np.nan_to_num(ribs.height, nan=1e4) - z_mm)
    which = np.argmin(apart, axis=0)
    every = np.arange(ANGLES)

    def own(table: NDArray[np.floating]) -> Floats:
        return table[which, every].astype(np.float32)

    gap = apart[which, every] / np.sqrt(1 + own(ribs.lean) ** 2)
    middle = (cage(z_mm) + own(ribs.out)).astype(np.float32)
    offset = (plane.radius - middle[plane.angle]).ravel()
    flat = plane.angle.ravel()
    near = np.flatnonzero((np.abs(offset) < 9) & (gap < REACH_MM).astype(np.bool_)[flat])
    if near.size == 0:
        return
    angle = flat[near]
    fine, lobule, slow = (textures[n].ravel()[near] for n in ("fine", "lobule", "slow"))
    s = offset[near] + 0.25 * lobule
    thick = own(ribs.thick)[angle]
    v = (gap / own(ribs.tall)).astype(np.float32)[angle]
    # a little blunter than an ellipse
    inside = (ENDS.astype(np.float32)[angle] - np.hypot(v ** np.float32(1.35), s / thick)) * thick
    rind = own(ribs.rind)[angle] * (1.15 + 0.3 * (s < 0)) * np.clip(1 + 0.35 * lobule, 0.3, 2)
    part = image.ravel()[near]
    gristly = (140 + 10 * np.clip((z_mm - 150) / 100, -1, 1) < SIDE_DEG)[angle]
    chalk = np.clip(1.4 * slow + lobule + 2.4 * look.aged - 3.0, 0, 1)
    rim = np.clip(1 - np.abs(inside - 0.8) / 0.9, 0, 1) * np.clip(slow + 2 * look.aged - 0.4, 0, 1)
    gristle = GRISTLE_HU + 6 * fine + (CHALK_HU - GRISTLE_HU) * np.maximum(chalk, 0.6 * rim)
    marrow = MARROW_HU + 35 * fine + 20 * lobule + 20 * slow
    blend(part, cover(inside, edge_mm), np.where(gristly, gristle, CORTEX_HU))
    blend(part, cover(inside - rind, edge_mm), np.where(gristly, gristle, marrow))
    image.ravel()[near] = part
