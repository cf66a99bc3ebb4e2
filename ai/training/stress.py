"""Disease put into scans that a model never saw, to measure where it fails.

Frozen before the first training. What training pastes (ai/training/insert.py) has other shapes and
textures and shares no code with this file: a score here cannot be earned by learning the paster.
Lung labels stay what they were, for a lung under fluid is still lung. Everything is synthetic.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from ai.lungs.upright import turn_of
from ai.scan.geometry import Geometry
from ai.scan.labelmap import Labels
from ai.scan.volume import Volume

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]

STRATA: tuple[tuple[str, float], ...] = (
    ("effusion", 0.10),
    ("effusion", 0.25),
    ("effusion", 0.45),
    ("consolidation", 0.15),
    ("consolidation", 0.35),
    ("mass", 45.0),
    ("mass", 75.0),
    ("noise", 60.0),
    ("noise", 120.0),
    ("thick", 6.0),
    ("thick", 10.0),
    ("juxtapleural", 8.0),
    ("juxtapleural", 18.0),
)
"""Kind and severity. effusion, consolidation: share of one lung. mass, juxtapleural: diameter in
mm. noise: its standard deviation in HU. thick: mm of one slice."""

LOBULE_MM = 14.0
NODULES = 6


@dataclass(frozen=True, eq=False)
class Stressed:
    """A scan made harder, its lungs on the same grid, and which voxels the disease took."""

    volume: Volume
    lungs: Labels
    inserted: Bools


def stress(volume: Volume, lungs: Labels, *, kind: str, severity: float, seed: int) -> Stressed:
    """The scan with one kind of disease or fault; the same arguments give the same voxels.

    lungs: 1 right, 2 left, on the volume's grid. One lung is chosen by the seed, for noise and
    thick slices both. Raises KeyError for a kind that is not in STRATA.
    """
    rng = np.random.default_rng([seed, len(kind), int(severity * 100)])
    if kind == "thick":
        return _thick(volume, lungs, severity)
    turn = turn_of(volume.geometry)
    spacing = np.array(volume.geometry.spacing_kji_mm)[list(turn.order)]
    hu = turn.upright(volume.hu).astype(np.float32)
    labels = turn.upright(lungs)
    if kind == "noise":
        hu += _grain(hu.shape, severity, rng)
        inserted = np.zeros(hu.shape, dtype=bool)
    else:
        place = _around(labels, int(rng.integers(1, 3)))
        inserted = np.zeros(hu.shape, dtype=bool)
        lung = labels[place.box] == place.side
        inserted[place.box] = _INSERT[kind](hu[place.box], lung, spacing, severity, rng)
    stored = turn.stored(np.clip(np.rint(hu), -3024, 3071).astype(np.int16))
    changed = replace(volume, hu=np.ascontiguousarray(stored))
    return Stressed(changed, lungs, np.ascontiguousarray(turn.stored(inserted)))


@dataclass(frozen=True)
class _Place:
    side: int
    box: tuple[slice, ...]


def _around(labels: Labels, side: int) -> _Place:
    found = ndimage.find_objects(labels, max_label=2)
    if found[side - 1] is None:
        side = 3 - side
    return _Place(side, found[side - 1])


def _effusion(
    hu: Floats, lung: Bools, spacing: Floats, share: float, rng: np.random.Generator
) -> Bools:
    """Free fluid with a level: flat on top but for a tilt, squeezed lung above it."""
    z, y, x = np.nonzero(lung)
    tilt = rng.uniform(-0.25, 0.10), rng.uniform(-0.08, 0.08)
    height = y * spacing[1] + tilt[0] * z * spacing[0] + tilt[1] * x * spacing[2]
    level = np.quantile(height, 1 - share)
    above = np.zeros(lung.shape, dtype=np.float32)
    above[lung] = level - height  # mm above the level, below 0 in the fluid
    fluid = lung & (above < 0)
    squeezed = lung & (above >= 0) & (above < 12)
    hu[squeezed] = np.maximum(hu[squeezed], 40 - 60 * above[squeezed])
    _fill(hu, fluid, rng.uniform(2, 28), 16.0, rng)
    return fluid


def _consolidation(
    hu: Floats, lung: Bools, spacing: Floats, share: float, rng: np.random.Generator
) -> Bools:
    """Lobules filled one beside the other from a focus on, with dark bronchi running through."""
    where = np.argwhere(lung)
    mm = where * spacing
    seeds = mm[rng.choice(len(mm), size=max(8, len(mm) // 9000), replace=False)]
    low, high = mm.min(axis=0), mm.max(axis=0)
    focus = low + (high - low) * rng.uniform([0.05, 0.35, 0.2], [0.6, 0.9, 0.8])
    _, cell = cKDTree(seeds).query(mm, workers=1)
    order = np.argsort(np.linalg.norm(seeds - focus, axis=1) + rng.normal(0, 6, len(seeds)))
    sizes = np.bincount(cell, minlength=len(seeds))[order]
    taken = np.zeros(len(seeds), dtype=bool)
    taken[order[: int(np.searchsorted(np.cumsum(sizes), share * len(mm))) + 1]] = True
    filled = np.zeros(lung.shape, dtype=bool)
    filled[tuple(where[taken[cell]].T)] = True
    density = rng.uniform(0.75, 1.0, len(seeds)).astype(np.float32)
    soft = np.zeros(lung.shape, dtype=np.float32)
    soft[tuple(where.T)] = np.where(taken[cell], density[cell], 0)
    soft = ndimage.gaussian_filter(soft, 0.8 / spacing)
    hu += soft * (rng.uniform(10, 45) + _grain(hu.shape, 18.0, rng) - hu)
    _bronchi(hu, filled, spacing, focus, rng)
    return filled


def _bronchi(
    hu: Floats, filled: Bools, spacing: Floats, focus: Floats, rng: np.random.Generator
) -> None:
    """A few straight air-filled tubes from a focus outward, inside what is filled."""
    where = np.argwhere(filled) * spacing
    if len(where) == 0:
        return
    ends = where[rng.choice(len(where), size=min(9, len(where)), replace=False)]
    steps = np.linspace(0, 1, 60)[:, None]
    for end in ends:
        line = focus + steps * (end - focus)
        near, _ = cKDTree(line).query(where, distance_upper_bound=rng.uniform(1.2, 2.2))
        hits = np.rint(where[np.isfinite(near)] / spacing).astype(int)
        hu[tuple(hits.T)] = -880


def _mass(
    hu: Floats, lung: Bools, spacing: Floats, diameter_mm: float, rng: np.random.Generator
) -> Bools:
    """A lobulated mass on the pleura: balls that overlap, softer in the middle."""
    depth = ndimage.distance_transform_edt(lung, sampling=spacing)
    near = np.argwhere((depth > 1) & (depth < 6))
    centre = near[rng.integers(len(near))] * spacing
    radius = diameter_mm / 2
    gap = np.full(lung.shape, np.inf, dtype=np.float32)
    for _ in range(7):
        way = rng.normal(size=3)
        own = radius * rng.uniform(0.55, 0.75)
        ball = centre + way / np.linalg.norm(way) * (radius - own)
        gap = np.minimum(gap, _far(lung.shape, spacing, ball) - own)
    mass = lung & (gap < 0)
    _fill(hu, mass, 42.0, 14.0, rng)
    _fill(hu, mass & (gap < -0.55 * radius), 12.0, 14.0, rng)
    return mass


def _juxtapleural(
    hu: Floats, lung: Bools, spacing: Floats, diameter_mm: float, rng: np.random.Generator
) -> Bools:
    """A few flattened solid nodules with their base on the pleura."""
    depth = ndimage.distance_transform_edt(lung, sampling=spacing)
    near = np.argwhere((depth > 0.2 * diameter_mm) & (depth < 0.4 * diameter_mm))
    nodules = np.zeros(lung.shape, dtype=bool)
    for place in near[rng.choice(len(near), size=min(NODULES, len(near)), replace=False)]:
        stretch = rng.uniform(0.8, 1.2, 3)
        gap = _far(lung.shape, spacing * stretch, place * spacing * stretch)
        nodules |= gap < diameter_mm / 2
    nodules &= lung
    _fill(hu, nodules, 35.0, 14.0, rng)
    return nodules


_INSERT = {
    "effusion": _effusion,
    "consolidation": _consolidation,
    "mass": _mass,
    "juxtapleural": _juxtapleural,
}


def _far(shape: tuple[int, ...], spacing: Floats, point_mm: Floats) -> Floats:
    """Distance in mm from a point to every voxel."""
    axes = zip(shape, spacing, point_mm, strict=True)
    squares = [((np.arange(n) * s - p) ** 2) for n, s, p in axes]
    far = squares[0][:, None, None] + squares[1][None, :, None] + squares[2][None, None, :]
    return np.sqrt(far).astype(np.float32)


def _fill(
    hu: Floats, mask: Bools, level_hu: float, grain_hu: float, rng: np.random.Generator
) -> None:
    """Tissue of one density in place of what was there, its edge as soft as the scanner's."""
    cover = ndimage.gaussian_filter(mask.astype(np.float32), (0.4, 0.7, 0.7))
    # Outside the mask nothing is paved over: there the wall already is what it is.
    cover *= mask
    hu += cover * (level_hu + _grain(hu.shape, grain_hu, rng) - hu)


