"""How a figure is taken: in pairs with its peer, the order swapped each time, medians told."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Seconds = Callable[[], float]
"""Does one piece of work and returns how long it took, in seconds."""


@dataclass(frozen=True)
class Figure:
    """One figure of one row.

    value: in `unit`. peer: what stands beside it in the same run, with its value in the same unit;
    ratio: the median of the pairs' ratios. limit: what the ratio (or, with limits_value, the value)
    should not pass. runs: how many pairs or samples. note: what else was seen.
    """

    row: str
    what: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None
    limit: float | None = None
    limits_value: bool = False
    runs: int = 1
    note: str = ""

    @property
    def within(self) -> bool | None:
        """Whether the limit is kept; None where there is none."""
        held = self.value if self.limits_value else self.ratio
        return None if self.limit is None or held is None else held <= self.limit

    def line(self) -> str:
        """The figure as it is printed."""
        told = f"{self.row:9s} {self.what:58s} {_short(self.value):>8s} {self.unit}"
        if self.peer and self.ratio is not None:
            told += f"  = {self.ratio:.2f} x {self.peer}"
            if self.peer_value is not None:
                told += f" ({_short(self.peer_value)} {self.unit})"
        if self.limit is not None:
            unit = f" {self.unit}" if self.limits_value else " x"
            told += f"  [{'ok' if self.within else 'OVER'}, limit {self.limit:g}{unit}]"
        if self.limits_value and self.limit:
            told += f" = {self.value / self.limit:.2f} x the limit"
        told += f"  n={self.runs}"
        return f"{told}  {self.note}" if self.note else told

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "within": self.within}


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def timed(work: Callable[[], object]) -> Seconds:
    """Work without a clock of its own, timed from outside."""

    def seconds() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return seconds


@dataclass(frozen=True)
class Pairs:
    """Medians of two works done in turn, and the median of the pairs' ratios."""

    ours_s: float
    peer_s: float
    ratio: float
    runs: int


def in_pairs(ours: Seconds, peer: Seconds, times: int) -> Pairs:
    """Both in turn, `times` times; which goes first is swapped each time."""
    mine: list[float] = []
    theirs: list[float] = []
    for number in range(times):
        for is_mine in (True, False) if number % 2 == 0 else (False, True):
            (mine if is_mine else theirs).append(ours() if is_mine else peer())
    ratios = [a / b for a, b in zip(mine, theirs, strict=True) if b > 0]
    return Pairs(
        statistics.median(mine), statistics.median(theirs), statistics.median(ratios), times
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of them lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def cpu_model() -> str:
    """What the processor calls itself, where the system tells."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8", errors="ignore").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def load() -> float | None:
    """The load average of the last minute; None where the system does not tell."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def machine() -> dict[str, Any]:
    """Where the figures were taken."""
    from importlib.metadata import PackageNotFoundError, version

    versions = {}
    for name in ("PySide6_Essentials", "vtk", "numpy", "pydicom", "SimpleITK", "torch"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "missing"
    return {
        "system": platform.platform(),
        "processor": cpu_model(),
        "cores": cores(),
        "python": ".".join(map(str, sys.version_info[:3])),
        "versions": versions,
        "load": load(),
    }
