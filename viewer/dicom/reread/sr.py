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

from viewer.dicom.reread.seg import UnreadableError
from viewer.dicom.reread.sr_drawn import DrawnSeen, drawn_seen, is_drawn
from viewer.dicom.reread.sr_walk import (
    Coded,
    FigureSeen,
    Source,
    answer,
    children,
    code_of,
    figure_of,
    only,
    source_of,
)


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
    run: tuple[str, ...]
    segment_instance: str
    segment_number: int
    sources: tuple[Source, ...]
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
    drawn: tuple[DrawnSeen, ...] = ()
    remarks: tuple[str, ...] = ()


def reread_sr(path: Path, segs: Iterable[Path], ct_slice: Path) -> SrSeen:
    """The report at `path`. segs: the SEGs it may speak of; ct_slice: one file of the CT.

    Raises UnreadableError where it cannot be read, is of another patient or study, names what it
    does not list as evidence, or tracks a segment otherwise than the SEG does.
    """
    try:
        report = _read(path)
        seen = _seen(report)
        _must_belong(report, _read(ct_slice))
        _must_match_segs(seen, [_read(seg) for seg in segs], _read(ct_slice))
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
    if code_of(report.ConceptNameCodeSequence) != ("DCM", "126000"):
        raise UnreadableError("it is no measurement report")
    groups = list(children(only(report, "126010"), "125007"))
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
        reader=next((str(item.PersonName) for item in children(report, "121008")), ""),
        evidence=frozenset(
            [
                *_listed(report.CurrentRequestedProcedureEvidenceSequence),
                *_listed(report.get("PertinentOtherEvidenceSequence") or []),
            ]
        ),
        before=tuple(uid for _, uid in _listed(report.get("PredecessorDocumentsSequence") or [])),
        key_images=tuple(_library(report)),
        groups=tuple(_group(item) for item in groups if not is_drawn(item)),
        drawn=tuple(drawn_seen(item) for item in groups if is_drawn(item)),
        remarks=tuple(
            str(item.TextValue)
            for said in children(report, "C0034375")
            for item in children(said, "121106")
        ),
    )


def _library(report: Dataset) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The images of the report's library."""
    for library in children(report, "111028"):
        for group in children(library, "126200"):
            for image in group.ContentSequence:
                yield source_of(image.ReferencedSOPSequence[0])


def _group(item: Dataset) -> GroupSeen:
    site = only(item, "363698007")
    side = next(children(site, "272741003"), None)
    segment = only(item, "121191").ReferencedSOPSequence[0]
    name, version = next(children(item, "111001"), None), next(children(item, "111003"), None)
    special = {"276214006", "121071", "363698007"}
    return GroupSeen(
        tracking_id=str(only(item, "112039").TextValue),
        tracking_uid=str(only(item, "112040").UID),
        category=answer(only(item, "276214006")),
        finding=answer(only(item, "121071")),
        site=answer(site),
        side=answer(side) if side is not None else None,
        algorithm=(str(name.TextValue), str(version.TextValue)) if name and version else None,
        run=tuple(str(told.TextValue) for told in children(item, "111002")),
        segment_instance=str(segment.ReferencedSOPInstanceUID),
        segment_number=int(segment.ReferencedSegmentNumber),
        sources=tuple(
            source_of(image.ReferencedSOPSequence[0]) for image in children(item, "121233")
        ),
        source_series=next((str(series.UID) for series in children(item, "121232")), ""),
        figures=tuple(figure_of(row) for row in item.ContentSequence if row.ValueType == "NUM"),
        qualities=tuple(
            (code_of(row.ConceptNameCodeSequence), answer(row))
            for row in item.ContentSequence
            if row.ValueType == "CODE" and code_of(row.ConceptNameCodeSequence)[1] not in special
        ),
        key_images=tuple(
            source_of(image.ReferencedSOPSequence[0]) for image in children(item, "121080")
        ),
        comment=next((str(row.TextValue) for row in children(item, "121106")), ""),
    )


def _must_belong(report: Dataset, ct: Dataset) -> None:
    for keyword, name in (("StudyInstanceUID", "study"), ("PatientID", "patient")):
        if str(report.get(keyword, "")) != str(ct.get(keyword, "")):
            raise UnreadableError(f"its {name} is not that of the CT")


def _must_match_segs(seen: SrSeen, segs: list[Dataset], ct: Dataset) -> None:
    """Each group's segment is there, and is tracked under the same identity.

    A report of drawings alone rests on the CT series.
    """
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
    if not seen.groups:
        mine = {one for one in seen.evidence if one[0] == str(ct.SeriesInstanceUID)}
        needed = mine | {(str(ct.SeriesInstanceUID), str(ct.SOPInstanceUID))}
    ours = {series for series, _ in needed}
    drawn_on = {uid for drawn in seen.drawn for uid, _ in drawn.sources}
    beside = {series for series, uid in seen.evidence if uid in drawn_on} - ours
    if needed != {one for one in seen.evidence if one[0] not in beside}:
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
    for drawn in seen.drawn:
        if not {uid for uid, _ in drawn.sources} <= instances:
            raise UnreadableError("a drawing names images that are not among its evidence")


def _listed(studies: Iterable[Dataset]) -> Iterator[tuple[str, str]]:
    for study in studies:
        for series in study.ReferencedSeriesSequence:
            for instance in series.ReferencedSOPSequence:
                yield str(series.SeriesInstanceUID), str(instance.ReferencedSOPInstanceUID)
