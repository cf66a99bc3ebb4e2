"""The frames of a DICOM-SEG as planes of its segments, one at a time.

BINARY, FRACTIONAL and LABELMAP come out alike. Decoded all at once, sixty nodules of a thin scan
would take gigabytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels import iter_pixels
from pydicom.uid import ExplicitVRBigEndian

Plane = NDArray[np.bool_]
LABELMAP, FRACTIONAL = "LABELMAP", "FRACTIONAL"


def planes_of(seg: Dataset) -> Iterator[tuple[int, Plane, Dataset]]:
    """Segment number, its pixels on one frame (bool, rows x columns), that frame's own groups.

    Empty planes are left out. Fractions count from one half of the most. Raises ValueError,
    KeyError and their like where the file does not hold what it says.
    """
    shared = shared_groups(seg)
    kind = str(seg.SegmentationType)
    background = background_of(seg)
    groups = list(seg.PerFrameFunctionalGroupsSequence)
    for stored, group in zip(_frames(seg, len(groups)), groups, strict=True):
        if kind == LABELMAP:
            for number in np.unique(stored):
                if int(number) != background:
                    yield int(number), stored == number, group
            continue
        plane = _half_and_more(stored, seg) if kind == FRACTIONAL else stored.astype(np.bool_)
        if plane.any():
            item = group_of(group, shared, "SegmentIdentificationSequence")
            yield int(item.ReferencedSegmentNumber), plane, group


def background_of(seg: Dataset) -> int:
    """The value of a label map's background; -1 for the other kinds, which have none."""
    if str(seg.SegmentationType) != LABELMAP:
        return -1
    return int(seg.get("PixelPaddingValue") or 0)


def shared_groups(seg: Dataset) -> Dataset:
    """What holds for all frames; empty where the file has nothing of the kind."""
    items = seg.get("SharedFunctionalGroupsSequence")
    return items[0] if items else Dataset()


def group_of(group: Dataset, shared: Dataset, keyword: str) -> Dataset:
    """A functional group, told for one frame or for all: writers of one segment do the latter."""
    return (group if keyword in group else shared)[keyword].value[0]


def _half_and_more(stored: NDArray[Any], seg: Dataset) -> Plane:
    return 2 * stored.astype(np.uint32) >= int(seg.MaximumFractionalValue)


def _frames(seg: Dataset, told: int) -> Iterator[NDArray[Any]]:
    """Stored values of each frame (rows x columns)."""
    count = int(seg.get("NumberOfFrames") or 1)
    if count != told:
        raise ValueError("as many frames as groups")
    syntax = seg.file_meta.TransferSyntaxUID
    if syntax.is_compressed and not syntax.is_deflated:
        yield from (_grey(frame) for frame in iter_pixels(seg, raw=True))
    elif syntax == ExplicitVRBigEndian:
        yield from np.asarray(seg.pixel_array).reshape(count, int(seg.Rows), int(seg.Columns))
    else:
        yield from _native(seg, count)


def _grey(frame: NDArray[Any]) -> NDArray[Any]:
    if frame.ndim != 2:
        raise ValueError("one value for each pixel")
    return frame


def _native(seg: Dataset, count: int) -> Iterator[NDArray[Any]]:
    """Uncompressed frames. Bits run on from frame to frame, the first one lowest in its byte."""
    rows, columns, bits = int(seg.Rows), int(seg.Columns), int(seg.BitsAllocated)
    size = rows * columns
    stored = np.frombuffer(seg.PixelData, np.uint8)
    if bits not in (1, 8, 16) or 8 * stored.size < count * size * bits:
        raise ValueError("enough pixels")
    for frame in range(count):
        start, end = frame * size * bits, (frame + 1) * size * bits
        some = stored[start // 8 : -(-end // 8)]
        if bits == 1:
            values = np.unpackbits(some, bitorder="little")[start % 8 : start % 8 + size]
        else:
            values = some.view(np.uint8 if bits == 8 else "<u2")
        yield values.reshape(rows, columns)
