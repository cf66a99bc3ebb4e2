"""A synthetic chest CT whose lungs and nodules are known exactly."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ai.errors import BadInput
from ai.phantom.anatomy import Mediastinum, Plane, lung_depth
from ai.phantom.bones import LONG_BONES
from ai.phantom.growths import PhantomNodule, place_nodules
from ai.phantom.lobes import grow_lobes
from ai.phantom.look import Look, look_of
from ai.phantom.lumps import lumps_of, place_rich
from ai.phantom.organs import (
    AIRWAY_WALL_MM,
    AIRWAYS,
    AORTA,
    GREAT_VESSELS,
    GULLET,
    HEART,
    NECK,
    WALL_HU,
    between_the_lungs,
)
from ai.phantom.slices import Noise, draw_slice
from ai.phantom.tubes import Axes, Tube, paint
from ai.phantom.vessels import Lungs, grow_lungs
from ai.phantom.warp import make_warp
from ai.progress import OnProgress, ignore
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from ai.scan.volume import Volume

Size = Literal["full", "small", "tiny"]
Detail = Literal["plain", "rich"]
FIELD_MM, RICH_FIELD_MM, HEIGHT_MM = 348.16, 384.0, 300.0
PLAIN_NOISE_HU = 22.0
VERSION = "1"
"""Raised with every change to the pictures: what was written by an older one is made anew."""
RICH_VERSION = "6"
"""The same of the rich phantom."""
MADE_BY = MadeBy("phantom", VERSION)

_GRIDS = {"full": (300, 512), "small": (100, 192), "tiny": (24, 64)}
RICH_SLICES = {"full": 240}
"""Of the rich phantom, whose full size has slices of 1.25 mm, as most scans of a chest."""
SLAB = 16
"""Slices painted together: 16 of 512 x 512 stay near the processor's cache."""


@dataclass(frozen=True, eq=False)
class Phantom:
    """A synthetic chest: the scan, the true lungs on its grid, and the true nodules in LPS mm.

    The lungs hold their vessels, nodules and inner airways; windpipe and main bronchi are outside.
    """

    volume: Volume
    lungs: LabelMap
    nodules: tuple[PhantomNodule, ...]
    size: Size
    seed: int

    @property
    def lungs_ml(self) -> tuple[float, float]:
        """True volume of the right and of the left lung."""
        labels, ml = self.lungs.labels, self.volume.geometry.voxel_mm3 / 1000
        # not bincount: it would copy every label into eight bytes
        return np.count_nonzero(labels == 1) * ml, np.count_nonzero(labels == 2) * ml


def chest(
    size: Size = "full",
    seed: int = 7,
    *,
    nodules: bool = True,
    growths: Sequence[PhantomNodule] | None = None,
    noise_hu: float | None = None,
    detail: Detail = "plain",
    look: Look | None = None,
    on_progress: OnProgress = ignore,
) -> Phantom:
    """A chest of a given size and seed; the same arguments give the same voxels.

    size: full is 300 x 512 x 512 (1.0 x 0.68 x 0.68 mm), small 100 x 192 x 192 (3.0 x 1.81 mm),
    tiny 24 x 64 x 64 (12.5 x 5.44 mm); the anatomy in mm is the same in all. nodules: without them
    the rest stays as it is, noise too. growths: these nodules in place of the seed's. noise_hu:
    its standard deviation, 0 for none, else that of the look (22 when plain). detail: plain is the
    quick one that tests stand on; rich has an uneven body, finer trees, a scanner's kernel, and
    may be ill: look says how (that of the seed where there is none).
    Raises BadInput for another size, Cancelled when on_progress says so.
    """
    if detail == "rich":
        own = look or look_of(seed)
        own = own if noise_hu is None else replace(own, noise_hu=noise_hu)
        return _rich(size, seed, own, nodules, growths, on_progress)
    geometry = grid(size)
    mediastinum = Mediastinum(between_the_lungs())
    lungs = grow_lungs(seed)
    on_progress(0.05, "Growing vessels")
    grown = place_nodules(lungs, seed) if growths is None else tuple(growths)
    tubes = _all_tubes(lungs, grown if nodules else ())
    hu = np.empty(geometry.shape_kji, dtype=np.int16)
    labels = np.empty(geometry.shape_kji, dtype=np.uint8)
    axes = _axes(geometry)
    noise = Noise(seed, geometry.shape_kji[1], PLAIN_NOISE_HU if noise_hu is None else noise_hu)
    plane = Plane(axes.y, axes.x)
    plane.diaphragm, plane.lung_top  # noqa: B018 made once, before threads share them

    def make(slab: slice) -> None:
        block = np.empty((slab.stop - slab.start, len(axes.y), len(axes.x)), dtype=np.float32)
        for k in range(slab.start, slab.stop):
            z_mm = float(axes.z[k])
            right, left = lung_depth(plane, z_mm, mediastinum)
            labels[k] = (right > 0) + 2 * (left > 0).astype(np.uint8)
            draw_slice(block[k - slab.start], plane, z_mm, right, left, axes.edge_mm)
        paint(block, replace(axes, z=axes.z[slab]), tubes)
        for k in range(slab.start, slab.stop):
            noise.add(block[k - slab.start], k)
        np.rint(block, out=block)
        np.clip(block, -1024, 3071, out=block)
        hu[slab] = block

    for done, count in _in_threads(make, geometry.shape_kji[0]):
        on_progress(0.1 + 0.9 * done / count, "Making the demo study")
    return Phantom(
        Volume(geometry, hu, f"phantom-{size}-{seed}"),
        LabelMap(geometry, labels, LUNGS, MADE_BY),
        grown,
        size,
        seed,
    )


