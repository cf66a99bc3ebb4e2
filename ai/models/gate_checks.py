"""What of a scan speaks against asking a lung model about it, one look after the other.

Each look returns doubts (sentences, the scan may be used) or raises UnfitScan (it must not be).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.errors import UnfitScan
from ai.models.card import ModelCard
from ai.scan.volume import Hu, Volume

COARSE_MM = 4.0
AIR_HU = (-1100, -600)
TISSUE_HU = (-150, 150)
SKIN_HU = -500
LUNG_HU = (-970, -400)
GAS_HU = -960
"""Bowel gas and the air in a sinus are nothing but air."""
BONE_HU = 150
LEAST_BONE = 0.003
"""Of the body; a chest has ten times as much, a bottle of water has none."""
CUT_SHARE = 0.25
"""A lung whose end slice is this share of its widest one goes on outside the scan."""
ONE_SIDED = 0.1
"""Less than this share of the lung-like air beside the body's middle, and one lung is not there."""
FEW_SLICES = 40
WIDE_PIXEL_MM = 2.0

NOT_HU = "The numbers of this scan are not Hounsfield units"
OTHER = "Choose a chest CT of this study."
AS_STORED = "Choose a CT series as the scanner stored it."

Bools = NDArray[np.bool_]
Triple = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Coarse:
    """Every n-th voxel of a scan, with the body and the lung-like air in it.

    hu, body, lungs: one shape, the axis nearest to head and feet first. spacing_mm: of the same.
    across: the axis nearest to right and left.
    """

    hu: Hu
    spacing_mm: Triple
    across: int
    body: Bools
    lungs: Bools


@dataclass(frozen=True, eq=False)
class Sampled:
    """Every n-th voxel, so that about 4 mm lie between them; head to feet is the first axis."""

    hu: Hu
    spacing_mm: Triple
    across: int


def sampled(volume: Volume) -> Sampled:
    spacing = volume.geometry.spacing_kji_mm
    step = [max(1, round(COARSE_MM / s)) for s in spacing]
    hu = volume.hu[:: step[0], :: step[1], :: step[2]]
    toward = np.abs(volume.geometry.directions)
    head = int(toward[2].argmax())
    order = (head, *(axis for axis in range(3) if axis != head))
    mm = [spacing[axis] * step[axis] for axis in order]
    across = max((1, 2), key=lambda place: toward[0, order[place]])
    return Sampled(hu.transpose(order), (mm[0], mm[1], mm[2]), across)


def coarse(scan: Sampled) -> Coarse:
    """The body and its large pieces of lung-like air, bowel gas left out."""
    hu = scan.hu
    tissue = hu > SKIN_HU
    body = np.zeros_like(tissue)
    for z, plane in enumerate(tissue):
        solid = ndimage.binary_opening(plane)
        body[z] = ndimage.binary_fill_holes(ndimage.binary_closing(np.pad(solid, 2)))[2:-2, 2:-2]
    pieces, count = ndimage.label(body & (hu < LUNG_HU[1]))
    flat = pieces.ravel()
    size = np.bincount(flat, minlength=count + 1)
    gas = np.bincount(flat, weights=(hu < GAS_HU).ravel(), minlength=count + 1)
    size[0] = 0
    keep = (size >= 0.1 * size.max()) & (size > 0) & (gas < 0.9 * size)
    return Coarse(hu, scan.spacing_mm, scan.across, body, keep[pieces])


