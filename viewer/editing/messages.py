"""What the window asks of the process beside it while a mask is edited: plain values and blocks."""

from __future__ import annotations

from dataclasses import dataclass

from ai.scan.finding import Measurement
from ai.worker.messages import BlockRef, VolumeRef
from viewer.editing.difference import Kji
from viewer.editing.operations import Operation


@dataclass(frozen=True)
class ChangeMask:
    """Carry an operation out on a mask; `block` (uint8 box, 1 inside) holds it.

    Answered by MaskChanged: the block then holds 1 where a voxel flips, or, after SPLIT, the number
    of its part.
    """

    job: str
    block: BlockRef
    operation: Operation
    spacing_kji_mm: tuple[float, float, float]
    voxel_mm3: float


@dataclass(frozen=True)
class MaskChanged:
    """start_kji, shape_kji: the box of the block that is not 0; no voxels where nothing changed."""

    job: str
    start_kji: Kji
    shape_kji: Kji


@dataclass(frozen=True)
class CountMask:
    """Measure a mask anew; `block` (uint8 box, 1 inside) starts at start_kji of the volume.

    Answered by MaskCounted.
    """

    job: str
    volume: VolumeRef
    block: BlockRef
    start_kji: Kji


@dataclass(frozen=True)
class MaskCounted:
    """centre_lps: the middle of the mask's voxels; slice_index: the slice nearest to it."""

    job: str
    centre_lps: tuple[float, float, float]
    slice_index: int
    measurement: Measurement
