"""Few files opened beside a scan that is on its way: they may be masks for it, which must wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

FEW: Final = 12
"""As many masks as are laid on a CT together; what holds more files is a scan."""


def are_few(paths: Sequence[Path]) -> bool:
    """Whether these are files, or folders of few files: looked into in no time."""
    count = 0
    for path in paths[: FEW + 1]:
        try:
            inside = list(islice(path.iterdir(), FEW + 1)) if path.is_dir() else [path]
            if any(not one.is_file() for one in inside):
                return False
        except OSError:
            return False
        count += len(inside)
    return 0 < count <= FEW


@dataclass(frozen=True)
class Asked:
    """only: of their folder these alone. wins: nothing was opened after them but more of these."""

    only: tuple[Path, ...] = ()
    wins: bool = True


class Beside:
    """The looks into few files, by their job."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}
        self._watched = ""

    def add(self, job: str, only: Sequence[Path]) -> None:
        self._asked[job] = Asked(tuple(only))

    def watch(self, job: str) -> None:
        """The look that is wanted most is one of these, too."""
        self._watched = job

    def keep(self, job: str) -> bool:
        """Something else is wanted more than this look; True where it goes on beside it."""
        watched, self._watched = self._watched, ""
        if job != watched:
            return False
        self._asked[job] = Asked(wins=False)
        return True

    def outdo(self) -> None:
        """A scan was asked for after all of them."""
        self._asked = {job: Asked(one.only, wins=False) for job, one in self._asked.items()}

    @property
    def jobs(self) -> frozenset[str]:
        return frozenset(self._asked)

    def take(self, job: str) -> Asked | None:
        """How this look was asked for, once; None where it is none of these."""
        return self._asked.pop(job, None)
