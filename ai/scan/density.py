"""The density of a lung: how many of its voxels have which HU, and what follows from it.

LAA-950 is the share of voxels below -950 HU (low attenuation area), the 15th percentile the lowest
HU that at least 15 % of the voxels do not exceed; both as in the emphysema literature (Gevenois
1996, Am J Respir Crit Care Med 154:187; Parr 2008, Respir Res 9:21). HAA is the share from -600 to
-250 HU (high attenuation area; Lederer 2009, Am J Respir Crit Care Med 180:407).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LOWEST_HU: Final = -1024
HIGHEST_HU: Final = 100
"""The ends of the table: padding below and bone above are counted in the outermost places."""
LOW_HU: Final = -950
PERCENT: Final = 15
HIGH_HU: Final = (-600, -250)
"""The ends of the high attenuation area, both in it."""


@dataclass(frozen=True)
class Density:
    """Voxels by HU, a place for each whole HU from LOWEST_HU to HIGHEST_HU."""

    counts: tuple[int, ...]

    @property
    def voxels(self) -> int:
        return sum(self.counts)

    @property
    def below_950(self) -> float:
        """The share of voxels below -950 HU, 0 to 1."""
        return sum(self.counts[: LOW_HU - LOWEST_HU]) / max(1, self.voxels)

    @property
    def p15_hu(self) -> int:
        """The lowest HU that at least 15 % of the voxels do not exceed."""
        return LOWEST_HU + int(np.argmax(np.cumsum(self.counts) * 100 >= PERCENT * self.voxels))

    @property
    def median_hu(self) -> int:
        """The lowest HU that at least half of the voxels do not exceed."""
        return LOWEST_HU + int(np.argmax(np.cumsum(self.counts) * 2 >= self.voxels))

    @property
    def sd_hu(self) -> float:
        """The standard deviation; values beyond the ends of the table count as the ends."""
        counts = np.array(self.counts, np.float64)
        hu, every = LOWEST_HU + np.arange(len(counts)), max(1.0, float(counts.sum()))
        mean = float(counts @ hu) / every
        return float(np.sqrt(counts @ (hu - mean) ** 2 / every))

    @property
    def high(self) -> float:
        """The share of voxels in the high attenuation area, 0 to 1."""
        first, last = HIGH_HU
        within = self.counts[first - LOWEST_HU : last + 1 - LOWEST_HU]
        return sum(within) / max(1, self.voxels)

    def changed(self, won: NDArray[Any], lost: NDArray[Any]) -> Density:
        """After voxels of these HU were won and those lost."""
        after = np.array(self.counts) + counted(won) - counted(lost)
        return Density(tuple(int(n) for n in after))


def counted(hu: NDArray[Any]) -> NDArray[np.int64]:
    """How many of these values fall on each place of the table."""
    places = np.clip(hu, LOWEST_HU, HIGHEST_HU).astype(np.int64) - LOWEST_HU
    return np.bincount(places.ravel(), minlength=HIGHEST_HU - LOWEST_HU + 1)


def density_of(counts: NDArray[np.int64]) -> Density:
    return Density(tuple(int(n) for n in counts))


def both(parts: Sequence[Density]) -> Density:
    """Of several segments together."""
    return density_of(np.array([part.counts for part in parts], dtype=np.int64).sum(axis=0))
