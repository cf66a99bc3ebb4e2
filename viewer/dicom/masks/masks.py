"""A file of masks laid on its CT, whatever its format: DICOM-SEG, RT Structure Set or NIfTI."""

from __future__ import annotations

from pathlib import Path

from ai.errors import BadInput
from viewer.dicom.elements import UnreadableError
from viewer.dicom.headers import read_header
from viewer.dicom.masks.content import MaskContents
from viewer.dicom.masks.nifti import is_nifti, read_nifti
from viewer.dicom.masks.rtstruct import RTSTRUCT_STORAGE, read_rtstruct
from viewer.dicom.masks.seg_read import read_seg
from viewer.dicom.objects import SEG_CLASSES
from viewer.dicom.series import Series

READABLE = "DICOM-SEG, RT Structure Set and NIfTI can be laid on a CT."


def read_masks(path: Path, series: Series) -> MaskContents:
    """Lungs and other masks of a file, on the grid of `series`; the content decides the format.

    Raises BadInput where it holds no masks, belongs to another study, or lies on another grid.
    """
    if not path.is_file():
        raise BadInput(f"There is no file {path.name}.")
    if is_nifti(path):
        return read_nifti(path, series)
    kind = _class_of(path)
    if kind in SEG_CLASSES:
        return read_seg(path, series)
    if kind == RTSTRUCT_STORAGE:
        return read_rtstruct(path, series)
    raise BadInput(f"{path.name} holds no masks.", READABLE)


def is_mask_file(path: Path) -> bool:
    """Whether a file is of a format that read_masks knows."""
    return path.is_file() and (
        is_nifti(path) or _class_of(path) in SEG_CLASSES | {RTSTRUCT_STORAGE}
    )


def _class_of(path: Path) -> str:
    """The SOP class of a DICOM file, also of one without a preamble; empty for anything else."""
    try:
        return read_header(path).sop_class  # pydicom would inflate a bomb, and raise anything
    except (OSError, UnreadableError):
        return ""
