"""A DICOM-SEG opened again on its CT: lungs as a label map, everything else as named masks.

Places come from positions alone. A SEG of another study, frame of reference or series is refused:
drawn on the wrong patient it would look entirely plausible.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from ai.errors import BadInput
from ai.scan.finding import BoxMask, Origin
from ai.scan.geometry import Geometry
from ai.scan.labelmap import BOTH_LUNGS, LUNG, LUNGS, MadeBy
from viewer.dicom.masks.content import LungMask, MaskContents, NamedMask, lungs_on
from viewer.dicom.masks.drawn_by import READER, SEG, UNNAMED, made_for_nobody, told_to_nobody
from viewer.dicom.masks.mask_grid import OffGridError, SliceGrid, joined, laying
from viewer.dicom.objects import SEG_CLASSES
from viewer.dicom.series import Series
from viewer.dicom.written.algorithm import made_by_of
from viewer.dicom.written.seg_content import AUTOMATIC, MANUAL, SEMIAUTOMATIC
from viewer.dicom.written.seg_planes import (
    FRACTIONAL,
    background_of,
    group_of,
    planes_of,
    shared_groups,
)

CHOOSE: Final = "Open the study that the segmentation was made on."
HOW_MADE: Final = (AUTOMATIC, SEMIAUTOMATIC, MANUAL)
LUNG_CODES: Final = frozenset((LUNG.value, "T-28000"))
"""Lung as it is coded now, and by writers of the years before SNOMED CT's own codes."""
ABNORMAL: Final = frozenset(("49755003", "M-01000"))
"""The category of nodules and the like, as it is coded now and was before."""
SIDES: Final = {"G-A100": 1, "G-A101": 2} | {
    s.laterality.value: s.number for s in LUNGS if s.laterality
}
SIDED_LUNGS: Final = {"3341006": 1, "44029006": 2}
"""Codes that name a lung and its side in one."""


def read_seg(path: Path, series: Series) -> MaskContents:
    """The SEG at `path`, on the grid of `series`.

    Raises BadInput where it cannot be read, belongs to something else, or lies on another grid.
    """
    with laying(path, series, "DICOM-SEG") as geometry:
        return _contents(path, series, geometry)


def _contents(path: Path, series: Series, geometry: Geometry) -> MaskContents:
    seg = _open(path)
    _must_belong(path, seg, series)
    masks = _masks(path, seg, SliceGrid.of(series, geometry))
    sentences, lungs, others = [], [], []
    sides = {_lung_number(item) for item in seg.SegmentSequence}
    lungs_by = None
    people = _people(seg, series)
    for item in seg.SegmentSequence:
        number = int(item.SegmentNumber)
        if number == background_of(seg):
            continue
        mask = masks.pop(number, None)
        name = str(item.get("SegmentLabel") or f"segment {number}")
        side = _lung_number(item)
        if side == BOTH_LUNGS.number and (sides & {1, 2} or _is_abnormal(item)):
            side = 0  # it would cover the lungs that have sides, or is something in a lung
        if side:
            lungs_by = lungs_by or _made_by(item, people)
        if mask is None:
            sentences.append(f"{path.name}: {name} is empty.")
        elif side:
            lungs.append(LungMask(side, name, mask))
        else:
            uid, by, odd = _text(item, "TrackingUID"), _made_by(item, people), _is_abnormal(item)
            kind, said = _kind_words(item), _text(item, "SegmentDescription")
            origin, code = _origin(item, people), _kind_code(item)
            others.append(NamedMask(name, uid, mask, by, odd, origin, kind, code, said))
    others += _undescribed(path, masks, sentences)
    label_map = None
    if lungs_by is not None:
        label_map, overlaps = lungs_on(geometry, lungs, lungs_by, file=path.name)
        sentences += overlaps
    told = _told_of(path, seg, sided=label_map is None or label_map.sided)
    return MaskContents(label_map, tuple(others), (*told, *sentences))


def _undescribed(path: Path, masks: Mapping[int, BoxMask], sentences: list[str]) -> list[NamedMask]:
    """Masks of segments that the file does not describe: shown, and told."""
    sentences += [f"{path.name} does not say what segment {number} is." for number in masks]
    return [
        NamedMask(f"segment {number}", "", mask, origin=Origin(SEG))
        for number, mask in masks.items()
    ]


def _origin(item: Dataset, people: tuple[str, ...]) -> Origin:
    """What the segment says of itself; an id without its UID tracks nothing (PS3.3 C.8.20.4)."""
    uid, how = _text(item, "TrackingUID"), _text(item, "SegmentAlgorithmType")
    identity = told_to_nobody(_text(item, "TrackingID"), people) if uid else ""
    return Origin(SEG, how if how in HOW_MADE else "", identity, uid)


def _text(item: Dataset, keyword: str) -> str:
    return str(item.get(keyword) or "").strip()


def _open(path: Path) -> Dataset:
    try:
        seg = pydicom.dcmread(path)
    except (OSError, InvalidDicomError) as error:
        raise BadInput(f"{path.name} cannot be read as DICOM.") from error
    if seg.get("SOPClassUID") not in SEG_CLASSES:
        raise BadInput(f"{path.name} is not a DICOM-SEG.")
    return seg


