"""Other people's lungs beside ours on the same slices: both lungs as one, by Dice.

A peer is a folder of its own: a network (`weights.safetensors`, run here) or masks that its program
wrote elsewhere (one NIfTI a scan, named as the scan). Peers are measured and nothing else: nothing
of them ships, teaches, or votes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ai.errors import BadInput, OutsideError
from ai.scan.labelmap import Labels
from ai.scan.volume import Volume
from ai.training.evaluation_cells import Line
from ai.training.lungs_score import dice_of

Bools = NDArray[np.bool_]
ReadLabels = Callable[[Path, Volume], Labels]

WEIGHTS, MASK = "weights.safetensors", ".nii.gz"
AIR_HU = -400.0
"""Above it a voxel holds no air: airless lung and fluid, which some contours leave out."""


@dataclass(frozen=True)
class Peer:
    """A folder with weights or masks; its name is the peer's."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name


@dataclass(frozen=True)
class Union(Line):
    """Right and left as one, of one model or peer on one scan.

    slices: how many were compared; all of the scan. air_dice: without voxels above AIR_HU.
    dice: None where nobody drew lungs.
    """

    scan: str
    model: str
    dice: float | None
    air_dice: float | None
    slices: int
    seconds: float
    fault: str


def peers_in(folder: Path) -> tuple[Peer, ...]:
    """The peer that a folder is, or those below it. Raises BadInput where there is none."""
    places = [folder, *sorted(folder.glob("*/"))]
    found = tuple(
        Peer(place) for place in places if (place / WEIGHTS).exists() or [*place.glob(f"*{MASK}")]
    )
    if not found:
        raise BadInput(
            f"{folder.name} holds no peer: neither {WEIGHTS} nor masks named as the scans."
        )
    return found


def peer_mask(peer: Peer, scan: str, volume: Volume, *, read_labels: ReadLabels) -> Bools:
    """Both lungs of a scan as the peer draws them, on the scan's grid.

    Raises OutsideError where its file is missing, spoilt or of another network or grid.
    """
    if not (peer.folder / WEIGHTS).exists():
        file = peer.folder / f"{scan}{MASK}"
        if not file.exists():
            raise BadInput(f"{peer.name} has no mask of {scan}.")
        return read_labels(file, volume) > 0
    try:
        from ai.training.peer_unet import load_peer, peer_lungs
    except ImportError as error:
        raise OutsideError(
            "A peer's network needs PyTorch, which is not installed here."
        ) from error
    return peer_lungs(volume, load_peer(peer.folder / WEIGHTS))


def judge_peers(
    scan: str,
    volume: Volume,
    lungs: Labels,
    peers: Sequence[Peer],
    *,
    without: Bools | None,
    read_labels: ReadLabels,
) -> Iterator[Union]:
    """Each peer on one scan. A refusal is a row too."""
    for peer in peers:
        began, fault = time.monotonic(), ""
        found = np.zeros(lungs.shape, dtype=np.bool_)
        try:
            found = peer_mask(peer, scan, volume, read_labels=read_labels)
        except OutsideError as error:
            fault = error.sentence
        seconds = time.monotonic() - began
        yield union_of(
            scan, peer.name, volume, found, lungs, without=without, seconds=seconds, fault=fault
        )


def union_of(
    scan: str,
    model: str,
    volume: Volume,
    found: NDArray[np.generic],
    lungs: Labels,
    *,
    without: Bools | None = None,
    seconds: float = 0.0,
    fault: str = "",
) -> Union:
    """How well both lungs as one agree; voxels of `without` are left out of both."""
    counted = np.ones(lungs.shape, dtype=np.bool_) if without is None else ~without
    one, other = found.astype(np.bool_), lungs > 0
    whole = dice_of(one & counted, other & counted)
    counted = counted & (volume.hu < AIR_HU)
    air = dice_of(one & counted, other & counted)
    return Union(scan, model, whole, air, len(lungs), seconds, fault)
