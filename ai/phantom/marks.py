"""What grown lungs carry without being ill: scars at the top, bands to the pleura, tags, blebs.

Every body has its own, some hardly any. They are thin: none is a nodule, and none is told as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.phantom.lobes import HILA, Lobes
from ai.phantom.tubes import Tube

Floats = NDArray[np.floating[Any]]
Curves = tuple[Floats, Floats, Floats, Floats, Floats]
"""Start, bend and end (N, 3) in still space, and the radii at start and end (N,), in mm."""

AT_PLEURA_MM, TOP_MM = 3.5, 34.0
SCARS, SCAR_MM, SCAR_WIDE_MM = 26, (4.0, 14.0), (0.4, 1.05)
BANDS, BAND_MM, BAND_TALL_MM, BAND_WIDE_MM = 4, (14.0, 46.0), (3.0, 16.0), (0.45, 0.75)
TAGS, TAG_MM, TAG_WIDE_MM = 26, (3.0, 9.0), (0.35, 0.6)
BLEBS, BLEB_MM, BLEB_DEPTH_MM, BLEB_HU = 9, (1.2, 3.2), (6.5, 12.0), -965.0
SHEET_MM = 0.9
"""A band is a sheet of threads this far apart."""


def marks(lobes: Lobes, seed: int) -> tuple[Curves, tuple[Tube, ...]]:
    """Scars, bands and tags as threads, blebs as balls of air, where the drawing has them."""
    rng = np.random.default_rng([seed, 51])
    rim = np.flatnonzero(lobes.depths_mm < AT_PLEURA_MM)
    parts = [*_scars(lobes, rim, rng), *_bands(lobes, rim, rng), _tags(lobes, rim, rng)]
    return joined(parts), _blebs(lobes, rng)


def joined(parts: Sequence[Curves]) -> Curves:
    """Curves of several kinds as one."""
    start, bend, end, wide, thin = (np.concatenate([part[n] for part in parts]) for n in range(5))
    return start, bend, end, wide, thin


def _scars(lobes: Lobes, rim: NDArray[np.intp], rng: np.random.Generator) -> list[Curves]:
    """Streaks under the pleura of one top or both."""
    made: list[Curves] = []
    for side in (1, 2):
        own = rim[lobes.sides[rim] == side]
        top = lobes.points_lps[own, 2].max()
        own = own[lobes.points_lps[own, 2] > top - TOP_MM]
        many = int(SCARS * rng.uniform() ** 1.5)
        middle = lobes.points_lps[rng.choice(own, many)] + rng.normal(0, 1.5, (many, 3))
        made.append(_wound(middle, rng.normal(size=(many, 3)), SCAR_MM, SCAR_WIDE_MM, rng))
    return made


def _bands(lobes: Lobes, rim: NDArray[np.intp], rng: np.random.Generator) -> list[Curves]:
    """Sheets from the pleura inwards, in the lower half for the most part."""
    made: list[Curves] = []
    weight = np.where(lobes.points_lps[rim, 2] < 150, 3.0, 1.0)
    for at in rng.choice(rim, int(rng.integers(0, BANDS + 1)), p=weight / weight.sum()):
        foot = lobes.points_lps[at]
        hilum = np.array(HILA[lobes.lobes[at]].artery[-1])
        way = _unit(_unit(hilum - foot) + rng.normal(0, 0.35, 3))
        rise = _unit(np.array((0, 0, 1.0)) + rng.normal(0, 0.5, 3))
        rise = _unit(rise - (rise @ way) * way)
        long, tall = rng.uniform(*BAND_MM), rng.uniform(*BAND_TALL_MM)
        up = np.arange(-tall / 2, tall / 2, SHEET_MM)[:, None]
        # a sheet is ragged, and shorter where it ends
        reach = long * (1 - 0.5 * (2 * up / tall) ** 2) * rng.uniform(0.85, 1.1, up.shape)
        aside = np.cross(way, rise)
        start = foot - 1.5 * way + up * rise
        bend = start + 0.5 * reach * way + rng.normal(0, 0.10) * long * aside
        bend += 0.25 * rng.normal(size=bend.shape)
        end = start + reach * way + rng.normal(0, 0.08) * long * aside
        wide = rng.uniform(*BAND_WIDE_MM) * rng.uniform(0.8, 1.2, len(up))
        made.append((start, bend, end, wide, 0.55 * wide))
    return made


def _tags(lobes: Lobes, rim: NDArray[np.intp], rng: np.random.Generator) -> Curves:
    """Short lines that stand on the pleura: walls of lobules, a little thick."""
    own = rng.choice(rim, int(rng.integers(TAGS // 3, TAGS)))
    foot = lobes.points_lps[own]
    hila = np.array([h.artery[-1] for h in HILA])
    inward = _unit(hila[lobes.lobes[own]] - foot)
    ways = inward + rng.normal(0, 0.45, foot.shape)
    start, bend, end, wide, thin = _wound(foot, ways, TAG_MM, TAG_WIDE_MM, rng)
    more = 0.5 * (end - start)
    return start + more, bend + more, end + more, wide, thin


def _blebs(lobes: Lobes, rng: np.random.Generator) -> tuple[Tube, ...]:
    """Little balls of air not far under the ribs, in the upper half."""
    x, _, z = lobes.points_lps.T
    low, high = BLEB_DEPTH_MM
    near = (lobes.depths_mm > low) & (lobes.depths_mm < high) & (z > 190) & (np.abs(x) > 60)
    own = rng.choice(np.flatnonzero(near), int(BLEBS * rng.uniform() ** 2))
    places = lobes.points_lps[own]
    radii = rng.uniform(*BLEB_MM, len(own))  # the pleura may lie nearer than the drawing tells
    return tuple(
        Tube((x, y, z), (x, y, z), float(r), float(r), BLEB_HU)
        for (x, y, z), r in zip(places.tolist(), radii, strict=True)
    )


def _wound(
    middle: Floats, ways: Floats, long_mm: tuple[float, float], wide_mm: tuple[float, float],
    rng: np.random.Generator,
) -> Curves:  # fmt: skip
    """Curves through places, along ways, that wind a little."""
    many = len(middle)
    half = 0.5 * rng.uniform(*long_mm, (many, 1))
    way = _unit(ways)
    other = _unit(way + rng.normal(0, 0.45, way.shape))
    wide = rng.uniform(*wide_mm, many)
    return middle - half * way, middle, middle + half * other, wide, 0.6 * wide


def _unit(ways: Floats) -> Floats:
    return np.asarray(ways / np.maximum(np.linalg.norm(ways, axis=-1, keepdims=True), 1e-9))
