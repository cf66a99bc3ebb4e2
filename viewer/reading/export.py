"""What leaves a reading as DICOM-SEG: chosen, written aside, read again by other eyes, then named.

Accepted, edited and added findings go out, one segment each; rejected, held and undecided never do.
The lungs go into a file of their own: a BINARY SEG may overlap, and readers expect either.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from ai.errors import BadInput, OutsideError
from ai.scan.finding import Finding
from ai.scan.labelmap import LabelMap
from viewer.dicom.seg_content import SegContent, SegSegment
from viewer.dicom.series import Series
from viewer.reading.compare import fault
from viewer.reading.reading import EXPORTED_STATES
from viewer.reading.segments import finding_segment, lung_segments

LUNGS: Final = "lungs"
NODULES: Final = "nodules"
SERIES_NUMBERS: Final = {LUNGS: 9001, NODULES: 9002}
ASIDE: Final = ".part"


class NotSaved(OutsideError):
    """The export could not be finished; nothing of it was left behind."""


@dataclass(frozen=True, eq=False)
class ExportRequest:
    """What to export of one reading, and where to. Plain values, so that it can cross a pipe.

    findings: each with its state. lungs_edited: a reader changed the lungs. reader_label: a
    pseudonym, or how a rule accepted. replace: files of these names give way (batch, always fresh);
    else a second export takes the next free name.
    """

    folder: Path
    series: Series
    lungs: LabelMap | None
    findings: tuple[tuple[Finding, str], ...]
    reading_id: str
    lungs_edited: bool = False
    reader_label: str = ""
    replace: bool = False


@dataclass(frozen=True)
class ExportResult:
    """files: what was saved, absolute. objects: role (lungs, nodules) and SHA-256 of each."""

    files: tuple[Path, ...] = ()
    objects: tuple[tuple[str, str], ...] = ()
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class _Planned:
    role: str
    path: Path
    segments: tuple[SegSegment, ...]
    description: str
    uid: str = field(default_factory=lambda: fresh_uid())

    @property
    def aside(self) -> Path:
        return self.path.with_name(f".{self.path.name}{ASIDE}")


def fresh_uid() -> str:
    """A UID no one else has. Source: DICOM PS3.5 B.2 (2.25 and a UUID)."""
    return f"2.25.{uuid.uuid4().int}"


def tracking_uid(reading_id: str, thing: str) -> str:
    """The Tracking UID of a finding (its id) or a lung of one reading: the same in every export."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:hilum:{reading_id}:{thing}').int}"


def export_segs(request: ExportRequest, *, now: datetime | None = None) -> ExportResult:
    """Lungs and findings as DICOM-SEG, saved only after they were read back voxel by voxel.

    Raises NotSaved (a full disk, a read-only folder, a file that reads back otherwise) or BadInput;
    nothing of the export is on the disk then.
    """
    plan, sentences = _plan(request)
    made_at = now or datetime.now()
    try:
        for file in plan:
            _write_and_check(file, request, made_at)
        hashes = [hashlib.sha256(file.aside.read_bytes()).hexdigest() for file in plan]
        _name(plan)
        if request.replace:
            _drop_stale(request.folder, {file.path for file in plan})
    except OSError as error:
        raise _refused(request.folder, error) from error
    finally:
        for file in plan:
            with contextlib.suppress(OSError):
                file.aside.unlink(missing_ok=True)
    return ExportResult(
        files=tuple(file.path for file in plan),
        objects=tuple((file.role, digest) for file, digest in zip(plan, hashes, strict=True)),
        sentences=(*(_saved(file) for file in plan), *sentences),
    )


