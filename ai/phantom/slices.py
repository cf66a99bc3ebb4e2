"""One axial slice of the phantom: table, trunk, abdomen, lungs, bones, and the scanner's noise."""

from __future__ import annotations

import numpy as np

from ai.phantom.anatomy import SPINE_Y, Image, Plane, cage, muscle, skin
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
    """Fill a slice with HU, all but what runs in tubes. right, left: depth under each pleura, mm."""
    image.fill(AIR_HU)
    _draw_table(image, plane, edge_mm)
    body = plane.inside(skin(z_mm))
    blend(image, cover(body, edge_mm), np.float32(10))
    blend(image, cover(body - np.float32(1.8), edge_mm), np.float32(FAT_HU))
    _draw_muscles(image, plane, z_mm, edge_mm)
    inside = plane.inside(cage(z_mm) - 3.0)
    blend(image, cover(inside, edge_mm), np.float32(FAT_HU))
    if z_mm < 100:
        _draw_abdomen(image, plane, z_mm, inside, edge_mm)
    air = np.float32(LUNG_HU) + np.float32(PER_MM_HU) * plane.y + _mottle(plane, z_mm)
    lungs = np.maximum(right, left)
    blend(image, cover(lungs + np.float32(1.2), edge_mm), np.float32(20))  # pleura
    blend(image, cover(lungs, edge_mm), air)
    draw_ribs(image, plane, z_mm, edge_mm)
    draw_shoulder_blades(image, plane, z_mm, edge_mm)
    draw_breastbone(image, plane, z_mm, edge_mm)
    draw_spine(image, plane, z_mm, edge_mm)


def _draw_table(image: Image, plane: Plane, edge_mm: float) -> None:
    """The couch: a carbon shell filled with foam, hollowed for the patient."""
    top = plane.y - np.float32(122) + np.float32(0.0011) * plane.x * plane.x
    under = np.float32(152) - np.float32(0.0022) * plane.x * plane.x - plane.y
    inside = np.minimum(top, under)
    blend(image, cover(inside, edge_mm), np.float32(-180))
    blend(image, cover(inside - np.float32(1.6), edge_mm), np.float32(-930))


def _draw_muscles(image: Image, plane: Plane, z_mm: float, edge_mm: float) -> None:
    """The wall's muscles with fat between their layers, and the long ones beside the spine."""
    wall = plane.inside(muscle(z_mm))
    streak = np.sin(
        wall * np.float32(0.62) + np.float32(2.2) * np.sin(plane.angle / np.float32(170))
    )
    tone = np.float32(MUSCLE_HU) - np.float32(95) * np.clip(streak - np.float32(0.8), 0, 0.2) / 0.2
    blend(image, cover(wall, edge_mm), tone)
    y0 = float(SPINE_Y(z_mm)) + 38
    for side in (-1, 1):
        long = (
            1 - np.hypot((plane.x - np.float32(side * 25)) / 21, (plane.y - np.float32(y0)) / 15)
        ) * 16
        blend(image, cover(long, edge_mm), np.float32(MUSCLE_HU))


def _draw_abdomen(image: Image, plane: Plane, z_mm: float, inside: Image, edge_mm: float) -> None:
    """Diaphragm, liver, spleen and stomach below the domes."""
    floor, cos = plane.diaphragm
    below = np.minimum((floor - np.float32(z_mm)) * cos, inside)
    blend(image, cover(below, edge_mm), np.float32(MUSCLE_HU - 6))
    blend(image, cover(below - np.float32(3), edge_mm), np.float32(FAT_HU))
    deep = below - np.float32(4)
    edge = np.float32(30 - 0.35 * max(0.0, 60 - z_mm)) - np.float32(0.35) * (plane.y + 20)
    blend(image, cover(np.minimum(deep, edge - plane.x), edge_mm), np.float32(LIVER_HU))
    for x, y, z, a, b, c, hu in (
        (88, 48, 28, 34, 34, 46, SPLEEN_HU),
        (60, -22, 24, 44, 44, 44, 28.0),
    ):
        gap = np.float32(((z_mm - z) / c) ** 2)
        ball = (1 - np.sqrt(((plane.x - x) / a) ** 2 + ((plane.y - y) / b) ** 2 + gap)) * 38
        blend(image, cover(np.minimum(ball, deep), edge_mm), np.float32(hu))


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
        """Add the noise of slice k: a piece of a tile, turned and mirrored by the slice's own dice."""
        rng = np.random.default_rng([self._seed, 4, k])
        tile = self._tiles[rng.integers(self.TILES)]
        j, i = rng.integers(0, self._wide // 2, size=2)
        piece = tile[j : j + self._wide, i : i + self._wide]
        if rng.integers(2):
            piece = piece.T
        piece = piece[:: rng.choice([-1, 1]), :: rng.choice([-1, 1])]
        image += piece
