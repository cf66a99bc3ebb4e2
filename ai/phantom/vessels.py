"""The inside of the phantom's lungs: where they are, and the vessels and airways in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from ai.phantom.anatomy import Mediastinum, Plane, lung_depth
from ai.phantom.organs import (
    AIR_HU,
    ARTERY_ROOTS,
    BLOOD_HU,
    BRONCHUS_ENDS,
    VEIN_ROOTS,
    between_the_lungs,
)
from ai.phantom.trees import Branch, grow
from ai.phantom.tubes import Tube

STEP_MM = 4.0
LEAVES = {"artery": 1500, "vein": 1100}
ARTERY_LEAF_MM, VEIN_LEAF_MM = 0.44, 0.40
AIRWAY_LEAVES = 24
"""Airways are drawn down to branches that serve this many leaves."""


@dataclass(frozen=True, eq=False)
class Lungs:
    """Points on a coarse grid inside the lungs, and what grows there.

    points_lps (N, 3), sides (N,) 1 right 2 left, depths_mm (N,) under the pleura.
    """

    points_lps: NDArray[np.float64]
    sides: NDArray[np.uint8]
    depths_mm: NDArray[np.float64]
    vessels: tuple[Tube, ...]
    airways: tuple[Tube, ...]


@lru_cache(maxsize=2)
def grow_lungs(seed: int) -> Lungs:
    """Points and trees of both lungs, the same for every size of phantom."""
    mediastinum = Mediastinum(between_the_lungs())
    points, sides, depths = lung_points(mediastinum)
    rng = np.random.default_rng([seed, 1])
    vessels: list[Tube] = []
    airways: list[Tube] = []
    for side in (0, 1):
        inner = points[(sides == side + 1) & (depths > 3.5)]
        arteries = grow(_leaves(inner, LEAVES["artery"], rng), np.array(ARTERY_ROOTS[side]), rng)
        veins = grow(_leaves(inner, LEAVES["vein"], rng), np.array(VEIN_ROOTS[side]), rng)
        vessels += [_tube(b, ARTERY_LEAF_MM, BLOOD_HU) for b in arteries]
        vessels += [_tube(b, VEIN_LEAF_MM, BLOOD_HU) for b in veins]
        airways += _airways(arteries, side)
    return Lungs(points, sides, depths, tuple(vessels), tuple(airways))


def lung_points(
    mediastinum: Mediastinum,
) -> tuple[NDArray[np.float64], NDArray[np.uint8], NDArray[np.float64]]:
    """Voxels of a coarse grid inside the lungs: LPS, side, depth under the pleura in mm."""
    across = np.arange(-140, 140.1, STEP_MM).astype(np.float32)
    heights = np.arange(4, 296, STEP_MM)
    plane = Plane(across, across)
    both = np.array([lung_depth(plane, float(z), mediastinum) for z in heights])  # (K, 2, J, I)
    points, sides, depths = [], [], []
    for side in (0, 1):
        depth = both[:, side]
        k, j, i = np.nonzero(depth > 0)
        # the shapes tell depth along their own axis only; where they bend, true distance is less
        true = distance_transform_edt(depth > 0, sampling=STEP_MM)[k, j, i] - STEP_MM / 2
        points.append(np.stack([across[i], across[j], heights[k]], axis=1).astype(np.float64))
        sides.append(np.full(k.shape, side + 1, dtype=np.uint8))
        depths.append(np.minimum(depth[k, j, i], true))
    return np.concatenate(points), np.concatenate(sides), np.concatenate(depths)


def _leaves(
    points: NDArray[np.float64], count: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    chosen = points[rng.choice(len(points), size=count, replace=False)]
    return chosen + rng.uniform(-STEP_MM / 2, STEP_MM / 2, size=chosen.shape)


def _tube(branch: Branch, leaf_mm: float, hu: float) -> Tube:
    radius = branch.radius_mm(leaf_mm)
    return Tube(branch.start, branch.end, radius * 1.04, radius * 0.92, hu)


def _airways(arteries: tuple[Branch, ...], side: int) -> list[Tube]:
    """Airways run beside the arteries, a little nearer to the midline and behind."""
    out: list[Tube] = []
    shift = np.array([0.45 if side == 0 else -0.45, 0.75, -0.5])

    def beside(point: tuple[float, float, float], gap_mm: float) -> tuple[float, float, float]:
        x, y, z = np.array(point) + shift * gap_mm
        return float(x), float(y), float(z)

    joints: dict[tuple[float, float, float], tuple[float, float, float]] = {
        arteries[0].start: BRONCHUS_ENDS[side]
    }
    for branch in arteries:
        if branch.leaves < AIRWAY_LEAVES or branch.start not in joints:
            continue
        radius = 0.68 * branch.radius_mm(ARTERY_LEAF_MM)
        end = beside(branch.end, 2.1 * branch.radius_mm(ARTERY_LEAF_MM) + 0.6)
        out.append(Tube(joints[branch.start], end, radius * 1.05, radius * 0.85, AIR_HU))
        joints[branch.end] = end
    return out
