"""A network's own look at a scan: amber at most, and silent where its reference is another's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from ai.lungs import segment  # noqa: E402
from ai.lungs.network import ask_network  # noqa: E402
from ai.lungs.segment import segment_lungs  # noqa: E402
from ai.models import gate_bottleneck  # noqa: E402
from ai.models.card import ModelCard, load_card  # noqa: E402
from ai.models.fast_cpu import OnCpu, deaf  # noqa: E402
from ai.models.gate import with_doubts  # noqa: E402
from ai.models.gate_bottleneck import (  # noqa: E402
    OTHERS,
    KnownToNetwork,
    features,
    known_to_network,
    look,
    read_known_to_network,
)
from ai.models.gate_histogram import distance  # noqa: E402
from ai.models.networks import UNet3d  # noqa: E402
from ai.phantom.chest import Phantom, chest  # noqa: E402
from ai.scan.fit import AMBER, GREEN, RED, Fit  # noqa: E402
from ai.scan.volume import Volume  # noqa: E402


@pytest.fixture(scope="module")
def unet() -> ModelCard:
    return load_card("lungs-unet")


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return chest("small")


@pytest.fixture(scope="module")
def windows(phantom: Phantom, unet: ModelCard) -> tuple[np.ndarray, ...]:
    return ask_network(phantom.volume, card=unet).bottleneck


@pytest.fixture
def known(unet: ModelCard) -> KnownToNetwork:
    found = known_to_network(unet)
    assert found is not None
    return found


def shipped(monkeypatch: pytest.MonkeyPatch, known: KnownToNetwork | None) -> None:
    monkeypatch.setattr(gate_bottleneck, "known_to_network", lambda _card: known)


def test_the_shipped_reference_belongs_to_the_shipped_weights(
    unet: ModelCard, known: KnownToNetwork
) -> None:
    """Where it does not: hilum evaluate gate --models unet --data DIR --out FILE."""
    assert known.weights_sha256 == unet.weights_sha256
    assert len(known.chests.sources) >= 5 and known.chests.copies > 100
    assert not any("LUNG1" in name or "covid" in name for name in known.chests.sources)


def test_a_chest_lies_near_and_one_upside_down_far(
    phantom: Phantom, unet: ModelCard, windows: tuple[np.ndarray, ...], known: KnownToNetwork
) -> None:
    assert look(windows, unet).doubts == () and look(windows, unet).remark == ""
    over = Volume(phantom.volume.geometry, np.ascontiguousarray(phantom.volume.hu[::-1]))
    seen = look(ask_network(over, card=unet).bottleneck, unet)
    (told,) = seen.doubts
    assert seen.far is not None and seen.far > known.chests.amber
    assert f"{len(known.chests.sources)} sources" in told and f"{seen.far:.1f}" in told


def test_other_weights_make_the_look_silent_and_it_says_so(
    unet: ModelCard, windows: tuple[np.ndarray, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = look(windows, replace(unet, weights_sha256="0" * 64))
    assert silent.doubts == () and silent.far is None and silent.remark == OTHERS
    shipped(monkeypatch, None)
    assert look(windows, unet).remark == OTHERS


def test_a_bottleneck_of_another_width_is_not_compared(unet: ModelCard) -> None:
    assert look([np.zeros(8, dtype=np.float32)], unet).remark == OTHERS


def test_where_memory_was_short_nothing_is_said(unet: ModelCard) -> None:
    seen = look((), unet)
    assert seen.doubts == () and seen.remark == "" and seen.far is None


def test_doubts_make_green_amber_and_never_red_or_red_less_so() -> None:
    assert with_doubts(Fit(GREEN), ()) == Fit(GREEN)
    assert with_doubts(Fit(GREEN), ("far",)) == Fit(AMBER, ("far",))
    assert with_doubts(Fit(AMBER, ("a",)), ("far",)) == Fit(AMBER, ("a", "far"))
    assert with_doubts(Fit(RED, ("no",), "other"), ("far",)) == Fit(RED, ("no", "far"), "other")


def test_a_chest_far_off_comes_out_amber_with_its_lungs(
    phantom: Phantom, unet: ModelCard, known: KnownToNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = segment_lungs(phantom.volume, card=unet)
    assert plain.fit.level == GREEN and plain.label_map.made_by.remark == ""
    shipped(monkeypatch, replace(known, chests=replace(known.chests, amber=0.001)))
    doubtful = segment_lungs(phantom.volume, card=unet)
    assert doubtful.fit.level == AMBER
    assert "unlike those that it learnt from" in doubtful.fit.reasons[-1]
    assert doubtful.fit.reasons[-1] in doubtful.warnings
    assert np.array_equal(doubtful.label_map.labels, plain.label_map.labels)


def test_lungs_of_weights_without_a_reference_say_so_in_their_provenance(
    phantom: Phantom, unet: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped(monkeypatch, None)
    found = segment_lungs(phantom.volume, card=unet)
    assert found.fit.level == GREEN and OTHERS in found.label_map.made_by.remark


def test_the_rules_have_no_bottleneck_and_nothing_to_say(phantom: Phantom) -> None:
    found = segment_lungs(phantom.volume, card=load_card("lungs-classical"))
    assert found.fit.level == GREEN and found.label_map.made_by.remark == ""
    assert segment.Look() == gate_bottleneck.Look()


def test_both_runtimes_hear_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HILUM_RUNTIME", raising=False)
    torch.manual_seed(3)
    both = OnCpu(UNet3d((8, 16, 24), 3).eval(), (-1024, 600))
    if both._ask is None:
        pytest.skip("OpenVINO is not installed here")
    heard: list[np.ndarray] = []
    both.listen = heard.append
    image = torch.randn(1, 1, 32, 48, 16)
    with torch.inference_mode():
        both(image)
        both._ask = None
        both(image)
    theirs, ours = heard
    assert ours.shape == (48,) and float(np.abs(ours).mean()) > 0.05
    assert np.allclose(theirs, ours, atol=1e-3)
    both.listen = deaf
    with torch.inference_mode():
        both(image)
    assert len(heard) == 2


def test_windows_count_alike(known: KnownToNetwork) -> None:
    low, high = np.zeros(4, dtype=np.float32), np.ones(4, dtype=np.float32)
    assert np.array_equal(features([low, high]), np.full(4, 0.5))


def test_what_is_learnt_survives_the_file(known: KnownToNetwork) -> None:
    assert read_known_to_network(known.as_json()) == known
    row = np.array(known.chests.mean)
    assert distance(row, known.chests) == pytest.approx(0, abs=1e-6)
    with pytest.raises((KeyError, TypeError, ValueError)):
        read_known_to_network('{"weights_sha256": "a", "chests": {"sources": []}}')
