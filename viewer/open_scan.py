"""A series on the desk: its headers, its voxels, where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ai.scan.volume import Volume
from ai.worker.messages import VolumeRef
from ai.worker.shared import Block
from viewer.dicom.series import Series


@dataclass(frozen=True, eq=False)
class OpenScan:
    """A series on the desk. complete: every slice has arrived. The block holds the volume's HU."""

    series: Series
    volume: Volume
    block: Block
    path: Path
    complete: bool = False

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
    middle = len(series.slices) // 2
    here = [k for k, piece in enumerate(series.slices) if piece.here]
    return min(here, key=lambda k: abs(k - middle), default=middle)