def _told_of(path: Path, seg: Dataset, *, sided: bool) -> list[str]:
    """sided: whether its lungs have their sides."""
    told = []
    if seg.SegmentationType == FRACTIONAL:
        told.append(f"{path.name} holds fractions; voxels of one half and more count.")
    if not sided:
        told.append(
            f"{path.name} does not say which lung is the right one: both are shown as one mask, "
            "and no figure is told of either side."
        )
    return told


def _must_belong(path: Path, seg: Dataset, series: Series) -> None:
    for name, there, here in (
        ("study", seg.StudyInstanceUID, series.study_uid),
        ("frame of reference", seg.get("FrameOfReferenceUID", ""), series.frame_of_reference),
    ):
        if str(there) != here:
            raise BadInput(f"{path.name} belongs to another {name} than this CT.", CHOOSE)
    named = {str(item.SeriesInstanceUID) for item in seg.get("ReferencedSeriesSequence") or []}
    if named and series.uid not in named:
        raise BadInput(f"{path.name} was drawn on another series of this study.", CHOOSE)
    if not named and not _sources(seg) & {piece.sop_instance_uid for piece in series.slices}:
        raise BadInput(f"{path.name} does not say that it was drawn on this series.", CHOOSE)


def _sources(seg: Dataset) -> set[str]:
    """The images that frames say they were drawn on."""
    return {
        str(source.ReferencedSOPInstanceUID)
        for group in seg.PerFrameFunctionalGroupsSequence
        for derivation in group.get("DerivationImageSequence") or []
        for source in derivation.get("SourceImageSequence") or []
    }


def _masks(path: Path, seg: Dataset, grid: SliceGrid) -> dict[int, BoxMask]:
    """Segment number to its voxels on the CT; segments without any voxel are not in it."""
    shared = shared_groups(seg)
    grouped: dict[int, list[Any]] = {}
    for number, plane, group in planes_of(seg):
        origin = _numbers(group_of(group, shared, "PlanePositionSequence").ImagePositionPatient)
        turned = _numbers(
            group_of(group, shared, "PlaneOrientationSequence").ImageOrientationPatient
        )
        down, across = _numbers(group_of(group, shared, "PixelMeasuresSequence").PixelSpacing)
        try:
            placed = grid.placed(plane, origin, down * turned[3:], across * turned[:3])
        except OffGridError as error:
            raise BadInput(
                f"{path.name} lies on another grid than this CT and is not laid over it.", CHOOSE
            ) from error
        grouped.setdefault(number, []).extend(placed)
    return {number: joined(pieces) for number, pieces in grouped.items()}


def _numbers(values: Any) -> NDArray[np.float64]:
    return np.array([float(value) for value in values])


def _lung_number(item: Dataset) -> int:
    """1 for the right lung, 2 for the left, 3 for lung without a side, 0 for anything else."""
    kinds, code = item.get("SegmentedPropertyTypeCodeSequence"), _kind_code(item)
    if code not in LUNG_CODES:
        return SIDED_LUNGS.get(code, 0)
    # older writers put the side at segment level
    sides = kinds[0].get("SegmentedPropertyTypeModifierCodeSequence") or item.get(
        "SegmentedPropertyTypeModifierCodeSequence"
    )
    told = SIDES.get(str(sides[0].get("CodeValue", ""))) if sides else None
    return BOTH_LUNGS.number if told is None else told


def _is_abnormal(item: Dataset) -> bool:
    category = item.get("SegmentedPropertyCategoryCodeSequence")
    return bool(category) and str(category[0].get("CodeValue", "")) in ABNORMAL


def _kind_code(item: Dataset) -> str:
    kinds = item.get("SegmentedPropertyTypeCodeSequence")
    return _text(kinds[0], "CodeValue") if kinds else ""


def _kind_words(item: Dataset) -> str:
    """'Tissue', which is what 3D Slicer writes where nobody chose a kind."""
    kinds = item.get("SegmentedPropertyTypeCodeSequence")
    return _text(kinds[0], "CodeMeaning") if kinds else ""


def _people(seg: Dataset, series: Series) -> tuple[str, ...]:
    """Names and ids of whoever was scanned, as either file has them."""
    there = (str(seg.get(tag, "")) for tag in ("PatientName", "PatientID"))
    return (*there, series.patient.name, series.patient.id)


def _made_by(item: Dataset, people: tuple[str, ...]) -> MadeBy:
    """A model of ours, a foreign program without what names the patient, or the reader.

    What a person drew names no program, whatever name stands beside it.
    """
    if _text(item, "SegmentAlgorithmType") == MANUAL:
        return READER
    known = item.get("SegmentationAlgorithmIdentificationSequence")
    named = _text(item, "SegmentAlgorithmName")
    if not named and _text(item, "SegmentAlgorithmType") in HOW_MADE:
        named = UNNAMED
    if known:
        name, version = (str(known[0].get(f"Algorithm{of}") or "") for of in ("Name", "Version"))
        told = str(known[0].get("AlgorithmParameters", "")).splitlines()
        return made_for_nobody(made_by_of(name or named, version, told), people)
    return made_for_nobody(MadeBy(named, ""), people) if named else READER
