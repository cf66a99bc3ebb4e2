"""Nodules on the pleura taken into the lung that they bulge into, after its border is drawn.

A ball rolled along the border from outside also passes over hila, recesses and fat; told apart from
those, a nodule is soft tissue, thick in every direction, and has more air around it than wall.
Measured with nodules pasted into LIDC-IDRI-0001, -0003, -0004; own rules, no published ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.lungs.body import Bools, near_mm
from ai.lungs.close import rolled
from ai.lungs.shifts import summed
from ai.lungs.upright import PADDING_HU, Floats32, Upright
from ai.progress import OnProgress, ignore
from ai.scan.labelmap import Labels
from ai.scan.volume import Hu

GRID_MM = 1.5
"""So many of the scan's voxels are looked at as one that these lie about this far apart."""
COARSE = 2
"""Where a ball closes anything is asked in blocks of so many of those, each way."""
SEEK_MM = 12.0
"""Of the ball that finds the places; a larger one joins a nodule with what lies beside it."""
TAKE_MM = 16.0
"""Of the ball rolled about a nodule that was found: along the wall, as without it."""
SOFT_HU = (-200.0, 130.0)
"""Solid tissue and the blur about a small nodule; bone and vessels with contrast are above."""
FAT_HU, QUANTILE = -40.0, 0.75
"""Three quarters of a piece of fat lie below, blur or not."""
AIR_HU = -400.0
CORE_MM = 2.0
"""Thinner than twice this is a film or a vessel, not a nodule."""
ML = (0.03, 16.0)
"""About balls of 4 to 31 mm, without their rims."""
RING_MM = (1.6, 4.2)
"""How far about a piece its neighbours are looked at."""
LEAST_AIR, MOST_WALL, MOST_OTHER, MOST_BRIGHT = 0.40, 0.45, 0.35, 0.12
"""Shares of that ring. other: soft tissue and half air that the ball closed over as well."""
LEAST_ROUND = 0.36
REACH_MM = 3.8
"""From a piece's core to the nodule's rim, and to the corner between it and the wall."""
WHITEST_HU = 400
"""A rib counts as no whiter, or its blur would reach far."""

Spacing = tuple[float, float, float]
Steps = tuple[int, int, int]


def take_in_bumps(own: Labels, upright: Upright, *, on_progress: OnProgress = ignore) -> Labels:
    """Both lungs with the nodules at their border, a new array like own; no lung loses a voxel.

    own: 1 right, 2 left, uint8 (z, y, x), on the scan's own turned grid as upright.own_hu.
    """
    whole = upright.blank()
    whole[...] = own
    every = _every(upright.own_spacing_mm)
    for side, found in enumerate(ndimage.find_objects(own, max_label=2), 1):
        on_progress((side - 1) / 2, "Closing over vessels and nodules")
        if found is None:
            continue
        box = _wider(found, _reach(SEEK_MM, upright.own_spacing_mm), own.shape)
        labels = own[box]
        lung = _Lung(
            _mostly(labels == side, every),
            _mostly(labels == 3 - side, every),
            _averaged(upright.own_hu[box], every),
            _times(upright.own_spacing_mm, every),
        )
        added = _spread(lung.bumps(), every, labels.shape)
        # By the scan's own voxels: a block of both would leave a nodule's rim to the air.
        whole[box][added & (labels == 0) & (upright.own_hu[box] > AIR_HU)] = side
    return whole


@dataclass(frozen=True, eq=False)
class _Lung:
    """One lung on the grid of the search, and the other one."""

    lung: Bools
    other: Bools
    hu: Floats32
    spacing_mm: Spacing

    def bumps(self) -> Bools:
        """The nodules at its border, and what lies just about them in the lung."""
        added = np.zeros_like(self.lung)
        zone = self.lung | (self._zone() & ~self.other)
        soft = zone & (self.hu > SOFT_HU[0]) & (self.hu < SOFT_HU[1])
        core = ndimage.binary_opening(soft, _ball(CORE_MM, self.spacing_mm))
        lumps, count = ndimage.label(core)
        outside = np.bincount(lumps[~self.lung], minlength=count + 1)
        places = ndimage.find_objects(lumps)
        for n in np.flatnonzero(outside[1:]) + 1:
            near = _wider(places[n - 1], _reach(RING_MM[1], self.spacing_mm), soft.shape)
            lump = lumps[near] == n
            if is_bump(lump, zone[near], self.hu[near], self.spacing_mm):
                added[near] |= self._about(lump, near)
        return added

    def _zone(self) -> Bools:
        """Roughly the places that the ball cannot enter from outside."""
        blocks = (COARSE, COARSE, COARSE)
        coarse = closed(_any(self.lung, blocks), _times(self.spacing_mm, blocks), SEEK_MM)
        return _spread(coarse, blocks, self.lung.shape)

    def _about(self, lump: Bools, near: tuple[slice, ...]) -> Bools:
        """What lies within the large ball's rolling and in reach of a piece."""
        wide = _wider(near, _reach(2 * TAKE_MM, self.spacing_mm), self.lung.shape)
        inner = tuple(
            slice(n.start - w.start, n.stop - w.start) for n, w in zip(near, wide, strict=True)
        )
        whole = closed(self.lung[wide], self.spacing_mm, TAKE_MM)[inner]
        far = near_mm(lump, self.spacing_mm, REACH_MM + max(self.spacing_mm))
        return whole & (far < REACH_MM) & ~self.other[near]


