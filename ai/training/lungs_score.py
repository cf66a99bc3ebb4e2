"""How well two label maps of the lungs agree: overlap, surfaces, volume.

Conventions. Dice: undefined (None) where both are empty, 0 where one is. Surfaces: the voxels of a
mask that touch its outside by a face, their centres in mm. HD95: the larger of the two directional
95th percentiles. MSD: the mean of the two directional means. One empty mask: both are infinite.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.scan.labelmap import Labels

Bools = NDArray[np.bool_]
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Agreement:
    """Of one lung: found against true. volume_error: (found - true) / true."""

    side: int
    dice: float | None
    hd95_mm: float | None
    msd_mm: float | None
    volume_error: float | None


def agreement(
    found: Labels,
    true: Labels,
    *,
    side: int,
    spacing_mm: Triple,
    without: Bools | None = None,
) -> Agreement:
    """How well one side agrees. without: voxels left out of both masks."""
    said, is_true = found == side, true == side
    if without is not None:
        said, is_true = said & ~without, is_true & ~without
    a, b = int(said.sum()), int(is_true.sum())
    if a + b == 0:
        return Agreement(side, None, None, None, None)
    dice = 2 * int((said & is_true).sum()) / (a + b)
    if not a or not b:
        return Agreement(side, dice, np.inf, np.inf, (a - b) / b if b else None)
    one, other = _surface_distances(said, is_true, spacing_mm)
    hd95 = max(float(np.percentile(one, 95)), float(np.percentile(other, 95)))
    msd = (float(one.mean()) + float(other.mean())) / 2
    return Agreement(side, dice, hd95, msd, (a - b) / b)


def _surface_distances(
    a: Bools, b: Bools, spacing_mm: Triple
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """From each surface voxel of a to the surface of b, and the other way, in mm."""
    box = ndimage.find_objects((a | b).astype(np.uint8))[0]
    near = tuple(slice(max(0, s.start - 1), s.stop + 1) for s in box)
    edges = [m[near] & ~ndimage.binary_erosion(m[near], border_value=0) for m in (a, b)]
    far = [_distance_to(edge, spacing_mm) for edge in edges]
    return far[1][edges[0]], far[0][edges[1]]


def _distance_to(edge: Bools, spacing_mm: Triple) -> NDArray[np.float32]:
    distance = ndimage.distance_transform_edt(~edge, sampling=spacing_mm)
    return np.asarray(distance, dtype=np.float32)
