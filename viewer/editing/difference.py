"""What one step changed in a mask: a small box of flipped bits, packed.

A step and its undoing are the same thing: flipped twice, a voxel is what it was. So undo needs no
copy of the mask, and a thousand strokes take no more memory than their packed boxes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Labels = NDArray[np.uint8]
Kji = tuple[int, int, int]
Cut = tuple[slice, slice, slice]
"""A box of a grid, as slices k, j, i."""


@dataclass(frozen=True, eq=False)
class Difference:
    """A box of a grid (first voxel start_kji) in which bits of labels flip.

    planes: for each bit that flips somewhere (1, 2, 4 ...) the packed voxels where it does. A mask
    without numbers is a label map of ones.
    """

    start_kji: Kji
    shape_kji: Kji
    planes: tuple[tuple[int, bytes], ...]

    @classmethod
    def between(
        cls, before: Labels, after: Labels, start_kji: Kji = (0, 0, 0)
    ) -> Difference | None:
        """What leads from one box of labels to the other, or None where they are alike.

        start_kji: where the first voxel of both boxes lies on the grid.
        """
        return cls.of_codes(np.bitwise_xor(before, after), start_kji)

    @classmethod
    def of_codes(cls, codes: Labels, start_kji: Kji = (0, 0, 0)) -> Difference | None:
        """The difference that flips these bits (uint8 box), or None where there are none."""
        box = tight(codes)
        if box is None:
            return None
        inside = codes[box]
        bits = int(np.bitwise_or.reduce(inside, axis=None))
        if bits & (bits - 1) == 0:  # one bit: the box is its plane
            planes: tuple[tuple[int, bytes], ...] = ((bits, pack(inside)),)
        else:
            every = (1 << n for n in range(8))
            planes = tuple((bit, pack((inside & bit) > 0)) for bit in every if bits & bit)
        first = tuple(int(a + b.start) for a, b in zip(start_kji, box, strict=True))
        return cls((first[0], first[1], first[2]), _shape(inside), planes)

    @classmethod
    def of_flips(cls, flips: Bools, codes: Labels, start_kji: Kji = (0, 0, 0)) -> Difference | None:
        """The same from the voxels that change (bool box) and, for each of them, the bits that do.

        A step on a whole lung flips a skin of voxels in a box of millions; only those are read.
        """
        bits = int(np.bitwise_or.reduce(codes, axis=None)) if len(codes) else 0
        if bits & (bits - 1) == 0:
            found = cls.of_codes(flips.view(np.uint8), start_kji)
            if found is None or not bits:
                return None
            return cls(found.start_kji, found.shape_kji, ((bits, found.planes[0][1]),))
        whole = np.zeros(flips.shape, np.uint8)
        whole[flips] = codes
        return cls.of_codes(whole, start_kji)

    @property
    def box(self) -> Cut:
        """Where it lies on the grid."""
        return cut_of(self.start_kji, self.shape_kji)

    def codes(self) -> Labels:
        """The bits to flip, a new uint8 box. Raises ValueError where a plane has another size."""
        made = np.zeros(self.shape_kji, np.uint8)
        for bit, packed in self.planes:
            made |= unpack(packed, self.shape_kji).view(np.uint8) * np.uint8(bit)
        return made

    def flip(self, labels: Labels, start_kji: Kji = (0, 0, 0)) -> None:
        """Flips in place; labels: writable, its first voxel at start_kji, holding all of the box.

        Raises ValueError where the box lies outside.
        """
        offset = tuple(a - b for a, b in zip(self.start_kji, start_kji, strict=True))
        ends = tuple(a + n for a, n in zip(offset, self.shape_kji, strict=True))
        if min(offset) < 0 or any(e > n for e, n in zip(ends, labels.shape, strict=True)):
            raise ValueError("the difference lies outside of the labels")
        part = labels[cut_of((offset[0], offset[1], offset[2]), self.shape_kji)]
        np.bitwise_xor(part, self.codes(), out=part)


def pack(bits: Bools | Labels) -> bytes:
    """Voxels as bytes, what is not 0 being inside: eight to one, deflated."""
    return zlib.compress(np.packbits(bits).tobytes(), 1)


def unpack(packed: bytes, shape_kji: tuple[int, ...]) -> Bools:
    """The voxels again. Raises ValueError where they are not of that shape."""
    size = int(np.prod(shape_kji))
    bits = np.unpackbits(np.frombuffer(zlib.decompress(packed), np.uint8))
    if not size <= bits.size < size + 8:
        raise ValueError("the packed mask has another size")
    return bits[:size].reshape(shape_kji).view(np.bool_)


def tight(codes: Labels | Bools) -> Cut | None:
    """The smallest box that holds all that is not zero, or None."""
    k = _ends(np.any(codes, axis=(1, 2)))
    if k is None:
        return None
    flat = np.any(codes[k], axis=0)
    j, i = _ends(np.any(flat, axis=1)), _ends(np.any(flat, axis=0))
    assert j is not None and i is not None
    return k, j, i


def cut_of(start_kji: Iterable[int], shape_kji: Iterable[int]) -> Cut:
    """A box as slices."""
    k, j, i = (slice(a, a + n) for a, n in zip(start_kji, shape_kji, strict=True))
    return k, j, i


def hull(boxes: Iterable[Cut]) -> Cut | None:
    """The smallest box around boxes, or None for none."""
    every = list(boxes)
    if not every:
        return None
    k, j, i = (
        slice(min(b[axis].start for b in every), max(b[axis].stop for b in every))
        for axis in range(3)
    )
    return k, j, i


def _ends(filled: Any) -> slice | None:
    where = np.flatnonzero(filled)
    return slice(int(where[0]), int(where[-1]) + 1) if where.size else None


def _shape(array: Labels) -> Kji:
    k, j, i = array.shape
    return k, j, i
