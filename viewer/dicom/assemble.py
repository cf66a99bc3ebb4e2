"""Headers of one series into values that can be shown, with all the reader should be told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ai.scan.geometry import Geometry
from ai.scan.volume import Hu
from viewer.dicom import headers as tags
from viewer.dicom.decoders import LOSSY
from viewer.dicom.gaps import gap_sentence
from viewer.dicom.headers import Header
from viewer.dicom.objects import VOLUME_CLASSES, image_fault
from viewer.dicom.pixels import UndecodableSlice, read_slice, same_pixels
from viewer.dicom.series import Patient, Series, SliceFile, StoredWindow
from viewer.dicom.sort import Flaw, arrange, plane_of
from viewer.dicom.stacks import Frame, LeftOut, apart, differences, frames_of, phases, split
from viewer.dicom.value_table import HU
from viewer.language.signs import minus

AIR_AT_MOST_HU = -200
"""Some pixel of any chest, couch or room lies below this; a series without one is not in HU."""
NOT_HU_TYPES = ("MGML", "Z_EFF", "ED", "EDW", "PCT", "SUV", "OD")
SHOWN_PERCENT = (1, 99)
SHOWN_AT_LEAST, TOO_WIDE = 0.25, 0.05
NO_WORDS = ("none", "null", "nan")
LOOKED_AT = (0.5, 0.25, 0.75, 0.1, 0.9)


@dataclass(frozen=True, eq=False)
class Assembled:
    """What one series came to: stacks to show, or sentences why not."""

    series: tuple[Series, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class _Note:
    sentence: str
    stops_ai: bool = False
    no_hu: bool = False


def assemble(members: Sequence[Header]) -> Assembled:
    """Stacks of one series (same study and series UID), the main one first."""
    left_out: list[LeftOut] = []
    frames: list[Frame] = []
    for header in members:
        if fact := image_fault(header):
            left_out.append(LeftOut(_name(header), fact))
            continue
        good, bad = frames_of(header)
        frames += good
        left_out += bad
    told = left_out_sentences(left_out, len(members) if not frames else 0)
    if not frames:
        return Assembled((), tuple(told))
    notes = [_Note(sentence) for sentence in told]
    frames, twins = _without_copies(frames)
    notes += twins
    groups = split(frames)
    main, others = groups[0], groups[1:]
    notes += [_Note(sentence) for sentence in differences(main, others)]
    notes += _member_notes([f.header for f in frames])
    found: list[Series] = []
    refusals: list[str] = []
    for group in [main, *(g for g in others if len(g) > 1)]:
        stacks = phases(group, same_pixels)
        for number, stack in enumerate(stacks, 1):
            phase = f" · stack {number} of {len(stacks)}" if len(stacks) > 1 else ""
            extra = list(notes)
            if phase:
                sentence = (
                    f"{len(stacks)} whole stacks lie at the same positions in this series; this is "
                    f"stack {number}, {len(stack)} images."
                )
                extra.append(_Note(sentence))
            for piece, named, note in _pieces(stack, phase):
                series, refusal = _series(piece, [*extra, *note], named)
                found += [series] if series else []
                refusals += [refusal] if refusal else []
    if found:
        parts = tuple(replace(series, part=n) for n, series in enumerate(found))
        return Assembled(parts, ())
    return Assembled((), tuple(told + refusals))


def _pieces(stack: list[Frame], phase: str) -> Iterator[tuple[list[Frame], str, list[_Note]]]:
    """A stack, or the pieces it lies in: images, name, and what is said of it."""
    pieces = apart(stack)
    if len(pieces) == 1:
        yield stack, phase, []
        return
    for number, piece in enumerate(pieces, 1):
        images = "1 image" if len(piece) == 1 else f"{len(piece)} images"
        sentence = (
            f"This series lies in {len(pieces)} pieces, too far apart for one volume; this is "
            f"piece {number}, {images}."
        )
        yield piece, f"{phase} · piece {number} of {len(pieces)}", [_Note(sentence)]


def _name(header: Header) -> str:
    return f"image {header.instance_number} ({header.path.name})"


def left_out_sentences(
    left_out: Sequence[LeftOut], of_all: int, *, noun: str = "image"
) -> list[str]:
    """One sentence for each reason; of_all: the number of images when none is any good, else 0."""
    by_fact: dict[str, list[str]] = defaultdict(list)
    for one in left_out:
        by_fact[one.fact].append(one.name)
    sentences = []
    for fact, names in sorted(by_fact.items(), key=lambda pair: -len(pair[1])):
        if len(names) == 1:
            who = names[0]
        elif len(names) == of_all:
            who = f"All {of_all} {noun}s"
        else:
            who = f"{len(names)} {noun}s ({', '.join(names[:3])}{' …' if len(names) > 3 else ''})"
        fate = "" if of_all else " Left out."
        if who.startswith(("image ", "frame ")):
            who = who[0].upper() + who[1:]
        sentences.append(f"{who}: {fact if len(names) == 1 else _of_each(fact)}.{fate}")
    return sentences[:6]


def _of_each(fact: str) -> str:
    """A fact about one file or image ("it is ..."), said of several."""
    for one, many in (
        ("it is not an image but ", "each is not an image but "),
        ("it is not an image", "each is not an image"),
        ("it ", "each "),
        ("its ", "their "),
    ):
        if fact.startswith(one):
            return many + fact.removeprefix(one)
    return fact


def _without_copies(frames: list[Frame]) -> tuple[list[Frame], list[_Note]]:
    """Frames without true copies of a file; a note where one identifier names different images."""
    by_uid: dict[tuple[str, int], list[Frame]] = defaultdict(list)
    for frame in frames:
        by_uid[frame.item.sop_instance_uid, frame.item.frame].append(frame)
    kept: list[Frame] = []
    clashing = 0
    for (uid, _), twins in by_uid.items():
        kept.append(twins[0])
        for other in twins[1:]:
            same_place = other.item.position_lps == twins[0].item.position_lps
            if uid and same_place and same_pixels(twins[0].item, other.item):
                continue
            kept.append(other)
            clashing += bool(uid)
    if not clashing:
        return kept, []
    images = "image carries" if clashing == 1 else "images carry"
    sentence = (
        f"{clashing} {images} the same identifier (SOP Instance UID) as another, different one: "
        "results could not be tied to their slices."
    )
    return kept, [_Note(sentence, stops_ai=True)]


def _member_notes(members: Sequence[Header]) -> list[_Note]:
    """What is said of the files of a series as such."""
    first = members[0]
    notes = []
    patients = {(h.text(tags.PATIENT_NAME), h.text(tags.PATIENT_ID)) for h in members}
    if len(patients) > 1:
        sentence = f"The slices of one series name {len(patients)} different patients."
        notes.append(_Note(sentence, stops_ai=True))
    missing = [
        name
        for name, value in (
            ("Study Instance UID", first.study_uid),
            ("Series Instance UID", first.series_uid),
            ("SOP Instance UID", all(h.sop_instance for h in members)),
        )
        if not value
    ]
    if missing:
        sentence = f"Identifiers are missing ({', '.join(missing)}): results cannot be tied to it."
        notes.append(_Note(sentence, stops_ai=True))
    if any(h.elements.syntax_missing for h in members):
        notes.append(_Note("The files do not name their transfer syntax; it was inferred."))
    if first.sop_class not in VOLUME_CLASSES:
        named = f" ({first.sop_class})" if first.sop_class else ""
        notes.append(_Note(f"This is an unknown kind of object{named}, shown as a plain scan."))
    return notes


def _series(stack: list[Frame], notes: list[_Note], phase: str) -> tuple[Series | None, str]:
    """One stack as a Series, or the sentence why it makes none."""
    middle = stack[len(stack) // 2]
    header, place = middle.header, middle.place
    orientation = place.orientation or ()
    arranged = arrange(
        [f.item for f in stack],
        orientation=orientation,
        spacing_row_column_mm=place.spacing_row_column_mm or (1.0, 1.0),
        rows=header.rows,
        columns=header.columns,
        thickness_mm=place.thickness_mm,
        frame_of_reference=header.frame_of_reference,
        same_pixels=same_pixels,
    )
    if arranged.geometry is None:
        return None, f"Series {header.series_number} makes no volume: {arranged.refusal}."
    notes = notes + [_Note(r.sentence, r.stops_ai) for r in arranged.remarks] + _value_notes(stack)
    even = not any(r.flaw in (Flaw.SINGLE, Flaw.GAP, Flaw.UNEVEN) for r in arranged.remarks)
    gap = gap_sentence(arranged.geometry.spacing_kji_mm[0], place.thickness_mm) if even else ""
    notes += [_Note(gap)] if gap else []
    plane = plane_of(orientation)
    if middle.scout:
        notes.append(_Note("This is a scout, and a scout is no volume.", stops_ai=True))
    series = _told_by(middle, arranged.slices, arranged.geometry, phase)
    looked, values, refusal = _look(series)
    if refusal:
        return None, refusal
    notes += looked
    in_hu = not any(note.no_hu for note in notes)
    stopping = [n.sentence for n in notes if n.stops_ai]
    if not stopping and plane != "axial":
        stopping = [f"The AI reads axial series only; this one is {plane}."]
    return replace(
        series,
        warnings=tuple(dict.fromkeys(n.sentence for n in notes)),
        ai_refusal=stopping[0] if stopping else "",
        in_hu=in_hu,
        window=series.window if in_hu else _window_of(series, values),
    ), ""


def _told_by(
    middle: Frame, slices: tuple[SliceFile, ...], geometry: Geometry, phase: str
) -> Series:
    """A series as the header of its middle slice tells it, before its pixels were looked at."""
    header, place = middle.header, middle.place
    return Series(
        uid=header.series_uid,
        study_uid=header.study_uid,
        frame_of_reference=header.frame_of_reference,
        modality=header.modality,
        number=header.series_number,
        description=_told(header, tags.SERIES_DESCRIPTION) + phase,
        kernel=place.kernel or _told(header, tags.KERNEL),
        rows=header.rows,
        columns=header.columns,
        thickness_mm=place.thickness_mm,
        original=header.image_type[0] != "DERIVED" and not middle.scout,
        axial=plane_of(place.orientation or ()) == "axial",
        patient_position=header.text(tags.PATIENT_POSITION),
        study_date=header.text(tags.STUDY_DATE),
        study_time=header.text(tags.STUDY_TIME),
        study_description=_told(header, tags.STUDY_DESCRIPTION),
        patient=Patient(
            name=header.text(tags.PATIENT_NAME),
            id=header.text(tags.PATIENT_ID),
            sex=header.text(tags.SEX),
            age=header.text(tags.AGE),
            birth_date=header.text(tags.BIRTH_DATE),
            issuer=header.text(tags.ISSUER),
        ),
        slices=slices,
        geometry=geometry,
        window=place.window,
    )


def _told(header: Header, tag: int) -> str:
    """A text, and nothing for what a program writes where it has none."""
    text = header.text(tag)
    return "" if text.strip().casefold() in NO_WORDS else text


def _value_notes(stack: Sequence[Frame]) -> list[_Note]:
    """What is said of the numbers in the pixels."""
    first = stack[len(stack) // 2]
    header = first.header
    notes = []
    if header.modality != "CT":
        named = header.modality or "no modality"
        sentence = f"This is {named}, not CT: its values are no HU, and the AI reads CT only."
        notes.append(_Note(sentence, stops_ai=True, no_hu=True))
    elif any(
        f.place.table is None and (f.place.slope is None or f.place.intercept is None)
        for f in stack
    ):
        sentence = "The HU calibration (rescale slope and intercept) is missing: values are no HU."
        notes.append(_Note(sentence, stops_ai=True, no_hu=True))
    elif first.place.table is not None and first.place.table.kind != HU:
        sentence = "The table of values in the header (Modality LUT) does not say that it gives HU."
        notes.append(_Note(sentence, stops_ai=True, no_hu=True))
    elif (unit := first.place.rescale_type or header.rescale_type) in NOT_HU_TYPES:
        notes.append(_Note(f"The values are {unit}, not HU.", stops_ai=True, no_hu=True))
    lossy = Counter(
        f.header.lossy == "01"
        or (f.header.lossy != "00" and f.item.transfer_syntax in LOSSY)
        or f.item.transfer_syntax in ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")
        for f in stack
    )[True]
    if lossy:
        sentence = "Lossy compression: HU are not exact."
        if len(stack) > 1:
            sentence = f"Lossy compression in {lossy} of {len(stack)} images: HU are not exact."
        notes.append(_Note(sentence))
    if header.bits_stored <= 8:
        sentence = f"The pixels have {header.bits_stored} bits, too few for true HU."
        notes.append(_Note(sentence, stops_ai=True))
    return notes


def _look(series: Series) -> tuple[list[_Note], Hu | None, str]:
    """Decode one slice: are these HU, and can they be decoded at all.

    A note on it, its values, and the refusal where no slice can be had.
    """
    there = [k for k, piece in enumerate(series.slices) if piece.here]
    last = len(there) - 1
    for k in dict.fromkeys(there[round(share * last)] for share in LOOKED_AT):
        try:
            hu = read_slice(series, k)
        except UndecodableSlice:
            continue
        low, high = int(hu.min()), int(hu.max())
        if series.modality == "CT" and low > AIR_AT_MOST_HU:
            sentence = (
                f"Values in the middle run from {minus(str(low))} to {minus(str(high))}, without "
                "any air (\u22121000): they are not HU, or this is no chest."
            )
            return [_Note(sentence, stops_ai=True, no_hu=True)], hu, ""
        return [], hu, ""
    what = "the slice is" if last == 0 else "the slices are"
    damaged = f"Series {series.number}: the pixel data of {what} damaged and cannot be decoded."
    return [], None, damaged


def _window_of(series: Series, values: Hu | None) -> StoredWindow | None:
    """A grey window for values that are no HU: the stored one where it shows them.

    Where a CT lacks its calibration the stored one is meant for values that are not there.
    """
    if values is None:
        return series.window
    low, high = (float(one) for one in np.percentile(values, SHOWN_PERCENT))
    own = StoredWindow(max(1.0, high - low), (low + high) / 2)
    told = series.window
    return told if told and series.modality != "CT" and _shows(told, own) else own


def _shows(told: StoredWindow, own: StoredWindow) -> bool:
    """Whether enough of the values' own range lies in a window, and enough of it on them."""
    ends = [(w.level_hu - w.width_hu / 2, w.level_hu + w.width_hu / 2) for w in (told, own)]
    shared = min(ends[0][1], ends[1][1]) - max(ends[0][0], ends[1][0])
    return shared > SHOWN_AT_LEAST * own.width_hu and shared > TOO_WIDE * told.width_hu
