"""Between the rich phantom's lungs: heart with its chambers and grooves, vessels, nodes, neck."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ai.phantom.anatomy import CAGE_FRONT, PHI, Image, cage
from ai.phantom.bones import blend
from ai.phantom.great import flat, great_vessels, gullet
from ai.phantom.heart import coronaries
from ai.phantom.look import Look
from ai.phantom.still import StillPlane
from ai.phantom.tubes import Tube, chain

FAT_HU, NODE_HU, MEAT_HU = -96.0, 48.0, 56.0
NODES = (
    (-15, 0, 203, 3.4), (-6, -1, 192, 3.8), (-17, 2, 181, 3.0), (18, -2, 190, 3.2),
    (10, -4, 181, 2.6), (3, 27, 160, 4.0), (-8, 29, 150, 3.4), (-40, 17, 148, 3.2),
    (44, 21, 160, 3.0), (8, -46, 196, 2.6), (-6, -50, 186, 2.2), (2, -52, 172, 2.8),
    (16, 40, 122, 2.2), (22, -10, 214, 2.4), (-24, -4, 214, 2.6),
)  # fmt: skip
FIELDS = (
    (-8, -4, 192), (16, 4, 186), (-4, 24, 158), (-2, -44, 192), (-34, 10, 158), (36, 12, 164),
    (-12, 14, 198), (10, 20, 190), (2, 28, 150), (14, 16, 168),
)  # fmt: skip
"""Where more lie: before the windpipe, under the arch, under the fork, before the heart, hila."""
SPRIGS = 42
INLET, BEFORE = ((-46, -46, 226), (46, 14, 296)), ((-30, -74, 152), (34, -44, 222))
"""Where little vessels wind through the fat: between two corners each."""
ARMPIT = ((112, -14, 228, 4.0), (122, -4, 216, 3.2), (116, -26, 238, 3.0), (126, 6, 204, 2.6))


def _small(look: Look, rng: np.random.Generator) -> list[Tube]:
    """Nodes in the fat, and the lesser vessels of the wall and the armpits."""
    made: list[Tube] = []
    where = rng.integers(len(FIELDS), size=int(rng.integers(10, 26)))
    more = rng.normal(np.array(FIELDS)[where], 6)
    extra = [(*map(float, place), float(rng.uniform(1.6, 4.4))) for place in more]
    sides = [(side * x, y, z, r) for side in (-1, 1) for x, y, z, r in ARMPIT]
    for x, y, z, r in (*NODES, *extra, *sides):
        middle = np.array((x, y, z)) + rng.normal(0, 1.5, 3)
        way = rng.normal(size=3)
        way *= rng.uniform(0.3, 1.1) * r / np.linalg.norm(way)
        size = float(r * rng.uniform(0.6, 1.15))
        (ax, ay, az), (bx, by, bz) = (middle - way).tolist(), (middle + way).tolist()
        made.append(Tube((ax, ay, az), (bx, by, bz), size, 0.8 * size, NODE_HU))
        if size > 3.2:
            made.append(Tube((ax, ay, az), (ax, ay, az), 0.45 * size, 0.4 * size, -50.0))
    chalky = rng.uniform(size=len(NODES)) < rng.choice((0.0, 0.0, 0.25))
    for (x, y, z, r), white in zip(NODES, chalky, strict=True):
        if white:  # an old scar of infection
            made.append(Tube((x, y, z), (x + 1, y, z + 1), 0.5 * r, 0.3 * r, 640.0))
    made += _sprigs(look, rng)
    for side, share in ((-1, 0.3), (1, 0.75)):
        hu = 45 + share * (look.blood_hu - 45)
        axillary = [(50, -12, 285, 4.5), (92, -26, 262, 4.8), (132, -26, 240, 4.5)]
        axillary.append((168, -8, 222, 4.0))
        made += chain([(side * x, y, z, r) for x, y, z, r in axillary], hu)
        low = [(side * x, y + 9, z - 5, r - 1) for x, y, z, r in axillary]
        made += chain([(x, y, z, r) for x, y, z, r in low], hu * 0.8)
        for x, hu in ((23.0, 0.8 * look.blood_hu), (27.5, 60.0)):  # the artery and its vein
            inner = [
                (side * (x + float(rng.normal(0, 1.2))), 6.6 - float(CAGE_FRONT(z)), z, 1.35)
                for z in (60, 100, 130, 160, 185, 210, 238)
            ]
            made += chain(inner, hu)
        chest = [(side * 122, 8, 214, 1.6), (side * 140, 0, 170, 1.5), (side * 146, -6, 110, 1.2)]
        made += chain([(x, y, z, r) for x, y, z, r in chest], 60.0)
    return made


def _sprigs(look: Look, rng: np.random.Generator) -> list[Tube]:
    """Little vessels that wind through the fat of the neck's root and before the heart."""
    made: list[Tube] = []
    for number in range(SPRIGS):
        low, high = INLET if number % 3 else BEFORE
        place = rng.uniform(low, high)
        way = rng.normal(size=3) * (1.0, 0.8, 1.4)
        hu = 45 + rng.choice((0.15, 0.3, 0.9)) * (look.blood_hu - 45)
        radius = float(rng.uniform(0.6, 1.7))
        path = []
        for step in range(4):
            x, y, z = place.tolist()
            path.append((x, y, z, radius * (1 - 0.15 * step)))
            way = way + rng.normal(size=3) * 0.7
            place = place + way * rng.uniform(5, 9) / np.linalg.norm(way)
        made += chain(path, float(hu))
    return made


