"""A DICOM-SEG of one CT series, written as dull and complete as PS3.3 A.51 allows.

BINARY, uncompressed, Explicit VR Little Endian, on the CT's own matrix. Each segment is packed from
its own box: sixty nodules of a thin scan, held as one dense array, would take gigabytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.tag import Tag

from ai.scan.finding import BoxMask
from viewer.dicom.series import Series
from viewer.dicom.written.derived import (
    MAKER,
    carry_on,
    copy_patient_and_study,
    file_meta,
    first_header,
    must_be_nameable,
    references,
    say_maker,
    say_when,
    write_whole,
)
from viewer.dicom.written.person_name import plain_name
from viewer.dicom.written.seg_content import MANUAL, SegContent, SegSegment
from viewer.dicom.written.seg_frames import decimals, frame_groups, frames_of, packed_bits
from viewer.dicom.written.seg_items import segment_item

SEGMENTATION_STORAGE: Final = "1.2.840.10008.5.1.4.1.1.66.4"
SAME_STEP_MM: Final = 0.01


def write_seg(path: Path, content: SegContent) -> None:
    """Write the SEG to a path that must be free, and force it to the disk.

    Raises BadInput where the CT can no longer be read, OSError where the disk refuses.
    """
    write_whole(path, seg_dataset(content))


def seg_dataset(content: SegContent) -> Dataset:
    """The whole SEG as a dataset with its file meta information."""
    series = content.series
    frames = frames_of(content.segments)
    if not frames:
        raise ValueError("a SEG needs at least one voxel")
    must_be_nameable(series)
    header = first_header(series)
    out = Dataset()
    copy_patient_and_study(out, header, series.study_uid)
    carry_on(out, header, "BodyPartExamined")
    _say_what_it_is(out, content)
    _say_who_made_it(out, content)
    out.FrameOfReferenceUID = series.frame_of_reference
    out.PositionReferenceIndicator = header.get("PositionReferenceIndicator", "")
    _reference_the_series(out, series)
    out.SegmentSequence = Items(
        segment_item(segment, number) for number, segment in enumerate(content.segments, start=1)
    )
    _say_dimensions(out, content.dimension_uid)
    out.SharedFunctionalGroupsSequence = Items([_shared_group(series, header)])
    out.PerFrameFunctionalGroupsSequence = Items(frame_groups(frames, series))
    out.NumberOfFrames = len(frames)
    bits = packed_bits(frames, content.segments, series.rows, series.columns)
    out.add_new(Tag("PixelData"), "OB", bits)
    out.file_meta = file_meta(out)
    return out


def _say_what_it_is(out: Dataset, content: SegContent) -> None:
    series = content.series
    out.SOPClassUID = SEGMENTATION_STORAGE
    out.SOPInstanceUID = content.sop_instance_uid
    out.SeriesInstanceUID = content.series_instance_uid
    out.Modality = "SEG"
    out.SeriesNumber = content.series_number
    out.SeriesDescription = content.description[:64]
    out.InstanceNumber = 1
    out.ImageType = ["DERIVED", "PRIMARY"]
    say_when(out, content.made_at)
    out.ContentLabel = content.content_label
    out.ContentDescription = content.description[:64]
    out.ContentQualification = "RESEARCH"
    out.BurnedInAnnotation = "NO"
    out.LossyImageCompression = "00"
    out.SegmentationType = "BINARY"
    out.SegmentsOverlap = "YES" if overlap(content.segments) else "NO"
    out.SamplesPerPixel = 1
    out.PhotometricInterpretation = "MONOCHROME2"
    out.Rows, out.Columns = series.rows, series.columns
    out.BitsAllocated, out.BitsStored, out.HighBit, out.PixelRepresentation = 1, 1, 0, 0


def overlap(segments: Sequence[SegSegment]) -> bool:
    """Whether two segments share a voxel."""
    for one, other in combinations([segment.mask for segment in segments], 2):
        low = np.maximum(one.start_kji, other.start_kji)
        high = np.minimum(
            np.add(one.start_kji, one.voxels.shape), np.add(other.start_kji, other.voxels.shape)
        )
        if np.any(low >= high):
            continue
        if np.any(_part(one, low, high) & _part(other, low, high)):
            return True
    return False


def _part(mask: BoxMask, low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.bool_]:
    start, end = low - mask.start_kji, high - mask.start_kji
    return mask.voxels[start[0] : end[0], start[1] : end[1], start[2] : end[2]]


def _say_who_made_it(out: Dataset, content: SegContent) -> None:
    out.ContentCreatorName = f"{MAKER}^{plain_name(content.creator)}"
    models = [
        segment.made_by
        for segment in content.segments
        if segment.made_by is not None and segment.algorithm_type != MANUAL
    ]
    say_maker(out, models, "Model that drew segments")


def _reference_the_series(out: Dataset, series: Series) -> None:
    reference = Dataset()
    reference.SeriesInstanceUID = series.uid
    reference.ReferencedInstanceSequence = references(
        (piece.sop_class_uid, piece.sop_instance_uid) for piece in series.slices
    )
    out.ReferencedSeriesSequence = Items([reference])


def _say_dimensions(out: Dataset, dimension_uid: str) -> None:
    organization = Dataset()
    organization.DimensionOrganizationUID = dimension_uid
    out.DimensionOrganizationSequence = Items([organization])
    indices = []
    for pointer, group, name in (
        ("ReferencedSegmentNumber", "SegmentIdentificationSequence", "Segment Number"),
        ("ImagePositionPatient", "PlanePositionSequence", "Image Position Patient"),
    ):
        index = Dataset()
        index.DimensionOrganizationUID = dimension_uid
        index.DimensionIndexPointer = Tag(pointer)
        index.FunctionalGroupPointer = Tag(group)
        index.DimensionDescriptionLabel = name
        indices.append(index)
    out.DimensionIndexSequence = Items(indices)


def _shared_group(series: Series, header: Dataset) -> Dataset:
    """Orientation and pixel size, word for word as the CT says them."""
    geometry = series.geometry
    if geometry is None:
        raise ValueError("a series without a geometry cannot carry a mask")
    along_row, along_column = geometry.directions[:, 2], geometry.directions[:, 1]
    orientation, measures = Dataset(), Dataset()
    orientation.ImageOrientationPatient = header.get("ImageOrientationPatient") or decimals(
        [*along_row, *along_column]
    )
    measures.PixelSpacing = header.get("PixelSpacing") or decimals(geometry.spacing_kji_mm[1:])
    step = even_step_mm(series)
    # where the CT does not tell its thickness, a segment's voxel is as thick as the step is long
    if thickness := series.thickness_mm or step:
        measures.SliceThickness = decimals([thickness])[0]
    if step is not None:
        measures.SpacingBetweenSlices = decimals([step])[0]
    group = Dataset()
    group.PlaneOrientationSequence = Items([orientation])
    group.PixelMeasuresSequence = Items([measures])
    return group


def even_step_mm(series: Series) -> float | None:
    """Distance between neighbouring slices where all are alike and none is shifted, else None."""
    positions = np.array([piece.position_lps for piece in series.slices])
    if len(positions) < 2 or series.geometry is None:
        return None
    steps = np.diff(positions, axis=0)
    directions = series.geometry.directions
    along = steps @ np.cross(directions[:, 2], directions[:, 1])
    sideways = np.linalg.norm(steps, axis=1) ** 2 - along**2
    uneven = np.ptp(along) > SAME_STEP_MM or sideways.max() > SAME_STEP_MM**2
    return None if uneven else float(abs(along.mean()))
