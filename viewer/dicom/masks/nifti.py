"""Masks from NIfTI files laid on their CT, and label maps or scans written as NIfTI.

A NIfTI names no patient, so its grid is all that ties it to a CT: it must be the CT's own, voxel
for voxel. Nothing is ever resampled.
"""

from __future__ import annotations

import errno
import gzip
import os
import zlib
from itertools import permutations
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from ai.errors import BadInput
from ai.scan.finding import BoxMask, Origin
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap
from ai.scan.volume import Volume
from viewer import __version__
from viewer.dicom.masks.content import LungMask, MaskContents, NamedMask, lungs_on
from viewer.dicom.masks.drawn_by import NIFTI, READER
from viewer.dicom.masks.mask_grid import ON_VOXEL
from viewer.dicom.masks.nifti_header import (
    DATA_AT,
    SIZE_2,
    NiftiHeader,
    UnreadableNiftiError,
    header_bytes,
    looks_like_nifti,
    read_header,
)
from viewer.dicom.series import Series
from viewer.unfinished import Journal, aside_of, sweep

GZIP: Final = b"\x1f\x8b"
MOST_LABELS: Final = 255
LEAST_LUNG_ML: Final = 100.0
"""Labels 1 and 2 of less than this each are not taken for lungs unless the file says they are."""
MOST_FINDINGS, LARGEST_FINDING_ML = 60, 500.0
"""More labels, or larger ones, are organs: they are named, and no findings."""
LUNG_INTENT: Final = "hilum lungs"
SQUEEZE: Final = 1
"""gzip level: a scan packs as well as at 6 within a tenth, in a fifth of the time."""

EVEN_MM: Final = 0.15
"""Scanners round positions to a tenth of a millimetre."""
Labels = NDArray[np.uint8]


def is_nifti(path: Path) -> bool:
    """Whether a file is a NIfTI, packed or not, whatever its name."""
    try:
        with _unpacked(path) as stream:
            return looks_like_nifti(stream.read(SIZE_2))
    except (OSError, EOFError, zlib.error):
        return False


def read_nifti(path: Path, series: Series) -> MaskContents:
    """The labels of a NIfTI on the CT: lungs where it plainly holds them, else one mask a label.

    Axes in another order than the CT's are put right. Raises BadInput where the file holds no
    labels, or lies on another grid.
    """
    geometry = series.geometry
    if geometry is None:
        raise BadInput("This series makes no volume, so a mask cannot be laid on it.")
    _must_be_even(path, series, geometry)
    try:
        with _unpacked(path) as stream:
            header = read_header(stream.read(SIZE_2))
            order = _axes(path, header, geometry)
            stream.seek(header.data_at)
            stored = _stored(stream, header)
    except UnreadableNiftiError as error:
        raise BadInput(f"{path.name} cannot be used: {error}.") from error
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise BadInput(f"{path.name} is cut off or damaged.") from error
    labels = _labels(path, np.ascontiguousarray(_turned(stored, order)))
    return _contents(path, labels, geometry, lungs=header.intent == LUNG_INTENT)


def write_nifti(path: Path, content: LabelMap | Volume) -> None:
    """Write labels (uint8) or HU (int16) to a path that must be free; packed where it ends in .gz.

    Nothing in it tells of the patient but the voxels and where they lie. Raises BadInput where the
    grid is too large for the format, OSError where the disk refuses.
    """
    array: NDArray[Any] = content.labels if isinstance(content, LabelMap) else content.hu
    if max(array.shape) > np.iinfo(np.int16).max:
        raise BadInput("A NIfTI file cannot hold a scan of this size.")
    lungs = isinstance(content, LabelMap) and content.segments == LUNGS
    header = NiftiHeader(
        cast("tuple[int, int, int]", array.shape[::-1]),
        content.geometry.affine[:, [2, 1, 0, 3]],
        array.dtype,
        DATA_AT,
        intent=LUNG_INTENT if lungs else "",
    )
    start = header_bytes(
        header, labels=isinstance(content, LabelMap), description=f"Hilum {__version__}"
    )
    voxels = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    aside = aside_of(path)
    sweep(path.parent)
    with Journal(path.parent) as journal:
        journal.note(aside, path)
        try:
            _must_be_free(path)
            _write(aside, path.suffix == ".gz", start, voxels)
            _name(aside, path)
        finally:
            aside.unlink(missing_ok=True)