def _rich(
    size: Size,
    seed: int,
    look: Look,
    nodules: bool,
    growths: Sequence[PhantomNodule] | None,
    on_progress: OnProgress,
) -> Phantom:
    from ai.phantom.rich import Painter

    geometry = grid(size, detail="rich")
    warp = make_warp(seed, scale=look.scale, mm=look.uneven_mm)
    lobes = grow_lobes(seed)
    on_progress(0.05, "Growing vessels")
    grown = place_rich(lobes, warp, seed) if growths is None else tuple(growths)
    lumps = lumps_of(grown, seed) if nodules else ()
    several = max(1, round(look.slice_mm / geometry.spacing_kji_mm[0]))
    shape = (geometry.shape_kji[0] // several, *geometry.shape_kji[1:])
    hu, labels = np.empty(shape, dtype=np.int16), np.empty(shape, dtype=np.uint8)
    painter = Painter(_axes(geometry), look, warp, lobes, seed, look.noise_hu * several**0.5)
    slices = max(1, SLAB // several)

    def make(slab: slice) -> None:
        fine = slice(slab.start * several, slab.stop * several)
        block, truth = painter.slab(fine, lumps)
        thick = block.reshape(-1, several, *shape[1:]).mean(axis=1) if several > 1 else block
        hu[slab] = np.clip(np.rint(thick), -1024, 3071)
        labels[slab] = _majority(truth, several)

    for done, count in _in_threads(make, shape[0], slices):
        on_progress(0.1 + 0.9 * done / count, "Making the demo study")
    if look.feet_first:
        hu, labels = np.ascontiguousarray(hu[::-1]), np.ascontiguousarray(labels[::-1])
    own = _stored(geometry, shape[0], several, look.feet_first)
    series = f"phantom-rich-{size}-{seed}"
    return Phantom(
        Volume(own, hu, series), LabelMap(own, labels, LUNGS, MADE_BY), grown, size, seed
    )


def _majority(labels: NDArray[np.uint8], several: int) -> NDArray[np.uint8]:
    """Labels of thick slices: a side that fills more than half of a voxel's height."""
    if several == 1:
        return labels
    parted = labels.reshape(-1, several, *labels.shape[1:])
    right, left = ((parted == side).mean(axis=1) > 0.5 for side in (1, 2))
    return right + 2 * left.astype(np.uint8)


def _stored(geometry: Geometry, slices: int, several: int, feet_first: bool) -> Geometry:
    """The grid of slices as they are stored: several as one, from the head down if so asked."""
    affine = geometry.affine.copy()
    affine[2, 3] += affine[2, 0] * (several - 1) / 2
    affine[2, 0] *= several
    if feet_first:
        affine[2, 3] += affine[2, 0] * (slices - 1)
        affine[2, 0] *= -1
    return Geometry((slices, *geometry.shape_kji[1:]), affine, geometry.frame_of_reference)


def grid(size: Size, *, detail: Detail = "plain") -> Geometry:
    """The grid of a size, centred on the patient's midline, z from 0 (below the lungs) up.

    The rich phantom has more fat, a field that is 10 % wider, and slices of 1.25 mm when full.
    """
    if size not in _GRIDS:
        raise BadInput(f"There is no phantom of size “{size}”.", "Ask for full, small or tiny.")
    slices, wide = _GRIDS[size]
    field_mm = FIELD_MM
    if detail == "rich":
        slices, field_mm = RICH_SLICES.get(size, slices), RICH_FIELD_MM
    dk, di = HEIGHT_MM / slices, field_mm / wide
    corner = (-field_mm + di) / 2
    return Geometry.axial(
        (slices, wide, wide),
        spacing_kji_mm=(dk, di, di),
        origin_lps=(corner, corner, dk / 2),
        frame_of_reference="",
    )


def _axes(geometry: Geometry) -> Axes:
    slices, rows, columns = geometry.shape_kji
    dk, dj, di = geometry.spacing_kji_mm
    x0, y0, z0 = geometry.lps_of((0, 0, 0))

    def centres(first: float, step: float, count: int) -> NDArray[np.float32]:
        return (first + step * np.arange(count)).astype(np.float32)

    z, y, x = centres(z0, dk, slices), centres(y0, dj, rows), centres(x0, di, columns)
    return Axes(z, y, x, slice_mm=dk, edge_mm=max(di, 1.0))


def _all_tubes(lungs: Lungs, growths: tuple[PhantomNodule, ...]) -> list[Tube]:
    """Everything drawn over the slices, in painting order."""
    walls = [t.widened(AIRWAY_WALL_MM, WALL_HU) for t in AIRWAYS]
    walls += [t.widened(0.35 + 0.22 * t.end_mm, WALL_HU) for t in lungs.airways]
    balls = [
        Tube(n.centre_lps, n.centre_lps, n.diameter_mm / 2, n.diameter_mm / 2, n.hu)
        for n in growths
    ]
    organs = (*NECK, *HEART, *GULLET, *AORTA, *GREAT_VESSELS)
    return [*LONG_BONES, *organs, *lungs.vessels, *walls, *AIRWAYS, *lungs.airways, *balls]


def _in_threads(
    make: Callable[[slice], None], slices: int, thick: int = SLAB
) -> Iterator[tuple[int, int]]:
    """Run slabs on a few threads (numpy lets go of the interpreter); tells how many are done."""
    slabs = [slice(k, min(k + thick, slices)) for k in range(0, slices, thick)]
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        try:
            for done, _ in enumerate(pool.map(make, slabs), start=1):
                yield done, len(slabs)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
