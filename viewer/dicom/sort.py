"""Slices put in order along their normal, with one honest geometry and what is wrong with it.

Image Position and Orientation alone decide; numbers, names and Spacing Between Slices never do.
Source: DICOM PS3.3 C.7.6.2.1.1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ai.scan.geometry import Geometry
from viewer.dicom.grid import JITTER_MM, EvenGrid, even_grid, is_even, most_levels, usual_gap
from viewer.dicom.headers import Place
from viewer.dicom.series import EMPTY_LEVEL, SliceFile
from viewer.language.signs import tidy

Floats = NDArray[np.float64]

SAME_POSITION_MM = 0.005
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
    """Slices rising along the normal row x column; a refusal where they make no geometry.

    Uneven ones are laid on an even grid, as Series.slices tells.
    """

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

    same_pixels is asked only about two slices at one position. An uneven stack comes on an even
    grid, with empty levels where nothing was scanned.
    """
    row, column, normal = frame_axes(orientation)
    ordered = sorted(slices, key=lambda s: (float(np.dot(s.position_lps, normal)), _number(s)))
    kept, remarks = _without_duplicates(ordered, normal, same_pixels)
    levels: list[SliceFile] = kept
    if len(kept) == 1:
        step = normal * _sane(thickness_mm)
        remarks.append(
            Remark(Flaw.SINGLE, "One slice is no volume: it can only be looked at.", True)
        )
    else:
        along = np.array([s.position_lps for s in kept]) @ normal
        gaps = np.diff(along)
        if gaps.max() > STEP_RANGE_MM[1] or gaps.min() < STEP_RANGE_MM[0]:
            worst = gaps.max() if gaps.max() > STEP_RANGE_MM[1] else gaps.min()
            refusal = f"its slices lie {worst:g} mm apart, which is implausible"
            return Stack(tuple(kept), None, tuple(remarks), refusal)
        grid = None
        if not is_even(along):
            thick = [s.thickness_mm for s in kept]
            grid = even_grid(along, thick, most=most_levels(len(kept), rows * columns))
            if grid is None:
                refusal = (
                    f"its slices lie unevenly, {tidy(gaps.min())} to {tidy(gaps.max())} mm apart"
                )
                return Stack(tuple(kept), None, tuple(remarks), refusal)
            levels = _levels(kept, grid)
            remarks.append(_uneven(kept, gaps, grid, normal))
        step, more = _step(kept, normal, grid)
        remarks += more
    affine = np.eye(4)
    affine[:3, 0] = step
    affine[:3, 1] = column * spacing_row_column_mm[0]
    affine[:3, 2] = row * spacing_row_column_mm[1]
    affine[:3, 3] = kept[0].position_lps
    geometry = Geometry((len(levels), rows, columns), affine, frame_of_reference)
    return Stack(tuple(levels), geometry, tuple(remarks))


def _levels(kept: Sequence[SliceFile], grid: EvenGrid) -> list[SliceFile]:
    """The slice of each level; an empty one lies where the grid puts it, so masks find it, too."""
    first, last = np.array(kept[0].position_lps), np.array(kept[-1].position_lps)
    step = (last - first) / (len(grid.levels) - 1)
    levels = []
    for k, index in enumerate(grid.levels):
        if index is not None:
            levels.append(kept[index])
        else:
            x, y, z = (float(mm) for mm in first + k * step)
            levels.append(replace(EMPTY_LEVEL, position_lps=(x, y, z)))
    return levels


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
    kept: Sequence[SliceFile], normal: Floats, grid: EvenGrid | None
) -> tuple[Floats, list[Remark]]:
    """The k step in LPS mm, and what is wrong with the slices' places but for their spacing."""
    positions = np.array([s.position_lps for s in kept])
    along = positions @ normal
    whole = positions[-1] - positions[0]
    extent = float(whole @ normal)
    step_mm = grid.step_mm if grid else extent / (len(kept) - 1)
    step: Floats = whole * (step_mm / extent)
    remarks = []
    sideways = whole - extent * normal
    tilt = float(np.degrees(np.arctan2(np.linalg.norm(sideways), extent)))
    share = (along - along[0]) / extent
    off_line = np.linalg.norm(positions - positions[0] - share[:, None] * whole, axis=1)
    if tilt > TILT_DEGREES:
        sentence = (
            f"Gantry tilt {tilt:.1f}°: each slice is shifted against its neighbour. Shown straight "
            "and read straight by the AI, saved as stored. The table moved "
            f"{tidy(float(np.linalg.norm(step)))} mm from slice to slice; at right angles to them "
            f"that is {tidy(step_mm)} mm."
        )
        remarks.append(Remark(Flaw.TILT, sentence, False))
    else:
        step = normal * step_mm
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


def _uneven(kept: Sequence[SliceFile], gaps: Floats, grid: EvenGrid, normal: Floats) -> Remark:
    """What is said of slices on an even grid: which are missing, or how uneven they lie."""
    runs = f"Spacing runs from {tidy(gaps.min())} to {tidy(gaps.max())} mm."
    unseen = "The AI sees none of this series: it needs equal spacing."
    usual = usual_gap(gaps)
    if grid.lost:
        item = kept[grid.lost[0]]
        who = name_of(item) + (f" and {len(grid.lost) - 1} more" if len(grid.lost) > 1 else "")
        left = f"Left out, too close to another: {who}."
        return Remark(Flaw.UNEVEN, f"{runs} {left} {unseen}", True)
    if abs(grid.step_mm - usual) < STEP_RANGE_MM[0] and grid.empty:
        at = int(np.flatnonzero(gaps > 1.5 * usual)[0])
        above, below = (
            f"{name_of(item)} at {_where(item, normal)}" for item in (kept[at], kept[at + 1])
        )
        if grid.empty == 1:
            missing = f"One slice is missing. It lies between {above} and {below}."
        else:
            missing = (
                f"{grid.empty} slices are missing. The first gap is between {above} and {below}."
            )
        left = "What was not scanned is left empty."
        return Remark(Flaw.GAP, f"{missing} {runs} {left} {unseen}", True)
    shown = [f"Shown on an even grid of {tidy(grid.step_mm)} mm."]
    if grid.off_mm > JITTER_MM:
        shown.append(f"Slices lie up to {tidy(grid.off_mm)} mm out of place.")
    if grid.empty:
        shown.append("What was not scanned is left empty.")
    return Remark(Flaw.UNEVEN, " ".join((runs, *shown, unseen)), True)
