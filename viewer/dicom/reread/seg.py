"""A second pair of eyes: what a DICOM-SEG on the disk says, seen without the code that wrote it.

It is given the file and the CT, and shares no module with the writer: pydicom and numpy only.
Places come from each frame's position alone, never from counting frames.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

ON_SLICE_MM = 0.01
"""A frame lies on a slice when their positions differ by less (decimal strings round)."""
SAME_DIRECTION = 1e-5
SAME_SPACING_MM = 1e-5

Plane = NDArray[np.bool_]
Points = NDArray[np.float64]


class UnreadableError(Exception):
    """The SEG, or its CT, does not say what it must; the text says what."""


@dataclass(frozen=True, eq=False)
class SegmentSeen:
    """One segment as it stands in the file. side: code of the type's modifier, or empty.

    planes: slice k of the CT to the pixels of its frame (bool, rows x columns); none where the file
    has no frame.
    """

    number: int
    label: str
    description: str
    category: str
    kind: str
    side: str
    algorithm_type: str
    tracking_id: str
    tracking_uid: str
    planes: dict[int, Plane]


@dataclass(frozen=True, eq=False)
class SegSeen:
    """A SEG on its CT. positions_lps: (K, 3) mm of the CT's slices along the rising normal.

    row_lps, column_lps: unit vectors along a row (to the next column) and down a column. Pixel
    spacing: between rows, between columns, mm.
    """

    sop_instance_uid: str
    study_uid: str
    frame_of_reference: str
    series_uid: str
    qualification: str
    positions_lps: Points
    row_lps: Points
    column_lps: Points
    pixel_spacing_mm: tuple[float, float]
    rows: int
    columns: int
    segments: tuple[SegmentSeen, ...]


@dataclass(frozen=True, eq=False)
class _Slice:
    position: Points
    orientation: Points
    spacing: Points
    header: Dataset
    frame: int


def reread(path: Path, ct: Path | Iterable[Path]) -> SegSeen:
    """The SEG at `path`, placed on its CT (a folder, or the files of the series).

    Raises UnreadableError where either cannot be read, or where they do not belong together.
    """
    try:
        return _seen_on(path, ct)
    except AttributeError as error:
        raise UnreadableError(f"it lacks an attribute: {error}") from error


def _seen_on(path: Path, ct: Path | Iterable[Path]) -> SegSeen:
    seg = _read(path, pixels=True)
    if seg.get("Modality") != "SEG" or seg.get("SegmentationType") != "BINARY":
        raise UnreadableError("it is not a binary DICOM-SEG")
    reference = _only(seg, "ReferencedSeriesSequence")
    series_uid = str(reference.SeriesInstanceUID)
    slices = _ct_slices(ct, series_uid)
    _must_belong(seg, reference, slices)
    _must_lie_on(seg, slices[0])
    first = slices[0]
    return SegSeen(
        sop_instance_uid=str(seg.SOPInstanceUID),
        study_uid=str(seg.StudyInstanceUID),
        frame_of_reference=str(seg.FrameOfReferenceUID),
        series_uid=series_uid,
        qualification=str(seg.get("ContentQualification", "")),
        positions_lps=np.array([piece.position for piece in slices]),
        row_lps=first.orientation[:3],
        column_lps=first.orientation[3:],
        pixel_spacing_mm=(float(first.spacing[0]), float(first.spacing[1])),
        rows=int(seg.Rows),
        columns=int(seg.Columns),
        segments=_segments(seg, slices),
    )


def _read(path: Path, *, pixels: bool) -> Dataset:
    try:
        # CT slices may lack the preamble; the SEG must have one
        return pydicom.dcmread(path, stop_before_pixels=not pixels, force=not pixels)
    except (OSError, InvalidDicomError, ValueError, NotImplementedError, struct.error) as error:
        raise UnreadableError(f"{path.name} cannot be read") from error


def _ct_slices(ct: Path | Iterable[Path], series_uid: str) -> list[_Slice]:
    """The slices of that series along the rising normal."""
    folder = isinstance(ct, Path)
    files = sorted(p for p in ct.rglob("*") if p.is_file()) if isinstance(ct, Path) else ct
    slices: list[_Slice] = []
    for path in dict.fromkeys(files):
        try:
            header = _read(path, pixels=False)
        except UnreadableError:
            if folder:
                continue  # notes and truth files lie beside slices
            raise
        if str(header.get("SeriesInstanceUID", "")) == series_uid:
            slices += _frames_of_ct(header)
    if not slices:
        raise UnreadableError("the CT series it names is not there")
    across, down = slices[0].orientation[:3], slices[0].orientation[3:]
    normal = np.cross(across, down)
    return sorted(slices, key=lambda piece: float(piece.position @ normal))


def _frames_of_ct(header: Dataset) -> Iterator[_Slice]:
    groups = header.get("PerFrameFunctionalGroupsSequence")
    if groups is None:
        if "ImagePositionPatient" in header and "ImageOrientationPatient" in header:
            yield _Slice(
                _numbers(header.ImagePositionPatient),
                _numbers(header.ImageOrientationPatient),
                _numbers(header.PixelSpacing),
                header,
                1,
            )
        return
    shared = _only(header, "SharedFunctionalGroupsSequence")
    for frame, group in enumerate(groups, start=1):
        yield _Slice(
            _numbers(_of(group, shared, "PlanePositionSequence").ImagePositionPatient),
            _numbers(_of(group, shared, "PlaneOrientationSequence").ImageOrientationPatient),
            _numbers(_of(group, shared, "PixelMeasuresSequence").PixelSpacing),
            header,
            frame,
        )


def _must_belong(seg: Dataset, reference: Dataset, slices: list[_Slice]) -> None:
    header = slices[0].header
    for keyword, name in (
        ("StudyInstanceUID", "study"),
        ("FrameOfReferenceUID", "frame of reference"),
        ("PatientID", "patient"),
    ):
        if str(seg.get(keyword, "")) != str(header.get(keyword, "")):
            raise UnreadableError(f"its {name} is not that of the CT")
    named = {str(item.ReferencedSOPInstanceUID) for item in reference.ReferencedInstanceSequence}
    there = {str(piece.header.SOPInstanceUID) for piece in slices}
    if named != there:
        raise UnreadableError(f"it names {len(named)} CT images where the series has {len(there)}")


def _must_lie_on(seg: Dataset, first: _Slice) -> None:
    shared = _only(seg, "SharedFunctionalGroupsSequence")
    orientation = _numbers(_only(shared, "PlaneOrientationSequence").ImageOrientationPatient)
    spacing = _numbers(_only(shared, "PixelMeasuresSequence").PixelSpacing)
    if (int(seg.Rows), int(seg.Columns)) != (int(first.header.Rows), int(first.header.Columns)):
        raise UnreadableError("its matrix is not that of the CT")
    if np.abs(orientation - first.orientation).max() > SAME_DIRECTION:
        raise UnreadableError("its orientation is not that of the CT")
    if np.abs(spacing - first.spacing).max() > SAME_SPACING_MM:
        raise UnreadableError("its pixel spacing is not that of the CT")


def _segments(seg: Dataset, slices: list[_Slice]) -> tuple[SegmentSeen, ...]:
    planes: dict[int, dict[int, Plane]] = {
        int(item.SegmentNumber): {} for item in seg.SegmentSequence
    }
    if sorted(planes) != list(range(1, len(planes) + 1)):
        raise UnreadableError("its segments are not numbered 1, 2, 3 ...")
    shared = _only(seg, "SharedFunctionalGroupsSequence")
    pixels = _pixels(seg)
    places = np.array([piece.position for piece in slices])
    for frame, group in enumerate(seg.PerFrameFunctionalGroupsSequence):
        number = int(_of(group, shared, "SegmentIdentificationSequence").ReferencedSegmentNumber)
        here = _numbers(_of(group, shared, "PlanePositionSequence").ImagePositionPatient)
        away = np.linalg.norm(places - here, axis=1)
        k = int(away.argmin())
        if away[k] > ON_SLICE_MM:
            raise UnreadableError(f"frame {frame + 1} lies on no slice of the CT")
        if number not in planes or k in planes[number]:
            raise UnreadableError(f"frame {frame + 1} belongs to no segment, or to a slice twice")
        _must_come_from(group, slices[k], frame)
        planes[number][k] = next(pixels)
    return tuple(_seen(item, planes[int(item.SegmentNumber)]) for item in seg.SegmentSequence)


def _must_come_from(group: Dataset, piece: _Slice, frame: int) -> None:
    source = _only(_only(group, "DerivationImageSequence"), "SourceImageSequence")
    same = str(source.ReferencedSOPInstanceUID) == str(piece.header.SOPInstanceUID)
    if not same or int(source.get("ReferencedFrameNumber", 1)) != piece.frame:
        raise UnreadableError(f"frame {frame + 1} names another CT image than the one it lies on")


def _pixels(seg: Dataset) -> Iterator[Plane]:
    """Frame after frame: bits run on from frame to frame, the first one lowest in its byte."""
    size, count = int(seg.Rows) * int(seg.Columns), int(seg.NumberOfFrames)
    if count != len(seg.PerFrameFunctionalGroupsSequence):
        raise UnreadableError("its frames are not as many as it says")
    stored = np.frombuffer(seg.PixelData, np.uint8)
    if 8 * stored.size < count * size:
        raise UnreadableError("its pixels end too early")
    for frame in range(count):
        start, end = frame * size, (frame + 1) * size
        bits = np.unpackbits(stored[start // 8 : -(-end // 8)], bitorder="little")
        bits = bits[start % 8 : start % 8 + size]
        yield bits.reshape(int(seg.Rows), int(seg.Columns)).astype(np.bool_)


def _seen(item: Dataset, planes: dict[int, Plane]) -> SegmentSeen:
    kind = _only(item, "SegmentedPropertyTypeCodeSequence")
    modifiers = kind.get("SegmentedPropertyTypeModifierCodeSequence") or []
    return SegmentSeen(
        number=int(item.SegmentNumber),
        label=str(item.SegmentLabel),
        description=str(item.get("SegmentDescription", "")),
        category=str(_only(item, "SegmentedPropertyCategoryCodeSequence").CodeValue),
        kind=str(kind.CodeValue),
        side=str(modifiers[0].CodeValue) if modifiers else "",
        algorithm_type=str(item.SegmentAlgorithmType),
        tracking_id=str(item.TrackingID),
        tracking_uid=str(item.TrackingUID),
        planes=planes,
    )


def _only(dataset: Dataset, keyword: str) -> Dataset:
    items = dataset.get(keyword)
    if not items:
        raise UnreadableError(f"it lacks its {keyword}")
    return items[0]


def _of(group: Dataset, shared: Dataset, keyword: str) -> Dataset:
    """A functional group of one frame, told for itself or for all."""
    return _only(group if keyword in group else shared, keyword)


def _numbers(values: Iterable[object]) -> Points:
    return np.array([float(str(value)) for value in values])
