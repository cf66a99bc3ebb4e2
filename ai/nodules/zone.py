"""Which third of which lung a place lies in, as readers name it. Plain numpy."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from ai.nodules.smallbox import box_around, distance_from
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LabelMap

REACH_MM = 15.0
"""A place outside both lungs belongs to the nearest one within this distance."""

SIDES = {1: "R", 2: "L"}


@dataclass(frozen=True)
class Extent:
    """Lowest and highest LPS z of one lung in mm."""

    foot_mm: float
    head_mm: float

    def height_fraction(self, z_mm: float) -> float:
        """0 at the foot end of the lung, 1 at its head end; beyond them less and more."""
        return (z_mm - self.foot_mm) / max(self.head_mm - self.foot_mm, 1e-6)


_extents: WeakKeyDictionary[LabelMap, dict[int, Extent]] = WeakKeyDictionary()


def zone_of(lungs: LabelMap, centre_lps: tuple[float, float, float]) -> str:
    """RUZ, RMZ, RLZ, LUZ, LMZ or LLZ: the third of that lung's own height along LPS z.

    lungs: 1 right, 2 left. Empty where no lung is within 15 mm of the centre.
    """
    label = lung_near(lungs, centre_lps)
    if label == 0:
        return ""
    fraction = extents(lungs)[label].height_fraction(centre_lps[2])
    third = "L" if fraction < 1 / 3 else "M" if fraction < 2 / 3 else "U"
    return f"{SIDES[label]}{third}Z"


def lung_near(lungs: LabelMap, centre_lps: tuple[float, float, float]) -> int:
    """The label of the lung that holds a place, or of the nearest one within 15 mm, else 0."""
    voxel = lungs.geometry.nearest_voxel(centre_lps)
    if voxel is not None and lungs.labels[voxel] in SIDES:
        return int(lungs.labels[voxel])
    start, shape = box_around(lungs.geometry, centre_lps, REACH_MM)
    box = tuple(slice(a, a + n) for a, n in zip(start, shape, strict=True))
    labels = lungs.labels[box]
    near = distance_from(lungs.geometry, start, shape, centre_lps)
    near = np.where((labels == 1) | (labels == 2), near, np.inf)
    nearest = np.unravel_index(int(near.argmin()), near.shape)
    return int(labels[nearest]) if near[nearest] <= REACH_MM else 0


def extents(lungs: LabelMap) -> dict[int, Extent]:
    """The extent of each lung that has a voxel; looked up again for the same label map."""
    if lungs not in _extents:
        found = {label: _extent(lungs, label) for label in SIDES}
        _extents[lungs] = {label: extent for label, extent in found.items() if extent}
    return _extents[lungs]


def _extent(lungs: LabelMap, label: int) -> Extent | None:
    slices = [
        _slice_extent(lungs.geometry, lungs.labels[k] == label, k)
        for k in range(lungs.labels.shape[0])
    ]
    z = [extent for extent in slices if extent is not None]
    return Extent(min(a for a, _ in z), max(b for _, b in z)) if z else None


def _slice_extent(
    geometry: Geometry, inside: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], k: int
) -> tuple[float, float] | None:
    """Lowest and highest z in mm of one slice's voxels, also where the slice is tilted."""
    if not inside.any():
        return None
    dz_j, dz_i = geometry.affine[2, 1:3]
    if abs(dz_j) < 1e-6 and abs(dz_i) < 1e-6:
        z = float(geometry.lps_of((k, 0, 0))[2])
        return z, z
    rows, columns = np.nonzero(inside)
    z_all = geometry.lps_of((k, 0, 0))[2] + rows * dz_j + columns * dz_i
    return float(z_all.min()), float(z_all.max())
