"""The rich phantom's nodules: uneven, spiculated or glassy, of the volume that the truth tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.phantom.growths import RICH_WISHES, PhantomNodule, place
from ai.phantom.lobes import ARTERY_LEAF_MM, Lobes
from ai.phantom.tubes import Axes, Block
from ai.phantom.warp import Warp
from ai.scan.finding import GROUND_GLASS, PART_SOLID

Floats = NDArray[np.floating[Any]]

CORE_HU = 30.0
GLASS_EDGE_MM = 2.5
LOBES, SPIKES, TRIES = 7, 9, 200


@dataclass(frozen=True, eq=False)
class Lump:
    """A nodule's surface: its radius in a direction u is the sum over waves of
    height * exp(sharp * (u . way - 1)), on top of 1, times radius_mm."""

    centre: Floats
    radius_mm: float
    hu: float
    edge_mm: float
    ways: Floats
    heights: Floats
    sharp: Floats

    def radius(self, ways: Floats) -> Floats:
        """Radius in mm towards unit vectors (N, 3)."""
        waves = self.heights * np.exp(self.sharp * (ways @ self.ways.T - 1))
        return self.radius_mm * (1 + waves.sum(axis=-1))


def place_rich(lobes: Lobes, warp: Warp, seed: int) -> tuple[PhantomNodule, ...]:
    """The nodules of a seed, well apart, where they lie in the scan."""
    radii = lobes.arteries.radii_mm(ARTERY_LEAF_MM)
    wide = radii > 0.9
    ends = np.stack([lobes.arteries.start[wide], lobes.arteries.end[wide]], axis=1)
    still = place(RICH_WISHES, lobes, ends, radii[wide], seed, tries=TRIES)
    made = []
    for nodule in still:
        x, y, z = warp.shown(np.array([nodule.centre_lps]))[0].tolist()
        centre = (round(x, 2), round(y, 2), round(z, 2))
        made.append(
            PhantomNodule(
                centre, nodule.diameter_mm, nodule.type, nodule.hu, nodule.zone, nodule.core_mm
            )
        )
    return tuple(made)


def lumps_of(nodules: Sequence[PhantomNodule], seed: int) -> tuple[Lump, ...]:
    """The surfaces of nodules, solid parts after the glass around them."""
    made = []
    for number, nodule in enumerate(nodules):
        rng = np.random.default_rng([seed, 25, number])
        glassy = nodule.type in (GROUND_GLASS, PART_SOLID)
        spiky = not glassy and nodule.diameter_mm > 10
        made.append(_lump(nodule, nodule.diameter_mm, nodule.hu, glassy, spiky, rng))
        if nodule.core_mm:
            made.append(_lump(nodule, nodule.core_mm, CORE_HU, False, False, rng))
    return tuple(made)


def _lump(
    nodule: PhantomNodule, wide_mm: float, hu: float, glassy: bool, spiky: bool,
    rng: np.random.Generator,
) -> Lump:  # fmt: skip
    spikes = SPIKES if spiky else 0
    ways = rng.normal(size=(LOBES + spikes, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    uneven = 0.10 if wide_mm < 6 else 0.20
    heights = np.concatenate([rng.uniform(-uneven, uneven, LOBES), rng.uniform(0.15, 0.45, spikes)])
    sharp = np.concatenate([rng.uniform(2, 6, LOBES), rng.uniform(25, 60, spikes)])
    edge_mm = GLASS_EDGE_MM if glassy else 0.0
    shape = Lump(np.array(nodule.centre_lps), 1.0, hu, edge_mm, ways, heights, sharp)
    # the volume is the mean of the radius cubed over all directions, whatever the shape
    probe = rng.normal(size=(4000, 3))
    probe /= np.linalg.norm(probe, axis=1, keepdims=True)
    volume = float((np.maximum(shape.radius(probe), 0) ** 3).mean())
    radius_mm = wide_mm / 2 / volume ** (1 / 3)
    return Lump(shape.centre, radius_mm, hu, edge_mm, ways, heights, sharp)


def paint_lumps(block: Block, axes: Axes, lumps: Sequence[Lump]) -> None:
    """Lay nodules over a block where they are denser than what is there."""
    for lump in lumps:
        reach = 1.9 * lump.radius_mm + lump.edge_mm + axes.slice_mm
        spans = []
        for axis, middle in zip((axes.z, axes.y, axes.x), lump.centre[::-1], strict=True):
            low, high = np.searchsorted(axis, (middle - reach, middle + reach))
            spans.append(slice(int(low), int(high)))
        if any(s.start >= s.stop for s in spans):
            continue
        part = block[tuple(spans)]
        # thick slices are looked at in several heights
        several = max(1, round(axes.slice_mm / axes.edge_mm * 1.5))
        share = np.zeros(part.shape, dtype=np.float32)
        for step in (np.arange(several) + 0.5) / several - 0.5:
            share += _share(lump, axes, spans, float(step) * axes.slice_mm) / several
        part += share * np.maximum(lump.hu - part, 0)


def _share(lump: Lump, axes: Axes, spans: Sequence[slice], lift_mm: float) -> Floats:
    x, y, z = lump.centre
    dz = axes.z[spans[0]][:, None, None] + np.float32(lift_mm - z)
    dy, dx = axes.y[spans[1]][None, :, None] - y, axes.x[spans[2]][None, None, :] - x
    gap = np.stack(np.broadcast_arrays(dx, dy, dz), axis=-1)
    far = np.linalg.norm(gap, axis=-1)
    radius = lump.radius(gap / np.maximum(far, 1e-6)[..., None])
    edge = max(lump.edge_mm, axes.edge_mm)
    # a straight edge of this width adds its square to the volume; take it off the radius
    radius = radius - edge**2 / (12 * np.maximum(radius, edge))
    return np.clip((radius - far) / edge + 0.5, 0, 1)
