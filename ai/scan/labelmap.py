"""Labels on a grid, with what each label means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai.scan.density import Density
from ai.scan.geometry import Geometry

Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class Code:
    """A coded term: value, scheme designator (SCT, DCM, ...), meaning."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True)
class MadeBy:
    """Which model, in which version, made something: its card's id and version.

    Of a network also weights_sha256 (of the file of weights), runtime (library, version and
    precision), device, and remark (a sentence on what was done otherwise than usual); empty where
    not known.
    """

    card: str
    version: str
    weights_sha256: str = ""
    runtime: str = ""
    device: str = ""
    remark: str = ""

    @property
    def name(self) -> str:
        return f"{self.card} {self.version}".strip()

    @property
    def how(self) -> str:
        """Weights, runtime and device in one line, empty where nothing but the model is known."""
        weights = f"SHA-256 {self.weights_sha256[:12]}" if self.weights_sha256 else ""
        return ", ".join(part for part in (weights, self.runtime, self.device) if part)


@dataclass(frozen=True)
class Segment:
    """What one label means. laterality is empty where a structure has no side."""

    number: int
    name: str
    label: str
    category: Code
    kind: Code
    laterality: Code | None = None


ANATOMICAL = Code("91723000", "SCT", "Anatomical Structure")
LUNG = Code("39607008", "SCT", "Lung")
RIGHT = Code("24028007", "SCT", "Right")
LEFT = Code("7771000", "SCT", "Left")
RIGHT_LUNG = Segment(1, "lungRight", "Right lung", ANATOMICAL, LUNG, RIGHT)
LEFT_LUNG = Segment(2, "lungLeft", "Left lung", ANATOMICAL, LUNG, LEFT)
LUNGS = (RIGHT_LUNG, LEFT_LUNG)
"""Every lung label map uses these two: 1 is right, 2 is left, 0 is neither."""
BOTH_LUNGS = Segment(3, "lungs", "Lungs", ANATOMICAL, LUNG)
"""The only segment of lungs that came out of a file which tells no side: none is made up."""


@dataclass(frozen=True, eq=False)
class LabelMap:
    """Labels (uint8, slices x rows x columns) on a grid; 0 means none of the segments."""

    geometry: Geometry
    labels: Labels
    segments: tuple[Segment, ...]
    made_by: MadeBy

    def __post_init__(self) -> None:
        if self.labels.shape != self.geometry.shape_kji:
            raise ValueError(
                f"labels of shape {self.labels.shape} on a grid of {self.geometry.shape_kji}"
            )
        if self.labels.dtype != np.uint8:
            raise ValueError(f"labels must be uint8, not {self.labels.dtype}")
        view = self.labels.view()
        view.setflags(write=False)
        object.__setattr__(self, "labels", view)

    @property
    def sided(self) -> bool:
        """Whether right and left are told apart."""
        return BOTH_LUNGS not in self.segments


@dataclass(frozen=True)
class SegmentFigures:
    """What is told of one segment: millilitres and mean HU of its voxels on the stored scan.

    density: how its voxels lie on the scale of HU; None in figures counted before Hilum did that.
    """

    number: int
    volume_ml: float
    mean_hu: float
    density: Density | None = None


def box_of(labels: Labels) -> tuple[slice, slice, slice]:
    """The smallest box (K, J, I) that holds every label, or one voxel where there is none.

    One walk through the slices and one through those that hold any: a copy of the whole, or a
    walk for each axis, would take ten times as long.
    """
    k = _ends(np.any(labels, axis=(1, 2)))
    flat = np.any(labels[k], axis=0)
    return k, _ends(np.any(flat, axis=1)), _ends(np.any(flat, axis=0))


def _ends(filled: NDArray[np.bool_]) -> slice:
    where = np.flatnonzero(filled)
    return slice(int(where[0]), int(where[-1]) + 1) if where.size else slice(0, 1)
