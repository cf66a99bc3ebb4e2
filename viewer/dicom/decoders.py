"""Compressed pixels of one frame, through the decoder named for its transfer syntax.

pydicom's own order of plugins is not the fastest, so each is named. JPEG (lossless, 12 bit) and
RLE (the other fast decoder panics on damage) go through SimpleITK in a small file of our own
making: its free decoder is then given the stream and nothing else of the header, so it can neither
rescale nor invert.
"""

from __future__ import annotations

import os
import struct
import tempfile
import warnings
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.series import SliceFile
from viewer.dicom.streams import told_size

RLE = "1.2.840.10008.1.2.5"
_PLUGINS = {
    "1.2.840.10008.1.2.4.80": ("pyjpegls",),
    "1.2.840.10008.1.2.4.81": ("pyjpegls",),
    "1.2.840.10008.1.2.4.90": ("pylibjpeg",),
    "1.2.840.10008.1.2.4.91": ("pylibjpeg",),
    "1.2.840.10008.1.2.4.201": ("pylibjpeg",),
    "1.2.840.10008.1.2.4.202": ("pylibjpeg",),
    "1.2.840.10008.1.2.4.203": ("pylibjpeg",),
}
_BY_SIMPLEITK = (RLE, "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57",
         "1.2.840.10008.1.2.4.70")  # fmt: skip
NATIVE = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2",
          "1.2.840.10008.1.2.1.99")  # fmt: skip

LOSSY = frozenset(
    ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81",
     "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.203")
)  # fmt: skip

MOST_FRAGMENTS = 200_000


SYNTAXES = (*NATIVE, *_BY_SIMPLEITK, *_PLUGINS)
"""Every transfer syntax that Hilum reads where its decoder is installed."""


def can_decode(transfer_syntax: str) -> bool:
    """Whether this build has a decoder for a transfer syntax."""
    return bool(decoder_of(transfer_syntax))


def decoder_of(transfer_syntax: str) -> str:
    """What decodes a transfer syntax in this build, or nothing."""
    if transfer_syntax in NATIVE:
        return "none needed"
    if transfer_syntax in _BY_SIMPLEITK:
        return "SimpleITK" if find_spec("SimpleITK") else ""
    plugins = _PLUGINS.get(transfer_syntax)
    if not plugins:
        return ""
    from pydicom.pixels import get_decoder

    ready = get_decoder(transfer_syntax).available_plugins
    return next((name for name in plugins if name in ready), "")


def uid_name(uid: str) -> str:
    """The standard's name of a UID, or empty for one it does not hold."""
    from pydicom.config import IGNORE
    from pydicom.uid import UID

    name = UID(uid, IGNORE).name
    return "" if name == uid else str(name)


def syntax_name(transfer_syntax: str) -> str:
    """A transfer syntax as the standard names it, with its UID."""
    name = uid_name(transfer_syntax)
    return f"{name} ({transfer_syntax})" if name else transfer_syntax


def decode_frame(item: SliceFile, rows: int, columns: int) -> NDArray[np.generic]:
    """Stored values (rows, columns) of one compressed frame.

    Raises ValueError for anything that is no picture of that size.
    """
    stream = _stream(item)
    told = told_size(stream)
    if told is not None and told != (rows, columns, 1):
        # a decoder would make room for what the stream claims, gigabytes of it
        raise ValueError("the compressed picture has another size")
    if item.transfer_syntax in _BY_SIMPLEITK:
        picture = _by_simpleitk(stream, item, rows, columns)
    else:
        picture = _by_pydicom(stream, item, rows, columns)
    if picture.shape != (rows, columns):
        raise ValueError("the decoded picture has another size")
    return picture


def _stream(item: SliceFile) -> bytes:
    """The compressed bytes of one frame."""
    told = item.path.stat()
    offsets, fragments = _fragments(item.path, item.stored_at, told.st_size, told.st_mtime_ns)
    if item.frames == 1:
        chosen = fragments
    elif len(fragments) == item.frames:
        chosen = fragments[item.frame : item.frame + 1]
    elif len(offsets) == item.frames:
        base = fragments[0][0] - 8 if fragments else 0
        start = base + offsets[item.frame]
        last = item.frame + 1 == item.frames
        end = float("inf") if last else base + offsets[item.frame + 1]
        chosen = tuple(f for f in fragments if start <= f[0] - 8 < end)
    else:
        raise ValueError("the frames of the compressed pixels cannot be told apart")
    if not chosen:
        raise ValueError("no compressed pixels")
    with item.path.open("rb") as file:
        parts = []
        for at, length in chosen:
            file.seek(at)
            parts.append(file.read(length))
    return b"".join(parts)


