"""The frames of a DICOM-SEG: which slices each segment has, where they lie, their packed bits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.valuerep import DSfloat

from ai.scan.finding import BoxMask
from ai.scan.labelmap import Code
from viewer.dicom.series import Series, SliceFile
from viewer.dicom.written.seg_content import SegSegment
from viewer.dicom.written.seg_items import coded

SEGMENTATION = Code("113076", "DCM", "Segmentation")
SOURCE_IMAGE = Code("121322", "DCM", "Source image for image processing operation")

FRAMES_AT_ONCE = 8
"""Frames of any width are packed bit to bit; eight of them always end on a byte."""


@dataclass(frozen=True)
class Frame:
    """One stored frame: segment (from 1), slice k of the scan, rank of k among those used."""

    segment: int
    k: int
    rank: int


def frames_of(segments: Sequence[SegSegment]) -> tuple[Frame, ...]:
    """Every frame to be stored, by segment, then by slice.

    A segment has a frame for each slice from its first to its last, empty ones between included:
    readers that count frames instead of looking at positions move masks with holes in them.
    """
    wanted = [
        (number, k)
        for number, segment in enumerate(segments, start=1)
        for k in _extent(segment.mask)
    ]
    rank = {k: n for n, k in enumerate(sorted({k for _, k in wanted}), start=1)}
    return tuple(Frame(number, k, rank[k]) for number, k in wanted)


def _extent(mask: BoxMask) -> range:
    held = np.flatnonzero(mask.voxels.any(axis=(1, 2)))
    if held.size == 0:
        return range(0)
    return range(mask.start_kji[0] + int(held[0]), mask.start_kji[0] + int(held[-1]) + 1)


def packed_bits(
    frames: Sequence[Frame], segments: Sequence[SegSegment], rows: int, columns: int
) -> bytes:
    """Pixel Data: one bit a pixel, the first in the lowest bit, no gap between frames, even length.

    Source: DICOM PS3.5 8.1.1 and D.
    """
    out = bytearray()
    for start in range(0, len(frames), FRAMES_AT_ONCE):
        few = frames[start : start + FRAMES_AT_ONCE]
        planes = np.zeros((len(few), rows, columns), np.bool_)
        for plane, frame in zip(planes, few, strict=True):
            _paint(plane, segments[frame.segment - 1].mask, frame.k)
        out += np.packbits(planes.ravel(), bitorder="little").tobytes()
    return bytes(out) + b"\0" * (len(out) % 2)


def _paint(plane: NDArray[np.bool_], mask: BoxMask, k: int) -> None:
    _, rows, columns = mask.box
    plane[rows, columns] = mask.voxels[k - mask.start_kji[0]]


def frame_groups(frames: Sequence[Frame], series: Series) -> Iterator[Dataset]:
    """The per-frame functional groups, in the order of the frames. Source: PS3.3 A.51.5."""
    for frame in frames:
        source = series.slices[frame.k]
        group = Dataset()
        group.FrameContentSequence = Items([_content(frame)])
        group.PlanePositionSequence = Items([_position(source)])
        group.DerivationImageSequence = Items([_derivation(source, multi=is_multi_frame(series))])
        identification = Dataset()
        identification.ReferencedSegmentNumber = frame.segment
        group.SegmentIdentificationSequence = Items([identification])
        yield group


def is_multi_frame(series: Series) -> bool:
    """Whether several slices of the scan lie in one file."""
    return len({piece.path for piece in series.sources}) < len(series.sources)


def _content(frame: Frame) -> Dataset:
    content = Dataset()
    content.DimensionIndexValues = [frame.segment, frame.rank]
    return content


def _position(source: SliceFile) -> Dataset:
    position = Dataset()
    position.ImagePositionPatient = decimals(source.position_lps)
    return position


def _derivation(source: SliceFile, *, multi: bool) -> Dataset:
    image = Dataset()
    image.ReferencedSOPClassUID = source.sop_class_uid
    image.ReferencedSOPInstanceUID = source.sop_instance_uid
    if multi:
        image.ReferencedFrameNumber = source.frame + 1
    image.SpatialLocationsPreserved = "YES"
    image.PurposeOfReferenceCodeSequence = coded(SOURCE_IMAGE)
    derivation = Dataset()
    derivation.DerivationCodeSequence = coded(SEGMENTATION)
    derivation.SourceImageSequence = Items([image])
    return derivation


def decimals(values: Sequence[float]) -> list[DSfloat]:
    """Numbers as decimal strings of at most 16 characters, as close as those can be."""
    return [DSfloat(float(value), auto_format=True) for value in values]
