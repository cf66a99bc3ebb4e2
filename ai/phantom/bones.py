"""The phantom's skeleton in one axial slice: ribs, spine, breastbone, shoulder blades."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ai.phantom.anatomy import CAGE_FRONT, PHI, SIDE_DEG, SPINE_Y, Curve, Image, Plane, bump, cage
from ai.phantom.tubes import Tube, chain

CORTEX_HU, MARROW_HU, CARTILAGE_HU, DISC_HU = 720.0, 230.0, 115.0, 88.0
RIBS = 12
LEVEL_MM = 22.5
"""Height of one vertebra with its disc."""
FIRST_RIB_Z = 283.0


def _hollow(
    points: Sequence[tuple[float, float, float, float]], wall_mm: float
) -> tuple[Tube, ...]:
    """A long bone: dense outside, marrow inside."""
    outer = chain(points, CORTEX_HU)
    return (*outer, *(t.widened(-wall_mm, MARROW_HU) for t in outer))


LONG_BONES: tuple[Tube, ...] = tuple(
    tube
    for side in (-1, 1)
    for bone in (
        [(17, -55, 247, 7), (48, -62, 262, 6), (92, -44, 278, 6), (128, -10, 292, 6.5)],
        [(128, 14, 283, 21), (131, 12, 292, 21), (138, 6, 330, 13)],
    )
    for tube in _hollow([(side * x, y, z, r) for x, y, z, r in bone], 1.8)
)
"""Collar bones, and the heads of the arms raised beside the head."""


def rib_heights(steep: float = 1.0, bend: float = 0.85) -> Curve:
    """Height in mm of each rib's middle by direction (ribs x angles); nan where there is none.

    bend: how level they begin behind.
    """
    turn = (1 - np.cos(PHI)) / 2
    heights = np.full((RIBS, PHI.size), np.nan)
    for rib in range(RIBS):
        drop = steep * (42 + 9.0 * min(rib, 6))
        ends = 178.0 if rib < 7 else (150.0 if rib < 10 else 88.0)
        there = (SIDE_DEG > 21) & (ends > SIDE_DEG)
        own = FIRST_RIB_Z - LEVEL_MM * rib - drop * turn**bend
        heights[rib] = np.where(there, own, np.nan)
    return heights


_RIB_Z = rib_heights()
_RIB_SLOPE = np.gradient(np.nan_to_num(_RIB_Z[5], nan=0.0), PHI[1] - PHI[0])


def blend(image: Image, share: Image | float, hu: Image | float) -> None:
    """Lay HU over an image, as much as its share (0 to 1)."""
    image += share * (hu - image)


def cover(depth_mm: Image, edge_mm: float | Image) -> Image:
    """Share of each pixel that lies inside a shape, from its depth under the surface."""
    return np.clip(depth_mm / edge_mm + 0.5, 0, 1)


def draw_ribs(
    image: Image,
    plane: Plane,
    z_mm: float,
    edge_mm: float,
    *,
    marrow_hu: float = MARROW_HU,
    heights: Curve = _RIB_Z,
    ends: Curve | None = None,
    thick: float = 1.0,
) -> None:
    """Ribs, with cartilage towards the breastbone. They slope, so a slice cuts them obliquely.

    ends: how full ribs are by direction, 0 to 1. thick: as a share of the usual.
    """
    middle = cage(z_mm)
    with np.errstate(invalid="ignore"):
        gap = np.nanmin(np.abs(np.nan_to_num(heights, nan=1e4) - z_mm), axis=0)
    steep = np.abs(np.gradient(np.cos(PHI), PHI[1] - PHI[0])) * 45 / 110
    gap = gap / np.sqrt(1 + steep**2)
    front = 146 + 12 * np.clip((z_mm - 150) / 100, -1, 1) < SIDE_DEG
    flat = plane.angle.ravel()
    offset = (plane.radius - middle.astype(np.float32)[plane.angle]).ravel()
    near = np.flatnonzero((np.abs(offset) < 7) & (gap.astype(np.float32)[flat] < 9))
    if near.size == 0:
        return
    angle, s, v = flat[near], offset[near], gap.astype(np.float32)[flat[near]]
    full: Image | float = 1.0 if ends is None else ends.astype(np.float32)[angle]
    part = image.ravel()[near]
    for half_tall, half_thick, hu, gristle_hu in (
        (6.6, 3.9, CORTEX_HU, CARTILAGE_HU),
        (5.2, 2.5, marrow_hu, CARTILAGE_HU),
    ):
        inside = (full - np.hypot(v / half_tall, s / (thick * half_thick))) * half_thick
        blend(part, cover(inside, edge_mm), np.where(front[angle], gristle_hu, hu))
    image.ravel()[near] = part


def draw_shoulder_blades(image: Image, plane: Plane, z_mm: float, edge_mm: float) -> None:
    """A thin plate behind each side of the cage, wider towards the shoulder."""
    if not 122 < z_mm < 290:
        return
    wide = 30 * np.clip((z_mm - 120) / 110, 0, 1)
    apart = np.abs(SIDE_DEG - (50 + 8 * np.clip((z_mm - 120) / 110, 0, 1)))
    lift = 15 + 5 * bump(SIDE_DEG, 50, 16) + 6 * np.clip((z_mm - 180) / 80, 0, 1)
    thick = 1.9 + 2.4 * bump(SIDE_DEG, 50 + 8 + wide, 6) + 1.6 * bump(SIDE_DEG, 58 - wide, 5)
    radial = (cage(z_mm) + lift).astype(np.float32)[plane.angle] - plane.radius
    sideways = ((wide - apart) * np.pi / 180 * 105).astype(np.float32)[plane.angle]
    plate = thick.astype(np.float32)[plane.angle] - np.abs(radial)
    inside = np.minimum(plate, sideways)
    blend(image, cover(inside, edge_mm), CORTEX_HU - 120)
    blend(image, cover(inside - 1.6, edge_mm), MARROW_HU)


def draw_breastbone(image: Image, plane: Plane, z_mm: float, edge_mm: float) -> None:
    """Manubrium and body of the breastbone, on the cage's front."""
    if not 84 < z_mm < 252:
        return
    half = float(np.interp(z_mm, (84, 100, 150, 200, 212, 240, 252), (5, 13, 17, 14, 20, 26, 20)))
    y = -float(CAGE_FRONT(z_mm)) - 1.5
    bow = 0.004 * plane.x * plane.x
    inside = np.minimum(half - np.abs(plane.x), 5.8 - np.abs(plane.y - y - bow))
    inside = np.minimum(inside, min(z_mm - 84, 252 - z_mm))
    blend(image, cover(inside, edge_mm), CORTEX_HU - 220)
    blend(image, cover(inside - 1.5, edge_mm), MARROW_HU - 60)


