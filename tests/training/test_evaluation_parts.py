"""The parts of an evaluation: calibration, memory, how often a scan was looked at."""

from __future__ import annotations

import mmap
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ai.errors import OutsideError
from ai.models.card import load_card
from ai.phantom.chest import Phantom
from ai.training import lungs_evaluate
from ai.training.evaluation_ledger import Ledger
from ai.training.evaluation_page import evaluation_page
from ai.training.evaluation_pictures import FOUND_RGB, TRUE_RGB, worst_slice
from ai.training.lungs_calibration import pooled, reliability
from ai.training.lungs_evaluate import Case, evaluate
from ai.training.memory import CLEAR, peak_memory


def test_chances_that_come_true_as_often_as_said_have_no_error() -> None:
    rng = np.random.default_rng(1)
    chance = rng.uniform(0.01, 0.99, 200_000).astype(np.float32)
    found = reliability(chance, rng.random(200_000) < chance)
    assert found.ece < 0.01 and found.unsure == 200_000


def test_a_network_that_is_too_sure_of_itself_shows_by_how_much() -> None:
    chance = np.full(1000, 0.95, dtype=np.float32)
    lung = np.arange(1000) < 700
    found = reliability(chance, lung)
    assert found.ece == pytest.approx(0.25, abs=1e-6)
    assert found.voxels[9] == 1000 and found.true[9] == 0.7


def test_voxels_that_are_sure_are_not_counted() -> None:
    chance = np.array([0.0, 1.0, 0.5], dtype=np.float32)
    assert reliability(chance, np.array([False, True, True])).unsure == 1


def test_scans_are_pooled_by_voxels_not_by_scans() -> None:
    few = reliability(np.full(10, 0.55, np.float32), np.ones(10, bool))
    many = reliability(np.full(90, 0.55, np.float32), np.zeros(90, bool))
    assert pooled((few, many)).true[5] == pytest.approx(0.1)


def test_every_look_at_a_scan_is_counted_and_told(tmp_path: Path) -> None:
    path = tmp_path / "scored.json"
    Ledger(path).note(["LUNG1-001", "mine", "mine"])
    Ledger(path).note(["mine"])
    ledger = Ledger(path)
    assert ledger.told("mine") == "2 x here, 0 x by the makers"
    assert ledger.told("LUNG1-001").startswith("1 x here, ")
    assert not ledger.told("LUNG1-001").endswith(" 0 x by the makers")
    assert ledger.total("mine") == "2 x"
    assert int(ledger.total("LUNG1-001").removesuffix(" x")) > 1
    assert ledger.total("mini-copd") == "all the time, in development"
    assert ledger.told("mini-copd") == "0 x here, and all the time in development"


def test_a_spoilt_ledger_is_told_of_and_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "scored.json"
    path.write_text("[1, 2")
    with pytest.raises(OutsideError, match="cannot be read"):
        Ledger(path)
    assert path.read_text() == "[1, 2"


@pytest.mark.skipif(not CLEAR.exists(), reason="Linux tells it, others do not")
def test_memory_that_was_taken_and_given_back_is_measured() -> None:
    """A map of its own, for an array might lie where freed memory still was the process's."""
    with peak_memory() as peak, mmap.mmap(-1, 96 * 2**20) as block:
        for at in range(0, len(block), mmap.PAGESIZE):
            block[at] = 1
    # The system may take other pages away meanwhile, so only most of it is asked for.
    assert peak.grown_mb is None or 48 < peak.grown_mb < 160


def test_a_networks_own_chances_are_counted_on_its_own_grid(tiny: Phantom) -> None:
    """A network that nobody trained is told so; voxels left out are left out here, too."""
    pytest.importorskip("torch")
    from ai.models.card import load_card
    from ai.training.lungs_calibration import network_reliability

    card, labels = load_card("lungs-unet"), tiny.lungs.labels
    found = network_reliability(tiny.volume, labels, card)
    assert 0 <= found.ece <= 1 and found.unsure > 0
    without = np.ones(labels.shape, dtype=bool)
    assert network_reliability(tiny.volume, labels, card, without=without).unsure == 0


def test_the_worst_slice_is_drawn_with_both_outlines_around_the_lungs(tiny: Phantom) -> None:
    Image = pytest.importorskip("PIL.Image")
    true = tiny.lungs.labels
    found, worst = true.copy(), int((true > 0).sum(axis=(1, 2)).argmax())
    found[worst][true[worst] == 1] = 0
    data, k = worst_slice(tiny.volume, true, found)
    assert k == worst
    picture = np.array(Image.open(BytesIO(data)))
    assert picture.shape[0] < true.shape[1] + 1 and picture.shape[2] == 3
    for colour in (TRUE_RGB, FOUND_RGB):
        assert (picture == colour).all(axis=2).any()


def test_a_slice_without_any_lung_is_drawn_whole(tiny: Phantom) -> None:
    Image = pytest.importorskip("PIL.Image")
    nothing = np.zeros_like(tiny.lungs.labels)
    data, _ = worst_slice(tiny.volume, nothing, nothing)
    assert Image.open(BytesIO(data)).size == (nothing.shape[2], nothing.shape[1])


def test_airless_lung_that_contours_leave_out_lowers_the_dice_but_not_that_of_aerated_lung(
    tiny: Phantom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two models, one of which holds what is dense: the second figure tells them to be equal."""
    lungs = tiny.lungs.labels
    dense = (lungs > 0) & (np.arange(lungs.shape[1]) > 36)[:, None]
    hu = np.where(dense, 20, np.where(lungs > 0, -850, 40)).astype(np.int16)
    contours = np.where(dense, 0, lungs).astype(np.uint8)
    case = Case("one", replace(tiny.volume, hu=hu), contours)
    figures = {}
    for name, found in (("whole", lungs), ("aerated", contours)):
        map_of = replace(tiny.lungs, labels=found)
        monkeypatch.setattr(
            lungs_evaluate, "segment_lungs", lambda *_, m=map_of, **__: SimpleNamespace(label_map=m)
        )
        (judged,) = evaluate(case, [load_card("lungs-classical")])
        figures[name] = judged.rows
    assert all(row.dice == 1 and row.air_dice == 1 for row in figures["aerated"])
    for row in figures["whole"]:
        assert row.dice is not None and row.dice < 0.95 and row.air_dice == 1
    page = evaluation_page([judged], lambda _name: "")
    assert "of aerated lung" in page
