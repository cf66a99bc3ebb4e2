"""Each lung closed over its vessels and over nodules at its border, and its holes filled."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ai.lungs.body import Bools, near_mm
from ai.lungs.shifts import filled, grown, shrunk
from ai.lungs.upright import Floats32
from ai.scan.labelmap import Labels

FILM_VOXELS = 1


def close_lungs(
    sides: Labels,
    keep_out: Bools,
    lumen: Bools,
    *,
    radius_mm: float,
    wall_radius_mm: float,
    spacing_mm: tuple[float, float, float],
) -> Labels:
    """Both lungs closed by a ball, holes filled.

    keep_out: what must never become lung. lumen: trachea and bronchi, which become lung only where
    lung surrounds them in their plane: beyond the hilum a bronchus is part of its lung.
    radius_mm: of the ball everywhere. wall_radius_mm: of the larger one that rolls along the chest
    wall, where a nodule sits with a broad base and no vessel ends.
    """
    closed = np.zeros_like(sides)
    for side in (1, 2):
        lung = sides == side
        if not lung.any():
            continue
        near, cut = _room(lung, wall_radius_mm, spacing_mm)
        room = np.pad(lung[near], cut, mode="edge")
        inner = tuple(slice(a, n - e) for (a, e), n in zip(cut, room.shape, strict=True))
        outside = near_mm(room, spacing_mm, wall_radius_mm + max(spacing_mm))
        taken = rolled(outside, radius_mm, spacing_mm)[inner]
        wall = rolled(outside, wall_radius_mm, spacing_mm)[inner] & ~lung[near]
        taken |= _dents(wall & at_the_wall(sides, side)[near])
        whole = lung.copy()
        whole[near] |= taken
        whole[near] = filled(whole[near])
        whole &= ~keep_out & ~lumen & (sides != 3 - side) & (closed == 0)
        whole |= _ringed(whole, lumen)
        closed[whole | lung] = side
    return closed


def _ringed(lung: Bools, lumen: Bools) -> Bools:
    """Lumen that lung surrounds in its axial plane."""
    ringed = np.zeros_like(lumen)
    for z in np.flatnonzero(lumen.any(axis=(1, 2)) & lung.any(axis=(1, 2))):
        ringed[z] = ndimage.binary_fill_holes(lung[z]) & lumen[z]
    return ringed


def at_the_wall(sides: Labels, side: int) -> Bools:
    """Places between a lung and the chest wall: no lung lies beyond them, looking outward.

    Outward is away from the other lung in a row; to the front or the back only well off the middle,
    where neither the heart's edge nor the aorta lies.
    """
    lung = sides == side
    outward = lung if side == 2 else lung[:, :, ::-1]
    beyond = np.flip(np.logical_or.accumulate(np.flip(outward, 2), axis=2), 2)
    beside = ~(beyond if side == 2 else beyond[:, :, ::-1])
    front = ~np.logical_or.accumulate(lung, axis=1)
    back = ~np.flip(np.logical_or.accumulate(np.flip(lung, 1), axis=1), 1)
    columns = np.flatnonzero(lung.any(axis=(0, 1)))
    lateral = np.zeros(lung.shape[2], dtype=bool)
    half = (columns[0] + columns[-1]) // 2
    lateral[half:] = side == 2
    lateral[: half + 1] |= side == 1
    return beside | ((front | back) & lateral)


def _dents(added: Bools) -> Bools:
    """Of what the large ball added, the thick pieces; thin films are the ribs' gentle waves."""
    thick = shrunk(added, FILM_VOXELS)
    return ndimage.binary_propagation(
        grown(thick, FILM_VOXELS + 1) & added,
        mask=grown(thick, FILM_VOXELS + 2) & added,
    )


def _room(
    lung: Bools, radius_mm: float, spacing_mm: tuple[float, float, float]
) -> tuple[tuple[slice, ...], list[tuple[int, int]]]:
    """The lung's box with a margin for the ball, and how much of that margin the scan lacks.

    Beyond the scan its last slice is repeated: a lung cut by the scan's end is not rounded off.
    """
    margin = [int(np.ceil(radius_mm / s)) + 2 for s in spacing_mm]
    box = ndimage.find_objects(lung.astype(np.uint8))[0]
    low = [min(b.start, m) for b, m in zip(box, margin, strict=True)]
    high = [min(n - b.stop, m) for b, m, n in zip(box, margin, lung.shape, strict=True)]
    near = tuple(slice(b.start - a, b.stop + e) for b, a, e in zip(box, low, high, strict=True))
    return near, [(m - a, m - e) for m, a, e in zip(margin, low, high, strict=True)]


def rolled(outside: Floats32, radius_mm: float, spacing_mm: tuple[float, float, float]) -> Bools:
    """A mask closed by a ball, from the distance to it, which is right beyond radius_mm by a voxel;
    the array's outermost planes go on."""
    beyond = np.pad(outside > radius_mm, 1, mode="edge")
    kept = near_mm(beyond, spacing_mm, radius_mm + max(spacing_mm)) > radius_mm
    return kept[1:-1, 1:-1, 1:-1]
