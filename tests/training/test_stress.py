"""Disease put into scans for judging: where it may lie, and that it is the same every time."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from ai.phantom.chest import Phantom, chest
from ai.training import stress as module
from ai.training.stress import STRATA, stress

FROZEN = "dbc1d2b6f2a96cfe5f97c002f2bda9f75c853851216030da47c5039e2de32681"


@pytest.fixture(scope="module")
def tiny() -> Phantom:
    return chest("tiny", nodules=False)


def test_the_inserter_is_the_one_that_was_frozen_before_training() -> None:
    """Scores on the card hold for this file alone; a new one needs new scores and a new hash."""
    source = Path(module.__file__).read_bytes().replace(b"\r\n", b"\n")
    assert hashlib.sha256(source).hexdigest() == FROZEN


@pytest.mark.parametrize(("kind", "severity"), STRATA)
def test_the_same_arguments_give_the_same_voxels(tiny: Phantom, kind: str, severity: float) -> None:
    once = stress(tiny.volume, tiny.lungs.labels, kind=kind, severity=severity, seed=3)
    again = stress(tiny.volume, tiny.lungs.labels, kind=kind, severity=severity, seed=3)
    assert np.array_equal(once.volume.hu, again.volume.hu)
    assert once.volume.hu.shape == once.lungs.shape == once.inserted.shape


@pytest.mark.parametrize("kind", ["effusion", "consolidation", "mass", "juxtapleural"])
def test_disease_lies_in_one_lung_and_is_dense(tiny: Phantom, kind: str) -> None:
    severity = dict(STRATA)[kind]
    made = stress(tiny.volume, tiny.lungs.labels, kind=kind, severity=severity, seed=4)
    assert made.inserted.any()
    assert len(np.unique(tiny.lungs.labels[made.inserted])) == 1
    assert np.array_equal(made.lungs, tiny.lungs.labels)
    assert made.volume.hu[made.inserted].mean() > tiny.volume.hu[made.inserted].mean() + 100


def test_an_effusion_takes_the_share_it_was_asked_for(tiny: Phantom) -> None:
    made = stress(tiny.volume, tiny.lungs.labels, kind="effusion", severity=0.25, seed=5)
    side = int(tiny.lungs.labels[made.inserted][0])
    share = made.inserted.sum() / (tiny.lungs.labels == side).sum()
    assert share == pytest.approx(0.25, abs=0.02)


def test_noise_has_the_spread_it_was_asked_for(tiny: Phantom) -> None:
    made = stress(tiny.volume, tiny.lungs.labels, kind="noise", severity=60.0, seed=6)
    added = made.volume.hu.astype(float) - tiny.volume.hu
    assert added.std() == pytest.approx(60, abs=3)
    assert not made.inserted.any()


def test_thick_slices_lie_in_the_middle_of_those_they_average() -> None:
    phantom = chest("small", nodules=False)
    made = stress(phantom.volume, phantom.lungs.labels, kind="thick", severity=6.0, seed=7)
    assert made.volume.geometry.spacing_kji_mm[0] == pytest.approx(6.0)
    first, second = (phantom.volume.geometry.lps_of((k, 0, 0)) for k in (0, 1))
    assert np.allclose(made.volume.geometry.lps_of((0, 0, 0)), (first + second) / 2)
    before = (phantom.lungs.labels > 0).sum() * phantom.volume.geometry.voxel_mm3
    after = (made.lungs > 0).sum() * made.volume.geometry.voxel_mm3
    assert after == pytest.approx(before, rel=0.03)
