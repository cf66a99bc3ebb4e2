"""New weights become a model of this user's own: a card beside them tells where they came from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ai.errors import OutsideError
from ai.models.card import ModelCard, read_card, reference_path
from ai.models.inventory import whole_card
from ai.models.weights import Weights, write_weights, write_whole
from ai.resources import own_models

NETWORK = "unet"
OF_WEIGHTS = ("measured", "by_stratum")
"""What a card tells of its own weights, and of no others."""
SHIPPED = {"lungs": "lungs-unet"}


def keep_own(
    parent: str,
    weights: Weights,
    *,
    data: str,
    measured: Mapping[str, str],
    about: Mapping[str, str],
) -> str:
    """The id of a new card, lungs-own-1 and so on, made of its parent's; weights written first.

    data: what was learnt from beside what the parent learnt from. measured: figures of the new
    weights; none of the parent's are taken over. about: more words for the weights' header.
    Raises OutsideError where the folder of own models cannot be written to.
    """
    table = {name: value for name, value in whole_card(parent).items() if name not in OF_WEIGHTS}
    folder = own_models()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = 1
        while (folder / f"{table['task']}-own-{number}.toml").exists():
            number += 1
        name = f"{table['task']}-own-{number}"
        file = f"{name}.safetensors"
        sha256 = write_weights(folder / file, weights.tensors, about={**weights.about, **about})
        table |= {
            "id": name,
            "version": "1.0",
            "title": f"Lungs (network, corrected here {number})",
            "data": f"{data} It began with {parent} {table['version']}: {table['data']}",
            "weights": {"file": file, "sha256": sha256},
            "measured": dict(measured),
        }
        write_whole(folder / f"{name}.toml", toml_of(table).encode())
    except OSError as error:
        raise OutsideError(
            f"The model cannot be kept: {error.strerror}.", "Make room, and run it again."
        ) from error
    return name


def keep_reference(card: ModelCard, text: str) -> None:
    """What the card's network knows of chests, kept beside its weights, so that it looks at every
    scan itself. Raises OutsideError where it cannot be written, or the card is none of this user's.
    """
    if card.folder is None:
        raise OutsideError(f"The model {card.id} was shipped; its reference is not changed here.")
    try:
        write_whole(reference_path(card), f"{text}\n".encode())
    except OSError as error:
        raise OutsideError(
            f"The model's reference cannot be kept: {error.strerror}.", "Make room for it."
        ) from error


def newest_network(task: str = "lungs") -> str:
    """The id of the network that was taught here last and is whole, else of the shipped one."""
    own = [path for path in own_models().glob(f"{task}-own-*.toml") if _number(path)]
    for path in sorted(own, key=_number, reverse=True):
        try:
            card = read_card(path)
        except OutsideError:
            continue  # a spoilt card costs that model alone
        if card.task == task and card.family == NETWORK and (path.parent / card.weights).exists():
            return card.id
    return SHIPPED[task]


def _number(path: Path) -> int:
    number = path.stem.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def toml_of(table: Mapping[str, Any]) -> str:
    """A card's table as TOML: plain entries, then tables, then lists of tables.

    JSON writes texts, numbers, truths and lists as TOML does.
    """
    lines, below = [], []
    for name, value in table.items():
        if isinstance(value, Mapping):
            below += ["", f"[{name}]", *_entries(value)]
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for row in value:
                below += ["", f"[[{name}]]", *_entries(row)]
        else:
            lines += _entries({name: value})
    return "\n".join([*lines, *below]) + "\n"


def _entries(table: Mapping[str, Any]) -> list[str]:
    return [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in table.items()]
