"""figures.csv: every figure of a reading, a row for each lung, finding and drawing."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from io import StringIO
from typing import Final

from viewer.reading.labels import NODULE
from viewer.reading.report.content import FindingLine, LungLine, ReportContent
from viewer.reading.report.drawings import MeasurementLine, measurement_figures_of

COLUMNS: Final = (
    "what",
    "name",
    "id",
    "state",
    "origin",
    "answered_by",
    "zone",
    "type",
    "label",
    "reason",
    "scan",
    "series",
    "image",
    "centre_x_mm",
    "centre_y_mm",
    "centre_z_mm",
    "long_axis_mm",
    "short_axis_mm",
    "mean_diameter_mm",
    "volume_mm3",
    "volume_ml",
    "mean_hu",
    "p15_hu",
    "laa950_percent",
    "density_note",
    "core_p10_hu",
    "core_p90_hu",
    "length_mm",
    "angle_deg",
    "area_mm2",
    "voxels",
    "sd_hu",
    "min_hu",
    "max_hu",
    "median_hu",
    "chance",
    "model",
    "tracking_uid",
    "use",
)
"""Centres in patient coordinates (LPS). A field that does not apply is empty. scan: which
one was measured, where that is not the one that is read. state: `taken over` of what came in a
file and was judged by nobody since. origin: of all that came in one, which file, and whose.

p15_hu, laa950_percent: of a lung, the 15th percentile of its voxels and the share below -950 HU;
empty where slices or kernel do not allow it, and density_note says why, or what to mind.
mean_hu is of every voxel of the mask. core_p10_hu and core_p90_hu, from which the type is read, are
of the mask without its edge in each slice (of its brighter half, where that leaves too little).
chance: of what a search found; empty of a reader's own marks and of what came in a file.
"""
USE: Final = "research only"


def figures_csv(content: ReportContent) -> str:
    """The whole table; lines end as RFC 4180 has them."""
    stream = StringIO()
    rows = csv.DictWriter(stream, COLUMNS, restval="")
    rows.writeheader()
    for lung in content.lungs:
        rows.writerow(_lung(lung))
    for line in content.findings:
        rows.writerow(_finding(line))
    for drawn in content.measurements:
        rows.writerow(_measurement(drawn))
    return stream.getvalue()


def lung_figures_of(lung: LungLine) -> Mapping[str, float]:
    """Column to figure, of one lung."""
    told = {"volume_ml": lung.volume_ml, "mean_hu": lung.mean_hu}
    if lung.p15_hu is not None and lung.laa950_percent is not None:
        told |= {"p15_hu": lung.p15_hu, "laa950_percent": lung.laa950_percent}
    return told


def finding_figures_of(line: FindingLine) -> Mapping[str, float]:
    """Column to figure, of one finding."""
    x, y, z = line.centre_mm
    told = {
        "series": line.series,
        "image": line.image,
        "centre_x_mm": x,
        "centre_y_mm": y,
        "centre_z_mm": z,
        "long_axis_mm": line.long_mm,
        "short_axis_mm": line.short_mm,
        "mean_diameter_mm": line.mean_diameter_mm,
        "volume_mm3": line.volume_mm3,
        "mean_hu": line.mean_hu,
        "core_p10_hu": line.p10_hu,
        "core_p90_hu": line.p90_hu,
    }
    return told if line.chance is None else told | {"chance": line.chance}


def _lung(lung: LungLine) -> dict[str, object]:
    return {
        "what": "lung",
        "name": lung.label,
        **lung_figures_of(lung),
        "density_note": lung.density_note,
        "model": lung.made_by,
        "tracking_uid": lung.tracking_uid,
        "use": USE,
    }


def _finding(line: FindingLine) -> dict[str, object]:
    return {
        "what": "finding",
        "name": line.name,
        "id": line.id,
        "state": line.told_state,
        "origin": line.origin,
        "answered_by": line.by,
        "zone": line.zone,
        "type": line.type if line.kind == NODULE else line.kind,
        "label": line.label,
        "reason": line.reason,
        **finding_figures_of(line),
        "model": line.made_by,
        "tracking_uid": line.tracking_uid,
        "use": USE,
    }


def _measurement(line: MeasurementLine) -> dict[str, object]:
    return {
        "what": "measurement",
        "name": line.title,
        "id": line.id,
        "answered_by": "reader",
        "type": line.kind,
        "scan": line.scan_words,
        **measurement_figures_of(line),
        "tracking_uid": line.tracking_uid,
        "use": USE,
    }
