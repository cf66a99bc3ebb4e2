"""A network's answer tidied: crumbs dropped, holes filled, what lies far from any air left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.lungs.blend import Floats32
from ai.lungs.shifts import filled, grown
from ai.lungs.split import LEFT, RIGHT
from ai.lungs.upright import Upright
from ai.models.card import ModelCard
from ai.scan.labelmap import Labels

LEAST_PIECE = 0.03
"""Of a lung; smaller pieces apart from it are mistakes."""
AIR_MM2, BEYOND_MM = 300.0, 24.0


def tidied(labels: Labels, chance: Floats32) -> tuple[Labels, Floats32]:
    """Labels and chance with small pieces dropped, holes filled, and a crumb of the wrong side
    turned."""
    sides = labels.copy()
    for side in (RIGHT, LEFT):
        pieces, count = ndimage.label(sides == side)
        sizes = np.bincount(pieces.ravel(), minlength=count + 1)
        sizes[0] = 0
        small = sizes < LEAST_PIECE * sizes.max()
        small[0] = False
        if not small.any():
            continue
        crumbs = small[pieces]
        # A crumb that hangs on the other lung is a part of that; a lone one is nothing.
        hangs = np.zeros_like(small)
        hangs[pieces[crumbs & grown(sides == 3 - side)]] = True
        sides[crumbs] = 0
        sides[hangs[pieces]] = 3 - side
    for side in (RIGHT, LEFT):
        holes = filled(sides == side) & (sides == 0)
        sides[holes] = side
        chance = np.where(holes, np.float32(1), chance)
    low, high = np.minimum(chance, np.float32(0.5)), np.maximum(chance, np.float32(0.5 + 1e-3))
    return sides, np.where(sides > 0, high, low)


def beyond_air(sides: Labels, upright: Upright, card: ModelCard) -> NDArray[np.intp]:
    """Planes well above or below any lung that holds air: what looks dense there is no lung.

    One lung may be wholly airless, but the other then shows how far down the chest goes.
    """
    aerated = (sides > 0) & (upright.hu < card.operating_point("air_hu"))
    area_mm2 = (
        np.count_nonzero(aerated, axis=(1, 2)) * upright.spacing_mm[1] * upright.spacing_mm[2]
    )
    planes = np.arange(len(area_mm2))
    with_air = planes[area_mm2 >= AIR_MM2]
    if len(with_air) == 0:
        return with_air
    reach = round(BEYOND_MM / upright.spacing_mm[0])
    return planes[(planes < with_air[0] - reach) | (planes > with_air[-1] + reach)]
