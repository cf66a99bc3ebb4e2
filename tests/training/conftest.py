"""Small scans to learn from, made once for the room."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ai.models.card import cards_folder, load_card
from ai.models.weights import write_weights
from ai.phantom.chest import Phantom, chest
from ai.resources import own_models
from ai.training.lungs_prepare import prepare
from ai.training.lungs_scans import TrainingScan


@pytest.fixture(scope="session")
def tiny() -> Phantom:
    return chest("tiny", nodules=False)


@pytest.fixture(scope="session")
def scan(tiny: Phantom) -> TrainingScan:
    return prepare(tiny.volume, tiny.lungs.labels, name="tiny", patient="tiny")


def ball(name: str, *, synthetic: bool = False) -> TrainingScan:
    """Two dark balls in a grey block: the least that looks like lungs."""
    z, y, x = np.ogrid[:24, :24, :32]
    lungs = np.zeros((24, 24, 32), dtype=np.uint8)
    lungs[(z - 12) ** 2 + (y - 12) ** 2 + (x - 9) ** 2 < 49] = 1
    lungs[(z - 12) ** 2 + (y - 12) ** 2 + (x - 23) ** 2 < 49] = 2
    hu = np.where(lungs > 0, -850, 40).astype(np.int16)
    return TrainingScan(name, name, synthetic, hu, lungs, np.ones(24, dtype=bool))


@pytest.fixture
def small_card(hilum_home: Path) -> str:
    """A tiny network, untaught, as a card of the reader's own."""
    return _own_card("small")


@pytest.fixture
def flat_card(hilum_home: Path) -> str:
    """The same, of slices."""
    return _own_card("flat", neighbours=1)


def _own_card(name: str, *, neighbours: int = 0) -> str:
    torch = pytest.importorskip("torch")
    from ai.models.networks import UNet3d

    torch.manual_seed(1)
    network = UNet3d((2, 4), labels=3, neighbours=neighbours)
    held = {name: one.numpy() for name, one in network.state_dict().items()}
    own_models().mkdir(parents=True)
    sha256 = write_weights(own_models() / f"{name}.safetensors", held, about=network.words())
    text = (cards_folder() / "lungs-unet.toml").read_text(encoding="utf-8")
    for old, new in (
        ('id = "lungs-unet"', f'id = "{name}"'),
        ("lungs-unet.safetensors", f"{name}.safetensors"),
        (load_card("lungs-unet").weights_sha256, sha256),
    ):
        text = text.replace(old, new)
    (own_models() / f"{name}.toml").write_text(text, encoding="utf-8")
    return name
