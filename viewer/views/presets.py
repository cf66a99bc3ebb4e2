"""The window presets on the digit keys, from resources/presets.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QT_TRANSLATE_NOOP, QRectF

from ai.resources import resource
from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume
from viewer.dicom.series import StoredWindow
from viewer.views.slice_render import OUTSIDE_HU
from viewer.views.state import Window

FROM_LUNG, AS_STORED = "lung", "stored"

NAMES = (
    QT_TRANSLATE_NOOP("Preset", "Lung"),
    QT_TRANSLATE_NOOP("Preset", "Mediastinum"),
    QT_TRANSLATE_NOOP("Preset", "Bone"),
    QT_TRANSLATE_NOOP("Preset", "Abdomen"),
    QT_TRANSLATE_NOOP("Preset", "Brain"),
    QT_TRANSLATE_NOOP("Preset", "CT angiography"),
    QT_TRANSLATE_NOOP("Preset", "Emphysema"),
    QT_TRANSLATE_NOOP("Preset", "Ground glass"),
    QT_TRANSLATE_NOOP("Preset", "Auto from lung"),
    QT_TRANSLATE_NOOP("Preset", "As stored"),
)
"""Show them by QCoreApplication.translate("Preset", name)."""

AIR_BELOW_HU = -500
LOWEST_HU = -1024
STRIDE = 4
LEAST_PIXELS = 4


@dataclass(frozen=True)
class Preset:
    """A window by its digit key and English name; None where `computed` says from what."""

    key: str
    name: str
    window: Window | None
    computed: str = ""


@cache
def presets() -> tuple[Preset, ...]:
    """All presets, in the order of the file."""
    table = tomllib.loads(resource("presets.toml").read_text(encoding="utf-8"))["preset"]
    made = []
    for row in table:
        window = Window(row["width"], row["level"]) if "width" in row else None
        made.append(Preset(row["key"], row["name"], window, row.get("from", "")))
    return tuple(made)


def window_from_lung(volume: Volume, lungs: LabelMap | None = None) -> Window | None:
    """A window over this scan's own lung: 1st to 99th percentile of the lungs, or of its air.

    None where the scan holds no air at all. Every fourth voxel each way is plenty.
    """
    part = (slice(None, None, STRIDE),) * 3
    hu = volume.hu[part]
    inside = lungs.labels[part] > 0 if lungs is not None else hu < AIR_BELOW_HU
    values = hu[inside & (hu > LOWEST_HU)]
    if not values.size:
        return None
    low, high = np.percentile(values, (1, 99))
    high = max(high, low + 1)
    return Window(float(round(high - low)), float(round((low + high) / 2)))


def window_of_box(hu: NDArray[np.int16], box: QRectF, ratio: float) -> Window | None:
    """The window of what a box on the picture shows: 1st to 99th percentile.

    hu: (height, width) of the picture. box: in logical pixels; ratio: pixels to a logical one.
    None where the box holds less than four pixels of the scan.
    """
    left, right = (int(max(0, x * ratio)) for x in (box.left(), box.right()))
    top, bottom = (int(max(0, y * ratio)) for y in (box.top(), box.bottom()))
    values = hu[top:bottom, left:right]
    values = values[values != OUTSIDE_HU]
    if values.size < LEAST_PIXELS:
        return None
    low, high = np.percentile(values, (1, 99))
    high = max(high, low + 1)
    return Window(float(round(high - low)), float(round((low + high) / 2)))


def window_of(
    key: str,
    volume: Volume | None,
    lungs: LabelMap | None = None,
    stored: StoredWindow | None = None,
) -> Window | None:
    """The window of a digit key on a scan; None where the scan does not tell the one asked for.

    stored: the one in the scan's own header.
    """
    preset = next(one for one in presets() if one.key == key)
    if preset.computed == FROM_LUNG and volume is not None:
        return window_from_lung(volume, lungs)
    if preset.computed == AS_STORED and stored is not None:
        return Window(stored.width_hu, stored.level_hu)
    return preset.window
