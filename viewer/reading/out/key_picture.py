"""A key image drawn anew from the scan: what the pane showed, in its window, without a name."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from ai.scan.finding import Finding
from ai.scan.volume import Volume
from viewer.reading.events import KeyImageKept
from viewer.reading.out.pictures import NOTICE, RING_LEAST_MM, RING_PAD_MM, put_ring, put_text
from viewer.views.planes import letters

LONG_SIDE: Final = 768
"""Pixels of the longer side."""
SLAB_STEP_MM: Final = 1.0
OUTSIDE_HU: Final = -32768.0

Floats = NDArray[np.float64]
SLABS: Final[dict[str, Any]] = {"max": np.maximum, "min": np.minimum, "mean": np.add}


def key_picture(
    volume: Volume,
    key: KeyImageKept,
    caption: str,
    *,
    ring: tuple[Finding, str] | None = None,
    notice: str = NOTICE,
) -> Image.Image:
    """The plane as it was seen. ring: a finding and its state, marked where the plane meets it."""
    wide, high = max(key.wide_mm, 1.0), max(key.high_mm, 1.0)
    per_mm = LONG_SIDE / max(wide, high)
    size = max(1, round(wide * per_mm)), max(1, round(high * per_mm))
    picture = Image.fromarray(_grey(_cut(volume, key, size), key)).convert("RGB")
    if ring is not None:
        _ring(picture, key, *ring)
    draw = ImageDraw.Draw(picture)
    _ways(draw, key, size)
    put_text(draw, (10, 8), caption)
    put_text(draw, (10, size[1] - 24), notice)
    return picture


def _cut(volume: Volume, key: KeyImageKept, size: tuple[int, int]) -> Floats:
    """(height, width) HU of the plane, or of the slab around it."""
    right, down = np.array(key.right), np.array(key.down)
    width, height = size
    x = (np.arange(width) + 0.5 - width / 2) * key.wide_mm / width
    y = (np.arange(height) + 0.5 - height / 2) * key.high_mm / height
    plane = np.array(key.centre_lps) + y[:, None, None] * down + x[None, :, None] * right
    if key.slab not in SLABS or key.slab_mm <= 0:
        return _linear(volume, plane)
    count = max(2, round(key.slab_mm / SLAB_STEP_MM) + 1)
    away = np.linspace(-key.slab_mm / 2, key.slab_mm / 2, count)
    normal, join = np.cross(right, down), SLABS[key.slab]
    whole = _linear(volume, plane + away[0] * normal)
    outside = whole <= OUTSIDE_HU
    for mm in away[1:]:
        one = _linear(volume, plane + mm * normal)
        outside |= one <= OUTSIDE_HU
        whole = join(whole, one)
    return np.where(outside, OUTSIDE_HU, whole / count) if key.slab == "mean" else whole


def _linear(volume: Volume, lps: Floats) -> Floats:
    """HU between voxels at (..., 3) points; OUTSIDE_HU where the scan does not reach."""
    geometry = volume.geometry
    index = geometry.index_of(lps.reshape(-1, 3))
    last = np.array(geometry.shape_kji) - 1
    outside = np.any((index < -0.5) | (index > last + 0.5), axis=1)
    index = np.clip(index, 0, last)
    low = np.minimum(index.astype(np.intp), np.maximum(last - 1, 0))
    share = index - low
    high = np.minimum(low + 1, last)
    hu = np.zeros(len(index))
    for corner in range(8):
        up = [bool(corner >> axis & 1) for axis in range(3)]
        k, j, i = ((high if up[a] else low)[:, a] for a in range(3))
        weight = np.prod([share[:, a] if up[a] else 1 - share[:, a] for a in range(3)], axis=0)
        hu += weight * volume.hu[k, j, i]
    hu[outside] = OUTSIDE_HU
    whole: Floats = hu.reshape(lps.shape[:-1])
    return whole


def _grey(hu: Floats, key: KeyImageKept) -> NDArray[np.uint8]:
    """Source: DICOM PS3.3 C.11.2.1.2.1 (linear)."""
    span = max(key.window_width - 1.0, 1e-6)
    tone = np.clip((hu - (key.window_level - 0.5)) / span + 0.5, 0.0, 1.0) * 255.0
    if key.invert:
        tone = 255.0 - tone
    tone[hu <= OUTSIDE_HU] = 0.0
    grey: NDArray[np.uint8] = np.round(tone).astype(np.uint8)
    return grey


def _ring(picture: Image.Image, key: KeyImageKept, finding: Finding, state: str) -> None:
    off = np.array(finding.centre_lps) - np.array(key.centre_lps)
    per_mm = picture.width / max(key.wide_mm, 1.0)
    column = picture.width / 2 + float(off @ np.array(key.right)) * per_mm
    row = picture.height / 2 + float(off @ np.array(key.down)) * per_mm
    radius_mm = max(RING_LEAST_MM, finding.measurement.long_mm / 2 + RING_PAD_MM)
    put_ring(picture, np.array([row, column]), radius_mm * per_mm, state)


def _ways(draw: ImageDraw.ImageDraw, key: KeyImageKept, size: tuple[int, int]) -> None:
    """Which way left, right and up point in the patient."""
    width, height = size
    right, down = np.array(key.right), np.array(key.down)
    put_text(draw, (8, height // 2 - 8), letters(-right))
    put_text(draw, (width - 28, height // 2 - 8), letters(right))
    put_text(draw, (width // 2 - 5, 30), letters(-down))
