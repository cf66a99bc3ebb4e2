"""What a DICOM-SEG is to say, as plain values: no DICOM library is needed to hold them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ai.scan.finding import BoxMask
from ai.scan.labelmap import Code, MadeBy
from viewer.dicom.series import Series

AUTOMATIC: Final = "AUTOMATIC"
SEMIAUTOMATIC: Final = "SEMIAUTOMATIC"
MANUAL: Final = "MANUAL"

Rgb = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class SegSegment:
    """One segment as it is to be written.

    mask: its voxels on the scan's grid; boxes of two segments may overlap. laterality: side of the
    thing itself. region, region_side: where in the body it lies. algorithm_type: AUTOMATIC
    (untouched), SEMIAUTOMATIC (changed or started by hand) or MANUAL. made_by: None when MANUAL.
    """

    label: str
    category: Code
    kind: Code
    mask: BoxMask
    algorithm_type: str
    made_by: MadeBy | None
    colour_rgb: Rgb
    tracking_id: str
    tracking_uid: str
    laterality: Code | None = None
    region: Code | None = None
    region_side: Code | None = None
    description: str = ""


@dataclass(frozen=True, eq=False)
class SegContent:
    """All that one SEG will say. content_label: upper case. creator: who exports, or a rule."""

    series: Series
    segments: tuple[SegSegment, ...]
    content_label: str
    description: str
    series_number: int
    creator: str
    sop_instance_uid: str
    series_instance_uid: str
    dimension_uid: str
    made_at: datetime
