"""A network taught by corrections: parted by patient, judged by what was held back, kept or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ai.errors import BadInput  # noqa: E402
from ai.models.card import load_card  # noqa: E402
from ai.models.inventory import whole_card  # noqa: E402
from ai.models.networks import UNet3d, build, scaled  # noqa: E402
from ai.models.own_cards import keep_own, toml_of  # noqa: E402
from ai.models.weights import read_weights, weights_of  # noqa: E402
from ai.training import finetune as page  # noqa: E402
from ai.training.augment import HU_RANGE, Loaded, Sample  # noqa: E402
from ai.training.finetune import Pair, fine_tune, parted, table, verdict  # noqa: E402
from ai.training.lungs_scans import TrainingScan  # noqa: E402
from ai.training.lungs_whole import Score, fold_table, score  # noqa: E402
from tests.training.conftest import ball  # noqa: E402
from tests.training.test_lungs import SMALL  # noqa: E402

CPU = torch.device("cpu")
FIVE = [ball(name) for name in "abcde"]


def as_it_is(scan: Loaded, rng: object, *, patch: object) -> Sample:
    return Sample(scaled(scan.hu, HU_RANGE)[None], scan.lungs.long(), scan.counted)


def pair(before: tuple[float, float], after: tuple[float, float], guard: bool = False) -> Pair:
    return Pair(Score("x", "x", *before), Score("x", "x", *after), guard)


def test_no_patient_is_learnt_from_and_judged_by() -> None:
    scans = [*FIVE, *(replace(ball(f"{name}2"), patient=name) for name in "abcde")]
    learnt, held = parted(scans)
    assert {s.patient for s in learnt}.isdisjoint(s.patient for s in held)
    assert len({s.patient for s in held}) == 2 and len(learnt) + len(held) == 10
    assert len(parted([ball(f"{n:02}") for n in range(30)])[1]) == 10


def test_what_the_network_learnt_from_before_is_never_held_back() -> None:
    learnt, held = parted(FIVE, known=["a", "b", "c"])
    assert [s.patient for s in held] == ["d", "e"] and len(learnt) == 3


@pytest.mark.parametrize(("count", "known"), [(0, ""), (4, ""), (5, "abcd"), (5, "abcde")])
def test_too_few_corrections_are_told_with_how_many_are_needed(count: int, known: str) -> None:
    with pytest.raises(BadInput, match=r"5 patients are needed, 2 of them new .* there are \d"):
        parted(FIVE[:count], known=known)


def test_weights_are_kept_where_nothing_is_drawn_worse() -> None:
    assert verdict([pair((0.9, 0.9), (0.95, 0.9))]) == ""
    assert "left lung of the held-back" in verdict([pair((0.9, 0.9), (0.99, 0.89))])
    assert verdict([pair((0.9, 0.9), (0.95, 0.89998))]) == "", "it would be told as the same"
    one_lost = [pair((0.9, 0.9), (0.98, 0.9)), pair((0.9, 0.9), (0.89, 0.9))]
    assert "right lung of x" in verdict(one_lost)
    forgotten = [pair((0.9, 0.9), (0.95, 0.95)), pair((0.9, 0.9), (0.9, 0.8), guard=True)]
    assert "left lung of a synthetic chest" in verdict(forgotten)


@pytest.fixture
def balls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Balls for phantoms."""
    torch.set_num_threads(1)
    made = tuple(ball(name, synthetic=True) for name in "pq")
    monkeypatch.setattr(page, "phantoms", lambda seeds: made)


