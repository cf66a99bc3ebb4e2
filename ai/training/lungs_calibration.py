"""Whether chances of lung come true: of voxels with a chance of 0.8, 80 % are lung.

Counted on the network's own grid, before any rule touches the answer, in ten bins of equal width
over voxels that are neither sure air nor sure lung: nearly all voxels are, and would hide the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai.lungs.upright import stand_up
from ai.models.card import ModelCard
from ai.scan.labelmap import Labels
from ai.scan.volume import Volume

BINS = 10
SURE = 0.001


@dataclass(frozen=True)
class Reliability:
    """Per bin: voxels, their mean chance, and the share that is lung. unsure: how many counted."""

    voxels: tuple[int, ...]
    said: tuple[float, ...]
    true: tuple[float, ...]

    @property
    def unsure(self) -> int:
        return sum(self.voxels)

    @property
    def ece(self) -> float:
        """Expected calibration error: the mean gap, weighted by voxels."""
        gaps = [n * abs(s - t) for n, s, t in zip(self.voxels, self.said, self.true, strict=True)]
        return sum(gaps) / max(1, self.unsure)


def reliability(chance: NDArray[np.float32], lung: NDArray[np.bool_]) -> Reliability:
    """Of chances 0 to 1 and the truth, voxel by voxel."""
    unsure = (chance > SURE) & (chance < 1 - SURE)
    said, true = chance[unsure].astype(np.float64), lung[unsure]
    place = np.minimum((said * BINS).astype(int), BINS - 1)
    count = np.bincount(place, minlength=BINS)
    least = np.maximum(count, 1)
    mean = np.bincount(place, weights=said, minlength=BINS) / least
    share = np.bincount(place, weights=true.astype(np.float64), minlength=BINS) / least
    return Reliability(
        tuple(int(n) for n in count),
        tuple(round(float(n), 5) for n in mean),
        tuple(round(float(n), 5) for n in share),
    )


def pooled(parts: Sequence[Reliability]) -> Reliability:
    """Of several scans together."""
    voxels = np.array([p.voxels for p in parts])
    total = voxels.sum(axis=0)
    least = np.maximum(total, 1)
    said = (voxels * np.array([p.said for p in parts])).sum(axis=0) / least
    true = (voxels * np.array([p.true for p in parts])).sum(axis=0) / least
    return Reliability(
        tuple(int(n) for n in total), tuple(map(float, said)), tuple(map(float, true))
    )


def network_reliability(
    volume: Volume, lungs: Labels, card: ModelCard, *, without: NDArray[np.bool_] | None = None
) -> Reliability:
    """Of a network's raw answer on one scan. lungs: 1 right, 2 left, on the volume's grid.

    without: voxels that the contours leave out though they may be lung. Air around the patient is
    not asked about, and not counted.
    Raises what asking the network raises.
    """
    from ai.lungs.network import ask_network

    asked = ask_network(volume, card=card)
    truth = _on_grid(lungs > 0, volume, card)[asked.box]
    counted = np.ones(truth.shape, dtype=bool)
    if without is not None:
        counted &= ~_on_grid(without, volume, card)[asked.box]
    return reliability(asked.answer.chance[counted], truth[counted])


def _on_grid(mask: NDArray[np.bool_], volume: Volume, card: ModelCard) -> NDArray[np.bool_]:
    """A mask of the scan on the network's grid."""
    share = mask.astype(np.int16) * 1000
    return stand_up(Volume(volume.geometry, share), spacing_mm=card.spacing_mm).hu > 500
