"""Lung air parted into right and left, also where the two touch in front of the heart."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ai.lungs.body import Bools, distance_mm
from ai.lungs.upright import Floats32
from ai.scan.labelmap import Labels

RIGHT, LEFT = 1, 2
LEAST_SHARE = 0.1
"""A lung is at least this share of all lung air; less is a piece of one."""
WAIST_MM = (2.0, 4.0, 6.0, 8.0, 10.0, 14.0)
"""The bridge between two joined lungs is cut at the first of these half widths that parts them."""


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


def _share_right(pieces: np.ndarray, count: int, middle_x: float) -> np.ndarray:
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
    # Flooded from both cores, the brightest ridge between them, the junction line, is met last.
    relief = np.clip((hu[box] + 1000) / 4, 0, 200).astype(np.uint8)
    markers = seeds.astype(np.int16)
    markers[~piece] = 0
    relief[~piece] = 255
    flooded = ndimage.watershed_ift(relief, markers)
    sides[box][piece] = flooded[piece].astype(np.uint8)


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
