"""Changes of a whole mask, by name: what a process beside the window carries out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ai.scan.labelmap import MadeBy
from viewer.editing.difference import Bools, Kji, Labels

LARGEST: Final = "largest"
WITHOUT_SMALL: Final = "without-small"
KEEP_ONE: Final = "keep-one"
DROP_ONE: Final = "drop-one"
SPLIT: Final = "split"
SMOOTH: Final = "smooth"
BETWEEN: Final = "between"
NAMES: Final = (LARGEST, WITHOUT_SMALL, KEEP_ONE, DROP_ONE, SPLIT, SMOOTH, BETWEEN)

SPLITTING: Final = MadeBy("island-split", "1")
"""What made a finding that was an island of another one."""


@dataclass(frozen=True)
class Operation:
    """name: one of NAMES. amount: mm3 below which an island is small, or the width of smoothing in
    mm. voxel: of the box, which island is meant. axis: along which layers are filled in."""

    name: str
    amount: float = 0.0
    voxel: Kji = (0, 0, 0)
    axis: int = 0

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise ValueError(f"no operation is named {self.name!r}")


def carry_out(
    operation: Operation, mask: Bools, spacing_kji_mm: tuple[float, float, float], voxel_mm3: float
) -> Labels:
    """The mask afterwards, on the same box: 1 inside; after SPLIT its parts by size, from 1."""
    # scipy comes with these, and only here: the window's own process never asks for them
    from viewer.editing import between, islands, smooth

    match operation.name:
        case "largest":
            after = islands.largest(mask)
        case "without-small":
            after = islands.without_small(mask, least_mm3=operation.amount, voxel_mm3=voxel_mm3)
        case "keep-one":
            after = islands.at(mask, operation.voxel)
        case "drop-one":
            after = mask & ~islands.at(mask, operation.voxel)
        case "split":
            return islands.split(mask)
        case "smooth":
            after = smooth.smooth(mask, spacing_kji_mm, width_mm=operation.amount)
        case _:
            after = between.fill_between(mask, spacing_kji_mm, axis=operation.axis)
    return np.asarray(after).view(np.uint8)
