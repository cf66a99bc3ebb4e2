"""`hilum models`: what is here, in full, and one sentence for every model that is not whole."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ai.models import card as card_room
from ai.models import weights as weights_room
from ai.models.weights import read_weights, write_weights
from ai.resources import resource
from viewer.cli import run


class Shelf:
    """Cards and weights of one's own: the shipped cards, and a small network for lungs-unet."""

    def __init__(self, folder: Path) -> None:
        self.cards, self.weights = folder / "cards", folder / "models"
        self.cards.mkdir()
        self.weights.mkdir()
        for path in resource("cards").glob("*.toml"):
            (self.cards / path.name).write_text(path.read_text("utf-8"), encoding="utf-8")

    def name_weights(self, sha256: str) -> None:
        shipped = "6d124a59aa9efb44bd448992dae163f63f4dfa95bfeb87f9e61d3f29baf0a8e2"
        path = self.cards / "lungs-unet.toml"
        text = path.read_text("utf-8")
        assert shipped in text or sha256 in text
        path.write_text(text.replace(shipped, sha256), encoding="utf-8")

    @property
    def file(self) -> Path:
        return self.weights / "lungs-unet.safetensors"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    networks = pytest.importorskip("ai.models.networks")
    made = Shelf(tmp_path)
    network = networks.UNet3d((4, 8), 3)
    held = {name: one.numpy() for name, one in network.state_dict().items()}
    made.name_weights(write_weights(made.file, held, about=network.words()))
    monkeypatch.setattr(card_room, "resource", lambda *parts: made.cards)
    monkeypatch.setattr(weights_room, "resource", lambda *parts: made.weights)
    return made


def test_the_shipped_models_are_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "verify"]) == 0
    told = capsys.readouterr()
    assert "lungs-unet: whole, weights are those of the card" in told.out
    assert "lungs-classical: whole, no weights" in told.out
    assert told.err == ""


def test_a_line_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "list"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == ["id", "task", "family", "version", "size", "sha256", "default", "licence"]
    unet = next(row for row in rows if row[0] == "lungs-unet")
    digest = read_weights(resource("models", "lungs-unet.safetensors")).sha256
    assert unet[1:3] == ["lungs", "unet"] and digest[:12] in unet
    assert unet[-2:] == ["no", "Apache-2.0"]


def test_the_list_as_json_has_one_default_a_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    defaults = sorted(row["task"] for row in rows if row["default"])
    assert defaults == ["lungs", "nodules"]
    assert all(len(row["sha256"]) == 64 for row in rows if row["size_bytes"])


def test_a_card_is_shown_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "show", "lungs-unet"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    for words in ("LIDC-IDRI-0001", "limits:", "measured:", "left out:", "stress:", "HD95"):
        assert words in told
    assert run(["models", "show", "lungs-unet", "--json"]) == 0
    assert "stress" in json.loads(capsys.readouterr().out)["measured"]


def test_an_unknown_model_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["models", "show", "nobody"]) == 1
    assert "There is no model card named 'nobody'." in capsys.readouterr().err


def _changed(shelf: Shelf) -> None:
    raw = bytearray(shelf.file.read_bytes())
    raw[-1] ^= 1
    shelf.file.write_bytes(raw)


def _pickled(shelf: Shelf) -> None:
    shelf.file.write_bytes(pickle.dumps({"a": np.zeros(2)}))


def _without_a_field(shelf: Shelf) -> None:
    path = shelf.cards / "lungs-unet.toml"
    path.write_text(path.read_text("utf-8").replace('family = "unet"\n', ""), encoding="utf-8")


def _rewritten(change: Callable[[dict[str, np.ndarray]], None]) -> Callable[[Shelf], None]:
    """Weights that are those of their card, and not those of the network that they name."""

    def rewrite(shelf: Shelf) -> None:
        before = read_weights(shelf.file)
        held = {name: array.copy() for name, array in before.tensors.items()}
        change(held)
        sha256 = write_weights(shelf.file, held, about=before.about)
        path = shelf.cards / "lungs-unet.toml"
        text = path.read_text("utf-8").replace(before.sha256, sha256)
        path.write_text(text, encoding="utf-8")

    return rewrite


