"""Findings that lie on one another: what came of a file or a hand beside what the detector found.

Nothing is merged: two findings stay two, and each says that the other is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from ai.scan.finding import BoxMask, Finding
from viewer.reading.events import Answer
from viewer.reading.reading import Reading

LEAST_DICE: Final = 0.1
"""Below it two masks touch; the centre of the one may still lie in the other."""


def overlapping(reading: Reading, finding: Finding) -> tuple[Finding, ...]:
    """Findings of another origin on the same place, none that was rejected.

    Of another origin: the one was proposed by the detector, the other was not.
    """
    return tuple(_others(reading, finding))


def _others(reading: Reading, finding: Finding) -> Iterator[Finding]:
    proposed = finding.id in reading.proposals
    for other in reading.findings:
        if other.id == finding.id or (other.id in reading.proposals) == proposed:
            continue
        if reading.states.get(other.id) != Answer.REJECT and same_place(finding.mask, other.mask):
            yield other


def same_place(one: BoxMask | None, other: BoxMask | None) -> bool:
    """Whether two masks overlap by LEAST_DICE or the middle of one lies in the other."""
    if one is None or other is None or not one.voxels.any() or not other.voxels.any():
        return False
    if _dice(one, other) >= LEAST_DICE:
        return True
    return _holds(one, _middle(other)) or _holds(other, _middle(one))


def _dice(one: BoxMask, other: BoxMask) -> float:
    low = np.maximum(one.start_kji, other.start_kji)
    ends = [np.add(m.start_kji, m.voxels.shape) for m in (one, other)]
    high = np.minimum(*ends)
    if (high <= low).any():
        return 0.0
    cut = [
        m.voxels[tuple(slice(int(a), int(b)) for a, b in zip(low - m.start_kji,
                                                             high - m.start_kji, strict=True))]
        for m in (one, other)
    ]  # fmt: skip
    shared = np.count_nonzero(cut[0] & cut[1])
    return float(2 * shared / (np.count_nonzero(one.voxels) + np.count_nonzero(other.voxels)))


def _middle(mask: BoxMask) -> tuple[int, ...]:
    middle = np.rint(np.argwhere(mask.voxels).mean(axis=0)).astype(int) + mask.start_kji
    return tuple(int(n) for n in middle)


def _holds(mask: BoxMask, kji: tuple[int, ...]) -> bool:
    index = np.subtract(kji, mask.start_kji)
    if (index < 0).any() or (index >= mask.voxels.shape).any():
        return False
    return bool(mask.voxels[tuple(index)])
