"""What a whole family of processes holds, and when it rests."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
BLOCKS = Path("/dev/shm")
_TICK_S = 1 / os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 0.01


@dataclass(frozen=True)
class Held:
    """What a family holds, in MB of 2**20 bytes.

    pss_mb: the sum of what each process holds, shared pages split among those that map them
    (proc(5), smaps_rollup). blocks_mb: of the shared blocks, what no process has mapped in and no
    PSS therefore counts. each: PSS by process, oldest first.
    """

    pss_mb: float
    blocks_mb: float
    each: tuple[float, ...]


def held_by(pids: list[int]) -> Held:
    """Raises OSError where the system does not tell (smaps_rollup: Linux 4.14)."""
    each, shared = [], 0.0
    for pid in pids:
        told = _lines(PROC / str(pid) / "smaps_rollup")
        each.append(told.get("Pss", 0) / 1024)
        shared += told.get("Pss_Shmem", 0) / 1024
    return Held(sum(each), max(0.0, _blocks_mb(pids) - shared), tuple(round(mb, 1) for mb in each))


def family_of(pid: int) -> list[int]:
    """A process and all below it, by age."""
    parents = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            try:
                after_name = (folder / "stat").read_text(errors="replace").rpartition(")")[2]
            except OSError:
                continue
            parents[int(folder.name)] = int(after_name.split()[1])
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sorted(family)


def cpu_s(pids: list[int]) -> float:
    """Processor seconds that these have used."""
    total = 0.0
    for pid in pids:
        try:
            told = (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        total += (int(told[11]) + int(told[12])) * _TICK_S
    return total


class Quiet:
    """Tells when every child is up and none works any more."""

    SHARE = 0.04

    def __init__(self, pid: int, children: int) -> None:
        self._pid, self._children = pid, children
        self._before: tuple[float, float] | None = None

    def now(self) -> bool:
        """Whether it was quiet since the last time this was asked."""
        below = [pid for pid in family_of(self._pid) if pid != self._pid]
        at, used = time.monotonic(), cpu_s(below)
        before, self._before = self._before, (at, used)
        if before is None or len(below) < self._children:
            return False
        return used - before[1] <= self.SHARE * (at - before[0])


def _blocks_mb(pids: list[int]) -> float:
    found = [path for pid in pids for path in BLOCKS.glob(f"hilum-{pid}-*")]
    return sum(path.stat().st_blocks * 512 for path in found) / 2**20


def _lines(path: Path) -> dict[str, int]:
    """The numbers of "Name:  123 kB" lines."""
    rows = (line.split() for line in path.read_text(encoding="ascii").splitlines())
    return {row[0].rstrip(":"): int(row[1]) for row in rows if len(row) > 1 and row[1].isdigit()}
