"""Compressed pixels of one frame, through the decoder named for its transfer syntax.

SimpleITK's comes first: it is free, fast, lets other threads run, and stands damage, where others
panic (RLE) or spin for ten seconds (JPEG-LS). JPEG 2000 whose stream contradicts its header, and
High-Throughput JPEG 2000, go to pydicom's.
"""

from __future__ import annotations

import struct
import threading
import warnings
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.gdcm import decode_by_gdcm
from viewer.dicom.series import SliceFile
from viewer.dicom.streams import told_picture

RLE = "1.2.840.10008.1.2.5"
_LOSSY_JPEG = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")
"""Their decoders are one for 8 bits and one for 12, as the stream's own header says."""
_JPEG2000 = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91")
_HTJ2K = tuple(f"1.2.840.10008.1.2.4.{end}" for end in (201, 202, 203))
_BY_PYDICOM = (*_JPEG2000, *_HTJ2K)
_PLUGIN = "pylibjpeg"
_BY_GDCM = (
    RLE, "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81", *_JPEG2000,
)  # fmt: skip
NATIVE = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2",
          "1.2.840.10008.1.2.1.99")  # fmt: skip

LOSSY = frozenset(
    ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.81",
     "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.203")
)  # fmt: skip

MOST_FRAGMENTS = 200_000
_one_at_a_time = threading.Lock()
"""Filters of warnings belong to the whole process."""


SYNTAXES = (*NATIVE, *_BY_GDCM, *_HTJ2K)
"""Every transfer syntax that Hilum reads where its decoder is installed."""


def can_decode(transfer_syntax: str) -> bool:
    """Whether this build has a decoder for a transfer syntax."""
    return bool(decoder_of(transfer_syntax))


def decoder_of(transfer_syntax: str) -> str:
    """What decodes a transfer syntax in this build, or nothing."""
    if transfer_syntax in NATIVE:
        return "none needed"
    if transfer_syntax in _BY_GDCM and find_spec("SimpleITK"):
        return "SimpleITK"
    if transfer_syntax not in _BY_PYDICOM:
        return ""
    from pydicom.pixels import get_decoder

    return _PLUGIN if _PLUGIN in get_decoder(transfer_syntax).available_plugins else ""


def frees_threads(item: SliceFile) -> bool:
    """Whether other threads run while this slice is decoded."""
    return item.transfer_syntax in _BY_GDCM


_YOUNG = {
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
}
"""Names that pydicom's list does not hold yet."""


def uid_name(uid: str) -> str:
    """The standard's name of a UID, or empty for one it does not hold."""
    if uid in _YOUNG:
        return _YOUNG[uid]
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
    told = told_picture(stream)
    if told is not None and (told.rows, told.columns, told.samples) != (rows, columns, 1):
        # a decoder would make room for what the stream claims, gigabytes of it
        raise ValueError("the compressed picture has another size")
    # GDCM believes the header, pydicom the stream, which is right
    at_odds = item.transfer_syntax in _JPEG2000 and (
        told is None or (told.bits, told.signed) != (item.bits_stored, item.signed)
    )
    if told is not None and item.transfer_syntax in _LOSSY_JPEG and told.bits in (8, 12):
        # with a header's 16 bits GDCM asks a decoder that cannot first, which says so on stderr
        item = replace(
            item, bits_allocated=told.bits, bits_stored=told.bits, high_bit=told.bits - 1
        )
    if item.transfer_syntax in _BY_GDCM and not at_odds:
        picture = decode_by_gdcm(stream, item, rows, columns)
    else:
        with _one_at_a_time:
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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture, _ = decoder.as_array(
                capsule, index=0, raw=True, decoding_plugin=_PLUGIN, **told
            )
        return picture
    except Exception as error:
        raise ValueError("the compressed pixels are damaged") from error