def _must_be_free(path: Path) -> None:
    if path.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path.name)


def _name(aside: Path, path: Path) -> None:
    """The file under its name, never in the place of another."""
    try:
        os.link(aside, path)
    except FileExistsError:
        raise
    except OSError:  # a memory stick knows no second names
        _must_be_free(path)
        aside.rename(path)


def _write(path: Path, packed: bool, start: bytes, voxels: NDArray[Any]) -> None:
    with path.open("wb") as file:
        if packed:
            # neither a name nor a time in the packing: equal scans make equal files
            with gzip.GzipFile("", "wb", SQUEEZE, file, mtime=0) as squeezed:
                squeezed.write(start)
                squeezed.write(voxels.data)
        else:
            file.write(start)
            file.write(voxels.data)
        file.flush()
        os.fsync(file.fileno())


def uneven_sentence(series: Series) -> str:
    """Why a series cannot be written as one NIfTI, or nothing: the format has a single step."""
    geometry = series.geometry
    if geometry is None:
        return "This series makes no volume, so it cannot be written as NIfTI."
    count = len(series.slices)
    most_mm = max(EVEN_MM, ON_VOXEL * geometry.spacing_kji_mm[0])
    even = geometry.lps_of([(k, 0, 0) for k in range(count)])
    there = np.array([piece.position_lps for piece in series.slices])
    if np.linalg.norm(even - there, axis=1).max() <= most_mm:
        return ""
    return "The slices of this CT are not evenly spaced, which a NIfTI file cannot say."


def _must_be_even(path: Path, series: Series, geometry: Geometry) -> None:
    if sentence := uneven_sentence(series):
        raise BadInput(f"{path.name} is not laid over it: {sentence}", "Use DICOM-SEG instead.")


