"""The lungs of one scan on small cubes, made ready for a blob filter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai.models.card import ModelCard
from ai.progress import OnProgress, ignore
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume

Bools = NDArray[np.bool_]
Floats32 = NDArray[np.float32]
Labels = NDArray[np.uint8]

STEP = "Preparing the lungs"
MARGIN_MM = 12.0
COARSE_MM = 3.0
CLOSING_MM = 15.0
"""Masses on the pleura up to about twice this wide are searched though no lung mask holds them."""
HALF = 2
"""Wide filters run on cubes of this many voxels a side: an eighth of the work, nothing lost."""


@dataclass(frozen=True, eq=False)
class Level:
    """One resolution of the search.

    hu: HU within the card's range, with lung_hu wherever nothing is searched, so that ribs and
    heart cast no shadow into the lungs. search: where a centre may lie. step_mm: side of a voxel.
    """

    geometry: Geometry
    hu: Floats32
    search: Bools
    step_mm: float


@dataclass(frozen=True, eq=False)
class SearchGrid:
    """The box of the lungs twice: fine for small nodules, coarse for wide ones.

    fine searches the lungs as they are labelled, coarse also what a wide ball closes in.
    inner_mm: depth below the surface of the closed lungs, 0 outside, on the grid of depths.
    """

    fine: Level
    coarse: Level
    lung_hu: float
    depths: Geometry
    inner_mm: Floats32

    def pleura_mm(self, centre_lps: tuple[float, float, float]) -> float:
        """Distance of a place to the border of its lung, in mm, to about 1.5 mm; 0 outside."""
        index = np.round(self.depths.index_of(centre_lps)).astype(int)
        index = np.clip(index, 0, np.array(self.depths.shape_kji) - 1)
        return float(self.inner_mm[tuple(index)])


def search_grid(
    volume: Volume, lungs: LabelMap, card: ModelCard, *, on_progress: OnProgress = ignore
) -> SearchGrid | None:
    """The search grid, or None where the label map holds no lung."""
    box = _box_of(lungs, MARGIN_MM)
    if box is None:
        return None
    start, shape = box
    cut = tuple(slice(a, a + n) for a, n in zip(start, shape, strict=True))
    geometry = volume.geometry.cropped(start, shape)
    labels = lungs.labels[cut]
    fine = geometry.with_spacing(card.spacing_mm)
    on_progress(0.2, STEP)
    hu = _resampled(volume.hu[cut], geometry, fine)
    on_progress(0.5, STEP)
    search = labels[_nearest(geometry, fine)] > 0
    air = hu[search & (hu < -500)]
    lung_hu = float(np.median(air)) if air.size else float(card.hu_range[0])
    np.clip(hu, *card.hu_range, out=hu)

    on_progress(0.7, STEP)
    depths = geometry.with_spacing((COARSE_MM, COARSE_MM, COARSE_MM))
    closed, inner_mm = _closed(labels[_nearest(geometry, depths)], COARSE_MM)
    on_progress(0.9, STEP)
    coarse, wide_hu = _halved(fine, hu)
    wide_search = closed[_nearest(depths, coarse)] | (_halved(fine, search)[1] > 0.5)
    return SearchGrid(
        _level(fine, hu, search, lung_hu, card.spacing_mm[0]),
        _level(coarse, wide_hu, wide_search, lung_hu, card.spacing_mm[0] * HALF),
        lung_hu,
        depths,
        inner_mm,
    )


def _level(geometry: Geometry, hu: Floats32, search: Bools, lung_hu: float, step: float) -> Level:
    hu[~search] = lung_hu
    return Level(geometry, hu, search, step)


def _box_of(
    lungs: LabelMap, margin_mm: float
) -> tuple[tuple[int, int, int], tuple[int, int, int]] | None:
    """First voxel and shape of the box of all labels with a margin, cut to the grid."""
    in_plane = np.zeros(lungs.labels.shape[1:], dtype=np.bool_)
    slices = np.zeros(lungs.labels.shape[0], dtype=np.bool_)
    for k, plane in enumerate(lungs.labels):
        inside = plane > 0
        slices[k] = inside.any()
        in_plane |= inside
    low, high = [], []
    for used_on_axis, step_mm in zip(
        (slices, in_plane.any(axis=1), in_plane.any(axis=0)),
        lungs.geometry.spacing_kji_mm,
        strict=True,
    ):
        used = np.flatnonzero(used_on_axis)
        if used.size == 0:
            return None
        margin = int(np.ceil(margin_mm / step_mm))
        low.append(max(0, int(used[0]) - margin))
        high.append(min(used_on_axis.size, int(used[-1]) + margin + 1))
    k, j, i = (b - a for a, b in zip(low, high, strict=True))
    return (low[0], low[1], low[2]), (k, j, i)


def _nearest(source: Geometry, target: Geometry) -> tuple[NDArray[np.intp], ...]:
    """Index into an array on source that reads it at target; both share their directions."""
    shift = source.index_of(target.lps_of((0, 0, 0)))
    index = []
    for axis in range(3):
        ratio = target.spacing_kji_mm[axis] / source.spacing_kji_mm[axis]
        nearest = np.round(shift[axis] + np.arange(target.shape_kji[axis]) * ratio).astype(np.intp)
        index.append(np.clip(nearest, 0, source.shape_kji[axis] - 1))
    return np.ix_(*index)


def _halved(geometry: Geometry, values: NDArray[np.generic]) -> tuple[Geometry, Floats32]:
    """Means of cubes of two voxels a side, and their grid; an odd last voxel is left out."""
    k, j, i = (max(1, n // HALF) for n in values.shape)
    size = [min(HALF, n) for n in values.shape]
    total = np.zeros((k, j, i), dtype=np.float32)
    for dk in range(size[0]):
        for dj in range(size[1]):
            for di in range(size[2]):
                total += values[dk::HALF, dj::HALF, di::HALF][:k, :j, :i]
    affine = geometry.affine.copy()
    affine[:3, 3] = geometry.lps_of([(n - 1) / 2 for n in size])
    affine[:3, :3] *= np.array(size)
    half = Geometry((k, j, i), affine, geometry.frame_of_reference)
    total /= np.float32(np.prod(size))
    return half, total


def _closed(labels: Labels, step_mm: float) -> tuple[Bools, Floats32]:
    """Each lung closed by a wide ball; and the depth below that surface in mm.

    Each on its own: closing both at once would fill the heart between them.
    """
    from scipy.ndimage import distance_transform_edt

    pad = int(np.ceil(CLOSING_MM / step_mm)) + 1
    whole = np.zeros(labels.shape, dtype=np.bool_)
    for label in (1, 2):
        lung = np.pad(labels == label, pad)
        if not lung.any():
            continue
        grown = distance_transform_edt(~lung, sampling=step_mm) <= CLOSING_MM
        depth = distance_transform_edt(grown, sampling=step_mm)
        whole |= ((depth > CLOSING_MM) | lung)[pad:-pad, pad:-pad, pad:-pad]
    inner = distance_transform_edt(np.pad(whole, 1), sampling=step_mm)[1:-1, 1:-1, 1:-1]
    return whole, np.maximum(inner - step_mm / 2, 0).astype(np.float32)


def _resampled(hu: NDArray[np.int16], source: Geometry, target: Geometry) -> Floats32:
    """Linear interpolation onto a grid with the same first voxel and directions."""
    import SimpleITK

    # in millimetres along the grid's own axes: both grids share them, whatever the tilt
    image = SimpleITK.GetImageFromArray(np.ascontiguousarray(hu))
    image.SetSpacing(source.spacing_kji_mm[::-1])
    out = SimpleITK.Resample(
        image,
        target.shape_kji[::-1],
        SimpleITK.Transform(),
        SimpleITK.sitkLinear,
        (0.0, 0.0, 0.0),
        target.spacing_kji_mm[::-1],
        image.GetDirection(),
        -1000.0,
        SimpleITK.sitkFloat32,
    )
    return np.array(SimpleITK.GetArrayViewFromImage(out), dtype=np.float32)