def _neck(look: Look) -> list[Tube]:
    """Muscles and thyroid about the windpipe over the tops of the lungs."""
    made: list[Tube] = []
    for side in (-1, 1):
        for points, hu, way, by_mm in (
            ([(8, 22, 226, 3), (10, 18, 270, 5), (12, 14, 320, 7)], MEAT_HU, (1, -0.3), 4),
            ([(40, 12, 276, 3.5), (31, 10, 292, 6), (26, 8, 320, 8)], MEAT_HU - 4, (0.5, 1), 6),
            ([(20, -54, 250, 2.5), (25, -44, 272, 5), (32, -34, 320, 7)], MEAT_HU, (1, 0.5), 7),
            ([(12, -34, 240, 1.8), (11, -26, 275, 2.4), (9, -22, 320, 3)], MEAT_HU, (1, 0.2), 6),
            ([(13, -8, 268, 4), (14, -7, 284, 6.5), (15, -6, 320, 8)], 110.0, (0.2, 1), 4),
        ):
            path = [(side * x, y, z, r) for x, y, z, r in points]
            made += flat(chain(path, hu), (side * way[0], way[1]), by_mm)
    return made


def _liver(look: Look) -> list[Tube]:
    """Veins of the liver, a little brighter than it."""
    hu = 66 + 46 * (look.blood_hu - 45) / 200
    made: list[Tube] = []
    for points in (
        [(-28, 4, 90, 4), (-52, -2, 86, 3.4), (-84, 10, 66, 2), (-104, 22, 48, 1)],
        [(-28, 2, 88, 4), (-42, -26, 80, 3.2), (-62, -52, 62, 2), (-74, -68, 44, 1)],
        [(-26, -2, 84, 3.6), (-10, -30, 70, 2.6), (8, -50, 54, 1.4)],
        [(-20, -14, 34, 5), (-46, -6, 42, 4), (-78, -22, 46, 2.4), (-100, -30, 56, 1.2)],
        [(-46, -6, 42, 3.4), (-76, 20, 40, 2.4), (-96, 34, 30, 1.2)],
        [(-84, 10, 66, 1.8), (-96, -14, 70, 1.0)],
        [(-62, -52, 62, 1.6), (-88, -48, 60, 0.9)],
    ):
        made += chain(points, hu)  # type: ignore[arg-type]
    return made


def _cartilage() -> list[Tube]:
    """What joins the ribs to the breastbone: gristle in a thin dense rind."""
    made: list[Tube] = []
    for n, z_mm in enumerate((238, 214, 191, 168, 147, 129)):
        for side in (-1, 1):
            path = []
            for at, x in enumerate((20.0, 38.0, 58.0)):
                low = z_mm - (2 + 0.8 * n) * at * (1 + 0.4 * at) + 2 * side
                turn = np.pi - np.arcsin(min(x / float(CAGE_FRONT(low)), 0.9)) * 0.92
                radius = float(np.interp(turn, PHI, cage(low)))
                y = -float(np.sqrt(max(radius * radius - x * x, 0)))
                path.append((side * x, y - 1, low, 5.4 - 0.5 * at))
            rind = chain(path, 190.0)
            made += [*rind, *(t.widened(-1.5, 88.0) for t in rind)]
    return made


def organ_tubes(look: Look, seed: int) -> list[Tube]:
    """Neck, heart, great vessels, gullet and nodes, in painting order."""
    rng = np.random.default_rng([seed, 28])
    return [
        *_neck(look),
        *_cartilage(),
        *_liver(look),
        *_small(look, rng),
        *gullet(seed),
        *coronaries(look, rng),
        *great_vessels(look, seed),
    ]


def draw_fat(image: Image, plane: StillPlane, textures: Mapping[str, NDArray[np.float32]]) -> None:
    """Strands in the fat between the lungs, and what is left of the thymus before the aorta."""
    x, y, z_mm = plane.x, plane.y, plane.middle_z
    front = -float(CAGE_FRONT(z_mm))
    box = np.s_[
        int(np.searchsorted(y[:, y.shape[1] // 2], front)) : int(
            np.searchsorted(y[:, y.shape[1] // 2], 40)
        ),
        int(np.searchsorted(x[x.shape[0] // 2], -48)) : int(
            np.searchsorted(x[x.shape[0] // 2], 62)
        ),
    ]
    slow, lobule, fine = (textures[n][box] for n in ("slow", "lobule", "fine"))
    # fine sheets and vessels run through the fat, and it is cloudy here and there
    sheets = np.clip(1 - 3.2 * np.abs(lobule + 0.45 * slow + 0.25 * fine), 0, 1)
    share = 0.48 * sheets * np.clip(slow + 0.9, 0, 1.2)
    share += 0.32 * np.clip(slow - 0.2 * lobule + 0.15, 0, 1)
    share += 0.16 * np.clip(lobule + fine - 1, 0, 1)
    height = np.clip(min(z_mm - 140, 236 - z_mm) / 18, 0, 1)
    if height > 0:
        far = np.hypot(x[box] / 24, (y[box] - front - 22) / 20)
        share += 0.35 * height * np.clip(1.5 - 1.5 * far, 0, 1) * np.clip(lobule + slow, 0, 1)
    blend(image[box], np.clip(share, 0, 0.85), 34.0)
