"""The rich phantom's great vessels and gullet: none quite round, each with its own contrast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import CubicSpline

from ai.phantom.look import Look
from ai.phantom.organs import AIR_HU, TRACHEA
from ai.phantom.tubes import Tube, chain

FAT_HU = -96.0
Path = Sequence[tuple[float, float, float, float]]
ROOT: Path = [(6, -20, 136, 13.5), (-10, -27, 158, 15), (-13, -25, 184, 14.5)]
TRUNK: Path = [(22, -38, 150, 14), (20, -30, 160, 14), (17, -20, 167, 12.5)]
RIGHT_ARTERY: Path = [
    (17, -20, 165, 11.5), (4, -6, 162, 11), (-20, 2, 158, 10.5), (-41, 9, 153, 8.5)
]  # fmt: skip
LEFT_ARTERY: Path = [
    (19, -24, 168, 12), (28, -6, 178, 11), (40, 13, 177, 10), (47, 29, 154, 8)
]  # fmt: skip
UPPER_VEIN: Path = [
    (-24, -20, 224, 8),
    (-31, -14, 190, 9.2),
    (-31, -11, 164, 9.5),
    (-27, -14, 144, 10.5),
]
RIGHT_VEIN: Path = [
    (-24, -20, 224, 7.5),
    (-27, -16, 240, 7),
    (-36, -10, 258, 6.5),
    (-52, -8, 282, 6),
]
LEFT_VEIN: Path = [
    (-22, -20, 222, 7), (-2, -35, 230, 6.5), (18, -31, 240, 6.5), (31, -18, 258, 6.5),
    (48, -10, 284, 6),
]  # fmt: skip
HEAD: Path = [(-2, -16, 208, 6.3), (-9, -9, 230, 6.2), (-17, -3, 250, 5.6)]
RIGHT_NECK: Path = [(-17, -3, 250, 5), (-20, -2, 280, 4.6), (-23, -2, 312, 4.4)]
RIGHT_ARM: Path = [(-17, -3, 250, 5), (-34, 0, 268, 4.5), (-58, 4, 282, 4)]
LEFT_NECK: Path = [(9, -8, 210, 4.4), (12, -3, 240, 4.1), (20, -1, 312, 3.9)]
LEFT_ARM: Path = [(20, 10, 210, 5), (20, 12, 240, 4.7), (30, 8, 268, 4.4), (54, 6, 284, 4.2)]
AORTA: Path = [
    (6, -20, 136, 15), (-12, -27, 160, 16), (-14, -24, 188, 15), (-5, -15, 202, 14),
    (11, -5, 208, 13), (21, 9, 207, 12.5), (25, 25, 197, 12), (22.5, 37, 178, 11.8),
    (21, 38, 140, 11.4), (18, 35, 100, 11), (12, 29, 60, 10.5), (7, 26, 30, 10), (4, 23, -15, 9.6),
]  # fmt: skip
"""The great artery lies before and left of the spine, on which it rests."""
GULLET: Path = [
    (5, 22, 312, 6.5), (6, 25, 215, 6.5), (6, 30, 150, 6.6), (10, 20, 90, 7.0), (24, 6, 56, 8)
]  # fmt: skip
LOWER_VEIN: Path = [(-25, -4, 95, 10.5), (-26, 8, 70, 11.5), (-22, 16, -15, 11)]
AZYGOS: Path = [
    (-8, 34, -15, 2.4), (-7, 34, 90, 3.0), (-8, 37, 140, 3.2), (-9, 36, 168, 3.4),
    (-13, 28, 182, 3.8),
]  # fmt: skip
ARCH: Path = [(-13, 28, 182, 3.8), (-22, 14, 187, 4.0), (-26, -6, 183, 4.4)]
LESSER: Path = [(13, 47, 20, 1.4), (15, 45, 90, 1.9), (14, 42, 132, 2.0), (3, 36, 140, 1.7)]


def strayed(path: Path, rng: np.random.Generator, far_mm: float = 2.2) -> Path:
    """A body's own course near a path; both ends stay, so that what meets still meets."""
    made = [(float(x), float(y), float(z), float(r)) for x, y, z, r in path]
    for n in range(1, len(made) - 1):
        dx, dy, dz = rng.normal(0, far_mm, 3).tolist()
        x, y, z, r = made[n]
        made[n] = (x + dx, y + dy, z + dz, r * float(np.clip(rng.normal(1, 0.06), 0.86, 1.12)))
    return made


