"""One sample for the lung network: a scan diseased, turned, bent, and scanned anew with other dice.

Everything hangs on the numpy dice that are handed in, so a step that is repeated draws the same
sample. Ranges: about those of published recipes (nnU-Net's defaults), wider where scans are few.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ai.models.networks import scaled
from ai.training.insert import Canvas, Rng, insert, smooth_field
from ai.training.lungs_scans import SPACING_MM, TrainingScan

HU_RANGE = (-1024, 600)
BACKGROUND, RIGHT, LEFT = 0, 1, 2
CURVE_HU = (-1024.0, -850.0, -500.0, -100.0, 50.0, 300.0, 3100.0)
"""Knots of the random HU curve, and by how much each may move."""
CURVE_SPREAD = (0.0, 40.0, 60.0, 40.0, 25.0, 60.0, 300.0)

Shape = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Loaded:
    """A training scan on the device that trains."""

    hu: Tensor
    lungs: Tensor
    counted: Tensor


@dataclass(frozen=True, eq=False)
class Sample:
    """image: scaled (1, z, y, x). target: labels (z, y, x). counted: where loss is taken."""

    image: Tensor
    target: Tensor
    counted: Tensor


def load(scan: TrainingScan, device: torch.device) -> Loaded:
    counted = torch.from_numpy(scan.counted).to(device)
    return Loaded(
        torch.from_numpy(scan.hu.astype(np.float32)).to(device),
        torch.from_numpy(scan.lungs).to(device),
        counted[:, None, None].expand(scan.hu.shape),
    )


def draw(scan: Loaded, rng: Rng, *, patch: Shape) -> Sample:
    """A patch of a scan, changed as the dice fall."""
    canvas = Canvas(scan.hu.clone(), scan.lungs)
    insert(canvas, rng)
    hu, lungs, counted = _bent(canvas.hu, scan.lungs, scan.counted, rng, patch)
    hu, lungs = _cut_short(hu, lungs, rng)
    hu = _rescanned(hu, lungs, rng)
    return Sample(scaled(hu, HU_RANGE)[None], lungs, counted)


def _bent(
    hu: Tensor, lungs: Tensor, counted: Tensor, rng: Rng, patch: Shape
) -> tuple[Tensor, Tensor, Tensor]:
    """The patch, turned, scaled, mirrored and bent; right and left change places in a mirror."""
    mirrored = bool(rng.random() < 0.3)
    grid = _places(hu, lungs, rng, patch, mirrored=mirrored)
    layers = torch.stack(
        (hu + 1024, (lungs == RIGHT).float(), (lungs == LEFT).float(), counted.float())
    )
    # Beyond the scan everything is 0: padding at -1024, no lung, and nothing to lose by.
    out = functional.grid_sample(layers[None], grid[None], align_corners=True)[0]
    right, left = (out[2], out[1]) if mirrored else (out[1], out[2])
    target = torch.zeros(patch, dtype=torch.int64, device=hu.device)
    target[right > 0.5] = RIGHT
    target[left > 0.5] = LEFT
    beyond = (grid.abs() > 1).any(-1)
    return out[0] - 1024, target, (out[3] > 0.5) | beyond


def _places(hu: Tensor, lungs: Tensor, rng: Rng, patch: Shape, *, mirrored: bool) -> Tensor:
    """Where in the scan each voxel of the patch is read: (z, y, x, 3), from -1 to 1, x first."""
    device, shape = hu.device, torch.tensor(hu.shape, dtype=torch.float32)
    found = torch.nonzero(lungs > 0).float()
    middle = found.mean(0).cpu() if len(found) else shape / 2
    jitter = rng.normal(0, [10, 4, 4]) if rng.random() < 0.8 else rng.uniform(-30, 30, 3)
    centre = middle.numpy() + jitter
    matrix = _matrix(rng)
    if mirrored:
        matrix = matrix @ np.diag([1.0, 1.0, -1.0])
    axes = [torch.arange(n, device=device, dtype=torch.float32) - (n - 1) / 2 for n in patch]
    z, y, x = torch.meshgrid(*axes, indexing="ij")
    if rng.random() < 0.6:
        bend = rng.uniform(1, 9) / SPACING_MM
        knot = rng.uniform(45, 110)
        z, y, x = (a + bend * smooth_field(z.shape, knot, rng, device) for a in (z, y, x))
    rows = []
    for axis in (2, 1, 0):
        m = matrix[axis].tolist()
        at = m[0] * z + m[1] * y + m[2] * x + float(centre[axis])
        rows.append(at / max(1.0, (hu.shape[axis] - 1) / 2) - 1)
    return torch.stack(rows, dim=-1)


def _matrix(rng: Rng) -> np.ndarray:
    """A turn (mostly about the long axis) with a scale of its own for each axis."""
    turn = np.eye(3)
    if rng.random() < 0.5:
        for axis, most in ((0, 18), (1, 9), (2, 9)):
            angle = np.radians(rng.uniform(-most, most))
            a, b = (n for n in range(3) if n != axis)
            step = np.eye(3)
            step[a, a] = step[b, b] = np.cos(angle)
            step[a, b], step[b, a] = -np.sin(angle), np.sin(angle)
            turn = turn @ step
    scale = np.exp(rng.uniform(-0.12, 0.12, 3))
    if rng.random() < 0.5:
        scale = scale * np.exp(rng.uniform(-0.22, 0.25))
    return turn @ np.diag(scale)


def _cut_short(hu: Tensor, lungs: Tensor, rng: Rng) -> tuple[Tensor, Tensor]:
    """Slices missing at an end, or a round field of view that cuts the chest; no lung out there."""
    gone = torch.zeros(hu.shape, dtype=torch.bool, device=hu.device)
    depth, rows, columns = hu.shape
    if rng.random() < 0.2:
        gone[: int(rng.integers(0, depth // 2))] = True
    if rng.random() < 0.15:
        gone[depth - int(rng.integers(0, depth // 2)) :] = True
    if rng.random() < 0.2:
        y = torch.arange(rows, device=hu.device)[:, None] - rows / 2 - rng.normal(0, 5)
        x = torch.arange(columns, device=hu.device)[None, :] - columns / 2 - rng.normal(0, 5)
        reach = rng.uniform(0.32, 0.62) * columns
        gone |= (y * y + x * x > reach * reach)[None]
    return hu.masked_fill(gone, -1024.0), lungs.masked_fill(gone, BACKGROUND)


def _rescanned(hu: Tensor, lungs: Tensor, rng: Rng) -> Tensor:
    """Other HU, other sharpness, other slices, other noise."""
    if rng.random() < 0.4:
        hu = _recurved(hu, rng)
    if rng.random() < 0.3:
        hu = (hu + 1024) * rng.uniform(0.96, 1.04) - 1024 + rng.uniform(-25, 25)
    if rng.random() < 0.25:
        hu = _blurred(hu, rng.uniform(0.3, 1.0), (1, 1, 1))
    if rng.random() < 0.2:
        hu = hu + rng.uniform(0.3, 1.5) * (hu - _blurred(hu, 1.0, (0, 1, 1)))
    if rng.random() < 0.35:
        hu = _thick(hu, int(rng.integers(2, 5)), rng)
    if rng.random() < 0.5:
        hu = hu + _noise(hu, rng)
    return hu


def _recurved(hu: Tensor, rng: Rng) -> Tensor:
    """HU through a random rising curve: tissues keep their order, not their values."""
    knots = torch.tensor(CURVE_HU, device=hu.device)
    moved = np.array(CURVE_HU) + rng.uniform(-1, 1, len(CURVE_HU)) * np.array(CURVE_SPREAD)
    levels = torch.tensor(np.maximum.accumulate(moved), dtype=torch.float32, device=hu.device)
    clipped = hu.clamp(CURVE_HU[0], CURVE_HU[-1])
    place = torch.bucketize(clipped, knots).clamp(1, len(CURVE_HU) - 1)
    low, high = knots[place - 1], knots[place]
    share = (clipped - low) / (high - low)
    return levels[place - 1] + share * (levels[place] - levels[place - 1])


def _noise(hu: Tensor, rng: Rng) -> Tensor:
    """Noise of some grain, stronger in some parts than in others."""
    generator = torch.Generator(device=hu.device).manual_seed(int(rng.integers(2**62)))
    white = torch.randn(hu.shape, generator=generator, device=hu.device)
    if rng.random() < 0.6:
        white = _blurred(white, rng.uniform(0.3, 0.9), (1, 1, 1))
        white = white / white.std().clamp(min=1e-6)
    strength = rng.uniform(0, 40) if rng.random() < 0.8 else rng.uniform(40, 110)
    uneven = 1 + 0.4 * smooth_field(hu.shape, 90, rng, hu.device).clamp(-2, 2)
    return white * uneven * strength


def _thick(hu: Tensor, n: int, rng: Rng) -> Tensor:
    """Slices n times as thick, interpolated back as a reader's software would."""
    depth = hu.shape[0]
    start = int(rng.integers(n))
    moved = torch.cat((hu[:1].expand(start, -1, -1), hu)) if start else hu
    spare = -moved.shape[0] % n
    moved = torch.cat((moved, moved[-1:].expand(spare, -1, -1))) if spare else moved
    thin = moved.unflatten(0, (-1, n))
    thick = thin.mean(1) if rng.random() < 0.7 else thin[:, n // 2]
    back = functional.interpolate(
        thick[None, None], size=moved.shape, mode="trilinear", align_corners=False
    )
    return back[0, 0, start : start + depth]


def _blurred(image: Tensor, sigma: float, along: tuple[int, int, int]) -> Tensor:
    """A Gaussian blur, in voxels, along the axes that are marked."""
    reach = max(1, int(3 * sigma + 0.5))
    steps = torch.arange(-reach, reach + 1, device=image.device, dtype=torch.float32)
    kernel = torch.exp(-0.5 * (steps / sigma) ** 2)
    kernel = kernel / kernel.sum()
    out = image[None, None]
    for axis in (n for n in range(3) if along[n]):
        shape, pad = [1, 1, 1, 1, 1], [0] * 6
        shape[2 + axis] = len(kernel)
        pad[2 * (2 - axis)] = pad[2 * (2 - axis) + 1] = reach
        out = functional.conv3d(functional.pad(out, pad, mode="replicate"), kernel.view(shape))
    return out[0, 0]
