"""What a DICOM-SEG read back from the disk holds, against what was asked: equal, or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from viewer.dicom.seg_content import SegContent, SegSegment
from viewer.dicom.series import Series

if TYPE_CHECKING:
    from viewer.dicom.reread import SegmentSeen, SegSeen

SAME_PLACE_MM: Final = 0.01


def fault(seen: SegSeen, asked: SegContent) -> str:
    """What in the file differs from what was asked, or nothing."""
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
        if not _same_voxels(stored, wanted, (seen.rows, seen.columns)):
            return f"segment {stored.number} has other voxels"
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


def _same_meaning(there: SegmentSeen, here: SegSegment) -> bool:
    side = here.laterality.value if here.laterality else ""
    return (there.category, there.kind, there.side, there.algorithm_type, there.tracking_uid) == (
        here.category.value,
        here.kind.value,
        side,
        here.algorithm_type,
        here.tracking_uid,
    )


def _same_voxels(there: SegmentSeen, here: SegSegment, plane: tuple[int, int]) -> bool:
    """Slice by slice: all that was asked is there, and nothing else."""
    start, _, _ = here.mask.start_kji
    asked = {start + n: box for n, box in enumerate(here.mask.voxels) if box.any()}
    if not set(asked) <= set(there.planes):
        return False
    _, rows, columns = here.mask.box
    for k, stored in there.planes.items():
        whole: NDArray[np.bool_] = np.zeros(plane, np.bool_)
        if k in asked:
            whole[rows, columns] = asked[k]
        if not np.array_equal(stored, whole):
            return False
    return True
