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
from ai.progress import OnProgress, ignore
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from ai.scan.volume import Volume

Size = Literal["full", "small", "tiny"]
FIELD_MM, HEIGHT_MM = 348.16, 300.0
VERSION = "1"
"""Raised with every change to the pictures: what was written by an older one is made anew."""
MADE_BY = MadeBy("phantom", VERSION)

_GRIDS = {"full": (300, 512), "small": (100, 192), "tiny": (24, 64)}
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
    noise_hu: float = 22.0,
    on_progress: OnProgress = ignore,
) -> Phantom:
    """A chest of a given size and seed; the same arguments give the same voxels.

    size: full is 300 x 512 x 512 (1.0 x 0.68 x 0.68 mm), small 100 x 192 x 192 (3.0 x 1.81 mm),
    tiny 24 x 64 x 64 (12.5 x 5.44 mm); the anatomy in mm is the same in all. nodules: without them
    the rest stays as it is, noise too. growths: these nodules in place of the seed's. noise_hu:
    its standard deviation, 0 for none.
    Raises BadInput for another size, Cancelled when on_progress says so.
    """
    geometry = grid(size)
    mediastinum = Mediastinum(between_the_lungs())
    lungs = grow_lungs(seed)
    on_progress(0.05, "Growing vessels")
    grown = place_nodules(lungs, seed) if growths is None else tuple(growths)
    tubes = _all_tubes(lungs, grown if nodules else ())
    hu = np.empty(geometry.shape_kji, dtype=np.int16)
    labels = np.empty(geometry.shape_kji, dtype=np.uint8)
    axes = _axes(geometry)
    noise = Noise(seed, geometry.shape_kji[1], noise_hu)
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


def grid(size: Size) -> Geometry:
    """The grid of a size, centred on the patient's midline, z from 0 (below the lungs) up."""
    if size not in _GRIDS:
        raise BadInput(f"There is no phantom of size “{size}”.", "Ask for full, small or tiny.")
    slices, wide = _GRIDS[size]
    dk, di = HEIGHT_MM / slices, FIELD_MM / wide
    corner = (-FIELD_MM + di) / 2
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


def _in_threads(make: Callable[[slice], None], slices: int) -> Iterator[tuple[int, int]]:
    """Run slabs on a few threads (numpy lets go of the interpreter); tells how many are done."""
    slabs = [slice(k, min(k + SLAB, slices)) for k in range(0, slices, SLAB)]
    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        try:
            for done, _ in enumerate(pool.map(make, slabs), start=1):
                yield done, len(slabs)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
