"""One nodule grown from a point, to half contrast between its core and the lung around it.

Plain numpy on a small box, some tens of milliseconds: the window's process calls it for a click.
Source of the steps: Kuhnigk et al., IEEE TMI 2006; 25: 417 (threshold midway, opening against
vessels, lung hull against the wall); the numbers are our own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ai.nodules.smallbox import (
    Bools,
    Floats32,
    Spacing,
    box_around,
    box_of,
    closed,
    connected,
    depth_mm,
    distance_from,
    smoothed,
)
from ai.scan.finding import BoxMask
from ai.scan.labelmap import LabelMap
from ai.scan.straight import Straight
from ai.scan.volume import Volume

Place = tuple[float, float, float]

AIR_HU = -500
"""Below this a voxel near the lungs holds mostly air."""
LUNG_HU = -860.0
"""Taken for the lung around a nodule where the scan shows none."""
LEAST_CONTRAST_HU = 120.0
FALLBACK_DIAMETER_MM = 4.0
FIRST_REACH_MM = 11.0
WALL_REACH_MM = 10.0
"""Radius of the ball that closes the lung over nodules on the pleura."""
COARSE_MM = 2.0
SHELL_MM = (1.5, 6.5)
"""Around a nodule, between these distances, the lung's own level is read."""
OPENING_SHARE = 0.55
"""Vessels thinner than this share of the nodule's inner radius are cut off."""
LEAST_OPENING_MM = 0.8
REACH_SHARE = 2.4
"""Nothing further from the deepest point than this many inner radii belongs to a nodule."""

BLOCK_SHARE = 0.8
"""A region that fills more of the reach than this has no edge: soft tissue, not a nodule."""


@dataclass(frozen=True, eq=False)
class GrownMask(BoxMask):
    """A mask with how it came about.

    grew: False where nothing stood out, and the mask is a ball of 4 mm at the point.
    threshold_hu, core_hu, lung_hu: the level grown to, and the two it lies between.
    noise_hu: spread of the lung around it. cut_share: of the connected region, the share that was
    cut off as vessel or wall. wall_share: of the mask's outline, the share that ends not at lung.
    """

    grew: bool = False
    threshold_hu: float = 0.0
    core_hu: float = 0.0
    lung_hu: float = LUNG_HU
    noise_hu: float = 0.0
    cut_share: float = 0.0
    wall_share: float = 0.0


def grow(
    volume: Volume,
    centre_lps: Place,
    *,
    lungs: LabelMap | None = None,
    max_diameter_mm: float = 40.0,
) -> GrownMask:
    """The nodule at a point, as a mask on the volume's grid that is never empty.

    centre_lps: mm, in or within 2 mm of the nodule. lungs: on the same grid, to keep out of the
    wall; without them the air around the point serves. What would be wider than max_diameter_mm
    is cut. Raises ValueError for a point outside the scan.
    """
    if volume.geometry.nearest_voxel(centre_lps) is None:
        raise ValueError("the point lies outside the scan")
    if Straight.of(volume.geometry) is not None:
        return _grown_straight(volume, centre_lps, lungs, max_diameter_mm)
    limit_mm = max_diameter_mm / 2
    reach_mm = min(FIRST_REACH_MM, limit_mm)
    while True:
        grown, full = _Box.cut(volume, centre_lps, lungs, reach_mm).grow()
        if not full or reach_mm >= limit_mm:
            break
        reach_mm = min(reach_mm * 2, limit_mm)
    return grown if grown is not None else ball(volume, centre_lps)


def _grown_straight(
    volume: Volume, centre_lps: Place, lungs: LabelMap | None, max_diameter_mm: float
) -> GrownMask:
    """The nodule of a tilted scan, grown where its surroundings are put straight."""
    half_mm = max_diameter_mm / 2 + WALL_REACH_MM + 5.0
    start, shape = box_around(volume.geometry, centre_lps, half_mm)
    box = tuple(slice(a, a + n) for a, n in zip(start, shape, strict=True))
    own = volume.geometry.cropped(start, shape)
    straight = Straight.of(own)
    assert straight is not None  # a part of a sheared grid is sheared
    around = straight.volume(Volume(own, volume.hu[box], volume.series))
    labels = None
    if lungs is not None:
        turned = straight.labels(lungs.labels[box])
        labels = replace(lungs, geometry=straight.geometry, labels=turned)
    grown = grow(around, centre_lps, lungs=labels, max_diameter_mm=max_diameter_mm)
    back = straight.mask_back(grown)
    if not back.voxels.any():
        return ball(volume, centre_lps)
    first = (
        back.start_kji[0] + start[0],
        back.start_kji[1] + start[1],
        back.start_kji[2] + start[2],
    )
    return replace(grown, start_kji=first, voxels=back.voxels)


