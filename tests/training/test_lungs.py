"""The lung network's training: it learns, it goes on exactly where it was killed, it says no."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ai.errors import BadInput  # noqa: E402
from ai.models.networks import UNet3d, build  # noqa: E402
from ai.models.weights import read_weights  # noqa: E402
from ai.training import lungs as page  # noqa: E402
from ai.training.lungs import Outcome, train  # noqa: E402
from ai.training.lungs_run import CHECKPOINT, loss_of  # noqa: E402
from ai.training.lungs_settings import Settings, settings_from  # noqa: E402
from tests.training.conftest import ball  # noqa: E402

CPU = torch.device("cpu")
SMALL = Settings(
    steps=6,
    batch=1,
    patch=(16, 16, 32),
    channels=(2, 4),
    rate=1e-2,
    average=0.5,
    watched=2,
    watch_every=3,
    keep_every=2,
    precision="fp32",
)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def run(out: Path, settings: Settings = SMALL, **more: object) -> Outcome:
    say = more.pop("say", lambda line: None)
    return train(
        [ball("a"), ball("p", synthetic=True)],
        [ball("b")],
        out,
        settings,
        device=CPU,
        say=say,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


class Killed(Exception):
    """What a killed run looks like from inside a test."""


def test_training_writes_weights_that_build_the_network_and_tell_how(tmp_path: Path) -> None:
    outcome = run(tmp_path)
    weights = read_weights(outcome.weights, sha256=outcome.sha256)
    assert build(weights).channels == SMALL.channels
    assert settings_from(weights.about["settings"]) == SMALL
    assert settings_from((tmp_path / "settings.json").read_text()) == SMALL
    assert (outcome.steps, read_weights(outcome.last).about["step"]) == (6, "6")
    with (tmp_path / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["3", "6"]


def test_training_learns(tmp_path: Path) -> None:
    told: list[str] = []
    settings = replace(SMALL, steps=40, watch_every=10, channels=(4, 8), average=0.8)
    run(tmp_path, settings, say=told.append)
    losses = [float(line.split("loss ")[1].split()[0]) for line in told]
    assert losses[-1] < 0.85 * losses[0]


def test_a_network_of_slices_learns_on_the_same_page_and_goes_on_after_a_kill(
    tmp_path: Path,
) -> None:
    settings = replace(SMALL, neighbours=2)
    whole = run(tmp_path / "whole", settings)
    assert build(read_weights(whole.weights)).neighbours == 2
    run(tmp_path / "parts", settings, minutes=0)
    again = run(tmp_path / "parts", settings, go_on=True)
    assert again.sha256 == whole.sha256
    told: list[str] = []
    longer = replace(settings, steps=40, watch_every=10, channels=(4, 8), average=0.8)
    run(tmp_path / "longer", longer, say=told.append)
    losses = [float(line.split("loss ")[1].split()[0]) for line in told]
    assert losses[-1] < 0.85 * losses[0]


def test_a_network_of_slices_lends_nothing_to_one_of_blocks(tmp_path: Path) -> None:
    """Their norms have the same shapes; without one filter that fits they are no relations."""
    flat = UNet3d(SMALL.channels, labels=3, neighbours=2).state_dict()
    with pytest.raises(BadInput, match="Nothing of the network"):
        run(tmp_path, start_from=flat)


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(tmp_path: Path) -> None:
    once, again = (run(tmp_path / name) for name in ("once", "again"))
    other = run(tmp_path / "other", replace(SMALL, seed=2))
    assert once.sha256 == again.sha256
    assert read_weights(once.weights).sha256 != read_weights(other.weights).sha256


def test_a_killed_run_goes_on_to_the_very_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run(tmp_path / "whole")
    draw = page._draw

    def killed_at_5(real: list, phantoms: list, step: int, n: int, settings: Settings) -> object:
        if step == 5:
            raise Killed
        return draw(real, phantoms, step, n, settings)

    monkeypatch.setattr(page, "_draw", killed_at_5)
    with pytest.raises(Killed):
        run(tmp_path / "killed")
    monkeypatch.setattr(page, "_draw", draw)
    again = run(tmp_path / "killed", go_on=True)
    assert again.sha256 == whole.sha256
    assert read_weights(again.last).sha256 == read_weights(whole.last).sha256
    logs = [(tmp_path / name / "log.csv").read_text().splitlines() for name in ("whole", "killed")]
    said = [[line.rsplit(",", 1)[0] for line in log] for log in logs]  # but for the seconds
    assert said[0] == said[1]


def test_a_run_whose_time_is_up_goes_on_to_the_very_same_weights(tmp_path: Path) -> None:
    whole = run(tmp_path / "whole")
    first = run(tmp_path / "parts", minutes=0)
    assert (first.steps, first.whole) == (1, False)
    second = run(tmp_path / "parts", go_on=True)
    assert second.whole and second.sha256 == whole.sha256


def test_a_checkpoint_comes_by_the_clock_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "KEEP_S", 0.0)
    kept: list[int] = []
    monkeypatch.setattr(page.Run, "keep", lambda self, folder: kept.append(self.step))
    run(tmp_path, replace(SMALL, keep_every=100))
    assert kept == [1, 2, 3, 4, 5, 6]


def test_three_steps_show_which_precision_is_taken_and_the_weights_say_so(tmp_path: Path) -> None:
    told: list[str] = []
    outcome = run(tmp_path, replace(SMALL, precision="trial"), say=told.append)
    assert sum(line.startswith("trial step") for line in told) == 4
    assert read_weights(outcome.weights).about["precision"] in ("fp32", "bf16")
    named = run(tmp_path / "named", replace(SMALL, precision="bf16"))
    assert read_weights(named.weights).about["precision"] == "bf16"


def test_what_lies_far_from_the_output_learns_least(tmp_path: Path) -> None:
    first = run(tmp_path / "first")
    start = build(read_weights(first.weights)).state_dict()
    settings = replace(SMALL, stage_rate=0.1, encoder_rate=0.5, average=0.0, decay=0.0)
    second = run(tmp_path / "second", settings, start_from=start)
    before, after = read_weights(first.weights).tensors, read_weights(second.last).tensors
    far, near = (
        float(np.abs(after[name] - before[name]).max())
        for name in ("encoder.0.0.weight", "head.weight")
    )
    assert 0 < far < 0.01 * near


def test_a_network_of_other_labels_lends_all_but_its_head(tmp_path: Path) -> None:
    start = UNet3d(SMALL.channels, labels=5).state_dict()
    told: list[str] = []
    run(tmp_path, start_from=start, say=told.append)
    assert "anew: head.weight, head.bias" in told[0]
    with pytest.raises(BadInput, match="Nothing of the network"):
        run(tmp_path / "none", start_from=UNet3d((3, 6), labels=3).state_dict())


def test_settings_of_an_earlier_page_still_mean_what_they_meant() -> None:
    table = json.loads(SMALL.as_json())
    del table["stage_rate"], table["precision"], table["neighbours"]
    assert settings_from(json.dumps(table)) == replace(SMALL, precision="trial")


def test_a_checkpoint_of_other_settings_is_refused(tmp_path: Path) -> None:
    run(tmp_path)
    with pytest.raises(BadInput, match="other settings"):
        run(tmp_path, replace(SMALL, seed=9), go_on=True)


def test_a_checkpoint_of_other_scans_is_refused(tmp_path: Path) -> None:
    run(tmp_path)
    with pytest.raises(BadInput, match="other scans"):
        train([ball("c")], [], tmp_path, SMALL, device=CPU, go_on=True)


def test_a_way_that_a_device_cannot_go_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed = page._time_step

    def only_plain(one: page.Run, samples: object) -> float:
        if one.mixed or one.layout != "plain":
            raise RuntimeError("not implemented here")
        return timed(one, samples)  # type: ignore[arg-type]

    monkeypatch.setattr(page, "_time_step", only_plain)
    told: list[str] = []
    outcome = run(tmp_path, replace(SMALL, precision="trial"), say=told.append)
    assert read_weights(outcome.weights).about["precision"] == "fp32"
    assert sum("not on this device" in line for line in told) == 3


def test_a_spoilt_checkpoint_is_told(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / CHECKPOINT).write_bytes(b"spoilt")
    with pytest.raises(BadInput, match="cannot be read") as caught:
        run(tmp_path, go_on=True)
    assert "--out" in caught.value.remedy


def test_training_stops_when_nothing_gets_better(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([0.5, 0.4, 0.3, 0.2, 0.1])
    monkeypatch.setattr(page, "watch", lambda *_: ((next(scores),) * 2, torch.zeros(SMALL.patch)))
    settings = replace(SMALL, steps=30, watch_every=2, patience=4)
    outcome = run(tmp_path, settings)
    assert (outcome.steps, outcome.best_dice) == (6, 0.5)


def test_a_frozen_encoder_stays_as_it_came(tmp_path: Path) -> None:
    first = run(tmp_path / "first")
    start = build(read_weights(first.weights)).state_dict()
    settings = replace(SMALL, freeze_encoder=True)
    second = run(tmp_path / "second", settings, start_from=start)
    before, after = (read_weights(o.weights).tensors for o in (first, second))
    moved = {name for name in before if not np.allclose(before[name], after[name], atol=1e-6)}
    assert moved
    assert not any(name.startswith("encoder.") for name in moved)


def test_loss_is_taken_only_where_voxels_count() -> None:
    torch.manual_seed(2)
    logits = torch.randn(1, 3, 4, 4, 4)
    target = torch.randint(0, 3, (1, 4, 4, 4))
    counted = torch.zeros(1, 4, 4, 4, dtype=torch.bool)
    counted[:, :2] = True
    changed = target.clone()
    changed[:, 2:] = (changed[:, 2:] + 1) % 3
    assert loss_of(logits, target, counted) == loss_of(logits, changed, counted)
    perfect = torch.nn.functional.one_hot(target, 3).permute(0, 4, 1, 2, 3) * 50.0
    assert float(loss_of(perfect, target, counted)) < 1e-6


def test_the_learning_rate_rises_then_falls() -> None:
    settings = Settings(steps=1000, rate=1e-2)
    rates = [settings.rate_at(step) for step in range(1000)]
    assert rates[0] < rates[25] < rates[50] == max(rates) == pytest.approx(1e-2)
    assert rates[-1] < 2e-4


@pytest.mark.parametrize(
    "wrong",
    [
        *({"patch": (15, 16, 32)}, {"steps": 0}, {"batch": 0}, {"rate": 0.0}, {"average": 1.0}),
        *({"encoder_rate": 0.0}, {"stage_rate": 2.0}, {"precision": "fp8"}, {"neighbours": -1}),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        replace(SMALL, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"steps": 5}'])
def test_a_file_that_holds_no_settings_is_told(text: str) -> None:
    with pytest.raises(BadInput, match="no settings"):
        settings_from(text)


def test_no_scan_to_learn_from_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no scan"):
        train([], [ball("b")], tmp_path, SMALL, device=CPU)
