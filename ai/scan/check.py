"""Where two masks of the lungs disagree, as places that a reader can go to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ONLY_SHOWN: Final = "only-shown"
ONLY_OTHER: Final = "only-other"
OTHER_SIDE: Final = "other-side"
KINDS: Final = (ONLY_SHOWN, ONLY_OTHER, OTHER_SIDE)


@dataclass(frozen=True)
class CheckPlace:
    """A region in which the mask that is shown and the other one disagree.

    centre_lps: mm, a voxel of the region, deep in it. volume_ml: of the whole region. kind: one of
    KINDS: lung in the shown mask alone, in the other alone, or on the other side. side: of the
    lung that it touches, 1 right, 2 left.
    """

    centre_lps: tuple[float, float, float]
    volume_ml: float
    kind: str
    side: int
