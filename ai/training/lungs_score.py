"""How well two label maps of the lungs agree: overlap, surfaces, volume.

Conventions. Dice: undefined (None) where both are empty, 0 where one is. Surfaces: faces between
a mask's voxels and its outside; each counts as the area that it has on the smooth surface (its own
area times how squarely it faces along the mask's gradient), so that stairs are not counted twice.
Distances run from face centre to nearest face centre of the other, in mm. HD95: the larger of the
two directional 95th percentiles by area. MSD: the mean of the two directional means by area. One
empty mask: both are infinite. Native resolution; voxels left out are left out of both masks.
Source: S. Nikolov et al. 2021, J Med Internet Res 23:e26151 (surfaces by area); Maier-Hein 2024.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from ai.scan.labelmap import Labels

Bools = NDArray[np.bool_]
Floats = NDArray[np.floating[Any]]
Triple = tuple[float, float, float]

SIDES = ((1, "right"), (2, "left"))
"""Labels of the two lungs, and how tables name them."""
SMOOTH = 1.5
"""Voxels: how far the gradient looks."""
LEAST_COSINE = 0.05


@dataclass(frozen=True)
class Agreement:
    """Of one lung: found against true. volume_error: (found - true) / true."""

    side: int
    dice: float | None
    hd95_mm: float | None
    msd_mm: float | None
    volume_error: float | None


@dataclass(frozen=True, eq=False)
class Surface:
    """Faces of a mask: their centres in mm, (N, 3), and the area of each in mm²."""

    centres_mm: Floats
    area_mm2: Floats


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
    dice = dice_of(said, is_true)
    if dice is None:
        return Agreement(side, None, None, None, None)
    if not a or not b:
        return Agreement(side, dice, np.inf, np.inf, (a - b) / b if b else None)
    box = ndimage.find_objects((said | is_true).astype(np.uint8))[0]
    one, other = (surface_of(mask[box], spacing_mm) for mask in (said, is_true))
    there, back = _distances(one, other), _distances(other, one)
    hd95 = max(_percentile(there, one.area_mm2, 95), _percentile(back, other.area_mm2, 95))
    means = [float(np.average(d, weights=s.area_mm2)) for d, s in ((there, one), (back, other))]
    return Agreement(side, dice, hd95, sum(means) / 2, (a - b) / b)


def dice_of(one: Bools, other: Bools) -> float | None:
    """Dice of two masks; None where both are empty."""
    total = int(np.count_nonzero(one)) + int(np.count_nonzero(other))
    return 2 * int(np.count_nonzero(one & other)) / total if total else None


def surface_of(mask: Bools, spacing_mm: Triple) -> Surface:
    """Every face of a mask; the sum of the areas is that of the smooth surface, about."""
    padded = np.pad(mask, 1)
    soft = ndimage.gaussian_filter(padded.astype(np.float32), SMOOTH)
    slope = [np.gradient(soft, axis=axis) / mm for axis, mm in enumerate(spacing_mm)]
    steep = np.sqrt(sum(part * part for part in slope)) + 1e-12
    centres, areas = [], []
    for axis, mm in enumerate(spacing_mm):
        low = tuple(slice(None, -1) if n == axis else slice(None) for n in range(3))
        high = tuple(slice(1, None) if n == axis else slice(None) for n in range(3))
        at = np.argwhere(padded[low] != padded[high])
        cosine = (np.abs(slope[axis]) / steep)[low][tuple(at.T)]
        cosine += (np.abs(slope[axis]) / steep)[high][tuple(at.T)]
        centre = (at - 1).astype(np.float64)
        centre[:, axis] += 0.5
        centres.append(centre * spacing_mm)
        face = float(np.prod(spacing_mm)) / mm
        areas.append(face * np.maximum(cosine / 2, LEAST_COSINE))
    return Surface(np.concatenate(centres), np.concatenate(areas))


def _distances(of: Surface, to: Surface) -> Floats:
    """From each face of one surface to the nearest of another, in mm."""
    far, _ = cKDTree(to.centres_mm).query(of.centres_mm, workers=1)
    return np.asarray(far)


def _percentile(values: Floats, weights: Floats, percent: float) -> float:
    """The value below which that share of the weight lies."""
    order = np.argsort(values)
    total = np.cumsum(weights[order])
    place = int(np.searchsorted(total, percent / 100 * total[-1]))
    return float(values[order[min(place, len(order) - 1)]])
