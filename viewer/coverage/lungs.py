"""How much of the lungs was seen, where the rest is, and the lungs as a ghost that shows both."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ai.scan.labelmap import LabelMap
from viewer.coverage.seen import Axes, Lps, Seen

_known: WeakKeyDictionary[LabelMap, tuple[tuple[int, int, int], NDArray[np.uint8]]] = (
    WeakKeyDictionary()
)


@dataclass(frozen=True)
class Place:
    """A part of the lungs that was not seen: a point in it, its lung, its share of both lungs."""

    lps: Lps
    lung: int
    share: float


def share(seen: Seen, lungs: LabelMap, number: int | None = None) -> float:
    """Share of the lungs seen, 0 to 1: of one segment, or of all; 1 where there is none."""
    labels = _thinned(seen, lungs)
    inside = labels > 0 if number is None else labels == number
    whole = int(np.count_nonzero(inside))
    return float(np.count_nonzero(seen.places & inside) / whole) if whole else 1.0


def unseen(seen: Seen, lungs: LabelMap, *, least_share: float = 0.0) -> tuple[Place, ...]:
    """What was not seen, in blocks, the largest first; blocks under least_share are left out.

    The point of a block is its unseen place nearest to the middle of them: one to look at.
    """
    labels = _thinned(seen, lungs)
    left = np.argwhere((labels > 0) & ~seen.places)
    if not len(left):
        return ()
    whole = int(np.count_nonzero(labels))
    lps, lung = seen.places_lps(left), labels[tuple(left.T)]
    keyed = np.column_stack([np.floor(lps / seen.rules.block_mm).astype(np.int64), lung])
    _, block = np.unique(keyed, axis=0, return_inverse=True)
    block = block.reshape(-1)
    sizes = np.bincount(block)
    found = []
    for one in np.argsort(-sizes, kind="stable"):
        part = float(sizes[one] / whole)
        if part < least_share:
            break
        inside = np.flatnonzero(block == one)
        middle = lps[inside].mean(axis=0)
        nearest = inside[np.argmin(((lps[inside] - middle) ** 2).sum(axis=1))]
        x, y, z = (float(mm) for mm in lps[nearest])
        found.append(Place((x, y, z), int(lung[nearest]), part))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Ghost:
    """The lungs looked at along a direction, in cells of cell_mm.

    seen: (rows, columns) share seen of the lung behind each cell; lung: (rows, columns) how many
    places of lung lie there, 0 outside. low_mm: right and down of the first cell's corner.
    """

    seen: NDArray[np.float32]
    lung: NDArray[np.int32]
    low_mm: tuple[float, float]
    cell_mm: float


def ghost(seen: Seen, lungs: LabelMap, axes: Axes, *, cell_mm: float) -> Ghost:
    """axes: right, down and onward of the sight, unit LPS vectors."""
    index = np.argwhere(_thinned(seen, lungs))
    if not len(index):
        return Ghost(np.zeros((1, 1), np.float32), np.zeros((1, 1), np.int32), (0.0, 0.0), cell_mm)
    flat = seen.places_lps(index) @ np.array(axes[:2]).T
    low = flat.min(axis=0)
    cell = np.floor((flat - low) / cell_mm).astype(np.int64)
    columns, rows = (int(n) + 1 for n in cell.max(axis=0))
    at = cell[:, 1] * columns + cell[:, 0]
    every = np.bincount(at, minlength=rows * columns)
    looked = np.bincount(at, weights=seen.places[tuple(index.T)], minlength=rows * columns)
    shares = np.divide(looked, every, out=np.zeros(len(every)), where=every > 0)
    shape = (rows, columns)
    return Ghost(
        shares.reshape(shape).astype(np.float32),
        every.reshape(shape).astype(np.int32),
        (float(low[0]), float(low[1])),
        cell_mm,
    )


def _thinned(seen: Seen, lungs: LabelMap) -> NDArray[np.uint8]:
    """Labels at the places of the count; kept, for it is asked for several times a second."""
    known = _known.get(lungs)
    if known is None or known[0] != seen.steps_kji:
        k, j, i = seen.steps_kji
        known = _known[lungs] = seen.steps_kji, np.ascontiguousarray(lungs.labels[::k, ::j, ::i])
    return known[1]
