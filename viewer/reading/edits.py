"""What a reader changed of a mask: strokes on a base, and the mask and figures that come of them.

A stroke is stored as the bits it flips, so a mask after any number of strokes is its base with all
of them flipped; undo flips one back. The lungs are changed in place on one private copy, since a
copy for each stroke would cost a hundred megabytes: the labels of edited lungs are true until the
next step, and whoever keeps them copies them. Masks of findings are new values each time.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from weakref import ReferenceType, WeakKeyDictionary, ref

import numpy as np

from ai.errors import BadInput
from ai.scan.finding import BoxMask, Finding
from ai.scan.labelmap import LabelMap, Labels, SegmentFigures
from viewer.editing.difference import Cut, Difference, cut_of, hull, tight

if TYPE_CHECKING:
    from viewer.reading.events import FindingCounted, LungsCounted
    from viewer.reading.reading import Row

LUNGS_MASK: Final = "lungs"
"""The target of strokes on the lungs; all other targets are ids of findings."""

Strokes = tuple["Row", ...]
"""Rows that hold a SegmentEdited, oldest first."""


@dataclass(frozen=True, eq=False)
class Edits:
    """All strokes on one mask that count.

    base: what they lie on, with the figures that it had: the agent's. None in a listing without
    voxels. figures: of the base, where it is the lungs. states: the finding's state before each
    stroke. counts: what was counted since, each for the mask after one of the strokes.
    """

    base: Finding | LabelMap | None
    figures: tuple[SegmentFigures, ...] = ()
    strokes: Strokes = ()
    states: tuple[str, ...] = ()
    counts: tuple[FindingCounted | LungsCounted, ...] = ()

    @property
    def stale(self) -> bool:
        """Whether the figures are those of an earlier mask."""
        counted = self.counts[-1].row if self.counts else 0
        return bool(self.strokes) and counted != self.strokes[-1].seq

    @property
    def segments(self) -> frozenset[int]:
        """Numbers of the segments whose voxels changed; of the lungs alone."""
        return frozenset(n for row in self.strokes for n in _event(row).segments)

    def with_stroke(self, row: Row, state: str) -> Edits:
        return replace(self, strokes=(*self.strokes, row), states=(*self.states, state))

    def with_count(self, event: FindingCounted | LungsCounted) -> Edits:
        """Figures of a mask that was changed since say nothing."""
        if not self.strokes or self.strokes[-1].seq != event.row:
            return self
        return replace(self, counts=(*self.counts, event))

    def without(self, since: int) -> Edits:
        """Before the row `since`: its strokes and all later ones do not count."""
        left = tuple(row for row in self.strokes if row.seq < since)
        known = {row.seq for row in left}
        counts = tuple(count for count in self.counts if count.row in known)
        return replace(self, strokes=left, states=self.states[: len(left)], counts=counts)

    def state_at(self, since: int) -> str:
        """The finding's state before its first stroke from that row on, or nothing."""
        pairs = zip(self.strokes, self.states, strict=True)
        return next((state for row, state in pairs if row.seq >= since), "")


def finding_after(edits: Edits) -> Finding | None:
    """The finding with all strokes on its mask, and the figures that were counted last."""
    base = edits.base
    if not isinstance(base, Finding):
        return None
    mask = base.mask if base.mask is None else _mask_after(base.mask, edits.strokes)
    after = replace(base, mask=mask)
    if not edits.counts:
        return after
    count: Any = edits.counts[-1]
    return replace(
        after,
        centre_lps=count.centre_lps,
        slice_index=count.slice_index,
        measurement=count.measurement,
    )


def lungs_after(edits: Edits) -> LabelMap | None:
    """The lungs with all strokes on them; the same object for the same strokes."""
    base = edits.base
    if not isinstance(base, LabelMap):
        return None
    return _bench_of(base).at(edits.strokes) if edits.strokes else base


def lung_figures_after(edits: Edits) -> tuple[SegmentFigures, ...]:
    """The figures of the lungs that were counted last."""
    count: Any = edits.counts[-1] if edits.counts else None
    figures: tuple[SegmentFigures, ...] = edits.figures if count is None else count.figures
    return figures


def prepared(lungs: LabelMap) -> bool:
    """Whether strokes on these lungs have their private copy."""
    return lungs in _lineage or lungs in _lung_benches


def prepare(lungs: LabelMap, copied: Labels | None = None) -> None:
    """Makes the private copy of lungs about to be edited, so that no stroke waits for it.

    copied: a copy of the labels of lungs not prepared yet, made on another thread.
    """
    if not prepared(lungs):
        _lung_benches[lungs] = _LungBench(lungs, copied)