def _plan(request: ExportRequest) -> tuple[tuple[_Planned, ...], tuple[str, ...]]:
    """The files to write and what is said of those there is no reason to write."""
    contents: dict[str, tuple[tuple[SegSegment, ...], str]] = {}
    sentences: list[str] = []
    by = f", {request.reader_label}" if request.reader_label else ""
    if request.lungs is None:
        sentences.append("The lungs were not segmented: no lungs file.")
    else:
        _must_fit(request.lungs.geometry.shape_kji, request.series)
        pair = lung_segments(
            request.lungs,
            edited=request.lungs_edited,
            uid_of=lambda thing: tracking_uid(request.reading_id, thing),
        )
        if not any(segment.mask.voxels.any() for segment in pair):
            sentences.append("The lungs are empty: no lungs file.")
        else:
            sentences += [f"{s.label} is empty." for s in pair if not s.mask.voxels.any()]
            how = "AI, reader edited" if request.lungs_edited else "AI"
            contents[LUNGS] = pair, f"Hilum lungs ({how})"
    taken = [(f, state) for f, state in request.findings if state in EXPORTED_STATES]
    if taken:
        segments = tuple(
            finding_segment(
                finding, state, request.series, tracking_uid(request.reading_id, finding.id)
            )
            for finding, state in taken
        )
        contents[NODULES] = segments, f"Hilum nodules (AI{by})"
    else:
        sentences.append("No finding was accepted: no nodules file.")
    number = _free_number(request)
    return (
        tuple(
            _Planned(role, (request.folder / f"{role}{number}.dcm").absolute(), *content)
            for role, content in contents.items()
        ),
        tuple(sentences),
    )


def _must_fit(shape_kji: tuple[int, int, int], series: Series) -> None:
    if shape_kji != (len(series.slices), series.rows, series.columns) or series.geometry is None:
        raise BadInput(
            "The mask does not lie on the slices of this series, so nothing was exported.",
            "Open the study again and repeat the segmentation.",
        )


def _free_number(request: ExportRequest) -> str:
    """What follows both roles in their names: nothing, -2, -3 ..."""
    number = 1
    while not request.replace and any(
        (request.folder / f"{role}{_suffix(number)}.dcm").exists() for role in (LUNGS, NODULES)
    ):
        number += 1
    return _suffix(number)


def _suffix(number: int) -> str:
    return "" if number == 1 else f"-{number}"


def _write_and_check(file: _Planned, request: ExportRequest, made_at: datetime) -> None:
    # pydicom only here: the window holds requests and results, and starts without it
    from viewer.dicom.reread import UnreadableError, reread
    from viewer.dicom.seg import write_seg

    series = request.series
    file.path.parent.mkdir(parents=True, exist_ok=True)
    file.aside.unlink(missing_ok=True)  # left by a run that was killed
    content = SegContent(
        series=series,
        segments=file.segments,
        content_label=file.role.upper(),
        description=file.description,
        series_number=SERIES_NUMBERS[file.role],
        creator=request.reader_label or "Research",
        sop_instance_uid=file.uid,
        series_instance_uid=fresh_uid(),
        dimension_uid=fresh_uid(),
        made_at=made_at,
    )
    write_seg(file.aside, content)
    try:
        seen = reread(file.aside, [piece.path for piece in series.slices])
        differs = fault(seen, content)
    except UnreadableError as error:
        differs = str(error)
    if differs:
        raise NotSaved(
            f"{file.path.name} was not saved: read back from the disk, {differs}.",
            "Export again; if it happens again, the disk or the study's files may be damaged.",
        )


def _name(plan: Sequence[_Planned]) -> None:
    """Give the checked files their names, all or none."""
    named: list[Path] = []
    try:
        for file in plan:
            file.aside.replace(file.path)
            named.append(file.path)
    except OSError:
        for path in named:
            path.unlink(missing_ok=True)
        raise
    for folder in {file.path.parent for file in plan}:
        _force_names(folder)


def _force_names(folder: Path) -> None:
    """A name is on the disk only when its folder is; not every system can be asked for that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _drop_stale(folder: Path, kept: Iterable[Path]) -> None:
    """An earlier run's file must not pass for this one's."""
    for role in (LUNGS, NODULES):
        path = (folder / f"{role}.dcm").absolute()
        if path not in kept:
            path.unlink(missing_ok=True)


def _saved(file: _Planned) -> str:
    count = len(file.segments)
    return (
        f"{file.path.name} saved with {count} segment{'' if count == 1 else 's'}; "
        "read again, it holds the same voxels in the same place."
    )


def _refused(folder: Path, error: OSError) -> NotSaved:
    why = error.strerror or "the disk refused"
    return NotSaved(
        f"Nothing was exported to {folder}: {why[:1].lower()}{why[1:]}.",
        "Make room or choose a folder that can be written to, then export again.",
    )
