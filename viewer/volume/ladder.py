"""How coarse a picture may be: a ladder of steps, chosen by timed pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace

from viewer.volume.messages import CPU, GPU

SOFTWARE = ("llvmpipe", "softpipe", "swiftshader", "swrast", "software", "basic render")
"""Parts of the names of drivers that draw on the processor."""

FAST_MS = 40.0
"""A probe's picture above this is drawn on the processor, whatever the driver calls itself."""

TOO_SLOW_MS, QUICK_MS = 150.0, 60.0
QUICK_IN_A_ROW, MOST_IN_A_ROW = 4, 128
"""So many quick pictures before a finer step is tried, twice as many after each that was too slow:
a picture that jumps between coarse and fine is worse than a coarse one."""


@dataclass(frozen=True)
class Step:
    """scale: of the picture's sides. rays: pixels from ray to ray. along: from sample to sample, in
    cubes. volume: 0 the fine one, 1 the one of half its cubes a side. lit: shaded where the preset
    is."""

    scale: float
    rays: float
    along: float
    volume: int
    lit: bool


FULL = Step(1.0, 1.0, 0.6, 0, True)
"""At rest: nothing left out."""

STEPS = (
    Step(1.0, 1.0, 1.0, 0, True),
    Step(0.7, 1.0, 1.0, 0, True),
    Step(0.6, 1.5, 1.0, 0, True),
    Step(0.5, 1.5, 1.0, 1, True),
    Step(0.4, 2.0, 1.0, 1, True),
    Step(0.3, 2.0, 1.5, 1, False),
    Step(0.2, 2.0, 2.0, 1, False),
)
"""While it moves, the finest first."""

START = {GPU: 0, CPU: 3}


@dataclass(frozen=True)
class Ladder:
    """Where on STEPS the moving picture stands.

    quick: quick pictures in a row so far; needed: so many before a finer step is tried.
    """

    at: int
    quick: int = 0
    needed: int = QUICK_IN_A_ROW

    @property
    def step(self) -> Step:
        return STEPS[self.at]

    def after(self, draw_ms: float) -> Ladder:
        """One step coarser after a slow picture, one finer after several quick ones."""
        if draw_ms > TOO_SLOW_MS:
            patience = min(2 * self.needed, MOST_IN_A_ROW)
            return Ladder(min(self.at + 1, len(STEPS) - 1), 0, patience)
        if draw_ms >= QUICK_MS:
            return replace(self, quick=0)
        if self.quick + 1 >= self.needed:
            return Ladder(max(0, self.at - 1), 0, self.needed)
        return replace(self, quick=self.quick + 1)

    def rested(self) -> Ladder:
        """After a rest: what was too slow then may have been another program's doing."""
        return Ladder(self.at)


def is_software(driver: str) -> bool:
    """Whether a driver of that name draws on the processor; one that tells nothing does."""
    name = driver.lower()
    return not name or any(part in name for part in SOFTWARE)


def route_of(driver: str, probe_ms: float | None) -> str:
    """GPU or CPU: which mapper draws volumes. probe_ms: what a GPU's picture took, None untried."""
    if is_software(driver) or probe_ms is None or probe_ms > FAST_MS:
        return CPU
    return GPU


def first_ladder(route: str) -> Ladder:
    """Where a route begins."""
    return Ladder(START[route])
