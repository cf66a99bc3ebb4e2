"""One item of a DICOM-SEG's Segment Sequence: what a segment is, who drew it, in which colour."""

from __future__ import annotations

from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from ai.scan.labelmap import Code, MadeBy
from viewer.dicom.written.algorithm import LINES, parameters_of
from viewer.dicom.written.seg_content import MANUAL, Rgb, SegSegment

ARTIFICIAL_INTELLIGENCE: Final = Code("123110", "DCM", "Artificial Intelligence")
"""Algorithm family, DICOM PS3.16 CID 7162."""

LONG_STRING: Final = 64
"""Most characters of a DICOM LO value (PS3.5 6.2)."""


def segment_item(segment: SegSegment, number: int) -> Dataset:
    """The item of one segment. Source: DICOM PS3.3 C.8.20.4."""
    item = Dataset()
    item.SegmentNumber = number
    item.SegmentLabel = segment.label[:LONG_STRING]
    if segment.description:
        item.SegmentDescription = segment.description
    item.SegmentedPropertyCategoryCodeSequence = coded(segment.category)
    item.SegmentedPropertyTypeCodeSequence = coded(segment.kind)
    if segment.laterality is not None:
        # inside the Type item: there PS3.3 has it, at segment level only older writers put it
        kind = item.SegmentedPropertyTypeCodeSequence[0]
        kind.SegmentedPropertyTypeModifierCodeSequence = coded(segment.laterality)
    if segment.region is not None:
        item.AnatomicRegionSequence = coded(segment.region)
        if segment.region_side is not None:
            region = item.AnatomicRegionSequence[0]
            region.AnatomicRegionModifierSequence = coded(segment.region_side)
    item.SegmentAlgorithmType = segment.algorithm_type
    if segment.algorithm_type != MANUAL and segment.made_by is not None:
        item.SegmentAlgorithmName = segment.made_by.name[:LONG_STRING]
        if segment.made_by.version:  # else it says all that is known: a version is of type 1
            algorithm = _algorithm(segment.made_by)
            item.SegmentationAlgorithmIdentificationSequence = Sequence([algorithm])
    item.TrackingID = segment.tracking_id
    item.TrackingUID = segment.tracking_uid
    item.RecommendedDisplayCIELabValue = list(cielab(segment.colour_rgb))
    return item


def coded(code: Code) -> Sequence:
    """A code sequence of one item."""
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme
    item.CodeMeaning = code.meaning[:LONG_STRING]
    return Sequence([item])


def _algorithm(made_by: MadeBy) -> Dataset:
    item = Dataset()
    item.AlgorithmFamilyCodeSequence = coded(ARTIFICIAL_INTELLIGENCE)
    item.AlgorithmName = made_by.card[:LONG_STRING]
    item.AlgorithmVersion = made_by.version[:LONG_STRING]
    if told := parameters_of(made_by):
        item.AlgorithmParameters = LINES.join(told)
    return item


def cielab(rgb: Rgb) -> Rgb:
    """An sRGB colour (0 to 255) as DICOM stores CIELab: three unsigned 16-bit numbers.

    Source: IEC 61966-2-1 to XYZ under D65, CIE 1976 L*a*b*, scaled by DICOM PS3.3 C.10.7.1.1.
    """
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in rgb)
    ]
    red, green, blue = linear
    x = (0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = (0.0193339 * red + 0.1191920 * green + 0.9503041 * blue) / 1.08883
    fx, fy, fz = (_lab_root(value) for value in (x, y, z))
    lightness, a, b = 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)
    stored = (lightness * 65535 / 100, (a + 128) * 65535 / 255, (b + 128) * 65535 / 255)
    first, second, third = (min(65535, max(0, round(value))) for value in stored)
    return first, second, third


def _lab_root(value: float) -> float:
    return value ** (1 / 3) if value > (6 / 29) ** 3 else value / (3 * (6 / 29) ** 2) + 4 / 29
