"""The rich phantom's heart: long chambers that lie aslant on the diaphragm, fat in the grooves."""

from __future__ import annotations

import numpy as np

from ai.phantom.anatomy import Mediastinum
from ai.phantom.great import GREAT, GULLET, LUNG_TUBES, along
from ai.phantom.look import Look
from ai.phantom.organs import AIRWAY_WALL_MM, AIRWAYS, WALL_HU
from ai.phantom.tubes import Tube, chain

FAT_HU, TAUT, FRONT_MM = -100.0, 0.7, 4.5
GUTTER_MM, GUTTER, SUNK = 3.0, (18.5, 0.92, 0.0), (273.4, 22.5, 3.5)
LEFT_VENTRICLE = chain(
    [(24, -6, 126, 25), (40, -24, 110, 30), (57, -43, 99, 25), (68, -54, 94, 15)], 0.0
)
RIGHT_VENTRICLE = chain([(0, -40, 117, 22), (20, -52, 102, 24), (46, -65, 93, 15)], 0.0)
OUTFLOW = chain([(8, -46, 126, 18), (19, -45, 142, 15), (22, -38, 152, 13)], 0.0)
RIGHT_ATRIUM = (
    *chain([(-25, -12, 140, 14), (-30, -17, 120, 24), (-25, -10, 104, 18)], 0.0),
    *chain([(-26, -26, 136, 12), (-17, -40, 146, 9), (-4, -50, 150, 6)], 0.0),
)
"""With its appendage, which lies before the aorta's root."""
LEFT_ATRIUM = (
    *chain([(-12, 9, 139, 16), (6, 6, 140, 19), (24, 8, 140, 17)], 0.0),
    *chain([(33, 0, 146, 10), (44, -14, 151, 8), (40, -28, 153, 4.5)], 0.0),
)
"""With its ear, which lies beside the trunk of the lung arteries."""
VEINS = (
    *chain([(-18, 4, 145, 10), (-34, -3, 148, 6.5), (-47, -8, 157, 5)], 0.0),
    *chain([(-16, 13, 136, 10), (-30, 19, 130, 6.5), (-43, 30, 117, 5)], 0.0),
    *chain([(30, 6, 146, 9), (42, 0, 150, 6.5), (54, -4, 156, 4.5)], 0.0),
    *chain([(28, 12, 138, 9), (37, 23, 130, 6.5), (49, 37, 117, 5)], 0.0),
)
"""The ends of the veins of the lungs: they widen into the left atrium."""
DOORS = (
    Tube((24, -6, 128), (14, 3, 136), 16.0, 13.0, 0.0),
    Tube((-16, -26, 117), (0, -38, 116), 14.0, 13.0, 0.0),
    Tube((26, -12, 126), (7, -20, 138), 12.0, 12.0, 0.0),
)
"""From atrium to ventricle, left and right; and from the left ventricle to the aorta."""
PAPILLARY = (
    *chain([(60, -24, 114, 4.5), (66, -36, 103, 6)], 0.0),
    *chain([(34, -42, 110, 4.5), (46, -54, 98, 5.5)], 0.0),
)
"""The muscles that hold the valves."""
CHAMBERS = (*LEFT_VENTRICLE, *RIGHT_VENTRICLE, *OUTFLOW, *RIGHT_ATRIUM, *LEFT_ATRIUM)
PAD = (
    *chain([(-20, -38, 104, 22), (10, -48, 100, 24), (50, -54, 100, 19)], FAT_HU),
    *chain([(14, -10, 98, 20), (38, -12, 94, 22), (54, -30, 96, 18)], FAT_HU),
)
"""Fat on the diaphragm about the heart: it is not drawn, but keeps the lungs out."""
THYMUS = (
    *chain([(6, -48, 140, 16), (3, -43, 165, 11), (1, -36, 190, 9), (1, -30, 214, 10)], FAT_HU),
    *chain([(5, -66, 140, 4.5), (3, -62, 165, 3), (1, -53, 190, 3), (0, -44, 214, 5)], FAT_HU),
)
"""What is left of it, mostly fat, between the great vessels and the breastbone."""
BEFORE_WINDPIPE = chain([(-4, -2, 165, 17), (-3, -3, 188, 16), (-2, -8, 212, 13)], FAT_HU)
"""Fat and nodes keep the lungs apart there too."""
GROOVES = (
    [(-22, -50, 142, 4), (-22, -54, 126, 5.5), (-18, -53, 110, 5.5), (-6, -38, 96, 5)],
    [(10, -64, 150, 5), (32, -72, 132, 6), (54, -78, 118, 5.5), (68, -72, 108, 5)],
    [(40, -6, 154, 5), (50, 4, 142, 7), (53, 8, 126, 6.5), (40, 18, 112, 5.5)],
    [(-14, 10, 122, 6), (2, 14, 114, 7), (20, 14, 108, 5.5)],
)
"""Fat between the chambers, in which the coronary vessels run."""


def around_the_heart() -> tuple[tuple[Tube, float], ...]:
    """Every organ that the rich phantom's pleura wraps, with the mm of fat around it."""
    return (
        *((t, 5.0) for t in CHAMBERS),
        *((t, 1.0) for t in VEINS[::2]),
        *((t, 0.0) for t in PAD + THYMUS + BEFORE_WINDPIPE),
        *((t, 2.2) for t in GREAT[:LUNG_TUBES]),
        *((t, 1.7) for t in GREAT[LUNG_TUBES:]),
        *((t.widened(AIRWAY_WALL_MM, WALL_HU), 1.0) for t in AIRWAYS),
        *((t, 1.0) for t in along(GULLET, 0.0)),
    )


def mediastinum() -> Mediastinum:
    """What parts the rich phantom's lungs, lean about the neck's root and before the spine."""
    inlet_mm = (24.0, 40.0, 242.0)
    return Mediastinum(
        around_the_heart(), GUTTER_MM, GUTTER, 8.0, inlet_mm, 18.0, SUNK, TAUT, FRONT_MM
    )


def coronaries(look: Look, rng: np.random.Generator) -> list[Tube]:
    """The vessels in the grooves, which wind and thin out, some with lime in their walls."""
    made: list[Tube] = []
    hu = 45 + rng.uniform(0.7, 1.0) * (look.blood_hu - 45)
    for points in GROOVES:
        places = np.array(points)[:, :3]
        t = np.linspace(0, len(points) - 1, 4 * len(points))
        path = np.stack(
            [np.interp(t, np.arange(len(points)), places[:, n]) for n in range(3)], axis=1
        )
        path += rng.normal(0, 1.1, path.shape)
        radii = np.linspace(1.9, 0.9, len(t)) * rng.uniform(0.8, 1.15, len(t))
        made += chain([(*map(float, p), float(r)) for p, r in zip(path, radii, strict=True)], hu)  # type: ignore[misc]
        for at in np.flatnonzero(rng.uniform(size=len(t) - 1) < 0.05 * rng.integers(0, 3)):
            (x, y, z), way = path[at], path[at + 1] - path[at]
            x2, y2, z2 = path[at] + 0.4 * way
            made.append(Tube((x, y, z), (x2, y2, z2), 1.3, 0.9, 620.0))
    return made
