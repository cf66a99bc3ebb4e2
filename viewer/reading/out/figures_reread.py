"""figures.csv read again without the code that wrote it: the numbers that stand in the file."""

from __future__ import annotations

import csv
from pathlib import Path

WORDS = frozenset(
    (
        *("what", "name", "id", "state", "origin", "answered_by", "zone", "type"),
        *("label", "reason", "density_note", "scan", "model", "tracking_uid", "use"),
    )
)
"""Columns that hold no number."""


def reread_figures(path: Path) -> dict[str, dict[str, float]]:
    """Tracking UID to column to number. Raises ValueError where a field is no number."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream, strict=True)
        seen: dict[str, dict[str, float]] = {}
        for row in rows:
            uid = row["tracking_uid"]
            if uid in seen:
                raise ValueError(f"{uid} stands in two rows")
            seen[uid] = {
                column: float(value)
                for column, value in row.items()
                if column not in WORDS and value != ""
            }
        return seen
