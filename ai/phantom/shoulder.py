"""The rich phantom's shoulders in one slice: each blade, and the thick muscles on both its faces.

They are drawn in a frame that is bent round the ribs: s, mm along from the blade's inner border,
and h, mm above the middle of the ribs.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ai.phantom.anatomy import PHI, Image, cage
from ai.phantom.bones import blend, cover
from ai.phantom.look import Look
from ai.phantom.muscles import strands
from ai.phantom.spine import rod
from ai.phantom.still import StillPlane

LOW_MM, HIGH_MM = 142.0, 298.0
HEIGHTS = (148.0, 166.0, 206.0, 245.0, 285.0)
INNER_DEG, OUTER_DEG = (66.0, 61.0, 47.0, 40.0, 37.0), (74.0, 81.0, 80.0, 80.0, 84.0)
INNER_MM, OUTER_MM = (9.5, 9.5, 10.0, 12.5, 15.0), (11.0, 15.0, 27.0, 34.0, 32.0)
FLESH = (0.0, 0.45, 0.95, 1.12, 1.1)
"""Where the blade's borders lie, how high above the ribs, and how thick the muscles are."""
PER_DEG = 2.05
"""Mm along the ribs, at the height of the blade."""
CORTEX_HU, MARROW_HU = 560.0, 190.0
Textures = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Own:
    """What one side's shoulder differs in: degrees forward, mm up at both borders, mm higher up
    the body, how wavy the plate is (mm, phase), and shares of muscle before and behind it."""

    turn: float
    inner: float
    outer: float
    lift: float
    wavy: float
    phase: float
    before: float
    behind: float
    beside: float


@lru_cache(maxsize=3)
def shoulders(own: int) -> tuple[Own, Own]:
    """Right and left shoulder of a body."""
    rng = np.random.default_rng([own, 39])
    made = []
    for _ in range(2):
        turn, inner, outer, lift = rng.normal(0, (2.2, 1.0, 2.4, 5.0)).tolist()
        wavy, phase = float(rng.uniform(2.5, 5.0)), float(rng.normal(0, 0.4))
        before, behind, beside = rng.normal(1, 0.09, 3).tolist()
        made.append(Own(turn, inner, outer, lift, wavy, phase, before, behind, beside))
    return made[0], made[1]