def check_grid(volume: Volume, card: ModelCard) -> tuple[str, ...]:
    """How many slices, how far apart, how much of the body, how wide a pixel."""
    shape, spacing = volume.geometry.shape_kji, volume.geometry.spacing_kji_mm
    need, slices, gap = card.expects, shape[0], spacing[0]
    if min(shape) < need.least_slices:
        raise UnfitScan(
            f"This series has {slices} slices of {shape[1]} x {shape[2]}; "
            f"at least {need.least_slices} are needed.",
            remedy="Choose a series that covers the chest.",
        )
    if gap > need.thickest_mm:
        raise UnfitScan(
            f"The slices lie {gap:.1f} mm apart; more than {need.thickest_mm:g} mm hides too much.",
            remedy="Choose the series with the thinnest slices.",
        )
    height = (slices - 1) * gap
    if height < need.least_height_mm:
        raise UnfitScan(
            f"This series covers {height:.0f} mm; "
            f"at least {need.least_height_mm:.0f} mm are needed.",
            remedy="Choose a series that covers the chest.",
        )
    doubts = []
    if gap > need.advised_mm:
        doubts.append(
            f"The slices lie {gap:.1f} mm apart: volumes are rough, small things are missed."
        )
    elif slices < FEW_SLICES:
        doubts.append(f"There are only {slices} slices: volumes are rough.")
    wide = sorted(spacing)[1]  # a coronal stack holds its slices in the second axis
    if wide > WIDE_PIXEL_MM:
        doubts.append(f"A pixel is {wide:.1f} mm wide: the border of the lungs is rough.")
    return tuple(doubts)


def check_units(hu: Hu) -> None:
    """Air reads about -1000 and soft tissue about 40, or these are no Hounsfield units."""
    low, high = int(hu.min()), int(hu.max())
    if low == high:
        raise UnfitScan("Every voxel of this scan has the same value.", remedy=OTHER)
    # Padding outside the field of view says nothing about the units.
    seen = hu[hu > AIR_HU[0]]
    if seen.size == 0 or seen.min() > AIR_HU[1]:
        darkest = low if seen.size == 0 else int(seen.min())
        raise UnfitScan(
            f"{NOT_HU}: the darkest reads {darkest}, where air should read about \u22121000.",
            remedy=AS_STORED,
        )
    if np.mean(seen < AIR_HU[1]) < 0.01:
        raise UnfitScan(
            "There is next to no air in this scan, so no lung can be in it.", remedy=OTHER
        )
    body = seen[(seen > -300) & (seen < 500)]
    if body.size < 0.02 * hu.size:
        raise UnfitScan(
            f"{NOT_HU}, or this is no patient: next to nothing reads like soft tissue.",
            remedy=AS_STORED,
        )
    counts, _ = np.histogram(body, bins=40, range=(-300, 500))
    mode = -300 + 20 * int(np.convolve(counts, np.ones(3), mode="same").argmax()) + 10
    if not TISSUE_HU[0] <= mode <= TISSUE_HU[1]:
        raise UnfitScan(
            f"{NOT_HU}: soft tissue reads about {mode}, where it should read about 40.",
            remedy=AS_STORED,
        )


def check_chest(seen: Coarse, card: ModelCard) -> tuple[str, ...]:
    """Two lungs' worth of lung-like air inside a body that has bones, seen from top to bottom."""
    ml = float(seen.lungs.sum()) * float(np.prod(seen.spacing_mm)) / 1000
    if ml < card.expects.least_air_ml:
        raise UnfitScan(
            f"Only {ml:.0f} ml of lung-like air lie inside the body; "
            f"this does not look like a chest.",
            remedy=OTHER,
        )
    bone = float((seen.hu[seen.body] > BONE_HU).mean())
    if bone < LEAST_BONE:
        raise UnfitScan(
            "There is air as in lungs, but no bone around it; this does not look like a patient.",
            remedy=OTHER,
        )
    doubts = []
    if _one_side(seen) < ONE_SIDED:
        doubts.append("Air as in lungs lies on one side of the body only.")
    profile = seen.lungs.sum(axis=(1, 2))
    if max(profile[0], profile[-1]) > CUT_SHARE * profile.max():
        doubts.append(
            "The lungs go on beyond the first or the last slice: their volumes are too small."
        )
    return tuple(doubts)


def _one_side(seen: Coarse) -> float:
    """The smaller of the shares of lung-like air to the right and to the left of the body."""
    along = tuple({0, 1, 2} - {seen.across})
    body, air = seen.body.sum(axis=along), seen.lungs.sum(axis=along)
    middle = float(np.average(np.arange(body.size), weights=body))
    low = float(air[np.arange(air.size) < middle].sum() / air.sum())
    return min(low, 1 - low)
