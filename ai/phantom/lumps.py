"""The rich phantom's nodules: uneven, spiculated or glassy, of the volume that the truth tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.phantom.growths import RICH_WISHES, PhantomNodule, place
from ai.phantom.heart import mediastinum
from ai.phantom.lobes import ARTERY_LEAF_MM, Lobes
from ai.phantom.still import Depths
from ai.phantom.tubes import Axes, Block
from ai.phantom.warp import Warp
from ai.scan.finding import GROUND_GLASS, PART_SOLID

Floats = NDArray[np.floating[Any]]

CORE_HU = 30.0
IN_LUNG = 0.55
"""A nodule's middle lies in the lung by this share of its radius at the least."""
GLASS_EDGE_MM = 2.5
LOBES, SPIKES, TRIES = 9, 14, 200
CLOUDS, CLOUD_HU, CLOUD_MM = 10, 42.0, (3.0, 9.0)
"""Glass is cloudy: so many waves, this spread in all, of these lengths."""


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
    clouds: Floats
    """(N, 4): radians per mm along x, y, z, and a phase; none for what is solid."""

    def radius(self, ways: Floats) -> Floats:
        """Radius in mm towards unit vectors (N, 3)."""
        waves = self.heights * np.exp(self.sharp * (ways @ self.ways.T - 1))
        return self.radius_mm * (1 + waves.sum(axis=-1))

    def unevenness_hu(self, gap: Floats) -> Floats | float:
        """What glass has more or less than its HU at places (..., 3) from the centre in mm."""
        if not len(self.clouds):
            return 0.0
        waves = np.sin(gap @ self.clouds[:, :3].T.astype(np.float32) + self.clouds[:, 3])
        return CLOUD_HU * (2 / len(self.clouds)) ** 0.5 * waves.sum(axis=-1)


def place_rich(lobes: Lobes, warp: Warp, seed: int) -> tuple[PhantomNodule, ...]:
    """The nodules of a seed, well apart, where they lie in the scan."""
    radii = lobes.arteries.radii_mm(ARTERY_LEAF_MM)
    wide = radii > 0.9
    ends = np.stack([lobes.arteries.start[wide], lobes.arteries.end[wide]], axis=1)
    still = place(RICH_WISHES, lobes, ends, radii[wide], seed, tries=TRIES)
    made = []
    for nodule in still:
        shown = warp.shown(np.array([nodule.centre_lps]))[0]
        least_mm = IN_LUNG * nodule.diameter_mm / 2
        x, y, z = _held(shown, nodule.zone[0] == "R", least_mm, warp).tolist()
        centre = (round(x, 2), round(y, 2), round(z, 2))
        made.append(
            PhantomNodule(
                centre, nodule.diameter_mm, nodule.type, nodule.hu, nodule.zone, nodule.core_mm
            )
        )
    return tuple(made)


def _held(place: Floats, right: bool, least_mm: float, warp: Warp) -> Floats:
    """A place (3,) of the scan, moved across its slice until it lies so deep under the pleura."""
    place = place.copy()
    wide = np.arange(-150.0, 150.1, 1.0, dtype=np.float32)  # of a whole slice, as it is drawn
    depths = Depths(wide, wide, float(place[2]), warp, mediastinum())
    own = depths.right if right else depths.left
    for _ in range(4):
        j, i = (int(np.abs(wide - place[n]).argmin()) for n in (1, 0))
        lacking = least_mm - float(own[j, i])
        if lacking <= 0:
            break
        way = np.array([own[j, i + 2] - own[j, i - 2], own[j + 2, i] - own[j - 2, i]])
        place[:2] += (lacking + 0.2) * way / max(float(np.linalg.norm(way)), 1e-6)
    return place


