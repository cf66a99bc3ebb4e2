"""What a reader drew, as one line of a report: names, figures, where it is seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from viewer.dicom.series import Series
from viewer.measuring.shapes import Figures, Kind, Measured
from viewer.measuring.slices import slices_of
from viewer.reading.out.request import tracking_uid
from viewer.reading.reading import Reading
from viewer.reading.same_patient import days_before, same_patient

NAMES: Final = {
    Kind.LENGTH: "Length",
    Kind.BIDIRECTIONAL: "Two axes",
    Kind.ANGLE: "Angle",
    Kind.ELLIPSE: "Oval",
    Kind.FREEHAND: "Outline",
    Kind.PROBE: "Point",
    Kind.ARROW: "Arrow",
}


PRIOR, LATER, OTHER_STUDY, SAME_STUDY, UNKNOWN = SCANS = (
    "prior", "later", "other study", "another series of the study", "another series",
)  # fmt: skip
"""Scans that a drawing may lie on, beside the one that is read; UNKNOWN is not at hand."""


@dataclass(frozen=True)
class MeasurementLine:
    """A drawing with its figures, rounded. name: 'Length 1'; words: the reader's own, or empty.

    image: the number of the image that holds all of it, 0 where it lies across images.
    centre_mm: LPS. scan: which it lies on, nothing for the one that is read, else one of SCANS;
    days: between the two. series_uid: of the series it lies on; empty where that is not at hand.
    """

    id: str
    name: str
    kind: str
    number: int
    words: str
    series: int
    image: int
    centre_mm: tuple[float, float, float]
    figures: Figures
    tracking_uid: str
    scan: str = ""
    days: int = 0
    series_uid: str = ""

    @property
    def scan_words(self) -> str:
        """'prior, 400 days', in English, for tables."""
        return f"{self.scan}, {self.days} days" if self.days else self.scan

    @property
    def title(self) -> str:
        """As the reader calls it."""
        return self.words or self.name


def measurement_lines(
    series: Series,
    reading: Reading,
    words_of: Callable[[str], str],
    others: Mapping[str, Series] | None = None,
) -> tuple[MeasurementLine, ...]:
    """Everything that was drawn, in the order in which it was drawn.

    words_of: the reader's words behind a key. others: other series that were drawn on, by key.
    """
    return tuple(
        _line(one, words_of(one.shape.label), series, reading, others or {})
        for one in reading.measurements
    )


def scan_of(first: Series, other: Series | None) -> tuple[str, int]:
    """Which scan another series is, as one of SCANS, and how many days lie between the two."""
    if other is None:
        return UNKNOWN, 0
    if other.study_uid == first.study_uid:
        return SAME_STUDY, 0
    days = days_before(other.study_date, first.study_date) or 0
    if not days or not same_patient(first.patient, other.patient):
        return OTHER_STUDY, 0
    return (PRIOR if days > 0 else LATER), abs(days)


def measurement_figures_of(line: MeasurementLine) -> Mapping[str, float]:
    """Column of figures.csv to figure, of one drawing; those that it has."""
    x, y, z = line.centre_mm
    figures = line.figures
    told = {
        "series": line.series or None,
        "image": line.image or None,
        "centre_x_mm": x,
        "centre_y_mm": y,
        "centre_z_mm": z,
        "long_axis_mm": figures.long_mm,
        "short_axis_mm": figures.short_mm,
        "length_mm": figures.length_mm,
        "angle_deg": figures.angle_deg,
        "area_mm2": figures.area_mm2,
        "voxels": figures.voxels,
        "mean_hu": figures.mean_hu,
        "sd_hu": figures.sd_hu,
        "min_hu": figures.min_hu,
        "max_hu": figures.max_hu,
        "median_hu": figures.median_hu,
    }
    return {column: value for column, value in told.items() if value is not None}


def _line(
    measured: Measured,
    words: str,
    first: Series,
    reading: Reading,
    others: Mapping[str, Series],
) -> MeasurementLine:
    shape = measured.shape
    series = others.get(shape.series) if shape.series else first
    scan, days = scan_of(first, series) if shape.series else ("", 0)
    geometry = series.geometry if series is not None else None
    slices = slices_of(shape, geometry) if geometry is not None else ()
    x, y, z = (round(float(mm), 2) + 0.0 for mm in shape.middle_lps)
    return MeasurementLine(
        id=shape.id,
        name=f"{NAMES[shape.kind]} {shape.number}",
        kind=shape.kind.value,
        number=shape.number,
        words=words,
        series=series.number if series is not None else 0,
        image=series.image_number(slices[0]) if series is not None and len(slices) == 1 else 0,
        centre_mm=(x, y, z),
        figures=measured.figures.rounded,
        tracking_uid=tracking_uid(reading.id, shape.id),
        scan=scan,
        days=days,
        series_uid=series.uid if series is not None else "",
    )
