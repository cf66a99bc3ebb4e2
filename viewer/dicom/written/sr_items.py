"""The content items of a structured report, one function per value type.

Source: DICOM PS3.3 C.17.3 and C.18.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from ai.scan.labelmap import Code
from viewer.dicom.written.seg_frames import decimals
from viewer.dicom.written.seg_items import coded

CONTAINS: Final = "CONTAINS"
CONCEPT_MOD: Final = "HAS CONCEPT MOD"
OBS_CONTEXT: Final = "HAS OBS CONTEXT"


def dcm(value: str, meaning: str) -> Code:
    """A code of DICOM's own scheme."""
    return Code(value, "DCM", meaning)


def container(concept: Code, content: Iterable[Dataset], *, template: str = "") -> Dataset:
    """A node with others below it; the root has no relationship, any other is told by `below`."""
    item = Dataset()
    item.ValueType = "CONTAINER"
    item.ConceptNameCodeSequence = coded(concept)
    item.ContinuityOfContent = "SEPARATE"
    if template:
        which = Dataset()
        which.MappingResource = "DCMR"
        which.TemplateIdentifier = template
        item.ContentTemplateSequence = Items([which])
    item.ContentSequence = Items(content)
    return item


def below(relationship: str, item: Dataset) -> Dataset:
    """The same node with its relationship to the one above it."""
    item.RelationshipType = relationship
    return item


def code(relationship: str, concept: Code, value: Code, *content: Dataset) -> Dataset:
    """A coded answer; content: what modifies it."""
    item = _named(relationship, "CODE", concept)
    item.ConceptCodeSequence = coded(value)
    if content:
        item.ContentSequence = Items(content)
    return item


def text(relationship: str, concept: Code, value: str) -> Dataset:
    item = _named(relationship, "TEXT", concept)
    item.TextValue = value
    return item


def uid(relationship: str, concept: Code, value: str) -> Dataset:
    item = _named(relationship, "UIDREF", concept)
    item.UID = value
    return item


def person(relationship: str, concept: Code, value: str) -> Dataset:
    item = _named(relationship, "PNAME", concept)
    item.PersonName = value
    return item


def number(concept: Code, value: float, unit: Code, *content: Dataset) -> Dataset:
    """A figure with its UCUM unit."""
    item = _named(CONTAINS, "NUM", concept)
    measured = Dataset()
    measured.NumericValue = decimals([value])[0]
    measured.MeasurementUnitsCodeSequence = coded(unit)
    item.MeasuredValueSequence = Items([measured])
    if content:
        item.ContentSequence = Items(content)
    return item


def image(
    concept: Code,
    class_uid: str,
    instance_uid: str,
    *,
    frames: Sequence[int] = (),
    segment: int | None = None,
) -> Dataset:
    """A reference to an image: whole, some frames of it (from 1), or one segment of a SEG."""
    item = picture(class_uid, instance_uid, frames=frames, segment=segment)
    item.ConceptNameCodeSequence = coded(concept)
    return item


def picture(
    class_uid: str, instance_uid: str, *, frames: Sequence[int] = (), segment: int | None = None
) -> Dataset:
    """The same without a purpose, as key images and the library of a report name them."""
    item = Dataset()
    item.RelationshipType = CONTAINS
    item.ValueType = "IMAGE"
    reference = Dataset()
    reference.ReferencedSOPClassUID = class_uid
    reference.ReferencedSOPInstanceUID = instance_uid
    if frames:
        reference.ReferencedFrameNumber = list(frames)
    if segment is not None:
        reference.ReferencedSegmentNumber = segment
    item.ReferencedSOPSequence = Items([reference])
    return item


def place(
    concept: Code,
    kind: str,
    points_mm: Iterable[tuple[float, float, float]],
    frame_of_reference: str,
) -> Dataset:
    """A place in the patient: graphic type and LPS points in a frame of reference."""
    item = _named(CONTAINS, "SCOORD3D", concept)
    item.GraphicType = kind
    item.GraphicData = [float(mm) for point in points_mm for mm in point]
    item.ReferencedFrameOfReferenceUID = frame_of_reference
    return item


def _named(relationship: str, kind: str, concept: Code) -> Dataset:
    item = Dataset()
    item.RelationshipType = relationship
    item.ValueType = kind
    item.ConceptNameCodeSequence = coded(concept)
    return item
