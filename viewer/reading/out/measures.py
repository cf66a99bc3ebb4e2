"""What of a reading becomes a measurement group: figures with concept and unit, type, place.

Figures are rounded here once, so that the report, the table and the SR say the same.
Codes: DICOM PS3.16 CID 7469, SNOMED CT; types of nodules: RadLex. What neither DICOM nor UCUM
names, a 15th percentile (CID 7464 has the 5th and 10th) and LAA-950, has a code of our own.
"""

from __future__ import annotations

from math import isfinite
from typing import Final

import numpy as np

from ai.scan.finding import GROUND_GLASS, PART_SOLID, SOLID, Finding
from ai.scan.labelmap import LUNG, Code, SegmentFigures
from viewer.dicom.written.seg_content import SegSegment
from viewer.dicom.written.sr_content import (
    OWN_SCHEME,
    SrGroup,
    SrNumber,
    SrQuality,
    SrSegment,
)
from viewer.reading.labels import USE, kind_of
from viewer.reading.origin import origin_words, told_state
from viewer.reading.report.density import DensityUse

MM: Final = Code("mm", "UCUM", "millimeter")
MM3: Final = Code("mm3", "UCUM", "cubic millimeter")
ML: Final = Code("ml", "UCUM", "milliliter")
HU: Final = Code("[hnsf'U]", "UCUM", "Hounsfield unit")
PERCENT: Final = Code("%", "UCUM", "Percent")

VOLUME: Final = Code("118565006", "SCT", "Volume")
LONG_AXIS: Final = Code("103339001", "SCT", "Long axis")
SHORT_AXIS: Final = Code("103340004", "SCT", "Short axis")
DIAMETER: Final = Code("81827009", "SCT", "Diameter")
ATTENUATION: Final = Code("112031", "DCM", "Attenuation Coefficient")
MEAN: Final = Code("373098007", "SCT", "Mean")
P15: Final = Code("P15", OWN_SCHEME, "15th percentile of voxels")
LAA950: Final = Code("LAA950", OWN_SCHEME, "Share of voxels below -950 HU (LAA-950)")

TEXTURE: Final = Code("C41144", "NCIt", "Texture")
TEXTURES: Final = {
    SOLID: Code("RID50151", "RADLEX", "Solid pulmonary nodule"),
    PART_SOLID: Code("RID50152", "RADLEX", "Part-solid pulmonary nodule"),
    GROUND_GLASS: Code("RID50153", "RADLEX", "Non-solid pulmonary nodule"),
}

LENGTH_DIGITS: Final = 2
VOLUME_DIGITS: Final = 1
HU_DIGITS: Final = 1
PERCENT_DIGITS: Final = 1


def finding_group(
    finding: Finding,
    state: str,
    segment: SegSegment,
    where: SrSegment,
    *,
    by_rule: bool,
    words: str = "",
) -> SrGroup:
    """The measurements of a finding, tied to the segment it became. words: the reader's own."""
    figures = finding.measurement
    texture = TEXTURES.get(figures.type) if kind_of(finding.kind).textured else None
    told, drawn = told_state(finding, state), origin_words(finding, state)
    how = f"{told.capitalize()} {'by rule' if by_rule else 'by a reader'}"
    qualities = (SrQuality(TEXTURE, texture),) if texture is not None else ()
    uncoded = figures.type if kind_of(finding.kind).textured and texture is None else ""
    return SrGroup(
        tracking_id=segment.tracking_id,
        tracking_uid=segment.tracking_uid,
        category=segment.category,
        finding=segment.kind,
        site=segment.region or LUNG,
        site_side=segment.region_side,
        segment=where,
        numbers=_told(
            SrNumber(VOLUME, MM3, round(float(figures.volume_mm3), VOLUME_DIGITS)),
            SrNumber(LONG_AXIS, MM, round(float(figures.long_mm), LENGTH_DIGITS)),
            SrNumber(SHORT_AXIS, MM, round(float(figures.short_mm), LENGTH_DIGITS)),
            SrNumber(DIAMETER, MM, round(float(figures.mean_diameter_mm), LENGTH_DIGITS), MEAN),
            SrNumber(ATTENUATION, HU, round(float(figures.mean_hu), HU_DIGITS), MEAN),
        ),
        qualities=qualities,
        made_by=segment.made_by,
        slices=_slices(segment),
        comment="; ".join(filter(None, (words, how, uncoded, drawn, USE))),
    )


def lung_group(
    figures: SegmentFigures, segment: SegSegment, where: SrSegment, use: DensityUse
) -> SrGroup:
    """The measurements of a lung, tied to its segment. use: what its densities may be read as."""
    density = figures.density
    dense: tuple[SrNumber, ...] = ()
    if density is not None and use.given:
        dense = (
            SrNumber(ATTENUATION, HU, float(density.p15_hu), P15),
            SrNumber(LAA950, PERCENT, round(100 * density.below_950, PERCENT_DIGITS)),
        )
    doubt = use.sentence if density is not None else ""
    return SrGroup(
        tracking_id=segment.tracking_id,
        tracking_uid=segment.tracking_uid,
        category=segment.category,
        finding=segment.kind,
        site=segment.kind,
        site_side=segment.laterality,
        segment=where,
        numbers=_told(
            SrNumber(VOLUME, ML, round(float(figures.volume_ml), VOLUME_DIGITS)),
            SrNumber(ATTENUATION, HU, round(float(figures.mean_hu), HU_DIGITS), MEAN),
            *dense,
        ),
        made_by=segment.made_by,
        comment="; ".join(filter(None, (segment.description, doubt))),
    )


def _told(*numbers: SrNumber) -> tuple[SrNumber, ...]:
    """Those that are numbers: a figure that could not be measured is left out, never written."""
    return tuple(number for number in numbers if isfinite(number.value))


def _slices(segment: SegSegment) -> tuple[int, ...]:
    held = np.flatnonzero(segment.mask.voxels.any(axis=(1, 2)))
    return tuple(segment.mask.start_kji[0] + int(n) for n in held)
