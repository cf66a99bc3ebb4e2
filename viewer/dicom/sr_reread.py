"""A second pair of eyes on a measurement report: the figures that stand in the file, per segment.

Like the re-reader of SEGs it shares no module with the writer: pydicom only. It is given the SEGs
that the report speaks of, and looks each tracked segment up in them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from viewer.dicom.reread import UnreadableError

Coded = tuple[str, str]
"""Scheme and value of a code; meanings are for people."""


@dataclass(frozen=True)
class FigureSeen:
    """One figure. derivation: how it came of many values, None where nothing is said."""

    concept: Coded
    derivation: Coded | None
    value: float
    unit: Coded


@dataclass(frozen=True)
class GroupSeen:
    """One measurement group. sources, key_images: instance UID and frames of CT images it names."""

    tracking_id: str
    tracking_uid: str
    category: Coded
    finding: Coded
    site: Coded
    side: Coded | None
    algorithm: tuple[str, str] | None
    segment_instance: str
    segment_number: int
    sources: tuple[tuple[str, tuple[int, ...]], ...]
    source_series: str
    figures: tuple[FigureSeen, ...]
    qualities: tuple[tuple[Coded, Coded], ...]
    key_images: tuple[tuple[str, tuple[int, ...]], ...]
    comment: str


@dataclass(frozen=True)
class SrSeen:
    """A report as it stands in the file. evidence: series and instance UID of all it rests on.

    verified_by: name, organisation and time of each who verified it.
    reader: the person who observed, or empty. before: instance UIDs of the reports it follows.
    """

    instance_uid: str
    study_uid: str
    qualification: str
    completion: str
    verification: str
    verified_by: tuple[tuple[str, str, str], ...]
    reader: str
    evidence: frozenset[tuple[str, str]]
    before: tuple[str, ...]
    key_images: tuple[tuple[str, tuple[int, ...]], ...]
    groups: tuple[GroupSeen, ...]


def reread_sr(path: Path, segs: Iterable[Path], ct_slice: Path) -> SrSeen:
    """The report at `path`. segs: the SEGs it may speak of; ct_slice: one file of the CT.

    Raises UnreadableError where it cannot be read, is of another patient or study, names what it
    does not list as evidence, or tracks a segment otherwise than the SEG does.
    """
    try:
        report = _read(path)
        seen = _seen(report)
        _must_belong(report, _read(ct_slice))
        _must_match_segs(seen, [_read(seg) for seg in segs])
        _must_be_evidence(seen)
    except (AttributeError, IndexError, ValueError, TypeError) as error:
        raise UnreadableError(f"it is no whole measurement report: {error}") from error
    return seen


def _read(path: Path) -> Dataset:
    try:
        # CT slices may lack the preamble
        return pydicom.dcmread(path, stop_before_pixels=True, force=True)
    except (OSError, InvalidDicomError, ValueError, NotImplementedError, struct.error) as error:
        raise UnreadableError(f"{path.name} cannot be read") from error


def _seen(report: Dataset) -> SrSeen:
    if _code(report.ConceptNameCodeSequence) != ("DCM", "126000"):
        raise UnreadableError("it is no measurement report")
    measured = _one(report, "126010")
    return SrSeen(
        instance_uid=str(report.SOPInstanceUID),
        study_uid=str(report.StudyInstanceUID),
        qualification=str(report.get("ContentQualification", "")),
        completion=str(report.CompletionFlag),
        verification=str(report.VerificationFlag),
        verified_by=tuple(
            (
                str(item.VerifyingObserverName),
                str(item.VerifyingOrganization),
                str(item.VerificationDateTime),
            )
            for item in report.get("VerifyingObserverSequence") or ()
        ),
        reader=next((str(item.PersonName) for item in _all(report, "121008")), ""),
        evidence=frozenset(_listed(report.CurrentRequestedProcedureEvidenceSequence)),
        before=tuple(uid for _, uid in _listed(report.get("PredecessorDocumentsSequence") or [])),
        key_images=tuple(_library(report)),
        groups=tuple(_group(item) for item in _all(measured, "125007")),
    )


def _library(report: Dataset) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The images of the report's library."""
    for library in _all(report, "111028"):
        for group in _all(library, "126200"):
            for image in group.ContentSequence:
                yield _source(image.ReferencedSOPSequence[0])