@lru_cache(maxsize=16)
def _fragments(
    path: Path, at: int, size: int, changed_ns: int
) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    """The basic offset table, and offset and length of every fragment (PS3.5 A.4).

    size, changed_ns: of the file, so that a file written anew is looked at anew.
    """
    fragments: list[tuple[int, int]] = []
    table: tuple[int, ...] = ()
    with path.open("rb") as file:
        position = at
        while len(fragments) < MOST_FRAGMENTS:
            file.seek(position)
            head = file.read(8)
            if len(head) < 8:
                break
            group, element, length = struct.unpack("<HHI", head)
            if (group, element) != (0xFFFE, 0xE000):
                break
            if position + 8 + length > size:
                raise ValueError("the compressed pixels end too early")
            if position == at:
                raw = file.read(length)
                table = struct.unpack(f"<{length // 4}I", raw[: length // 4 * 4])
            elif length:
                fragments.append((position + 8, length))
            position += 8 + length
    return table, tuple(fragments)


def _by_pydicom(stream: bytes, item: SliceFile, rows: int, columns: int) -> NDArray[np.generic]:
    from pydicom.pixels import get_decoder

    decoder = get_decoder(item.transfer_syntax)
    padded = stream + b"\0" * (len(stream) % 2)
    capsule = (
        struct.pack("<HHI", 0xFFFE, 0xE000, 0) + struct.pack("<HHI", 0xFFFE, 0xE000, len(padded))
    ) + padded  # fmt: skip
    told: dict[str, Any] = {
        "rows": rows,
        "columns": columns,
        "samples_per_pixel": 1,
        "photometric_interpretation": "MONOCHROME2",
        "bits_allocated": item.bits_allocated,
        "bits_stored": item.bits_stored,
        "pixel_representation": int(item.signed),
        "number_of_frames": 1,
        "pixel_keyword": "PixelData",
    }
    failure: Exception | None = None
    for plugin in _PLUGINS.get(item.transfer_syntax, ()):
        if plugin not in decoder.available_plugins:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                picture, _ = decoder.as_array(
                    capsule, index=0, raw=True, decoding_plugin=plugin, **told
                )
            return picture
        except Exception as error:  # noqa: BLE001 - a damaged stream may raise anything
            failure = error
    raise ValueError("the compressed pixels are damaged") from failure


def _by_simpleitk(stream: bytes, item: SliceFile, rows: int, columns: int) -> NDArray[np.generic]:
    import SimpleITK

    handle, name = tempfile.mkstemp(suffix=".dcm", prefix="hilum-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_bare_file(stream, item, rows, columns))
        reader = SimpleITK.ImageFileReader()
        reader.SetImageIO("GDCMImageIO")
        reader.SetFileName(name)
        SimpleITK.ProcessObject.GlobalWarningDisplayOff()
        picture = SimpleITK.GetArrayFromImage(reader.Execute())
    except RuntimeError as error:
        raise ValueError("the compressed pixels are damaged") from error
    finally:
        Path(name).unlink(missing_ok=True)
    return np.asarray(picture[0] if picture.ndim == 3 else picture)


def _bare_file(stream: bytes, item: SliceFile, rows: int, columns: int) -> bytes:
    """A DICOM file with nothing but the stream and its size, no rescale, no patient."""

    def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
        value += (b"\0" if vr in (b"UI", b"OB") else b" ") * (len(value) % 2)
        head = struct.pack("<HH2s", group, number, vr)
        if vr == b"OB":
            return head + struct.pack("<HI", 0, len(value)) + value
        return head + struct.pack("<H", len(value)) + value

    def whole(number: int, value: int) -> bytes:
        return element(0x0028, number, b"US", struct.pack("<H", value))

    sop_class, uid = b"1.2.840.10008.5.1.4.1.1.2", b"2.25.1"
    meta = (
        element(2, 1, b"OB", b"\0\1")
        + element(2, 2, b"UI", sop_class)
        + element(2, 3, b"UI", uid)
        + element(2, 0x10, b"UI", item.transfer_syntax.encode("ascii"))
    )
    body = (
        element(8, 0x16, b"UI", sop_class)
        + element(8, 0x18, b"UI", uid)
        + element(8, 0x60, b"CS", b"CT")
        + whole(2, 1)
        + element(0x28, 4, b"CS", b"MONOCHROME2")
        + whole(0x10, rows)
        + whole(0x11, columns)
        + whole(0x100, item.bits_allocated)
        + whole(0x101, item.bits_stored)
        + whole(0x102, item.high_bit)
        + whole(0x103, int(item.signed))
    )
    padded = stream + b"\0" * (len(stream) % 2)
    pixels = (
        struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF)
        + struct.pack("<HHI", 0xFFFE, 0xE000, 0)
        + struct.pack("<HHI", 0xFFFE, 0xE000, len(padded))
        + padded
        + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    )
    length = element(2, 0, b"UL", struct.pack("<I", len(meta)))
    return b"\0" * 128 + b"DICM" + length + meta + body + pixels
