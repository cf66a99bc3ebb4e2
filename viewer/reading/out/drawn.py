"""What a reader drew, as groups of the measurement report; and what came back, against it.

Codes: DICOM PS3.16 TID 1410, 1501 and CID 7469, SNOMED CT.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from ai.scan.labelmap import Code
from viewer.dicom.series import Series
from viewer.dicom.written.sr_content import SrContent, SrDrawn, SrNumber, SrPlace
from viewer.measuring.shapes import Figures, Kind, Lps, Measured
from viewer.measuring.slices import slices_of
from viewer.reading.out.measures import ATTENUATION, HU, LONG_AXIS, MEAN, MM, SHORT_AXIS
from viewer.reading.out.request import tracking_uid
from viewer.reading.report.drawings import NAMES

if TYPE_CHECKING:
    from viewer.dicom.reread.sr_drawn import DrawnSeen, PlaceSeen

MM2: Final = Code("mm2", "UCUM", "square millimeter")
DEGREE: Final = Code("deg", "UCUM", "degree")
LENGTH: Final = Code("410668003", "SCT", "Length")
ANGLE: Final = Code("1483009", "SCT", "Angle")
AREA: Final = Code("42798000", "SCT", "Area")
SD: Final = Code("386136009", "SCT", "Standard Deviation")
MINIMUM: Final = Code("255605001", "SCT", "Minimum")
MAXIMUM: Final = Code("56851009", "SCT", "Maximum")
MEDIAN: Final = Code("373099004", "SCT", "Median")

POINT, POLYLINE, POLYGON, ELLIPSE = "POINT", "POLYLINE", "POLYGON", "ELLIPSE"
SAME_PLACE_MM: Final = 0.005
"""Places are stored as 32-bit floating point numbers."""
SAME_LENGTH_MM: Final = 0.02
"""A length against the distance of the points that are stored beside it."""


def drawn(measured: Measured, words: str, series: Series, reading_id: str) -> SrDrawn:
    """The group of one drawing. words: the reader's own for it. series: the one it lies on."""
    shape, points = measured.shape, measured.shape.points_lps
    name = f"{NAMES[shape.kind]} {shape.number}"
    numbers, places = _figures(shape.kind, measured.figures.rounded, points)
    told = f"{name}: {words}" if words else name
    return SrDrawn(
        tracking_id=f"{name} ({shape.id})",
        tracking_uid=tracking_uid(reading_id, shape.id),
        numbers=numbers,
        places=places,
        region=_region(shape.kind, points),
        pointed=SrPlace(POLYLINE, points) if shape.kind is Kind.ARROW else None,
        slices=slices_of(shape, series.geometry) if series.geometry is not None else (),
        series=series if shape.series else None,
        comment=f"{told}. Drawn by a reader; research use only",
    )


def _region(kind: Kind, points: tuple[Lps, ...]) -> SrPlace | None:
    """Of an ellipse the longer axis comes first; an outline ends where it began (PS3.3 C.18.9)."""
    if kind is Kind.FREEHAND:
        return SrPlace(POLYGON, (*points, points[0]))
    if kind is not Kind.ELLIPSE:
        return None
    long = math.dist(points[0], points[1]) >= math.dist(points[2], points[3])
    return SrPlace(ELLIPSE, points if long else (*points[2:], *points[:2]))


def _figures(
    kind: Kind, figures: Figures, points: tuple[Lps, ...]
) -> tuple[tuple[SrNumber, ...], tuple[SrPlace | None, ...]]:
    """Every figure that there is, and the place it comes from."""
    line = SrPlace(POLYLINE, points)
    told: list[tuple[Code, Code, float | None, Code | None, SrPlace | None]]
    if kind is Kind.BIDIRECTIONAL:
        pairs = sorted((points[:2], points[2:]), key=lambda pair: -math.dist(*pair))
        told = [
            (LONG_AXIS, MM, figures.long_mm, None, SrPlace(POLYLINE, pairs[0])),
            (SHORT_AXIS, MM, figures.short_mm, None, SrPlace(POLYLINE, pairs[1])),
        ]
    elif kind is Kind.PROBE:
        told = [(ATTENUATION, HU, figures.mean_hu, None, SrPlace(POINT, points))]
    else:
        told = [
            (LENGTH, MM, figures.length_mm, None, line),
            (ANGLE, DEGREE, figures.angle_deg, None, line),
            (AREA, MM2, figures.area_mm2, None, None),
            (ATTENUATION, HU, figures.mean_hu, MEAN, None),
            (ATTENUATION, HU, figures.sd_hu, SD, None),
            (ATTENUATION, HU, figures.min_hu, MINIMUM, None),
            (ATTENUATION, HU, figures.max_hu, MAXIMUM, None),
            (ATTENUATION, HU, figures.median_hu, MEDIAN, None),
        ]
    kept = [row for row in told if row[2] is not None]
    numbers = tuple(SrNumber(c, unit, float(v or 0.0), how) for c, unit, v, how, _ in kept)
    return numbers, tuple(row[4] for row in kept)


