"""What the lung network is shown: prepared scans, diseased, bent and scanned anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ai.errors import BadInput  # noqa: E402
from ai.phantom.chest import Phantom  # noqa: E402
from ai.training import insert  # noqa: E402
from ai.training.augment import draw, load  # noqa: E402
from ai.training.insert import Canvas  # noqa: E402
from ai.training.lungs_prepare import prepare, with_vessels  # noqa: E402
from ai.training.lungs_scans import (  # noqa: E402
    TrainingScan,
    fold_of,
    load_scans,
    save_scans,
)
from tests.training.conftest import ball  # noqa: E402

CPU = torch.device("cpu")


def test_a_prepared_scan_keeps_its_millilitres_and_sides(tiny: Phantom, scan: TrainingScan) -> None:
    right, left = tiny.lungs_ml
    found = np.bincount(scan.lungs.ravel(), minlength=3) * 0.027
    assert found[1] == pytest.approx(right, rel=0.04)
    assert found[2] == pytest.approx(left, rel=0.04)
    x = [np.argwhere(scan.lungs == side)[:, 2].mean() for side in (1, 2)]
    assert x[0] < x[1]


def test_heights_where_a_mask_is_wrong_are_not_learnt_from(tiny: Phantom) -> None:
    made = prepare(tiny.volume, tiny.lungs.labels, name="t", patient="t", wrong_mm=[(100.0, 130.0)])
    z0 = tiny.volume.geometry.lps_of((0, 0, 0))[2]
    heights = z0 + 3.0 * np.arange(len(made.counted))
    assert np.array_equal(made.counted, ~((heights >= 100) & (heights <= 130)))


def test_vessels_that_a_source_left_out_become_lung() -> None:
    plane = np.zeros((1, 9, 9), dtype=np.uint8)
    plane[0, 1:8, 1:8] = 2
    plane[0, 4, 4] = 0
    assert with_vessels(plane)[0, 4, 4] == 2
    assert plane[0, 4, 4] == 0


def test_scans_come_back_from_their_file(scan: TrainingScan, tmp_path: Path) -> None:
    save_scans(tmp_path / "scans.npz", [scan, ball("p", synthetic=True)])
    first, second = load_scans(tmp_path / "scans.npz")
    assert np.array_equal(first.hu, scan.hu)
    assert np.array_equal(first.lungs, scan.lungs)
    assert (second.name, second.synthetic) == ("p", True)


def test_a_file_of_something_else_is_told(tmp_path: Path) -> None:
    (tmp_path / "scans.npz").write_bytes(b"something else")
    with pytest.raises(BadInput, match="no prepared scans"):
        load_scans(tmp_path / "scans.npz")


def test_no_patient_is_learnt_from_and_watched() -> None:
    scans = [ball(n) for n in "abcde"] + [ball(f"p{n}", synthetic=True) for n in range(6)]
    seen = set()
    for k in range(1, 4):
        learnt, watched = fold_of(scans, (k, 3))
        assert not {s.patient for s in learnt} & {s.patient for s in watched}
        seen |= {s.patient for s in watched}
    assert seen == set("abcde")
    learnt, watched = fold_of(scans, None)
    assert {s.patient for s in watched} == {"p0", "p5"}
    assert set("abcde") < {s.patient for s in learnt}


@pytest.mark.parametrize("fold", [(0, 3), (4, 3), (1, 9)])
def test_a_fold_that_cannot_be_is_told(fold: tuple[int, int]) -> None:
    with pytest.raises(BadInput, match="cannot be made"):
        fold_of([ball(n) for n in "abc"], fold)


@pytest.mark.parametrize("paste", [row[1] for row in insert._PASTES], ids=lambda p: p.__name__)
def test_a_paste_changes_the_scan_and_never_the_lungs(
    scan: TrainingScan, paste: insert.Callable
) -> None:
    loaded = load(scan, CPU)
    canvas = Canvas(loaded.hu.clone(), loaded.lungs)
    assert paste(canvas, np.random.default_rng(5))
    assert torch.equal(canvas.lungs, torch.from_numpy(scan.lungs))
    assert torch.isfinite(canvas.hu).all()
    assert not torch.equal(canvas.hu, loaded.hu)


@pytest.mark.parametrize("paste", [insert._effusion, insert._consolidation, insert._masses])
def test_pasted_disease_stays_inside_the_lungs(scan: TrainingScan, paste: insert.Callable) -> None:
    loaded = load(scan, CPU)
    for seed in range(4):
        canvas = Canvas(loaded.hu.clone(), loaded.lungs)
        paste(canvas, np.random.default_rng(seed))
        changed = canvas.hu != loaded.hu
        assert changed.any()
        assert not (changed & (loaded.lungs == 0)).any()


@pytest.mark.parametrize("paste", [row[1] for row in insert._PASTES], ids=lambda p: p.__name__)
def test_a_scan_without_lungs_can_be_pasted_on_too(paste: insert.Callable) -> None:
    canvas = Canvas(torch.full((16, 16, 16), 40.0), torch.zeros(16, 16, 16, dtype=torch.uint8))
    paste(canvas, np.random.default_rng(5))
    assert torch.isfinite(canvas.hu).all()


def test_the_same_dice_draw_the_same_sample(scan: TrainingScan) -> None:
    loaded = load(scan, CPU)
    patch = (32, 32, 32)
    once, again = (draw(loaded, np.random.default_rng(9), patch=patch) for _ in range(2))
    other = draw(loaded, np.random.default_rng(10), patch=patch)
    assert torch.equal(once.image, again.image)
    assert torch.equal(once.target, again.target)
    assert not torch.equal(once.image, other.image)
    assert once.image.shape == (1, *patch)
    assert -1 <= float(once.image.min()) and float(once.image.max()) <= 1


def test_right_stays_on_the_right_also_in_a_mirror(scan: TrainingScan) -> None:
    """Columns run to the patient's left, so the right lung has the lower ones."""
    loaded = load(scan, CPU)
    for seed in range(6):
        target = draw(loaded, np.random.default_rng(seed), patch=(48, 64, 64)).target
        right, left = (torch.nonzero(target == side)[:, 2].float() for side in (1, 2))
        if len(right) > 500 and len(left) > 500:
            assert right.mean() < left.mean()


def test_a_lung_in_a_mirror_is_the_other_lung(scan: TrainingScan) -> None:
    lungs = np.where(scan.lungs == 1, 1, 0).astype(np.uint8)
    loaded = load(replace(scan, lungs=lungs), CPU)
    seen = set()
    for seed in range(8):
        target = draw(loaded, np.random.default_rng(seed), patch=(32, 48, 48)).target
        labels = set(target.unique().tolist()) - {0}
        assert len(labels) == 1
        seen |= labels
    assert seen == {1, 2}
