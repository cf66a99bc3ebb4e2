"""The wall of the rich phantom's chest in one slice: skin, fat with septa, muscles in layers.

Directions as SIDE_DEG: 0 is the back, 180 the front.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d
from scipy.spatial import ConvexHull

from ai.phantom.anatomy import (
    ANGLES,
    BODY_BACK,
    BODY_FRONT,
    BODY_SIDE,
    PHI,
    SIDE_DEG,
    SPINE_Y,
    Curve,
    Image,
    bump,
    cage,
    outline,
)
from ai.phantom.bones import blend, cover
from ai.phantom.look import Look
from ai.phantom.muscles import ROUND, long_muscles, stack, strands
from ai.phantom.shoulder import Shoulder, draw_flesh
from ai.phantom.still import StillPlane, by_angle

FAT_HU, MUSCLE_HU, SKIN_HU, GLAND_HU = -107.0, 57.0, 22.0, 25.0
SKIN_MM, SMOOTH_DEG, SPANNED, PRESSED_MM = 2.1, 10.0, 0.8, 16.0
Textures = Mapping[str, NDArray[np.float32]]
HEIGHTS = (20.0, 90.0, 150.0, 200.0, 245.0, 285.0)


def body_mm(z_mm: float, look: Look) -> Curve:
    """Radius by direction of the skin, before the couch presses on it."""
    shoulder = 1 / (1 + np.exp(-(z_mm - 224) / 11))
    under = stack(z_mm, look)[-1][1] + SKIN_MM
    fat = look.fat_mm * _fat_share(z_mm, look)
    # skin spans the furrows between muscles
    over = np.maximum(under, _broad(z_mm))
    over = over + SPANNED * (_spanned(over) - over)
    over = gaussian_filter1d(over, _angles(SMOOTH_DEG), mode="wrap")
    breast = look.breast_mm * bump(SIDE_DEG, 140, 17) * bump(z_mm, 128, 38)
    breast = breast * (1 + 0.25 * np.sign(PHI) * np.sin(look.own * 1.7))
    # the hollow before the breastbone
    hollow = (1.0 + 0.12 * look.fat_mm) * bump(SIDE_DEG, 180, 8)
    over = over + fat + breast - hollow + 16 * shoulder * bump(SIDE_DEG, 92, 26)
    near = maximum_filter1d(under + 3.5, 8 * ANGLES // 360, mode="wrap")
    return gaussian_filter1d(np.maximum(over, near), _angles(3.0), mode="wrap")


def _angles(deg: float) -> float:
    return deg * ANGLES / 360


def _spanned(radius: Curve) -> Curve:
    """The outline that a band about a body would have: nowhere hollow."""
    some = np.arange(0, ANGLES, 24)
    ways = np.stack([np.sin(PHI), np.cos(PHI)])
    planes = ConvexHull((ways[:, some] * radius[some]).T).equations
    reach = -planes[:, 2:] / np.maximum(planes[:, :2] @ ways, 1e-6)
    return np.asarray(reach.min(axis=0), dtype=np.float64)


def _broad(z_mm: float) -> Curve:
    """An even trunk about the cage, which the muscles fill more or less."""
    side, front, back = (float(one(z_mm)) for one in (BODY_SIDE, BODY_FRONT, BODY_BACK))
    return outline(side - 14, front - 5, back - 7, 2.35)


def _fat_share(z_mm: float, look: Look) -> Curve:
    """How thick the fat is by direction, as a share: most over the flanks.

    It is thicker here and there, on either side elsewhere.
    """
    high = float(np.clip((z_mm - 190) / 50, 0, 1))
    even = 0.60 + (0.34 - 0.25 * high) * bump(SIDE_DEG, 92, 40) + 0.05 * bump(SIDE_DEG, 46, 20)
    rng = np.random.default_rng([look.own, 38])
    for many in (1, 2, 3, 5, 8):
        share, turn, rise = rng.normal(0, 0.17 / many), rng.uniform(0, 6.3), rng.normal(0, 0.02)
        even = even + share * np.cos(many * PHI + turn + rise * z_mm)
    return np.maximum(even, 0.12)


def draw_wall(
    image: Image,
    plane: StillPlane,
    textures: Textures,
    look: Look,
    over_couch: Image,
    edge_mm: float,
    shoulders: tuple[Shoulder, ...] = (),
) -> None:
    """Lay skin, fat and muscles over a slice; over_couch: height in mm above the couch."""
    z_mm = plane.middle_z
    own = body_mm(z_mm, look)
    inside = plane.inside(own)
    # the back gives way to the couch without an edge
    near = np.maximum(PRESSED_MM - np.abs(inside - over_couch), 0)
    body = np.minimum(inside, over_couch) - near * near / (4 * PRESSED_MM)
    _draw_cloth(image, plane, inside, body, textures, look)
    slow, lobule = textures["slow"], textures["lobule"]
    blend(image, cover(body, edge_mm), SKIN_HU)
    fine = textures["fine"]
    septa = np.clip(1 - 4.5 * np.abs(lobule + 0.9 * slow + 0.25 * fine), 0, 1)
    septa *= np.clip(1.1 * slow - 0.5, 0, 1)
    few: float | Image = 2.6
    if 180 < z_mm < 275:  # the armpits are full of vessels and nodes
        there = bump(SIDE_DEG, 104, 8) * float(bump(z_mm, 226, 24))
        few = few - by_angle(plane, 1.3 * there)
    dots = np.clip(fine + 0.9 * lobule - few, 0, 1)  # small vessels
    fat = FAT_HU + 5 * slow + 6 * lobule + 75 * septa + 130 * dots
    blend(image, cover(body - SKIN_MM - 0.25 * lobule, edge_mm), fat)
    if look.breast_mm > 8 and abs(z_mm - 128) < 60:
        _draw_glands(image, plane, body, textures, look)
    _draw_muscles(image, plane, body, textures, look, edge_mm)
    draw_flesh(image, shoulders, look, plane.middle_z, MUSCLE_HU, edge_mm)
    _draw_back(image, plane, textures, look, edge_mm)


def _draw_cloth(
    image: Image, plane: StillPlane, inside: Image, body: Image, textures: Textures, look: Look
) -> None:
    """A gown over the front and the flanks, and a sheet under the back, in folds."""
    z_mm, own = plane.middle_z, look.own * 0.7
    rough = 0.7 * textures["lobule"]
    layers = 1 + look.own % 3
    for n in range(layers + 1):
        first, second = 1.3 * n + own, 2.1 * n - own
        folds = 5 + 7 * n + (3 + 2 * n) * np.sin(3 * PHI + z_mm / 50 + first)
        folds += (2 + n) * np.sin(8 * PHI + z_mm / 23 + second)
        folds += (1.6 + 0.8 * n) * np.sin(17 * PHI - z_mm / 15 + first)
        folds += (0.7 + 0.5 * n) * np.sin(31 * PHI + z_mm / 11 + second)
        there = SIDE_DEG > 70 + 34 * n + 20 * np.sin(z_mm / 40 + first)
        away = np.abs(
            inside + by_angle(plane, np.where(there, np.maximum(folds, 1.2), -50.0)) + rough
        )
        blend(image, np.clip(1.15 - away, 0, 1), -830.0 + 25 * n)
    creases = np.sin(11 * PHI + z_mm / 37 + own) + np.sin(23 * PHI - z_mm / 29 + 2 * own)
    creases = 2.2 + 4.5 * np.clip(creases - 0.6, 0, 1.4)
    lifts = by_angle(plane, np.where(SIDE_DEG < 80, creases, -50.0))
    away = np.abs(body + lifts + 0.5 * textures["lobule"])
    blend(image, np.clip(1.2 - away, 0, 1), -760.0)


def _draw_glands(
    image: Image, plane: StillPlane, body: Image, textures: Textures, look: Look
) -> None:
    """Strands of gland in the fat of a breast."""
    there = bump(SIDE_DEG, 142, 11) * bump(plane.middle_z, 128, 26) * min(1, look.breast_mm / 24)
    deep = np.clip((body - 4) / 6, 0, 1)
    amount = 1.6 * by_angle(plane, there) * deep
    lobule, slow = textures["lobule"], textures["slow"]
    bent = lobule + 1.1 * slow + 0.35 * textures["fine"]
    strands = np.clip(0.85 - 2.2 * np.abs(bent), 0, 1) * np.clip(slow + 0.8, 0, 1)
    strands = np.clip(amount * (strands + np.clip(lobule + 1.3 * slow - 1.7, 0, 0.8)), 0, 0.85)
    blend(image, strands, GLAND_HU)


def _draw_muscles(
    image: Image,
    plane: StillPlane,
    body: Image,
    textures: Textures,
    look: Look,
    edge_mm: float,
) -> None:
    """All sheets at once: what is in none of them is fat."""
    z_mm = plane.middle_z
    sheets = stack(z_mm, look)
    ring = cage(z_mm)
    # no muscle lies farther out than the outermost one
    reach = plane.inside(sheets[-1][1] + 2)
    above = plane.radius - by_angle(plane, ring)
    near = np.flatnonzero(((above > -5) & (body > 1) & (reach > 0)).ravel())
    angle = plane.angle.ravel()[near]
    radius, above = plane.radius.ravel()[near], above.ravel()[near]
    lobule, slow, fine = (textures[n].ravel()[near] for n in ("lobule", "slow", "fine"))
    part = image.ravel()[near]
    frayed = 0.4 * lobule + 0.6 * slow + 0.3 * fine
    bent = radius + frayed
    # between sheets that lie close there is little fat, and in places none
    hull = gaussian_filter1d(sheets[-1][1], _angles(3.0), mode="wrap").astype(np.float32)[angle]
    depth = np.full(radius.shape, -9.0, dtype=np.float32)
    for n, (inner, outer) in enumerate(sheets[:-1]):
        here = outer > inner
        if not here.any() or n in ROUND:
            continue
        low, high = inner.astype(np.float32)[angle], outer.astype(np.float32)[angle]
        np.maximum(depth, np.minimum(bent - low, high - bent), out=depth)
    along = strands(look.own, z_mm, above, angle)
    fat = np.clip(along + 0.5 * lobule + 0.4 * fine + 0.4 * slow - 1.05, 0, 1.1)
    meat = MUSCLE_HU + 5 * fine + 4 * slow - 115 * look.marbled * fat
    # the muscles between the ribs
    between = 4.6 - np.abs(above + 0.2 + 0.3 * frayed)
    layers = np.clip(1.2 - np.abs(above - 1.2 + 0.8 * lobule) / 0.8, 0, 1) * np.clip(
        0.6 - slow, 0, 1
    )
    blend(part, cover(between, edge_mm), meat - 12 - 22 * np.clip(slow, 0, 1) - 80 * layers)
    filled = cover(np.minimum(hull - bent, above - 3.5), edge_mm)
    filled *= np.clip(0.8 + 0.3 * slow + 0.2 * lobule, 0, 1) * np.clip(3.5 + depth, 0, 1)
    blend(part, np.maximum(cover(depth, edge_mm), filled), meat)
    image.ravel()[near] = part


def _draw_back(
    image: Image, plane: StillPlane, textures: Textures, look: Look, edge_mm: float
) -> None:
    """The long muscles beside the spine: strands with fat between and in them, deep ones most."""
    z_mm = plane.middle_z
    y0 = float(SPINE_Y(z_mm))
    rows = slice(int(np.searchsorted(plane.y[:, plane.y.shape[1] // 2], y0 + 16)), None)
    columns = slice(*np.searchsorted(plane.x[plane.x.shape[0] // 2], (-84, 84)))
    box = (rows, columns)
    x, y = plane.x[box], plane.y[box] - y0
    lobule, slow, fine = (textures[n][box] for n in ("lobule", "slow", "fine"))
    part = image[box]
    ax = np.abs(x + 1.2 * slow)
    curve = long_muscles(z_mm).astype(np.float32)[plane.angle[box]]
    inside = np.minimum(curve - plane.radius[box], y - 20 - 0.10 * ax) + 0.7 * lobule + 0.4 * fine
    deep = np.clip((38 - y) / 14 + (22 - ax) / 30, 0, 1.4)
    fat = np.clip(fine + 0.9 * lobule - 1.4 + 0.42 * (deep + 0.8) * look.marbled, 0, 1.0)
    for at, slope in ((10.0, 0.30), (25.0, 0.12), (37.0, -0.1)):
        apart = np.abs(ax - at - slope * (y - 30) + 2.6 * lobule + 1.6 * slow)
        amount = np.clip(0.2 + 0.6 * slow + 0.5 * lobule + 0.3 * fine, 0, 0.8) * look.marbled
        fat = np.maximum(fat, np.clip(1.4 - apart, 0, 1) * amount)
    blend(
        part, cover(inside, edge_mm), MUSCLE_HU - 2 + 5 * slow + 4 * fine - 115 * np.clip(fat, 0, 1)
    )
