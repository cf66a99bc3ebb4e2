"""Weights on disk: tensors and nothing else, checked before a number is used.

The format is safetensors (eight bytes of length, a JSON header, raw little-endian numbers), read
here without a library: no part of such a file is ever run. Pickles (.pt, .pth) are refused; they
are programs. Source: the format's description, huggingface.co/docs/safetensors.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.errors import BadInput
from ai.models.card import ModelCard
from ai.resources import resource

Tensors = dict[str, NDArray[Any]]

MOST_HEADER = 1 << 20
MOST_BYTES = 1 << 30
_TYPES: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "U8": np.dtype("u1"),
}
_NAMES = {kind: name for name, kind in _TYPES.items()}
_PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")
AGAIN = "Install Hilum again, or choose Lungs (classical), which needs no weights."


class BadWeights(BadInput):
    """A file of weights that is missing, changed, or not what it should be."""


@dataclass(frozen=True, eq=False)
class Weights:
    """Tensors by name, the words stored beside them, and the SHA-256 of the file."""

    tensors: Tensors
    about: dict[str, str]
    sha256: str


def weights_of(card: ModelCard, *, folder: Path | None = None) -> Weights:
    """The weights that a card names, checksum compared: from another folder, else from beside a
    card of this user's own, else from resources/models.

    Raises BadWeights.
    """
    if not card.weights or Path(card.weights).name != card.weights:
        raise BadWeights(f"The model card {card.id} names no file of weights.", AGAIN)
    if not card.weights_sha256:
        raise BadWeights(f"The model card {card.id} gives no checksum for its weights.", AGAIN)
    return read_weights(weights_path(card, folder=folder), sha256=card.weights_sha256)


def weights_path(card: ModelCard, *, folder: Path | None = None) -> Path:
    """Where the weights of a card lie, or would lie; as weights_of finds them."""
    return (folder or card.folder or weights_folder()) / card.weights


def weights_folder() -> Path:
    """Where the shipped weights lie. Raises BadWeights when they are not there."""
    try:
        return resource("models")
    except FileNotFoundError as error:
        raise BadWeights(str(error), AGAIN) from error


def read_weights(path: Path, *, sha256: str = "") -> Weights:
    """A safetensors file. sha256: what the whole file must hash to, where that is known.

    Raises BadWeights in one sentence for whatever is wrong with it.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadWeights(f"The weights {path.name} are larger than any model here.", AGAIN)
        raw = path.read_bytes()
    except OSError as error:
        raise BadWeights(f"The weights {path.name} cannot be read.", AGAIN) from error
    digest = hashlib.sha256(raw).hexdigest()
    if raw.startswith(_PICKLES):
        raise BadWeights(
            f"The weights {path.name} are a Python pickle, which may hold a program.",
            "Use the model's safetensors file.",
        )
    if sha256 and digest != sha256.lower():
        raise BadWeights(
            f"The weights {path.name} are not the ones that the model's card names.", AGAIN
        )
    try:
        tensors, about = _parse(raw)
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise BadWeights(f"The weights {path.name} are spoilt: {error}.", AGAIN) from error
    return Weights(tensors, about, digest)


def _parse(raw: bytes) -> tuple[Tensors, dict[str, str]]:
    (length,) = struct.unpack_from("<Q", raw)
    if length > min(MOST_HEADER, len(raw) - 8):
        raise ValueError("the header is longer than the file or than any header is")
    header = json.loads(raw[8 : 8 + length].decode("utf-8"))
    about = {str(k): str(v) for k, v in header.pop("__metadata__", {}).items()}
    body = memoryview(raw)[8 + length :]
    tensors: Tensors = {}
    end = 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        kind = _TYPES[entry["dtype"]]
        shape = tuple(int(n) for n in entry["shape"])
        start, stop = (int(n) for n in entry["data_offsets"])
        count = int(np.prod(shape, dtype=np.int64)) if all(n >= 0 for n in shape) else -1
        if start != end or stop > len(body) or stop - start != count * kind.itemsize:
            raise ValueError(f"the tensor {name} does not lie where the header says")
        tensors[name] = np.frombuffer(body[start:stop], dtype=kind).reshape(shape)
        end = stop
    if end != len(body):
        raise ValueError("the file holds more than its header names")
    return tensors, about


def write_weights(
    path: Path, tensors: Mapping[str, NDArray[Any]], *, about: Mapping[str, str]
) -> str:
    """Writes a safetensors file whole or not at all; its SHA-256."""
    header: dict[str, Any] = {"__metadata__": dict(about)}
    blocks: list[bytes] = []
    end = 0
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        kind = array.dtype.newbyteorder("<") if array.dtype.byteorder == ">" else array.dtype
        block = array.astype(kind).tobytes()
        header[name] = {
            "dtype": _NAMES[np.dtype(kind)],
            "shape": list(np.shape(tensors[name])),
            "data_offsets": [end, end + len(block)],
        }
        blocks.append(block)
        end += len(block)
    words = json.dumps(header, separators=(",", ":")).encode("utf-8")
    words += b" " * (-len(words) % 8)
    raw = b"".join((struct.pack("<Q", len(words)), words, *blocks))
    write_whole(path, raw)
    return hashlib.sha256(raw).hexdigest()


def write_whole(path: Path, raw: bytes) -> None:
    """The file whole or not at all."""
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(raw)
    beside.replace(path)