class Shoulder:
    """One side's frame in a slice, and what lies in it. near: flat indices of the pixels there."""

    def __init__(self, plane: StillPlane, side: int, look: Look, textures: Textures) -> None:
        self._own = own = shoulders(look.own)[(side + 1) // 2]
        z_mm = plane.middle_z - own.lift
        inner, outer, self._low, self._high, self._flesh = (
            float(np.interp(z_mm, HEIGHTS, one))
            for one in (INNER_DEG, OUTER_DEG, INNER_MM, OUTER_MM, FLESH)
        )
        self._flesh *= look.muscle / 1.45
        self._low, self._high = self._low + own.inner, self._high + own.outer
        self._z, self.long = z_mm, (outer - inner) * PER_DEG
        course = (side * np.degrees(PHI) - inner - own.turn) * PER_DEG
        there = (course > -24) & (course < self.long + 62)
        ring = cage(plane.middle_z).astype(np.float32)
        above = plane.radius - ring[plane.angle]
        self.near = np.flatnonzero((there[plane.angle] & (above > 3) & (above < 70)).ravel())
        self.angle = angle = plane.angle.ravel()[self.near]
        self.lobule, self.slow, self.fine = (
            textures[n].ravel()[self.near] for n in ("lobule", "slow", "fine")
        )
        rough = 0.5 * self.slow + 0.35 * self.lobule
        self.s = course.astype(np.float32)[angle] + rough
        self.h = above.ravel()[self.near] + 0.6 * rough

    def plate(self, s: Image | float) -> Image | float:
        """Height of the blade's middle above the ribs."""
        t = np.clip(np.asarray(s) / max(self.long, 1.0), -0.1, 1.1)
        wavy = self._own.wavy * min(1.0, (self.long / 70) ** 2)
        wave = wavy * np.sin(6 * t + 3.3 + self._own.phase)
        rise = (self._high - self._low) * t * (0.85 + 0.15 * t)
        return self._low + rise + wave * np.clip(4 * t * (1 - t) + 0.3, 0, 1)

    def muscles(self) -> tuple[Image, ...]:
        """Depths in mm under the surfaces of the muscles before, behind and beside the blade."""
        s, h, n, own = self.s, self.h, self.long, self._own
        over = h - self.plate(s)

        def course(points: list[tuple[float, float, float]], share: float) -> Image:
            made = np.full(s.shape, -9.0, dtype=np.float32)
            for (a, b, r), (c, d, q) in itertools.pairwise(points):
                scale = share * self._flesh
                np.maximum(made, rod(s, h, (a, b), (c, d), r * scale, q * scale), out=made)
            return made

        def at(share: float, up: float) -> float:
            return float(self.plate(share * n)) + up * self._flesh

        before = course(
            [(0.06 * n, at(0.06, -3), 3.0), (0.4 * n, at(0.4, -6), 7.5),
             (0.78 * n, at(0.78, -10), 11.5), (n + 7, at(1, -11), 11.0)], own.before,
        )  # fmt: skip
        before = np.minimum(np.minimum(before, -over - 1.0), h - 8.2 - 0.4 * self.slow)
        behind = course(
            [(0.04 * n, at(0.04, 4), 3.6), (0.35 * n, at(0.35, 7), 8.0),
             (0.72 * n, at(0.72, 9), 10.5), (n - 1, at(1, 10), 8.5)], own.behind,
        )  # fmt: skip
        behind = np.minimum(behind, over - 0.8)
        big = course([(n + 6, at(1, 12), 6.5), (n + 17, at(1, 6), 9.0)], own.beside)
        big = np.minimum(big, -1.6 - np.maximum(before, behind))
        broad = course(
            [(n + 12, at(1, 24), 5.5), (n + 29, at(1, 15), 9.5), (n + 36, at(1, 3), 8.5)],
            own.beside,
        )
        return before, behind, big, np.minimum(broad, -1.4 - np.maximum(big, behind))

    def bone(self) -> Image:
        """Depth in mm under the surface of the blade and its spine."""
        s, h, n, z = self.s, self.h, self.long, self._z
        t = s / n
        stout = min(1.0, n / 60)  # towards its tip the blade is thin all over
        thick = 1.15 + 0.25 * self.lobule + 2.4 * stout * np.exp(-(((t - 1.0) / 0.07) ** 2))
        thick += 1.2 * stout * np.exp(-(((t - 0.03) / 0.06) ** 2))
        thick += 0.5 * np.clip(t - 0.5, 0, 1)
        made = np.minimum(np.maximum(thick, 0.8) - np.abs(h - self.plate(s)), s)
        made = np.minimum(made, n - s)
        end = float(self.plate(n))
        hook = float(np.interp(z, (200, 225, 255), (0.0, 4.0, 7.0)))
        made = np.maximum(made, rod(s, h, (n - 2, end), (n - 1, end + hook), 2.8, 3.3))
        if z > 214:  # the spine leaves the plate backwards, towards the tip of the shoulder
            long = float(np.interp(z, (214, 222, 245, 275), (2, 8, 18, 30)))
            root = float(np.interp(z, (214, 285), (0.14, 0.34))) * n
            foot = float(self.plate(root))
            tip = (root + 0.35 * long, foot + 0.93 * long)
            made = np.maximum(made, rod(s, h, (root, foot), tip, 1.7, 3.6) + 0.4 * self.lobule)
        return made


def both_shoulders(plane: StillPlane, textures: Textures, look: Look) -> tuple[Shoulder, ...]:
    """The shoulders that a slice cuts."""
    if not LOW_MM < plane.middle_z < HIGH_MM:
        return ()
    return tuple(Shoulder(plane, side, look, textures) for side in (-1, 1))


def draw_flesh(
    image: Image, sides: tuple[Shoulder, ...], look: Look, z_mm: float, muscle_hu: float,
    edge_mm: float,
) -> None:  # fmt: skip
    """Lay the shoulders' muscles over a slice; thin fat parts them from one another."""
    for side in sides:
        part = image.ravel()[side.near]
        meat = muscle_hu + 3 * side.slow + 2 * side.fine
        along = strands(look.own, z_mm, side.h, side.angle) + 0.5 * side.lobule + 0.4 * side.fine
        meat -= 85 * look.marbled * np.clip(along - 1.3, 0, 1)
        for depth in side.muscles():
            frayed = depth + 0.3 * side.lobule
            blend(part, cover(frayed, edge_mm), meat)
        image.ravel()[side.near] = part


def draw_blades(image: Image, sides: tuple[Shoulder, ...], edge_mm: float) -> None:
    """Lay the shoulder blades over a slice."""
    for side in sides:
        part, bone = image.ravel()[side.near], side.bone()
        rind = 1.0 + 0.25 * side.lobule
        blend(part, cover(bone, edge_mm), CORTEX_HU + 40 * side.slow)
        blend(part, cover(bone - np.maximum(rind, 0.6), edge_mm), MARROW_HU + 40 * side.fine)
        image.ravel()[side.near] = part
