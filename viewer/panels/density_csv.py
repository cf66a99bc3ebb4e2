"""The densities of the lungs as a table for a spreadsheet: a row for each lung, and for both."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Final

from ai.scan.labelmap import LUNGS, MadeBy, SegmentFigures
from viewer.reading.report.density import DensityUse, whole

COLUMNS: Final = (
    "lung",
    "volume_ml",
    "mean_hu",
    "median_hu",
    "sd_hu",
    "p15_hu",
    "laa950_percent",
    "haa_percent",
    "density_note",
    "model",
    "use",
)
"""laa950: below -950 HU. haa: from -600 to -250 HU. What is not told is empty."""
USE: Final = "research only"


def density_csv(figures: Sequence[SegmentFigures], use: DensityUse, made_by: MadeBy | None) -> str:
    """The panel's table with its doubts and the model; nothing of the patient. RFC 4180 lines."""
    by_number = {row.number: row for row in figures}
    named = [(lung.label, by_number.get(lung.number)) for lung in LUNGS]
    stream = StringIO()
    rows = csv.DictWriter(stream, COLUMNS, restval="")
    rows.writeheader()
    for name, found in (*named, ("Both lungs", whole(figures))):
        if found is None:
            continue
        rows.writerow(
            {
                "lung": name,
                **_figures(found, use),
                "density_note": use.sentence,
                "model": f"{made_by.name} {made_by.version}".strip() if made_by else "",
                "use": USE,
            }
        )
    return stream.getvalue()


def _figures(found: SegmentFigures, use: DensityUse) -> dict[str, object]:
    told: dict[str, object] = {
        "volume_ml": round(found.volume_ml, 1),
        "mean_hu": round(found.mean_hu, 1),
    }
    density = found.density
    if density is None:
        return told
    told["median_hu"], told["sd_hu"] = density.median_hu, round(density.sd_hu, 1)
    told["haa_percent"] = round(100 * density.high, 1)
    if use.given:
        told["p15_hu"] = density.p15_hu
        told["laa950_percent"] = round(100 * density.below_950, 1)
    return told
