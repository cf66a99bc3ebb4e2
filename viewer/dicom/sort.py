"""Slices put in order along their normal, with one honest geometry and what is wrong with it.

Image Position and Orientation alone decide; numbers, names and Spacing Between Slices never do.
Source: DICOM PS3.3 C.7.6.2.1.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ai.scan.geometry import Geometry
from viewer.dicom.headers import Place
from viewer.dicom.series import SliceFile

Floats = NDArray[np.float64]

SAME_POSITION_MM = 0.005
JITTER_MM = 0.11
"""Positions rounded to one decimal are off by 0.05 mm at either end; nobody should hear of that."""
JITTER_SHARE = 0.02
TILT_DEGREES = 0.5
SIDEWAYS_MM = 0.5
UNIT_TOLERANCE = 0.01
SPACING_RANGE_MM = (0.005, 50.0)
STEP_RANGE_MM = (0.01, 100.0)
FARTHEST_MM = 20_000.0
AXIAL_COSINE = 0.9


class Flaw(Enum):
    """What can be wrong with a stack of slices."""

    SINGLE = "one slice"
    FEW = "few slices"
    DUPLICATE = "a slice twice"
    CLASH = "two images at one position"
    GAP = "missing slices"
    UNEVEN = "uneven spacing"
    TILT = "gantry tilt"
    SIDEWAYS = "slices shifted sideways"


@dataclass(frozen=True)
class Remark:
    """One flaw, told to the reader; stops_ai where a model must not be asked."""

    flaw: Flaw
    sentence: str
    stops_ai: bool


@dataclass(frozen=True, eq=False)
class Stack:
    """Slices rising along the normal row x column; a refusal where they make no geometry."""

    slices: tuple[SliceFile, ...]
    geometry: Geometry | None
    remarks: tuple[Remark, ...] = ()
    refusal: str = ""


def fault(place: Place) -> str:
    """Why a slice cannot be placed or scaled, as a clause; empty where it can."""
    if place.problem:
        return place.problem
    if place.spacing_row_column_mm is None or place.orientation is None:
        return "the pixel spacing or the orientation is missing"
    low, high = SPACING_RANGE_MM
    row_mm, column_mm = place.spacing_row_column_mm
    if not (low <= row_mm <= high and low <= column_mm <= high):
        return f"the pixel spacing of {row_mm:g} by {column_mm:g} mm is impossible"
    row, column = np.array(place.orientation[:3]), np.array(place.orientation[3:])
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if max(abs(lengths[0] - 1), abs(lengths[1] - 1)) > UNIT_TOLERANCE:
        return (
            f"the orientation is no pair of unit vectors (lengths {lengths[0]:.2f}"
            f" and {lengths[1]:.2f})"
        )
    if abs(row @ column) > UNIT_TOLERANCE:
        angle = np.degrees(np.arccos(np.clip(row @ column, -1, 1)))
        return f"the orientation has rows and columns at {angle:.0f} degrees"
    if place.position_lps is None:
        return "the position is missing"
    if max(map(abs, place.position_lps)) > FARTHEST_MM:
        return f"the position lies more than {FARTHEST_MM / 1000:.0f} m off, which is implausible"
    if place.slope == 0:
        return "the rescale slope is 0"
    return ""


def frame_axes(orientation: Sequence[float]) -> tuple[Floats, Floats, Floats]:
    """Unit vectors along a row (i), along a column (j), and along the normal row x column (k)."""
    row = np.array(orientation[:3], dtype=np.float64)
    column = np.array(orientation[3:], dtype=np.float64)
    row /= np.linalg.norm(row)
    column -= (column @ row) * row
    column /= np.linalg.norm(column)
    return row, column, np.cross(row, column)


def plane_of(orientation: Sequence[float]) -> str:
    """axial, coronal, sagittal or oblique."""
    normal = np.abs(frame_axes(orientation)[2])
    axis = int(normal.argmax())
    if normal[axis] < AXIAL_COSINE:
        return "oblique"
    return ("sagittal", "coronal", "axial")[axis]


def arrange(
    slices: Sequence[SliceFile],
    *,
    orientation: Sequence[float],
    spacing_row_column_mm: tuple[float, float],
    rows: int,
    columns: int,
    thickness_mm: float | None,
    frame_of_reference: str,
    same_pixels: Callable[[SliceFile, SliceFile], bool],
) -> Stack:
    """Slices of one orientation and size as a stack with its geometry.

    same_pixels is asked only about two slices at one position. The k step of an uneven stack is its
    mean, so first and last slice lie right and the remark says what does not.
    """
    row, column, normal = frame_axes(orientation)
    ordered = sorted(slices, key=lambda s: (float(np.dot(s.position_lps, normal)), _number(s)))
    kept, remarks = _without_duplicates(ordered, normal, same_pixels)
    positions = np.array([s.position_lps for s in kept])
    along = positions @ normal
    shape = (len(kept), rows, columns)
    if len(kept) == 1:
        step = normal * _sane(thickness_mm)
        remarks.append(
            Remark(Flaw.SINGLE, "One slice is no volume: it can only be looked at.", True)
        )
    else:
        gaps = np.diff(along)
        if gaps.max() > STEP_RANGE_MM[1] or gaps.min() < STEP_RANGE_MM[0]:
            worst = gaps.max() if gaps.max() > STEP_RANGE_MM[1] else gaps.min()
            refusal = f"its slices lie {worst:g} mm apart, which is implausible"
            return Stack(tuple(kept), None, tuple(remarks), refusal)
        step, shape_remarks = _step(kept, positions, along, normal)
        remarks += shape_remarks
    affine = np.eye(4)
    affine[:3, 0] = step
    affine[:3, 1] = column * spacing_row_column_mm[0]
    affine[:3, 2] = row * spacing_row_column_mm[1]
    affine[:3, 3] = positions[0]
    return Stack(tuple(kept), Geometry(shape, affine, frame_of_reference), tuple(remarks))


def _number(item: SliceFile) -> tuple[int, str, int]:
    return item.instance_number, str(item.path), item.frame


def _sane(thickness_mm: float | None) -> float:
    return thickness_mm if thickness_mm and 0.01 < thickness_mm < STEP_RANGE_MM[1] else 1.0


def name_of(item: SliceFile) -> str:
    """How a sentence names one image: its number where it has one, and its file."""
    if item.frames > 1:
        return f"frame {item.frame + 1} of {item.path.name}"
    return f"image {item.instance_number} ({item.path.name})"


def _without_duplicates(
    ordered: Sequence[SliceFile],
    normal: Floats,
    same_pixels: Callable[[SliceFile, SliceFile], bool],
) -> tuple[list[SliceFile], list[Remark]]:
    kept: list[SliceFile] = []
    remarks: list[Remark] = []
    for item in ordered:
        if not kept or _apart(item, kept[-1], normal) > SAME_POSITION_MM:
            kept.append(item)
            continue
        first, where = kept[-1], _where(item, normal)
        if same_pixels(first, item):
            if first.sop_instance_uid != item.sop_instance_uid:
                sentence = (
                    f"The slice at {where} is there twice, with the same pixels: "
                    f"{name_of(first)} is shown, {name_of(item)} left out."
                )
                remarks.append(Remark(Flaw.DUPLICATE, sentence, False))
        else:
            sentence = (
                f"Two different images lie at one position, {where}: "
                f"{name_of(first)} is shown, {name_of(item)} left out."
            )
            remarks.append(Remark(Flaw.CLASH, sentence, False))
    if len(remarks) > 3:
        sentence = f"{len(remarks)} slices are there twice; the first of each is shown."
        flaw = Flaw.CLASH if any(r.flaw is Flaw.CLASH for r in remarks) else Flaw.DUPLICATE
        remarks = [Remark(flaw, sentence, False)]
    return kept, remarks


def _apart(a: SliceFile, b: SliceFile, normal: Floats) -> float:
    return abs(float((np.array(a.position_lps) - np.array(b.position_lps)) @ normal))


def _where(item: SliceFile, normal: Floats) -> str:
    axis = int(np.abs(normal).argmax())
    return f"{'xyz'[axis]} = {item.position_lps[axis]:.1f} mm"


def _step(
    kept: Sequence[SliceFile], positions: Floats, along: Floats, normal: Floats
) -> tuple[Floats, list[Remark]]:
    """The k step in LPS mm, and what is wrong with it."""
    gaps = np.diff(along)
    whole = positions[-1] - positions[0]
    step: Floats = whole / (len(kept) - 1)
    remarks = _spacing_remarks(kept, along, gaps, normal)
    sideways = whole - (whole @ normal) * normal
    tilt = float(np.degrees(np.arctan2(np.linalg.norm(sideways), abs(whole @ normal))))
    share = (along - along[0]) / (along[-1] - along[0])
    off_line = np.linalg.norm(positions - positions[0] - share[:, None] * whole, axis=1)
    if tilt > TILT_DEGREES:
        sentence = (
            f"The gantry is tilted by {tilt:.1f} degrees: each slice is shifted against its "
            "neighbour. Slices are shown in their true place; the AI reads untilted scans only."
        )
        remarks.append(Remark(Flaw.TILT, sentence, True))
    else:
        step = normal * float(step @ normal)
    if off_line.max() > SIDEWAYS_MM:
        worst = int(off_line.argmax())
        sentence = (
            f"Slices are shifted sideways by up to {off_line.max():.1f} mm "
            f"(most at {name_of(kept[worst])}), so views across them are not true."
        )
        remarks.append(Remark(Flaw.SIDEWAYS, sentence, True))
    if len(kept) == 2:
        remarks.append(Remark(Flaw.FEW, "Only 2 slices: too few slices for the AI.", True))
    return step, remarks


def _spacing_remarks(
    kept: Sequence[SliceFile], along: Floats, gaps: Floats, normal: Floats
) -> list[Remark]:
    count = len(gaps)
    even = along[0] + np.arange(count + 1) * (along[-1] - along[0]) / count
    usual = float(np.median(gaps))
    tolerance = max(JITTER_MM, JITTER_SHARE * usual)
    if np.abs(along - even).max() <= tolerance:
        return []
    times = gaps / usual
    holes = np.flatnonzero(np.round(times) >= 2)
    regular = np.abs(gaps - np.round(times) * usual).max() <= 2 * tolerance
    if len(holes) and regular and np.round(times).min() >= 1:
        missing = int((np.round(times) - 1).sum())
        at = int(holes[0])
        what = "slice is missing" if missing == 1 else "slices are missing, the first"
        sentence = (
            f"{missing} {what} between {name_of(kept[at])} at "
            f"{_where(kept[at], normal)} and {name_of(kept[at + 1])} at "
            f"{_where(kept[at + 1], normal)}: spacing runs from {gaps.min():.4g} to "
            f"{gaps.max():.4g} mm. Views across the slices are not to scale, and the AI needs "
            "equal spacing."
        )
        return [Remark(Flaw.GAP, sentence, True)]
    sentence = (
        f"Spacing runs from {gaps.min():.4g} to {gaps.max():.4g} mm. Views across the slices are "
        "not to scale, and the AI needs equal spacing."
    )
    return [Remark(Flaw.UNEVEN, sentence, True)]
