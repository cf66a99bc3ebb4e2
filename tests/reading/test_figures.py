"""figures.csv: every figure, its unit in its head, and read back by other code."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest

from tests.dicom.seg_scan import Grid, write_scan
from tests.reading.test_export_outputs import a_reading
from viewer.reading.out.figures import COLUMNS, figures_csv, finding_figures_of
from viewer.reading.out.figures_reread import reread_figures
from viewer.reading.report.content import ReportContent, report_content


@pytest.fixture
def content(tmp_path: Path) -> ReportContent:
    scan = write_scan(tmp_path / "ct", Grid())
    return report_content(scan, a_reading(scan))


def test_there_is_a_row_for_each_lung_and_each_finding_whatever_its_state(
    content: ReportContent,
) -> None:
    rows = list(csv.DictReader(StringIO(figures_csv(content))))
    assert [(row["what"], row["state"]) for row in rows] == [
        ("lung", ""),
        ("lung", ""),
        ("finding", "accepted"),
        ("finding", "rejected"),
        ("finding", "proposed"),
        ("finding", "held"),
    ]
    assert rows[0]["volume_ml"] == "2500.2" and rows[0]["volume_mm3"] == ""
    assert (rows[2]["series"], rows[2]["image"], rows[2]["long_axis_mm"]) == ("3", "6", "9.0")
    assert rows[2]["answered_by"] == "rule"


def test_every_column_of_figures_says_its_unit() -> None:
    plain = {"series", "image", "chance", "voxels"}
    words = {"what", "name", "id", "state", "answered_by", "zone", "type", "model"}
    words |= {"label", "reason", "scan", "density_note", "origin"}
    rest = set(COLUMNS) - plain - words - {"tracking_uid", "use"}
    units = ("_mm", "_mm2", "_mm3", "_ml", "_hu", "_deg", "_percent")
    assert all(name.endswith(units) for name in rest)


def test_what_is_read_back_is_what_was_written(content: ReportContent, tmp_path: Path) -> None:
    path = tmp_path / "figures.csv"
    path.write_text(figures_csv(content), encoding="utf-8", newline="")
    seen = reread_figures(path)
    line = content.findings[0]
    figures = seen[line.tracking_uid]
    assert figures["volume_mm3"] == line.volume_mm3
    assert (figures["centre_x_mm"], figures["centre_z_mm"]) == line.centre_mm[::2]
    assert seen[content.lungs[1].tracking_uid] == {"volume_ml": 2200.0, "mean_hu": -815.0}


def test_percentiles_say_that_they_are_of_the_core(content: ReportContent) -> None:
    row = list(csv.DictReader(StringIO(figures_csv(content))))[2]
    line = content.findings[0]
    assert (float(row["core_p10_hu"]), float(row["core_p90_hu"])) == (line.p10_hu, line.p90_hu)
    assert not {"p10_hu", "p90_hu"} & set(COLUMNS)


def test_a_readers_words_and_reasons_are_no_numbers(content: ReportContent, tmp_path: Path) -> None:
    told = replace(content.findings[0], label="like a star", reason="vessel")
    path = tmp_path / "figures.csv"
    path.write_text(figures_csv(replace(content, findings=(told,))), "utf-8", newline="")
    assert set(reread_figures(path)[told.tracking_uid]) == set(finding_figures_of(told))


def test_words_that_hold_commas_or_quotes_stay_in_their_column(
    content: ReportContent, tmp_path: Path
) -> None:
    odd = replace(content.findings[0], name='RUZ 1, "large"\n结节')
    path = tmp_path / "figures.csv"
    path.write_text(figures_csv(replace(content, findings=(odd,))), "utf-8", newline="")
    assert reread_figures(path)[odd.tracking_uid]["long_axis_mm"] == odd.long_mm


@pytest.mark.parametrize("spoil", ["number", "twice"])
def test_a_table_that_is_not_whole_is_noticed(
    content: ReportContent, tmp_path: Path, spoil: str
) -> None:
    text = figures_csv(content)
    if spoil == "number":
        text = text.replace("2500.2", "many")
    else:
        text += text.splitlines()[1] + "\r\n"
    path = tmp_path / "figures.csv"
    path.write_text(text, encoding="utf-8", newline="")
    with pytest.raises(ValueError):
        reread_figures(path)
