"""Disease, air and hardware pasted into scans that are learnt from; the lungs stay labelled lungs.

Works on the network's grid, on any device. It shares no code with ai/training/stress.py, which
judges; keep it so. Ranges: own choices, about those that published recipes use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ai.training.lungs_scans import SPACING_MM

Rng = np.random.Generator


@dataclass(frozen=True, eq=False)
class Canvas:
    """A scan being painted on: hu float (z, y, x), written to; lungs uint8, only read."""

    hu: Tensor
    lungs: Tensor

    def blend(self, share: Tensor, hu: Tensor | float) -> None:
        """Other HU where share is 1, the scan's own where it is 0."""
        self.hu.add_(share * (hu - self.hu))


def insert(canvas: Canvas, rng: Rng) -> tuple[str, ...]:
    """Pastes what the dice ask for; the names of it, in order."""
    done = []
    for chance, paste in _PASTES:
        if rng.random() < chance and paste(canvas, rng):
            done.append(paste.__name__.strip("_"))
    return tuple(done)


def smooth_field(shape: torch.Size, knot_mm: float, rng: Rng, device: torch.device) -> Tensor:
    """A smooth random field of mean 0 and spread about 1, with a knot every so many mm."""
    knots = [max(2, int(np.ceil(n * SPACING_MM / knot_mm)) + 1) for n in shape]
    coarse = torch.from_numpy(rng.standard_normal((1, 1, *knots)).astype(np.float32)).to(device)
    field = functional.interpolate(coarse, size=tuple(shape), mode="trilinear", align_corners=True)[
        0, 0
    ]
    return field * 1.4  # between its knots an interpolated field is calmer


def _density(canvas: Canvas, rng: Rng) -> bool:
    """Each lung denser or emptier, unevenly: breath held out, oedema, emphysema."""
    uneven = smooth_field(canvas.hu.shape, rng.uniform(30, 120), rng, canvas.hu.device)
    for side in (1, 2):
        shift = rng.uniform(-70, 220) + uneven * rng.uniform(0, 70)
        aerated = (canvas.lungs == side) & (canvas.hu < -300)
        canvas.hu.add_(torch.where(aerated, shift, 0.0))
    canvas.hu.clamp_(min=-1024)
    return True


def _effusion(canvas: Canvas, rng: Rng) -> bool:
    """A crescent of fluid that follows wall and diaphragm; it may take nearly a whole lung."""
    side = int(rng.integers(1, 3))
    lung = canvas.lungs == side
    if not lung.any():
        return False
    back = lung.flip(1).cumsum(1).flip(1).float()
    floor = lung.cumsum(0).float()
    outward = lung.cumsum(2) if side == 1 else lung.flip(2).cumsum(2).flip(2)
    wall = torch.minimum(back, outward.float() * rng.uniform(0.8, 3))
    depth = torch.minimum(wall + floor * rng.uniform(0, 0.4), floor * rng.uniform(0.7, 3))
    if rng.random() < 0.15:  # encapsulated: anywhere along the pleura
        high = torch.arange(lung.shape[0], device=lung.device)[:, None, None]
        depth = wall + (high - rng.uniform(0, lung.shape[0])).abs() * rng.uniform(0.1, 0.6)
    depth = depth + smooth_field(lung.shape, 70, rng, lung.device) * rng.uniform(0, 4)
    share = rng.uniform(0.7, 1.0) if rng.random() < 0.12 else rng.uniform(0.04, 0.6)
    fluid = lung & (depth <= _quantile(depth[lung], share))
    level = rng.uniform(-20, 60) + smooth_field(lung.shape, 25, rng, lung.device) * 4
    canvas.blend(_softened(fluid, lung, rng), level)
    return True


def _consolidation(canvas: Canvas, rng: Rng) -> bool:
    """One to six patches of filled or hazy lung, airways and vessels in sight or not."""
    for _ in range(int(rng.integers(1, 7)) if rng.random() < 0.5 else 1):
        lung = canvas.lungs == int(rng.integers(1, 3))
        if not lung.any():
            return False
        far = _from_a_point(lung, rng, stretch=2.2)
        far = far + smooth_field(lung.shape, rng.uniform(15, 60), rng, lung.device) * rng.uniform(
            3, 18
        )
        patch = lung & (far <= _quantile(far[lung], rng.uniform(0.02, 0.4)))
        hazy = rng.random() < 0.3
        level = rng.uniform(-650, -150) if hazy else rng.uniform(-40, 70)
        share = _softened(patch, lung, rng) * rng.uniform(0.55 if hazy else 0.8, 1)
        if rng.random() < 0.5:
            fine = smooth_field(lung.shape, rng.uniform(6, 14), rng, lung.device)
            share = share * (fine < rng.uniform(0.6, 1.6))
        canvas.blend(share, torch.maximum(canvas.hu, torch.full_like(canvas.hu, level)))
    return True


