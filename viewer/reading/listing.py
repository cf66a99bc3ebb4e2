"""`hilum readings`: the log folded without a window, also while one is open."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from viewer.home import home
from viewer.language.catalogue import ENGLISH, LANGUAGES
from viewer.reading.events import Exported
from viewer.reading.library import Library
from viewer.reading.origin import told_state
from viewer.reading.reading import Reading
from viewer.reading.report.words import Tell, state_word
from viewer.reading.store import Store


def readings() -> list[dict[str, Any]]:
    """All readings, newest first, in the form `hilum readings --json` prints.

    Opens log and library read-only. Raises StoreError where there is a log that cannot be read.
    """
    log, books = home() / "readings.sqlite", home() / "library.sqlite"
    if not log.exists() or not log.stat().st_size:
        return []
    store = Store(log, read_only=True)
    library = Library(books, read_only=True) if books.exists() else None
    try:
        return [
            _told(store.reading(reading, voxels=False), library) for reading in store.readings()
        ]
    finally:
        store.close()
        if library:
            library.close()


def _told(reading: Reading, library: Library | None) -> dict[str, Any]:
    return {
        "reading": reading.id,
        "series": library.uid_of(reading.series) if library else "",
        "lungs": reading.has_lungs,
        "searched": reading.searched,
        "findings": [
            {
                "id": finding.id,
                "state": told_state(finding, reading.state(finding.id)),
                "centre_mm": list(finding.centre_lps),
                "mean_diameter_mm": finding.measurement.mean_diameter_mm,
            }
            for finding in reading.findings
        ],
        "exported": sum(isinstance(row.event, Exported) for row in reading.history),
        "exports": list(library.exports_of(reading.id)) if library else [],
    }


def main(arguments: Sequence[str]) -> int:
    """Prints the readings; 0, or 2 for bad arguments (argparse)."""
    parser = argparse.ArgumentParser(
        prog="hilum readings", description="Readings kept on this machine, newest first."
    )
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        default=ENGLISH,
        help="of what is printed; en unless given. With --json nothing is translated",
    )
    parser.add_argument("--json", action="store_true", help="one JSON list")
    options = parser.parse_args(arguments)
    found = readings()
    if options.json:
        print(json.dumps(found, indent=1))
        return 0
    tell = Tell(options.language)
    if not found:
        print(tell("No readings yet."))
    for row in found:
        print(f"{row['reading']}  {_line(row, tell)}")
    return 0


def _line(row: dict[str, Any], tell: Tell) -> str:
    """What one reading holds: its lungs, its findings by state, its exports."""
    counts = Counter(finding["state"] for finding in row["findings"])
    words = {"proposed": tell("proposed")}
    states = tell(", ").join(
        tell("{0} {1}", number, words.get(state) or state_word(tell, state))
        for state, number in sorted(counts.items())
    )
    lungs = tell("lungs") if row["lungs"] else tell("no lungs")
    none = tell("0 candidates") if row["searched"] else tell("nodules not searched for")
    one = row["exported"] == 1
    told = tell("1 export") if one else tell("{0} exports", row["exported"])
    return tell("; ").join((lungs, states or none, told))
