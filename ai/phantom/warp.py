"""A smooth unevenness of space: it makes one body of every seed, none quite like its drawing.

Shapes are drawn in still space. What stands at a place q of the scan is what the drawing shows at
s = (q - middle) / scale + middle + d(q), where d is a sum of a few slow waves, and then as the
body's frame has it: its spine bows aside, one half of its chest is wider, its cage is less round.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

Floats = NDArray[np.floating[Any]]

MIDDLE_LPS = np.array([0.0, 0.0, 150.0])
WAVES = 14
WIDER, HOLLOW_MM, HOLLOW_X = 0.0010, 14.0, 68.0
SHORTEST_MM, LONGEST_MM = 48.0, 170.0
LOW_LPS, GRID_MM = np.array([-210.0, -210.0, -40.0]), 10.0
COARSE = 64
"""The shift of a slice is worked out on this many points a side and laid between by straight lines:
its waves are slower than that by far."""


@dataclass(frozen=True)
class Frame:
    """How a body departs from an even one. sway_mm, sway_phase: its midline winds aside so far.
    stoop_mm: how far both ends of the spine lean forward. tilt: mm of height for each mm to the
    left, pitch: for each mm back. wider: share by which the left half outgrows the right.
    waves (N, 3): unevenness of the outline, so many to a turn, a share of the radius, a phase."""

    sway_mm: float = 0.0
    sway_phase: float = 0.0
    stoop_mm: float = 0.0
    tilt: float = 0.0
    pitch: float = 0.0
    wider: float = 0.0
    waves: tuple[tuple[int, float, float], ...] = ()

    def bend(self, made: Floats) -> None:
        """Move places (..., 3) in space to where an even body has them, in place."""
        x, y, z = (made[..., n].copy() for n in range(3))
        apart = 1 - self.wider * np.tanh(x / 50)
        if self.waves:
            far2 = x * x + y * y + 1200.0
            turn, near = np.arctan2(x, y), (far2 - 1200.0) / far2
            for many, share, phase in self.waves:
                apart = apart - share * near * np.cos(many * turn + phase + (z - 150) / 160)
        made[..., 0] = x * apart - self.sway_mm * np.sin((z - 150) / 58 + self.sway_phase)
        made[..., 1] = y * apart + self.stoop_mm * ((z - 150) / 100) ** 2
        made[..., 2] += self.tilt * x + self.pitch * y


@dataclass(frozen=True, eq=False)
class Warp:
    """waves (M, 3): radians per mm along x, y, z. shifts (M, 3): mm. phases (M, 3).
    roll: radians by which the chest is turned on the couch. frame: how it is built."""

    scale: Floats
    waves: Floats
    shifts: Floats
    phases: Floats
    roll: float = 0.0
    frame: Frame = Frame()

    def still(self, lps: Floats) -> Floats:
        """Where in the drawing places (..., 3) of the scan are found."""
        turn = lps @ self.waves.T  # (..., M)
        # sin(turn + phase) for three phases at once, by the sum of angles
        moved = np.sin(turn) @ (self.shifts * np.cos(self.phases))
        moved += np.cos(turn) @ (self.shifts * np.sin(self.phases))
        made = (lps - MIDDLE_LPS) / self.scale + MIDDLE_LPS + moved
        cos, sin = np.cos(self.roll), np.sin(self.roll)
        made[..., :2] = made[..., :2] @ np.array([[cos, sin], [-sin, cos]])
        made[..., :2] *= _rounder(lps)[..., None]
        self.frame.bend(made)
        # wider behind than in front, and hollow beside the spine, where ribs turn back
        x, y = lps[..., 0], lps[..., 1]
        made[..., 0] -= WIDER * y * x / (1 + np.abs(y) / 160)
        beside = np.exp(-(((np.abs(x) - HOLLOW_X) / 40) ** 2))
        made[..., 1] -= HOLLOW_MM * beside / (1 + np.exp((55 - y) / 16))
        return made

    def shown(self, still: Floats) -> Floats:
        """Where in the scan places (N, 3) of the drawing come to lie: still, turned round."""
        at = ((still - LOW_LPS) / GRID_MM).T
        gone = [map_coordinates(one, at, order=1, mode="nearest") for one in self._way_back]
        return still + np.stack(gone, axis=-1)

    @cached_property
    def _way_back(self) -> Floats:
        """What shown adds to places of the drawing, (3, x, y, z) on a coarse grid in mm."""
        axes = [np.arange(low, -low + 1, GRID_MM) for low in LOW_LPS[:2]]
        axes.append(np.arange(LOW_LPS[2], 300 - LOW_LPS[2] + 1, GRID_MM))
        place = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
        shown = (place - MIDDLE_LPS) * self.scale + MIDDLE_LPS
        for _ in range(6):  # the waves are gentle, so this draws nearer by 5 times at every step
            shown = shown + (place - self.still(shown)) * self.scale
        return (shown - place).T.reshape(3, *(len(a) for a in axes))

    def on_slice(self, y: Floats, x: Floats, z_mm: float) -> tuple[Floats, Floats, Floats]:
        """still for the pixels of an axial slice: y, x and z of the drawing, (rows, columns)."""
        coarse = _coarse(self, float(y[0]), float(y[-1]), float(x[0]), float(x[-1]), z_mm)
        down, across = (between(COARSE, len(a)) for a in (y, x))
        sx, sy, sz = (down @ coarse[..., n].astype(np.float32) @ across.T for n in range(3))
        return sy, sx, sz


@lru_cache(maxsize=8)
def _coarse(warp: Warp, y0: float, y1: float, x0: float, x1: float, z_mm: float) -> Floats:
    """still on a coarse grid of a slice, which is asked for more than once."""
    some_y, some_x = np.linspace(y0, y1, COARSE), np.linspace(x0, x1, COARSE)
    grid = np.stack(np.broadcast_arrays(some_x[None, :], some_y[:, None], z_mm), axis=-1)
    return warp.still(grid)


def _rounder(lps: Floats) -> Floats:
    """What the drawing's corners are brought in by: a chest is rounder than it is drawn."""
    x, y = lps[..., 0], lps[..., 1]
    far2 = x * x + y * y + 900.0
    fourth = (x * x * x * x - 6 * x * x * y * y + y * y * y * y) / (far2 * far2)  # cos of 4 angles
    front = 0.5 - 0.5 * y / np.sqrt(far2)
    # the front narrows more than the back
    return 1 - (0.009 + 0.008 * front) * (fourth - 0.3)


