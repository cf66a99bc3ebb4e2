"""Lung air parted into right and left, also where the two touch in front of the heart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.lungs.body import Bools, distance_mm
from ai.lungs.upright import Floats32
from ai.scan.labelmap import Labels

RIGHT, LEFT = 1, 2
LEAST_SHARE = 0.1
"""A lung is at least this share of all lung air; less is a piece of one."""
WAIST_MM = (2.0, 4.0, 6.0, 8.0, 10.0, 14.0)
"""The bridge between two joined lungs is cut at the first of these half widths that parts them."""
JUNCTION_HU = -500.0
SLOPE = 2
"""Columns that the edge between the lungs may move from one row to the next."""


def part_lungs(
    air: Bools, hu: Floats32, *, middle_x: float, spacing_mm: tuple[float, float, float]
) -> Labels:
    """1 where lung air is right, 2 where it is left.

    middle_x: the column that separates the sides where nothing else does. Columns run to the
    left of the patient, so the right lung has the lower ones.
    """
    pieces, count = ndimage.label(air)
    sides = np.zeros(air.shape, dtype=np.uint8)
    if count == 0:
        return sides
    share = _share_right(pieces, count, middle_x)
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    total = sizes[1:].sum()
    table = np.where(share >= 0.5, RIGHT, LEFT).astype(np.uint8)
    table[0] = 0
    sides = table[pieces]
    for n in range(1, count + 1):
        lesser = min(share[n], 1 - share[n]) * sizes[n]
        if lesser > LEAST_SHARE * total:
            _cut(sides, pieces == n, hu, middle_x, spacing_mm)
    return sides


def _share_right(pieces: NDArray[np.int32], count: int, middle_x: float) -> NDArray[np.float64]:
    """Per piece, the share of its voxels on the right of the middle."""
    split = int(np.clip(np.ceil(middle_x), 0, pieces.shape[2]))
    every = np.bincount(pieces.ravel(), minlength=count + 1)
    right = np.bincount(pieces[:, :, :split].ravel(), minlength=count + 1)
    return right / np.maximum(1, every)


def _cut(
    sides: Labels,
    joined: Bools,
    hu: Floats32,
    middle_x: float,
    spacing_mm: tuple[float, float, float],
) -> None:
    """Part one piece that holds both lungs; writes into sides."""
    box = ndimage.find_objects(joined.astype(np.uint8))[0]
    piece = joined[box]
    middle = middle_x - box[2].start
    seeds = _two_cores(piece, middle, spacing_mm)
    if seeds is None:
        columns = np.arange(piece.shape[2])
        split = np.where(columns < middle, RIGHT, LEFT).astype(np.uint8)
        sides[box][piece] = np.broadcast_to(split, piece.shape)[piece]
        return
    edge = _least_cost_edge(hu[box], piece, seeds)
    columns = np.arange(piece.shape[2])
    parted = np.where(columns <= edge[:, :, None], RIGHT, LEFT).astype(np.uint8)
    parted[seeds > 0] = seeds[seeds > 0]
    parted[~piece] = 0
    sides[box][piece] = _tidy(parted)[piece]


def _least_cost_edge(hu: Floats32, piece: Bools, seeds: Labels) -> NDArray[np.int64]:
    """Per plane and row, the column where the right lung ends: (z, y).

    The edge runs from front to back of each plane along what is brightest, because the junction
    line is two layers of pleura, and through no core of either lung.
    """
    dark = np.clip((JUNCTION_HU - hu) / 500, 0, 1)
    price = np.where(piece, 1 + 4 * dark, 0.05).astype(np.float32)
    # Every voxel of a core that would fall to the wrong side has its price.
    left_before = np.cumsum(seeds == LEFT, axis=2, dtype=np.float32)
    right_here = (seeds == RIGHT).astype(np.float32)
    right_after = right_here.sum(axis=2, keepdims=True) - np.cumsum(right_here, axis=2)
    price += left_before + right_after
    planes, rows, width = price.shape
    total = price[:, 0].copy()
    came = np.zeros((rows, planes, width), dtype=np.int8)
    for row in range(1, rows):
        best = np.full((planes, width), np.inf, dtype=np.float32)
        for step in range(-SLOPE, SLOPE + 1):
            moved = np.full_like(best, np.inf)
            here, there = _shift(width, step)
            moved[:, here] = total[:, there] + 0.1 * abs(step)
            better = moved < best
            best[better] = moved[better]
            came[row][better] = step
        total = best + price[:, row]
    edge = np.empty((planes, rows), dtype=np.int64)
    edge[:, -1] = total.argmin(axis=1)
    every = np.arange(planes)
    for row in range(rows - 1, 0, -1):
        edge[:, row - 1] = edge[:, row] + came[row, every, edge[:, row]]
    return edge


def _shift(width: int, step: int) -> tuple[slice, slice]:
    """Columns whose neighbour `step` to the right exists, and those neighbours."""
    here = slice(max(0, -step), width - max(0, step))
    return here, slice(here.start + step, here.stop + step)


def _tidy(parted: Labels) -> Labels:
    """Crumbs of one side that hang on the other go over to it."""
    tidy = parted.copy()
    for side in (RIGHT, LEFT):
        pieces, count = ndimage.label(parted == side)
        sizes = np.bincount(pieces.ravel(), minlength=count + 1)
        sizes[0] = 0
        crumb = (sizes < 0.02 * sizes.max()) & (sizes > 0)
        touching = np.unique(pieces[ndimage.binary_dilation(parted == 3 - side)])
        turn = np.zeros(count + 1, dtype=bool)
        turn[touching] = crumb[touching]
        tidy[turn[pieces]] = 3 - side
    return tidy


def _two_cores(
    piece: Bools, middle: float, spacing_mm: tuple[float, float, float]
) -> Labels | None:
    """The cores of the two lungs after wearing the piece down until it falls apart."""
    depth = distance_mm(np.pad(piece, 1), spacing_mm)[1:-1, 1:-1, 1:-1]
    total = int(piece.sum())
    for waist in WAIST_MM:
        cores, count = ndimage.label(depth > waist)
        if count < 2:
            continue
        sizes = np.bincount(cores.ravel(), minlength=count + 1)
        share = _share_right(cores, count, middle)
        right = [n for n in range(1, count + 1) if share[n] >= 0.8]
        left = [n for n in range(1, count + 1) if share[n] <= 0.2]
        both = [n for n in range(1, count + 1) if 0.2 < share[n] < 0.8]
        if sum(sizes[n] for n in both) > 0.02 * total:
            continue
        least = LEAST_SHARE * total * 0.5
        if sum(sizes[right]) > least and sum(sizes[left]) > least:
            table = np.zeros(count + 1, dtype=np.uint8)
            table[right], table[left] = RIGHT, LEFT
            return table[cores]
    return None