def is_bump(lump: Bools, zone: Bools, hu: Floats32, spacing_mm: Spacing) -> bool:
    """Whether a piece of soft tissue is a nodule at the pleura, by size, shape and neighbours.

    zone: the lung with all that the ball closed over. All three (z, y, x), the piece and what lies
    about it as far as RING_MM.
    """
    ml = float(lump.sum() * np.prod(spacing_mm)) / 1000
    if not ML[0] <= ml <= ML[1] or np.quantile(hu[lump], QUANTILE) < FAT_HU:
        return False
    if roundness(lump, spacing_mm) < LEAST_ROUND:
        return False
    far = near_mm(lump, spacing_mm, RING_MM[1] + max(spacing_mm))
    ring = (far > RING_MM[0]) & (far < RING_MM[1])
    total = max(1, int(ring.sum()))
    wall = float((ring & ~zone).sum() / total)
    air = float((ring & zone & (hu < AIR_HU)).sum() / total)
    bright = float((ring & zone & (hu > SOFT_HU[1])).sum() / total)
    other = 1 - wall - air - bright
    return air >= LEAST_AIR and wall <= MOST_WALL and other <= MOST_OTHER and bright <= MOST_BRIGHT


def roundness(lump: Bools, spacing_mm: Spacing) -> float:
    """The shortest over the longest axis of the ellipsoid that is spread like a piece, 0 to 1."""
    where = np.argwhere(lump) * spacing_mm
    # A voxel itself is spread, too: a piece of one slice has a thickness.
    spread = np.diag(np.square(spacing_mm) / 12)
    if len(where) > 1:
        spread = spread + np.cov(where.T)
    axes = np.sqrt(np.linalg.eigvalsh(spread))
    return float(axes[0] / axes[-1])


def closed(lung: Bools, spacing_mm: Spacing, radius_mm: float) -> Bools:
    """A lung closed by a ball; beyond the array its outermost planes go on."""
    reach = [n + 1 for n in _reach(radius_mm, spacing_mm)]
    room = np.pad(lung, [(n, n) for n in reach], mode="edge")
    outside = near_mm(room, spacing_mm, radius_mm + max(spacing_mm))
    whole = rolled(outside, radius_mm, spacing_mm)
    return whole[tuple(slice(n, -n) for n in reach)] | lung


def _ball(radius_mm: float, spacing_mm: Spacing) -> Bools:
    axes = [np.arange(-int(radius_mm / s), int(radius_mm / s) + 1) * s for s in spacing_mm]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    return z**2 + y**2 + x**2 <= radius_mm**2


def _every(spacing_mm: Spacing) -> Steps:
    z, y, x = (max(1, round(GRID_MM / s)) for s in spacing_mm)
    return z, y, x


def _times(spacing_mm: Spacing, every: Steps) -> Spacing:
    z, y, x = (s * n for s, n in zip(spacing_mm, every, strict=True))
    return z, y, x


def _reach(mm: float, spacing_mm: Spacing) -> list[int]:
    return [int(np.ceil(mm / s)) for s in spacing_mm]


def _wider(box: tuple[slice, ...], reach: list[int], shape: tuple[int, ...]) -> tuple[slice, ...]:
    return tuple(
        slice(max(0, b.start - n), min(end, b.stop + n))
        for b, n, end in zip(box, reach, shape, strict=True)
    )


def _averaged(hu: Hu, every: Steps) -> Floats32:
    clipped = np.clip(hu, PADDING_HU, WHITEST_HU).astype(np.int32)
    return np.asarray(summed(clipped, every) / _sizes(hu.shape, every), dtype=np.float32)


def _counts(mask: Bools, every: Steps) -> NDArray[Any]:
    """How many voxels of each block are set."""
    small = int(np.prod(every)) <= np.iinfo(np.uint8).max
    return summed(mask.view(np.uint8) if small else mask.astype(np.int32), every)


def _mostly(mask: Bools, every: Steps) -> Bools:
    """Blocks with half of their voxels set, or more."""
    return np.asarray(_counts(mask, every) >= _sizes(mask.shape, every) / 2, dtype=np.bool_)


def _any(mask: Bools, every: Steps) -> Bools:
    """Blocks with any voxel set."""
    return np.asarray(_counts(mask, every) > 0, dtype=np.bool_)


def _sizes(shape: tuple[int, ...], every: Steps) -> Floats32:
    """Voxels in each block."""
    z, y, x = (
        np.minimum(n, count - np.arange(0, count, n)).astype(np.float32)
        for count, n in zip(shape, every, strict=True)
    )
    return np.asarray(z[:, None, None] * y[None, :, None] * x[None, None, :], dtype=np.float32)


def _spread(mask: Bools, every: Steps, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Blocks back on the voxels that they were made of."""
    for axis, n in enumerate(every):
        mask = np.repeat(mask, n, axis=axis)
    return mask[tuple(slice(0, n) for n in shape)]
