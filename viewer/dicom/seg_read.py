"""A DICOM-SEG opened again on its CT: lungs as a label map, everything else as findings.

Places come from positions alone. A SEG of another study, frame of reference or series is refused:
drawn on the wrong patient it would look entirely plausible.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from ai.errors import BadInput
from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNG, LUNGS, LabelMap, MadeBy
from viewer.dicom.series import Series

ON_VOXEL: Final = 0.05
"""A frame fits when the corners of what it holds lie this close to voxel centres, in voxels."""
ON_SLICE_MM: Final = 0.05
SEGMENTATION_STORAGE: Final = "1.2.840.10008.5.1.4.1.1.66.4"
CHOOSE: Final = "Open the study that the segmentation was made on."

Planes = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SegFinding:
    """A segment that is no lung: its label, tracking UID (or empty), and voxels on the CT."""

    label: str
    tracking_uid: str
    mask: BoxMask


@dataclass(frozen=True, eq=False)
class SegContents:
    """What a SEG holds on its CT. lungs: None where it has none. sentences: what to tell."""

    label_map: LabelMap | None
    findings: tuple[SegFinding, ...]
    sentences: tuple[str, ...] = ()


def read_seg(path: Path, series: Series) -> SegContents:
    """The SEG at `path`, on the grid of `series`.

    Raises BadInput where it cannot be read, belongs to something else, or lies on another grid.
    """
    geometry = series.geometry
    if geometry is None:
        raise BadInput("This series makes no volume, so a segmentation cannot be laid on it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd values in a foreign file are no news here
            return _contents(path, series, geometry)
    except (
        AttributeError,
        KeyError,
        IndexError,
        ValueError,
        TypeError,
        NotImplementedError,
    ) as bad:
        raise BadInput(
            f"{path.name} is no whole DICOM-SEG: {bad}.", "Export it again where it came from."
        ) from bad


def _contents(path: Path, series: Series, geometry: Geometry) -> SegContents:
    seg = _open(path)
    _must_belong(path, seg, series)
    masks, sentences = _masks(path, seg, _Grid.of(series, geometry))
    labels = np.zeros(geometry.shape_kji, np.uint8)
    findings: list[SegFinding] = []
    lungs_by = None
    for item in seg.SegmentSequence:
        mask = masks.get(int(item.SegmentNumber))
        name = str(item.get("SegmentLabel", f"segment {item.SegmentNumber}"))
        lung = _lung_number(item)
        if mask is None:
            sentences.append(f"{path.name}: {name} is empty.")
        if lung:
            lungs_by = lungs_by or _made_by(item)
        if lung and mask is not None:
            inside = labels[mask.box]
            if np.any(inside[mask.voxels]):
                sentences.append(f"{path.name}: the lungs overlap; {name} was laid on top.")
            inside[mask.voxels] = lung
        elif mask is not None:
            findings.append(SegFinding(name, str(item.get("TrackingUID", "")), mask))
    label_map = None if lungs_by is None else LabelMap(geometry, labels, LUNGS, lungs_by)
    return SegContents(label_map, tuple(findings), tuple(sentences))


def _open(path: Path) -> Dataset:
    try:
        seg = pydicom.dcmread(path)
    except (OSError, InvalidDicomError) as error:
        raise BadInput(f"{path.name} cannot be read as DICOM.") from error
    if seg.get("SOPClassUID") != SEGMENTATION_STORAGE:
        raise BadInput(
            f"{path.name} is not a DICOM-SEG that Hilum can open (binary or fractional)."
        )
    return seg


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


def _masks(path: Path, seg: Dataset, grid: _Grid) -> tuple[dict[int, BoxMask], list[str]]:
    """Segment number to its voxels on the CT; segments without any voxel are not in it."""
    sentences: list[str] = []
    planes = _planes(seg)
    if seg.SegmentationType == "FRACTIONAL":
        sentences.append(f"{path.name} holds fractions; voxels of one half and more are shown.")
    shared = seg.SharedFunctionalGroupsSequence[0]
    grouped: dict[int, list[tuple[tuple[int, int, int], Planes]]] = {}
    for plane, group in zip(planes, seg.PerFrameFunctionalGroupsSequence, strict=True):
        if not plane.any():
            continue
        identification = _of(group, shared, "SegmentIdentificationSequence")
        placed = _placed(path, plane, group, shared, grid)
        grouped.setdefault(int(identification.ReferencedSegmentNumber), []).append(placed)
    return {number: _joined(pieces) for number, pieces in grouped.items()}, sentences


def _planes(seg: Dataset) -> Planes:
    """All frames (F, rows, columns) as bool; fractions from one half on count."""
    array: NDArray[Any] = np.asarray(seg.pixel_array)
    array = array.reshape(int(seg.NumberOfFrames), int(seg.Rows), int(seg.Columns))
    if seg.SegmentationType == "FRACTIONAL":
        return 2 * array.astype(np.uint16) >= int(seg.MaximumFractionalValue)
    return array.astype(np.bool_)


def _of(group: Dataset, shared: Dataset, keyword: str) -> Dataset:
    return (group if keyword in group else shared)[keyword].value[0]


def _placed(
    path: Path, plane: Planes, group: Dataset, shared: Dataset, grid: _Grid
) -> tuple[tuple[int, int, int], Planes]:
    """Start (k, j, i) of a frame's held part on the CT's grid, and that part.

    A smaller matrix than the CT's is legal (a cropped SEG), another direction or spacing is not
    laid on: that would mean resampling what somebody drew.
    """
    origin = _numbers(_of(group, shared, "PlanePositionSequence").ImagePositionPatient)
    turned = _numbers(_of(group, shared, "PlaneOrientationSequence").ImageOrientationPatient)
    down, across = _numbers(_of(group, shared, "PixelMeasuresSequence").PixelSpacing)
    rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
    ends = np.array([[rows[0], columns[0]], [rows[-1], columns[-1]]], dtype=np.float64)
    lps = origin + ends[:, :1] * down * turned[3:] + ends[:, 1:] * across * turned[:3]
    k, index, away_mm = grid.nearest(lps)
    near = np.rint(index).astype(int)
    size = (rows[-1] - rows[0], columns[-1] - columns[0])
    off = away_mm > ON_SLICE_MM or np.abs(index - near).max() > ON_VOXEL
    if off or np.any(near < 0) or np.any(near[1] >= grid.plane) or tuple(near[1] - near[0]) != size:
        raise BadInput(
            f"{path.name} lies on another grid than this CT and is not laid over it.", CHOOSE
        )
    part = plane[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return (k, int(near[0, 0]), int(near[0, 1])), part


@dataclass(frozen=True, eq=False)
class _Grid:
    """The CT's slices one by one: with gaps or a tilt, no single step leads along them."""

    positions: NDArray[np.float64]
    normal: NDArray[np.float64]
    down_across: NDArray[np.float64]
    plane: tuple[int, int]

    @classmethod
    def of(cls, series: Series, geometry: Geometry) -> _Grid:
        directions = geometry.directions
        return cls(
            np.array([piece.position_lps for piece in series.slices]),
            np.cross(directions[:, 2], directions[:, 1]),
            np.asarray(np.linalg.pinv(geometry.affine[:3, 1:3]), np.float64),
            (series.rows, series.columns),
        )

    def nearest(self, lps: NDArray[np.float64]) -> tuple[int, NDArray[np.float64], float]:
        """For points of one frame: slice k, their (row, column) on it, and mm away from it."""
        heights = (self.positions - lps[0]) @ self.normal
        k = int(np.abs(heights).argmin())
        away = np.abs((lps - self.positions[k]) @ self.normal).max()
        return k, (lps - self.positions[k]) @ self.down_across.T, float(away)


