"""Model cards: what a model is for, what it expects of a scan, and what it may be trusted with."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ai.errors import BadInput, OutsideError
from ai.resources import own_models, resource
from ai.scan.labelmap import Code, MadeBy, Segment

TASKS = ("lungs", "nodules")
DEFAULTS = {"lungs": "lungs-classical", "nodules": "nodules-log"}
"""The card by which each task is done unless another is asked for."""
Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Expects:
    """What a scan must be like before the model is asked.

    least_slices, least_height_mm: fewer slices or less of the body from head to feet is refused.
    thickest_mm: slices further apart are refused; advised_mm: slices further apart are warned of.
    least_air_ml: less lung-like air inside the body is refused.
    """

    least_slices: int
    least_height_mm: float
    thickest_mm: float
    advised_mm: float
    least_air_ml: float


@dataclass(frozen=True)
class ModelCard:
    """One model, as its card tells it.

    segments: what its labels mean, with DICOM codes. spacing_mm: the grid it works on, (k, j, i).
    hu_range: lowest and highest HU it looks at. operating_points: name and number. weights,
    weights_sha256: file and checksum, both empty for a model without weights. folder: where the
    weights lie beside a card of this user's own; None for a shipped card.
    """

    id: str
    version: str
    task: str
    family: str
    title: str
    segments: tuple[Segment, ...]
    spacing_mm: Triple
    hu_range: tuple[int, int]
    expects: Expects
    operating_points: tuple[tuple[str, float], ...]
    weights: str
    weights_sha256: str
    licence: str
    data: str
    intended_use: str
    limits: str
    folder: Path | None = None

    @property
    def made_by(self) -> MadeBy:
        return MadeBy(self.id, self.version)

    def operating_point(self, name: str) -> float:
        """The number of that name. Raises BadInput when the card has none."""
        for point, value in self.operating_points:
            if point == name:
                return value
        raise BadInput(f"The model card {self.id} has no operating point named {name}.")


def load_card(card_id: str, *, folder: Path | None = None) -> ModelCard:
    """The card of that id, from the shipped cards and this user's own, or from another folder.

    Raises OutsideError when there is none, or when it is not a whole card.
    """
    # A name with a slash or a dot would lead out of the folder.
    known = {path.stem: path for path in card_files(folder)}
    if card_id not in known:
        names = ", ".join(known) or "none"
        raise OutsideError(
            f"There is no model card named {card_id!r}.", remedy=f"Cards that are here: {names}."
        )
    return read_card(known[card_id])


def cards(task: str, *, folder: Path | None = None) -> tuple[ModelCard, ...]:
    """All cards for a task, by id; a card that cannot be read is left out.

    Raises BadInput for a task that Hilum does not have.
    """
    if task not in TASKS:
        raise BadInput(f"There is no task named {task!r}.", remedy=f"Tasks: {', '.join(TASKS)}.")
    found = []
    for path in card_files(folder):
        try:
            card = read_card(path)
        except OutsideError:
            continue  # one spoilt card never costs the others; asking for it by name tells why
        if card.task == task:
            found.append(card)
    return tuple(found)


def card_files(folder: Path | None = None) -> tuple[Path, ...]:
    """All cards of a folder, by name; without one the shipped cards, then this user's own ones.

    A shipped card is never hidden by one of the same name. Raises as cards_folder does.
    """
    if folder is not None:
        return tuple(sorted(folder.glob("*.toml")))
    shipped = sorted(cards_folder().glob("*.toml"))
    names = {path.name for path in shipped}
    own = (path for path in sorted(own_models().glob("*.toml")) if path.name not in names)
    return (*shipped, *own)


def cards_folder() -> Path:
    """Where the shipped cards lie. Raises OutsideError when they are not there."""
    try:
        return resource("cards")
    except FileNotFoundError as error:
        raise OutsideError(str(error)) from error


def reference_path(card: ModelCard) -> Path:
    """Where the gate's reference of a card's network lies, or would lie.

    Here and not beside those who read it: they load scipy, which a window that starts needs not.
    """
    if card.folder is not None:
        return card.folder / f"{card.id}.gate.json"
    return resource("gate", f"{card.id}.json")


def read_card(path: Path) -> ModelCard:
    """The card in a file. Raises OutsideError when it is not a whole one."""
    again = "Install Hilum again, or take the file out of the folder of cards."
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        card = _card(table)
    except OSError as error:
        raise OutsideError(f"The model card {path.name} cannot be read.", again) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OutsideError(
            f"The model card {path.name} is not valid TOML: {error}.", again
        ) from error
    except KeyError as error:
        raise OutsideError(f"The model card {path.name} lacks {error.args[0]}.", again) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise OutsideError(f"The model card {path.name} is spoilt: {error}.", again) from error
    if path.parent == own_models():
        card = replace(card, folder=path.parent)
    if card.id != path.stem:
        raise OutsideError(f"The model card {path.name} calls itself {card.id}.", again)
    return card


def _card(table: dict[str, Any]) -> ModelCard:
    expects = table["expects"]
    low, high = (int(n) for n in expects["hu_range"])
    dk, dj, di = (float(n) for n in expects["spacing_mm"])
    weights = table.get("weights", {})
    task = _text(table, "task")
    if task not in TASKS:
        raise ValueError(f"the task {task!r} is not one of {', '.join(TASKS)}")
    if not low < high or min(dk, dj, di) <= 0:
        raise ValueError("hu_range or spacing_mm makes no sense")
    return ModelCard(
        id=_text(table, "id"),
        version=_text(table, "version"),
        task=task,
        family=_text(table, "family"),
        title=_text(table, "title"),
        segments=tuple(_segment(row) for row in table["segments"]),
        spacing_mm=(dk, dj, di),
        hu_range=(low, high),
        expects=Expects(
            least_slices=int(expects["least_slices"]),
            least_height_mm=float(expects["least_height_mm"]),
            thickest_mm=float(expects["thickest_mm"]),
            advised_mm=float(expects["advised_mm"]),
            least_air_ml=float(expects["least_air_ml"]),
        ),
        operating_points=tuple(
            (str(name), float(value)) for name, value in table.get("operating_points", {}).items()
        ),
        weights=str(weights.get("file", "")),
        weights_sha256=str(weights.get("sha256", "")),
        licence=_text(table, "licence"),
        data=_text(table, "data"),
        intended_use=_text(table, "intended_use"),
        limits=_text(table, "limits"),
    )


def _text(table: dict[str, Any], key: str) -> str:
    value = table[key]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} must be a text")
    return value.strip()


def _segment(row: dict[str, Any]) -> Segment:
    laterality = row.get("laterality")
    return Segment(
        number=int(row["number"]),
        name=_text(row, "name"),
        label=_text(row, "label"),
        category=_code(row["category"]),
        kind=_code(row["kind"]),
        laterality=_code(laterality) if laterality else None,
    )


def _code(triple: list[str]) -> Code:
    value, scheme, meaning = triple
    return Code(str(value), str(scheme), str(meaning))
