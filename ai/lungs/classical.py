"""The lungs by rules: air inside the body, less the airway, parted into sides, closed.

Source: the steps common to published rule-based pipelines (De Nunzio 2011, J Digit Imaging 24:11,
doi 10.1007/s10278-009-9251-3), with own parameters, measured on the scans named on the card.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.errors import UnfitScan
from ai.lungs.airway import find_airway
from ai.lungs.body import Bools, body_mask
from ai.lungs.border import draw_border
from ai.lungs.bumps import take_in_bumps
from ai.lungs.close import close_lungs
from ai.lungs.split import part_lungs
from ai.lungs.upright import Floats32, stand_up
from ai.models.card import ModelCard
from ai.progress import OnProgress, ignore, part
from ai.scan.labelmap import Labels
from ai.scan.volume import Volume

WALL_MM = 4.0
"""The airway's wall and the partial volume beside it."""
LEAST_LUNG_ML = 100.0
LEAST_SHARE = 0.05
"""Of the largest piece; less may be a piece that disease has cut off."""
LEAST_PIECE_ML = 2.0
BOWEL_SHARE = 0.4
"""Of the lungs' height from below: stomach and colon rise no higher beside them."""
GULLET_MM = 20.0
NEAR_MM = 60.0
MOST_OPEN = 0.02
"""More of a piece than this beside outside air, and it is outside air itself."""
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
    airway = ndimage.binary_dilation(lumen, iterations=max(1, round(WALL_MM / spacing[1])))
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
        ~body,
        lumen,
        radius_mm=card.operating_point("closing_mm"),
        wall_radius_mm=card.operating_point("wall_closing_mm"),
        spacing_mm=spacing,
    )
    added = (closed > 0) & (sides == 0)
    own = draw_border(
        upright,
        closed,
        added,
        lumen & (closed == 0),
        air_hu=card.operating_point("air_hu"),
        on_progress=part(on_progress, 0.65, 0.9),
    )
    own = take_in_bumps(own, upright, on_progress=part(on_progress, 0.9, 1.0))
    return np.ascontiguousarray(upright.turn.stored(own))


def lung_air(
    hu: Floats32,
    body: Bools,
    airway: Bools,
    *,
    air_hu: float,
    spacing_mm: tuple[float, float, float],
) -> Bools:
    """The large pieces of air in the body, but for bowel gas and gaps that open to the outside."""
    air = hu < air_hu
    pieces, count = ndimage.label(body & air & ~airway)
    if count == 0:
        return np.zeros_like(body)
    voxel_ml = float(np.prod(spacing_mm)) / 1000
    ml = np.bincount(pieces.ravel(), minlength=count + 1) * voxel_ml
    gas = np.bincount(pieces[hu < GAS_HU], minlength=count + 1) * voxel_ml
    # Between arm and chest, or back and couch, air looks enclosed; it goes on outside.
    rim = ndimage.binary_dilation(air & ~body) & body
    open_ml = np.bincount(pieces[rim], minlength=count + 1) * voxel_ml
    ml[0] = 0
    fair = open_ml <= MOST_OPEN * ml
    lung = fair & (ml >= LEAST_LUNG_ML) & (ml >= LEAST_SHARE * ml.max()) & (gas <= MOST_GAS * ml)
    if lung.any():
        small = fair & ~lung & (ml >= LEAST_PIECE_ML)
        lung |= _cut_off(pieces, small, lung, spacing_mm)
    return lung[pieces]


def _cut_off(
    pieces: NDArray[np.int32],
    small: Bools,
    lung: Bools,
    spacing_mm: tuple[float, float, float],
) -> Bools:
    """Which small pieces are lung that disease cut off from the rest.

    Gas beside the lungs' lower part may be bowel, and gas between the lungs is in the gullet.
    """
    whole = lung[pieces]
    z, _, x = (np.flatnonzero(whole.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1)))
    bowel_ends = z[0] + BOWEL_SHARE * (z[-1] - z[0])
    near = round(NEAR_MM / spacing_mm[0])
    taken = np.zeros_like(small)
    places = ndimage.find_objects(pieces)
    for n in np.flatnonzero(small):
        place = places[n - 1]
        where = np.argwhere(pieces[place] == n) + [s.start for s in place]
        centre = where.mean(axis=0)
        above = centre[0] > bowel_ends and centre[0] < z[-1] + near
        # Beside the gullet the lungs' own middle is the measure; apices lie well to the side of it.
        aside = abs(centre[2] - (x[0] + x[-1]) / 2) > GULLET_MM / spacing_mm[2]
        taken[n] = aside and above
    return taken


def middle_column(body: Bools, lumen: Bools, air: Bools) -> float:
    """The column of the body's middle: the trachea's, else the body's along the lungs."""
    if lumen.any():
        top = np.flatnonzero(lumen.any(axis=(1, 2)))
        upper = lumen[top[len(top) // 2] :]
        return float(np.average(np.arange(body.shape[2]), weights=upper.sum(axis=(0, 1))))
    heights = air.any(axis=(1, 2))
    return float(np.average(np.arange(body.shape[2]), weights=body[heights].sum(axis=(0, 1))))