@lru_cache(maxsize=4)
def make_warp(seed: int, *, scale: tuple[float, float, float], mm: float) -> Warp:
    """The unevenness of a seed. scale: size along x, y, z. mm: how far places move, about."""
    rng = np.random.default_rng([seed, 21])
    way = rng.normal(size=(WAVES, 3)) * (1.0, 1.0, 0.7)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    length = np.exp(rng.uniform(np.log(SHORTEST_MM), np.log(LONGEST_MM), WAVES))
    # long waves move far, short ones little: no place is bent more than another
    reach = rng.normal(size=(WAVES, 3)) * (length / LONGEST_MM)[:, None]
    reach *= mm / np.sqrt((reach**2).sum(axis=0) / 2)
    phases = rng.uniform(0, 2 * np.pi, (WAVES, 3))
    roll = float(np.clip(rng.normal(0, np.radians(2.8)), -0.10, 0.10))
    frame = _frame(rng) if mm > 0 else Frame()
    return Warp(np.array(scale), way * (2 * np.pi / length)[:, None], reach, phases, roll, frame)


def _frame(rng: np.random.Generator) -> Frame:
    def dice(spread: float) -> float:
        return float(np.clip(rng.normal(0, spread), -2 * spread, 2 * spread))

    waves = ((2, 0.014), (3, 0.018), (4, 0.012), (5, 0.006), (7, 0.003))
    return Frame(
        sway_mm=dice(4.5),
        sway_phase=float(rng.uniform(0, 2 * np.pi)),
        stoop_mm=dice(3.5),
        tilt=dice(0.03),
        pitch=dice(0.03),
        wider=dice(0.03) - 0.02,  # the heart takes of the left
        waves=tuple((n, dice(share), float(rng.uniform(0, 2 * np.pi))) for n, share in waves),
    )


def between(coarse: int, fine: int) -> NDArray[np.float32]:
    """A matrix that lays fine points on straight lines between coarse ones."""
    at = np.linspace(0, coarse - 1, fine)
    low = np.minimum(at.astype(int), coarse - 2)
    made = np.zeros((fine, coarse), dtype=np.float32)
    made[np.arange(fine), low] = 1 - (at - low)
    made[np.arange(fine), low + 1] += at - low
    return made
