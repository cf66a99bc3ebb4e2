"""A stroke as the hand makes it: painted into a field at once, one difference at its end."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from viewer.editing.brush import Dab
from viewer.editing.difference import Bools, Cut, Difference, Kji, Labels, cut_of, hull, tight

Allowed = Callable[[Cut], Bools]
"""Of a box of the grid, the voxels that may be painted."""


class Stroke:
    """Sets voxels of one field (uint8, 1 is inside) to one value; each flips once at most."""

    def __init__(self, field: Labels, *, inside: bool, allowed: Allowed | None = None) -> None:
        """field: of the whole grid, written to as the stroke grows. inside: paints, else erases.

        allowed: which voxels it may touch, asked for each box; all of them where it is None.
        """
        self.inside = inside
        self._field = field
        self._allowed = allowed
        self._flips: list[tuple[Kji, Bools]] = []

    def add(self, dab: Dab) -> Cut | None:
        """Covers a dab more; the box that changed, or None where nothing did."""
        part = self._field[dab.box]
        flips = dab.voxels & (part != self.inside)
        if self._allowed is not None:
            flips &= self._allowed(dab.box)
        close = tight(flips)
        if close is None:
            return None
        np.copyto(part, np.uint8(self.inside), where=flips)
        start = tuple(int(a + s.start) for a, s in zip(dab.start_kji, close, strict=True))
        kept = np.ascontiguousarray(flips[close])
        self._flips.append(((start[0], start[1], start[2]), kept))
        return cut_of(start, kept.shape)

    @property
    def box(self) -> Cut | None:
        """Around all that it changed so far."""
        return hull(cut_of(start, flips.shape) for start, flips in self._flips)

    def flipped(self) -> tuple[Kji, Bools] | None:
        """All voxels that it changed, as one box; None where it changed nothing."""
        box = self.box
        if box is None:
            return None
        first = (box[0].start, box[1].start, box[2].start)
        whole = np.zeros([side.stop - side.start for side in box], dtype=np.bool_)
        for start, flips in self._flips:
            offset = [a - b for a, b in zip(start, first, strict=True)]
            whole[cut_of(offset, flips.shape)] |= flips
        return first, whole

    def give_up(self) -> Cut | None:
        """Takes back all it painted; the box that changed."""
        box = self.box
        for start, flips in self._flips:
            part = self._field[cut_of(start, flips.shape)]
            np.bitwise_xor(part, flips.view(np.uint8), out=part)
        self._flips.clear()
        return box


def difference_of(
    flipped: tuple[Kji, Bools], *, labels: Labels | None = None, number: int = 1
) -> Difference | None:
    """What flipped voxels of a field mean for the labels that it was taken from.

    labels: of the whole grid as they are before; a voxel that was `number` becomes 0, any other one
    becomes `number`. None: the field is the mask itself.
    """
    start, flips = flipped
    if labels is None:
        return Difference.of_codes(flips.view(np.uint8), start)
    before = labels[cut_of(start, flips.shape)][flips]
    codes = np.where(before == number, np.uint8(number), before ^ np.uint8(number))
    return Difference.of_flips(flips, codes, start)


def touches(field: Labels, flipped: tuple[Kji, Bools]) -> bool:
    """Whether voxels that were painted share a face with the mask as it was before.

    field: of the whole grid, with them painted; flipped: where they are, as a box.
    """
    start, flips = flipped
    wide = [
        slice(max(0, first - 1), min(size, first + length + 1))
        for first, length, size in zip(start, flips.shape, field.shape, strict=True)
    ]
    part = field[wide[0], wide[1], wide[2]]
    new = np.zeros(part.shape, np.bool_)
    inner = [first - side.start for first, side in zip(start, wide, strict=True)]
    new[cut_of((inner[0], inner[1], inner[2]), flips.shape)] = flips
    old = (part != 0) & ~new
    for axis in range(new.ndim):
        a, b = np.moveaxis(new, axis, 0), np.moveaxis(old, axis, 0)
        if (a[1:] & b[:-1]).any() or (a[:-1] & b[1:]).any():
            return True
    return False