def along(path: Path, hu: float, margin_mm: float = 0.0, pieces: int = 3) -> tuple[Tube, ...]:
    """Tubes along a smooth curve through points (x, y, z, radius in mm)."""
    points = np.array(path, dtype=np.float64)
    at = np.arange(len(points))
    curve = CubicSpline(at, points)(np.linspace(0, at[-1], pieces * int(at[-1]) + 1))
    curve[:, 3] += margin_mm
    return chain([(float(x), float(y), float(z), float(r)) for x, y, z, r in curve], hu)


GREAT = tuple(
    tube
    for path in (
        TRUNK, RIGHT_ARTERY, LEFT_ARTERY, UPPER_VEIN, RIGHT_VEIN, LEFT_VEIN, HEAD, RIGHT_NECK,
        RIGHT_ARM, LEFT_NECK, LEFT_ARM, LOWER_VEIN, AZYGOS, ARCH, AORTA,
    )
    for tube in along(path, 0.0)
)  # fmt: skip
"""All of them, as the lungs lie about them."""
LUNG_TUBES = 24
"""So many of them, the first, are the trunk of the lung arteries and its two branches."""


@dataclass(frozen=True)
class Blood:
    """HU of blood by where it is: contrast given into an arm reaches each place at its own time.

    upper, right_vein, left_vein: the upper great vein and the two that make it. late: what comes
    back from below. mixing: how far right-sided blood strays from its own.
    """

    left: float
    right: float
    upper: float
    right_vein: float
    left_vein: float
    late: float
    mixing: float


def blood(look: Look, seed: int) -> Blood:
    rng = np.random.default_rng([seed, 32])
    contrast = look.blood_hu - 45
    right, full, other, late = rng.uniform((0.45, 1.1, 0.15, 0.08), (1.25, 3.2, 0.5, 0.3))
    arms = (1.2 * full, other) if rng.uniform() < 0.5 else (other, 1.2 * full)
    mixing = float(rng.uniform(0.05, 0.45)) * contrast
    return Blood(
        left=look.blood_hu,
        right=float(45 + right * contrast),
        upper=float(45 + full * contrast),
        right_vein=float(45 + arms[0] * contrast),
        left_vein=float(45 + arms[1] * contrast),
        late=float(45 + late * contrast),
        mixing=mixing,
    )


def flat(tubes: Sequence[Tube], way: tuple[float, float], by_mm: float) -> list[Tube]:
    """Tubes side by side, up to by_mm each way along x and y, which make a flattened one."""
    made = []
    for share in np.linspace(-1, 1, max(2, round(by_mm / 0.75))).tolist():
        made += [_moved(t, share * by_mm * way[0], share * by_mm * way[1]) for t in tubes]
    return made


def _moved(tube: Tube, dx: float, dy: float) -> Tube:
    (ax, ay, az), (bx, by, bz) = tube.start, tube.end
    return replace(tube, start=(ax + dx, ay + dy, az), end=(bx + dx, by + dy, bz))


def _of(tubes: Sequence[Tube], margin_mm: float, hu: float) -> list[Tube]:
    return [t.widened(margin_mm, hu) for t in tubes]


def _coated(tubes: Sequence[Tube], *coats: tuple[float, float]) -> list[Tube]:
    """Coats, each of a thickness in mm and HU, and then the tubes."""
    return [*(t for mm, hu in coats for t in _of(tubes, mm, hu)), *tubes]


