"""The masks of candidates: how much room they get, and how they come out of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ai.scan.finding import BoxMask, Finding
from ai.worker.messages import FoundNodule

ARENA_BYTES = 64 * 2**20
"""Room for the masks of 60 candidates on the scan's own grid."""
LEAST_ARENA_BYTES = 4 * 2**20


def arena_bytes(voxels: int) -> int:
    """Room for the masks of a scan's candidates."""
    return min(ARENA_BYTES, max(LEAST_ARENA_BYTES, 8 * voxels))


def with_mask(found: FoundNodule, arena: NDArray[np.uint8]) -> Finding:
    """The finding with its voxels, copied out of the arena."""
    ref = found.mask
    size = int(np.prod(ref.shape))
    voxels = arena[ref.offset : ref.offset + size].reshape(ref.shape).astype(np.bool_)
    return replace(found.finding, mask=BoxMask(ref.start_kji, voxels))
