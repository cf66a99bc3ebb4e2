"""What a measurement report (DICOM SR, TID 1500) is to say, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ai.scan.labelmap import Code, MadeBy
from viewer.dicom.series import Series

OWN_SCHEME: Final = "99HILUM"
"""Scheme of the codes that no public scheme has; 99 marks a private one (PS3.16 8.2)."""


@dataclass(frozen=True)
class SrNumber:
    """One figure: its concept, UCUM unit and value. derivation: how it was made of many values."""

    concept: Code
    unit: Code
    value: float
    derivation: Code | None = None


@dataclass(frozen=True)
class SrQuality:
    """One answer out of a set, coded: texture, part-solid."""

    concept: Code
    answer: Code


@dataclass(frozen=True)
class SrSegment:
    """A segment of a DICOM-SEG: the file's instance and series UID, the segment's number."""

    instance_uid: str
    series_uid: str
    number: int


@dataclass(frozen=True)
class SrGroup:
    """The measurements of one segment.

    site_side: None where the side is not known. made_by: None where no model had a part.
    slices: k of the CT slices it was measured on; empty stands for the whole series. key_images: k
    of those that the reader kept to show it. comment: a sentence for people.
    """

    tracking_id: str
    tracking_uid: str
    category: Code
    finding: Code
    site: Code
    site_side: Code | None
    segment: SrSegment
    numbers: tuple[SrNumber, ...]
    qualities: tuple[SrQuality, ...] = ()
    made_by: MadeBy | None = None
    slices: tuple[int, ...] = ()
    key_images: tuple[int, ...] = ()
    comment: str = ""


@dataclass(frozen=True)
class SrPlace:
    """Where something was measured. kind: graphic type (PS3.3 C.18.9); points_mm: LPS mm."""

    kind: str
    points_mm: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class SrDrawn:
    """What a reader drew. places: of each figure, None where it belongs to the region.

    region: what the figures are of, None where they are of lines and points. pointed: what the
    words point at. slices: k of the CT slices that it crosses. comment: a sentence for people.
    series: the one it lies on, where that is not the report's own.
    """

    tracking_id: str
    tracking_uid: str
    numbers: tuple[SrNumber, ...]
    places: tuple[SrPlace | None, ...]
    region: SrPlace | None
    pointed: SrPlace | None
    slices: tuple[int, ...]
    comment: str
    series: Series | None = None


@dataclass(frozen=True)
class SrBefore:
    """The report that this one follows."""

    study_uid: str
    series_uid: str
    class_uid: str
    instance_uid: str


@dataclass(frozen=True)
class SrVerified:
    """Who stands for the report by name, and since when (a DICOM DT with its offset from UTC).

    Source: PS3.3 C.17.2, Verifying Observer Sequence; each must be there.
    """

    name: str
    organisation: str
    at: str


@dataclass(frozen=True, eq=False)
class SrContent:
    """All that one report will say.

    reader: the pseudonym of who read, or empty where nobody did. device_uid: the UID of this
    version of the viewer. verified: None where nobody signed it by name. key_images: k of the CT
    slices that the reader kept. remarks: how it was read and what was rejected, a sentence each.
    """

    series: Series
    groups: tuple[SrGroup, ...]
    description: str
    series_number: int
    reader: str
    device_uid: str
    instance_uid: str
    series_uid: str
    made_at: datetime
    before: SrBefore | None = None
    verified: SrVerified | None = None
    drawn: tuple[SrDrawn, ...] = ()
    key_images: tuple[int, ...] = ()
    remarks: tuple[str, ...] = ()
