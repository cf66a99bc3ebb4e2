"""The table of densities: what is not told is empty, and why stands beside it."""

from __future__ import annotations

import csv
from io import StringIO

import numpy as np
import pytest

from ai.scan.density import counted, density_of
from ai.scan.labelmap import SegmentFigures
from viewer.panels.density_csv import density_csv
from viewer.reading.report.density import DensityUse

RIGHT = SegmentFigures(1, 10.0, -800.0, density_of(counted(np.array([-960, -900, -800, -300]))))
LEFT = SegmentFigures(2, 30.0, -700.0, density_of(counted(np.array([-900, -700]))))


def rows(*figures: SegmentFigures, use: DensityUse) -> dict[str, dict[str, str]]:
    table = csv.DictReader(StringIO(density_csv(figures, use, None)))
    return {row["lung"]: row for row in table}


def test_each_lung_and_both_have_their_figures() -> None:
    told = rows(RIGHT, LEFT, use=DensityUse(True))
    assert told["Right lung"]["median_hu"] == "-900"
    assert told["Right lung"]["laa950_percent"] == "25.0"
    assert told["Right lung"]["haa_percent"] == "25.0"
    assert told["Left lung"]["sd_hu"] == "100.0"
    assert float(told["Both lungs"]["mean_hu"]) == pytest.approx(-725)
    assert told["Both lungs"]["laa950_percent"] == "16.7"


def test_a_figure_that_slices_or_kernel_falsify_is_left_out_and_the_reason_told() -> None:
    told = rows(RIGHT, LEFT, use=DensityUse(False, ("Slices of 5 mm.",)))["Right lung"]
    assert told["laa950_percent"] == told["p15_hu"] == ""
    assert told["median_hu"] == "-900" and told["density_note"] == "Slices of 5 mm."


def test_lungs_that_were_counted_without_densities_keep_volume_and_mean() -> None:
    told = rows(SegmentFigures(1, 10.0, -800.0), LEFT, use=DensityUse(True))
    assert told["Right lung"]["volume_ml"] == "10.0" and told["Right lung"]["sd_hu"] == ""
    assert told["Both lungs"]["median_hu"] == ""
