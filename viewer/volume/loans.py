"""What the window lends to the process that renders: lungs and shapes copied into shared blocks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LabelMap
from ai.worker.messages import MaskRef
from ai.worker.shared import Block
from viewer.volume.messages import Rgb, Shape, Shell, ShowLungs, ShowShapes

ENOUGH_MM = 1.5
"""Labels finer than this are thinned: the glass is made of cubes of two millimetres."""


def lend_lungs(
    labelmap: LabelMap, colours: Mapping[int, Rgb]
) -> tuple[Block | None, ShowLungs, NDArray[np.float64] | None]:
    """A block with the part that holds any label, what to tell of it, and its outermost places.

    The places, (N, 3) in LPS mm, reach as far as the labels do along and round the upright axis;
    colours: of the segments that get a shell of glass, by number. None where no label is set.
    Raises OutOfMemory where there is no room for the block.
    """
    every = tuple(max(1, int(ENOUGH_MM / mm)) for mm in labelmap.geometry.spacing_kji_mm)
    thin = np.ascontiguousarray(labelmap.labels[tuple(slice(None, None, n) for n in every)])
    box = _box(thin)
    if box is None:
        return None, ShowLungs(None), None
    part = thin[box]
    block = Block.create(part.shape, "uint8")
    block.array[...] = part
    first = np.array([one.start for one in box]) * every
    affine = labelmap.geometry.affine.copy()
    affine[:3, 3] = labelmap.geometry.lps_of(first)
    affine[:3, :3] = affine[:3, :3] * every
    shells = tuple(Shell(number, rgb) for number, rgb in colours.items())
    told = ShowLungs(block.ref, tuple(float(n) for n in affine.ravel()), shells)
    k, j, i = part.shape
    return block, told, _outermost(part, Geometry((k, j, i), affine))


def _outermost(labels: NDArray[np.uint8], geometry: Geometry) -> NDArray[np.float64]:
    """(7, 3): the ends of what is labelled along the patient's axes, and what lies farthest from
    the upright axis through their middle, in LPS mm."""
    held = labels > 0
    k, j = np.nonzero(held.any(axis=2))
    rows = held[k, j]
    last = rows.shape[1] - 1
    ends = (rows.argmax(axis=1), last - rows[:, ::-1].argmax(axis=1))
    places = geometry.lps_of(np.concatenate([np.stack([k, j, i], axis=1) for i in ends]))
    low, high = places.argmin(axis=0), places.argmax(axis=0)
    middle = (places.min(axis=0) + places.max(axis=0)) / 2
    far = np.hypot(*(places - middle)[:, :2].T).argmax()
    return places[[*low, *high, far]]


def lend_shapes(masks: Mapping[str, BoxMask]) -> tuple[Block | None, ShowShapes]:
    """A block with the voxels of every mask, and what to tell of it. Raises OutOfMemory."""
    size = sum(mask.voxels.size for mask in masks.values())
    if not size:
        return None, ShowShapes(None)
    block = Block.create((size,), "uint8")
    shapes, offset = [], 0
    for name, mask in masks.items():
        end = offset + mask.voxels.size
        block.array[offset:end] = mask.voxels.reshape(-1)
        k, j, i = mask.voxels.shape
        shapes.append(Shape(name, MaskRef(offset, (k, j, i), mask.start_kji)))
        offset = end
    return block, ShowShapes(block.ref, tuple(shapes))


def _box(labels: NDArray[np.uint8]) -> tuple[slice, slice, slice] | None:
    """The part that holds any label, with one voxel around; one axis after the other is looked at,
    so that most of the array is read once."""
    box: list[slice] = []
    part = labels
    for axis in range(3):
        others = tuple(n for n in range(3) if n != axis)
        found = np.flatnonzero(part.any(axis=others))
        if not found.size:
            return None
        start = max(0, int(found[0]) - 1)
        stop = min(labels.shape[axis], int(found[-1]) + 2)
        part = part[tuple(slice(start, stop) if n == axis else slice(None) for n in range(3))]
        box.append(slice(start, stop))
    return box[0], box[1], box[2]
