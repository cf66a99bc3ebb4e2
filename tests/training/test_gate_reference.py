"""The gate's threshold: copies of a chest lie within it, another object does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ai.models.gate_checks import Sampled, coarse, sampled
from ai.models.gate_histogram import distance, features
from ai.phantom.chest import chest
from ai.training.gate_reference import changed, reference


@pytest.fixture(scope="module")
def chests() -> dict[str, Sampled]:
    return {f"seed {n}": sampled(chest("tiny", n, noise_hu=20.0 * n).volume) for n in (1, 2)}


def test_two_sources_make_a_threshold_that_their_copies_keep(chests: dict[str, Sampled]) -> None:
    known = reference(chests, copies=12)
    assert known.sources == ("seed 1", "seed 2") and known.copies == 26 and known.amber > 0
    rng = np.random.default_rng(5)
    copy = changed(chests["seed 1"], rng)
    assert distance(features(coarse(copy)), known) < known.amber
    water = replace(copy, hu=np.where(copy.hu > -500, 0, copy.hu).astype(np.int16))
    assert distance(features(coarse(water)), known) > 2 * known.amber


def test_the_same_scans_make_the_same_reference(chests: dict[str, Sampled]) -> None:
    assert reference(chests, copies=3) == reference(chests, copies=3)


def test_a_copy_has_other_densities_and_never_more_planes(chests: dict[str, Sampled]) -> None:
    scan = chests["seed 1"]
    copy = changed(scan, np.random.default_rng(2))
    assert copy.hu.shape[0] <= scan.hu.shape[0] and copy.hu.dtype == np.int16
    assert not np.array_equal(copy.hu, scan.hu[: copy.hu.shape[0]])


def test_a_networks_reference_keeps_its_sources_and_its_weights_hash() -> None:
    pytest.importorskip("torch")
    from ai.lungs.network import ask_network
    from ai.models.card import load_card
    from ai.models.gate_bottleneck import features as pooled
    from ai.models.gate_bottleneck import read_known_to_network
    from ai.training.gate_reference import network_reference

    card = load_card("lungs-unet")
    scans = {f"seed {n}": chest("tiny", n).volume for n in (1, 2)}
    known = network_reference(scans, card, copies=2)
    assert known.weights_sha256 == card.weights_sha256
    assert known.chests.sources == ("seed 1", "seed 2") and known.chests.copies == 6
    own = pooled(ask_network(scans["seed 1"], card=card).bottleneck)
    assert distance(own, known.chests) < known.chests.amber
    assert read_known_to_network(known.as_json()) == known


def test_what_was_taught_here_makes_a_reference_of_one_scan_a_patient() -> None:
    pytest.importorskip("torch")
    from ai.models.card import load_card
    from ai.training.gate_reference import tuned_reference
    from ai.training.lungs_prepare import prepare

    made = [chest("tiny", n) for n in (1, 2)]
    scans = [
        prepare(one.volume, one.lungs.labels, name=f"{n} {again}", patient=str(n))
        for n, one in enumerate(made)
        for again in range(2)
    ]
    known = tuned_reference(scans, load_card("lungs-unet"), copies=1)
    assert known.chests.sources == ("0 0", "1 0") and known.chests.amber > 0
