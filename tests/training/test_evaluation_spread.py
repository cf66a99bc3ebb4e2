"""Intervals over patients where there are enough of them, and every scan by name where not."""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import astuple, replace
from pathlib import Path
from statistics import fmean

import numpy as np
import pytest

from ai.errors import BadInput
from ai.models.card import load_card
from ai.training.evaluation_page import evaluation_page
from ai.training.evaluation_spread import ENOUGH, spread
from ai.training.evaluation_strata import FEW, MANY, rows_of, strata_of
from ai.training.lungs_calibration import reliability
from ai.training.lungs_evaluate import Judged, Row
from viewer.cli import run

CARD = load_card("lungs-unet")


def row(scan: str, side: str, dice: float | None, **more: object) -> Row:
    plain = Row(
        scan, "as it is", CARD.id, side, dice, 2.0, 0.5, -0.01, None, False, 1.0, 10.0, "",
        scan, CARD.weights_sha256,
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


def cohort(patients: int) -> list[Row]:
    rng = np.random.default_rng(4)
    return [
        row(f"scan {n}", side, round(float(rng.uniform(0.9, 0.99)), 4))
        for n in range(patients)
        for side in ("right", "left")
    ]


def table(path: Path, rows: list[Row]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(Row.header())
        writer.writerows(one.cells() for one in rows)
    return path


def test_an_interval_holds_the_mean_and_narrows_with_more_patients() -> None:
    rng = np.random.default_rng(2)
    few, many = (
        spread([(str(n), float(v)) for n, v in enumerate(rng.normal(0, 1, size))], fmean)
        for size in (20, 500)
    )
    assert few is not None and many is not None
    assert few.low < few.value < few.high and many.low < many.value < many.high
    assert many.high - many.low < (few.high - few.low) / 2
    # of 500 draws with spread 1, the mean's own 95 % is about 0.088 to each side
    assert many.high - many.low == pytest.approx(2 * 1.96 / 500**0.5, rel=0.15)


def test_lungs_of_one_patient_are_no_independent_looks() -> None:
    rng = np.random.default_rng(3)
    each = [(str(n), float(v)) for n, v in enumerate(rng.normal(0, 1, 20))]
    once, tenfold = spread(each, fmean), spread(each * 10, fmean)
    assert once is not None and tenfold is not None
    assert tenfold.patients == 20 and tenfold.high - tenfold.low > 0.9 * (once.high - once.low)
    assert spread([("one", float(n)) for n in range(500)], fmean) is None


def test_the_same_measurements_give_the_same_interval_and_infinity_stays() -> None:
    each = [(str(n), float(n)) for n in range(ENOUGH)]
    assert spread(each, fmean) == spread(each, fmean)
    lost = spread([*each[1:], ("0", float("inf"))], fmean)
    assert lost is not None and lost.value == lost.high == float("inf")


def test_figures_are_told_in_words() -> None:
    found = spread([(str(n), 0.5) for n in range(ENOUGH)], fmean)
    assert found is not None
    assert found.told(2) == "0.50 (0.50 to 0.50)"
    assert found.told(0, 100, "+") == "+50 (+50 to +50)"


def page_of(rows: list[Row]) -> str:
    judged = [Judged((a, b)) for a, b in zip(rows[::2], rows[1::2], strict=True)]
    page = evaluation_page(judged, lambda _name: "1 x here, 0 x by the makers")
    return page[page.index("Summary") : page.index("Plots")]


def test_the_page_of_a_handful_of_scans_has_names_and_no_mean() -> None:
    page = page_of(cohort(3))
    assert "Too few patients for a mean with an interval (3, where 10" in page
    assert page.count("lungs-unet, scan ") == 3 and " to " not in page
    first, second = (one.dice for one in cohort(3)[:2])
    assert f"{first:.4f} / {second:.4f}" in page


def test_the_page_of_enough_patients_has_an_interval_behind_every_mean() -> None:
    page = page_of(cohort(ENOUGH))
    assert "bootstrap over patients" in page and "Scan by scan" not in page
    assert page.count(" to ") == 6  # failed, Dice, HD95, MSD, volume of each side


def test_calibration_is_told_scan_by_scan_or_with_its_interval() -> None:
    rng = np.random.default_rng(6)

    def calibrated(patients: int) -> str:
        judged = []
        for n in range(patients):
            chance = rng.uniform(0.01, 0.99, 2000).astype(np.float32)
            came = reliability(chance, rng.random(2000) < chance**1.5)
            judged.append(Judged((row(f"scan {n}", "right", 0.9),), reliability=came))
        page = evaluation_page(judged, lambda _name: "")
        return page[page.index("Calibration") : page.index("Every lung")]

    few, many = calibrated(2), calibrated(ENOUGH)
    assert "scan by scan scan 0 0." in few and ", scan 1 0." in few
    assert re.search(r"ECE 0\.\d{3} \(0\.\d{3} to 0\.\d{3}\)", many)


def test_the_strata_of_a_handful_are_told_by_name_with_how_often_each_was_scored() -> None:
    rows = [
        *cohort(2),
        row("known", "right", 0.999, trained=True),
        row("scan 0", "right", 0.8, stratum="effusion 0.1", inserted_inside=0.25),
        row("scan 0", "left", None, stratum="effusion 0.1", hd95_mm=None, fault="No lung."),
    ]
    told = tomllib.loads(strata_of(rows, CARD, lambda name: f"{len(name)} x"))
    assert told["patients"] == 2 and told["learnt_from_and_left_out"] == ["known"]
    assert told["how_often_scored"] == ["scan 0: 6 x", "scan 1: 6 x"] and told["how_told"] == FEW
    assert told["weights_sha256"] == CARD.weights_sha256
    assert set(told["strata"]["as it is"]) == {"scan 0", "scan 1"}
    stressed = told["strata"]["effusion 0.1"]["scan 0"]
    assert "Dice 0.800/–" in stressed and "pasted voxels inside 0.25/–" in stressed
    assert stressed.endswith("No lung.")


def test_the_strata_of_many_are_told_with_intervals() -> None:
    told = tomllib.loads(strata_of(cohort(ENOUGH), CARD, lambda _name: ""))
    assert told["how_told"] == MANY
    assert told["strata"]["as it is"]["Dice"].endswith(f"), {ENOUGH} patients")


def test_a_table_of_other_weights_tells_nothing_of_this_card() -> None:
    other = [replace(one, weights="0" * 64) for one in cohort(2)]
    with pytest.raises(BadInput, match="other weights"):
        strata_of(other, CARD, str)
    with pytest.raises(BadInput, match="no row"):
        strata_of(cohort(2), load_card("lungs-classical"), str)


def test_a_table_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    rows = [*cohort(2), row("x", "left", None, hd95_mm=float("inf"), peak_mb=None, fault="No.")]
    assert [astuple(r) for r in rows_of(table(tmp_path / "t.csv", rows))] == [
        astuple(r) for r in rows
    ]
    old = tmp_path / "old.csv"
    text = table(tmp_path / "t.csv", cohort(1)).read_text(encoding="utf-8")
    old.write_text("\n".join(line.rpartition(",")[0] for line in text.splitlines()))
    assert rows_of(old) == tuple(cohort(1))  # written before the last column was there
    (tmp_path / "bad.csv").write_text("scan,dice\na,b\n")
    with pytest.raises(BadInput, match="no table"):
        rows_of(tmp_path / "bad.csv")


def test_the_command_writes_a_file_for_each_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HILUM_HOME", str(tmp_path / "home"))
    made = table(tmp_path / "t.csv", cohort(2))
    words = ["evaluate", "strata", "--data", str(made)]
    assert run([*words, "--out", str(tmp_path / "out")]) == 0
    told = tomllib.loads((tmp_path / "out" / "lungs-unet.strata.toml").read_text("utf-8"))
    assert told["how_often_scored"][0] == "scan 0: 0 x"
    assert run(words) == 1 and "--out DIR" in capsys.readouterr().err
