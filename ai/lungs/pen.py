"""The network's border drawn on the scan's own voxels, slab by slab: on the CPU, or on a GPU.

Both follow one rule. The CPU resamples with SimpleITK and is the reference; a GPU, where most of
the time of a segmentation went by otherwise, blends along one axis after the other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ai.lungs.blend import Box, Floats32, by_slice, nearest_of
from ai.lungs.border import CALM_HU, CALM_MM, CALM_REACH, calm
from ai.lungs.upright import PADDING_HU, Upright, own_places
from ai.scan.labelmap import Labels

log = logging.getLogger(__name__)

Pen = Callable[[Box], Labels]
"""Right (1), left (2) or neither (0) for each voxel of a box of the scan's own turned grid."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """What decides about the border, on the working grid, (z, y, x).

    depth: signed distance to the network's border in mm, above 0 inside. chance: of being lung.
    tissue: 1 where the network's own border stands. out: 1 where no lung may be. nearest: the side
    of the nearer lung. band_mm, air_hu: how far from the border the scan's own voxels decide, and
    below which HU they are lung.
    """

    depth: Floats32
    chance: Floats32
    tissue: Floats32
    out: Floats32
    nearest: Labels
    band_mm: float
    air_hu: float

    @cached_property
    def fields(self) -> Floats32:
        """depth, chance, tissue, out: (4, z, y, x)."""
        return np.stack((self.depth, self.chance, self.tissue, self.out))

    def inside(self, depth: Any, air: Any, chance: Any, tissue: Any, out: Any) -> Any:
        """The rule: lung or not, of fields on the scan's own voxels, arrays or tensors alike.

        air: bool, below air_hu.
        """
        lung = (depth > self.band_mm) | ((depth > -self.band_mm) & air)
        return (lung | ((chance > 0.5) & (tissue > 0.5))) & (out < 0.5)


def pen_for(device: torch.device, upright: Upright, drawing: Drawing) -> Pen:
    """The pen of a device. Where a GPU's fails, for want of memory mostly, the CPU's takes over."""
    by_cpu = CpuPen(upright, drawing)
    if device.type != "cuda":
        return by_cpu
    try:
        return _Safe(TorchPen(upright, drawing, device), by_cpu)
    except RuntimeError as error:
        return _given_up(by_cpu, error)


@dataclass(frozen=True, eq=False)
class CpuPen:
    """The reference."""

    upright: Upright
    drawing: Drawing

    def __call__(self, box: Box) -> Labels:
        up, drawing = self.upright, self.drawing
        places = own_places(up, box)
        air = calm(up.own_hu[box], up.own_spacing_mm) < drawing.air_hu
        sides = nearest_of(drawing.nearest, places)
        fields = by_slice(drawing.fields, places)
        for (depth, chance, tissue, out), by_air, side in zip(fields, air, sides, strict=True):
            side *= drawing.inside(depth, by_air, chance, tissue, out)
        return sides


class TorchPen:
    """The same on any device of torch's; at the very border a voxel may round otherwise."""

    def __init__(self, upright: Upright, drawing: Drawing, device: torch.device) -> None:
        """Raises RuntimeError where the device lacks memory."""
        self._upright, self._drawing, self._device = upright, drawing, device
        fields = np.stack((drawing.depth, drawing.chance, drawing.tissue, drawing.out))
        self._fields = torch.from_numpy(fields).to(device)
        self._nearest = torch.from_numpy(drawing.nearest).to(device)

    def __call__(self, box: Box) -> Labels:
        """Raises RuntimeError where the device lacks memory."""
        up, drawing = self._upright, self._drawing
        with torch.inference_mode():
            fields, nearest = self._fields, self._nearest
            # From the slices inward: the axis that shrinks the work most comes first.
            for axis in range(3):
                at = self._places(box[axis], axis)
                fields = _blended(fields, at, axis + 1)
                whole = torch.floor(at + 0.5).long()
                nearest = nearest.index_select(axis, whole.clamp(0, nearest.shape[axis] - 1))
            hu = torch.from_numpy(np.ascontiguousarray(up.own_hu[box])).to(self._device)
            air = _calm(hu, up.own_spacing_mm) < drawing.air_hu
            depth, chance, tissue, out = fields
            inside = drawing.inside(depth, air, chance, tissue, out)
            return (nearest * inside).to(torch.uint8).cpu().numpy()

    def _places(self, run: slice, axis: int) -> Tensor:
        """Where the own grid's planes lie along an axis, in voxels of the working grid."""
        up = self._upright
        own = np.arange(run.start, run.stop) * up.own_spacing_mm[axis] / up.spacing_mm[axis]
        return torch.from_numpy(own.astype(np.float32)).to(self._device)


class _Safe:
    """A GPU's pen until it fails once, the CPU's from there on."""

    def __init__(self, pen: TorchPen, spare: CpuPen) -> None:
        self._pen: Pen = pen
        self._spare = spare

    def __call__(self, box: Box) -> Labels:
        try:
            return self._pen(box)
        except RuntimeError as error:
            self._pen = _given_up(self._spare, error)
            return self._pen(box)


def _given_up(spare: CpuPen, error: RuntimeError) -> CpuPen:
    log.warning("no border by the GPU: %s", type(error).__name__, exc_info=error)
    return spare


def _blended(fields: Tensor, at: Tensor, axis: int) -> Tensor:
    """Linear between planes along an axis; beyond the last one it goes on as it is."""
    last = fields.shape[axis] - 1
    at = at.clamp(0, last)
    low = at.floor().long()
    high = (low + 1).clamp(max=last)
    share = (at - low).view([-1 if n == axis else 1 for n in range(fields.dim())])
    return torch.lerp(fields.index_select(axis, low), fields.index_select(axis, high), share)


def _calm(hu: Tensor, spacing_mm: tuple[float, float, float]) -> Tensor:
    """As border.calm: smoothed within the slices, mirrored at their edges."""
    image = hu.clamp(PADDING_HU, CALM_HU).float()
    for axis, mm in ((1, spacing_mm[1]), (2, spacing_mm[2])):
        sigma = min(1.5, CALM_MM / mm)
        reach, length = int(CALM_REACH * sigma + 0.5), image.shape[axis]
        steps = np.arange(-reach, reach + 1)
        weights = np.exp(-0.5 * (steps / sigma) ** 2)
        weights /= weights.sum()
        mirrored = torch.from_numpy(_mirrored(length, reach)).to(image.device)
        wide = image.index_select(axis, mirrored)
        image = torch.zeros_like(image)
        for n, weight in enumerate(weights):
            image.add_(wide.narrow(axis, n, length), alpha=float(weight))
    return image


def _mirrored(length: int, reach: int) -> np.ndarray:
    """Indices of -reach to length + reach, mirrored between the voxels at either end."""
    at = np.arange(-reach, length + reach) % (2 * length)
    return np.where(at < length, at, 2 * length - 1 - at)
