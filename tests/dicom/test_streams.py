"""A compressed picture's own claim of its size is read before anyone makes room for it."""

from __future__ import annotations

import contextlib
import struct
import threading
import time
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import (
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSLossless,
    RLELossless,
)

from tests.dicom.small import COLUMNS, ROWS, hu_of, write_ct
from viewer.dicom.decoders import decode_frame
from viewer.dicom.find import open_path
from viewer.dicom.pixels import read_volume
from viewer.dicom.series import Series
from viewer.dicom.streams import Told, told_picture


def packed(folder: Path, syntax: str, slices: int = 6) -> Series:
    for path in write_ct(folder, hu=hu_of(slices)):
        dataset = pydicom.dcmread(path)
        dataset.compress(syntax, generate_instance_uid=False)
        dataset.save_as(path)
    return open_path(folder).series[0]


def hurt(series: Series, k: int, mark: bytes, at: int, new: bytes) -> None:
    """Bytes behind a mark in slice k's file changed."""
    raw = bytearray(series.slices[k].path.read_bytes())
    start = raw.index(mark) + at
    raw[start : start + len(new)] = new
    series.slices[k].path.write_bytes(raw)


def test_jpeg_and_jpeg_2000_tell_their_size() -> None:
    jpeg = b"\xff\xd8\xff\xfe\x00\x04hi\xff\xf7\x00\x0b\x0c\x00\x28\x00\x24\x01\x01\x11\x00"
    assert told_picture(jpeg) == Told(40, 36, 1, 12)
    siz = struct.pack(">HHIIIIIIIIHBBB", 41, 0, 46, 60, 10, 20, 36, 40, 0, 0, 1, 0x8B, 1, 1)
    assert told_picture(b"\xff\x4f\xff\x51" + siz) == Told(40, 36, 1, 12, True)
    assert told_picture(b"\0" * 64) is None


@pytest.mark.parametrize("cut", range(2, 20))
def test_a_stream_that_ends_before_it_tells_its_size_is_damage(cut: int) -> None:
    jpeg = b"\xff\xd8\xff\xfe\x00\x04hi\xff\xf7\x00\x0b\x0c\x00\x28\x00\x24\x01\x01\x11\x00"
    if cut < 18:
        with pytest.raises(ValueError, match="size"):
            told_picture(jpeg[:cut])
    else:
        assert told_picture(jpeg[:cut]) is not None


@pytest.mark.parametrize(
    ("syntax", "mark", "at", "size"),
    [
        (JPEGLSLossless, b"\xff\xf7", 5, b"\xff\xff\xff\xff"),
        (JPEG2000Lossless, b"\xff\x51", 6, b"\x7f\xff\xff\xff\x7f\xff\xff\xff"),
    ],
)
def test_a_slice_that_claims_gigabytes_costs_itself_alone(
    tmp_path: Path, syntax: str, mark: bytes, at: int, size: bytes
) -> None:
    series = packed(tmp_path, syntax)
    hurt(series, 2, mark, at, size)
    began = time.monotonic()
    hu = read_volume(series).hu
    assert time.monotonic() - began < 2
    assert (hu[2] == -1024).all() and np.array_equal(hu[3], hu_of(6)[3])


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless, RLELossless])
def test_noise_in_a_stream_is_answered_at_once(tmp_path: Path, syntax: str) -> None:
    series = packed(tmp_path, syntax, slices=2)
    item, good = series.slices[0], series.slices[0].path.read_bytes()
    rng = np.random.default_rng(4)
    for _ in range(40):
        raw = bytearray(good)
        first = item.stored_at + int(rng.integers(60, len(good) - item.stored_at - 40))
        raw[first:] = rng.bytes(len(raw) - first)
        item.path.write_bytes(raw)
        began = time.thread_time()
        with contextlib.suppress(ValueError):
            assert decode_frame(item, ROWS, COLUMNS).shape == (ROWS, COLUMNS)
        assert time.thread_time() - began < 1, "another decoder span for ten seconds here"