def _other_name(held: dict[str, np.ndarray]) -> None:
    held["tail.weight"] = held.pop("head.weight")


def _other_shape(held: dict[str, np.ndarray]) -> None:
    held["head.weight"] = held["head.weight"][:, :2]


def _no_numbers(held: dict[str, np.ndarray]) -> None:
    held["head.bias"][:] = np.nan


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda shelf: shelf.file.unlink(), "cannot be read"),
        (lambda shelf: shelf.file.write_bytes(b""), "not the ones that the model's card names"),
        (_changed, "not the ones that the model's card names"),
        (_pickled, "a Python pickle, which may hold a program"),
        (_without_a_field, "lacks family"),
        (_rewritten(_other_name), "not those of the network they name"),
        (_rewritten(_other_shape), "a wrong shape at head.weight"),
        (_rewritten(_no_numbers), "hold numbers that are none at head.bias"),
    ],
    ids=["gone", "empty", "changed", "pickle", "card", "names", "shapes", "numbers"],
)
def test_a_model_that_is_not_whole_costs_one_sentence_and_exit_1(
    shelf: Shelf,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Shelf], None],
    sentence: str,
) -> None:
    assert run(["models", "verify"]) == 0
    capsys.readouterr()
    spoil(shelf)
    assert run(["models", "verify"]) == 1
    told = capsys.readouterr()
    (line,) = told.err.splitlines()
    assert line.startswith("lungs-unet: ") and line.endswith(".") and sentence in line
    assert "lungs-classical: whole" in told.out, "one spoilt model costs no other"
    assert "lungs-unet: whole" not in told.out
    assert run(["models", "verify", "--json"]) == 1
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert not rows["lungs-unet"]["whole"] and sentence in rows["lungs-unet"]["fault"]
    assert run(["models", "list"]) == 0, "a spoilt model is still listed"
    assert "lungs-unet" in capsys.readouterr().out


def test_a_folder_without_cards_is_no_good_news(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in shelf.cards.glob("*.toml"):
        path.unlink()
    assert run(["models", "verify"]) == 1
    assert "There is no model here." in capsys.readouterr().err


def test_bad_arguments_exit_with_2() -> None:
    for words in (["models"], ["models", "buy"], ["models", "show"]):
        with pytest.raises(SystemExit) as ended:
            run(words)
        assert ended.value.code == 2


def test_a_card_tells_every_stratum_that_was_measured_of_its_own_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scans by name and how often each was scored; nothing where the weights are others."""
    from ai.models import inventory

    card = card_room.load_card("lungs-unet")
    table = f"""
card = "{card.id} {card.version}"
weights_sha256 = "{card.weights_sha256}"
how_often_scored = ["scan: 3 x"]
[strata."effusion 0.1"]
"scan" = "Dice 0.9/0.8"
"""
    monkeypatch.setattr(inventory, "weights_folder", lambda: tmp_path)
    beside = tmp_path / f"{card.id}.strata.toml"
    assert "by_stratum" not in inventory.whole_card(card.id)
    beside.write_text(table, encoding="utf-8")
    told = inventory.whole_card(card.id)["by_stratum"]
    assert told["strata"]["effusion 0.1"]["scan"] == "Dice 0.9/0.8"
    beside.write_text(table.replace(card.weights_sha256, "0" * 64), encoding="utf-8")
    assert "by_stratum" not in inventory.whole_card(card.id)
    beside.write_text("spoilt", encoding="utf-8")
    assert "by_stratum" not in inventory.whole_card(card.id)


def test_the_shipped_strata_are_of_the_shipped_models() -> None:
    """Else measure anew: hilum evaluate lungs --stress, then hilum evaluate strata."""
    from ai.models.inventory import whole_card

    for card_id in ("lungs-unet", "lungs-classical"):
        told = whole_card(card_id)["by_stratum"]
        assert "as it is" in told["strata"] and len(told["strata"]) > 10
        assert all(" x" in one or "development" in one for one in told["how_often_scored"])
        assert "by name" in told["how_told"] or "interval" in told["how_told"]