def great_vessels(look: Look, seed: int) -> list[Tube]:
    """Veins, lung arteries, aorta and its branches, in painting order."""
    rng = np.random.default_rng([seed, 33])
    own = blood(look, seed)
    turn = rng.uniform(0, np.pi)
    way = (float(np.cos(turn)), float(np.sin(turn)))
    far = np.random.default_rng([seed, 44])
    made = flat(along(LOWER_VEIN, own.late, -1.0), (1, 0.3), 3.0)
    for path in (AZYGOS, ARCH, LESSER):
        made += along(path, own.late, rng.uniform(-0.7, 0.4))
    made += flat(along(LEFT_VEIN, own.left_vein, -1.6), (0.5, 0.8), 2.2)
    made += flat(along(RIGHT_VEIN, own.right_vein, -1.6), (0.5, 0.8), 2.2)
    made += flat(along(UPPER_VEIN, own.upper, -2.6), way, rng.uniform(1.5, 3.8))
    big = rng.uniform(-0.5, 1.6)
    made += _coated((*along(strayed(RIGHT_ARTERY, far), own.right, big),
                     *along(strayed(LEFT_ARTERY, far), own.right, big)),
                    (1.2, FAT_HU), (0.5, 40.0))  # fmt: skip
    made += along(TRUNK, own.right, big)
    thin = rng.uniform(-1.3, 0.1)
    for path in (HEAD, RIGHT_NECK, RIGHT_ARM, LEFT_NECK, LEFT_ARM):
        made += _coated(along(strayed(path, far, 1.8), own.left, thin), (0.7, 45.0))
    wide = rng.uniform(-0.6, 2.2)
    root = strayed(ROOT, far)
    bow = [*root[-1:], *strayed(AORTA[2:], far)[1:]]
    first = flat(along(root, own.left, wide - 0.6), (0.4, 0.9), 1.2)
    rest = along(bow, own.left, 0.5 * wide - 0.4)
    # over the heart a little fat parts it from the vein beside it
    apart = [t for t in first if min(t.start[2], t.end[2]) > 150]
    apart += [t for t in rest if t.start[0] < -3 and t.start[2] > 180]
    made += [*_of(apart, 1.8, FAT_HU), *_of(first, 0.8, 70.0), *_of(rest, 0.9, 52.0), *first, *rest]
    return made + _lime(rest, rng)


def dense_veins(look: Look, seed: int) -> list[Tube]:
    """The veins that the contrast comes by, as dense as it is in them."""
    own = blood(look, seed)
    both = (*along(RIGHT_VEIN, own.right_vein), *along(LEFT_VEIN, own.left_vein))
    return [*along(UPPER_VEIN, own.upper), *both]


def _lime(aorta: Sequence[Tube], rng: np.random.Generator) -> list[Tube]:
    """Lime in the aorta's wall here and there, in older chests."""
    made: list[Tube] = []
    for _ in range(int(rng.integers(0, 7))):
        tube = aorta[int(rng.integers(len(aorta)))]
        share, turn = rng.uniform(0, 1), rng.uniform(0, 2 * np.pi)
        a, b = np.array(tube.start), np.array(tube.end)
        radius = tube.start_mm + share * (tube.end_mm - tube.start_mm)
        across = np.cross(b - a, (0.3, 0.9, 0.2))
        across /= np.linalg.norm(across)
        other = np.cross(across, (b - a) / np.linalg.norm(b - a))
        path: list[tuple[float, float, float, float]] = []
        for step in (0.0, 0.16, 0.32):
            place = a + share * (b - a)
            place = place + radius * (np.cos(turn + step) * across + np.sin(turn + step) * other)
            x, y, z = place.tolist()
            path.append((x, y, z, float(rng.uniform(0.6, 1.1))))
        made += chain(path, float(rng.uniform(500, 900)))
    return made


def gullet(seed: int) -> list[Tube]:
    """The gullet, mostly collapsed: a flat band with a slit, with a little gas now and then."""
    rng = np.random.default_rng([seed, 34])
    way = (0.95, float(rng.uniform(-0.45, 0.2)))
    made = [*flat(along(GULLET, 44.0, -2.0), way, 5.0), *flat(along(GULLET, 20.0, -5.6), way, 2.4)]
    course = along(GULLET, 0.0)
    for z in rng.uniform(60, 290, 5):
        middle = min(course, key=lambda t: abs((t.start[2] + t.end[2]) / 2 - z))
        share = float(np.clip((z - middle.start[2]) / (middle.end[2] - middle.start[2]), 0, 1))
        x, y = (middle.start[n] + share * (middle.end[n] - middle.start[n]) for n in (0, 1))
        r, long = float(rng.uniform(0.9, 2.6)), float(rng.uniform(4, 14))
        x, y = x + float(rng.normal(0, 1.5)), y - 1.0
        made.append(Tube((x - 1.5, y, z - long), (x + 1.5, y, z + long), r, 0.6 * r, -700.0))
    return made


def windpipe(seed: int) -> tuple[Tube, ...]:
    """The windpipe's hollow: oval, its back wall soft and flat."""
    rng = np.random.default_rng([seed, 35])
    wide, turn = rng.uniform(0.6, 2.2), rng.uniform(-1.2, 1.2)
    way = (float(np.cos(turn)), float(np.sin(turn)))
    return tuple(flat([t.widened(-0.8 * wide, AIR_HU) for t in TRACHEA], way, wide))
