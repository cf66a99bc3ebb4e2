"""What an object read back from the disk holds, against what was asked: equal, or why not.

The figures of the agreement are counted on what was read, so that the passport can tell them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.series import Series
from viewer.dicom.written.seg_content import SegContent, SegSegment
from viewer.reading.out.passport import Overlap

if TYPE_CHECKING:
    from viewer.dicom.reread.seg import SegmentSeen, SegSeen

SAME_PLACE_MM: Final = 0.01


@dataclass(frozen=True)
class SegAgreement:
    """How a SEG agrees with what was asked. fault: what differs first, or nothing.

    voxels: of the scan's grid, all compared. positions: slices of the scan that frames lie on, at
    the place asked for, of all that frames lie on.
    """

    fault: str
    overlaps: tuple[Overlap, ...]
    frames: int
    voxels: int
    positions: tuple[int, int]
    same_study: bool
    same_frame_of_reference: bool


def seg_agreement(seen: SegSeen, asked: SegContent) -> SegAgreement:
    """Every statement and every voxel of the file against what was asked."""
    series = asked.series
    fault = _fault(seen, asked)
    overlaps = []
    for stored, wanted in zip(seen.segments, asked.segments, strict=False):
        overlap, equal = _overlap(stored, wanted, (seen.rows, seen.columns))
        overlaps.append(overlap)
        if not equal and not fault:
            fault = f"segment {stored.number} has other voxels"
    return SegAgreement(
        fault=fault,
        overlaps=tuple(overlaps),
        frames=sum(len(stored.planes) for stored in seen.segments),
        voxels=len(seen.positions_lps) * seen.rows * seen.columns,
        positions=_positions(seen, series),
        same_study=seen.study_uid == series.study_uid,
        same_frame_of_reference=seen.frame_of_reference == series.frame_of_reference,
    )


def _fault(seen: SegSeen, asked: SegContent) -> str:
    """What the file says otherwise, its voxels apart."""
    series = asked.series
    for name, there, here in (
        ("instance", seen.sop_instance_uid, asked.sop_instance_uid),
        ("study", seen.study_uid, series.study_uid),
        ("frame of reference", seen.frame_of_reference, series.frame_of_reference),
        ("series", seen.series_uid, series.uid),
        ("qualification", seen.qualification, "RESEARCH"),
        ("number of segments", len(seen.segments), len(asked.segments)),
    ):
        if there != here:
            return f"its {name} is another one"
    if not _same_place(seen, series):
        return "it lies in another place than the scan"
    for stored, wanted in zip(seen.segments, asked.segments, strict=True):
        if not _same_meaning(stored, wanted):
            return f"segment {stored.number} says something else"
    return ""


def _same_place(seen: SegSeen, series: Series) -> bool:
    """The grid the AI worked on, against the one the CT's own files tell."""
    geometry = series.geometry
    if geometry is None or geometry.shape_kji != (len(seen.positions_lps), seen.rows, seen.columns):
        return False
    asked = np.array([piece.position_lps for piece in series.slices])
    if np.abs(asked - seen.positions_lps).max() > SAME_PLACE_MM:
        return False
    down, across = seen.pixel_spacing_mm
    last = np.array([seen.rows - 1, seen.columns - 1])
    edges = np.stack([seen.column_lps * down, seen.row_lps * across], axis=1) * last
    on_grid = geometry.affine[:3, 1:3] * last
    return bool(
        np.abs(edges - on_grid).max() < SAME_PLACE_MM
        and np.abs(geometry.lps_of((0, 0, 0)) - seen.positions_lps[0]).max() < SAME_PLACE_MM
    )


def _positions(seen: SegSeen, series: Series) -> tuple[int, int]:
    used = sorted({k for segment in seen.segments for k in segment.planes})
    agree = 0
    for k in used:
        if k < len(series.slices):
            away = np.abs(np.subtract(seen.positions_lps[k], series.slices[k].position_lps))
            agree += int(away.max() < SAME_PLACE_MM)
    return agree, len(used)


def _same_meaning(there: SegmentSeen, here: SegSegment) -> bool:
    side = here.laterality.value if here.laterality else ""
    codes = (there.category, there.kind, there.side, there.algorithm_type)
    words = (there.label, there.description, there.tracking_id, there.tracking_uid)
    return codes == (here.category.value, here.kind.value, side, here.algorithm_type) and words == (
        here.label,
        here.description,
        here.tracking_id,
        here.tracking_uid,
    )


def _overlap(there: SegmentSeen, here: SegSegment, plane: tuple[int, int]) -> tuple[Overlap, bool]:
    """Slice by slice, also those that only one of the two has; whether nothing differs at all."""
    start, _, _ = here.mask.start_kji
    asked = {start + n: box for n, box in enumerate(here.mask.voxels) if box.any()}
    _, rows, columns = here.mask.box
    both = stored_voxels = 0
    for k, stored in there.planes.items():
        stored_voxels += int(np.count_nonzero(stored))
        if k in asked:
            whole: NDArray[np.bool_] = np.zeros(plane, np.bool_)
            whole[rows, columns] = asked[k]
            both += int(np.count_nonzero(stored & whole))
    asked_voxels = int(np.count_nonzero(here.mask.voxels))
    total = stored_voxels + asked_voxels
    # two empty masks agree
    dice = 2 * both / total if total else 1.0
    return Overlap(here.label, dice, stored_voxels), both == stored_voxels == asked_voxels
