"""How far the histogram of a body's HU lies from those of the chests that the models know.

Plain histograms tell scans of another kind as well as features of a network do (Vasiliuk 2023,
J Imaging 9:191). Here: 64 bins of the body at about 4 mm, square roots (Hellinger), the first ten
directions of the training scans and their changed copies, Mahalanobis with shrinkage.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.errors import OutsideError
from ai.models.gate_checks import Coarse
from ai.resources import resource

BINS = 64
RANGE_HU = (-1024, 600)
DIRECTIONS = 10
SHRINK = 0.1
"""How much of the mean variance every direction gets: few sources know few directions."""

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class KnownChests:
    """What a chest's histogram looks like. sources: the patients that it was learnt from.

    mean, directions, variances, rest: of the square roots of shares. amber: a distance above it is
    unusual; 99 % of the copies of a source lie below when that source is left out.
    """

    sources: tuple[str, ...]
    copies: int
    mean: tuple[float, ...]
    directions: tuple[tuple[float, ...], ...]
    variances: tuple[float, ...]
    rest: float
    amber: float

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1)


def features(seen: Coarse) -> Floats:
    """Square roots of the shares of 64 bins of HU, of the body's voxels."""
    hu = np.clip(seen.hu[seen.body], RANGE_HU[0], RANGE_HU[1] - 1)
    counts, _ = np.histogram(hu, bins=BINS, range=RANGE_HU)
    smooth = ndimage.gaussian_filter1d(counts.astype(np.float64), 1.0)
    return np.sqrt(smooth / max(1.0, smooth.sum()))


def learnt(
    rows: Floats, sources: Sequence[str], *, amber: float = 0.0, most: int = DIRECTIONS
) -> KnownChests:
    """What these rows (a histogram or another list of features each) have in common.

    most: how many directions are told apart.
    """
    mean = rows.mean(axis=0)
    _, singular, across = np.linalg.svd(rows - mean, full_matrices=False)
    spread = singular**2 / max(1, len(rows) - 1)
    floor = SHRINK * float(spread[:most].mean())
    beyond = float(spread[most:].sum()) / (rows.shape[1] - most)
    return KnownChests(
        tuple(dict.fromkeys(sources)),
        len(rows),
        tuple(round(float(n), 6) for n in mean),
        tuple(tuple(round(float(n), 6) for n in row) for row in across[:most]),
        tuple(round(float(n) + floor, 9) for n in spread[:most]),
        round(max(beyond, SHRINK * floor), 9),
        amber,
    )


def distance(row: Floats, known: KnownChests) -> float:
    """Mahalanobis distance of one row, the root of the mean square over all its numbers."""
    off = row - np.array(known.mean)
    along = np.array(known.directions) @ off
    left = float(off @ off - along @ along)
    squares = float((along**2 / np.array(known.variances)).sum()) + max(0.0, left) / known.rest
    return float(np.sqrt(squares / len(off)))


@lru_cache(maxsize=1)
def known_chests() -> KnownChests:
    """The shipped reference. Raises OutsideError when it is spoilt."""
    path = resource("gate", "chests.json")
    try:
        return read_known(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutsideError(
            "The gate's reference of chest CTs cannot be read.", "Install Hilum again."
        ) from error


def read_known(path: Path) -> KnownChests:
    return known_of(json.loads(path.read_text(encoding="utf-8")))


def known_of(table: dict[str, Any]) -> KnownChests:
    """What as_json wrote. Raises TypeError, ValueError, KeyError for anything else."""
    table["sources"] = tuple(table["sources"])
    for name in ("mean", "variances"):
        table[name] = tuple(float(n) for n in table[name])
    table["directions"] = tuple(tuple(float(n) for n in row) for row in table["directions"])
    return KnownChests(**table)
