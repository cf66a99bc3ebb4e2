"""A card of the reader's own: found with its weights, and never in place of a shipped one."""

from __future__ import annotations

from pathlib import Path

import pytest

from ai.errors import OutsideError
from ai.models.card import cards_folder, load_card
from ai.models.gate_bottleneck import known_to_network
from ai.models.inventory import known
from ai.models.own_cards import keep_reference, newest_network
from ai.models.weights import weights_folder, weights_of
from ai.resources import own_models


@pytest.fixture
def own(hilum_home: Path) -> Path:
    folder = own_models()
    assert folder == hilum_home / "models"
    folder.mkdir(parents=True)
    text = (cards_folder() / "lungs-unet.toml").read_text(encoding="utf-8")
    text = text.replace('id = "lungs-unet"', 'id = "mine"').replace(
        "lungs-unet.safetensors", "mine.safetensors"
    )
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    raw = (weights_folder() / "lungs-unet.safetensors").read_bytes()
    (folder / "mine.safetensors").write_bytes(raw)
    return folder


def test_it_is_found_with_the_weights_that_lie_beside_it(own: Path) -> None:
    card = load_card("mine")
    assert card.folder == own
    assert weights_of(card).sha256 == load_card("lungs-unet").weights_sha256
    listed = {one.id: one for one in known()}
    assert listed["mine"].size_bytes == listed["lungs-unet"].size_bytes


def test_it_never_takes_the_place_of_a_shipped_one(own: Path) -> None:
    (own / "lungs-unet.toml").write_text("id = 1")
    assert load_card("lungs-unet").folder is None
    assert [one.id for one in known()].count("lungs-unet") == 1


def test_without_such_a_folder_there_are_the_shipped_ones_alone(hilum_home: Path) -> None:
    with pytest.raises(OutsideError, match="no model card"):
        load_card("mine")
    assert all(one.card is None or one.card.folder is None for one in known())


def test_the_network_that_was_taught_here_last_is_asked(own: Path) -> None:
    assert newest_network() == "lungs-unet"
    for number in (2, 10):
        text = (own / "mine.toml").read_text(encoding="utf-8")
        name = f"lungs-own-{number}"
        (own / f"{name}.toml").write_text(text.replace('"mine"', f'"{name}"'), encoding="utf-8")
    assert newest_network() == "lungs-own-10"
    (own / "lungs-own-10.toml").write_text("spoilt")
    (own / "lungs-own-x.toml").write_text("none of ours")
    assert newest_network() == "lungs-own-2"
    (own / "mine.safetensors").unlink()
    assert newest_network() == "lungs-unet", "without its weights it is no model"


def test_its_reference_lies_beside_it_and_no_shipped_one_is_changed(own: Path) -> None:
    shipped = load_card("lungs-unet")
    told = known_to_network(shipped)
    assert told is not None and known_to_network(load_card("mine")) is None
    with pytest.raises(OutsideError, match="shipped"):
        keep_reference(shipped, told.as_json())
    known_to_network.cache_clear()  # this process has asked before there was one
    keep_reference(load_card("mine"), told.as_json())
    assert (own / "mine.gate.json").exists() and known_to_network(load_card("mine")) == told
    known_to_network.cache_clear()
    (own / "mine.gate.json").write_text("spoilt")
    assert known_to_network(load_card("mine")) is None
    known_to_network.cache_clear()
