"""One compressed frame decoded by SimpleITK, from a small file of our own making.

Its free decoder is given the stream and nothing else of the header, so it can neither rescale nor
invert. It lets other threads run meanwhile, and keeps its head on damaged streams.
"""

from __future__ import annotations

import os
import struct
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.series import SliceFile


def decode_by_gdcm(stream: bytes, item: SliceFile, rows: int, columns: int) -> NDArray[np.generic]:
    """Stored values (rows, columns). Raises ValueError for a damaged stream."""
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
