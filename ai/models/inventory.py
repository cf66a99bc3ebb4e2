"""Which models are here, what each card says in full, and whether every file is right."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ai.errors import OutsideError
from ai.models.card import DEFAULTS, ModelCard, card_files, load_card, read_card
from ai.models.weights import BadWeights, weights_folder, weights_of, weights_path


@dataclass(frozen=True)
class Known:
    """A card that is here. card: None where it cannot be read, and then fault says why.

    size_bytes: of its weights; 0 for a model without, None where the file is missing. default:
    whether it is the one that its task is done by unless another is asked for.
    """

    id: str
    card: ModelCard | None
    fault: str
    size_bytes: int | None
    default: bool


def known(*, folder: Path | None = None, weights: Path | None = None) -> tuple[Known, ...]:
    """All cards, the shipped ones and this user's own or another folder's, the spoilt ones too.

    Raises OutsideError when there is no folder of cards.
    """
    return tuple(_known(path, weights) for path in card_files(folder))


def _known(path: Path, weights: Path | None) -> Known:
    default = path.stem in DEFAULTS.values()
    try:
        card = read_card(path)
    except OutsideError as error:
        return Known(path.stem, None, error.sentence, None, default)
    return Known(card.id, card, "", _size(card, weights), default)


def _size(card: ModelCard, folder: Path | None) -> int | None:
    if not card.weights:
        return 0
    try:
        return weights_path(card, folder=folder).stat().st_size
    except (OSError, OutsideError):
        return None


def whole_card(card_id: str, *, folder: Path | None = None) -> dict[str, Any]:
    """All that a card says, also what no code looks at, as its TOML stands; behind it what an
    evaluation measured of each stratum, where that lies beside and is of the card's own weights.

    Raises OutsideError when there is none, or when it is not a whole card.
    """
    card = load_card(card_id, folder=folder)  # tells what is wrong with it, if anything is
    path = next(path for path in card_files(folder) if path.stem == card_id)
    return tomllib.loads(path.read_text(encoding="utf-8")) | _by_stratum(card)


def _by_stratum(card: ModelCard) -> dict[str, Any]:
    """Out of `hilum evaluate strata`; nothing where there is none, or it is of other weights."""
    try:
        path = weights_folder() / f"{card.id}.strata.toml"
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, OutsideError):
        return {}
    same = (table.get("card"), table.get("weights_sha256")) == (
        f"{card.id} {card.version}", card.weights_sha256,
    )  # fmt: skip
    return {"by_stratum": table} if same else {}


def fault_of(one: Known, *, weights: Path | None = None) -> str:
    """Why a model cannot be used, in one sentence; nothing where it can.

    The card is whole, the weights are the ones it names by their SHA-256, hold tensors alone, and
    fill the network they name. That last part is left out where torch is not installed.
    """
    if one.card is None or not one.card.weights:
        return one.fault
    try:
        found = weights_of(one.card, folder=weights)
        _fill(found)
    except BadWeights as error:
        return error.sentence
    return ""


def _fill(found: Any) -> None:
    try:
        from ai.models.networks import build
    except ImportError:
        return
    build(found)
