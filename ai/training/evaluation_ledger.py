"""How often each scan was scored: a test set that is looked at often is none any more."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path

from ai.errors import OutsideError
from ai.resources import resource


def kept_for_scoring() -> frozenset[str]:
    """Names of the scans that the makers kept for scoring: nothing is learnt from them."""
    table = tomllib.loads(resource("evaluation.toml").read_text(encoding="utf-8"))
    return frozenset(str(name) for name in table["scored"])


class Ledger:
    """Counts by the name of a scan, kept in one JSON file; before: by whoever made the models."""

    def __init__(self, path: Path) -> None:
        """Raises OutsideError where the file is there and cannot be read."""
        self._path = path
        try:
            text = path.read_text(encoding="utf-8") if path.exists() else "{}"
            self._counts = {str(name): int(n) for name, n in json.loads(text).items()}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise OutsideError(
                f"{path.name} cannot be read: it counts how often scans were scored.",
                "Move it away; counting then begins anew.",
            ) from error
        table = tomllib.loads(resource("evaluation.toml").read_text(encoding="utf-8"))
        self._before = {str(name): int(n) for name, n in table["scored"].items()}
        self._development = frozenset(str(name) for name in table["development"])

    def note(self, names: Iterable[str]) -> None:
        """Each of these scans was scored once more. Raises OutsideError where that is not kept."""
        for name in dict.fromkeys(names):
            self._counts[name] = self._counts.get(name, 0) + 1
        try:
            self._path.write_text(json.dumps(self._counts, indent=1), encoding="utf-8")
        except OSError as error:
            raise OutsideError(f"{self._path.name} cannot be written.") from error

    def told(self, name: str) -> str:
        """In words: here, and by the makers before, who did not count on scans they worked with."""
        here, before = self._counts.get(name, 0), self._before.get(name, 0)
        if name in self._development:
            return f"{here} x here, and all the time in development"
        return f"{here} x here, {before} x by the makers"

    def total(self, name: str) -> str:
        """In words, for a card: here and by the makers together."""
        if name in self._development:
            return "all the time, in development"
        return f"{self._counts.get(name, 0) + self._before.get(name, 0)} x"
