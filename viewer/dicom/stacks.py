"""The images of one series as stacks that each make sense: one orientation, one size, one phase."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from viewer.dicom.decoders import NATIVE
from viewer.dicom.elements import EXPLICIT_BE, UnreadableError
from viewer.dicom.grid import pieces
from viewer.dicom.headers import Header, Place
from viewer.dicom.multiframe import frame_places
from viewer.dicom.series import SliceFile
from viewer.dicom.sort import STEP_RANGE_MM, fault, frame_axes, name_of, plane_of
from viewer.dicom.value_table import read_value_table

SAME_DIRECTION = 0.01
SAME_SPACING_SHARE = 1e-3
LOCALIZER = "LOCALIZER"


@dataclass(frozen=True)
class Frame:
    """One image: its file's header, its own place, and how its pixels are stored."""

    header: Header
    place: Place
    item: SliceFile

    @property
    def scout(self) -> bool:
        return LOCALIZER in self.header.image_type


@dataclass(frozen=True)
class LeftOut:
    """An image that cannot be placed or shown, and why."""

    name: str
    fact: str


def frames_of(header: Header) -> tuple[list[Frame], list[LeftOut]]:
    """The images of one file. A file of many frames is left out whole when its list is no good."""
    if not header.has_functional_groups:
        try:
            place = _with_table(header, header.place)
        except UnreadableError as error:
            return [], [LeftOut(name_of(_slice_file(header, header.place, 0)), error.fact)]
        problem = fault(place)
        if not problem and header.frames > 1:
            problem = f"the positions of its {header.frames} frames are missing"
        item = _slice_file(header, place, 0)
        return ([], [LeftOut(name_of(item), problem)]) if problem else (
            [Frame(header, place, item)], [],
        )  # fmt: skip
    try:
        places = [_with_table(header, place) for place in frame_places(header)]
    except UnreadableError as error:
        return [], [LeftOut(header.path.name, error.fact)]
    if len(places) != header.frames:
        fact = f"it says {header.frames} frames and describes {len(places)}"
        return [], [LeftOut(header.path.name, fact)]
    good: list[Frame] = []
    bad: list[LeftOut] = []
    for index, place in enumerate(places):
        item = _slice_file(header, place, index)
        if problem := fault(place):
            bad.append(LeftOut(name_of(item), problem))
        else:
            good.append(Frame(header, place, item))
    return good, bad


def _with_table(header: Header, place: Place) -> Place:
    """The place with the table of values, where that counts: the groups of a frame say more."""
    if not header.has_modality_lut or header.is_floating:
        return place
    if header.has_functional_groups and place.slope is not None:
        return place
    table = read_value_table(header.path, signed=header.signed)
    return replace(place, table=table, rescale_type=table.kind)


def _slice_file(header: Header, place: Place, index: int) -> SliceFile:
    found = header.elements
    native = found.transfer_syntax in NATIVE and found.transfer_syntax != EXPLICIT_BE
    frame_bytes = header.rows * header.columns * header.bits_allocated // 8
    return SliceFile(
        path=header.path,
        sop_instance_uid=header.sop_instance,
        sop_class_uid=header.sop_class,
        instance_number=index + 1 if header.frames > 1 else header.instance_number,
        position_lps=place.position_lps or (0.0, 0.0, 0.0),
        transfer_syntax=found.transfer_syntax,
        slope=1.0 if place.slope is None else place.slope,
        intercept=place.intercept or 0.0,
        bits_stored=header.bits_stored,
        signed=header.signed,
        frame=index,
        pixel_offset=found.pixels_at + index * frame_bytes if native else -1,
        bits_allocated=header.bits_allocated,
        high_bit=header.high_bit,
        frames=header.frames,
        stored_at=found.pixels_at,
        stored_length=found.pixels_length,
        thickness_mm=_sane_mm(place.thickness_mm),
        table=place.table,
        floating=header.is_floating,
    )


def _sane_mm(thickness_mm: float | None) -> float:
    return thickness_mm if thickness_mm and 0 < thickness_mm <= STEP_RANGE_MM[1] else 0.0


def split(frames: Sequence[Frame]) -> list[list[Frame]]:
    """Frames in groups of one frame of reference, orientation, size and spacing; largest first."""
    groups: list[list[Frame]] = []
    for frame in frames:
        for group in groups:
            if _alike(group[0], frame):
                group.append(frame)
                break
        else:
            groups.append([frame])
    return sorted(groups, key=len, reverse=True)


