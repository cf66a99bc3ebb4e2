"""When densities may be read as emphysema, and when the reader is told why not."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from ai.scan.density import counted, density_of
from ai.scan.labelmap import SegmentFigures
from tests.fakes import chest
from viewer.dicom.series import Series
from viewer.reading.events import SegmentsAdded
from viewer.reading.lung_events import LungsCompared, ScanJudged
from viewer.reading.out.figures import figures_csv, lung_figures_of
from viewer.reading.out.figures_reread import reread_figures
from viewer.reading.out.outputs import findings_json
from viewer.reading.reading import Reading, Row, apply
from viewer.reading.report.content import report_content
from viewer.reading.report.density import density_use, whole
from viewer.reading.report.how_read import how_read
from viewer.reading.report.html import report_html
from viewer.reading.report.text import report_text


@pytest.mark.parametrize(
    ("thickness_mm", "kernel", "given", "words"),
    [
        (1.0, "STANDARD", True, ""),
        (1.25, "B30f", True, ""),
        (2.5, "STANDARD", True, "2.5 mm thick"),
        (5.0, "STANDARD", False, "slices of 5 mm"),
        (1.0, "B70f", False, "sharp kernel B70f"),
        (1.0, "", True, "kernel is not known"),
        (None, "STANDARD", True, "2 mm thick"),
    ],
)
def test_slices_and_kernel_decide_what_is_told(
    thickness_mm: float | None, kernel: str, given: bool, words: str
) -> None:
    use = density_use(replace(chest(), thickness_mm=thickness_mm, kernel=kernel))
    assert use.given is given and words in use.sentence and bool(use.why) is bool(words)


def test_both_lungs_together_are_counted_voxel_by_voxel() -> None:
    right, left = np.array([-960] * 30 + [-900] * 10), np.array([-800] * 60)
    rows = [
        SegmentFigures(n, len(hu) / 10, float(hu.mean()), density_of(counted(hu)))
        for n, hu in ((1, right), (2, left))
    ]
    both = whole(rows)
    assert both is not None and both.density is not None
    assert both.mean_hu == pytest.approx(np.concatenate([right, left]).mean())
    assert both.density.below_950 == 0.3


def test_a_lung_that_was_never_counted_leaves_both_without_density() -> None:
    rows = [SegmentFigures(1, 10.0, -800.0), SegmentFigures(2, 10.0, -820.0)]
    both = whole(rows)
    assert both is not None and both.density is None
    assert whole([]) is None


def with_lungs(thickness_mm: float = 1.0) -> tuple[Series, Reading]:
    """A reading whose right lung is a quarter below -950 HU."""
    series = replace(chest(), thickness_mm=thickness_mm, kernel="STANDARD")
    density = density_of(counted(np.array([-960, -900, -880, -860])))
    figures = tuple(SegmentFigures(n, 1900.0, -900.0, density) for n in (1, 2))
    return series, apply(Reading("r"), Row(1, "", SegmentsAdded(None, figures)))


def test_densities_go_into_table_report_and_json() -> None:
    content = report_content(*with_lungs())
    rows = list(csv.DictReader(StringIO(figures_csv(content))))
    assert [(row["p15_hu"], row["laa950_percent"], row["density_note"]) for row in rows] == [
        ("-960.0", "25.0", "")
    ] * 2
    assert "15th percentile −960 HU, LAA-950 25.0 %" in report_text(content)
    assert re.search("<td class=n>(<a [^>]*>)?25.0 %(</a>)?</td>", report_html(content))
    told = json.loads(findings_json(content))["lungs"]["right"]
    assert told["laa950_percent"] == 25.0 and told["p15_hu"] == -960


def test_densities_that_mean_nothing_are_left_out_with_the_reason() -> None:
    content = report_content(*with_lungs(thickness_mm=5.0))
    rows = list(csv.DictReader(StringIO(figures_csv(content))))
    assert {(row["p15_hu"], row["laa950_percent"]) for row in rows} == {("", "")}
    assert all("slices of 5 mm" in row["density_note"] for row in rows)
    text = report_text(content)
    assert "LAA-950 25" not in text and text.count("slices of 5 mm average") == 1


def test_the_written_densities_are_read_back(tmp_path: Path) -> None:
    content = report_content(*with_lungs())
    path = tmp_path / "figures.csv"
    path.write_text(figures_csv(content), encoding="utf-8", newline="")
    seen = reread_figures(path)
    for lung in content.lungs:
        assert seen[lung.tracking_uid] == lung_figures_of(lung)


def test_a_comparison_stands_in_how_it_was_read() -> None:
    _, reading = with_lungs()
    assert not how_read(reading)
    told = LungsCompared(1, "lungs-unet", "1.0", (0.97, -1.0))
    (sentence,) = how_read(apply(reading, Row(2, "", told)))
    assert "lungs-unet 1.0: Dice right 0.970, left –; places to check: 0" in sentence


def test_what_is_odd_about_lungs_goes_out_with_their_figures_and_once() -> None:
    """A share below -950 HU of a lung that holds a stomach's gas goes nowhere without that word."""
    gas = "Left lung holds at least 35 ml of plain gas low down: stomach, bowel, a bulla?"
    _, reading = with_lungs()
    odd = replace(reading, lung_warnings=(gas,))
    assert how_read(odd) == (gas,)
    doubted = replace(odd, fit=ScanJudged("amber", (gas,)))
    assert sum(gas in one for one in how_read(doubted)) == 1
