"""The colours of a map of chances: clear where nothing is likely, faint where all is sure."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from viewer import theme

BYTES = 256


@cache
def chance_colours() -> NDArray[np.uint32]:
    """256 premultiplied 0xAARRGGBB, for chances of 0 to 1.

    What the network is in doubt about is to be seen, not the lung that it is sure of.
    """
    ramp = [QColor(hex_) for hex_ in theme.token("chanceMap.ramp")]
    knots = np.linspace(0, 1, len(ramp))
    chance = np.linspace(0, 1, BYTES)
    sure = chance >= theme.number("chanceMap.sure")
    alpha = np.where(sure, theme.number("chanceMap.sureAlpha"), theme.number("chanceMap.alpha"))
    alpha[chance < theme.number("chanceMap.least")] = 0.0
    packed: NDArray[np.uint32] = np.round(255 * alpha).astype(np.uint32) * np.uint32(1 << 24)
    for shift, part in ((16, QColor.red), (8, QColor.green), (0, QColor.blue)):
        level = np.interp(chance, knots, [part(one) for one in ramp])
        packed += np.round(level * alpha).astype(np.uint32) * np.uint32(1 << shift)
    return packed


def coloured(chance: NDArray[np.uint8]) -> QImage:
    """(height, width) bytes as a picture of the same size."""
    pixels = np.ascontiguousarray(chance_colours().take(chance))
    high, wide = pixels.shape
    image = QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()  # the array goes, and its memory with it


def ramp_picture(wide: int, high: int) -> QImage:
    """The colours from 0 at the left to 1 at the right."""
    across = np.linspace(0, BYTES - 1, max(1, wide)).round().astype(np.uint8)
    return coloured(np.broadcast_to(across, (max(1, high), max(1, wide))))
