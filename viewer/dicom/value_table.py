"""Stored values turned into HU by a table in the header (Modality LUT) instead of a straight line.

Source: DICOM PS3.3 C.11.1 (Modality LUT), C.11.1.1.1 (LUT Descriptor).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.elements import UnreadableError, disk_refused

SEQUENCE = "ModalityLUTSequence"
MOST_ENTRIES = 65536
HU = "HU"


@dataclass(frozen=True)
class ValueTable:
    """What each stored value means; values below and above the table get its first and last entry.

    first: the stored value of the first entry. entries: int32, little endian. kind: the unit that
    the header names, HU for a CT.
    """

    first: int
    entries: bytes
    kind: str

    def values(self, stored: NDArray[Any]) -> NDArray[np.int32]:
        """The meaning of integers of any shape."""
        entries = np.frombuffer(self.entries, "<i4")
        places = stored.astype(np.int64) - self.first
        return entries[np.clip(places, 0, len(entries) - 1)]


def read_value_table(path: Path, *, signed: bool) -> ValueTable:
    """The table of one file. signed: whether its pixels are.

    Raises UnreadableError where the table is damaged, and OSError.
    """
    import pydicom

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = pydicom.dcmread(
                path, stop_before_pixels=True, force=True, specific_tags=[SEQUENCE]
            )
            item = dataset[SEQUENCE].value[0]
            count, first, bits = (int(number) for number in item["LUTDescriptor"].value)
            data = item["LUTData"].value
            big = not dataset.original_encoding[1]
            kind = str(item.get("ModalityLUTType") or "").strip().upper()
        raw = data if isinstance(data, bytes) else np.asarray(data, np.int64).tobytes()
        wide = 0 if isinstance(data, bytes) else 8
        return _table(count, first, bits, raw, wide, kind, signed, big)
    except Exception as error:
        if disk_refused(error):
            raise
        raise UnreadableError("damaged", "its table of values (Modality LUT) is damaged") from None


@lru_cache(maxsize=64)
def _table(
    count: int, first: int, bits: int, raw: bytes, wide: int, kind: str, signed: bool, big: bool
) -> ValueTable:
    """One table for all slices that carry the same: a series of them crosses to the window once.

    wide: bytes of each number in raw, 0 where they lie as DICOM packs them.
    """
    count = count or MOST_ENTRIES
    if not 0 < count <= MOST_ENTRIES or not 8 <= bits <= 16:
        raise ValueError("an impossible table")
    if not wide:
        wide = 1 if bits == 8 and len(raw) < 2 * count else 2
    packed = {1: "u1", 2: ">u2" if big else "<u2", 8: "i8"}[wide]
    entries = np.frombuffer(raw, packed, count).astype(np.int64) & 0xFFFF
    if kind == HU and wide != 1 and entries.max() > 0x7FFF:
        # no HU lies above 32767, and air lies below 0: the sixteenth bit is a sign
        entries = np.where(entries > 0x7FFF, entries - 0x10000, entries)
    if signed and first > 0x7FFF:
        first -= 0x10000
    return ValueTable(first, entries.astype("<i4").tobytes(), kind)
