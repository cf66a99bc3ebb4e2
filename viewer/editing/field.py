"""The mask that is being edited on the whole grid, kept in step with the reading it belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ai.scan.finding import Finding
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LabelMap
from viewer.editing.difference import Bools, Cut, Difference, Kji, Labels, cut_of, hull, tight
from viewer.editing.stroke import difference_of
from viewer.reading.edits import LUNGS_MASK, Strokes, difference_in, path
from viewer.reading.reading import Reading


@dataclass(frozen=True)
class Target:
    """What is edited: a finding by its id, or one lung: LUNGS_MASK and its number."""

    id: str
    number: int = 1

    @property
    def is_lung(self) -> bool:
        return self.id == LUNGS_MASK


class Field:
    """A copy of one mask that a hand can paint on at once; the truth is what the reading holds.

    voxels: (K, J, I) uint8, 1 inside. reach: the box that holds all of the mask, or None.
    """

    def __init__(self, geometry: Geometry, target: Target, reading: Reading) -> None:
        """Raises ValueError where the reading has no such mask on that grid."""
        self.geometry, self.target = geometry, target
        base = _base(reading, target)
        if base is None or (isinstance(base, LabelMap) and not base.geometry.same_grid(geometry)):
            raise ValueError("there is no such mask on this grid")
        self._base, self._strokes = base, _strokes(reading, target)
        self.voxels: Labels = np.zeros(geometry.shape_kji, np.uint8)
        self.reach: Cut | None = None
        if isinstance(base, LabelMap):
            assert reading.lungs is not None
            labels = reading.lungs.labels
            np.equal(labels, target.number, out=self.voxels.view(np.bool_))
            self.reach = tight(self.voxels.view(np.bool_))
        else:
            self._take_finding(reading, None)

    @property
    def empty(self) -> bool:
        return self.reach is None or not bool(self.voxels[self.reach].any())

    def widen(self, box: Cut | None) -> None:
        """The mask may reach into this box from now on."""
        self.reach = hull(one for one in (self.reach, box) if one is not None)

    def behind(self, reading: Reading) -> bool:
        """Whether the reading has the mask otherwise than it was followed so far."""
        return _strokes(reading, self.target) != self._strokes

    def follow(self, reading: Reading) -> tuple[bool, Cut | None]:
        """After the reading changed: whether the mask is still the one, and where it differs."""
        base = _base(reading, self.target)
        if base is None or not _same_mask(base, self._base):
            return False, None
        self._base = base
        strokes = _strokes(reading, self.target)
        if strokes == self._strokes:
            return True, None
        back, on = path(self._strokes, strokes)
        self._strokes = strokes
        box = hull(difference_in(row).box for row in (*back, *on))
        if box is None:
            return True, None
        if self.target.is_lung:
            assert reading.lungs is not None
            np.copyto(self.voxels[box], reading.lungs.labels[box] == self.target.number)
        else:
            self._take_finding(reading, box)
        self.widen(box)
        return True, box

    def difference(
        self, flipped: tuple[Kji, Bools], reading: Reading
    ) -> tuple[Difference | None, tuple[int, ...]]:
        """What flipped voxels of the mask are in the reading; numbers of the lungs they concern."""
        if not self.target.is_lung:
            return difference_of(flipped), ()
        assert reading.lungs is not None
        start, flips = flipped
        before = reading.lungs.labels[cut_of(start, flips.shape)][flips]
        counts = np.bincount(before, minlength=1)
        numbers = {int(n) for n in np.flatnonzero(counts) if n} | {self.target.number}
        found = difference_of(flipped, labels=reading.lungs.labels, number=self.target.number)
        return found, tuple(sorted(numbers))

    def _take_finding(self, reading: Reading, box: Cut | None) -> None:
        """The finding's mask as the reading has it, on a box or on all of the grid."""
        if box is not None:
            self.voxels[box] = 0
        finding = reading.finding(self.target.id)
        mask = finding.mask if finding is not None else None
        if mask is None or not mask.voxels.any():
            return
        whole = box or cut_of((0, 0, 0), self.geometry.shape_kji)
        here = [
            slice(max(a.start, b.start), min(a.stop, b.stop))
            for a, b in zip(mask.box, whole, strict=True)
        ]
        if any(side.start >= side.stop for side in here):
            return
        part = tuple(
            slice(side.start - a, side.stop - a)
            for side, a in zip(here, mask.start_kji, strict=True)
        )
        self.voxels[here[0], here[1], here[2]] = mask.voxels[part]
        self.widen(mask.box)


def _base(reading: Reading, target: Target) -> Finding | LabelMap | None:
    """What the strokes on a mask lie on; it is another one once the mask was made anew."""
    edits = reading.edits.get(target.id)
    if edits is not None:
        return edits.base
    return reading.lungs if target.is_lung else reading.finding(target.id)


def _same_mask(a: Finding | LabelMap, b: Finding | LabelMap) -> bool:
    """A finding that the reader only calls otherwise (its type, its zone) has the mask it had."""
    if isinstance(a, Finding) and isinstance(b, Finding):
        return a.mask is b.mask
    return a is b


def _strokes(reading: Reading, target: Target) -> Strokes:
    edits = reading.edits.get(target.id)
    return edits.strokes if edits is not None else ()
