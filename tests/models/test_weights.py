"""Weights: read whole, compared with their card, refused in a sentence when anything is off."""

from __future__ import annotations

import json
import pickle
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ai.models.card import ModelCard, load_card
from ai.models.weights import BadWeights, read_weights, weights_of, write_weights
from tests.data import data_folder

TENSORS = {
    "a": np.arange(6, dtype=np.float32).reshape(2, 3),
    "b": np.array([1.5, -2], dtype=np.float16),
    "scalar": np.array(7.0, dtype=np.float32),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_weights(tmp_path / "w.safetensors", TENSORS, about={"network": "unet3d"})
    return tmp_path / "w.safetensors"


def raw(header: dict[str, object], body: bytes) -> bytes:
    words = json.dumps(header).encode()
    return struct.pack("<Q", len(words)) + words + body


def entry(shape: list[int], start: int, stop: int, dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


def test_tensors_and_words_come_back_as_they_were_written(file: Path) -> None:
    back = read_weights(file)
    assert back.about == {"network": "unet3d"}
    assert set(back.tensors) == set(TENSORS)
    for name, array in TENSORS.items():
        assert back.tensors[name].dtype == array.dtype
        assert np.array_equal(back.tensors[name], array)


def test_the_checksum_is_of_the_whole_file(file: Path) -> None:
    sha256 = read_weights(file).sha256
    assert read_weights(file, sha256=sha256).sha256 == sha256
    changed = bytearray(file.read_bytes())
    changed[-1] ^= 1
    file.write_bytes(changed)
    with pytest.raises(BadWeights, match="not the ones"):
        read_weights(file, sha256=sha256)


def test_a_pickle_is_refused_and_never_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path(tmp_path / "ran"),)  # type: ignore[return-value]

    path = tmp_path / "w.safetensors"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(BadWeights, match="pickle"):
        read_weights(path)
    assert not (tmp_path / "ran").exists()


def test_a_torch_archive_is_refused_as_a_pickle(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    torch.save({"a": torch.zeros(2)}, tmp_path / "w.pt")
    with pytest.raises(BadWeights, match="pickle"):
        read_weights(tmp_path / "w.pt")


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"1234",
        struct.pack("<Q", 1 << 40) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 4) + b"{{{{",
        raw({"a": entry([2], 0, 8)}, b"1234"),
        raw({"a": entry([3], 0, 8)}, b"12345678"),
        raw({"a": entry([-2, -1], 0, 8)}, b"12345678"),
        raw({"a": entry([2], 0, 8, "C64")}, b"12345678"),
        raw({"a": entry([2], 0, 8), "b": entry([2], 0, 8)}, b"12345678"),
        raw({"a": entry([2], 0, 8)}, b"12345678more"),
        raw({"a": {"dtype": "F32"}}, b""),
        raw({"a": 5}, b""),
    ],
)
def test_a_spoilt_file_costs_a_sentence(tmp_path: Path, spoilt: bytes) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(spoilt)
    with pytest.raises(BadWeights) as caught:
        read_weights(path)
    assert caught.value.sentence.endswith(".")
    assert "classical" in caught.value.remedy


@pytest.mark.parametrize("cut", [3, 20, 200])
def test_a_file_cut_short_is_refused(file: Path, cut: int) -> None:
    file.write_bytes(file.read_bytes()[:-cut])
    with pytest.raises(BadWeights):
        read_weights(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadWeights, match="cannot be read"):
        read_weights(tmp_path / "none.safetensors")


@pytest.fixture
def card() -> ModelCard:
    return load_card("lungs-unet")


def test_the_shipped_weights_are_those_of_their_card_and_small(card: ModelCard) -> None:
    weights = weights_of(card)
    assert weights.sha256 == card.weights_sha256
    assert sum(a.nbytes for a in weights.tensors.values()) < 20_000_000


@pytest.mark.parametrize("name", ["", "../weights.safetensors", "/etc/passwd"])
def test_a_card_cannot_point_outside_the_folder_of_weights(card: ModelCard, name: str) -> None:
    with pytest.raises(BadWeights, match="names no file"):
        weights_of(replace(card, weights=name))


def test_a_card_without_a_checksum_is_not_trusted(card: ModelCard) -> None:
    with pytest.raises(BadWeights, match="no checksum"):
        weights_of(replace(card, weights_sha256=""))


@pytest.mark.data
def test_files_that_others_wrote_are_read() -> None:
    folder = data_folder()
    assert folder is not None
    peer = folder / "peers" / "unet-small-wdk24"
    keys = json.loads((peer / "keys.json").read_text(encoding="utf-8"))
    tensors = read_weights(peer / "weights.safetensors").tensors
    assert {name: list(array.shape) for name, array in tensors.items()} == {
        name: shape for name, shape, _ in keys
    }
