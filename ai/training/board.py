"""Events as TensorBoard reads them, written without TensorBoard: numbers and pictures by step.

A file of records (length, its checksum, bytes, their checksum), each a protocol buffer of a few
fields. Source: tensorflow/core/lib/io/record_writer.h, event.proto and summary.proto.
"""

from __future__ import annotations

import struct
import time
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ai.training.evaluation_pictures import png

CHANNELS, MASKED = 3, 0xA282EAD8
POLYNOMIAL = 0x82F63B78
"""Of CRC-32C (Castagnoli), reflected."""


class Board:
    """One file of events in a folder; a run that goes on begins another one."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        taken = len(list(folder.glob("events.out.tfevents.*")))
        path = folder / f"events.out.tfevents.{int(time.time())}.hilum.{taken}"
        self._file = path.open("wb")
        self._write(_text(3, "brain.Event:2"))

    def numbers(self, step: int, **values: float) -> None:
        """Each by its name, a double underscore for a slash."""
        rows = [
            _text(1, name.replace("__", "/")) + _key(2, 5) + struct.pack("<f", value)
            for name, value in values.items()
        ]
        self._summary(step, rows)

    def picture(self, step: int, name: str, grey: NDArray[np.floating]) -> None:
        """(rows, columns), 0 black to 1 white."""
        level = np.clip(grey * 255, 0, 255).round().astype(np.uint8)
        rows, columns = level.shape
        image = _count(1, rows) + _count(2, columns) + _count(3, CHANNELS)
        image += _bytes(4, png(np.repeat(level[:, :, None], 3, axis=2)))
        self._summary(step, [_text(1, name) + _bytes(4, image)])

    def close(self) -> None:
        self._file.close()

    def _summary(self, step: int, values: list[bytes]) -> None:
        self._write(_count(2, step) + _bytes(5, b"".join(_bytes(1, one) for one in values)))

    def _write(self, event: bytes) -> None:
        body = _key(1, 1) + struct.pack("<d", time.time()) + event
        length = struct.pack("<Q", len(body))
        for part in (length, body):
            self._file.write(part + struct.pack("<I", masked_crc(part)))
        self._file.flush()


def masked_crc(data: bytes) -> int:
    """CRC-32C, turned and shifted as these files hold it."""
    table, crc = _table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + MASKED) & 0xFFFFFFFF


@cache
def _table() -> tuple[int, ...]:
    table = []
    for n in range(256):
        crc = n
        for _ in range(8):
            crc = crc >> 1 ^ (POLYNOMIAL if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


def _varint(n: int) -> bytes:
    out = bytearray()
    while n > 0x7F:
        out.append(n & 0x7F | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def _key(field: int, kind: int) -> bytes:
    return _varint(field << 3 | kind)


def _count(field: int, n: int) -> bytes:
    return _key(field, 0) + _varint(n)


def _bytes(field: int, data: bytes) -> bytes:
    return _key(field, 2) + _varint(len(data)) + data


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode("utf-8"))
