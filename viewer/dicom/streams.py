"""The size that a compressed picture claims for itself, before a decoder makes room for it.

Source: ISO/IEC 10918-1 B.2.2 (JPEG), 14495-1 C.2.2 (JPEG-LS), 15444-1 A.5.1 (JPEG 2000).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_JPEG_START, _SOC_SIZ = b"\xff\xd8", b"\xff\x4f\xff\x51"
_FRAME_STARTS = frozenset((*range(0xC0, 0xD0), 0xF7)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset((0x01, *range(0xD0, 0xDA)))
MOST_TILES = 65_535


@dataclass(frozen=True)
class Told:
    """What a stream says of its picture. signed: False in JPEG, which knows no signs."""

    rows: int
    columns: int
    samples: int
    bits: int
    signed: bool = False


def told_picture(stream: bytes) -> Told | None:
    """What the first header in a stream says; None for a stream of another family.

    Raises ValueError where a JPEG or JPEG 2000 stream does not say it.
    """
    if stream[:2] == _JPEG_START:
        return _jpeg_size(stream)
    at = stream.find(_SOC_SIZ, 0, 4096)  # in a JP2 file a few boxes come first
    return _jpeg2000_size(stream, at + 2) if at >= 0 else None


def _jpeg_size(stream: bytes) -> Told:
    at = 2
    while at + 4 <= len(stream):
        if stream[at] != 0xFF:
            break
        marker = stream[at + 1]
        if marker == 0xFF or marker in _ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in _FRAME_STARTS and at + 10 <= len(stream):
            bits, rows, columns, samples = struct.unpack_from(">BHHB", stream, at + 4)
            return Told(rows, columns, samples, bits)
        at += 2 + int(struct.unpack_from(">H", stream, at + 2)[0])
    raise ValueError("the compressed pixels do not tell their size")


def _jpeg2000_size(stream: bytes, at: int) -> Told:
    if at + 41 > len(stream):
        raise ValueError("the compressed pixels do not tell their size")
    wide, high, left, top, tile_wide, tile_high = struct.unpack_from(">6I", stream, at + 6)
    samples, depth = struct.unpack_from(">HB", stream, at + 38)
    if not tile_wide or not tile_high or left > wide or top > high:
        raise ValueError("the compressed pixels make no picture")
    if -(-wide // tile_wide) * -(-high // tile_high) > MOST_TILES:
        raise ValueError("the compressed pixels lie in too many tiles")
    return Told(high - top, wide - left, samples, (depth & 0x7F) + 1, bool(depth & 0x80))
