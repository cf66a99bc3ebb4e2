"""What dense things do to a slice: dark bands between bones, rays from contrast, level streaks.

Bands: rays that cross much bone are hardened, so their sums come out too small by about the square
of the bone on them; that error is projected back as a scanner would (Brooks and Di Chiro, 1976).
Streaks: where shoulders leave few photons on level rays, the noise of each ray is seen along it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.ndimage import gaussian_filter1d

from ai.phantom.tubes import Tube
from ai.phantom.warp import between

Floats = NDArray[np.floating[Any]]
Block = NDArray[np.float32]

CELLS, ANGLES = 96, 48
HARD_PER_MM = 0.0022
"""What share of the square of a ray's bone (mm of water over water) is missing from its sum."""
STARVED_MM, STREAK_HU, WAYS = 335.0, 12.0, 5
"""Level rays that cross more water than this leave streaks; their height, with a growth of e in
60 mm; and how many directions near the level they have."""
RAYS_FROM_HU, RAY_MM = 420.0, 75.0


class Streaks:
    """Streaks of one series; every slice has its own dice. dense: tubes of contrast in the scan."""

    def __init__(
        self, seed: int, axes_y: Floats, axes_x: Floats, noise_hu: float, dense: Sequence[Tube]
    ) -> None:
        rng = np.random.default_rng([seed, 41])
        self._seed, self._noise_hu, self._y, self._x = seed, noise_hu, axes_y, axes_x
        self._pixel_mm = float(axes_x[1] - axes_x[0])
        self._strong = float(rng.uniform(0.45, 1.7))
        self._hard = HARD_PER_MM * float(rng.uniform(0.6, 1.5))
        self._dense = [t for t in dense if t.hu > RAYS_FROM_HU]
        wide = len(axes_x)
        self._cells = min(CELLS, wide)
        self._edges = np.arange(self._cells + 1) * wide // self._cells
        self._between = between(self._cells, wide)

    def add(self, image: Block, k: int, z_mm: float) -> None:
        """Lay the streaks of slice k over the whole of an image (rows, columns), in place."""
        rng = np.random.default_rng([self._seed, 42, k])
        coarse = np.add.reduceat(image, self._edges[:-1], axis=0)
        coarse = np.add.reduceat(coarse, self._edges[:-1], axis=1)
        cells = np.diff(self._edges)
        coarse /= cells[:, None] * cells
        self._bands(image, coarse)
        if self._noise_hu > 0:
            self._level(image, coarse, rng)
        self._rays(image, z_mm, rng)

    def _bands(self, image: Block, coarse: Block) -> None:
        cell_mm = self._pixel_mm * image.shape[0] / self._cells
        bone = np.clip((coarse - 140) / 1000, 0, 2.5).astype(np.float32)
        rays, back = _projector(self._cells, ANGLES)
        sums = (rays @ bone.ravel()).reshape(ANGLES, -1) * cell_mm
        error = -self._hard * sums * sums
        ramp = np.fft.rfftfreq(2 * error.shape[1], cell_mm)
        filtered = np.fft.irfft(np.fft.rfft(error, 2 * error.shape[1], axis=1) * ramp, axis=1)
        filtered = filtered[:, : error.shape[1]].astype(np.float32)
        lost = (back @ filtered.ravel()).reshape(self._cells, -1) * np.float32(
            1000 * np.pi / ANGLES
        )
        body = coarse > -300
        if body.any():  # a scanner is set so that soft tissue is right on the whole
            lost -= np.median(lost[body])
        lost = np.clip(lost, -130, 60) * np.clip((coarse + 950) / 100, 0, 1)
        image += self._between @ lost.astype(np.float32) @ self._between.T

    def _level(self, image: Block, coarse: Block, rng: np.random.Generator) -> None:
        """Streaks along rays that lie nearly level, where these cross much of the body."""
        cell_mm = self._pixel_mm * image.shape[0] / self._cells
        water = np.clip(1 + coarse / 1000, 0, 2).sum(axis=1) * cell_mm
        much = np.exp((gaussian_filter1d(water, 1.5) - STARVED_MM) / 60.0)
        height = self._between @ np.minimum(much, 9.0).astype(np.float32)
        height *= np.float32(STREAK_HU * self._strong * self._noise_hu / 16 / WAYS**0.5)
        if height.max() < 0.8:
            return
        near = np.flatnonzero(height > 0.4)
        image, height = image[near[0] : near[-1] + 1], height[near[0] : near[-1] + 1]
        rows, columns = image.shape
        along = np.arange(columns, dtype=np.float32)
        for _ in range(WAYS):
            slope = rng.normal(0, 0.09)
            profile = rng.standard_normal(rows + 2 * columns).astype(np.float32)
            profile = gaussian_filter1d(profile, rng.uniform(0.32, 0.75) / self._pixel_mm)
            profile = profile - gaussian_filter1d(profile, 1.7 / self._pixel_mm)
            profile /= profile.std()
            shift = np.rint(slope * (along - columns / 2)).astype(np.int32) + columns
            swell = 1 + 0.5 * np.sin(along / columns * rng.uniform(4, 14) + rng.uniform(0, 6))
            at = np.arange(rows, dtype=np.int32)[:, None] + shift[None, :]
            image += profile[at] * (height[:, None] * swell.astype(np.float32)[None, :])

    def _rays(self, image: Block, z_mm: float, rng: np.random.Generator) -> None:
        """Bright and dark rays out of veins full of dense contrast, which move with the beat."""
        for tube in self._dense:
            low, high = sorted((tube.start[2], tube.end[2]))
            if not low <= z_mm < high:
                continue
            share = (z_mm - tube.start[2]) / (tube.end[2] - tube.start[2])
            cx, cy = (tube.start[n] + share * (tube.end[n] - tube.start[n]) for n in (0, 1))
            reach = int(RAY_MM / self._pixel_mm)
            j, i = int(np.searchsorted(self._y, cy)), int(np.searchsorted(self._x, cx))
            box = np.s_[max(0, j - reach) : j + reach, max(0, i - reach) : i + reach]
            y, x = self._y[box[0]][:, None] - cy, self._x[box[1]][None, :] - cx
            far = np.hypot(x, y)
            wheel = gaussian_filter1d(rng.standard_normal(720), rng.uniform(4, 9), mode="wrap")
            wheel += 0.5 * gaussian_filter1d(rng.standard_normal(720), 2.0, mode="wrap")
            wheel = np.sign(wheel) * np.abs(wheel / wheel.std()) ** 1.4
            turn = ((np.arctan2(y, x) / (2 * np.pi) + 0.5) * 720).astype(np.int32) % 720
            hu = min(tube.hu - RAYS_FROM_HU, 600.0) * 0.16 * self._strong
            fall = np.clip(far / 7, 0, 1) ** 2 * 9 / np.maximum(far, 9)
            fall *= np.clip((RAY_MM - far) / 30, 0, 1)
            image[box] += (hu * wheel[turn] * fall).astype(np.float32)


@lru_cache(maxsize=2)
def _projector(cells: int, angles: int) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Sums along rays of a square grid (a row for each angle and ray), and its transpose."""
    at = np.arange(cells) - (cells - 1) / 2
    y, x = (a.ravel() for a in np.meshgrid(at, at, indexing="ij"))
    rays = 2 * int(cells * 0.75)
    rows, columns, shares = [], [], []
    for n in range(angles):
        turn = np.pi * (n + 0.5) / angles
        t = x * np.cos(turn) + y * np.sin(turn) + (rays - 1) / 2
        low = np.floor(t).astype(int)
        for step, share in ((0, 1 - (t - low)), (1, t - low)):
            rows.append(n * rays + np.clip(low + step, 0, rays - 1))
            columns.append(np.arange(cells * cells))
            shares.append(share)
    parts = (
        np.concatenate(shares).astype(np.float32),
        (np.concatenate(rows), np.concatenate(columns)),
    )
    made = sparse.csr_array(parts, shape=(angles * rays, cells * cells), dtype=np.float32)
    return made, sparse.csr_array(made.T)
