"""What of a reading becomes a segment: its name, codes, side, colour and who drew it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from functools import cache
from typing import Final

import numpy as np

from ai.errors import BadInput
from ai.resources import resource
from ai.scan.finding import BoxMask, Finding
from ai.scan.labelmap import BOTH_LUNGS, LEFT, LUNGS, RIGHT, LabelMap
from viewer.dicom.masks.drawn_by import algorithm_type, drawn_words, is_drawn
from viewer.dicom.series import Series
from viewer.dicom.written.seg_content import Rgb, SegSegment
from viewer.reading.events import ADDED, EDITED
from viewer.reading.labels import ABNORMAL, THORAX, USE, kind_of, what_it_is
from viewer.reading.origin import origin_words, told_state
from viewer.reading.out.called import NOT_CALLED, Called, long_string

SIDES: Final = {"R": RIGHT, "L": LEFT}
ZONES: Final = {
    "RUZ": "right upper zone",
    "RMZ": "right middle zone",
    "RLZ": "right lower zone",
    "LUZ": "left upper zone",
    "LMZ": "left middle zone",
    "LLZ": "left lower zone",
    "": "outside the lungs",
}


def lung_segments(
    lungs: LabelMap, *, edited: Collection[int], uid_of: Callable[[str], str]
) -> tuple[SegSegment, ...]:
    """Right and left lung, and nothing else the label map may hold; a lung may be empty.

    Lungs without sides are one segment.

    edited: numbers of those that a reader changed.
    """
    return tuple(
        SegSegment(
            label=lung.label,
            category=lung.category,
            kind=lung.kind,
            laterality=lung.laterality,
            mask=box_of(lungs, lung.number),
            algorithm_type=algorithm_type(lungs.made_by, touched=lung.number in edited),
            made_by=None if is_drawn(lungs.made_by) else lungs.made_by,
            colour_rgb=colour("segment", lung.name),
            tracking_id=lung.name,
            tracking_uid=uid_of(lung.name),
            description=_with_use(drawn_words(lungs.made_by)),
        )
        for lung in (LUNGS if lungs.sided else (BOTH_LUNGS,))
    )


def box_of(lungs: LabelMap, number: int) -> BoxMask:
    """The voxels of one label in the smallest box around them; one empty voxel for none."""
    mask = lungs.labels == number
    held = np.flatnonzero(mask.any(axis=(1, 2)))
    if held.size == 0:
        return BoxMask((0, 0, 0), np.zeros((1, 1, 1), np.bool_))
    flat = mask.any(axis=0)
    rows, columns = np.flatnonzero(flat.any(axis=1)), np.flatnonzero(flat.any(axis=0))
    box = tuple(slice(int(n[0]), int(n[-1]) + 1) for n in (held, rows, columns))
    return BoxMask((box[0].start, box[1].start, box[2].start), mask[box])


def finding_segment(
    finding: Finding, state: str, series: Series, uid: str, called: Called = NOT_CALLED
) -> SegSegment:
    """One finding as a segment; the reader's words come first in what it is called and described.

    Raises BadInput where it has no voxels on the scan.
    """
    mask = finding.mask
    if mask is None or not mask.voxels.any() or not _inside(mask, series):
        raise BadInput(
            f"{label(finding, series)} has no voxels on this scan, so nothing was exported.",
            "Reject it or mark it again, then export.",
        )
    origin, drawn = finding.origin, is_drawn(finding.made_by)
    touched = state == EDITED or (state == ADDED and origin is None)
    told = called.words, told_state(finding, state), origin_words(finding, state)
    kind = kind_of(finding.kind)
    return SegSegment(
        label=long_string(label(finding, series, called.words)),
        category=ABNORMAL,
        kind=kind.code,
        region=kind.region,
        region_side=SIDES.get(finding.zone[:1]) if kind.region != THORAX else None,
        mask=mask,
        algorithm_type=algorithm_type(
            finding.made_by, touched=touched, how=origin.how if origin is not None else ""
        ),
        made_by=None if drawn else finding.made_by,
        colour_rgb=colour("state", state),
        tracking_id=(origin.tracking_id if origin is not None else "")
        or called.tracking_id
        or finding.id,
        tracking_uid=uid,
        description=_with_use("; ".join(filter(None, told))),
    )


def _with_use(told: str) -> str:
    return f"{told}; {USE}" if told else ""


def _inside(mask: BoxMask, series: Series) -> bool:
    shape = (len(series.slices), series.rows, series.columns)
    return all(
        start >= 0 and start + size <= whole
        for start, size, whole in zip(mask.start_kji, mask.voxels.shape, shape, strict=True)
    )


def label(finding: Finding, series: Series, words: str = "") -> str:
    """As readers name it: zone, mean diameter, type, series and image number.

    words: the reader's own, in place of the type, and first, so that no limit cuts them.
    """
    what = what_it_is(finding.kind, finding.measurement.type)
    size = f"{finding.measurement.mean_diameter_mm:.1f} mm"
    size = size if words else f"{size} {what}"
    image = f"se {series.number} im {series.image_number(finding.slice_index)}"
    zone = ZONES.get(finding.zone, "")  # nothing where it is not known yet
    return ", ".join(filter(None, (words, zone, size, image)))


@cache
def _tokens() -> dict[str, dict[str, dict[str, str]]]:
    text = resource("tokens.json").read_text(encoding="utf-8")
    colours: dict[str, dict[str, dict[str, str]]] = json.loads(text)["color"]
    return colours


def colour(group: str, name: str) -> Rgb:
    """A colour of the design's table, 0 to 255 each; of group state or segment."""
    named = {"proposed": "pending", "undecided": "pending"}.get(name, name)
    hexes = _tokens()[group][named]["hex"].lstrip("#")
    return int(hexes[:2], 16), int(hexes[2:4], 16), int(hexes[4:6], 16)