def test_slices_decoded_ahead_come_in_their_own_places_and_leave_no_thread(tmp_path: Path) -> None:
    series = packed(tmp_path, JPEGLSLossless, slices=30)
    before = threading.active_count()
    assert np.array_equal(read_volume(series).hu, hu_of(30))
    assert threading.active_count() == before


def test_an_uneven_compressed_series_is_decoded_once_a_slice(tmp_path: Path) -> None:
    z_mm = (0.0, 5.0, 10.0, 17.0, 25.0, 30.0)
    for path in write_ct(tmp_path, hu=hu_of(6), z_mm=z_mm):
        dataset = pydicom.dcmread(path)
        dataset.compress(JPEGLSLossless, generate_instance_uid=False)
        dataset.save_as(path)
    (series,) = open_path(tmp_path).series
    hurt(series, 17, b"\xff\xf7", 5, b"\xff\xff\xff\xff")
    volume = read_volume(series)
    for number, z in enumerate(z_mm):
        wanted = -1024 if number == 3 else hu_of(6)[number]
        assert (volume.hu[int(z)] == wanted).all()


def lossy_jpeg(blocks: np.ndarray, bits: int) -> bytes:
    """A JPEG of grey blocks of 8 x 8, exact, in so many bits a sample: differences of their means
    alone, in codes of four bits for their lengths, and one bit that ends each block."""
    rows, columns = (8 * n for n in blocks.shape)
    code, before = "", 0
    for value in (blocks.ravel().astype(int) - (1 << bits - 1)).tolist():
        step, before = value - before, value
        size = abs(step).bit_length()
        code += f"{size:04b}"
        if size:
            code += f"{step if step > 0 else step + (1 << size) - 1:0{size}b}"
        code += "0"
    code += "1" * (-len(code) % 8)
    scan = int(code, 2).to_bytes(len(code) // 8, "big").replace(b"\xff", b"\xff\0")

    def part(mark: int, body: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, mark, len(body) + 2) + body

    return (
        b"\xff\xd8"
        + part(0xDB, b"\0" + b"\x08" * 64)
        + part(
            0xC0 if bits == 8 else 0xC1, struct.pack(">BHHB", bits, rows, columns, 1) + b"\1\x11\0"
        )
        + part(0xC4, b"\0" + bytes([0, 0, 0, 14, *[0] * 12]) + bytes(range(14)))
        + part(0xC4, b"\x10" + bytes([1, *[0] * 15]) + b"\0")
        + part(0xDA, b"\1\1\0\0\x3f\0")
        + scan
        + b"\xff\xd9"
    )


@pytest.mark.parametrize(
    ("bits", "syntax", "stored"),
    [(12, JPEGExtended12Bit, 12), (12, JPEGExtended12Bit, 16), (8, JPEGBaseline8Bit, 16)],
)
def test_a_lossy_jpeg_goes_at_once_to_the_decoder_of_its_own_precision(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], bits: int, syntax: str, stored: int
) -> None:
    """A decoder of another one complains on the terminal before it gives up."""
    side = 6
    blocks = np.random.default_rng(bits).integers(0, 1 << bits, (side, side))
    for path in write_ct(tmp_path, hu=np.zeros((2, 8 * side, 8 * side), np.int16)):
        dataset = pydicom.dcmread(path)
        dataset.PixelData = encapsulate([lossy_jpeg(blocks, bits)])
        dataset["PixelData"].is_undefined_length = True
        dataset["PixelData"].VR = "OB"
        dataset.file_meta.TransferSyntaxUID = syntax
        dataset.PixelRepresentation = 0
        dataset.BitsStored, dataset.HighBit = stored, stored - 1
        dataset.save_as(path)
    series = open_path(tmp_path).series[0]
    picture = decode_frame(series.slices[0], 8 * side, 8 * side)
    assert np.array_equal(picture, np.kron(blocks, np.ones((8, 8), int)))
    assert "precision" not in capfd.readouterr().err
