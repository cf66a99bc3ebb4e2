"""How likely a network holds each place to be lung, as a coarse map to look at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ai.errors import OutsideError
from ai.lungs.upright import Upright, onto_own_grid
from ai.models.card import ModelCard
from ai.progress import OnProgress, ignore, part
from ai.scan.chance import FULL, every
from ai.scan.labelmap import MadeBy
from ai.scan.straight import Straight
from ai.scan.volume import Volume

Bytes = NDArray[np.uint8]


def chance_of_lung(
    volume: Volume, *, card: ModelCard, on_progress: OnProgress = ignore
) -> tuple[Bytes, MadeBy]:
    """The chance of either lung, 0 to 255, on map_grid of the volume; what gave it.

    It is the network's own number, before any rule drops, closes or draws anything.
    Raises OutsideError for a model that gives no chances, and as lungs_by_network does.
    """
    if card.task != "lungs" or card.family != "unet":
        raise OutsideError(
            f"{card.title} decides by rules and gives no chances.", "Choose a network's card."
        )
    try:
        from ai.lungs.network import ask_network
    except ImportError as error:
        raise OutsideError(
            f"{card.title} needs PyTorch, which is not installed here.",
            "Install it with hilum[torch].",
        ) from error
    straight = Straight.of(volume.geometry)
    given = volume if straight is None else straight.volume(volume)
    asked = ask_network(given, card=card, on_progress=part(on_progress, 0.0, 1.6))
    upright = asked.upright
    chance = np.zeros(upright.hu.shape, dtype=np.uint8)
    chance[asked.box] = np.rint(asked.answer.chance * FULL)
    on_progress(0.9, "Laying the map on the scan")
    step = every(volume.geometry)
    if straight is None:
        return _on_stored(upright, chance, step), asked.made_by
    # A tilted gantry's slices go back one by one, by whole pixels: all of those are needed first.
    whole = straight.labels_back(_on_stored(upright, chance, (1, 1, 1)))
    k, j, i = step
    return np.ascontiguousarray(whole[::k, ::j, ::i]), asked.made_by


def _on_stored(upright: Upright, array: Bytes, every_kji: tuple[int, int, int]) -> Bytes:
    """A working-grid array at each so-many-th stored voxel, the first stored one among them."""
    turn = upright.turn
    steps = [every_kji[axis] for axis in turn.order]
    box = [
        slice((n - 1) % step if backwards else 0, n)
        for n, step, backwards in zip(upright.own_hu.shape, steps, turn.backwards, strict=True)
    ]
    found = onto_own_grid(
        upright, array, (box[0], box[1], box[2]), every=(steps[0], steps[1], steps[2])
    )
    return np.ascontiguousarray(turn.stored(found))
