"""How much memory a piece of work took at its most, where the system tells it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RESET_PEAK = "5"


@dataclass
class Peak:
    """grown_mb: how far the process grew over what it held before; None where nobody knows."""

    grown_mb: float | None = None


@contextmanager
def peak_memory() -> Iterator[Peak]:
    """Measures the work inside; Linux only (VmHWM, set back by clear_refs: man proc)."""
    found = Peak()
    before = None
    with suppress(OSError):
        CLEAR.write_text(RESET_PEAK)
        before = _field("VmRSS")
    try:
        yield found
    finally:
        after = _field("VmHWM")
        if before is not None and after is not None:
            found.grown_mb = max(0.0, after - before)


def _field(name: str) -> float | None:
    with suppress(OSError, ValueError, IndexError):
        for line in STATUS.read_text(encoding="utf-8").splitlines():
            if line.startswith(f"{name}:"):
                return float(line.split()[1]) / 1024
    return None
