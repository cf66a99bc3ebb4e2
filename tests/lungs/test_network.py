"""Lungs by the trained network: right on a chest it never saw, and a sentence when it fails."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import Tensor, nn  # noqa: E402

from ai.errors import Cancelled, OutsideError  # noqa: E402
from ai.lungs import network as room  # noqa: E402
from ai.lungs.network import ModelFailed, lungs_by_network  # noqa: E402
from ai.lungs.segment import LungsResult, segment_lungs  # noqa: E402
from ai.models import sliding  # noqa: E402
from ai.models import weights as shelf  # noqa: E402
from ai.models.card import ModelCard, load_card  # noqa: E402
from ai.models.fast_cpu import CHOICE, openvino  # noqa: E402
from ai.models.networks import UNet3d, build  # noqa: E402
from ai.models.sliding import Answer, ask  # noqa: E402
from ai.models.weights import BadWeights, weights_of, write_weights  # noqa: E402
from ai.phantom.chest import Phantom  # noqa: E402
from ai.training.stress import stress  # noqa: E402
from tests.lungs.turned import dice  # noqa: E402


@pytest.fixture(scope="module")
def unet() -> ModelCard:
    return load_card("lungs-unet")


@pytest.fixture(scope="module")
def found(phantom: Phantom, unet: ModelCard) -> LungsResult:
    return segment_lungs(phantom.volume, card=unet)


class Says(nn.Module):
    """A network that gives every voxel the same logits."""

    multiple = 16

    def __init__(self, *logits: float) -> None:
        super().__init__()
        self.logits = torch.tensor(logits)

    def forward(self, image: Tensor) -> Tensor:
        return self.logits[None, :, None, None, None].expand(1, -1, *image.shape[2:])


def test_both_lungs_of_a_chest_of_another_seed_overlap_the_truth(
    phantom: Phantom, found: LungsResult
) -> None:
    for side in (1, 2):
        assert dice(found.label_map.labels, phantom.lungs.labels, side) > 0.97
    assert found.label_map.made_by.card == "lungs-unet"


def test_it_is_told_with_what_and_on_what_they_were_found(
    found: LungsResult, unet: ModelCard
) -> None:
    made_by = found.label_map.made_by
    assert made_by.name == f"lungs-unet {unet.version}"
    assert made_by.weights_sha256 == unet.weights_sha256
    assert made_by.runtime.split()[0] in ("OpenVINO", "PyTorch") and made_by.device
    assert made_by.remark == ""
    assert made_by.how == (
        f"SHA-256 {unet.weights_sha256[:12]}, {made_by.runtime}, {made_by.device}"
    )


def test_another_runtime_draws_the_lungs_of_the_reference(
    phantom: Phantom, unet: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    if openvino() is None:
        pytest.skip("OpenVINO is not installed here")
    drawn = {}
    for runtime in ("openvino", "torch"):
        monkeypatch.setenv(CHOICE, runtime)
        room._network.cache_clear()
        drawn[runtime], made_by = lungs_by_network(phantom.volume, card=unet)
        assert made_by.runtime.lower().startswith({"torch": "pytorch"}.get(runtime, runtime))
    room._network.cache_clear()
    for side in (1, 2):
        assert dice(drawn["openvino"], drawn["torch"], side) >= 0.999


def test_short_memory_is_told_with_the_lungs(
    phantom: Phantom, unet: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half as fine a grid still finds the lungs, and it is said that it was so."""
    plain = sliding._by_windows
    steps: list[str] = []

    def short(network: nn.Module, image: np.ndarray, rung: sliding._Rung, *rest: object) -> Answer:
        if not rung.halved:
            raise torch.OutOfMemoryError("injected")
        return plain(network, image, rung, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(sliding, "_by_windows", short)
    labels, made_by = lungs_by_network(
        phantom.volume, card=unet, on_progress=lambda _, step: steps.append(step)
    )
    assert made_by.remark.startswith("Memory was short: asked at half resolution")
    assert any(step.startswith("Memory is short") for step in steps)
    for side in (1, 2):
        assert dice(labels, phantom.lungs.labels, side) > 0.92


def test_the_windpipe_is_no_lung(phantom: Phantom, found: LungsResult) -> None:
    upper = phantom.volume.hu.shape[0] * 2 // 3
    air = phantom.volume.hu[upper:] < -950
    windpipe = air & (phantom.lungs.labels[upper:] == 0)
    windpipe[:, :, :80] = windpipe[:, :, 112:] = False
    windpipe[:, :70] = windpipe[:, 120:] = False
    assert windpipe.sum() > 500
    assert (found.label_map.labels[upper:][windpipe] > 0).mean() < 0.02


def test_lung_under_fluid_stays_lung_where_the_rules_lose_it(
    phantom: Phantom, unet: ModelCard, card: ModelCard
) -> None:
    made = stress(phantom.volume, phantom.lungs.labels, kind="effusion", severity=0.25, seed=2)
    side = int(made.lungs[made.inserted][0])
    by_network = segment_lungs(made.volume, card=unet).label_map.labels
    by_rules = segment_lungs(made.volume, card=card).label_map.labels
    assert dice(by_network, made.lungs, side) > 0.93
    assert dice(by_network, made.lungs, side) > dice(by_rules, made.lungs, side) + 0.05


def test_the_same_picture_gives_the_same_mask_bit_for_bit(unet: ModelCard) -> None:
    network = build(weights_of(unet))
    image = np.random.default_rng(1).uniform(-1, 1, (40, 48, 56)).astype(np.float32)
    once, again = (
        ask(network, image, multiple=16, window=(64, 64, 64), device=torch.device("cpu"))
        for _ in range(2)
    )
    assert np.array_equal(once.labels, again.labels)
    assert np.array_equal(once.chance, again.chance)


@pytest.mark.parametrize(
    ("logits", "words"),
    [((np.nan, 0.0, 0.0), "no numbers"), ((9.0, 0.0, 0.0), "no lung")],
    ids=["numbers", "lung"],
)
def test_a_useless_answer_is_told_and_the_rules_are_offered(
    tiny: Phantom,
    unet: ModelCard,
    monkeypatch: pytest.MonkeyPatch,
    logits: tuple[float, ...],
    words: str,
) -> None:
    monkeypatch.setattr(room, "_network", lambda card: Says(*logits))
    with pytest.raises(ModelFailed, match=words) as caught:
        lungs_by_network(tiny.volume, card=unet)
    assert "classical" in caught.value.remedy


def _pickled(path: Path, network: UNet3d) -> str:
    path.write_bytes(pickle.dumps({"head.bias": [0.0]}))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _changed(path: Path, network: UNet3d) -> str:
    held = {name: one.numpy() for name, one in network.state_dict().items()}
    sha256 = write_weights(path, held, about=network.words())
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    return sha256


def _other_names(path: Path, network: UNet3d) -> str:
    held = {f"peer.{name}": one.numpy() for name, one in network.state_dict().items()}
    return write_weights(path, held, about=network.words())


def _other_shapes(path: Path, network: UNet3d) -> str:
    held = {name: one.numpy() for name, one in UNet3d((8, 4), 3).state_dict().items()}
    return write_weights(path, held, about=network.words())


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_pickled, "pickle"),
        (_changed, "not the ones"),
        (_other_names, "not those of the network"),
        (_other_shapes, "wrong shape"),
    ],
)
def test_weights_that_are_not_right_are_told_and_the_rules_are_offered(
    tiny: Phantom,
    unet: ModelCard,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    spoil: Callable[[Path, UNet3d], str],
    words: str,
) -> None:
    sha256 = spoil(tmp_path / unet.weights, UNet3d((4, 8), 3))
    monkeypatch.setattr(shelf, "resource", lambda *parts: tmp_path)
    with pytest.raises(BadWeights, match=words) as caught:
        segment_lungs(tiny.volume, card=replace(unet, weights_sha256=sha256))
    assert caught.value.sentence.endswith(".")
    assert "classical" in caught.value.remedy or "safetensors" in caught.value.remedy


def test_a_machine_without_torch_is_told(
    tiny: Phantom, unet: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "ai.lungs.network", None)
    with pytest.raises(OutsideError, match="needs PyTorch") as caught:
        segment_lungs(tiny.volume, card=unet)
    assert "classical" in caught.value.remedy


def test_the_rules_load_no_torch() -> None:
    import subprocess
    import sys

    code = "import ai.lungs.segment, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_reader_can_cancel_while_the_border_is_drawn(
    tiny: Phantom, unet: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_network", lambda card: Says(0.0, 5.0, 0.0))

    def cancel(fraction: float, step: str) -> None:
        if step == "Drawing the border":
            raise Cancelled

    with pytest.raises(Cancelled):
        lungs_by_network(tiny.volume, card=unet, on_progress=cancel)