def _group(item: Dataset) -> GroupSeen:
    site = _one(item, "363698007")
    side = next(_all(site, "272741003"), None)
    segment = _one(item, "121191").ReferencedSOPSequence[0]
    name, version = next(_all(item, "111001"), None), next(_all(item, "111003"), None)
    special = {"276214006", "121071", "363698007"}
    return GroupSeen(
        tracking_id=str(_one(item, "112039").TextValue),
        tracking_uid=str(_one(item, "112040").UID),
        category=_answer(_one(item, "276214006")),
        finding=_answer(_one(item, "121071")),
        site=_answer(site),
        side=_answer(side) if side is not None else None,
        algorithm=(str(name.TextValue), str(version.TextValue)) if name and version else None,
        segment_instance=str(segment.ReferencedSOPInstanceUID),
        segment_number=int(segment.ReferencedSegmentNumber),
        sources=tuple(_source(image.ReferencedSOPSequence[0]) for image in _all(item, "121233")),
        source_series=next((str(series.UID) for series in _all(item, "121232")), ""),
        figures=tuple(_figure(row) for row in item.ContentSequence if row.ValueType == "NUM"),
        qualities=tuple(
            (_code(row.ConceptNameCodeSequence), _answer(row))
            for row in item.ContentSequence
            if row.ValueType == "CODE" and _code(row.ConceptNameCodeSequence)[1] not in special
        ),
        key_images=tuple(_source(image.ReferencedSOPSequence[0]) for image in _all(item, "121080")),
        comment=next((str(row.TextValue) for row in _all(item, "121106")), ""),
    )


def _source(reference: Dataset) -> tuple[str, tuple[int, ...]]:
    frames = reference.get("ReferencedFrameNumber")
    if frames is None:
        listed: list[int] = []
    else:
        listed = [int(frame) for frame in (frames if hasattr(frames, "__iter__") else [frames])]
    return str(reference.ReferencedSOPInstanceUID), tuple(listed)


def _figure(item: Dataset) -> FigureSeen:
    measured = item.MeasuredValueSequence[0]
    how = next(_all(item, "121401"), None)
    return FigureSeen(
        _code(item.ConceptNameCodeSequence),
        _answer(how) if how is not None else None,
        float(measured.NumericValue),
        _code(measured.MeasurementUnitsCodeSequence),
    )


def _must_belong(report: Dataset, ct: Dataset) -> None:
    for keyword, name in (("StudyInstanceUID", "study"), ("PatientID", "patient")):
        if str(report.get(keyword, "")) != str(ct.get(keyword, "")):
            raise UnreadableError(f"its {name} is not that of the CT")


def _must_match_segs(seen: SrSeen, segs: list[Dataset]) -> None:
    """Each group's segment is there, and is tracked under the same identity."""
    tracked = {
        (str(seg.SOPInstanceUID), int(item.SegmentNumber)): (
            str(item.TrackingID),
            str(item.TrackingUID),
        )
        for seg in segs
        for item in seg.SegmentSequence
    }
    for number, group in enumerate(seen.groups, start=1):
        there = tracked.pop((group.segment_instance, group.segment_number), None)
        if there != (group.tracking_id, group.tracking_uid):
            raise UnreadableError(f"group {number} names no segment, or tracks another one")
    spoken_of = {group.segment_instance for group in seen.groups}
    needed: set[tuple[str, str]] = set()
    for seg in segs:
        if str(seg.SOPInstanceUID) not in spoken_of:
            continue
        needed.add((str(seg.SeriesInstanceUID), str(seg.SOPInstanceUID)))
        for series in seg.ReferencedSeriesSequence:
            needed |= {
                (str(series.SeriesInstanceUID), str(image.ReferencedSOPInstanceUID))
                for image in series.ReferencedInstanceSequence
            }
    if needed != seen.evidence:
        raise UnreadableError("its evidence is not the CT series and its segmentations")


def _must_be_evidence(seen: SrSeen) -> None:
    series = {uid for uid, _ in seen.evidence}
    instances = {uid for _, uid in seen.evidence}
    for group in seen.groups:
        shown = (*group.sources, *group.key_images, *seen.key_images)
        named = {group.segment_instance, *(uid for uid, _ in shown)}
        if not named <= instances or (group.source_series and group.source_series not in series):
            raise UnreadableError("it names images that are not among its evidence")
        if not group.sources and not group.source_series:
            raise UnreadableError("a group names no CT image")


def _listed(studies: Iterable[Dataset]) -> Iterator[tuple[str, str]]:
    for study in studies:
        for series in study.ReferencedSeriesSequence:
            for instance in series.ReferencedSOPSequence:
                yield str(series.SeriesInstanceUID), str(instance.ReferencedSOPInstanceUID)


def _all(item: Dataset, value: str) -> Iterator[Dataset]:
    """The children whose concept has this code value."""
    for child in item.get("ContentSequence") or []:
        if child.ConceptNameCodeSequence[0].CodeValue == value:
            yield child


def _one(item: Dataset, value: str) -> Dataset:
    found = list(_all(item, value))
    if len(found) != 1:
        raise UnreadableError(f"it has {len(found)} items {value} where there must be one")
    return found[0]


def _answer(item: Dataset) -> Coded:
    return _code(item.ConceptCodeSequence)


def _code(sequence: Iterable[Dataset]) -> Coded:
    (item,) = sequence
    return str(item.CodingSchemeDesignator), str(item.CodeValue)
