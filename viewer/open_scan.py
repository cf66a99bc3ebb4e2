"""A series on the desk: its headers, its voxels, where it came from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from ai.scan.volume import Volume
from ai.worker.messages import VolumeRef
from ai.worker.shared import Block
from viewer.dicom.series import Series

BIG_BYTES = 8 * 2**20
NEXT_MS = 30
"""After so long what was announced is painted. What makes all panes of a big scan anew waits for
it, and the window answers in between."""


@dataclass(frozen=True, eq=False)
class OpenScan:
    """A series on the desk. The block holds the volume's HU.

    complete: every slice has arrived, but for the spoilt (by k), whose pixels cannot be decoded.
    """

    series: Series
    volume: Volume
    block: Block
    path: Path
    complete: bool = False
    spoilt: tuple[int, ...] = ()

    @property
    def is_big(self) -> bool:
        """Whether to cut it in all panes takes long enough to be done in a turn of its own."""
        return self.volume.hu.nbytes > BIG_BYTES

    @property
    def ref(self) -> VolumeRef:
        """What the AI worker is told of the volume."""
        geometry = self.volume.geometry
        affine = tuple(float(x) for x in geometry.affine.ravel())
        return VolumeRef(self.block.ref, affine, geometry.frame_of_reference, self.volume.series)


def odd_about(series: Series) -> tuple[str, ...]:
    """What is said of one series when it comes."""
    return (*series.warnings, *filter(None, [series.ai_refusal]))


def middle_slice(series: Series) -> int:
    """The scanned slice nearest to the middle, where a reader who was never here begins."""
    return nearest_image(series, len(series.slices) // 2)


def nearest_image(series: Series, wanted: int, spoilt: Collection[int] = ()) -> int:
    """The slice nearest to a wanted one that was scanned and, as far as known, can be read."""
    pieces = enumerate(series.slices)
    here = [k for k, piece in pieces if piece.here and k not in spoilt]
    return min(here, key=lambda k: abs(k - wanted), default=wanted)
