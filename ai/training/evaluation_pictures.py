"""Pictures for an evaluation: the slice where a mask is worst, with both outlines, as PNG."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ai.lungs.upright import turn_of
from ai.scan.labelmap import Labels
from ai.scan.volume import Volume

WINDOW_HU = (-1350.0, 150.0)
TRUE_RGB, FOUND_RGB = (86, 180, 233), (230, 159, 0)
"""Blue what others drew, orange what the model found: told apart by any eye."""
WIDE_PX, MARGIN_PX = 420, 12


def worst_slice(volume: Volume, true: Labels, found: Labels) -> tuple[bytes, int]:
    """PNG of the axial slice with most voxels of disagreement, and its index from the feet."""
    turn = turn_of(volume.geometry)
    hu, right, said = (turn.upright(a) for a in (volume.hu, true, found))
    wrong = np.array([np.count_nonzero(a != b) for a, b in zip(right, said, strict=True)])
    k = int(wrong.argmax())
    box = _around((right[k] > 0) | (said[k] > 0))
    low, high = WINDOW_HU
    grey = np.clip((hu[k][box].astype(np.float32) - low) / (high - low), 0, 1) * 255
    step = max(1, -(-grey.shape[1] // WIDE_PX))
    rgb = np.repeat(grey[::step, ::step, None], 3, axis=2).astype(np.uint8)
    for labels, colour in ((right[k], TRUE_RGB), (said[k], FOUND_RGB)):
        rgb[_edge(labels[box][::step, ::step])] = colour
    return png(rgb), k


def _around(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The part of a slice that holds the lungs, with a margin; all of it where there are none."""
    found = ndimage.find_objects(mask.astype(np.uint8))
    if not found:
        return slice(None), slice(None)
    rows, columns = (
        slice(max(0, edge.start - MARGIN_PX), min(n, edge.stop + MARGIN_PX))
        for edge, n in zip(found[0], mask.shape, strict=True)
    )
    return rows, columns


def _edge(labels: Labels) -> NDArray[np.bool_]:
    """The outermost voxels of each label."""
    edge = np.zeros(labels.shape, dtype=np.bool_)
    for number in (1, 2):
        edge |= edge_of(labels == number)
    return edge


def edge_of(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The outermost voxels of a mask in one plane."""
    return mask & ~ndimage.binary_erosion(mask, border_value=0)


def png(rgb: NDArray[np.uint8]) -> bytes:
    """(rows, columns, 3) as a PNG. Source: W3C PNG specification, 11.2."""
    rows, columns, _ = rgb.shape
    lines = np.concatenate([np.zeros((rows, 1), np.uint8), rgb.reshape(rows, -1)], axis=1)
    head = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + body
