"""The rich phantom's heart in one slice: chambers that flow into one another, muscle, fat, its sac.

Each chamber is a smooth union of cones (after the smooth minimum of Quilez, 2008), told as the
depth in mm under its surface; the depths are worked out on every third pixel, as they are smooth,
and roughened on all. A beating heart is seen at two moments at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from ai.phantom.anatomy import Image
from ai.phantom.bones import blend, cover
from ai.phantom.great import blood
from ai.phantom.heart import (
    DOORS,
    GROOVES,
    LEFT_ATRIUM,
    LEFT_VENTRICLE,
    OUTFLOW,
    PAPILLARY,
    RIGHT_ATRIUM,
    RIGHT_VENTRICLE,
    VEINS,
)
from ai.phantom.look import Look
from ai.phantom.still import Depths, StillPlane
from ai.phantom.tubes import Point, Tube, chain
from ai.phantom.warp import between

FAT_HU, SAC_HU, STRAND_HU = -98.0, 12.0, 10.0
LEFT_WALL_MM, RIGHT_WALL_MM, THIN_MM, SEPTUM_MM = (6.5, 10.0), 2.6, 1.5, 1.5
UNREST_HU, UNREST_MM, PER_BEAT_MM = 5.5, (1.2, 3.5), 7.0
"""Streaks across a beating heart: their height for each mm of its swing, their width, and how much
of the chest is seen between beats."""
LOW_MM, HIGH_MM = 66.0, 178.0
X_MM, Y_MM = (-74.0, 108.0), (-96.0, 46.0)
STEP, LINES = 3, 320
PIVOT = (14.0, -18.0)
Textures = Mapping[str, NDArray[np.float32]]
GROUPS: dict[str, tuple[Sequence[Tube], float]] = {
    "lv": (LEFT_VENTRICLE, 8.0),
    "rv": ((*RIGHT_VENTRICLE, *OUTFLOW), 8.0),
    "ra": (RIGHT_ATRIUM, 7.0),
    "la": ((*LEFT_ATRIUM, *VEINS), 9.0),
    "mitral": (DOORS[:1], 1.0),
    "tricuspid": (DOORS[1:2], 1.0),
    "outlet": (DOORS[2:], 1.0),
    "papillary": (PAPILLARY, 1.0),
    "grooves": ([t for points in GROOVES for t in chain(points, 0.0)], 3.0),
}
"""Each chamber's cones, and how softly they flow into one another in mm."""
SHIFT_MM, SWELL = 1.8, 0.06
"""How far a body's own heart strays from that: its places, and its radii as a share."""


def _own_groups(rng: np.random.Generator) -> dict[str, tuple[Sequence[Tube], float]]:
    """The chambers of one heart: cones that met still meet."""
    turn, size = rng.normal(0, 0.06), rng.uniform(0.95, 1.03)
    cos, sin = np.cos(turn) * size, np.sin(turn) * size
    moved: dict[Point, Point] = {}
    swell: dict[Point, float] = {}

    def place(point: Point) -> Point:
        if point not in moved:
            x, y, z = point
            dx, dy, dz = rng.normal(0, SHIFT_MM, 3).tolist()
            x, y = x - PIVOT[0], y - PIVOT[1]
            swell[point] = float(np.clip(rng.normal(1, SWELL), 0.85, 1.12))
            moved[point] = (
                float(PIVOT[0] + cos * x + sin * y + dx),
                float(PIVOT[1] + cos * y - sin * x + dy),
                z + dz,
            )
        return moved[point]

    made: dict[str, tuple[Sequence[Tube], float]] = {}
    for name, (tubes, soft_mm) in GROUPS.items():
        own = [
            Tube(
                place(t.start), place(t.end), t.start_mm * swell[t.start], t.end_mm * swell[t.end],
                t.hu,
            )
            for t in tubes
        ]  # fmt: skip
        made[name] = (own, soft_mm)
    return made


