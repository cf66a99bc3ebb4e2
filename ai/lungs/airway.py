"""Trachea and main bronchi: a lasting round hole near the top, grown until it would leak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.lungs.body import Bools
from ai.lungs.upright import Floats32

LUMEN_HU = -700.0
AREA_MM2 = (50.0, 800.0)
LASTS_MM = 20.0
STEP_MM_PER_SLICE = 6.0
OFF_MIDLINE_MM = 40.0

FIRST_HU, LAST_HU, HU_STEP = -970.0, -750.0, 20.0
LEAK_RATIO = 1.5
MOST_ML = 120.0
"""Trachea and main bronchi hold 30 to 80 ml; more has leaked into a lung."""
BESIDE_MM, FRONT_MM, BELOW_MM = 70.0, 60.0, 90.0
"""The growth stays in a box this far from the trachea's lower end."""


@dataclass(frozen=True)
class _Hole:
    """A dark spot of one axial plane: its label there, area and centre in mm (y, x)."""

    label: int
    area_mm2: float
    centre_mm: tuple[float, float]


def find_airway(hu: Floats32, body: Bools, spacing_mm: tuple[float, float, float]) -> Bools:
    """Lumen of trachea and main bronchi (empty when no trachea is in the scan)."""
    seeds = _trachea(hu, body, spacing_mm)
    if not seeds.any():
        return seeds
    return _grow(hu, body, seeds, spacing_mm)


def _trachea(hu: Floats32, body: Bools, spacing_mm: tuple[float, float, float]) -> Bools:
    """The best column of holes, followed down from the top."""
    dz = spacing_mm[0]
    dark = body & (hu < LUMEN_HU)
    air_z = dark.sum(axis=(1, 2))
    seeds = np.zeros_like(dark)
    if not air_z.any():
        return seeds
    middle = int(np.average(np.arange(len(air_z)), weights=air_z))
    labels = np.zeros(dark.shape, dtype=np.int32)
    chains: list[list[tuple[int, _Hole]]] = []
    open_chains: list[list[tuple[int, _Hole]]] = []
    for z in range(dark.shape[0] - 1, max(-1, middle - round(30 / dz)), -1):
        labels[z], holes = _holes(dark[z], body[z], spacing_mm)
        going = []
        for hole in holes:
            chain = _nearest_chain(open_chains, hole, z, dz)
            if chain is None:
                chain = []
                chains.append(chain)
            else:
                open_chains.remove(chain)
            chain.append((z, hole))
            going.append(chain)
        open_chains = going
    best = max(chains, key=lambda c: _score(c, body, spacing_mm), default=[])
    if len(best) * dz < LASTS_MM or _score(best, body, spacing_mm) <= 0:
        return seeds
    for z, hole in best:
        seeds[z] = labels[z] == hole.label
    return seeds


def _holes(
    dark: Bools, body: Bools, spacing_mm: tuple[float, float, float]
) -> tuple[NDArray[np.int32], list[_Hole]]:
    """The spots of one plane that could be a trachea: of its size, and round."""
    pixel = spacing_mm[1] * spacing_mm[2]
    labels, count = ndimage.label(dark)
    if count == 0:
        return labels, []
    area = np.bincount(labels.ravel(), minlength=count + 1) * pixel
    boxes = ndimage.find_objects(labels)
    found = []
    for n in range(1, count + 1):
        if not AREA_MM2[0] <= area[n] <= AREA_MM2[1]:
            continue
        rows, columns = boxes[n - 1]
        tall = (rows.stop - rows.start) * spacing_mm[1]
        wide = (columns.stop - columns.start) * spacing_mm[2]
        if max(tall, wide) > 2.5 * min(tall, wide) or area[n] < 0.5 * tall * wide:
            continue
        y, x = ndimage.center_of_mass(labels[rows, columns] == n)
        centre = ((y + rows.start) * spacing_mm[1], (x + columns.start) * spacing_mm[2])
        found.append(_Hole(n, float(area[n]), centre))
    return labels, found


def _nearest_chain(
    chains: list[list[tuple[int, _Hole]]], hole: _Hole, z: int, dz: float
) -> list[tuple[int, _Hole]] | None:
    """The chain that ends just above this hole with about its size."""
    best, best_gap = None, STEP_MM_PER_SLICE
    for chain in chains:
        above_z, above = chain[-1]
        gap = float(np.hypot(*np.subtract(above.centre_mm, hole.centre_mm)))
        same = 0.5 < hole.area_mm2 / above.area_mm2 < 2.0
        if above_z == z + 1 and same and gap < best_gap:
            best, best_gap = chain, gap
    return best


def _score(
    chain: list[tuple[int, _Hole]], body: Bools, spacing_mm: tuple[float, float, float]
) -> float:
    """Length in mm, less the farther the column lies from the body's middle."""
    off = []
    for z, hole in chain:
        columns = np.flatnonzero(body[z].any(axis=0))
        middle = (columns[0] + columns[-1]) / 2 * spacing_mm[2]
        off.append(abs(hole.centre_mm[1] - middle))
    away = float(np.median(off))
    if away > OFF_MIDLINE_MM:
        return 0.0
    return len(chain) * spacing_mm[0] * (1 - away / (2 * OFF_MIDLINE_MM))


def _grow(hu: Floats32, body: Bools, seeds: Bools, spacing_mm: tuple[float, float, float]) -> Bools:
    """Connected lumen at the highest threshold that does not yet spill into a lung."""
    box = _box(seeds, spacing_mm)
    lumen, inside, seed = hu[box], body[box], seeds[box]
    voxel_ml = float(np.prod(spacing_mm)) / 1000
    best = seed
    size = float(seed.sum()) * voxel_ml
    for threshold in np.arange(FIRST_HU, LAST_HU + 1, HU_STEP):
        grown = _connected((lumen < threshold) & inside | seed, seed)
        now = float(grown.sum()) * voxel_ml
        if now > MOST_ML or (now > LEAK_RATIO * size + 3.0 and now > 25.0 + size):
            break
        best, size = grown, max(size, now)
    whole = np.zeros_like(seeds)
    whole[box] = best
    return whole


def _box(seeds: Bools, spacing_mm: tuple[float, float, float]) -> tuple[slice, slice, slice]:
    z, y, x = (np.flatnonzero(seeds.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1)))
    reach = [
        round(mm / s) for mm, s in zip((BELOW_MM, FRONT_MM, BESIDE_MM), spacing_mm, strict=True)
    ]
    return (
        slice(max(0, z[0] - reach[0]), z[-1] + 1),
        slice(max(0, y[0] - reach[1]), y[-1] + reach[1] + 1),
        slice(max(0, x[0] - reach[2]), x[-1] + reach[2] + 1),
    )


def _connected(mask: Bools, seed: Bools) -> Bools:
    pieces, _ = ndimage.label(mask)
    wanted = np.unique(pieces[seed])
    return np.isin(pieces, wanted[wanted > 0])