def lumps_of(nodules: Sequence[PhantomNodule], seed: int) -> tuple[Lump, ...]:
    """The surfaces of nodules, solid parts after the glass around them."""
    made = []
    for number, nodule in enumerate(nodules):
        rng = np.random.default_rng([seed, 25, number])
        glassy = nodule.type in (GROUND_GLASS, PART_SOLID)
        spiky = not glassy and nodule.diameter_mm > 10
        made.append(_lump(nodule, nodule.diameter_mm, nodule.hu, glassy, spiky, rng))
        if nodule.core_mm:
            aside = rng.normal(size=3)
            aside *= 0.13 * nodule.core_mm / np.linalg.norm(aside)  # seldom right in the middle
            x, y, z = (np.array(nodule.centre_lps) + aside).tolist()
            core = replace(nodule, centre_lps=(x, y, z))
            made.append(_lump(core, nodule.core_mm, CORE_HU, False, True, rng))
    return tuple(made)


def _lump(
    nodule: PhantomNodule, wide_mm: float, hu: float, glassy: bool, spiky: bool,
    rng: np.random.Generator,
) -> Lump:  # fmt: skip
    spikes = SPIKES if spiky else 0
    ways = rng.normal(size=(LOBES + spikes, 3))
    long = rng.normal(size=(1, 3))
    ways = np.concatenate([long, -long, ways])  # longer one way than the others
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    uneven = 0.12 if wide_mm < 6 else 0.24
    stretch = rng.uniform(0.0, 2.0 * uneven)
    heights = np.concatenate(
        [[stretch] * 2, rng.uniform(-uneven, uneven, LOBES), rng.uniform(0.15, 0.6, spikes)]
    )
    sharp = np.concatenate([[1.8] * 2, rng.uniform(2, 9, LOBES), rng.uniform(25, 80, spikes)])
    edge_mm = GLASS_EDGE_MM if glassy else 0.0
    many = CLOUDS if glassy else 0
    clouds = rng.normal(size=(many, 4))
    clouds[:, :3] /= np.linalg.norm(clouds[:, :3], axis=1, keepdims=True)
    clouds[:, :3] *= 2 * np.pi / rng.uniform(*CLOUD_MM, (many, 1))
    clouds[:, 3] *= 4
    own = (edge_mm, ways, heights, sharp, clouds)
    shape = Lump(np.array(nodule.centre_lps), 1.0, hu, *own)
    # the volume is the mean of the radius cubed over all directions, whatever the shape
    probe = rng.normal(size=(4000, 3))
    probe /= np.linalg.norm(probe, axis=1, keepdims=True)
    volume = float((np.maximum(shape.radius(probe), 0) ** 3).mean())
    radius_mm = wide_mm / 2 / volume ** (1 / 3)
    return Lump(shape.centre, radius_mm, hu, *own)


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
        hu = lump.hu + lump.unevenness_hu(_gap(lump, axes, spans, 0.0))
        part += share * np.maximum(hu - part, 0)


def _gap(lump: Lump, axes: Axes, spans: Sequence[slice], lift_mm: float) -> Floats:
    """From a nodule's centre to the voxels of a part of a block, in mm, (..., 3)."""
    x, y, z = lump.centre
    dz = axes.z[spans[0]][:, None, None] + np.float32(lift_mm - z)
    dy, dx = axes.y[spans[1]][None, :, None] - y, axes.x[spans[2]][None, None, :] - x
    return np.stack(np.broadcast_arrays(dx, dy, dz), axis=-1)


def _share(lump: Lump, axes: Axes, spans: Sequence[slice], lift_mm: float) -> Floats:
    gap = _gap(lump, axes, spans, lift_mm)
    far = np.linalg.norm(gap, axis=-1)
    radius = lump.radius(gap / np.maximum(far, 1e-6)[..., None])
    edge = max(lump.edge_mm, axes.edge_mm)
    # a straight edge of this width adds its square to the volume; take it off the radius
    radius = radius - edge**2 / (12 * np.maximum(radius, edge))
    return np.clip((radius - far) / edge + 0.5, 0, 1)