def _alike(a: Frame, b: Frame) -> bool:
    if a.header is b.header:
        same_file = True
    else:
        same_file = (
            a.header.rows == b.header.rows
            and a.header.columns == b.header.columns
            and a.header.frame_of_reference == b.header.frame_of_reference
        )
    return (
        same_file
        and a.scout == b.scout
        and _near(a.place.orientation, b.place.orientation, SAME_DIRECTION)
        and _near(
            a.place.spacing_row_column_mm,
            b.place.spacing_row_column_mm,
            SAME_SPACING_SHARE * (a.place.spacing_row_column_mm or (1.0,))[0],
        )
    )


def _near(a: Sequence[float] | None, b: Sequence[float] | None, tolerance: float) -> bool:
    if a is b or a == b:
        return True
    return a is not None and b is not None and bool(np.abs(np.subtract(a, b)).max() < tolerance)


def differences(main: Sequence[Frame], others: Sequence[Sequence[Frame]]) -> list[str]:
    """Sentences on how the other groups of a series differ from its main one."""
    sentences = []
    first = main[0]
    for group in others:
        frame = group[0]
        who = name_of(frame.item) if len(group) == 1 else f"{len(group)} images"
        fate = "left out" if len(group) == 1 else "shown by themselves"
        verb = "is" if len(group) == 1 else "are"
        if frame.scout:
            sentence = f"The scout {who} {verb} {fate}."
        elif (frame.header.rows, frame.header.columns) != (first.header.rows, first.header.columns):
            sentence = (
                f"The series holds more than one size: {who} of {frame.header.rows} by "
                f"{frame.header.columns} pixels, not {first.header.rows} by "
                f"{first.header.columns}, {verb} {fate}."
            )
        elif not _near(first.place.orientation, frame.place.orientation, SAME_DIRECTION):
            sentence = (
                f"The series holds more than one orientation: {len(main)} "
                f"{plane_of(first.place.orientation or ())} images; {who}, "
                f"{plane_of(frame.place.orientation or ())}, {verb} {fate}."
            )
        elif frame.header.frame_of_reference != first.header.frame_of_reference:
            sentence = (
                "The series holds more than one frame of reference, so positions do not compare: "
                f"{who} {verb} {fate}."
            )
        else:
            sentence = f"The series holds more than one pixel spacing: {who} {verb} {fate}."
        sentences.append(sentence)
    return sentences[:4]


def phases(
    frames: Sequence[Frame], same_pixels: Callable[[SliceFile, SliceFile], bool]
) -> list[list[Frame]]:
    """Whole stacks at the same positions, apart; one list where there is only one stack."""
    normal = frame_axes(frames[0].place.orientation or ())[2]
    at: dict[int, list[Frame]] = defaultdict(list)
    for frame in frames:
        at[round(float(np.dot(frame.item.position_lps, normal)) * 100)].append(frame)
    times = Counter(len(here) for here in at.values()).most_common(1)[0][0]
    crowded = [here for here in at.values() if len(here) > 1]
    if times < 2 or len(at) < 2 or same_pixels(crowded[0][0].item, crowded[0][1].item):
        return [list(frames)]
    by_number: dict[int, list[Frame]] = defaultdict(list)
    for frame in frames:
        by_number[frame.header.acquisition].append(frame)
    if len(by_number) == times and max(map(len, by_number.values())) <= len(at):
        return [by_number[number] for number in sorted(by_number)]
    ranks: list[list[Frame]] = [[] for _ in range(max(map(len, at.values())))]
    for here in at.values():
        for rank, frame in enumerate(sorted(here, key=lambda f: f.item.instance_number)):
            ranks[rank].append(frame)
    return ranks


def apart(frames: Sequence[Frame]) -> list[list[Frame]]:
    """A stack without its strays: slices so far off that no volume could hold both.

    One list where the slices belong together, and where none of the pieces holds most of them.
    """
    normal = frame_axes(frames[0].place.orientation or ())[2]
    ordered = sorted(frames, key=lambda frame: float(np.dot(frame.item.position_lps, normal)))
    along = np.array([np.dot(frame.item.position_lps, normal) for frame in ordered])
    header = frames[0].header
    found = pieces(along, most_gap_mm=STEP_RANGE_MM[1], pixels_a_slice=header.rows * header.columns)
    return [[ordered[n] for n in piece] for piece in found]