def _masses(canvas: Canvas, rng: Rng) -> bool:
    """Masses and nodules, most of them at the pleura, round or lobed, some with a dead middle."""
    for _ in range(int(rng.integers(1, 5))):
        large = rng.random() < 0.4
        radius_mm = rng.uniform(15, 55) if large else rng.uniform(4, 15)
        lung = canvas.lungs == int(rng.integers(1, 3))
        rim = lung & (_shrunk(lung) < 1) if rng.random() < 0.7 else lung
        if not rim.any():
            return False
        far = _from_a_point(rim, rng, stretch=1.5)
        lobes = smooth_field(lung.shape, radius_mm * 1.2, rng, lung.device)
        gap = far * SPACING_MM + lobes * radius_mm * rng.uniform(0, 0.25) - radius_mm
        mass = lung & (gap < 0)
        canvas.blend(_softened(mass, lung, rng), rng.uniform(5, 85))
        if large and rng.random() < 0.3:
            canvas.blend((mass & (gap < -0.5 * radius_mm)).float(), rng.uniform(-10, 25))
    return True


def _pneumothorax(canvas: Canvas, rng: Rng) -> bool:
    """Plain air in front; the rule of this house counts it as lung."""
    lung = canvas.lungs == int(rng.integers(1, 3))
    if not lung.any():
        return False
    front = lung.cumsum(1).float() + smooth_field(lung.shape, 60, rng, lung.device) * 2
    air = lung & (front <= _quantile(front[lung], rng.uniform(0.05, 0.4)))
    canvas.blend(air.float(), -995.0)
    return True


def _bowel_gas(canvas: Canvas, rng: Rng) -> bool:
    """Gas with a fluid level in the soft tissue under the lungs: stomach, colon, gullet."""
    heights = torch.nonzero((canvas.lungs > 0).flatten(1).any(1))[:, 0]
    if len(heights) == 0:
        return False
    reach = int(heights[0]) + int((len(heights)) * 0.55)
    soft = (canvas.lungs == 0) & (canvas.hu > -60) & (canvas.hu < 150)
    soft = _shrunk(soft) > 0.99
    soft[reach:] = False
    if not soft.any():
        return False
    for _ in range(int(rng.integers(1, 5))):
        far = _from_a_point(soft, rng, stretch=2.5)
        bubble = (canvas.lungs == 0) & (far * SPACING_MM < rng.uniform(8, 42)) & (canvas.hu < 250)
        canvas.blend(bubble.float(), rng.uniform(-1000, -930))
        if rng.random() < 0.5:
            rows = torch.nonzero(bubble.any(0).any(1))[:, 0]
            if len(rows):
                level = int(rows[0]) + int(len(rows) * rng.uniform(0.3, 0.9))
                below = bubble.clone()
                below[:, :level] = False
                canvas.blend(below.float(), rng.uniform(-50, 80))
    return True


def _contrast(canvas: Canvas, rng: Rng) -> bool:
    """Contrast agent: soft tissue between the lungs brighter in smooth pools."""
    pool = smooth_field(canvas.hu.shape, rng.uniform(25, 60), rng, canvas.hu.device)
    blood = (canvas.lungs == 0) & (canvas.hu > 0) & (canvas.hu < 120)
    canvas.hu.add_(torch.where(blood, pool.clamp(0, 1) * rng.uniform(50, 300), 0.0))
    return True


def _tubes(canvas: Canvas, rng: Rng) -> bool:
    """Drains, catheters and wires: bent lines, some with an air-filled middle."""
    shape = np.array(canvas.hu.shape)
    for _ in range(int(rng.integers(1, 4))):
        points = rng.uniform(0.15, 0.85, (int(rng.integers(2, 4)), 3)) * shape
        radius_mm, level = rng.uniform(1.5, 5.5), rng.uniform(80, 1500)
        for start, end in pairwise(points):
            far = _from_a_line(canvas.hu, start, end) * SPACING_MM
            canvas.blend((radius_mm + 1.5 - far).div(3).clamp(0, 1), level)
            if radius_mm > 4:
                canvas.blend((far < radius_mm - 2.5).float(), -900.0)
    return True


