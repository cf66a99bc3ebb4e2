"""How a long computation tells how far it is, and learns that it is no longer wanted."""

from __future__ import annotations

from collections.abc import Callable

OnProgress = Callable[[float, str], None]
"""Called with the fraction done (0 to 1) and the step's name; raises Cancelled to stop the work."""


def ignore(fraction: float, step: str) -> None:
    """Progress that nobody looks at."""


def part(on_progress: OnProgress, start: float, end: float) -> OnProgress:
    """The progress of one part of a longer work: its 0 to 1 becomes start to end."""

    def report(fraction: float, step: str) -> None:
        on_progress(start + (end - start) * fraction, step)

    return report
