"""What a model's card tells of each stratum: written from the rows of an evaluation, never by hand.

The file lies beside the model's weights and `hilum models show` tells it with the card. Means with
their intervals where there are patients enough, else every scan by name; scans that the model
learnt from are left out and named. Times are not told: they are of one machine on one day.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from math import isfinite
from pathlib import Path
from statistics import fmean
from typing import Any, get_type_hints

from ai.errors import BadInput
from ai.models.card import ModelCard
from ai.training.evaluation_spread import ENOUGH, PERCENT, spread
from ai.training.lungs_evaluate import Row

NAME = "strata.toml"
HEAD = "# Written by `hilum evaluate strata` out of the table of an evaluation; never by hand.\n"
FEW = f"Fewer than {ENOUGH} patients: every scan by name, right and left; no mean, no interval."
MANY = f"Means over lungs, with the {PERCENT} % interval of a bootstrap over patients."
FIGURES: tuple[tuple[str, str, int], ...] = (
    ("dice", "Dice", 3), ("hd95_mm", "HD95 mm", 1), ("msd_mm", "MSD mm", 2),
    ("volume_error", "volume error", 3), ("inserted_inside", "pasted voxels inside", 2),
    ("air_dice", "Dice of aerated lung", 3),
)  # fmt: skip


def rows_of(path: Path) -> tuple[Row, ...]:
    """The rows that an evaluation wrote. Raises BadInput where the file is no such table."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return tuple(_row(cells) for cells in csv.DictReader(file))
    except (OSError, ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise BadInput(
            f"{path.name} is no table of `hilum evaluate lungs`.", "Write one with --out."
        ) from error


def _row(cells: Mapping[str, str]) -> Row:
    kinds = get_type_hints(Row)
    values: dict[str, Any] = {}
    for field in fields(Row):
        # A table written before a column was there lacks it.
        text = cells[field.name] if field.default is MISSING else cells.get(field.name) or ""
        if kinds[field.name] is str:
            values[field.name] = text
        elif kinds[field.name] is bool:
            values[field.name] = {"True": True, "False": False}[text]
        else:
            values[field.name] = float(text) if text else None
    return Row(**values)


def strata_of(rows: Iterable[Row], card: ModelCard, looked: Callable[[str], str]) -> str:
    """The file's text. looked: how often a scan was scored, in words.

    Raises BadInput where no row is the card's, or one is of other weights.
    """
    own = [row for row in rows if row.model == card.id]
    if not own:
        raise BadInput(f"The table holds no row of {card.id}.")
    if any(row.weights != card.weights_sha256 for row in own):
        raise BadInput(
            f"The table was measured with other weights than those of the card {card.id}.",
            "Evaluate the model anew.",
        )
    fresh = [row for row in own if not row.trained and (row.dice is not None or row.fault)]
    patients = {row.of for row in fresh}
    scans = list(dict.fromkeys(row.scan for row in fresh))
    learnt = sorted({row.scan for row in own if row.trained})
    lines = [
        HEAD,
        f"card = {_text(f'{card.id} {card.version}')}",
        f"weights_sha256 = {_text(card.weights_sha256)}",
        f"patients = {len(patients)}",
        f"learnt_from_and_left_out = [{', '.join(map(_text, learnt))}]",
        f"how_often_scored = [{', '.join(_text(f'{s}: {looked(s)}') for s in scans)}]",
        f"how_told = {_text(MANY if len(patients) >= ENOUGH else FEW)}",
    ]
    for stratum in dict.fromkeys(row.stratum for row in fresh):
        lines.append(f"\n[strata.{_text(stratum)}]")
        here = [row for row in fresh if row.stratum == stratum]
        told = _means(here) or _by_name(here)
        lines += [f"{_text(name)} = {_text(words)}" for name, words in told.items()]
    return "\n".join(lines) + "\n"


def _by_name(rows: Sequence[Row]) -> dict[str, str]:
    told = {}
    for scan in dict.fromkeys(row.scan for row in rows):
        own = {row.side: row for row in rows if row.scan == scan}
        parts = [
            f"{title} {_both(own, name, digits)}"
            for name, title, digits in FIGURES
            if any(getattr(row, name) is not None for row in own.values())
        ]
        faults = dict.fromkeys(row.fault for row in own.values() if row.fault)
        told[scan] = "; ".join((*parts, *faults))
    return told


def _both(own: Mapping[str, Row], name: str, digits: int) -> str:
    return "/".join(_number(getattr(own[side], name), digits) for side in own)


def _number(value: float | None, digits: int) -> str:
    if value is None:
        return "–"
    return f"{value:.{digits}f}" if isfinite(value) else "no mask"


def _means(rows: Sequence[Row]) -> dict[str, str]:
    """Nothing where a figure has too few patients."""
    told = {}
    for name, title, digits in FIGURES:
        measured = [(r.of, float(v)) for r in rows if (v := getattr(r, name)) is not None]
        if found := spread(measured, fmean):
            told[title] = f"{found.told(digits)}, {found.patients} patients"
    return told


def _text(words: str) -> str:
    """A TOML string: JSON's are those, but for DEL."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007f")
