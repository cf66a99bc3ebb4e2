"""A consensus reference of the lungs: methods agree, an eye corrects, a hash freezes.

What most sources call lung is lung; the side is the one that most sources with sides name. Then
recorded strokes of whoever looked at the result in sheets are applied. It is called what it is:
a *consensus reference*, never a radiologist's truth. Sources that learnt from each other are not
independent; the Dice of each against the result says how much it shares with it, no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.errors import BadInput
from ai.lungs.body import body_mask, large_pieces
from ai.lungs.upright import turn_of
from ai.scan.labelmap import Labels
from ai.scan.volume import Volume
from ai.training.lungs_score import SIDES, dice_of
from ai.training.strokes import Stroke, drawn

Bools = NDArray[np.bool_]

UNSIDED = 3
"""Lung of a source that tells no sides."""
AIR_HU = -400.0
CLOSING_MM = 3.0
LEAST_SHARE = 0.05
"""Of the largest piece of air in the body; less is bowel or a gap between clothes."""


@dataclass(frozen=True, eq=False)
class Consensus:
    """The reference, 0, 1 right, 2 left, and what became of it by hand.

    changed: voxels that strokes changed, by what they became: outside, right, left.
    useless: numbers of strokes, from 1, that changed nothing.
    sha256: of grid and labels; another reference has another one.
    """

    labels: Labels
    changed: tuple[int, int, int]
    useless: tuple[int, ...]
    sha256: str


def consensus(
    volume: Volume, sources: Mapping[str, Labels], strokes: Sequence[Stroke] = ()
) -> Consensus:
    """What the sources agree on, corrected. Raises BadInput where there are fewer than two."""
    labels = agreed(tuple(sources.values()))
    before, useless = labels.copy(), []
    for number, stroke in enumerate(strokes, 1):
        places = drawn(stroke, volume)
        if np.array_equal(labels[places], np.full(len(places[0]), stroke.becomes)):
            useless.append(number)
        labels[places] = stroke.becomes
    changed = labels != before
    counts = tuple(int(np.count_nonzero(changed & (labels == n))) for n in range(3))
    return Consensus(
        labels, (counts[0], counts[1], counts[2]), tuple(useless), frozen(volume, labels)
    )


def agreed(sources: Sequence[Labels]) -> Labels:
    """The majority's lungs; where sides are named as often, the first source's. Raises BadInput."""
    if len(sources) < 2:
        raise BadInput("A consensus needs two sources at least.")
    lung: Bools = _votes([s > 0 for s in sources]) * 2 > len(sources)
    right, left = (_votes([s == side for s in sources]) for side in (1, 2))
    labels = np.where(right > left, 1, np.where(left > right, 2, sources[0])).astype(np.uint8)
    labels[~lung] = 0
    labels[labels == UNSIDED] = 0
    return _with_side(labels, lung)


def _votes(masks: Sequence[Bools]) -> NDArray[np.int16]:
    votes = np.zeros(masks[0].shape, dtype=np.int16)
    for mask in masks:
        votes += mask
    return votes


def _with_side(labels: Labels, lung: Bools) -> Labels:
    """Lung whose side nobody tells takes that of the nearest lung that has one."""
    without = lung & (labels == 0)
    if without.any() and labels.any():
        nearest = ndimage.distance_transform_edt(
            labels == 0, return_distances=False, return_indices=True
        )
        labels[without] = labels[tuple(nearest)][without]
    return labels


def threshold_lungs(volume: Volume) -> Labels:
    """The plainest source: air in the body, its large pieces, a small closing. No sides, UNSIDED.

    The windpipe is in it; the others outvote it there.
    """
    turn = turn_of(volume.geometry)
    hu = turn.upright(volume.hu)
    spacing = np.array(volume.geometry.spacing_kji_mm)[list(turn.order)]
    dk, dj, di = (float(mm) for mm in spacing)
    air = body_mask(hu.astype(np.float32), (dk, dj, di)) & (hu < AIR_HU)
    air = large_pieces(air, LEAST_SHARE)
    reach = max(1, round(CLOSING_MM / dj))
    disc = np.hypot(*np.ogrid[-reach : reach + 1, -reach : reach + 1]) <= reach
    lung = np.stack([_closed(plane, disc, reach) for plane in air])
    return np.ascontiguousarray(turn.stored(lung)).astype(np.uint8) * UNSIDED


def _closed(plane: Bools, disc: Bools, reach: int) -> Bools:
    wide = ndimage.binary_closing(np.pad(plane, reach), disc)
    return ndimage.binary_fill_holes(wide)[reach:-reach, reach:-reach]


def frozen(volume: Volume, labels: Labels) -> str:
    """SHA-256 of grid (to a micrometre) and labels."""
    digest = hashlib.sha256(str(labels.shape).encode())
    digest.update(np.round(volume.geometry.affine * 1000).astype("<i8").tobytes())
    digest.update(np.ascontiguousarray(labels, dtype=np.uint8).tobytes())
    return digest.hexdigest()


def pixels(volume: Volume) -> str:
    """SHA-256 of a scan's HU: strokes belong to these voxels and to no others."""
    digest = hashlib.sha256(str(volume.hu.shape).encode())
    digest.update(np.ascontiguousarray(volume.hu, dtype="<i2").tobytes())
    return digest.hexdigest()


def shared_with(source: Labels, reference: Labels) -> dict[str, float | None]:
    """Dice of a source against the result: both lungs as one and, where it has sides, each."""
    told = {"both": dice_of(source > 0, reference > 0)}
    if not (source == UNSIDED).any():
        told |= {name: dice_of(source == n, reference == n) for n, name in SIDES}
    return told