def _metal(canvas: Canvas, rng: Rng) -> bool:
    """A piece of metal and the streaks that it throws across its planes."""
    shape = canvas.hu.shape
    z0, y0, x0 = (rng.uniform(0.1, 0.9) * n for n in shape)
    z, y, x = _axes(canvas.hu)
    gap = torch.sqrt((y - y0) ** 2 + (x - x0) ** 2) + 1
    turn = torch.atan2(y - y0, x - x0)
    lines = torch.cos(turn * int(rng.integers(4, 18)) + rng.uniform(0, 6.3))
    near = torch.exp(-(((z - z0) / rng.uniform(2, 8)) ** 2)) * torch.exp(-gap / rng.uniform(8, 40))
    canvas.hu.add_(lines * near * rng.uniform(150, 900))
    canvas.blend(((z - z0) ** 2 + gap**2 < rng.uniform(4, 20)).float(), 3000.0)
    return True


def _arms(canvas: Canvas, rng: Rng) -> bool:
    """Arms down: round limbs with a bone, where the field of view holds air beside the trunk."""
    air = (canvas.hu < -300) & (canvas.lungs == 0)
    _, rows, columns = canvas.hu.shape
    _, y, x = _axes(canvas.hu)
    for at in (rng.uniform(0, 0.1) * columns, rng.uniform(0.9, 1) * columns):
        middle = rng.uniform(0.35, 0.7) * rows
        gap = torch.sqrt((y - middle) ** 2 + (x - at) ** 2) * SPACING_MM
        limb = air & (gap < rng.uniform(30, 55))
        canvas.blend(limb.float(), rng.uniform(-60, 60))
        canvas.blend((limb & (gap < rng.uniform(8, 13))).float(), rng.uniform(300, 900))
    return True


_PASTES: tuple[tuple[float, Callable[[Canvas, Rng], bool]], ...] = (
    (0.45, _density),
    (0.30, _consolidation),
    (0.30, _effusion),
    (0.35, _masses),
    (0.06, _pneumothorax),
    (0.30, _bowel_gas),
    (0.25, _contrast),
    (0.15, _tubes),
    (0.08, _metal),
    (0.25, _arms),
)


def _axes(grid: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    z, y, x = (torch.arange(n, device=grid.device, dtype=torch.float32) for n in grid.shape)
    return z[:, None, None], y[None, :, None], x[None, None, :]


def _from_a_point(where: Tensor, rng: Rng, *, stretch: float) -> Tensor:
    """Distance in voxels from a random voxel of a mask, by a random ellipsoid's measure."""
    places = torch.nonzero(where)
    centre = places[int(rng.integers(len(places)))].tolist()
    scale = np.exp(rng.uniform(-np.log(stretch), np.log(stretch), 3) / 2)
    z, y, x = ((a - c) * s for a, c, s in zip(_axes(where), centre, scale.tolist(), strict=True))
    return torch.sqrt(z * z + y * y + x * x)


def _from_a_line(grid: Tensor, start: np.ndarray, end: np.ndarray) -> Tensor:
    """Distance in voxels from a stretch of line."""
    way = end - start
    z, y, x = (a - float(s) for a, s in zip(_axes(grid), start, strict=True))
    along = (z * float(way[0]) + y * float(way[1]) + x * float(way[2])) / float(way @ way + 1e-6)
    along = along.clamp(0, 1)
    gaps = (g - along * float(w) for g, w in zip((z, y, x), way, strict=True))
    return torch.sqrt(sum((g * g for g in gaps), torch.zeros_like(along)))


def _quantile(values: Tensor, share: float) -> Tensor:
    """The value that this share of them does not exceed."""
    return values.kthvalue(max(1, round(share * len(values)))).values


def _shrunk(mask: Tensor) -> Tensor:
    """The share of a voxel's 3 x 3 x 3 neighbours that the mask holds."""
    return functional.avg_pool3d(mask[None, None].float(), 3, stride=1, padding=1)[0, 0]


def _softened(part: Tensor, lung: Tensor, rng: Rng) -> Tensor:
    """A part's cover; at times its edge toward air is blurred, never its edge at the pleura."""
    if rng.random() < 0.5:
        return part.float()
    beside = functional.max_pool3d(part[None, None].float(), 3, stride=1, padding=1)[0, 0]
    return _shrunk(part | ~lung) * beside * lung
