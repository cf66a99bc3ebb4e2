"""`hilum models list|show|verify`: which models are here, what each is for, whether it is whole."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from ai.models.inventory import Known, fault_of, known, whole_card

WIDTH = 100
HASH_DIGITS = 12
COLUMNS = ("id", "task", "family", "version", "size", "sha256", "default", "licence")


def main(words: Sequence[str]) -> int:
    """The command; 0, or 1 when a model is not whole. Raises HilumError for a card unknown."""
    options = _parser().parse_args(words)
    if options.what == "show":
        return _show(options.id, as_json=options.json)
    if options.what == "verify":
        return _verify(as_json=options.json)
    return _list(as_json=options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hilum models", description="The models that are here. Research use only."
    )
    parts = parser.add_subparsers(dest="what", required=True, metavar="list|show|verify")
    listed = parts.add_parser("list", help="one line a model")
    shown = parts.add_parser("show", help="all that a model's card says")
    shown.add_argument("id", help="as the list names it")
    checked = parts.add_parser(
        "verify", help="checksum and contents of every file; exits with 1 when one is wrong"
    )
    for part in (listed, shown, checked):
        part.add_argument("--json", action="store_true", help="one JSON value")
    return parser


def _list(*, as_json: bool) -> int:
    rows = [_facts(one) for one in known()]
    if as_json:
        print(json.dumps(rows, indent=1))
        return 0
    table = [COLUMNS, *(_cells(row) for row in rows)]
    wide = [max(len(row[n]) for row in table) for n in range(len(COLUMNS))]
    for cells in table:
        print("  ".join(cell.ljust(w) for cell, w in zip(cells, wide, strict=True)).rstrip())
    for row in rows:
        if row["fault"]:
            print(f"{row['id']}: {row['fault']}", file=sys.stderr)
    return 0


def _facts(one: Known) -> dict[str, Any]:
    card = one.card
    return {
        "id": one.id,
        "title": card.title if card else None,
        "task": card.task if card else None,
        "family": card.family if card else None,
        "version": card.version if card else None,
        "size_bytes": one.size_bytes,
        "sha256": card.weights_sha256 if card else None,
        "default": one.default,
        "licence": card.licence if card else None,
        "fault": one.fault,
    }


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    told = {name: str(row[name] or "?") for name in ("id", "task", "family", "version", "licence")}
    size = row["size_bytes"]
    told["size"] = "missing" if size is None else f"{size / 1e6:.1f} MB" if size else "-"
    told["sha256"] = str(row["sha256"] or "-")[:HASH_DIGITS]
    told["default"] = "yes" if row["default"] else "no"
    return tuple(told[name] for name in COLUMNS)


def _show(card_id: str, *, as_json: bool) -> int:
    table = whole_card(card_id)
    print(json.dumps(table, indent=1, ensure_ascii=False) if as_json else "\n".join(_lines(table)))
    return 0


def _lines(table: Mapping[str, Any], inset: str = "") -> list[str]:
    """Every entry of a card: short ones on a line, texts wrapped, tables below their name."""
    lines = []
    for name, value in table.items():
        title = f"{inset}{name.replace('_', ' ')}:"
        if isinstance(value, Mapping):
            lines += [title, *_lines(value, inset + "  ")]
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for row in value:
                lines += [title, *_lines(row, inset + "  ")]
        else:
            text = ", ".join(map(str, value)) if isinstance(value, list) else str(value).strip()
            lines += _wrapped(title, text, inset)
    return lines


def _wrapped(title: str, text: str, inset: str) -> list[str]:
    if len(title) + 1 + len(text) <= WIDTH:
        return [f"{title} {text}"]
    return [title, *textwrap.wrap(text, WIDTH, initial_indent=inset + "  ",
                                  subsequent_indent=inset + "  ")]  # fmt: skip


def _verify(*, as_json: bool) -> int:
    found = known()
    faults = {one.id: fault_of(one) for one in found}
    if as_json:
        rows = [{"id": name, "whole": not fault, "fault": fault} for name, fault in faults.items()]
        print(json.dumps(rows, indent=1))
    else:
        for one in found:
            if not faults[one.id]:
                what = "weights are those of the card" if one.size_bytes else "no weights"
                print(f"{one.id}: whole, {what}")
    for name, fault in faults.items():
        if fault:
            print(f"{name}: {fault}", file=sys.stderr)
    if not found:
        print("There is no model here.", file=sys.stderr)
    return 1 if any(faults.values()) or not found else 0
