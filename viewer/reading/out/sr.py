"""The measurement report of an export: a group for each segment and each drawing, proven alike."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from ai.scan.labelmap import BOTH_LUNGS
from viewer import __version__
from viewer.dicom.series import Series
from viewer.dicom.written.sr_content import SrBefore, SrContent, SrGroup, SrSegment, SrVerified
from viewer.measuring.shapes import Measured
from viewer.reading.events import Answer
from viewer.reading.labels import KINDS
from viewer.reading.out.aside import Aside
from viewer.reading.out.called import NOT_CALLED, called
from viewer.reading.out.drawn import drawn
from viewer.reading.out.measures import finding_group, lung_group
from viewer.reading.out.passport import PassportObject
from viewer.reading.out.request import ExportRequest, NotSaved, finding_uid, fresh_uid, named_uid
from viewer.reading.out.seg import LUNGS, PlannedSeg, refusal
from viewer.reading.out.sr_compare import sr_agreement
from viewer.reading.report.content import FindingLine
from viewer.reading.report.density import density_use
from viewer.reading.report.key_images import source_slices
from viewer.reading.signature import Signature

MEASUREMENTS: Final = "sr"
SERIES_NUMBER: Final = 9003


def sr_content(
    request: ExportRequest, segs: Sequence[PlannedSeg], made_at: datetime
) -> SrContent | None:
    """What the report will say; None where nothing was measured."""
    groups = tuple(group for seg in segs for group in _groups(request, seg))
    reading = request.reading_id
    lines = tuple(
        drawn(one, words, here, reading)
        for one, words in request.measured
        if (here := series_of(request, one)) is not None
    )
    if not groups and not lines:
        return None
    who = ["AI"] if groups else []
    by = ", ".join([*who, *filter(None, [request.reader_label])])
    return SrContent(
        series=request.series,
        groups=groups,
        description=f"Hilum measurements ({by})",
        series_number=SERIES_NUMBER,
        reader="" if request.by_rule else request.reader_label,
        device_uid=named_uid(f"viewer:{__version__}"),
        instance_uid=fresh_uid(),
        series_uid=fresh_uid(),
        made_at=made_at,
        before=_before(request),
        verified=_verified(request.signature),
        key_images=source_slices(request.key_images, request.series),
        drawn=lines,
        remarks=_remarks(request),
    )


def _remarks(request: ExportRequest) -> tuple[str, ...]:
    """How it was read, and each finding that was rejected, with the reason where one was given."""
    content = request.content
    if content is None:
        return ()
    rejected = content.in_state(Answer.REJECT.value)
    return (*content.how_read, *(_rejected(line) for line in rejected))


def _rejected(line: FindingLine) -> str:
    why = f" as {KINDS[line.reason].word if line.reason in KINDS else line.reason}"
    by = f" by {line.by}" if line.by else ""
    return f"{line.name} ({line.what}, {line.where}) was rejected{by}{why if line.reason else ''}."


def series_of(request: ExportRequest, measured: Measured) -> Series | None:
    """The series that a drawing lies on; None where it is not at hand, so that no image of it can
    be named, or has no frame of reference."""
    key = measured.shape.series
    if not key:
        return request.series
    other = request.others.get(key)
    return other if other is not None and other.uid and other.frame_of_reference else None


def _verified(signature: Signature) -> SrVerified | None:
    """Who stands for the report by name; None where it is not signed, or only by a pseudonym."""
    from viewer.dicom.written.person_name import person_name
    from viewer.dicom.written.seg_items import LONG_STRING

    name = person_name(signature.name)
    organisation = "".join(c for c in signature.organisation if c.isprintable() and c != "\\")
    if not signature.verifies or not name.strip("^=") or not organisation.strip():
        return None
    at = signature.moment.strftime("%Y%m%d%H%M%S%z")
    return SrVerified(name, organisation.strip()[:LONG_STRING].strip(), at)


def _groups(request: ExportRequest, seg: PlannedSeg) -> list[SrGroup]:
    """One per segment that has voxels and figures."""
    lungs = {figures.number: figures for figures in request.lung_figures}
    use = density_use(request.series)
    uid_of = partial(finding_uid, request.reading_id)
    findings = {uid_of(finding): (finding, state) for finding, state in request.findings}
    names = called(request.content)
    made = []
    for number, segment in enumerate(seg.segments, start=1):
        where = SrSegment(seg.uid, seg.series_uid, number)
        if not segment.mask.voxels.any():
            continue
        if seg.role != LUNGS:
            finding, state = findings[segment.tracking_uid]
            words = names.get(finding.id, NOT_CALLED).words
            group = finding_group(
                finding, state, segment, where, by_rule=request.by_rule, words=words
            )
            shown = [key for key in request.key_images if key.finding == finding.id]
            made.append(replace(group, key_images=source_slices(shown, request.series)))
        else:  # right is 1, left is 2, in the label map and in the SEG; 3 is the SEG's only one
            one = lungs.get(number if segment.laterality else BOTH_LUNGS.number)
            if one is not None:
                made.append(lung_group(one, segment, where, use))
    return made


def _before(request: ExportRequest) -> SrBefore | None:
    """The newest report of an earlier export of the same study that still lies there."""
    found: list[tuple[float, Path]] = []
    for path in request.earlier:
        with contextlib.suppress(OSError):
            if path.stem.split("-")[0] == MEASUREMENTS and path.suffix == ".dcm":
                found.append((path.stat().st_mtime, path))
    for _, path in sorted(found, reverse=True):
        before = _identity(path, request.series)
        if before is not None:
            return before
    return None


def _identity(path: Path, series: Series) -> SrBefore | None:
    import pydicom
    from pydicom.errors import InvalidDicomError

    try:
        report = pydicom.dcmread(path, stop_before_pixels=True)
        before = SrBefore(
            str(report.StudyInstanceUID),
            str(report.SeriesInstanceUID),
            str(report.SOPClassUID),
            str(report.SOPInstanceUID),
        )
    except (OSError, InvalidDicomError, AttributeError, ValueError):
        return None  # an earlier file that was lost or spoilt is no reason to keep this one back
    return before if before.study_uid == series.study_uid else None


def write_sr_aside(file: Aside, content: SrContent) -> None:
    """The report on the disk, not yet under its name."""
    from viewer.dicom.written.sr import write_sr

    file.clear()
    write_sr(file.aside, content)


def prove_sr(file: Aside, content: SrContent, segs: Sequence[Aside]) -> PassportObject:
    """Read the report back with other code, beside the SEGs it speaks of.

    Raises NotSaved where it says anything else than it was meant to.
    """
    from viewer.dicom.reread.seg import UnreadableError
    from viewer.dicom.reread.sr import reread_sr

    try:
        seen = reread_sr(file.aside, [seg.aside for seg in segs], content.series.slices[0].path)
    except UnreadableError as error:
        raise NotSaved(*refusal(file, str(error))) from error
    found = sr_agreement(seen, content)
    if found.fault:
        raise NotSaved(*refusal(file, found.fault))
    return PassportObject(
        role=file.role,
        kind="DICOM-SR",
        file=file.path.name,
        sha256=file.digest(),
        size_bytes=file.aside.stat().st_size,
        groups=len(seen.groups) + len(seen.drawn),
        figures=found.figures,
        same_study=found.same_study,
        verified=content.verified is not None,
    )
