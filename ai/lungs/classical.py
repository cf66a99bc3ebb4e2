"""The lungs by rules: air inside the body, less the airway, parted into sides, closed.

Source: the steps common to published rule-based pipelines (De Nunzio 2011, J Digit Imaging 24:11,
doi 10.1007/s10278-009-9251-3), with own parameters, measured on the scans named on the card.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ai.errors import UnfitScan
from ai.lungs.airway import find_airway
from ai.lungs.body import Bools, body_mask
from ai.lungs.border import draw_border
from ai.lungs.close import close_lungs
from ai.lungs.split import part_lungs
from ai.lungs.upright import Floats32, stand_up
from ai.models.card import ModelCard
from ai.progress import OnProgress, ignore, part
from ai.scan.labelmap import Labels
from ai.scan.volume import Volume

WALL_VOXELS = 2
"""The airway's wall and the partial volume beside it, on the working grid."""
LEAST_PIECE_ML = 4.0
LEAST_LUNG_ML = 100.0
GAS_HU = -950.0
"""Bowel gas is nothing but air; even an emphysematous lung holds vessels."""
MOST_GAS = 0.8


def lungs_by_rules(volume: Volume, *, card: ModelCard, on_progress: OnProgress = ignore) -> Labels:
    """Right (1) and left (2) lung on the volume's own grid, uint8 (K, J, I).

    Raises UnfitScan when there is no air in the body that could be a lung.
    """
    on_progress(0.0, "Turning the scan upright")
    upright = stand_up(volume, spacing_mm=card.spacing_mm)
    hu, spacing = upright.hu, upright.spacing_mm
    on_progress(0.1, "Finding the body")
    body = body_mask(hu, spacing)
    on_progress(0.25, "Following the airway")
    lumen = find_airway(hu, body, spacing)
    airway = ndimage.binary_dilation(lumen, iterations=WALL_VOXELS)
    on_progress(0.35, "Collecting the air of the lungs")
    air = lung_air(hu, body, airway, air_hu=card.operating_point("air_hu"), spacing_mm=spacing)
    if not air.any():
        raise UnfitScan(
            "There is no air in this body that could be a lung.",
            remedy="Choose a chest CT; this one may show another part of the body.",
        )
    on_progress(0.45, "Parting right and left")
    middle = middle_column(body, lumen, air)
    sides = part_lungs(air, hu, middle_x=middle, spacing_mm=spacing)
    on_progress(0.55, "Closing over vessels and nodules")
    closed = close_lungs(
        sides,
        lumen | ~body,
        radius_mm=card.operating_point("closing_mm"),
        spacing_mm=spacing,
    )
    added = (closed > 0) & (sides == 0)
    own = draw_border(
        upright,
        closed,
        added,
        lumen,
        air_hu=card.operating_point("air_hu"),
        on_progress=part(on_progress, 0.65, 1.0),
    )
    return np.ascontiguousarray(upright.turn.stored(own))


def lung_air(
    hu: Floats32,
    body: Bools,
    airway: Bools,
    *,
    air_hu: float,
    spacing_mm: tuple[float, float, float],
) -> Bools:
    """Air in the body that belongs to a lung: large pieces, and small ones beside them."""
    pieces, count = ndimage.label(body & (hu < air_hu) & ~airway)
    if count == 0:
        return np.zeros_like(body)
    voxel_ml = float(np.prod(spacing_mm)) / 1000
    flat = pieces.ravel()
    ml = np.bincount(flat, minlength=count + 1) * voxel_ml
    gas = np.bincount(flat, weights=(hu < GAS_HU).ravel(), minlength=count + 1) * voxel_ml
    ml[0] = 0
    lung = (ml >= LEAST_LUNG_ML) & (gas <= MOST_GAS * ml) & (ml >= 0.05 * ml.max())
    if not lung.any():
        return np.zeros_like(body)
    # Small pieces count where a disease has cut them off the lung, not in the bowel below it.
    heights = np.flatnonzero(lung[pieces].any(axis=(1, 2)))
    small = (ml >= LEAST_PIECE_ML) & ~lung & (gas <= 0.5 * ml)
    places = ndimage.find_objects(pieces)
    for n in np.flatnonzero(small):
        place = places[n - 1][0]
        if heights[0] <= place.start and place.stop - 1 <= heights[-1]:
            lung[n] = True
    return lung[pieces]


def middle_column(body: Bools, lumen: Bools, air: Bools) -> float:
    """The column of the body's middle: the trachea's, else the body's along the lungs."""
    if lumen.any():
        top = np.flatnonzero(lumen.any(axis=(1, 2)))
        upper = lumen[top[len(top) // 2] :]
        return float(np.average(np.arange(body.shape[2]), weights=upper.sum(axis=(0, 1))))
    heights = air.any(axis=(1, 2))
    return float(np.average(np.arange(body.shape[2]), weights=body[heights].sum(axis=(0, 1))))
