"""A finding: where it lies, the voxels it holds, what was measured on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai.scan.labelmap import MadeBy

SOLID = "solid"
PART_SOLID = "part-solid"
GROUND_GLASS = "ground glass"
TYPES = (SOLID, PART_SOLID, GROUND_GLASS)
UNKNOWN_TYPE = "type unknown"
"""Of a mark that holds nothing denser than lung."""

ZONES = ("RUZ", "RMZ", "RLZ", "LUZ", "LMZ", "LLZ")
"""Right or left, upper, middle or lower third of that lung's height."""
UNKNOWN_ZONE = "unknown"
"""Of a finding that was there before the lungs were."""


@dataclass(frozen=True, eq=False)
class BoxMask:
    """Voxels of one finding: a bool box (k, j, i), its first voxel being start_kji of the scan.

    Boxes of two findings may overlap.
    """

    start_kji: tuple[int, int, int]
    voxels: NDArray[np.bool_]

    def __post_init__(self) -> None:
        view = np.ascontiguousarray(self.voxels, dtype=np.bool_).view()
        view.setflags(write=False)
        object.__setattr__(self, "voxels", view)
        object.__setattr__(self, "start_kji", tuple(int(n) for n in self.start_kji))

    @property
    def box(self) -> tuple[slice, slice, slice]:
        """The box as slices into an array of the whole scan."""
        k, j, i = self.start_kji
        dk, dj, di = self.voxels.shape
        return slice(k, k + dk), slice(j, j + dj), slice(i, i + di)

    def on(self, shape_kji: tuple[int, int, int]) -> NDArray[np.bool_]:
        """The mask on the whole scan, a new bool array."""
        whole = np.zeros(shape_kji, dtype=np.bool_)
        whole[self.box] = self.voxels
        return whole


@dataclass(frozen=True)
class Measurement:
    """Figures of one mask on the stored HU of its scan.

    long_mm, short_mm: longest axis on the axial slice where it is largest, and the longest one
    perpendicular to it on the same slice. mean_diameter_mm: their mean. volume_mm3: voxels times
    voxel volume. p10_hu, p90_hu: the two percentiles that the type is read from.
    """

    long_mm: float
    short_mm: float
    mean_diameter_mm: float
    volume_mm3: float
    mean_hu: float
    p10_hu: float
    p90_hu: float
    type: str


@dataclass(frozen=True)
class Origin:
    """Of a finding that came in a file: which kind of file, and what that says of it.

    how: AUTOMATIC, SEMIAUTOMATIC or MANUAL, as a SEG says it; empty where nothing is said.
    tracking_id, tracking_uid: the file's own, empty where it has none.
    """

    file: str
    how: str = ""
    tracking_id: str = ""
    tracking_uid: str = ""


@dataclass(frozen=True, eq=False)
class Finding:
    """One place worth a look, proposed by a model or added by a reader.

    id: stable for one model on one scan. centre_lps: mm. slice_index: k of the slice nearest to
    the centre. zone: one of ZONES, empty outside the lungs, or UNKNOWN_ZONE. chance: the model's
    calibrated chance that a reader would accept it, in [0, 1] (1 for what a reader added).
    features: what the agent sees, name and number. mask may be None only in a listing without
    voxels. origin: None where it came in no file, or in one that an older Hilum opened.
    """

    id: str
    kind: str
    centre_lps: tuple[float, float, float]
    slice_index: int
    zone: str
    chance: float
    measurement: Measurement
    made_by: MadeBy
    features: tuple[tuple[str, float], ...] = ()
    mask: BoxMask | None = None
    origin: Origin | None = None
