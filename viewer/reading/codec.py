"""Events as rows of text, and masks as packed bytes named by their content.

The body of a row is JSON with sorted keys, so that one event has one text and one hash. Voxels
stand in it as the SHA-256 of their packed bytes; the bytes lie in the store's `mask` table.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ai.scan.check import CheckPlace
from ai.scan.finding import BoxMask, Finding, Measurement, Origin
from ai.scan.geometry import Geometry
from ai.scan.labelmap import Code, LabelMap, MadeBy, Segment, box_of
from viewer.measuring.shapes import measured_of
from viewer.reading.converters import up_to_date
from viewer.reading.edit_codec import EDIT_KINDS, edit_body, edit_of, lung_figures_of
from viewer.reading.events import (
    Answer,
    Begun,
    Closed,
    CoverageNoted,
    EditGivenUp,
    Event,
    Exported,
    FindingAdded,
    FindingCounted,
    FindingDescribed,
    FindingEdited,
    FindingRemoved,
    FindingsProposed,
    KeyImageDropped,
    KeyImageKept,
    LabelGiven,
    LungsCounted,
    MeasurementAdded,
    MeasurementChanged,
    MeasurementRemoved,
    ModeChosen,
    OwnPassDone,
    PriorLinked,
    Proposal,
    Reason,
    ReasonGiven,
    Restored,
    SegmentEdited,
    SegmentsAdded,
    VerdictGiven,
    Withdrawn,
)
from viewer.reading.lung_events import LungsCompared, ScanJudged
from viewer.reading.reader_events import (
    Amended,
    PolicyChosen,
    ReaderNamed,
    Reopened,
    ReportWritten,
    Signed,
)

LoadMask = Callable[[str], bytes]
"""Packed bytes of a mask by its hash; raises KeyError where there are none."""

MATRIX_NUMBERS = 16

_SIMPLE: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (
        *(Begun, Withdrawn, Restored, Closed, Exported, VerdictGiven),
        *(Signed, Amended, Reopened, ReportWritten),
        *(ModeChosen, OwnPassDone, CoverageNoted, EditGivenUp),
        *(MeasurementAdded, MeasurementChanged, MeasurementRemoved),
        *(ReasonGiven, LabelGiven, FindingRemoved),
        *(KeyImageKept, KeyImageDropped, PriorLinked),
        *(ScanJudged, LungsCompared, FindingDescribed, ReaderNamed),
        PolicyChosen,
    )
}


@dataclass(frozen=True)
class Encoded:
    """One event ready to be stored: its kind, its JSON body, the masks it needs by hash."""

    kind: str
    body: str
    masks: Mapping[str, bytes]


_ahead: WeakKeyDictionary[SegmentsAdded, Encoded] = WeakKeyDictionary()


def encode_ahead(event: SegmentsAdded) -> None:
    """On another thread, for voxels take time: `encode` of this very event will then cost none."""
    _ahead[event] = encode(event)


def encode(event: Event) -> Encoded:
    """The event as text and packed masks; pure, so any thread may do it."""
    made = _ahead.pop(event, None) if isinstance(event, SegmentsAdded) else None
    if made is not None:
        return made
    masks: dict[str, bytes] = {}
    if isinstance(event, SegmentEdited | FindingCounted | LungsCounted):
        body = edit_body(event, masks)
        return Encoded(type(event).__name__, text_of(body), masks)

    def keep(bits: NDArray[np.bool_]) -> str:
        packed = zlib.compress(np.packbits(bits).tobytes(), 1)
        name = sha256(packed).hexdigest()
        masks[name] = packed
        return name

    return Encoded(type(event).__name__, text_of(_body(event, keep)), masks)


KINDS: frozenset[str] = frozenset(
    (*_SIMPLE, "SegmentsAdded", "FindingsProposed", "FindingAdded", "FindingEdited", *EDIT_KINDS)
)
"""Kinds of rows that this Hilum can read."""


def decode(kind: str, body: str, load_mask: LoadMask | None, *, schema: int) -> Event:
    """The event of a row. With load_mask None voxels are left out (a listing needs none).

    schema: the one that the row was written in. Raises KeyError, TypeError or ValueError where the
    row is no event of that kind.
    """
    data = up_to_date(kind, schema, json.loads(body))
    if kind in _SIMPLE:
        return _decode_simple(kind, data)
    if kind == "SegmentsAdded":
        figures = lung_figures_of(data["figures"])
        label_map = _labels_of(data["labels"], load_mask)
        return SegmentsAdded(label_map, figures, tuple(data["warnings"]))
    if kind == "FindingsProposed":
        findings = tuple(_finding_of(row, load_mask) for row in data["findings"])
        proposals = tuple(Proposal(**row) for row in data["proposals"])
        by = data.get("made_by")
        return FindingsProposed(findings, proposals, None if by is None else MadeBy(**by))
    if kind in ("FindingAdded", "FindingEdited"):
        finding = _finding_of(data["finding"], load_mask)
        return FindingAdded(finding) if kind == "FindingAdded" else FindingEdited(finding)
    if kind in EDIT_KINDS:
        return edit_of(kind, data, load_mask)
    raise KeyError(kind)


def _decode_simple(kind: str, data: dict[str, Any]) -> Event:
    if kind == "VerdictGiven":
        return VerdictGiven(**{**data, "answer": Answer(data["answer"])})
    if kind == "MeasurementAdded":
        return MeasurementAdded(measured_of(data["measured"]))
    if kind == "MeasurementChanged":
        return MeasurementChanged(measured_of(data["measured"]))
    if kind == "ReasonGiven":
        return ReasonGiven(data["finding"], Reason(data["reason"]))
    if kind == "Exported":
        return Exported(tuple((role, digest) for role, digest in data["objects"]))
    if kind == "PriorLinked":
        matrix = tuple(float(n) for n in data["matrix"])
        if len(matrix) != MATRIX_NUMBERS:
            raise ValueError(f"a matrix has {MATRIX_NUMBERS} numbers, not {len(matrix)}")
        return PriorLinked(**{**data, "matrix": matrix})
    if kind == "ScanJudged":
        return ScanJudged(**{**data, "reasons": tuple(data["reasons"])})
    if kind == "LungsCompared":
        found = tuple(
            CheckPlace(**{**row, "centre_lps": tuple(row["centre_lps"])}) for row in data["places"]
        )
        right, left = data["dice"]
        return LungsCompared(**{**data, "dice": (right, left), "places": found})
    if kind == "KeyImageKept":
        places = {name: tuple(data[name]) for name in ("centre_lps", "right", "down")}
        return KeyImageKept(**{**data, **places})
    made: Event = _SIMPLE[kind](**data)
    return made


def text_of(body: dict[str, Any]) -> str:
    """A body as a row holds it."""
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _body(event: Event, keep: Callable[[NDArray[np.bool_]], str]) -> dict[str, Any]:
    match event:
        case SegmentsAdded(label_map, figures, warnings):
            labels = None if label_map is None else _labels_to(label_map, keep)
            rows = [asdict(row) for row in figures]
            return {"labels": labels, "figures": rows, "warnings": list(warnings)}
        case FindingsProposed(findings, proposals, made_by):
            return {
                "findings": [_finding_to(finding, keep) for finding in findings],
                "proposals": [asdict(proposal) for proposal in proposals],
                "made_by": None if made_by is None else asdict(made_by),
            }
        case FindingAdded(finding) | FindingEdited(finding):
            return {"finding": _finding_to(finding, keep)}
        case _:
            return asdict(event)


def _finding_to(finding: Finding, keep: Callable[[NDArray[np.bool_]], str]) -> dict[str, Any]:
    mask = None
    if finding.mask is not None:
        bits = finding.mask.voxels
        mask = {
            "hash": keep(bits),
            "shape": list(bits.shape),
            "start": list(finding.mask.start_kji),
        }
    return {
        "id": finding.id,
        "kind": finding.kind,
        "centre_lps": list(finding.centre_lps),
        "slice_index": finding.slice_index,
        "zone": finding.zone,
        "chance": finding.chance,
        "measurement": asdict(finding.measurement),
        "made_by": asdict(finding.made_by),
        "features": [[name, value] for name, value in finding.features],
        "mask": mask,
        "origin": None if finding.origin is None else asdict(finding.origin),
    }


def _finding_of(data: dict[str, Any], load_mask: LoadMask | None) -> Finding:
    mask = None
    if data["mask"] is not None and load_mask is not None:
        bits = _unpack(load_mask(data["mask"]["hash"]), tuple(data["mask"]["shape"]))
        k, j, i = data["mask"]["start"]
        mask = BoxMask((k, j, i), bits)
    x, y, z = data["centre_lps"]
    return Finding(
        id=data["id"],
        kind=data["kind"],
        centre_lps=(x, y, z),
        slice_index=data["slice_index"],
        zone=data["zone"],
        chance=data["chance"],
        measurement=Measurement(**data["measurement"]),
        made_by=MadeBy(**data["made_by"]),
        features=tuple((name, value) for name, value in data["features"]),
        mask=mask,
        origin=Origin(**data["origin"]) if data.get("origin") else None,
    )


def _unpack(packed: bytes, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    size = int(np.prod(shape))
    bits = np.unpackbits(np.frombuffer(zlib.decompress(packed), np.uint8))
    if not size <= bits.size < size + 8:
        raise ValueError("the packed mask has another size")
    return bits[:size].reshape(shape).view(np.bool_)


def _labels_to(label_map: LabelMap, keep: Callable[[NDArray[np.bool_]], str]) -> dict[str, Any]:
    box = box_of(label_map.labels)
    inside = label_map.labels[box]
    return {
        "shape": list(label_map.geometry.shape_kji),
        "affine": label_map.geometry.affine.ravel().tolist(),
        "frame_of_reference": "",  # a UID: the series the reading names has it
        "start": [edge.start for edge in box],
        "box": list(inside.shape),
        "segments": [{**asdict(s), "mask": keep(inside == s.number)} for s in label_map.segments],
        "made_by": asdict(label_map.made_by),
    }


def _labels_of(data: dict[str, Any] | None, load_mask: LoadMask | None) -> LabelMap | None:
    if data is None or load_mask is None:
        return None
    k, j, i = data["shape"]
    geometry = Geometry((k, j, i), np.array(data["affine"]).reshape(4, 4))
    labels = np.zeros((k, j, i), np.uint8)
    box = tuple(slice(a, a + n) for a, n in zip(data["start"], data["box"], strict=True))
    segments = []
    for row in data["segments"]:
        bits = _unpack(load_mask(row["mask"]), tuple(data["box"]))
        labels[box][bits] = row["number"]
        segments.append(_segment_of(row))
    return LabelMap(geometry, labels, tuple(segments), MadeBy(**data["made_by"]))


def _segment_of(row: dict[str, Any]) -> Segment:
    side = row["laterality"]
    return Segment(
        row["number"],
        row["name"],
        row["label"],
        Code(**row["category"]),
        Code(**row["kind"]),
        None if side is None else Code(**side),
    )