def _numbers(values: Any) -> NDArray[np.float64]:
    return np.array([float(value) for value in values])


def _joined(pieces: list[tuple[tuple[int, int, int], Planes]]) -> BoxMask:
    starts = np.array([start for start, _ in pieces])
    ends = np.array([np.add(start, (1, *part.shape)) for start, part in pieces])
    low, high = starts.min(axis=0), ends.max(axis=0)
    voxels = np.zeros(tuple(high - low), np.bool_)
    for start, part in pieces:
        k, j, i = np.subtract(start, low)
        voxels[k, j : j + part.shape[0], i : i + part.shape[1]] |= part
    return BoxMask((int(low[0]), int(low[1]), int(low[2])), voxels)


def _lung_number(item: Dataset) -> int:
    """1 for the right lung, 2 for the left, 0 for anything else."""
    kind = item.SegmentedPropertyTypeCodeSequence[0]
    if str(kind.get("CodeValue", "")) != LUNG.value:
        return 0
    # older writers put the side at segment level
    sides = kind.get("SegmentedPropertyTypeModifierCodeSequence") or item.get(
        "SegmentedPropertyTypeModifierCodeSequence"
    )
    code = str(sides[0].get("CodeValue", "")) if sides else ""
    return next((s.number for s in LUNGS if s.laterality and s.laterality.value == code), 0)


def _made_by(item: Dataset) -> MadeBy:
    known = item.get("SegmentationAlgorithmIdentificationSequence")
    if known:
        return MadeBy(str(known[0].AlgorithmName), str(known[0].get("AlgorithmVersion", "")))
    return MadeBy(str(item.get("SegmentAlgorithmName", "reader")), "")
