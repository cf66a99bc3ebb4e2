"""What threshold painting would take, shown before the hand presses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage

from ai.scan.volume import Volume
from viewer.editing.field import Field
from viewer.editing.hold import Hold
from viewer.views.planes import View

FINEST_PX = 2
"""Every second pixel is looked at: as fine as a voxel mostly, and a quarter of the work."""
MOST = 40_000
"""Places looked at for one preview; a larger part of the pane is looked at more coarsely."""


def preview(
    view: View,
    volume: Volume,
    field: Field,
    hold: Hold,
    colour: QColor,
    *,
    around: tuple[float, float] | None,
) -> tuple[QImage, QRectF] | None:
    """A picture of what would be painted and where it goes on the pane (logical pixels).

    around: the pointer, for the voxels under the brush; None for all that the pane shows. Voxels
    that are in the mask already are left out. None where nothing would be painted.
    """
    radius_px = hold.diameter_mm / 2 / view.mm_per_px
    part = QRectF(0, 0, view.width_px, view.height_px)
    if around is not None:
        box = QRectF(around[0] - radius_px, around[1] - radius_px, 2 * radius_px, 2 * radius_px)
        part = part.intersected(box)
    if part.isEmpty():
        return None
    step = max(FINEST_PX, int(np.ceil(np.sqrt(part.width() * part.height() / MOST))))
    x = np.arange(part.left() + step / 2, part.right(), step)
    y = np.arange(part.top() + step / 2, part.bottom(), step)
    if not len(x) or not len(y):
        return None
    taken = _taken(view, volume, field, hold, x, y)
    if around is not None:
        away = (x[None, :] - around[0]) ** 2 + (y[:, None] - around[1]) ** 2
        taken &= away <= radius_px**2
    if not taken.any():
        return None
    return _picture(taken, colour), QRectF(part.left(), part.top(), len(x) * step, len(y) * step)


def _taken(
    view: View,
    volume: Volume,
    field: Field,
    hold: Hold,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """(rows, columns) whether the voxel nearest to each place would be painted."""
    geometry = volume.geometry
    corner = geometry.index_of(view.lps_of(0.0, 0.0))
    right = geometry.index_of(view.lps_of(1.0, 0.0)) - corner
    down = geometry.index_of(view.lps_of(0.0, 1.0)) - corner
    index = corner + y[:, None, None] * down + x[None, :, None] * right
    voxel = np.floor(index + 0.5).astype(np.intp)
    last = np.array(geometry.shape_kji) - 1
    there = np.all((voxel >= 0) & (voxel <= last), axis=-1)
    k, j, i = np.moveaxis(np.clip(voxel, 0, last), -1, 0)
    hu = volume.hu[k, j, i]
    found = there & (hu >= hold.low_hu) & (hu <= hold.high_hu) & (field.voxels[k, j, i] == 0)
    return np.asarray(found)


def _picture(taken: NDArray[np.bool_], colour: QColor) -> QImage:
    alpha = colour.alpha()
    parts = (colour.blue(), colour.green(), colour.red())
    pixels = np.zeros((*taken.shape, 4), np.uint8)
    pixels[taken] = [*(part * alpha // 255 for part in parts), alpha]
    high, wide = taken.shape
    image = QImage(pixels.data, wide, high, wide * 4, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()  # the pixels go with this function
