"""The network's border drawn on the scan's own voxels, slab by slab: on the CPU, or on a GPU.

Both follow one rule and do the same sums. The CPU's is the reference; a GPU that fails, or that
draws two slices otherwise, gives way to it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import torch

from ai.lungs.blend import Box, Floats32, by_slice, nearest_of
from ai.lungs.border import calm, own_box
from ai.lungs.held import Held, blended, on_device
from ai.lungs.held import calm as calm_there
from ai.lungs.upright import Upright, own_places
from ai.models.device import is_gpu, is_out_of_memory
from ai.scan.labelmap import Labels

log = logging.getLogger(__name__)

LEAST_DICE = 0.999
SHORT = "Memory was short: the border was drawn on the CPU."
FAILED = "The GPU failed, so the border was drawn on the CPU."
OTHERWISE = "The GPU drew another border than the CPU, whose border was taken."


class Pen(Protocol):
    """Right (1), left (2) or neither (0) for each voxel of a box of the scan's own turned grid."""

    def __call__(self, box: Box) -> Labels: ...

    @property
    def remark(self) -> str:
        """Why not the device that was asked draws; empty where it does."""


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


def pen_for(
    device: torch.device, upright: Upright, drawing: Drawing, held: Held | None = None
) -> Pen:
    """The pen of a device. Where a GPU's fails, for want of memory mostly, the CPU's takes over.

    held: the scan where it lies on that device already.
    """
    by_cpu = CpuPen(upright, drawing)
    return _Safe(device, by_cpu, held) if is_gpu(device) else by_cpu


@dataclass(frozen=True, eq=False)
class CpuPen:
    """The reference."""

    upright: Upright
    drawing: Drawing
    remark: str = ""

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
    """The same on any device of torch's."""

    def __init__(
        self, upright: Upright, drawing: Drawing, device: torch.device, held: Held | None = None
    ) -> None:
        """Raises RuntimeError where the device lacks memory."""
        self._upright, self._drawing, self._held = upright, drawing, held
        self._fields = on_device(drawing.fields, device)
        self._nearest = on_device(drawing.nearest, device)

    def __call__(self, box: Box) -> Labels:
        """Raises RuntimeError where the device lacks memory."""
        up, drawing, device = self._upright, self._drawing, self._fields.device
        with torch.inference_mode():
            places = own_places(up, box)
            fields, nearest = self._fields, self._nearest
            cuts = [one.cut() for one in places]
            fields = fields[(slice(None), *(run for run, _ in cuts))]
            for axis in (2, 1, 0):
                fields = blended(fields, cuts[axis][1], axis + 1)
                where = on_device(places[axis].nearest, device)
                nearest = nearest.index_select(axis, where)
            hu = on_device(up.own_hu[box], device) if self._held is None else self._held.box(box)
            air = calm_there(hu, up.own_spacing_mm) < drawing.air_hu
            depth, chance, tissue, out = fields
            inside = drawing.inside(depth, air, chance, tissue, out)
            return (nearest * inside).to(torch.uint8).cpu().numpy()


class _Safe:
    """A GPU's pen until it fails once, the CPU's from there on. It has to draw two slices like the
    CPU before it draws any."""

    def __init__(self, device: torch.device, spare: CpuPen, held: Held | None) -> None:
        self._pen: Pen | TorchPen = spare
        self._spare, self.remark = spare, ""
        try:
            pen = TorchPen(spare.upright, spare.drawing, device, held)
            if _alike(pen, spare):
                self._pen = pen
            else:
                self._give_way(OTHERWISE, None)
        except RuntimeError as error:
            self._give_way(_why(error), error)

    def __call__(self, box: Box) -> Labels:
        try:
            return self._pen(box)
        except RuntimeError as error:
            if self._pen is self._spare:
                raise
            self._give_way(_why(error), error)
            return self._pen(box)

    def _give_way(self, why: str, error: RuntimeError | None) -> None:
        log.warning("no border by the GPU: %s", why, exc_info=error)
        self._pen, self.remark = self._spare, why


def _why(error: RuntimeError) -> str:
    return SHORT if is_out_of_memory(error) else FAILED


def _alike(pen: TorchPen, spare: CpuPen) -> bool:
    """Whether two slices in the middle of the lungs come out the same, but for a voxel or two."""
    lung = spare.drawing.depth > 0
    if not lung.any():
        return True
    z, y, x = own_box(spare.upright, lung, reach_mm=spare.drawing.band_mm)
    middle = (z.start + z.stop) // 2
    box = (slice(middle, min(middle + 2, z.stop)), y, x)
    ours, theirs = pen(box), spare(box)
    both = int(((ours == theirs) & (theirs > 0)).sum())
    return 2 * both >= LEAST_DICE * int((ours > 0).sum() + (theirs > 0).sum())
