"""The wall of the rich phantom's chest in one slice: skin, fat with septa, muscles in layers.

Each muscle is a sheet over a stretch of directions, and sheets lie on one another like shingles,
with fat between and beside them. Directions as SIDE_DEG: 0 is the back, 180 the front.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from ai.phantom.anatomy import (
    ANGLES,
    BODY_BACK,
    BODY_FRONT,
    BODY_SIDE,
    PHI,
    SIDE_DEG,
    SPINE_Y,
    Curve,
    Image,
    bump,
    cage,
    outline,
)
from ai.phantom.bones import blend, cover
from ai.phantom.look import Look
from ai.phantom.still import StillPlane, by_angle

FAT_HU, MUSCLE_HU, SKIN_HU, GLAND_HU = -106.0, 56.0, 10.0, 25.0
SKIN_MM, SMOOTH_DEG = 1.7, 12.0
Textures = Mapping[str, NDArray[np.float32]]
HEIGHTS = (20.0, 90.0, 150.0, 200.0, 245.0, 285.0)


@dataclass(frozen=True)
class Sheet:
    """One muscle by HEIGHTS: the middle of its directions, their half, its thickness in mm."""

    middle: tuple[float, ...]
    half: tuple[float, ...]
    thick: tuple[float, ...]

    def at(self, z_mm: float) -> tuple[float, float, float]:
        middle, half, thick = (
            float(np.interp(z_mm, HEIGHTS, one)) for one in (self.middle, self.half, self.thick)
        )
        return middle, half, thick


SHEETS = (
    Sheet((104, 102, 98, 92, 88, 80), (40, 42, 42, 32, 24, 20), (5, 5.5, 5.5, 4, 4, 2)),  # serratus
    Sheet((50, 50, 54, 61, 63, 62), (10, 10, 15, 22, 24, 28), (0, 0, 4, 11, 13, 11)),  # under blade
    Sheet((56, 56, 54, 57, 60, 66), (10, 10, 13, 22, 26, 32), (0, 0, 5, 13, 16, 18)),  # over blade
    Sheet((124, 124, 126, 128, 124, 118), (12, 12, 12, 15, 17, 18), (0, 0, 0, 7, 9, 5)),
    Sheet(
        (58, 60, 74, 85, 88, 90), (28, 28, 24, 14, 13, 12), (4, 5.5, 9, 22, 25, 12)
    ),  # latissimus
    Sheet((152, 152, 144, 143, 138, 128), (26, 22, 30, 31, 34, 34), (4.5, 3, 5, 10.5, 12, 8)),
    Sheet((16, 16, 17, 19, 24, 30), (20, 22, 27, 30, 34, 44), (2.5, 3, 4, 5, 6, 9)),  # trapezius
    Sheet((88, 88, 88, 88, 88, 86), (8, 8, 8, 12, 22, 32), (0, 0, 0, 0, 16, 36)),  # deltoid
)
"""From the ribs outwards; the fourth and the sixth are the muscles of the breast."""
ROUND = (0.7, 0.55, 0.55, 0.6, 0.42, 0.6, 0.7, 0.5)
"""How each sheet thins towards its borders: low is blunt."""


def body_mm(z_mm: float, look: Look) -> Curve:
    """Radius by direction of the skin, before the couch presses on it."""
    shoulder = 1 / (1 + np.exp(-(z_mm - 224) / 11))
    side = float(BODY_SIDE(z_mm)) - 5 + look.fat_mm * (0.62 - 0.2 * shoulder) + 34 * shoulder
    front = float(BODY_FRONT(z_mm)) - 1 + look.fat_mm * (0.36 - 0.2 * shoulder)
    back = float(BODY_BACK(z_mm)) - 3 + look.fat_mm * 0.30
    power = 2.5 - 0.45 * shoulder
    round_ = outline(side, front, back, power)
    broad = outline(side, front, back + 3, power + 0.35)
    round_ = np.where(np.cos(PHI) > 0, broad, round_)
    breast = look.breast_mm * bump(SIDE_DEG, 140, 17) * bump(z_mm, 128, 38)
    # the furrow along the spine, and the hollow before the breastbone
    furrow = 4 * bump(SIDE_DEG, 0, 4) + 2.5 * bump(SIDE_DEG, 180, 7)
    wave = 1.8 * np.sin(2 * PHI + z_mm / 47) + 0.5 * np.sin(4 * PHI + z_mm / 31 + 1.3)
    over = np.maximum(round_ + wave, _stack(z_mm)[-1][1] + SKIN_MM + 6)
    return gaussian_filter1d(over, SMOOTH_DEG * ANGLES / 360, mode="wrap") + breast - furrow


def _stack(z_mm: float) -> list[tuple[Curve, Curve]]:
    """Inner and outer radius by direction of each sheet at a height, from the ribs outwards."""
    base = cage(z_mm) + 5.2
    made = []
    for n, (sheet, blunt) in enumerate(zip(SHEETS, ROUND, strict=True)):
        middle, half, thick = sheet.at(z_mm)
        # the two sides are not quite alike
        own = np.abs(SIDE_DEG - middle - 2.0 * np.sin(n * 2.1) * np.sign(PHI)) / half
        shape = np.clip(1 - own**2, 0, 1) ** blunt
        # fat between neighbours opens and closes along them
        gap = 1.0 + 2.4 * np.sin(3.0 * PHI + n * 1.9 + z_mm / 29)
        gap = np.maximum(gap, 0.0) * np.clip(6 * shape, 0, 1) * (n > 0 or z_mm > 190)
        swell = thick * shape * (1 + 0.10 * np.sin(3 * PHI + 2.3 * n - z_mm / 37))
        outer = base + gap + swell
        made.append((outer - swell, outer))
        base = np.where(thick * shape > 0.3, outer, base)
    made.append((base, base))
    return made


def draw_wall(
    image: Image,
    plane: StillPlane,
    textures: Textures,
    look: Look,
    over_couch: Image,
    edge_mm: float,
) -> None:
    """Lay skin, fat and muscles over a slice; over_couch: height in mm above the couch."""
    z_mm = plane.middle_z
    own = body_mm(z_mm, look)
    inside = plane.inside(own)
    body = np.minimum(inside, over_couch)
    _draw_cloth(image, plane, inside, textures)
    slow, lobule = textures["slow"], textures["lobule"]
    blend(image, cover(body, edge_mm), SKIN_HU)
    septa = np.clip(1 - 5 * np.abs(lobule + 0.3 * slow), 0, 1) * np.clip(slow - 0.1, 0, 1)
    blend(image, cover(body - SKIN_MM, edge_mm), FAT_HU + 4 * slow + 45 * septa)
    if look.breast_mm > 8 and abs(z_mm - 128) < 60:
        _draw_glands(image, plane, body, textures, look)
    _draw_muscles(image, plane, body, textures, edge_mm)
    _draw_back(image, plane, textures, edge_mm)


def _draw_cloth(image: Image, plane: StillPlane, inside: Image, textures: Textures) -> None:
    """A gown over the front and the flanks, in folds."""
    z_mm = plane.middle_z
    folds = 6 + 4 * np.sin(3 * PHI + z_mm / 50) + 3 * np.sin(8 * PHI + z_mm / 23 + 1)
    folds += 2 * np.sin(17 * PHI - z_mm / 15)
    lifts = by_angle(plane, np.where(SIDE_DEG > 70, np.maximum(folds, 1.2), -50.0))
    away = np.abs(inside + lifts + 1.5 * textures["lobule"])
    blend(image, np.clip(1.1 - away, 0, 1), -830.0)


def _draw_glands(
    image: Image, plane: StillPlane, body: Image, textures: Textures, look: Look
) -> None:
    """Strands of gland in the fat of a breast."""
    there = bump(SIDE_DEG, 142, 11) * bump(plane.middle_z, 128, 26) * min(1, look.breast_mm / 24)
    deep = np.clip((body - 4) / 6, 0, 1)
    amount = 1.6 * by_angle(plane, there) * deep
    lobule, slow = textures["lobule"], textures["slow"]
    strands = np.clip(1.1 - 2.6 * np.abs(lobule + 0.5 * slow), 0, 1) * np.clip(slow + 0.9, 0, 1)
    strands = np.clip(amount * (strands + np.clip(lobule + slow - 1.6, 0, 1)), 0, 1)
    blend(image, strands, GLAND_HU)


def _draw_muscles(
    image: Image, plane: StillPlane, body: Image, textures: Textures, edge_mm: float
) -> None:
    z_mm = plane.middle_z
    ring = cage(z_mm)
    above = plane.radius - by_angle(plane, ring)
    near = np.flatnonzero(((above > -5) & (body > 1)).ravel())
    angle, radius = plane.angle.ravel()[near], plane.radius.ravel()[near]
    lobule, slow, fine = (textures[n].ravel()[near] for n in ("lobule", "slow", "fine"))
    part = image.ravel()[near]
    streaks = np.clip(lobule - 0.35 + 0.5 * slow, 0, 1)
    streaks *= np.clip(np.cos(radius * 2.1 + 1.6 * slow), 0, 1)
    meat = MUSCLE_HU + 4 * fine - 95 * streaks
    # the muscles between the ribs
    between = np.minimum(radius + 4.6 - ring.astype(np.float32)[angle], 4.8)
    between = np.minimum(between, ring.astype(np.float32)[angle] + 4.4 - radius)
    blend(part, cover(between, edge_mm), meat - 12)
    bent = radius + 0.7 * lobule
    for inner, outer in _stack(z_mm)[:-1]:
        if float((outer - inner).max()) < 0.4:
            continue
        low, high = inner.astype(np.float32)[angle], outer.astype(np.float32)[angle]
        blend(part, cover(np.minimum(bent - low, high - bent), edge_mm), meat)
    image.ravel()[near] = part


def _draw_back(image: Image, plane: StillPlane, textures: Textures, edge_mm: float) -> None:
    """The long muscles beside the spine, with fat between their strands."""
    y0 = float(SPINE_Y(plane.middle_z)) + 37
    box = np.s_[int(np.searchsorted(plane.y[:, plane.y.shape[1] // 2], y0 - 24)) :]
    x, y = plane.x[box], plane.y[box] - y0
    lobule, slow, fine = (textures[n][box] for n in ("lobule", "slow", "fine"))
    part = image[box]
    for side in (-1, 1):
        for at, down, wide, tall in ((16, 2.0, 13, 15.5), (35, -1.5, 15, 13.0)):
            far = np.hypot((x - side * at) / wide, (y - down) / tall)
            inside = (1 - far) * 11 + 0.8 * lobule
            grain = np.clip(0.7 * fine + lobule - 1.0, 0, 1.4)
            blend(part, cover(inside, edge_mm), MUSCLE_HU + 4 * slow - 70 * grain)