def ball(
    volume: Volume, centre_lps: Place, *, diameter_mm: float = FALLBACK_DIAMETER_MM
) -> GrownMask:
    """A ball at a point, at least the voxel that holds it; it says that nothing grew."""
    start, shape = box_around(volume.geometry, centre_lps, diameter_mm / 2)
    away = distance_from(volume.geometry, start, shape, centre_lps)
    hu = volume.hu[tuple(slice(a, a + n) for a, n in zip(start, shape, strict=True))]
    inside = (away <= diameter_mm / 2) | (away == away.min())
    return GrownMask(start, inside, core_hu=float(hu[inside].mean()))


@dataclass(frozen=True, eq=False)
class _Levels:
    """What voxels are judged by: HU, smoothed where noise drowns the contrast, and a threshold."""

    hu: Floats32
    core_hu: float
    lung_hu: float
    noise_hu: float

    @property
    def threshold_hu(self) -> float:
        return (self.core_hu + self.lung_hu) / 2


@dataclass(frozen=True, eq=False)
class _Box:
    """The surroundings of the point: HU, distance to it, and where a nodule may lie."""

    start_kji: tuple[int, int, int]
    hu: Floats32
    away_mm: Floats32
    air: Bools
    allowed: Bools
    spacing_kji_mm: Spacing
    reach_mm: float

    @classmethod
    def cut(
        cls, volume: Volume, centre_lps: Place, lungs: LabelMap | None, reach_mm: float
    ) -> _Box:
        geometry = volume.geometry
        start, shape = box_around(geometry, centre_lps, reach_mm + 3.0)
        box = tuple(slice(a, a + n) for a, n in zip(start, shape, strict=True))
        hu = volume.hu[box].astype(np.float32)
        away = distance_from(geometry, start, shape, centre_lps)
        allowed = _where_lung(volume, centre_lps, lungs, start, shape)
        if not allowed[away <= max(3.0, float(away.min()))].any():
            allowed = np.ones_like(allowed)  # asked outside the lungs: no wall to keep out of
        return cls(
            start, hu, away, (hu < AIR_HU) & allowed, allowed, geometry.spacing_kji_mm, reach_mm
        )

    def grow(self) -> tuple[GrownMask | None, bool]:
        """The mask, or None where nothing stands out; and whether it fills the reach."""
        levels = self._first_levels()
        if levels is None:
            return None, True  # a wide ground-glass area shows its contrast only in a wider box
        nodule, full, cut_share = self._region(levels)
        if nodule is None:
            return None, full
        levels = self._levels_around(nodule, levels) or levels
        again, full, share = self._region(levels)
        if again is not None:
            nodule, cut_share = again, share
        return self._grown(nodule, levels, cut_share), full

    def _first_levels(self) -> _Levels | None:
        """Core from the brightest spot near the point, lung from all the air in the box."""
        soft = smoothed(self.hu, self.spacing_kji_mm, passes=1)
        near = self.away_mm <= max(2.0, float(self.away_mm.min()) + 0.01)
        seed = _strongest(np.where(near, soft, np.float32(-np.inf)))
        core_hu = float(soft[seed])
        lung_hu, noise_hu = self._lung_level(self.air & (self.away_mm <= self.reach_mm), core_hu)
        return self._judged(core_hu, lung_hu, noise_hu)

    def _levels_around(self, nodule: Bools, first: _Levels) -> _Levels | None:
        """Core from the deeper half of a first mask, lung from the shell around it."""
        margin = [int(SHELL_MM[1] / step_mm) + 1 for step_mm in self.spacing_kji_mm]
        box = box_of(nodule, (margin[0], margin[1], margin[2]))
        inside, hu = nodule[box], self.hu[box]
        depth = depth_mm(inside, self.spacing_kji_mm, reach_mm=self.reach_mm)
        core_hu = float(np.median(hu[inside & (depth >= 0.5 * depth.max())]))
        outside = depth_mm(~inside, self.spacing_kji_mm, reach_mm=SHELL_MM[1] + 0.5)
        shell = np.zeros_like(nodule)
        shell[box] = (outside > SHELL_MM[0]) & (outside < SHELL_MM[1])
        shell &= self.air & (self.hu < first.threshold_hu)
        lung_hu, noise_hu = self._lung_level(shell, core_hu)
        return self._judged(core_hu, lung_hu, noise_hu)

    def _lung_level(self, air: Bools, core_hu: float) -> tuple[float, float]:
        values = self.hu[air & (self.hu < core_hu - LEAST_CONTRAST_HU / 2)]
        if values.size < 20:
            return min(LUNG_HU, core_hu - 1.0), 0.0
        lung_hu = float(np.median(values))
        # the median of deviations leaves vessels in the shell out of the noise
        return lung_hu, 1.4826 * float(np.median(np.abs(values - lung_hu)))

    def _judged(self, core_hu: float, lung_hu: float, noise_hu: float) -> _Levels | None:
        contrast = core_hu - lung_hu
        if contrast < LEAST_CONTRAST_HU:
            return None
        ratio = contrast / max(noise_hu, 1.0)
        passes = 0 if ratio > 10 else 1 if ratio > 5 else 2
        hu = smoothed(self.hu, self.spacing_kji_mm, passes=passes)
        return _Levels(hu, core_hu, lung_hu, noise_hu)

    def _region(self, levels: _Levels) -> tuple[Bools | None, bool, float]:
        """Connected at half contrast, vessels cut off; whether it fills the reach; share cut."""
        bright = (levels.hu > levels.threshold_hu) & self.allowed & (self.away_mm <= self.reach_mm)
        seeds = bright & (self.away_mm <= max(2.0, float(self.away_mm.min()) + 0.01))
        if not seeds.any():
            return None, False, 0.0
        whole = connected(bright, seeds)
        box = box_of(whole, (1, 1, 1))
        depth = depth_mm(whole[box], self.spacing_kji_mm, reach_mm=self.reach_mm)
        deepest = _deepest_from(depth, self.away_mm[box], self.spacing_kji_mm)
        nodule = np.zeros_like(whole)
        nodule[box] = _without_vessels(whole[box], depth, deepest, self.spacing_kji_mm)
        at_reach = nodule & (self.away_mm > self.reach_mm - max(1.0, self.spacing_kji_mm[1]))
        full = bool(at_reach.sum() > 0.002 * nodule.sum())
        share = 1.0 - float(nodule.sum()) / float(whole.sum())
        block = float(nodule.sum()) > BLOCK_SHARE * float((self.away_mm <= self.reach_mm).sum())
        return (None if block else nodule), full or block, share

    def _grown(self, nodule: Bools, levels: _Levels, cut_share: float) -> GrownMask:
        rim = np.zeros(nodule.shape, dtype=np.bool_)
        for axis in range(3):
            for shift in (1, -1):
                rim |= np.roll(nodule, shift, axis)
        rim &= ~nodule
        wall_share = float((rim & (levels.hu > levels.threshold_hu)).sum()) / max(1, int(rim.sum()))
        corners = np.argwhere(nodule)
        low, high = corners.min(axis=0), corners.max(axis=0) + 1
        start = np.array(self.start_kji) + low
        return GrownMask(
            (int(start[0]), int(start[1]), int(start[2])),
            nodule[low[0] : high[0], low[1] : high[1], low[2] : high[2]],
            grew=True,
            threshold_hu=levels.threshold_hu,
            core_hu=levels.core_hu,
            lung_hu=levels.lung_hu,
            noise_hu=levels.noise_hu,
            cut_share=cut_share,
            wall_share=wall_share,
        )


