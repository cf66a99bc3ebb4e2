"""Every row of the bench runs on tiny inputs and says what it measured; no time is asserted."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCH = Path(__file__).resolve().parents[2] / "packaging" / "bench"
# At the end: nothing in there may ever win over a library.
sys.path.append(str(BENCH))

import bench_measure  # noqa: E402
import bench_table  # noqa: E402
import run  # noqa: E402


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(BENCH / "run.py"), *words],
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.mark.parametrize("row", sorted(run.ROWS))
def test_a_row_measures_tiny_inputs_and_writes_what_it_prints(row: str, work: Path) -> None:
    out = work / f"{row}.json"
    done = bench(row, "--tiny", "--times", "1", "--work", str(work), "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["failed"] == [] and told["machine"]["cores"] >= 1
    if row == "gpu" and not told["figures"]:
        assert "no GPU here" in done.stdout
        return
    assert told["figures"] and {figure["row"] for figure in told["figures"]} == {row}
    for figure in told["figures"]:
        assert figure["what"] in done.stdout
        assert math.isfinite(figure["value"]) and figure["value"] >= 0
        assert figure["limit"] is not None or figure["peer"]
        assert (figure["ratio"] is not None) == bool(figure["peer"])


def test_the_gpus_row_tells_every_step_and_whether_its_labels_are_the_cpus(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """torch's CPU device plays the GPU."""
    torch = pytest.importorskip("torch")
    import bench_gpu
    from bench_scans import Setting

    from ai.lungs import held, pen

    for room in (held, pen):
        monkeypatch.setattr(room, "is_gpu", lambda device: True)
    whole, other, unlike = bench_gpu.on(torch.device("cpu"), Setting(work, 2, True))
    assert whole.limit == 1.0 and whole.value > 0
    assert other.value == 0 and unlike.value == 0 and other.within and unlike.within
    spent = dict(part.split(" ") for part in whole.note.split("ms: ")[1].split(";")[0].split(", "))
    assert list(spent) == list(bench_gpu.NAMES.values())
    assert sum(map(int, spent.values())) == pytest.approx(1000 * whole.value, rel=0.3)
    for step in ("upright", "body", "asking", "closing", "border"):
        assert int(spent[step]) > 0, step


def test_a_row_that_does_not_exist_is_named_beside_those_that_do() -> None:
    done = bench("speed")
    assert done.returncode == 2
    assert "no such row: speed" in done.stderr and "panes" in done.stderr


def test_a_row_that_dies_is_said_and_the_others_are_still_measured(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(name: str, *_: object) -> list[dict[str, object]]:
        if name == "start":
            raise RuntimeError("the window did not come")
        return [{**bench_measure.Figure(name, "what", 1.0, "s").as_json(), "load": 0.5}]

    monkeypatch.setattr(run, "_measure", measure)
    monkeypatch.setattr(sys, "path", list(sys.path))
    out = work / "dies.json"
    assert run.main(["start", "modules", "--out", str(out)]) == 1
    told = json.loads(out.read_text(encoding="utf-8"))
    assert told["failed"] == ["start"] and [one["row"] for one in told["figures"]] == ["modules"]
    said = capsys.readouterr().out
    assert "could not be measured: the window did not come" in said
    assert "NOT MEASURED" in said and "1 figures: 0 ok, 0 OVER" in said


def test_the_table_has_a_line_for_each_figure_with_limit_verdict_and_load() -> None:
    def figure(**more: Any) -> dict[str, Any]:
        return {**bench_measure.Figure("panes", "wheel", 12.34, "ms", **more).as_json(), "load": 2}

    held = figure(limit=16.0, limits_value=True)
    over = figure(peer="numpy", peer_value=4.0, ratio=3.0, limit=2.0)
    lines = bench_table.table([held, over, figure()], ["start"]).splitlines()
    cells = [re.split(r"  +", line) for line in lines]
    assert cells[0] == ["row", "figure", "value", "limit", "verdict", "load"]
    assert cells[2] == ["panes", "wheel", "12.3 ms", "16 ms", "ok", "2.0"]
    assert cells[3] == ["panes", "wheel", "12.3 ms = 3.00 x", "2 x", "OVER", "2.0"]
    assert cells[4] == ["panes", "wheel", "12.3 ms", "-", "2.0"]
    assert cells[5] == ["start", "NOT MEASURED"]
    assert lines[-1] == "3 figures: 1 ok, 1 OVER"


def test_pairs_swap_who_goes_first_and_give_the_median_of_their_ratios() -> None:
    order: list[str] = []
    times = iter([2.0, 4.0, 10.0])

    def ours() -> float:
        order.append("ours")
        return next(times)

    def peer() -> float:
        order.append("peer")
        return 2.0

    pairs = bench_measure.in_pairs(ours, peer, 3)
    assert order == ["ours", "peer", "peer", "ours", "ours", "peer"]
    assert (pairs.ours_s, pairs.peer_s, pairs.ratio) == (4.0, 2.0, 2.0)


@pytest.mark.parametrize(
    ("value", "ratio", "limits_value", "within"),
    [(3.0, 1.5, False, True), (3.0, 2.5, False, False), (3.0, 9.0, True, False),
     (1.0, 9.0, True, True), (1.0, None, False, None)],
)  # fmt: skip
def test_a_limit_holds_the_ratio_or_the_value_as_it_says(
    value: float, ratio: float | None, limits_value: bool, within: bool | None
) -> None:
    figure = bench_measure.Figure(
        "row", "what", value, "s", "peer", 2.0, ratio, 2.0, limits_value=limits_value
    )
    assert figure.within is within


def test_the_95th_percentile_is_a_value_that_was_measured() -> None:
    assert bench_measure.percentile(list(range(100)), 0.95) == 95
    assert bench_measure.percentile([7.0], 0.95) == 7.0
