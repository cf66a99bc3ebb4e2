"""How far a scan lies, at the bottleneck of a lung network, from the chests that it learnt from.

A histogram knows no shape; the bottleneck does: a chest upside down, without air, or cut to a third
lies far off there, while noise and odd densities do not (the network learnt to see through them).
Means and spreads of its channels over the scan, the first sixteen directions of the training scans
and their changed copies, Mahalanobis with shrinkage; chosen by what it tells apart when each source
is left out in turn. Source of the idea: C. Gonzalez et al. 2022, Med Image Anal 82:102596.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ai.models.card import ModelCard, reference_path
from ai.models.gate_histogram import Floats, KnownChests, distance, known_of

MOST_DIRECTIONS = 16
OTHERS: Final = (
    "How far this scan lies from those that the network learnt from was not looked at: there is no "
    "reference for these weights."
)


@dataclass(frozen=True)
class KnownToNetwork:
    """Where chests lie at one network's bottleneck. weights_sha256: of the network's weights."""

    weights_sha256: str
    chests: KnownChests

    def as_json(self) -> str:
        """One number a place in a line is a long file; this one is compact."""
        return json.dumps(asdict(self), separators=(",", ":"))


@dataclass(frozen=True)
class Look:
    """What came of the look: doubts (one sentence or none), and why it was left out, if it was.

    far: the distance; None where it was left out.
    """

    doubts: tuple[str, ...] = ()
    remark: str = ""
    far: float | None = None


def features(windows: Sequence[NDArray[np.float32]]) -> Floats:
    """One row for a scan: the mean over the windows that it was asked by."""
    return np.mean(np.stack(windows), axis=0, dtype=np.float64)


def look(windows: Sequence[NDArray[np.float32]], card: ModelCard) -> Look:
    """Whether the scan lies unusually far off. Amber at most: this look alone refuses nothing.

    windows: means and spreads of the bottleneck's channels, for each window of the scan; none where
    memory was short and the network was asked otherwise than usual.
    """
    known = known_to_network(card)
    if known is None or known.weights_sha256 != card.weights_sha256:
        return Look(remark=OTHERS)
    if not windows:
        return Look()
    row = features(windows)
    if len(row) != len(known.chests.mean):
        return Look(remark=OTHERS)
    far, sources = distance(row, known.chests), len(known.chests.sources)
    if far <= known.chests.amber:
        return Look(far=far)
    return Look(
        (
            f"To the network this scan looks unlike those that it learnt from: {far:.1f} from the "
            f"{sources} sources that are known, where up to {known.chests.amber:.1f} is usual.",
        ),
        far=far,
    )


@lru_cache(maxsize=4)
def known_to_network(card: ModelCard) -> KnownToNetwork | None:
    """The reference of a card's network: the shipped one, or of this user's own card the one beside
    it; None where there is none, or a spoilt one."""
    try:
        return read_known_to_network(reference_path(card).read_text(encoding="utf-8"))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_known_to_network(text: str) -> KnownToNetwork:
    """What as_json wrote. Raises ValueError, KeyError or TypeError for anything else."""
    table: dict[str, Any] = json.loads(text)
    return KnownToNetwork(str(table["weights_sha256"]), known_of(table["chests"]))