def _unpacked(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    return cast("BinaryIO", gzip.open(path, "rb")) if packed else path.open("rb")


Order = tuple[tuple[int, int, int], tuple[bool, bool, bool]]


def _axes(path: Path, header: NiftiHeader, geometry: Geometry) -> Order:
    """Which stored axis runs along k, j, i of the CT, and which of these run backwards.

    Found before the voxels are read: a file on another grid costs no memory.
    """
    ijk_to_kji = np.linalg.inv(geometry.affine) @ header.affine
    ends = np.array(header.shape_ijk) - 1
    low, high = ijk_to_kji[:3, 3], ijk_to_kji[:3, 3] + ijk_to_kji[:3, :3] @ ends
    for axes in permutations(range(3)):
        steps = ijk_to_kji[range(3), axes]
        wanted = np.zeros((3, 3))
        wanted[range(3), axes] = np.sign(steps)
        first = np.where(steps < 0, np.array(geometry.shape_kji) - 1, 0)
        last = np.array(geometry.shape_kji) - 1 - first
        sideways = np.abs((ijk_to_kji[:3, :3] - wanted) * ends).sum(axis=1)
        fits = (
            tuple(header.shape_ijk[a] for a in axes) == geometry.shape_kji
            and np.abs(low - first).max() < ON_VOXEL
            and np.abs(high - last).max() < ON_VOXEL
            and sideways.max() < ON_VOXEL
        )
        if fits:
            backwards = steps < 0
            return (axes[0], axes[1], axes[2]), (
                bool(backwards[0]),
                bool(backwards[1]),
                bool(backwards[2]),
            )
    raise BadInput(
        f"{path.name} lies on another grid than this CT and is not laid over it.",
        "Open the series that the mask was made on.",
    )


def _stored(stream: BinaryIO, header: NiftiHeader) -> NDArray[Any]:
    """Voxels as stored, axes k, j, i of the file, scaled as the header says."""
    count = int(np.prod(header.shape_ijk, dtype=np.int64))
    raw = stream.read(count * header.dtype.itemsize)
    stored = np.frombuffer(raw, header.dtype, count).reshape(header.shape_ijk[::-1])
    if header.slope == 1.0 and header.intercept == 0.0:
        return stored
    return stored * header.slope + header.intercept


def _turned(stored: NDArray[Any], order: Order) -> NDArray[Any]:
    axes, backwards = order
    turned = stored.transpose([2 - axis for axis in axes])
    for axis, back in enumerate(backwards):
        turned = np.flip(turned, axis) if back else turned
    return turned


def _labels(path: Path, values: NDArray[Any]) -> Labels:
    """Whole numbers from 0 to 255. Raises BadInput for a picture or for fractions."""
    low, high = values.min(), values.max()
    labels = values.astype(np.uint8) if 0 <= low and high <= MOST_LABELS else None
    if labels is None or not np.array_equal(labels, values):
        raise BadInput(
            f"{path.name} holds values from {low:.6g} to {high:.6g}: "
            "these are no labels (whole numbers from 0 to 255).",
            "Choose a mask, not a picture or a map of chances.",
        )
    return labels


def _contents(path: Path, labels: Labels, geometry: Geometry, *, lungs: bool) -> MaskContents:
    sentences = [f"{path.name} names no patient; it lies on the grid of this CT, voxel for voxel."]
    boxes = {
        number: _mask(labels, number, box)
        for number, box in enumerate(find_objects(labels), start=1)
        if box is not None
    }
    if not boxes:
        raise BadInput(f"{path.name} is empty: every label is 0.")
    sides = _sides(boxes, geometry, told=lungs)
    if not sides:
        few = len(boxes) <= MOST_FINDINGS
        masks = tuple(
            NamedMask(
                f"label {n}",
                "",
                box,
                READER,
                few and _ml(box, geometry) <= LARGEST_FINDING_ML,
                Origin(NIFTI),
            )
            for n, box in boxes.items()
        )
        return MaskContents(None, masks, tuple(sentences))
    if not lungs:
        right, left = sides
        sentences.append(
            f"{path.name} does not say what its labels mean: {right} was taken for the right lung, "
            f"{left} for the left."
        )
    pair = [
        LungMask(side.number, side.label, boxes[n])
        for side, n in zip(LUNGS, sides, strict=True)
        if n in boxes
    ]
    label_map, _ = lungs_on(geometry, pair, READER, file=path.name)
    return MaskContents(label_map, (), tuple(sentences))


def _sides(
    boxes: dict[int, BoxMask], geometry: Geometry, *, told: bool
) -> tuple[int, int] | tuple[()]:
    """The labels of right and left lung: told by the file, or two large ones side by side."""
    if told:
        return (1, 2)
    if set(boxes) != {1, 2}:
        return ()
    if any(_ml(box, geometry) < LEAST_LUNG_ML for box in boxes.values()):
        return ()
    x = {n: _centre_x(box, geometry) for n, box in boxes.items()}  # x runs to the patient's left
    return (1, 2) if x[1] < x[2] else (2, 1)


def _ml(box: BoxMask, geometry: Geometry) -> float:
    return int(box.voxels.sum()) * geometry.voxel_mm3 / 1000


def _centre_x(box: BoxMask, geometry: Geometry) -> float:
    middle = np.argwhere(box.voxels).mean(axis=0) + box.start_kji
    return float(geometry.lps_of(middle)[0])


def _mask(labels: Labels, number: int, box: tuple[slice, slice, slice]) -> BoxMask:
    return BoxMask((box[0].start, box[1].start, box[2].start), labels[box] == number)