def changed_box(was: LabelMap | None, now: LabelMap | None) -> Cut | None:
    """Where two states of the same lungs differ; None where they are not of the same lungs."""
    if was is None or now is None:
        return None
    (one, before), (other, after) = (_lineage.get(m, (ref(m), ())) for m in (was, now))
    if one() is not other() or one() is None:
        return None
    back, on = path(before, after)
    return hull(difference_in(row).box for row in (*back, *on)) or cut_of((0, 0, 0), (0, 0, 0))


def path(before: Strokes, after: Strokes) -> tuple[Strokes, Strokes]:
    """The strokes to take back, newest first, and then those to make, oldest first."""
    shorter = min(len(before), len(after))
    if before[:shorter] == after[:shorter]:
        same = shorter
    else:
        pairs = zip(before, after, strict=False)
        same = next(n for n, (a, b) in enumerate(pairs) if a is not b)
    return before[same:][::-1], after[same:]


def difference_in(row: Row) -> Difference:
    """The difference of a stroke's row. Raises BadInput where it was left out, for a listing."""
    difference: Difference | None = _event(row).difference
    if difference is None:
        raise BadInput("This reading was opened without its voxels.")
    return difference


def _event(row: Row) -> Any:
    return row.event


class _LungBench:
    """The one copy of some lungs that strokes are made on."""

    def __init__(self, base: LabelMap, copied: Labels | None = None) -> None:
        self._base = ref(base)
        self._like = (base.geometry, base.segments, base.made_by)
        self._labels: Labels = base.labels.copy() if copied is None else copied
        self._strokes: Strokes = ()
        self._shown: LabelMap | None = None

    def at(self, strokes: Strokes) -> LabelMap:
        if self._shown is None or strokes != self._strokes:
            back, on = path(self._strokes, strokes)
            _flip(self._labels, (*back, *on))
            geometry, segments, made_by = self._like
            self._strokes = strokes
            self._shown = LabelMap(geometry, self._labels, segments, made_by)
            _lineage[self._shown] = self._base, strokes
        return self._shown


class _MaskBench:
    """The mask of one finding after the strokes that were asked for last."""

    def __init__(self, base: BoxMask) -> None:
        self._mask, self._strokes = base, Strokes()

    def at(self, strokes: Strokes) -> BoxMask:
        if strokes != self._strokes:
            back, on = path(self._strokes, strokes)
            self._mask, self._strokes = _with(self._mask, (*back, *on)), strokes
        return self._mask


_lung_benches: WeakKeyDictionary[LabelMap, _LungBench] = WeakKeyDictionary()
_mask_benches: WeakKeyDictionary[BoxMask, _MaskBench] = WeakKeyDictionary()
_lineage: WeakKeyDictionary[LabelMap, tuple[ReferenceType[LabelMap], Strokes]]
_lineage = WeakKeyDictionary()


def _bench_of(base: LabelMap) -> _LungBench:
    bench = _lung_benches.get(base)
    if bench is None:
        bench = _lung_benches[base] = _LungBench(base)
    return bench


def _mask_after(base: BoxMask, strokes: Strokes) -> BoxMask:
    if not strokes:
        return base
    bench = _mask_benches.get(base)
    if bench is None:
        bench = _mask_benches[base] = _MaskBench(base)
    return bench.at(strokes)


def _with(mask: BoxMask, rows: Sequence[Row]) -> BoxMask:
    """A mask with strokes flipped, in the smallest box; one empty voxel where nothing is left."""
    box = hull((mask.box, *(difference_in(row).box for row in rows)))
    assert box is not None
    start = (box[0].start, box[1].start, box[2].start)
    labels = np.zeros([side.stop - side.start for side in box], np.uint8)
    offset = [a - b for a, b in zip(mask.start_kji, start, strict=True)]
    labels[cut_of(offset, mask.voxels.shape)] = mask.voxels
    _flip(labels, rows, start)
    close = tight(labels)
    if close is None:
        return BoxMask(start, np.zeros((1, 1, 1), np.bool_))
    first = tuple(int(a + side.start) for a, side in zip(start, close, strict=True))
    return BoxMask((first[0], first[1], first[2]), labels[close].view(np.bool_))


def _flip(labels: Labels, rows: Sequence[Row], start: tuple[int, int, int] = (0, 0, 0)) -> None:
    try:
        for row in rows:
            difference_in(row).flip(labels, start)
    except (ValueError, zlib.error) as error:
        raise BadInput(
            "A stroke of this reading does not fit its mask, so the reading cannot be shown.",
            "hilum doctor tells whether the log is whole.",
        ) from error
