"""The rich phantom's vertebrae in one slice: body, pedicles, arch, processes and heads of ribs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ai.phantom.anatomy import SPINE_Y, Image
from ai.phantom.bones import DISC_HU, FIRST_RIB_Z, LEVEL_MM, blend, cover
from ai.phantom.still import StillPlane

SHELL_HU, PLATE_HU, SPONGE_HU, ARCH_HU = 430.0, 330.0, 158.0, 520.0
Textures = Mapping[str, NDArray[np.float32]]


def draw_vertebra(image: Image, plane: StillPlane, textures: Textures, edge_mm: float) -> None:
    """Vertebral body or disc, canal with cord, arch with its processes, rib heads."""
    z_mm = plane.middle_z
    y0 = float(SPINE_Y(z_mm))
    rows = np.flatnonzero(np.abs(plane.y[:, plane.y.shape[1] // 2] - y0 - 22) < 52)
    columns = np.flatnonzero(np.abs(plane.x[plane.x.shape[0] // 2]) < 52)
    if rows.size == 0:
        return
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    lobule, fine = textures["lobule"][box], textures["fine"][box]
    x = plane.x[box] + 0.7 * lobule
    y = plane.y[box] - y0 + 0.7 * textures["slow"][box]
    part = image[box]
    place = (FIRST_RIB_Z - 6 - z_mm) / LEVEL_MM
    level, phase = int(np.floor(place)), float(place % 1.0)
    size = 0.98 + 0.018 * min(max(level, 0), 11)
    x, y = x / size, y / size
    sponge = SPONGE_HU + 16 * fine + 4 * lobule
    _draw_body(part, x, y, phase, sponge, edge_mm)
    bones = _arch(x, y, phase, level)
    blend(part, cover(bones * size, edge_mm), ARCH_HU)
    blend(part, cover((bones - 1.5) * size, edge_mm), sponge + 90)
    canal = 8.6 - np.hypot(x, (y - 21.5) * 1.08)
    blend(part, cover(canal, edge_mm), -30)
    blend(part, cover(canal - 1.4, edge_mm), 22)
    blend(part, cover(4.4 - np.hypot(x / 1.25, y - 21), edge_mm), 42)


def _draw_body(
    part: Image, x: Image, y: Image, phase: float, sponge: Image, edge_mm: float
) -> None:
    """Heart-shaped, hollow behind, waisted between its plates."""
    to_disc = abs(phase - 0.5) * LEVEL_MM
    waist = 1.6 * np.cos(2 * np.pi * phase)
    wide = 17.2 - waist - 0.16 * np.clip(-y, 0, 14)
    body = (1 - ((np.abs(x) / wide) ** 2.5 + (np.abs(y) / 13.6) ** 2.5) ** 0.4) * 13
    body = np.minimum(body, np.hypot(x, y - 24.5) - 11.6)
    if to_disc < 2.0:
        blend(part, cover(body, edge_mm), DISC_HU - 4)
        return
    shell = 1.0 + 0.25 * np.cos(3 * x)
    blend(part, cover(body, edge_mm), SHELL_HU)
    # near the disc the slice grazes the plate: dense in rings
    plate = float(np.clip((3.8 - to_disc) / 1.6, 0, 1))
    ring = np.clip(1.3 - np.abs(body - 4.5) / 4.5, 0.25, 1)
    blend(part, cover(body - shell, edge_mm), sponge + plate * ring * (PLATE_HU - SPONGE_HU))
    if min(phase, 1 - phase) < 0.16:  # the vein that leaves the body behind
        vein = np.minimum(2.2 - np.abs(x) + 0.16 * (y - 6), y - 3)
        blend(part, cover(np.minimum(vein, body - 0.6), edge_mm), 70)


def _arch(x: Image, y: Image, phase: float, level: int) -> Image:
    """Depth in mm under the surface of everything behind the body; phase grows downwards."""
    lean = 0.05 * np.sin(level * 2.4)  # the two sides are cut at slightly different heights
    made = np.full(x.shape, -9.0, dtype=np.float32)
    for side in (-1, 1):
        own, sx = (phase + side * lean) % 1.0, side * x
        pedicle = _there(own, 0.54, 0.98)
        made = np.maximum(made, rod(sx, y, (12.0, 8), (13.0, 20), 4.8) - 6 * (1 - pedicle))
        wing = _there(own, 0.62, 1.16)
        bar = rod(sx, y, (13, 22), (31, 31 + 3 * lean), 4.0, 5.2)
        made = np.maximum(made, bar - 7 * (1 - wing))
        lamina = _there(own, 0.56, 1.52)
        made = np.maximum(made, rod(sx, y, (13, 23), (2, 34), 3.8) - 5 * (1 - lamina))
        # joints between neighbouring arches stand behind the openings of the nerves
        joint = _there(own, 0.20, 0.66)
        facet = np.maximum(
            rod(sx, y, (12, 24.0), (16.5, 26.5), 3.2), rod(sx, y, (9, 30), (15, 30.5), 2.9)
        )
        made = np.maximum(made, facet - 6 * (1 - joint))
        head = _there(own, 0.36, 0.66)
        made = np.maximum(made, rod(sx, y, (19.5, 9), (27, 15), 4.6, 3.6) - 7 * (1 - head))
        neck = _there(own, 0.48, 0.86)
        made = np.maximum(made, rod(sx, y, (24, 12), (33, 28), 3.3, 4.2) - 6 * (1 - neck))
    # the spinous process slopes down: its root here, the tip of the one above farther back
    root = _there(phase, 0.74, 1.50)
    made = np.maximum(made, rod(x, y, (0, 34), (0, 43), 2.9, 2.2) - 6 * (1 - root))
    down = (phase + 0.12) % 1.0
    tip = rod(x, y, (0, 40 + 8 * down), (0, 45 + 8 * down), 2.6, 3.2)
    return np.maximum(made, tip - 5 * (1 - _there(phase, 0.20, 0.80)))


def _there(phase: float, low: float, high: float) -> float:
    """1 well between two phases (which may run over 1), 0 beyond, with short slopes."""
    best = 0.0
    for turn in (phase, phase + 1):
        best = max(best, min(turn - low, high - turn) / 0.10)
    return float(np.clip(best, 0, 1))


def rod(
    x: Image, y: Image, a: tuple[float, float], b: tuple[float, float], ra: float,
    rb: float | None = None,
) -> Image:  # fmt: skip
    """Depth under the surface of a rod with round ends in the plane of the slice."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    t = np.clip(((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy), 0, 1)
    wide = ra + t * ((ra if rb is None else rb) - ra)
    return wide - np.hypot(x - a[0] - t * dx, y - a[1] - t * dy)
