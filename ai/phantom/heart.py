"""The rich phantom's heart: long chambers that lie aslant on the diaphragm, fat in the grooves."""

from __future__ import annotations

import numpy as np

from ai.phantom.look import Look
from ai.phantom.organs import (
    AIRWAY_WALL_MM,
    AIRWAYS,
    AORTA,
    GREAT_VESSELS,
    GULLET,
    WALL_HU,
)
from ai.phantom.tubes import Tube, chain

FAT_HU, SAC_HU = -100.0, 15.0
LEFT_VENTRICLE = chain([(25, -8, 130, 28), (45, -30, 118, 27), (65, -51, 107, 16)], 0.0)
RIGHT_VENTRICLE = chain([(2, -44, 121, 22), (26, -58, 113, 20), (56, -67, 107, 11)], 0.0)
OUTFLOW = chain([(10, -47, 128, 18), (22, -38, 150, 14)], 0.0)
RIGHT_ATRIUM = chain([(-25, -13, 138, 19), (-28, -20, 120, 23), (-25, -13, 109, 17)], 0.0)
APPENDAGE = chain([(-20, -34, 142, 8), (-6, -50, 150, 6)], 0.0)
LEFT_ATRIUM = chain([(-10, 11, 141, 16), (8, 8, 140, 19), (27, 9, 141, 16)], 0.0)
LEFT_EAR = chain([(36, 2, 146, 9), (44, -16, 150, 6)], 0.0)
CHAMBERS = (
    *LEFT_VENTRICLE, *RIGHT_VENTRICLE, *OUTFLOW, *RIGHT_ATRIUM, *LEFT_ATRIUM, *LEFT_EAR,
)  # fmt: skip
LEFT_WALL_MM, RIGHT_WALL_MM, THIN_MM = 9.5, 2.8, 1.2
PAD = (
    *chain([(-20, -38, 104, 22), (10, -48, 100, 24), (50, -54, 100, 19)], FAT_HU),
    *chain([(14, -10, 98, 20), (38, -12, 94, 22), (54, -30, 96, 18)], FAT_HU),
)
"""Fat on the diaphragm about the heart: it is not drawn, but keeps the lungs out."""
THYMUS = (
    *chain([(4, -50, 140, 22), (3, -46, 165, 22), (1, -40, 190, 20), (1, -32, 214, 18)], FAT_HU),
    *chain([(3, -67, 140, 12), (2, -63, 165, 12), (1, -55, 190, 11), (0, -46, 214, 11)], FAT_HU),
)
"""What is left of it, mostly fat, between the great vessels and the breastbone."""
GROOVES = (
    [(-20, -46, 142, 5), (-18, -46, 126, 7.5), (-14, -44, 110, 7), (-4, -30, 98, 6)],
    [(10, -64, 150, 5), (32, -72, 132, 6), (54, -78, 118, 5.5), (68, -72, 108, 5)],
    [(40, -6, 154, 5), (50, 4, 142, 7), (53, 8, 126, 6.5), (40, 18, 112, 5.5)],
    [(-14, 10, 122, 6), (2, 14, 114, 7), (20, 14, 108, 5.5)],
)
"""Fat between the chambers, in which the coronary vessels run."""


def around_the_heart() -> tuple[tuple[Tube, float], ...]:
    """Every organ that the rich phantom's pleura wraps, with the mm of fat around it."""
    return (
        *((t, 5.0) for t in CHAMBERS),
        *((t, 0.0) for t in PAD + THYMUS),
        *((t, 1.6) for t in AORTA + GREAT_VESSELS),
        *((t.widened(AIRWAY_WALL_MM, WALL_HU), 1.6) for t in AIRWAYS),
        *((t, 2.0) for t in GULLET),
    )


def heart_tubes(look: Look, rng: np.random.Generator) -> list[Tube]:
    """Walls and hollows, the left ventricle last, so that its wall parts it from the right.

    Contrast reaches the right and the left side at other times, so they are not quite as bright.
    """
    contrast = (look.blood_hu - 45) / 200
    wall_hu = 60 + 36 * contrast
    left_hu, right_hu = (
        45 + share * (look.blood_hu - 45) for share in rng.uniform((0.80, 0.55), (1.0, 1.0))
    )
    made = [t.widened(3.4, SAC_HU) for t in CHAMBERS]
    made += [t.widened(2.2, FAT_HU) for t in CHAMBERS]
    for points in GROOVES:
        made += chain(points, FAT_HU)  # type: ignore[arg-type]
    left = (*LEFT_ATRIUM, *LEFT_EAR)
    made += [t.widened(0.6, wall_hu) for t in (*left, *RIGHT_ATRIUM, *APPENDAGE)]
    made += [t.widened(0.6 - THIN_MM, right_hu) for t in (*RIGHT_ATRIUM, *APPENDAGE)]
    made += [t.widened(0.6 - THIN_MM, left_hu) for t in left]
    right = (*RIGHT_VENTRICLE, *OUTFLOW)
    made += [t.widened(0.0, wall_hu) for t in right]
    made += [t.widened(-RIGHT_WALL_MM, right_hu) for t in right]
    # the muscle that crosses the right ventricle, and the valve's door to its atrium
    made += chain([(30, -66, 110, 2.2), (22, -48, 114, 3.0)], wall_hu)
    made.append(Tube((-14, -30, 120), (-4, -36, 119), 12.0, 12.0, right_hu))
    made += [t.widened(0.0, wall_hu) for t in LEFT_VENTRICLE]
    made += [t.widened(-LEFT_WALL_MM, left_hu) for t in LEFT_VENTRICLE]
    made.append(Tube((24, -8, 130), (14, 2, 137), 17.0, 13.0, left_hu))
    made.append(Tube((20, -14, 130), (6, -20, 138), 14.0, 13.0, left_hu))
    for points in GROOVES:
        vessel = [(x, y, z, 1.7 - 0.2 * m) for m, (x, y, z, _) in enumerate(points)]
        made += chain(vessel, look.blood_hu)
    # the muscles that hold the valves
    for a, b in (((60, -26, 122), (66, -36, 110)), ((35, -42, 122), (46, -52, 110))):
        made.append(Tube(a, b, 4.2, 5.0, wall_hu))
    return made
