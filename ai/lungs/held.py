"""A scan held on a GPU: uploaded once, turned upright there, and there again for the border.

Each sum is done in the order of the arrays' (upright.py, blend.py, border.py), one operation after
the other and none fused, so that a device comes to the same bits. A GPU that fails gives way.
"""

from __future__ import annotations

import logging
import warnings

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ai.lungs.blend import Box, Places
from ai.lungs.border import CALM_HU, calm_weights, mirrored
from ai.lungs.upright import PADDING_HU, Plan, Upright, stand_up, turn_of
from ai.models.device import is_gpu, is_out_of_memory
from ai.scan.volume import Volume

log = logging.getLogger(__name__)

SLAB = 8
"""Averaged slices at a time: sums of a whole scan would take four times the scan's own room."""
SHORT = "Memory was short: the scan was turned upright on the CPU."
FAILED = "The GPU failed, so the scan was turned upright on the CPU."


def stood_up(
    volume: Volume, *, spacing_mm: tuple[float, float, float], device: torch.device
) -> tuple[Upright, Held | None, str]:
    """stand_up on the device, and what holds the scan there; none, and why, where it gave way."""
    if not is_gpu(device):
        return stand_up(volume, spacing_mm=spacing_mm), None, ""
    try:
        held = Held(volume, device)
        return held.stand_up(spacing_mm), held, ""
    except RuntimeError as error:
        log.warning("not upright by the GPU: %s", type(error).__name__, exc_info=error)
        remark = SHORT if is_out_of_memory(error) else FAILED
        return stand_up(volume, spacing_mm=spacing_mm), None, remark


class Held:
    """A scan's voxels on a device, as they are stored."""

    def __init__(self, volume: Volume, device: torch.device) -> None:
        """Raises RuntimeError where the device lacks memory."""
        self._volume = volume
        self._turn = turn_of(volume.geometry)
        self._hu = on_device(volume.hu, device)

    def stand_up(self, spacing_mm: tuple[float, float, float]) -> Upright:
        """As upright.stand_up. Raises RuntimeError where the device lacks memory."""
        plan = Plan.of(self._volume.geometry, spacing_mm)
        with torch.inference_mode():
            hu = self._turned(self._averaged(plan)).float()
            for axis in (0, 1, 2):
                hu = blended(hu, plan.places(axis), axis)
            small = hu.cpu().numpy()
        own = plan.turn.upright(self._volume.hu)
        return Upright(small, spacing_mm, own, plan.own_spacing_mm, plan.turn)

    def box(self, box: Box) -> Tensor:
        """A box of the turned scan, int16."""
        return self._turned(self._hu[self._stored(box)])

    def _averaged(self, plan: Plan) -> Tensor:
        """Means of bins, in the scan's own order."""
        hu = self._hu[self._stored(plan.whole_bins)]
        k, j, i = plan.stored_bins
        means = []
        for first in range(0, hu.shape[0], SLAB * k):
            planes = hu[first : first + SLAB * k].clamp(min=PADDING_HU).int()
            total = _added(_added(_added(planes, 0, k), 1, j), 2, i)
            means.append(torch.div(2 * total + k * j * i, 2 * k * j * i, rounding_mode="floor"))
        return torch.cat(means)

    def _stored(self, box: Box) -> Box:
        """Where a turned box lies in the stored array."""
        turn, shape = self._turn, self._volume.hu.shape
        runs = [slice(0)] * 3
        for run, axis, backwards in zip(box, turn.order, turn.backwards, strict=True):
            count = shape[axis]
            runs[axis] = slice(count - run.stop, count - run.start) if backwards else run
        return runs[0], runs[1], runs[2]

    def _turned(self, stored: Tensor) -> Tensor:
        turn = self._turn
        return stored.permute(turn.order).flip([n for n in range(3) if turn.backwards[n]])


def on_device(array: NDArray[np.generic], device: torch.device) -> Tensor:
    """A copy on the device; on the CPU the very array, which nobody may write to."""
    with warnings.catch_warnings():
        # A scan is read-only, which a tensor cannot be; nothing here writes into one.
        warnings.filterwarnings("ignore", message="The given NumPy array is not writable")
        return torch.from_numpy(np.ascontiguousarray(array)).to(device)


def blended(field: Tensor, places: Places, axis: int) -> Tensor:
    """As blend.blended."""
    low = field.index_select(axis, on_device(places.low, field.device))
    high = field.index_select(axis, on_device(places.high, field.device))
    share = on_device(places.share, field.device)
    high -= low
    high *= share.view([-1 if n == axis else 1 for n in range(field.dim())])
    high += low
    return high


def calm(hu: Tensor, spacing_mm: tuple[float, float, float]) -> Tensor:
    """As border.calm."""
    image = hu.clamp(PADDING_HU, CALM_HU).float()
    for axis, mm in ((1, spacing_mm[1]), (2, spacing_mm[2])):
        weights = calm_weights(mm)
        reach, length = len(weights) - 1, image.shape[axis]
        wide = image.index_select(axis, on_device(mirrored(length, reach), image.device))
        image = wide.narrow(axis, reach, length) * weights[0]
        for n in range(1, reach + 1):
            pair = wide.narrow(axis, reach - n, length) + wide.narrow(axis, reach + n, length)
            pair *= weights[n]
            image += pair
    return image


def _added(hu: Tensor, axis: int, count: int) -> Tensor:
    """Each so many planes along an axis added up."""
    whole = [slice(None)] * axis
    total = hu[(*whole, slice(0, None, count))].clone()
    for first in range(1, count):
        total += hu[(*whole, slice(first, None, count))]
    return total
