"""Events for TensorBoard: records with the right checksums, numbers and pictures inside."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from ai.training.board import Board, masked_crc


def records(path: Path) -> list[bytes]:
    """What a reader of such files gets out, checksums compared."""
    raw, found = path.read_bytes(), []
    while raw:
        (length,) = struct.unpack_from("<Q", raw)
        assert struct.unpack_from("<I", raw, 8)[0] == masked_crc(raw[:8])
        body = raw[12 : 12 + length]
        assert struct.unpack_from("<I", raw, 12 + length)[0] == masked_crc(body)
        found.append(body)
        raw = raw[16 + length :]
    return found


def test_the_checksum_is_the_one_that_the_standard_gives() -> None:
    """CRC-32C of "123456789" is E3069283 (RFC 3720, B.4 uses the same polynomial)."""
    crc = 0xE3069283
    assert masked_crc(b"123456789") == ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def test_numbers_and_pictures_are_in_the_file(tmp_path: Path) -> None:
    board = Board(tmp_path)
    board.numbers(300, loss=0.25, watched__right=0.5)
    board.picture(300, "sample", np.linspace(0, 1, 12).reshape(3, 4))
    board.close()
    (path,) = tmp_path.iterdir()
    version, numbers, picture = records(path)
    assert b"brain.Event:2" in version
    assert b"loss" in numbers and struct.pack("<f", 0.25) in numbers
    assert b"watched/right" in numbers and b"\x10\xac\x02" in numbers, "step 300"
    assert b"sample" in picture and b"\x89PNG" in picture


def test_a_run_that_goes_on_begins_another_file(tmp_path: Path) -> None:
    for _ in range(2):
        Board(tmp_path).close()
    assert len(list(tmp_path.iterdir())) == 2
