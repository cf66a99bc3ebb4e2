"""An RT Structure Set laid on its CT: contours drawn for radiotherapy become masks.

Contours find their slices by position and frame of reference alone: the images that each contour
names are wrong in some archives. Source: DICOM PS3.3 C.8.8.5, C.8.8.6.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from ai.errors import BadInput
from ai.scan.finding import BoxMask, Origin
from ai.scan.geometry import Geometry
from ai.scan.labelmap import MadeBy
from viewer.dicom.masks.content import LungMask, MaskContents, NamedMask, lungs_on
from viewer.dicom.masks.contours import filled, without_repeats
from viewer.dicom.masks.drawn_by import RTSTRUCT, contours_by
from viewer.dicom.masks.mask_grid import SliceGrid, joined, laying
from viewer.dicom.masks.seg_read import CHOOSE
from viewer.dicom.series import Series

RTSTRUCT_STORAGE: Final = "1.2.840.10008.5.1.4.1.1.481.3"
NEAR_SLICE_MM: Final = 0.5
"""A contour belongs to a slice this near (or a quarter of the spacing, if that is less)."""
AREAS: Final = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")
ABNORMAL: Final = re.compile(r"(i?gtv|tumou?r|nodule|lesion|mass)(?![a-z])", re.IGNORECASE)
"""Names of what is ill. CTV and PTV are targets with their margins: no finding ends there."""
SIDES: Final = {"r": 1, "rt": 1, "right": 1, "l": 2, "lt": 2, "left": 2}
LUNG_WORDS: Final = ("lung", "lungs", "pulmo", "lunge", "poumon")

Points = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Outlined:
    """One region of interest on the CT's slices. mask: None where no contour lies on any."""

    name: str
    side: int
    tracking_uid: str
    abnormal: bool
    mask: BoxMask | None
    sentences: tuple[str, ...]


def read_rtstruct(path: Path, series: Series) -> MaskContents:
    """The structure set at `path`, on the grid of `series`: lungs, and every other region.

    Raises BadInput where it cannot be read, or belongs to another study or frame of reference.
    """
    with laying(path, series, "RT Structure Set") as geometry:
        return _contents(path, series, geometry)


def _contents(path: Path, series: Series, geometry: Geometry) -> MaskContents:
    dataset = _open(path)
    _must_belong(path, dataset, series)
    grid = SliceGrid.of(series, geometry)
    sentences: list[str] = []
    made_by = _made_by(dataset, series)
    lungs, others, areas = [], [], 0
    for region in _regions(dataset, series, grid, geometry, sentences):
        areas += 1
        sentences += region.sentences
        if region.mask is None:
            continue
        if region.side:
            lungs.append(LungMask(region.side, region.name, region.mask))
        else:
            others.append(
                NamedMask(
                    region.name,
                    region.tracking_uid,
                    region.mask,
                    made_by,
                    region.abnormal,
                    Origin(RTSTRUCT),
                )
            )
    if not areas:
        raise BadInput(f"{path.name} holds no closed contour for this CT.", CHOOSE)
    if not lungs and not others:
        raise BadInput(f"{path.name}: none of its contours lies on a slice of this CT.", CHOOSE)
    told = [f"{path.name}: {sentence}" for sentence in sentences]
    label_map = None
    if lungs:
        label_map, overlaps = lungs_on(geometry, lungs, made_by, file=path.name)
        told += overlaps
    return MaskContents(label_map, tuple(others), tuple(told))


def _open(path: Path) -> Dataset:
    try:
        dataset = pydicom.dcmread(path, force=True)  # some planning systems write no preamble
    except (OSError, InvalidDicomError) as error:
        raise BadInput(f"{path.name} cannot be read as DICOM.") from error
    if dataset.get("SOPClassUID") != RTSTRUCT_STORAGE:
        raise BadInput(f"{path.name} is not an RT Structure Set.")
    return dataset


def _must_belong(path: Path, dataset: Dataset, series: Series) -> None:
    """Refuse what was drawn elsewhere. A structure set may be of a study of its own, but then it
    names the CT's."""
    studies, named = {str(dataset.get("StudyInstanceUID", ""))}, set()
    for frame in dataset.get("ReferencedFrameOfReferenceSequence") or []:
        for study in frame.get("RTReferencedStudySequence") or []:
            studies.add(str(study.get("ReferencedSOPInstanceUID", "")))
            for one in study.get("RTReferencedSeriesSequence") or []:
                named.add(str(one.get("SeriesInstanceUID", "")))
    if series.study_uid not in studies:
        raise BadInput(f"{path.name} belongs to another study than this CT.", CHOOSE)
    if series.frame_of_reference not in _frames_of(dataset):
        raise BadInput(f"{path.name} belongs to another frame of reference than this CT.", CHOOSE)
    if named and series.uid not in named:
        raise BadInput(f"{path.name} was drawn on another series of this study.", CHOOSE)


