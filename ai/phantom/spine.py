"""The rich phantom's vertebrae in one slice: body, pedicles, arch, processes and heads of ribs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from ai.phantom.anatomy import SPINE_Y, Image
from ai.phantom.bones import DISC_HU, FIRST_RIB_Z, LEVEL_MM, blend, cover
from ai.phantom.look import Look
from ai.phantom.still import StillPlane

SHELL_HU, PLATE_HU, SPONGE_HU, ARCH_HU = 500.0, 400.0, 112.0, 560.0
SPUR_HU = 520.0
BEAM_MM, NET_MM = 1.25, (60.0, 60.0)
Textures = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Level:
    """How one vertebra differs: turn in radians, lean of its two sides (phase), size, shift of its
    phase, and how far spurs and joints have grown (0 to 1, right and left)."""

    turn: float
    lean: float
    size: float
    late: float
    spur: tuple[float, float]
    joint: tuple[float, float]


@lru_cache(maxsize=3)
def levels(own: int, aged: float) -> tuple[Level, ...]:
    """The vertebrae of a body, from the head down."""
    rng = np.random.default_rng([own, 34])
    turn = np.cumsum(rng.normal(0, 0.02, 16)) + rng.normal(0, 0.02)
    made = []
    for n in range(16):
        spur, joint = (rng.uniform(0, 1, 2) ** 2 * aged for _ in range(2))
        made.append(
            Level(
                turn=float(turn[n]),
                lean=float(rng.normal(0, 0.09)),
                size=float(rng.normal(1, 0.02)) * (0.99 + 0.014 * min(n, 11)),
                late=float(rng.normal(0, 0.035)),
                spur=(float(spur[0]), float(spur[1])),
                joint=(float(joint[0]), float(joint[1])),
            )
        )
    return tuple(made)


@lru_cache(maxsize=2)
def _beams(own: int) -> NDArray[np.float32]:
    """The net of beams in the spongy bone of a body (z, y, x), BEAM_MM apart, mean 0, spread 1."""
    rng = np.random.default_rng([own, 40])
    shape = tuple(int(mm / BEAM_MM) for mm in (340, *NET_MM))
    made = gaussian_filter(rng.standard_normal(shape, dtype=np.float32), (1.1, 0.4, 0.4))
    return np.asarray(made / made.std(), dtype=np.float32)


def _net(own: int, x: Image, y: Image, z_mm: float) -> Image:
    """The beams at places beside the middle of the spine."""
    beams = _beams(own)
    sheet = beams[int(np.clip((z_mm + 20) / BEAM_MM, 0, len(beams) - 1))]
    at = [(a + mm / 2) / BEAM_MM for a, mm in ((y, NET_MM[0]), (x, NET_MM[1]))]
    return map_coordinates(sheet, at, order=1, mode="wrap", output=np.float32)


def draw_vertebra(
    image: Image, plane: StillPlane, textures: Textures, look: Look, edge_mm: float
) -> None:
    """Vertebral body or disc, canal with cord, arch with its processes, rib heads."""
    z_mm = plane.middle_z
    y0 = float(SPINE_Y(z_mm))
    rows = np.flatnonzero(np.abs(plane.y[:, plane.y.shape[1] // 2] - y0 - 22) < 52)
    columns = np.flatnonzero(np.abs(plane.x[plane.x.shape[0] // 2]) < 56)
    if rows.size == 0:
        return
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    lobule, slow, fine = (textures[n][box] for n in ("lobule", "slow", "fine"))
    part = image[box]
    place = (FIRST_RIB_Z - 6 - z_mm) / LEVEL_MM
    level, phase = int(np.floor(place)), float(place % 1.0)
    own = levels(look.own, look.aged)[min(max(level, 0), 15)]
    phase = (phase + own.late) % 1.0
    x = (plane.x[box] + 0.6 * lobule) / own.size
    y = (plane.y[box] - y0 + 0.6 * slow + 0.3 * lobule) / own.size
    x, y = x - own.turn * (y - 15), y + own.turn * x
    # beams of the spongy bone: a net of bright and dark, coarser where it is thin
    net = 30 * fine + 10 * slow + (34 + 50 * look.aged) * _net(look.own, x, y, z_mm)
    sponge = SPONGE_HU - 40 * look.aged + net
    _draw_body(part, x, y, phase, sponge, lobule, own, edge_mm)
    bones = _arch(x, y, phase, own) + 0.9 + 0.7 * lobule + 0.35 * fine
    rind = 1.75 + 0.4 * lobule + 0.3 * fine
    blend(part, cover(bones * own.size, edge_mm), ARCH_HU + 60 * slow)
    blend(part, cover((bones - np.maximum(rind, 0.6)) * own.size, edge_mm), sponge + 110)
    canal = 8.4 - np.hypot(x * 0.97, (y - 21.5) * 1.08)
    blend(part, cover(canal, edge_mm), -40)
    blend(part, cover(canal - 1.2 - 0.4 * lobule, edge_mm), 20)
    blend(part, cover(4.4 - np.hypot(x / 1.25, y - 21), edge_mm), 40)


def _draw_body(
    part: Image, x: Image, y: Image, phase: float, sponge: Image, lobule: Image, own: Level,
    edge_mm: float,
) -> None:  # fmt: skip
    """Heart-shaped, hollow behind, waisted between its plates, spurred at them by age."""
    to_disc = abs(phase - 0.5) * LEVEL_MM
    waist = 1.9 * np.cos(2 * np.pi * phase)
    wide = 17.6 - waist - 0.24 * np.clip(-y, 0, 14)
    body = (1 - ((np.abs(x) / wide) ** 2.5 + (np.abs(y) / 13.4) ** 2.5) ** 0.4) * 13
    body = np.minimum(body + 0.3 * lobule, np.hypot(x, y - 24.5) - 11.6)
    near = float(np.clip((6.0 - to_disc) / 4, 0, 1))
    for side, grown in zip((-1, 1), own.spur, strict=True):
        long = 7.0 * grown * near
        if long > 1.0:
            at = (side * (12.0 - 4 * grown), -7.5)
            spur = rod(x, y, at, (at[0] + side * 0.8 * long, at[1] - 0.6 * long), 3.6, 1.6)
            blend(part, cover(spur + 0.5 * lobule, edge_mm), SPUR_HU)
    if to_disc < 2.0:
        blend(part, cover(body, edge_mm), DISC_HU - 4)
        return
    blend(part, cover(body, edge_mm), SHELL_HU + 30 * lobule)
    # near the disc the slice grazes the plate: dense in rings and patches
    plate = np.clip((4.2 - to_disc + 0.9 * lobule) / 2.0, 0, 1)
    ring = np.clip(1.25 - np.abs(body - 3.5) / 5.0, 0.2, 1)
    shell = np.maximum(1.05 + 0.45 * lobule, 0.4)
    blend(part, cover(body - shell, edge_mm), sponge + plate * ring * (PLATE_HU - SPONGE_HU))
    if min(phase, 1 - phase) < 0.16:  # the vein that leaves the body behind
        vein = np.minimum(1.6 - np.abs(x + lobule) + 0.16 * (y - 6), y - 3 + lobule)
        blend(part, 0.8 * cover(np.minimum(vein, body - 0.6), edge_mm), 60)


def _arch(x: Image, y: Image, phase: float, level: Level) -> Image:
    """Depth in mm under the surface of everything behind the body; phase grows downwards."""
    lean = level.lean  # the two sides are cut at slightly different heights
    made = np.full(x.shape, -9.0, dtype=np.float32)

    def lay(
        share: float, drop: float, sx: Image, sy: Image, a: tuple[float, float],
        b: tuple[float, float], ra: float, rb: float | None = None,
    ) -> None:  # fmt: skip
        if share > 0.01:
            np.maximum(made, rod(sx, sy, a, b, ra, rb) - drop * (1 - share), out=made)

    for side in (-1, 1):
        own, sx = (phase + side * lean) % 1.0, side * x
        grown = level.joint[(side + 1) // 2]
        lay(_there(own, 0.54, 0.98), 6, sx, y, (11.6, 7), (13.2, 20), 4.6, 4.2)
        wing = _there(own, 0.62, 1.16)
        lay(wing, 7, sx, y, (13, 22), (24, 26 + 5 * lean), 4.2, 3.2)
        lay(wing, 7, sx, y, (24, 26 + 5 * lean), (31, 29 + 9 * lean), 3.2, 4.8)
        lay(_there(own, 0.56, 1.52), 5, sx, y, (13, 23), (2, 34), 3.6, 4.8)
        # joints between neighbouring arches stand behind the openings of the nerves
        joint = _there(own, 0.20, 0.66)
        lay(joint, 6, sx, y, (12, 24.0), (16.5 + grown, 26.5), 3.1 + grown)
        lay(joint, 6, sx, y, (9, 30), (15 + 2 * grown, 30.8 + grown), 2.7 + 1.2 * grown)
        lay(_there(own, 0.30, 0.66), 7, sx, y, (18.4, 6.5), (27, 15), 4.2, 3.2)
        lay(_there(own, 0.40, 0.88), 6, sx, y, (23, 11.5), (33, 21.5), 3.4, 2.8)
        lay(_there(own, 0.54, 1.06), 6, sx, y, (32, 20.5), (41, 29), 2.8, 3.6)
    # the spinous process slopes down: its root here, the tip of the one above farther back
    bent = x + 0.09 * (y - 34) * np.sign(lean) + 12 * lean * np.clip((y - 36) / 12, 0, 1)
    lay(_there(phase, 0.74, 1.50), 6, bent, y, (0, 34), (0, 43), 2.7, 2.0)
    down = (phase + 0.12) % 1.0
    lay(_there(phase, 0.20, 0.80), 5, bent, y, (0, 40 + 8 * down), (0, 45 + 8 * down), 2.3, 3.1)
    return made


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
