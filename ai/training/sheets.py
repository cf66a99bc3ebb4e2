"""Sheets of slices to look a mask over: lung window, the mask's edge drawn, millimetres beside.

Twenty slices at most to a sheet. Every tile shows the same part of the body; ticks at its border
stand every 20 mm of the patient's x and y, so that an error can be named by its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image, ImageDraw

from ai.scan.labelmap import Labels
from ai.scan.volume import Volume
from ai.training.evaluation_pictures import WINDOW_HU, edge_of

MOST_SLICES, COLUMNS = 20, 5
MARGIN_MM = 12.0
TICK_MM, LONG_TICK_MM = 20, 100
RIGHT_RGB, LEFT_RGB, INK, TICK_RGB = (86, 180, 233), (230, 159, 0), (255, 255, 255), (0, 220, 0)


def sheets(
    volume: Volume, labels: Labels, slices: Sequence[int], *, px_per_mm: float = 1.1
) -> Iterator[Image.Image]:
    """Pictures of at most twenty slices each; right lung blue, left orange."""
    box = _box(volume, labels)
    for first in range(0, len(slices), MOST_SLICES):
        tiles = [
            _tile(volume, labels, k, box, px_per_mm) for k in slices[first : first + MOST_SLICES]
        ]
        wide, high = tiles[0].size
        rows = -(-len(tiles) // COLUMNS)
        sheet = Image.new("RGB", (wide * COLUMNS, high * rows))
        for n, tile in enumerate(tiles):
            sheet.paste(tile, (n % COLUMNS * wide, n // COLUMNS * high))
        yield sheet


def spread_slices(labels: Labels, most: int) -> tuple[int, ...]:
    """At most so many slices, evenly over those that hold lung and one beyond either end."""
    held = np.flatnonzero(labels.any(axis=(1, 2)))
    if not held.size:
        return ()
    low, high = max(0, held[0] - 1), min(len(labels) - 1, held[-1] + 1)
    return tuple(int(k) for k in np.unique(np.linspace(low, high, most).round().astype(int)))


def _box(volume: Volume, labels: Labels) -> tuple[slice, slice]:
    flat = np.asarray((labels > 0).any(axis=0))
    spacing = volume.geometry.spacing_kji_mm[1:]
    box = []
    for axis, mm in enumerate(spacing):
        held = np.flatnonzero(flat.any(axis=1 - axis))
        low, high = (held[0], held[-1]) if held.size else (0, flat.shape[axis] - 1)
        margin = round(MARGIN_MM / mm)
        box.append(slice(max(0, low - margin), min(flat.shape[axis], high + margin + 1)))
    return box[0], box[1]


def _tile(
    volume: Volume, labels: Labels, k: int, box: tuple[slice, slice], px_per_mm: float
) -> Image.Image:
    low, high = WINDOW_HU
    dj, di = volume.geometry.spacing_kji_mm[1:]
    grey = np.clip((volume.hu[k][box].astype(np.float32) - low) / (high - low), 0, 1) * 255
    size = round(grey.shape[1] * di * px_per_mm), round(grey.shape[0] * dj * px_per_mm)
    shown = Image.fromarray(grey.astype(np.uint8)).resize(size, Image.Resampling.BILINEAR)
    rgb = np.repeat(np.asarray(shown)[..., None], 3, axis=2).copy()
    large = Image.fromarray(labels[k][box]).resize(size, Image.Resampling.NEAREST)
    for number, colour in ((1, RIGHT_RGB), (2, LEFT_RGB)):
        rgb[edge_of(np.asarray(large) == number)] = colour
    tile = Image.fromarray(rgb)
    _ticks(tile, volume, k, box, px_per_mm)
    return tile


def _ticks(
    tile: Image.Image, volume: Volume, k: int, box: tuple[slice, slice], px_per_mm: float
) -> None:
    """Along the top x, along the left edge y, in LPS mm; longer ones every 100 mm."""
    draw = ImageDraw.Draw(tile)
    corner = np.array([k, box[0].start, box[1].start], dtype=float)
    first = volume.geometry.lps_of(corner)
    toward = volume.geometry.directions
    draw.text((14, tile.size[1] - 13), f"slice {k}  z {first[2]:.1f}", fill=INK)
    for axis, column, length in ((0, 2, tile.size[0]), (1, 1, tile.size[1])):
        sign = np.sign(toward[axis, column])
        for px, mm in _marks(first[axis], sign, length, px_per_mm):
            long = 9 if mm % LONG_TICK_MM == 0 else 4
            ends = ((px, 0), (px, long)) if axis == 0 else ((0, px), (long, px))
            draw.line(ends, fill=TICK_RGB)
            if mm % LONG_TICK_MM == 0:
                draw.text((px + 2, 8) if axis == 0 else (11, px - 6), str(mm), fill=TICK_RGB)


def _marks(first: float, sign: float, length: int, px_per_mm: float) -> Iterator[tuple[int, int]]:
    """Pixel and millimetre of every tick along one edge."""
    last = first + sign * length / px_per_mm
    low, high = sorted((first, last))
    for mm in range(int(np.ceil(low / TICK_MM)) * TICK_MM, int(high) + 1, TICK_MM):
        yield round((mm - first) * sign * px_per_mm), mm