def _where_lung(
    volume: Volume,
    centre_lps: Place,
    lungs: LabelMap | None,
    start_kji: tuple[int, int, int],
    shape_kji: tuple[int, int, int],
) -> Bools:
    """Lung with nodules closed in, on one box of the grid.

    Worked out on every second millimetre of a wider box: closing needs room around it.
    """
    geometry = volume.geometry
    spacing = np.array(geometry.spacing_kji_mm)
    step = np.maximum(1, np.round(COARSE_MM / spacing).astype(int))
    pad = np.ceil((WALL_REACH_MM + 2 * COARSE_MM) / spacing).astype(int)
    low = np.maximum(np.array(start_kji) - pad, 0)
    high = np.minimum(np.array(start_kji) + shape_kji + pad, geometry.shape_kji)
    wide = tuple(slice(int(a), int(b), int(s)) for a, b, s in zip(low, high, step, strict=True))
    fine = tuple(slice(a, a + n) for a, n in zip(start_kji, shape_kji, strict=True))
    coarse_mm = spacing * step
    coarse_spacing = (float(coarse_mm[0]), float(coarse_mm[1]), float(coarse_mm[2]))
    if lungs is not None:
        label = lungs.labels[wide]
        side = np.bincount(label[label > 0], minlength=3).argmax() if label.any() else 1
        air, own = label == side, lungs.labels[fine] > 0
    else:
        air = _air_at(volume.hu[wide] < AIR_HU, coarse_spacing)
        own = np.zeros(shape_kji, dtype=np.bool_)
    lung = closed(air, coarse_spacing, WALL_REACH_MM)
    index = [
        np.minimum((np.arange(a, a + n) - first + s // 2) // s, size - 1)
        for a, n, first, s, size in zip(start_kji, shape_kji, low, step, lung.shape, strict=True)
    ]
    return np.asarray(own | lung[np.ix_(*index)])


def _air_at(air: Bools, spacing_kji_mm: Spacing) -> Bools:
    """The air joined to the middle of a box; air outside the body is left out of it."""
    middle = [
        np.abs(np.arange(n) - n / 2) * s for n, s in zip(air.shape, spacing_kji_mm, strict=True)
    ]
    away = np.sqrt(middle[0][:, None, None] ** 2 + middle[1][None, :, None] ** 2 + middle[2] ** 2)
    nearest = np.where(air, away, np.inf).min()
    return connected(air, air & (away <= nearest + 4.0)) if np.isfinite(nearest) else air


def _deepest_from(depth: Floats32, away_mm: Floats32, spacing_kji_mm: Spacing) -> tuple[int, ...]:
    """Uphill from the point to the middle of what it lies in, at most a few steps."""
    near = depth * (away_mm <= max(2.0, float(away_mm.min()) + 0.01))
    here = _strongest(near)
    for _ in range(4):
        within = _away_from(here, depth.shape, spacing_kji_mm) <= max(1.0, 0.7 * float(depth[here]))
        best = _strongest(depth * within)
        if depth[best] <= depth[here] * 1.02:
            break
        here = best
    return here


def _strongest(values: Floats32) -> tuple[int, ...]:
    return tuple(int(n) for n in np.unravel_index(int(values.argmax()), values.shape))


def _without_vessels(
    whole: Bools, depth: Floats32, deepest: tuple[int, ...], spacing_kji_mm: Spacing
) -> Bools:
    """The part of a region that holds its deepest point once thin bridges are opened."""
    radius_mm = float(depth[deepest])
    opening_mm = max(LEAST_OPENING_MM, OPENING_SHARE * radius_mm)
    away = _away_from(deepest, whole.shape, spacing_kji_mm)
    near = whole & (away <= REACH_SHARE * radius_mm + max(spacing_kji_mm))
    if radius_mm <= opening_mm:
        return near
    seed = np.zeros(whole.shape, dtype=np.bool_)
    seed[deepest] = True
    core = connected(near & (depth > opening_mm), seed)
    # back to the surface, and a little further so that corners and short spikes stay
    back = depth_mm(~core, spacing_kji_mm, reach_mm=opening_mm + 2.0) <= opening_mm + 0.8
    return connected(near & back, seed)


def _away_from(
    index_kji: tuple[int, ...], shape_kji: tuple[int, ...], spacing_kji_mm: Spacing
) -> Floats32:
    k, j, i = (
        ((np.arange(n) - o) * s).astype(np.float32)
        for n, o, s in zip(shape_kji, index_kji, spacing_kji_mm, strict=True)
    )
    return np.sqrt(k[:, None, None] ** 2 + j[None, :, None] ** 2 + i[None, None, :] ** 2)
