"""What a scanner makes of a slice: its kernel's sharpness, and noise that knows the body.

Noise is made in wedges of direction. Rays that cross much tissue are noisy, and their noise varies
across them, not along: shoulders draw level streaks, and the lungs are quieter than the spine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft2, rfft2
from scipy.ndimage import gaussian_filter

from ai.phantom.look import Kernel

Floats = NDArray[np.floating[Any]]
Block = NDArray[np.float32]

WEDGES, TILES, COARSE = 6, 3, 48
STEEP = 1.35
"""The noise's power grows with its frequency to this power at first: a little faster than 1, as
slow noise is taken away before a picture is stored."""
PER_MM = 0.019
"""Growth of the noise's variance with each mm of water on a ray, after current modulation."""


RIM_SHARE, RIM_MM = 0.68, 18.0
"""At the skin noise is this share of what it is in the depth, and grows over some mm."""


@dataclass(frozen=True)
class Sharpness:
    """blur_mm: its Gaussian part (standard deviation). edge: how much of what a wider blur takes
    away is put back, as sharp kernels do. roll_off, per mm: where the noise's ramp gives way."""

    blur_mm: float
    edge: float
    roll_off: float


KERNELS: dict[Kernel, Sharpness] = {
    "soft": Sharpness(0.75, 0.0, 0.30),
    "standard": Sharpness(0.59, 0.0, 0.335),
    "lung": Sharpness(0.46, 0.9, 0.58),
}
EDGE_MM = 1.1


def _filled(body: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A body with what it encloses: what has body on all four sides."""
    made = np.ones_like(body)
    for axis in (0, 1):
        made &= np.logical_or.accumulate(body, axis=axis)
        made &= np.flip(np.logical_or.accumulate(np.flip(body, axis), axis=axis), axis)
    return made


class Scanner:
    """Sharpness and noise of one series; every slice has its own dice, by seed and number."""

    def __init__(
        self, seed: int, kernel: Kernel, wide: int, pixel_mm: float, noise_hu: float
    ) -> None:
        self._seed, self._pixel_mm, self._noise_hu = seed, pixel_mm, noise_hu
        self._sharp = KERNELS[kernel]
        self._tiles = self._make_tiles(wide) if noise_hu > 0 else []
        at = (np.arange(COARSE) + 0.5) / COARSE - 0.5
        y, x = np.meshgrid(at, at, indexing="ij")
        self._rays = []
        for wedge in range(WEDGES):
            turn = np.pi * wedge / WEDGES  # the direction across the rays
            across = x * np.cos(turn) + y * np.sin(turn)
            self._rays.append(np.rint((across + 0.75) * COARSE).astype(np.intp))
        fine = np.clip((np.arange(wide) + 0.5) / wide * COARSE - 0.5, 0, COARSE - 1)
        low = np.minimum(fine.astype(int), COARSE - 2)
        self._between = np.zeros((wide, COARSE), dtype=np.float32)
        self._between[np.arange(wide), low] = 1 - (fine - low)
        self._between[np.arange(wide), low + 1] = fine - low

    def _make_tiles(self, wide: int) -> list[list[Block]]:
        rng = np.random.default_rng([self._seed, 3])
        fy = np.fft.fftfreq(wide, self._pixel_mm)[:, None]
        fx = np.fft.rfftfreq(wide, self._pixel_mm)[None, :]
        f = np.hypot(fy, fx)
        ramp = np.sqrt(f**STEEP * np.exp(-((f / self._sharp.roll_off) ** 2)))
        turn = np.arctan2(fy, np.maximum(fx, 1e-12)) % np.pi
        tiles = []
        for wedge in range(WEDGES):
            apart = np.abs((turn - np.pi * wedge / WEDGES + np.pi / 2) % np.pi - np.pi / 2)
            shape = ramp * np.sqrt(np.clip(1 - apart * WEDGES / np.pi, 0, 1))
            own = []
            for _ in range(TILES):
                white = rfft2(rng.standard_normal((wide, wide), dtype=np.float32))
                grain = irfft2(white * shape.astype(np.float32), s=(wide, wide))
                own.append((grain / grain.std()).astype(np.float32))
            tiles.append(own)
        return tiles

    def see(self, image: Block, box: tuple[slice, slice], k: int) -> None:
        """Blur slice k by the kernel, where there is a body, and lay noise over it, in place."""
        whole, image = image, image[box]
        sigma = self._sharp.blur_mm / self._pixel_mm
        if sigma > 0.3:  # coarser pixels are wider than the kernel
            image[:] = gaussian_filter(image, sigma, truncate=2.5)
        if self._sharp.edge and self._pixel_mm < EDGE_MM:
            image += self._sharp.edge * (image - gaussian_filter(image, EDGE_MM / self._pixel_mm))
        if self._noise_hu > 0:
            whole += self._noise(whole, k)

    def _noise(self, image: Block, k: int) -> Block:
        rng = np.random.default_rng([self._seed, 4, k])
        weights = self._weights(image)
        noise = np.zeros_like(image)
        for wedge, weight in enumerate(weights):
            tile = self._tiles[wedge][rng.integers(TILES)]
            j, i = rng.integers(0, tile.shape[0], size=2)
            piece = np.roll(tile, (j, i), (0, 1))[:: (1, -1)[k % 2], :: (1, -1)[k % 2]]
            noise += piece * (self._between @ weight @ self._between.T)
        return noise

    def _weights(self, image: Block) -> list[Block]:
        """Standard deviation in HU that each wedge adds, on a coarse grid."""
        wide = image.shape[0]
        edges = np.arange(COARSE + 1) * wide // COARSE
        coarse = np.add.reduceat(np.add.reduceat(image, edges[:-1], 0), edges[:-1], 1)
        cells = np.diff(edges)
        water = np.clip(1 + coarse / (cells[:, None] * cells) / 1000, 0, 2)
        cell_mm = wide * self._pixel_mm / COARSE
        variances = []
        for rays in self._rays:
            path = np.bincount(rays.ravel(), water.ravel(), minlength=2 * COARSE) * cell_mm
            smooth = np.convolve(path, (0.25, 0.5, 0.25), mode="same")
            variances.append(np.exp(PER_MM * smooth)[rays])
        # the filter before the tube spares the rim of the body, where rays are short
        near = gaussian_filter(_filled(water > 0.5).astype(np.float32), RIM_MM / cell_mm)
        spared = (RIM_SHARE + (1 - RIM_SHARE) * np.clip(2 * near - 1, 0, 1)) ** 2
        variances = [v * spared for v in variances]
        total = np.sum(variances, axis=0)
        body = water > 0.8
        level = self._noise_hu**2 / (float(total[body].mean()) if body.any() else 1.0)
        return [np.sqrt(v * level).astype(np.float32) for v in variances]
