"""Where the phantom's heart, great vessels, airways and gullet run: tubes in LPS millimetres.

Placed after the usual proportions of an adult chest; z 0 is the lowest slice, x 0 the midline.
"""

from __future__ import annotations

from ai.phantom.tubes import Tube, chain

BLOOD_HU, MUSCLE_HU, AIR_HU, WALL_HU = 42.0, 50.0, -990.0, 20.0
AIRWAY_WALL_MM = 1.4

TRACHEA = chain(
    [(1, 0, 312, 8.6), (0, 4, 260, 8.6), (-1, 11, 215, 8.4), (-2, 18, 181, 8.2)], AIR_HU
)
RIGHT_BRONCHUS = chain([(-4, 18, 180, 7.2), (-19, 20, 166, 6.9), (-36, 22, 153, 6.2)], AIR_HU)
LEFT_BRONCHUS = chain([(0, 18, 180, 6.6), (18, 22, 165, 6.2), (42, 27, 150, 5.6)], AIR_HU)
AIRWAYS = TRACHEA + RIGHT_BRONCHUS + LEFT_BRONCHUS

HEART = (
    *chain([(28, -12, 124, 34), (50, -38, 96, 24)], BLOOD_HU),
    *chain([(-2, -40, 116, 29), (40, -56, 92, 19)], BLOOD_HU),
    *chain([(-25, -18, 130, 24), (-22, -16, 108, 27)], BLOOD_HU),
    *chain([(-2, 8, 139, 20), (20, 9, 139, 20)], BLOOD_HU),
    *chain([(10, -44, 128, 19), (22, -38, 150, 14)], BLOOD_HU),
)
FAT_PAD = chain([(-18, -34, 92, 24), (10, -38, 84, 30), (48, -40, 78, 24)], -100.0)
"""Fat on the diaphragm under the heart: it is not drawn, but keeps the lungs out."""
AORTA = chain(
    [
        (6, -20, 136, 15), (-14, -28, 162, 16), (-14, -24, 188, 15.5), (-4, -16, 202, 14.5),
        (12, -6, 208, 13.5), (23, 10, 207, 13), (27, 28, 197, 12.5), (27, 42, 178, 12.5),
        (25, 49, 140, 12), (21, 50, 100, 11.5), (12, 42, 45, 11), (6, 34, -15, 10.5),
    ],
    BLOOD_HU,
)  # fmt: skip
GREAT_VESSELS = (
    *chain([(22, -38, 150, 14), (19, -24, 166, 13.5)], BLOOD_HU),
    *chain(
        [(19, -22, 166, 11), (4, -6, 165, 10.5), (-22, 2, 160, 10), (-41, 9, 154, 8.5)], BLOOD_HU
    ),
    *chain(
        [(19, -24, 167, 11.5), (30, 0, 172, 11), (42, 17, 166, 9.5), (47, 29, 153, 8)], BLOOD_HU
    ),
    *chain([(-26, -20, 226, 8), (-28, -18, 190, 9.5), (-26, -16, 148, 10.5)], BLOOD_HU),
    *chain([(-26, -20, 226, 7.5), (-38, -12, 256, 7), (-48, -10, 285, 6)], BLOOD_HU),
    *chain(
        [(-26, -20, 226, 7), (6, -36, 234, 6.5), (36, -18, 258, 6.5), (46, -10, 285, 6)], BLOOD_HU
    ),
    *chain([(-2, -16, 208, 6.5), (-14, -8, 244, 6.2), (-24, -2, 310, 4.5)], BLOOD_HU),
    *chain([(10, -8, 212, 4.6), (16, -2, 250, 4.2), (24, 0, 310, 4.0)], BLOOD_HU),
    *chain([(24, 12, 212, 5.2), (28, 14, 246, 4.8), (50, 6, 284, 4.4)], BLOOD_HU),
    *chain([(-4, 12, 139, 8), (-40, 16, 141, 6.5)], BLOOD_HU),
    *chain([(24, 12, 139, 8), (45, 20, 139, 6)], BLOOD_HU),
    *chain([(-24, 0, 108, 11), (-26, 8, 70, 11.5), (-22, 16, -15, 11)], BLOOD_HU),
    *chain(
        [(-9, 38, -15, 3), (-10, 36, 170, 4), (-24, 10, 186, 4.5), (-26, -12, 182, 4.5)], BLOOD_HU
    ),
)
GULLET = chain(
    [(5, 22, 312, 6.5), (6, 26, 215, 6.5), (8, 33, 150, 6.8), (14, 30, 85, 7.2), (24, 12, 52, 8)],
    35.0,
)  # fmt: skip

NECK = tuple(
    tube
    for side in (-1, 1)
    for points, hu in (
        (
            [(side * 14, -36, 256, 6), (side * 20, -32, 285, 9), (side * 24, -28, 320, 12)],
            MUSCLE_HU,
        ),
        ([(side * 15, -8, 272, 6), (side * 17, -10, 300, 9)], 105.0),
        ([(side * 9, 20, 240, 5), (side * 10, 14, 320, 6)], MUSCLE_HU),
        ([(side * 28, 12, 290, 6), (side * 30, 10, 320, 12)], MUSCLE_HU),
    )
    for tube in chain(points, hu)
)
"""Strap muscles, thyroid, and the muscles before the spine: above and between the lung tops."""

ARTERY_ROOTS = ((-42.0, 9.0, 153.0), (48.0, 29.0, 152.0))
"""Where the lung arteries leave the hilum, right then left."""
VEIN_ROOTS = ((-40.0, 16.0, 140.0), (45.0, 20.0, 138.0))
BRONCHUS_ENDS = ((-36.0, 22.0, 153.0), (42.0, 27.0, 150.0))


def between_the_lungs() -> tuple[tuple[Tube, float], ...]:
    """Every organ that the pleura wraps, with the mm of fat around it."""
    wall = AIRWAY_WALL_MM
    return (
        *((t, 6.0) for t in HEART),
        *((t, 0.0) for t in FAT_PAD),
        *((t, 1.6) for t in AORTA + GREAT_VESSELS),
        *((t.widened(wall, WALL_HU), 1.6) for t in AIRWAYS),
        *((t, 2.0) for t in GULLET),
    )
