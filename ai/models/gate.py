"""Is this scan fit for this model? Refusals and doubts, each in one sentence."""

from __future__ import annotations

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
CUT_SHARE = 0.25
"""A lung whose end slice is this share of its widest one goes on outside the scan."""

NOT_HU = "The numbers of this scan are not Hounsfield units"
OTHER = "Choose a chest CT of this study."


def check_fit(volume: Volume, card: ModelCard) -> tuple[str, ...]:
    """Sentences of warning (none for a good scan). Takes well under a second.

    Raises UnfitScan, with one sentence, when the model must not be asked about this scan.
    """
    warnings = _check_grid(volume, card)
    coarse, spacing = _coarse(volume)
    _check_units(coarse)
    return warnings + _check_chest(coarse, spacing, volume, card)


def _check_grid(volume: Volume, card: ModelCard) -> tuple[str, ...]:
    slices = volume.geometry.shape_kji[0]
    gap = volume.geometry.spacing_kji_mm[0]
    need = card.expects
    if min(volume.geometry.shape_kji) < need.least_slices:
        raise UnfitScan(
            f"This series has {slices} slices of {volume.geometry.shape_kji[1]} x "
            f"{volume.geometry.shape_kji[2]}; at least {need.least_slices} are needed.",
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
    if gap > need.advised_mm:
        return (f"The slices lie {gap:.1f} mm apart: volumes are rough, small things are missed.",)
    return ()


def _coarse(volume: Volume) -> tuple[Hu, tuple[float, float, float]]:
    """Every n-th voxel, so that about 4 mm lie between them."""
    spacing = volume.geometry.spacing_kji_mm
    step = [max(1, round(COARSE_MM / s)) for s in spacing]
    coarse = volume.hu[:: step[0], :: step[1], :: step[2]]
    dk, dj, di = (s * n for s, n in zip(spacing, step, strict=True))
    return coarse, (dk, dj, di)


def _check_units(hu: Hu) -> None:
    """Air reads about -1000 and soft tissue about 40, or these are no Hounsfield units."""
    low, high = int(hu.min()), int(hu.max())
    if low == high:
        raise UnfitScan("Every voxel of this scan has the same value.", remedy=OTHER)
    # Padding outside the field of view says nothing about the units.
    seen = hu[hu > AIR_HU[0]]
    if seen.size == 0 or seen.min() > AIR_HU[1]:
        darkest = low if seen.size == 0 else int(seen.min())
        raise UnfitScan(
            f"{NOT_HU}: the darkest reads {darkest}, where air should read about -1000.",
            remedy="Choose a CT series as the scanner stored it.",
        )
    if np.mean(seen < AIR_HU[1]) < 0.01:
        raise UnfitScan(
            "There is next to no air in this scan, so no lung can be in it.", remedy=OTHER
        )
    body = seen[(seen > -300) & (seen < 500)]
    if body.size < 0.02 * hu.size:
        raise UnfitScan(
            f"{NOT_HU}, or this is no patient: next to nothing reads like soft tissue.",
            remedy="Choose a CT series as the scanner stored it.",
        )
    counts, edges = np.histogram(body, bins=40, range=(-300, 500))
    mode = float(edges[int(np.convolve(counts, np.ones(3), mode="same").argmax())]) + 10
    if not TISSUE_HU[0] <= mode <= TISSUE_HU[1]:
        raise UnfitScan(
            f"{NOT_HU}: soft tissue reads about {mode:.0f}, where it should read about 40.",
            remedy="Choose a CT series as the scanner stored it.",
        )


def _check_chest(
    hu: Hu, spacing_mm: tuple[float, float, float], volume: Volume, card: ModelCard
) -> tuple[str, ...]:
    """Two lungs' worth of lung-like air inside a body."""
    lungs = _lung_like(hu, volume)
    ml = float(lungs.sum()) * float(np.prod(spacing_mm)) / 1000
    if ml < card.expects.least_air_ml:
        raise UnfitScan(
            f"Only {ml:.0f} ml of lung-like air lie inside the body; "
            f"this does not look like a chest.",
            remedy=OTHER,
        )
    head_axis = int(np.abs(volume.geometry.directions[2]).argmax())
    profile = lungs.sum(axis=tuple({0, 1, 2} - {head_axis}))
    ends = (profile[0], profile[-1])
    if max(ends) > CUT_SHARE * profile.max():
        return ("The lungs go on beyond the first or the last slice: their volumes are too small.",)
    return ()


def _lung_like(hu: Hu, volume: Volume) -> NDArray[np.bool_]:
    """Large pieces of air that the body surrounds in its cross sections, bowel gas left out."""
    head_axis = int(np.abs(volume.geometry.directions[2]).argmax())
    upright = np.moveaxis(hu, head_axis, 0)
    tissue = upright > SKIN_HU
    inside = np.zeros_like(tissue)
    for z, plane in enumerate(tissue):
        solid = ndimage.binary_opening(plane)
        inside[z] = ndimage.binary_fill_holes(ndimage.binary_closing(np.pad(solid, 2)))[2:-2, 2:-2]
    air = inside & (upright < LUNG_HU[1])
    pieces, count = ndimage.label(air)
    flat = pieces.ravel()
    size = np.bincount(flat, minlength=count + 1)
    gas = np.bincount(flat, weights=(upright < GAS_HU).ravel(), minlength=count + 1)
    size[0] = 0
    keep = (size >= 0.1 * size.max()) & (size > 0) & (gas < 0.9 * size)
    return np.moveaxis(keep[pieces], 0, head_axis)