def _grain(shape: tuple[int, ...], sd_hu: float, rng: np.random.Generator) -> Floats:
    """Noise with the grain of filtered back projection: neither slow nor of single voxels."""
    white = rng.standard_normal(shape, dtype=np.float32)
    fine = ndimage.gaussian_filter(white, (0, 0.6, 0.6))
    fine -= ndimage.gaussian_filter(white, (0, 2.0, 2.0))
    fine *= sd_hu / max(float(fine.std()), 1e-6)
    return fine


def _thick(volume: Volume, lungs: Labels, thickness_mm: float) -> Stressed:
    """Neighbouring slices averaged into thick ones; the last few may be dropped."""
    axis = int(np.abs(volume.geometry.directions[2]).argmax())
    step = volume.geometry.spacing_kji_mm[axis]
    n = max(2, round(thickness_mm / step))
    whole = volume.hu.shape[axis] // n

    def slabs(array: NDArray[np.float32]) -> NDArray[np.float32]:
        moved = np.moveaxis(array, axis, 0)[: whole * n]
        mean = moved.reshape(whole, n, *moved.shape[1:]).mean(axis=1)
        return np.ascontiguousarray(np.moveaxis(mean, 0, axis))

    hu = np.rint(slabs(volume.hu.astype(np.float32))).astype(np.int16)
    labels = np.zeros(hu.shape, dtype=np.uint8)
    for side in (1, 2):
        labels[slabs((lungs == side).astype(np.float32)) > 0.5] = side
    affine = volume.geometry.affine.copy()
    middle = np.zeros(3)
    middle[axis] = (n - 1) / 2
    affine[:3, 3] = volume.geometry.lps_of(middle)
    affine[:3, axis] *= n
    shape = (hu.shape[0], hu.shape[1], hu.shape[2])
    grid = Geometry(shape, affine, volume.geometry.frame_of_reference)
    return Stressed(Volume(grid, hu, volume.series), labels, np.zeros(shape, dtype=bool))