def drawn_agreement(seen: tuple[DrawnSeen, ...], asked: SrContent) -> tuple[str, tuple[int, int]]:
    """What differs first, or nothing; and how many figures agree, of all that were asked."""
    there = {one.tracking_uid: one for one in seen}
    fault = "" if len(seen) == len(asked.drawn) else "its number of drawings is another one"
    agree = total = 0
    for here in asked.drawn:
        total += len(here.numbers)
        found = there.get(here.tracking_uid)
        if found is None:
            fault = fault or f"the group of {here.tracking_id} is missing"
            continue
        right = _agreeing(found, here)
        agree += right
        if right < len(here.numbers) or len(found.figures) != len(here.numbers):
            fault = fault or f"the group of {here.tracking_id} has other figures"
        fault = fault or _other(found, here, here.series or asked.series)
    return fault, (agree, total)


def _agreeing(there: DrawnSeen, here: SrDrawn) -> int:
    """How many figures stand there with concept, derivation, unit, value and place."""
    stored = {
        (figure.concept, figure.derivation, figure.unit): (figure.value, where)
        for figure, where in zip(there.figures, there.places, strict=True)
    }
    right = 0
    for figure, where in zip(here.numbers, here.places, strict=True):
        how = _pair(figure.derivation) if figure.derivation is not None else None
        value, place = stored.get((_pair(figure.concept), how, _pair(figure.unit)), (None, None))
        right += value == figure.value and (place is None or _same_place(place, where))
    return right


def _other(there: DrawnSeen, here: SrDrawn, series: Series) -> str:
    """What besides its figures is not as it was meant."""
    places = zip(
        (*there.places, there.region, there.pointed),
        (*here.places, here.region, here.pointed),
        strict=False,
    )
    frame = series.frame_of_reference
    for stored, mine in places:
        if (stored is None) != (mine is None):
            return f"the group of {here.tracking_id} lacks a place"
        if stored is not None and stored.frame_of_reference != frame:
            return f"a place of {here.tracking_id} is in another frame of reference"
    for stored, mine in ((there.region, here.region), (there.pointed, here.pointed)):
        if stored is not None and not _same_place(stored, mine):
            return f"the place of {here.tracking_id} lies elsewhere"
    for figure, where in zip(there.figures, there.places, strict=True):
        if where is not None and not _fits(figure.concept, figure.value, where):
            return f"a figure of {here.tracking_id} is not that of its points"
    asked = {series.slices[k].sop_instance_uid for k in here.slices}
    if {instance for instance, _ in there.sources} != asked:
        return f"the group of {here.tracking_id} names other images"
    if (there.tracking_id, there.comment) != (here.tracking_id, here.comment):
        return f"the group of {here.tracking_id} says something else"
    return ""


def _same_place(there: PlaceSeen, here: SrPlace | None) -> bool:
    if here is None or (there.kind, len(there.points_mm)) != (here.kind, len(here.points_mm)):
        return False
    pairs = zip(there.points_mm, here.points_mm, strict=True)
    return all(math.dist(one, other) < SAME_PLACE_MM for one, other in pairs)


def _fits(concept: tuple[str, str], value: float, where: PlaceSeen) -> bool:
    """A length is the distance of the points that are stored for it."""
    if where.kind != POLYLINE or len(where.points_mm) != 2 or concept == _pair(ANGLE):
        return True
    return abs(math.dist(*where.points_mm) - value) < SAME_LENGTH_MM


def _pair(code: Code) -> tuple[str, str]:
    return code.scheme, code.value