def test_corrections_teach_a_network_that_knew_nothing(
    tmp_path: Path, balls: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Shown as they are: what augmentation makes of balls takes longer to learn than a test may."""
    monkeypatch.setattr("ai.training.lungs.draw", as_it_is)
    torch.manual_seed(3)
    network = UNet3d((4, 8), labels=3)
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    settings = replace(SMALL, steps=40, patch=(24, 24, 32), rate=3e-2, average=0.8)
    tuned = fine_tune(FIVE, network, tmp_path, settings, device=CPU, say=lambda _: None)
    assert tuned.refused == ""
    assert all(p.after.right > 0.3 > p.before.right for p in tuned.pairs)  # type: ignore[operator]
    assert tuned.learnt == ("c", "d", "e")
    assert [p.guard for p in tuned.pairs] == [False, False, True, True]
    assert all(torch.equal(before[name], t) for name, t in network.state_dict().items())
    assert "held back" in table(tuned.pairs)[1]


def test_a_run_whose_time_was_up_judges_nothing(tmp_path: Path, balls: None) -> None:
    network = UNet3d(SMALL.channels, labels=3)
    with pytest.raises(BadInput, match="step 1 of 6"):
        fine_tune(FIVE, network, tmp_path, SMALL, device=CPU, minutes=0, say=lambda _: None)


def test_whole_scans_are_scored_where_their_mask_is_right() -> None:
    class Perfect(UNet3d):
        def forward(self, image: torch.Tensor) -> torch.Tensor:
            lung = image < 0
            left = torch.arange(image.shape[-1]) >= 16
            labels = torch.where(lung, torch.where(left, 2, 1), 0)[:, 0]
            return 50.0 * torch.nn.functional.one_hot(labels, 3).movedim(-1, 1).float()

    scan = ball("a")
    assert score(Perfect((2, 4), labels=3), [scan], CPU)[0].both == (1.0, 1.0)
    wrong = scan.lungs.copy()
    wrong[12:] = 0
    counted = np.arange(24) < 12
    half = TrainingScan("h", "h", False, scan.hu, wrong, counted)
    assert score(Perfect((2, 4), labels=3), [half], CPU)[0].both == (1.0, 1.0)


def test_the_table_of_folds_names_every_scan_and_tells_the_spread() -> None:
    rows = [(1, Score("one", "one", 0.9, None)), (2, Score("two", "two", 0.8, 0.7))]
    lines = fold_table(rows)
    assert "one" in lines[1] and "-" in lines[1]
    assert "0.8500" in lines[3] and "0.7000" in lines[3] and "0.0707" in lines[4]


def test_a_card_of_its_own_tells_where_the_weights_come_from(hilum_home: Path) -> None:
    parent = load_card("lungs-unet")
    weights = weights_of(parent)
    first, second = (
        keep_own(
            "lungs-unet", weights, data='Taught by "corrections".',
            measured={"held_back": "0.9 > 0.95"}, about={"patients": "k1 k2"},
        )
        for _ in range(2)
    )  # fmt: skip
    card = load_card(first)
    assert (first, second) == ("lungs-own-1", "lungs-own-2")
    began = f"lungs-unet {load_card('lungs-unet').version}"
    assert card.data.startswith(f'Taught by "corrections". It began with {began}: Trained')
    assert card.operating_points == parent.operating_points and card.segments == parent.segments
    assert whole_card(first)["measured"] == {"held_back": "0.9 > 0.95"}
    assert "by_stratum" not in whole_card(first), "those figures are of other weights"
    kept = weights_of(card)
    assert kept.about["patients"] == "k1 k2" and build(kept).channels == build(weights).channels
    assert (hilum_home / "models" / "lungs-own-1.safetensors").exists()


def test_a_table_comes_back_from_toml() -> None:
    import tomllib

    table = {
        "a": 'x "y"\nz', "n": 3.5, "list": ["é", "b"],
        "part": {"deep": [1, 2]}, "rows": [{"k": ["1", "2"]}, {"k": []}],
    }  # fmt: skip
    assert tomllib.loads(toml_of(table)) == table


def test_read_weights_of_the_tuned_network_say_what_it_was(tmp_path: Path, balls: None) -> None:
    network = UNet3d(SMALL.channels, labels=3)
    tuned = fine_tune(FIVE, network, tmp_path, SMALL, device=CPU, say=lambda _: None)
    about = read_weights(tuned.outcome.last).about
    assert about["step"] == "6" and about["channels"] == "2-4"