def _depth(x: Image, y: Image, z: Image, tubes: Sequence[Tube], soft_mm: float) -> Image:
    """Depth in mm under the smooth union of cones."""
    made: Image | None = None
    for tube in tubes:
        (ax, ay, az), (bx, by, bz) = tube.start, tube.end
        ux, uy, uz = bx - ax, by - ay, bz - az
        px, py, pz = x - ax, y - ay, z - az
        t = np.clip((px * ux + py * uy + pz * uz) / (ux * ux + uy * uy + uz * uz), 0, 1)
        far = np.sqrt((px - t * ux) ** 2 + (py - t * uy) ** 2 + (pz - t * uz) ** 2)
        one = tube.start_mm + t * (tube.end_mm - tube.start_mm) - far
        made = one if made is None else _either(made, one, soft_mm)
    assert made is not None
    return made


def _either(a: Image, b: Image, soft_mm: float) -> Image:
    """The larger of two depths, rounded where they meet."""
    near = np.maximum(soft_mm - np.abs(a - b), 0)
    return np.maximum(a, b) + near * near / (4 * soft_mm)


def _both(a: Image, b: Image) -> Image:
    """The lesser of two depths, rounded where they meet."""
    return -_either(-a, -b, 6.0)


class Heart:
    """What a seed's heart looks like: contrast on both sides, thickness of fat, unrest."""

    def __init__(self, look: Look, seed: int) -> None:
        rng = np.random.default_rng([seed, 31])
        self._seed = seed
        self._wall_hu = 55 + float(rng.uniform(0.12, 0.28)) * (look.blood_hu - 45)
        self._left_wall_mm = float(rng.uniform(*LEFT_WALL_MM))
        self._blood = blood(look, seed)
        self._fat_mm = float(rng.uniform(2.0, 5.5))
        self._fluid_mm = float(max(0.0, rng.uniform(-3, 2.2)))
        self._unrest_mm = float(rng.uniform(0.8, 5.0))
        self._strands = float(rng.uniform(0.5, 1.2))
        self._groups = _own_groups(rng)

    def draw(self, image: Image, plane: StillPlane, lungs: Depths, textures: Textures) -> None:
        """Lay the heart over a slice, where no lung is. textures: as in rich_slice."""
        if not LOW_MM < plane.middle_z < HIGH_MM:
            return
        box = _box(plane)
        depths = _depths(plane, box, self._groups)
        edge_mm = max(plane.pixel_mm, 1.0)
        noise = {name: one[box] for name, one in textures.items()}
        part, x = image[box], plane.x[box]
        # the left border swings most
        swing = self._unrest_mm * (0.25 + 0.75 / (1 + np.exp(-(x - 25) / 16)))
        still, moved = part.copy(), part.copy()
        # the heart lies flat on the diaphragm
        above, z = -lungs.belly[box], plane.z[box]
        for name, gap in (("lv", 2.5), ("rv", 2.5), ("ra", 2.0)):
            depths[name] = _both(depths[name], above - gap)
        self._compose(still, z, depths, noise, edge_mm)
        self._compose(moved, z, {n: d - swing for n, d in depths.items()}, noise, edge_mm)
        free = 1 - cover(np.maximum(lungs.right[box], lungs.left[box]), edge_mm)
        part += free * (0.55 * still + 0.45 * moved - part)
        part += self._streaks(x, plane.y[box], plane.middle_z, depths)

    def _streaks(self, x: Image, y: Image, z_mm: float, depths: Mapping[str, Image]) -> Image:
        """Light and dark lines along one direction, which differs from beat to beat, in HU."""
        rng = np.random.default_rng([self._seed, 43, int(z_mm / PER_BEAT_MM)])
        turn, wide = rng.uniform(0, np.pi), rng.uniform(*UNREST_MM)
        height = UNREST_HU * self._unrest_mm * rng.uniform(0.2, 1.0)
        lines = gaussian_filter1d(rng.standard_normal(2 * LINES), wide * 2)
        lines *= height / lines.std()
        across = x * np.cos(turn) + y * np.sin(turn)
        at = np.clip(np.rint(2 * across).astype(np.int32) + LINES, 0, 2 * LINES - 1)
        near = np.maximum(np.maximum(depths["lv"], depths["rv"]), depths["ra"])
        here = np.clip((near + 9) / 14, 0, 1) * np.clip(1 - (near - 10) / 24, 0.35, 1)
        return np.asarray(lines.astype(np.float32)[at] * here)

    def _compose(
        self, image: Image, z: Image, depths: Mapping[str, Image], noise: Textures, edge_mm: float
    ) -> None:
        slow, lobule, fine = noise["slow"], noise["lobule"], noise["fine"]
        one, other = 1.1 * slow + 0.55 * lobule, -1.2 * slow + 0.6 * lobule
        lv, rv, ra, la = (
            depths["lv"] + one,
            depths["rv"] + other,
            depths["ra"] + one,
            depths["la"] + other,
        )
        heart = _either(_either(lv, rv, 20.0), _either(ra, la, 20.0), 16.0)
        sac = heart + self._fat_mm * (1 + 0.45 * slow) + 0.7 * lobule
        blend(image, cover(sac + self._fluid_mm * np.clip(slow, 0, 2), edge_mm), SAC_HU)
        strands = np.clip(1.0 - 2.2 * np.abs(lobule + 0.35 * fine), 0, 1) * np.clip(
            slow + 0.7, 0, 1
        )
        fat = FAT_HU + self._strands * 62 * strands + 6 * fine
        blend(image, cover(sac - 1.1, edge_mm), fat)
        swirl = np.clip(slow + 0.45 * lobule, -2, 2)
        right = self._blood.right + self._blood.mixing * swirl
        left = self._blood.left + 0.12 * self._blood.mixing * slow
        wall = self._wall_hu + 6 * lobule + 4 * fine
        ridges = 1.9 * np.clip(lobule + 0.9 * fine - 0.2, 0, 2.2)  # beams of the wall reach inwards
        # blood from below has no contrast yet, and mixes in the right atrium
        late = np.clip((116 - z) / 26 + 0.35 * swirl, 0, 1) * 0.8
        low = right + late * (self._blood.late - right)
        for depth, hu, ridge in ((la, left, 0.0), (ra, low, 0.7)):
            blend(image, cover(depth + 0.4, edge_mm), wall)
            blend(image, cover(depth - THIN_MM - ridge * ridges, edge_mm), hu)
        # fat lies where chambers meet on the outside, and thin walls part them
        blend(image, cover(SEPTUM_MM - np.abs(la - ra) - 0.4 * lobule, edge_mm) * (la > -1), wall)
        blend(image, cover(rv, edge_mm), wall)
        blend(image, cover(rv - RIGHT_WALL_MM - 1.7 * ridges, edge_mm), right)
        blend(image, cover(depths["tricuspid"] + lobule, edge_mm), right)
        groove = np.minimum(depths["grooves"] + 1.2 * lobule + self._fat_mm - 2.0, sac - 1.1)
        blend(image, cover(groove, 3.0), fat)
        blend(image, cover(lv, edge_mm), wall)
        hollow: Image = lv - self._left_wall_mm - 0.8 * slow - 1.5 * ridges
        for way in ("mitral", "outlet"):
            hollow = _either(hollow, depths[way] + 0.6 * lobule, 4.0)
        hollow = np.minimum(hollow, 0.8 - depths["papillary"] - 0.5 * lobule)
        blend(image, cover(hollow, edge_mm), left)


def _box(plane: StillPlane) -> tuple[slice, slice]:
    """Rows and columns about the heart; of both a multiple of STEP, and one more."""
    down, across = plane.y[:, plane.y.shape[1] // 2], plane.x[plane.x.shape[0] // 2]
    made = []
    for axis, (low, high) in ((down, Y_MM), (across, X_MM)):
        first, last = (int(n) for n in np.searchsorted(axis, (low, high)))
        made.append(slice(first, last - (last - first - 1) % STEP))
    return made[0], made[1]


def _depths(
    plane: StillPlane,
    box: tuple[slice, slice],
    groups: Mapping[str, tuple[Sequence[Tube], float]],
) -> dict[str, Image]:
    some = (slice(box[0].start, box[0].stop, STEP), slice(box[1].start, box[1].stop, STEP))
    x, y, z = (a[some].astype(np.float32) for a in (plane.x, plane.y, plane.z))
    down, across = (between(len(range(s.start, s.stop, STEP)), s.stop - s.start) for s in box)
    return {
        name: down @ np.asarray(_depth(x, y, z, *group), dtype=np.float32) @ across.T
        for name, group in groups.items()
    }
