"""The DICOM-SEGs of an export: what each holds, and the proof that it holds it.

Accepted, edited and added findings go out, one segment each; rejected, held and undecided never do.
The lungs go into a file of their own: a BINARY SEG may overlap, and readers expect either.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from ai.errors import BadInput
from viewer.dicom.masks.drawn_by import drawn_words, is_drawn
from viewer.dicom.series import Series
from viewer.dicom.written.seg_content import SegContent, SegSegment
from viewer.reading.events import EXPORTED_STATES
from viewer.reading.out.aside import Aside
from viewer.reading.out.called import NOT_CALLED, called
from viewer.reading.out.compare import SegAgreement, seg_agreement
from viewer.reading.out.passport import PassportObject
from viewer.reading.out.request import ExportRequest, NotSaved, finding_uid, fresh_uid, tracking_uid
from viewer.reading.out.segments import finding_segment, lung_segments

LUNGS: Final = "lungs"
NODULES: Final = "nodules"
SERIES_NUMBERS: Final = {LUNGS: 9001, NODULES: 9002}


@dataclass(frozen=True, eq=False)
class PlannedSeg:
    """One SEG to be, before it has a place. uid, series_uid: its own."""

    role: str
    segments: tuple[SegSegment, ...]
    description: str
    uid: str = field(default_factory=fresh_uid)
    series_uid: str = field(default_factory=fresh_uid)
    dimension_uid: str = field(default_factory=fresh_uid)

    def content(self, request: ExportRequest, made_at: datetime) -> SegContent:
        """All that the file will say."""
        return SegContent(
            series=request.series,
            segments=self.segments,
            content_label=self.role.upper(),
            description=self.description,
            series_number=SERIES_NUMBERS[self.role],
            creator=request.reader_label or "Research",
            sop_instance_uid=self.uid,
            series_instance_uid=self.series_uid,
            dimension_uid=self.dimension_uid,
            made_at=made_at,
        )


def plan_segs(request: ExportRequest) -> tuple[tuple[PlannedSeg, ...], tuple[str, ...]]:
    """The SEGs to write, and what is said of those there is no reason to write.

    Raises BadInput where a mask does not lie on the scan.
    """
    lungs, told = _lungs(request)
    nodules, more = _nodules(request)
    return tuple(seg for seg in (lungs, nodules) if seg is not None), (*told, *more)


def _lungs(request: ExportRequest) -> tuple[PlannedSeg | None, tuple[str, ...]]:
    if request.lungs is None:
        return None, ("The lungs were not segmented: no lungs file.",)
    _must_fit(request.lungs.geometry.shape_kji, request.series)
    pair = lung_segments(
        request.lungs,
        edited=request.lungs_edited,
        uid_of=lambda thing: tracking_uid(request.reading_id, thing),
    )
    empty = [segment for segment in pair if not segment.mask.voxels.any()]
    if len(empty) == len(pair):
        return None, ("The lungs are empty: no lungs file.",)
    drawn = drawn_words(request.lungs.made_by)
    how = f"{drawn or 'AI'}{', reader edited' if request.lungs_edited else ''}"
    told = tuple(f"{segment.label} is empty." for segment in empty)
    return PlannedSeg(LUNGS, pair, f"Hilum lungs ({how})"), told


def _nodules(request: ExportRequest) -> tuple[PlannedSeg | None, tuple[str, ...]]:
    taken = [(f, state) for f, state in request.findings if state in EXPORTED_STATES]
    if not taken:
        return None, ("No finding was accepted: no nodules file.",)
    who = [] if all(is_drawn(finding.made_by) for finding, _ in taken) else ["AI"]
    by = ", ".join([*who, *filter(None, [request.reader_label])])
    names, reading = called(request.content), request.reading_id
    segments = tuple(
        finding_segment(
            f, state, request.series, finding_uid(reading, f), names.get(f.id, NOT_CALLED)
        )
        for f, state in taken
    )
    return PlannedSeg(NODULES, segments, f"Hilum nodules ({by or 'drawn'})"), ()


def _must_fit(shape_kji: tuple[int, int, int], series: Series) -> None:
    if shape_kji != (len(series.slices), series.rows, series.columns) or series.geometry is None:
        raise BadInput(
            "The mask does not lie on the slices of this series, so nothing was exported.",
            "Open the study again and repeat the segmentation.",
        )


def write_seg_aside(file: Aside, content: SegContent) -> None:
    """The SEG on the disk, not yet under its name."""
    # pydicom only here: the window holds requests and results, and starts without it
    from viewer.dicom.written.seg import write_seg

    file.clear()
    write_seg(file.aside, content)


def prove_seg(file: Aside, content: SegContent) -> PassportObject:
    """Read the SEG back with other code. Raises NotSaved where it says or holds anything else."""
    from viewer.dicom.reread.seg import UnreadableError, reread

    try:
        seen = reread(file.aside, [piece.path for piece in content.series.slices])
    except UnreadableError as error:
        raise NotSaved(*refusal(file, str(error))) from error
    found = seg_agreement(seen, content)
    if found.fault:
        raise NotSaved(*refusal(file, found.fault))
    return _proven(file, found)


def _proven(file: Aside, found: SegAgreement) -> PassportObject:
    return PassportObject(
        role=file.role,
        kind="DICOM-SEG",
        file=file.path.name,
        sha256=file.digest(),
        size_bytes=file.aside.stat().st_size,
        segments=len(found.overlaps),
        frames=found.frames,
        voxels_reread=found.voxels,
        overlaps=found.overlaps,
        positions=found.positions,
        same_study=found.same_study,
        same_frame_of_reference=found.same_frame_of_reference,
    )


def refusal(file: Aside, differs: str) -> tuple[str, str]:
    """What to say of a file that did not read back as it was meant."""
    return (
        f"{file.path.name} was not saved: read back from the disk, {differs}.",
        "Export again; if it happens again, the disk or the study's files may be damaged.",
    )