def draw_spine(image: Image, plane: Plane, z_mm: float, edge_mm: float) -> None:
    """Vertebral body or disc, canal with cord, arch with its processes, rib heads."""
    y0 = float(SPINE_Y(z_mm))
    rows = np.flatnonzero(np.abs(plane.y[:, plane.y.shape[1] // 2] - y0 - 22) < 52)
    columns = np.flatnonzero(np.abs(plane.x[plane.x.shape[0] // 2]) < 50)
    if rows.size == 0:
        return
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    x = plane.x[box] if len(plane.x) > 1 else plane.x[:, box[1]]
    y = (plane.y[box] if plane.y.shape[1] > 1 else plane.y[box[0]]) - y0
    part = image[box]
    phase = ((FIRST_RIB_Z - 6 - z_mm) / LEVEL_MM) % 1.0
    to_disc = abs(phase - 0.5) * LEVEL_MM
    waist = 1.2 * np.cos(2 * np.pi * phase)
    body = (1 - np.hypot(x / (17.5 - waist), (y + 0.002 * x * x) / 13.5)) * 14
    if to_disc < 2.6:
        blend(part, cover(body, edge_mm), DISC_HU)
    else:
        plate = CORTEX_HU - 300 if to_disc < 4.2 else MARROW_HU - 40
        blend(part, cover(body, edge_mm), CORTEX_HU - 180)
        blend(part, cover(body - 1.4, edge_mm), plate)
    canal = 8.5 - np.hypot(x, y - 22)
    open_arch = 0.25 < phase < 0.72  # between two arches the nerves leave
    arch = np.minimum(canal + 4.2, y - (24 if open_arch else 10))
    spinous = np.minimum(2.6 - np.abs(x), np.minimum(y - 31, 48 - 9 * abs(phase - 0.5) - y))
    wings = np.minimum(36 - np.abs(x), 4.6 - np.abs(y - 21 - 0.28 * (np.abs(x) - 12)))
    wings = np.minimum(wings, (0.23 - min(phase, 1 - phase)) * LEVEL_MM)
    heads = np.minimum(4.3 - np.abs(y - 7 - 0.95 * (np.abs(x) - 19)), 34 - np.abs(x))
    heads = np.minimum(np.minimum(heads, np.abs(x) - 17), (0.2 - abs(phase - 0.5)) * 20)
    bones = np.maximum(np.maximum(arch, spinous), np.maximum(wings, heads))
    blend(part, cover(bones, edge_mm), CORTEX_HU - 150)
    blend(part, cover(bones - 1.7, edge_mm), MARROW_HU + 60)
    blend(part, cover(canal, edge_mm), 15)
    blend(part, cover(5 - np.hypot(x / 1.3, y - 21), edge_mm), 40)
