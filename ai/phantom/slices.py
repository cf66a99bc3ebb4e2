"""One axial slice of the phantom: table, trunk, abdomen, lungs, bones, and the scanner's noise."""

from __future__ import annotations

import numpy as np

from ai.phantom.anatomy import PHI, SPINE_Y, Image, Plane, cage, muscle, skin
from ai.phantom.bones import (
    blend,
    cover,
    draw_breastbone,
    draw_ribs,
    draw_shoulder_blades,
    draw_spine,
)

AIR_HU, FAT_HU, MUSCLE_HU, LIVER_HU, SPLEEN_HU = -1000.0, -102.0, 54.0, 58.0, 50.0
LUNG_HU, PER_MM_HU = -852.0, 0.42
"""Lung at the level of the origin, and what gravity adds for each mm towards the back."""


def draw_slice(
    image: Image, plane: Plane, z_mm: float, right: Image, left: Image, edge_mm: float
) -> None:
    """Fill a slice with HU, all but tubes and noise. right, left: depth under each pleura, mm."""
    image.fill(AIR_HU)
    _draw_table(image, plane, edge_mm)
    body = plane.inside(skin(z_mm))
    blend(image, cover(body, edge_mm), 10)
    blend(image, cover(body - 1.8, edge_mm), FAT_HU)
    _draw_muscles(image, plane, z_mm, edge_mm)
    inside = plane.inside(cage(z_mm) - 3.0)
    blend(image, cover(inside, edge_mm), FAT_HU)
    if z_mm < 100:
        _draw_abdomen(image, plane, z_mm, inside, edge_mm)
    air = LUNG_HU + PER_MM_HU * plane.y + _mottle(plane, z_mm)
    lungs = np.maximum(right, left)
    blend(image, cover(lungs + 1.2, edge_mm), 20)  # pleura
    air += _fissures(plane, z_mm, edge_mm)
    blend(image, cover(lungs, edge_mm), air)
    draw_ribs(image, plane, z_mm, edge_mm)
    draw_shoulder_blades(image, plane, z_mm, edge_mm)
    draw_breastbone(image, plane, z_mm, edge_mm)
    draw_spine(image, plane, z_mm, edge_mm)


def _draw_table(image: Image, plane: Plane, edge_mm: float) -> None:
    """The couch: a carbon shell filled with foam, hollowed for the patient."""
    top = plane.y - 123 + 0.0006 * plane.x * plane.x
    under = 158 - 0.0009 * plane.x * plane.x - plane.y
    inside = np.minimum(top, under)
    blend(image, cover(inside, edge_mm), (-180))
    blend(image, cover(inside - 1.6, edge_mm), (-930))


def _draw_muscles(image: Image, plane: Plane, z_mm: float, edge_mm: float) -> None:
    """The wall's muscles with fat between their layers, and the long ones beside the spine."""
    outside = muscle(z_mm)
    wall = plane.inside(outside)
    blend(image, cover(wall, edge_mm), MUSCLE_HU)
    room = outside - cage(z_mm)
    for at, wave, turns in ((0.38, 1.6, 5), (0.7, 2.2, 3)):
        course = room * at + wave * np.sin(turns * PHI + z_mm / 37)
        faint = 105 * np.clip(np.sin(turns * PHI + 2 + z_mm / 29) + 0.35, 0, 1) * (room > 12)
        gap = np.abs(wall - course.astype(np.float32)[plane.angle])
        image -= faint.astype(np.float32)[plane.angle] * np.clip(1.5 - gap / 0.9, 0, 1)
    y0 = float(SPINE_Y(z_mm)) + 38
    for side in (-1, 1):
        long = (1 - np.hypot((plane.x - (side * 25)) / 21, (plane.y - y0) / 15)) * 16
        blend(image, cover(long, edge_mm), MUSCLE_HU)


def _draw_abdomen(image: Image, plane: Plane, z_mm: float, inside: Image, edge_mm: float) -> None:
    """Diaphragm, liver, spleen and stomach below the domes."""
    floor, cos = plane.diaphragm
    below = np.minimum((floor - z_mm) * cos, inside)
    blend(image, cover(below, edge_mm), MUSCLE_HU - 6)
    blend(image, cover(below - 3, edge_mm), FAT_HU)
    deep = below - 4
    edge = (30 - 0.35 * max(0.0, 60 - z_mm)) - 0.35 * (plane.y + 20)
    blend(image, cover(np.minimum(deep, edge - plane.x), edge_mm), LIVER_HU)
    for x, y, z, a, b, c, hu in (
        (88, 48, 28, 34, 34, 46, SPLEEN_HU),
        (60, -22, 24, 44, 44, 44, 28.0),
    ):
        gap = ((z_mm - z) / c) ** 2
        ball = (1 - np.sqrt(((plane.x - x) / a) ** 2 + ((plane.y - y) / b) ** 2 + gap)) * 38
        blend(image, cover(np.minimum(ball, deep), edge_mm), hu)


def _fissures(plane: Plane, z_mm: float, edge_mm: float) -> Image:
    """HU that the thin sheets between the lobes add: oblique on both sides, level on the right."""
    oblique = 218 - 1.02 * (82 - plane.y) + 0.0016 * (np.abs(plane.x) - 70) ** 2
    sheet = np.clip(1.3 - np.abs(oblique - z_mm) * 0.7, 0, 1)
    level = 170 - 0.0022 * (plane.x + 70) ** 2 - 0.0012 * (plane.y + 30) ** 2
    across = np.clip(1.3 - np.abs(level - z_mm), 0, 1) * ((plane.x < 0) & (oblique < z_mm))
    return np.maximum(sheet, across).astype(np.float32) * (110 / edge_mm)


def _mottle(plane: Plane, z_mm: float) -> Image:
    """Slow unevenness of the lungs, some 10 HU either way."""
    waves = np.sin(plane.x / 17 + z_mm / 23) * np.cos(plane.y / 14 - z_mm / 19)
    fine = np.sin(plane.x / 5.3 - z_mm / 7) * np.sin(plane.y / 6.1 + z_mm / 5)
    return (7 * waves + 5 * fine).astype(np.float32)


class Noise:
    """Noise of a sharp lung kernel: grains of a few pixels, independent from slice to slice."""

    TILES = 6

    def __init__(self, seed: int, wide: int, noise_hu: float) -> None:
        self._seed, self._wide = seed, wide
        side = wide + wide // 2
        rng = np.random.default_rng([seed, 3])
        f = np.hypot(np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None, :])
        # A ramp that rolls off: the noise power of filtered back projection.
        shape = np.sqrt(f * np.exp(-((f / 0.28) ** 2)))
        tiles = []
        for _ in range(self.TILES):
            white = np.fft.rfft2(rng.standard_normal((side, side), dtype=np.float32))
            grain = np.fft.irfft2(white * shape, s=(side, side))
            tiles.append((grain * (noise_hu / grain.std())).astype(np.float32))
        self._tiles = tiles

    def add(self, image: Image, k: int) -> None:
        """Add the noise of slice k: a piece of a tile, turned and mirrored as k's dice fall."""
        rng = np.random.default_rng([self._seed, 4, k])
        tile = self._tiles[rng.integers(self.TILES)]
        j, i = rng.integers(0, self._wide // 2, size=2)
        piece = tile[j : j + self._wide, i : i + self._wide]
        if rng.integers(2):
            piece = piece.T
        piece = piece[:: rng.choice([-1, 1]), :: rng.choice([-1, 1])]
        image += piece
