"""Who answers Enter and Esc: each in turn is asked; the first with something to do has done it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

Asked = Callable[[], object]
"""Does its work and returns a true value, or returns a false one and has done nothing."""

DRAWING: Final = 0
"""A line being drawn, a word being typed: nothing may come before it."""
EDITING: Final = 1
"""A mode that is on: a mask being edited, a tool that waits for a second click."""
PAGES: Final = 2
"""What lies over the window: a page, the key sheet, a search; left before any work is stopped."""
VIEWING: Final = 3
"""What runs: a job, a film, a search for priors."""
READING: Final = 4
"""The reading itself: the reader's own pass."""


class Chain:
    """Callables in the order of their ranks, and within a rank as they were added."""

    def __init__(self) -> None:
        self._asked: list[tuple[int, Asked]] = []

    def add(self, rank: int, asked: Asked) -> None:
        """rank: DRAWING, EDITING, VIEWING or READING."""
        self._asked.append((rank, asked))
        self._asked.sort(key=lambda one: one[0])

    def ask(self) -> bool:
        """True where somebody had something to do."""
        return any(asked() for _, asked in self._asked)
