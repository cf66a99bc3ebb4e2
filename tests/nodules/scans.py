"""Small synthetic scans for the nodule tests: balls in lung, walls, vessels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from ai.scan.volume import Volume

LUNG_HU = -860
TISSUE_HU = 40
Place = tuple[float, float, float]


@dataclass(frozen=True)
class Ball:
    """One round nodule."""

    centre_lps: Place
    diameter_mm: float
    hu: float = TISSUE_HU


def grid(
    size_mm: Place = (60.0, 60.0, 60.0),
    spacing_kji_mm: Place = (1.0, 0.7, 0.7),
    *,
    tilt_degrees: float = 0.0,
) -> Geometry:
    """A grid around the origin of the patient, its slices tilted about the x axis."""
    shape = tuple(round(n / s) for n, s in zip(size_mm, spacing_kji_mm, strict=True))
    flat = Geometry.axial(shape, spacing_kji_mm=spacing_kji_mm)
    angle = np.radians(tilt_degrees)
    turn = np.array(
        [[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]]
    )
    affine = np.eye(4)
    affine[:3, :3] = turn @ flat.affine[:3, :3]
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return Geometry(shape, affine)


def scan(
    geometry: Geometry,
    balls: tuple[Ball, ...],
    *,
    noise_hu: float = 20.0,
    seed: int = 3,
    series: str = "1.2.3",
) -> Volume:
    """Lung with balls in it; voxels that a surface cuts hold the mean of their parts."""
    hu = np.full(geometry.shape_kji, float(LUNG_HU))
    for ball in balls:
        filled = share_inside(geometry, ball)
        hu += filled * (ball.hu - LUNG_HU)
    hu += np.random.default_rng(seed).normal(0, noise_hu, hu.shape)
    return Volume(geometry, np.rint(hu).astype(np.int16), series)


def share_inside(geometry: Geometry, ball: Ball, *, sub: int = 3) -> np.ndarray:
    """The share of each voxel that lies in the ball, from sub cubed points in it."""
    centre = geometry.index_of(ball.centre_lps)
    reach = ball.diameter_mm / 2 / np.array(geometry.spacing_kji_mm) + 1
    low = np.maximum(np.floor(centre - reach).astype(int), 0)
    high = np.minimum(np.ceil(centre + reach).astype(int) + 1, geometry.shape_kji)
    index = np.stack(
        np.meshgrid(*[np.arange(a, b) for a, b in zip(low, high, strict=True)], indexing="ij"), -1
    )
    steps = (np.arange(sub) + 0.5) / sub - 0.5
    total = np.zeros(index.shape[:3])
    for dk in steps:
        for dj in steps:
            for di in steps:
                lps = geometry.lps_of(index + np.array((dk, dj, di)))
                away = np.linalg.norm(lps - np.array(ball.centre_lps), axis=-1)
                total += away <= ball.diameter_mm / 2
    whole = np.zeros(geometry.shape_kji)
    whole[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = total / sub**3
    return whole


def half_mask(geometry: Geometry, ball: Ball) -> BoxMask:
    """The voxels more than half inside a ball."""
    return boxed(share_inside(geometry, ball) > 0.5)


def boxed(whole: np.ndarray) -> BoxMask:
    """A mask on the whole scan as a box."""
    where = np.argwhere(whole)
    low, high = where.min(axis=0), where.max(axis=0) + 1
    cut = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    return BoxMask(tuple(int(n) for n in low), whole[cut])


def lungs_on(geometry: Geometry, labels: np.ndarray) -> LabelMap:
    return LabelMap(geometry, labels.astype(np.uint8), LUNGS, MadeBy("test", "1"))


def all_lung(geometry: Geometry) -> LabelMap:
    """A right lung that fills the scan but for a rim of 4 voxels."""
    labels = np.zeros(geometry.shape_kji, dtype=np.uint8)
    labels[4:-4, 4:-4, 4:-4] = 1
    return lungs_on(geometry, labels)
