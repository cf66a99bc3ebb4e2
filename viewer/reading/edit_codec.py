"""Strokes, and what was counted after them, as rows of text and packed voxels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256
from typing import Any, Final

from ai.scan.density import Density
from ai.scan.finding import Measurement
from ai.scan.labelmap import SegmentFigures
from viewer.editing.difference import Difference
from viewer.reading.events import FindingCounted, LungsCounted, SegmentEdited

EditEvent = SegmentEdited | FindingCounted | LungsCounted
EDIT_KINDS: Final = ("SegmentEdited", "FindingCounted", "LungsCounted")


def edit_body(event: EditEvent, masks: dict[str, bytes]) -> dict[str, Any]:
    """The body of a row; packed voxels go into `masks` under their hash."""
    if not isinstance(event, SegmentEdited):
        return asdict(event)
    body: dict[str, Any] = {
        "target": event.target,
        "tool": event.tool,
        "segments": list(event.segments),
    }
    difference = event.difference
    if difference is None:
        raise ValueError("a stroke without its voxels cannot be stored")
    planes = []
    for bit, packed in difference.planes:
        name = sha256(packed).hexdigest()
        masks[name] = packed
        planes.append([bit, name])
    return {
        **body,
        "start": list(difference.start_kji),
        "shape": list(difference.shape_kji),
        "planes": planes,
    }


def lung_figures_of(rows: list[dict[str, Any]]) -> tuple[SegmentFigures, ...]:
    """Figures of the lungs as a row holds them."""
    made = []
    for row in rows:
        counts = row["density"]["counts"] if row["density"] is not None else None
        density = Density(tuple(int(n) for n in counts)) if counts is not None else None
        made.append(SegmentFigures(**{**row, "density": density}))
    return tuple(made)


def edit_of(kind: str, data: dict[str, Any], load_mask: Callable[[str], bytes] | None) -> EditEvent:
    """The event of a body; without load_mask the voxels are left out."""
    if kind == "FindingCounted":
        x, y, z = data["centre_lps"]
        measurement = Measurement(**data["measurement"])
        return FindingCounted(
            data["finding"], data["row"], (x, y, z), data["slice_index"], measurement
        )
    if kind == "LungsCounted":
        return LungsCounted(data["row"], lung_figures_of(data["figures"]))
    (k, j, i), (dk, dj, di) = data["start"], data["shape"]
    difference = None
    if load_mask is not None:
        planes = tuple((int(bit), load_mask(name)) for bit, name in data["planes"])
        difference = Difference((k, j, i), (dk, dj, di), planes)
    return SegmentEdited(data["target"], difference, data["tool"], tuple(data["segments"]))