def _frames_of(dataset: Dataset) -> set[str]:
    rois = dataset.StructureSetROISequence
    return {str(roi.get("ReferencedFrameOfReferenceUID", "")) for roi in rois} - {""}


def _regions(
    dataset: Dataset, series: Series, grid: SliceGrid, geometry: Geometry, sentences: list[str]
) -> Iterator[_Outlined]:
    """Every region that is an area, in the file's order; what is none is told in one sentence."""
    contours = {int(c.ReferencedROINumber): c for c in dataset.get("ROIContourSequence") or []}
    observed = {
        int(o.ReferencedROINumber): o for o in dataset.get("RTROIObservationsSequence") or []
    }
    points = 0
    for roi in dataset.StructureSetROISequence:
        number = int(roi.ROINumber)
        name = str(roi.get("ROIName") or "") or f"region {number}"
        if str(roi.get("ReferencedFrameOfReferenceUID", "")) != series.frame_of_reference:
            sentences.append(f"{name} is drawn in another frame of reference and is left out.")
            continue
        items = contours[number].get("ContourSequence") or [] if number in contours else []
        closed = [c for c in items if str(c.ContourGeometricType) in AREAS]
        if items and not closed:
            points += 1
        elif not closed:
            sentences.append(f"{name} is empty.")
        else:
            drawn = [_points(contour) for contour in closed]
            yield _outlined(name, observed.get(number, Dataset()), drawn, grid, geometry)
    if points:
        what = "is 1 point or line" if points == 1 else f"are {points} points or lines"
        sentences.append(f"there {what} beside the areas, which make no mask.")


def _points(contour: Dataset) -> Points:
    """Corners (N, 3) in LPS mm."""
    numbers = np.array([float(value) for value in contour.ContourData])
    return numbers.reshape(-1, 3)


def _outlined(
    name: str, observed: Dataset, drawn: list[Points], grid: SliceGrid, geometry: Geometry
) -> _Outlined:
    nearest_mm = min(NEAR_SLICE_MM, geometry.spacing_kji_mm[0] / 4)
    by_slice: dict[int, list[Points]] = defaultdict(list)
    off = 0
    for corners in drawn:
        slice_number, row_column, away_mm = grid.nearest(corners)
        if away_mm > nearest_mm or len(corners) < 3:
            off += 1
        else:
            by_slice[slice_number].append(row_column)
    sentences, pieces, repeats, held = [], [], 0, []
    for number, contours in sorted(by_slice.items()):
        once = without_repeats(contours)
        repeats += len(contours) - len(once)
        plane = filled(once, grid.plane)
        if plane.any():
            held.append(number)
            pieces += [((k, 0, 0), plane) for k in grid.levels[number]]
    if off:
        which = f"{off} of {len(drawn)} contours" if len(drawn) > 1 else "the contour"
        sentences.append(f"{which} of {name} lie on no slice of this CT and are left out.")
    if repeats:
        sentences.append(f"{repeats} contours of {name} are stored twice; each counts once.")
    if held and (bare := held[-1] - held[0] + 1 - len(held)):
        slices = "1 slice" if bare == 1 else f"{bare} slices"
        sentences.append(f"{name} has no contour on {slices} between its first and its last.")
    mask = _tight(joined(pieces)) if pieces else None
    abnormal = str(observed.get("RTROIInterpretedType", "")) == "GTV" or ABNORMAL.match(name)
    tracking = str(observed.get("TrackingUID", ""))
    return _Outlined(name, lung_side(name), tracking, bool(abnormal), mask, tuple(sentences))


def _tight(mask: BoxMask) -> BoxMask:
    """The same voxels in the smallest box."""
    rows = np.flatnonzero(mask.voxels.any(axis=(0, 2)))
    columns = np.flatnonzero(mask.voxels.any(axis=(0, 1)))
    k, j, i = mask.start_kji
    part = mask.voxels[:, rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return BoxMask((k, j + int(rows[0]), i + int(columns[0])), part)


def lung_side(name: str) -> int:
    """1 where a region is called the right lung, 2 the left, 0 anything else.

    `Lung R`, `Lung_L`, `rt lung`, `LungLeft` are; `Lung R minus GTV` and `Lungs` are not.
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    words = [word for word in re.split(r"[^a-z0-9]+", apart) if word]
    if len(words) == 2 and any(word in LUNG_WORDS for word in words):
        return next((SIDES[word] for word in words if word in SIDES), 0)
    return {"lungr": 1, "rlung": 1, "lungl": 2, "llung": 2}.get("".join(words), 0)


def _made_by(dataset: Dataset, series: Series) -> MadeBy:
    ways = [str(roi.get("ROIGenerationAlgorithm", "")) for roi in dataset.StructureSetROISequence]
    people = [dataset.get("PatientName", ""), dataset.get("PatientID", "")]
    people += [series.patient.name, series.patient.id]
    label = str(dataset.get("StructureSetLabel", ""))
    return contours_by(label, ways, identity=map(str, people))
