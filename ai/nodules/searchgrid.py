"""The lungs of one scan on 1 mm cubes, made ready for a blob filter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai.models.card import ModelCard
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume

Bools = NDArray[np.bool_]
Floats32 = NDArray[np.float32]

MARGIN_MM = 12.0
COARSE_MM = 3.0
CLOSING_MM = 15.0
"""Masses on the pleura up to about twice this wide are searched though no lung mask holds them."""
SKIN_MM = 2.0


@dataclass(frozen=True, eq=False)
class SearchGrid:
    """The box of the lungs on the card's grid.

    hu: HU within the card's range, with lung_hu wherever nothing is searched, so that ribs and
    heart cast no shadow into the lungs. search: where a centre may lie. inner_mm: distance to the
    border of the closed lungs, 0 outside, on the coarse grid.
    """

    geometry: Geometry
    hu: Floats32
    search: Bools
    lung_hu: float
    coarse: Geometry
    inner_mm: Floats32

    def pleura_mm(self, centre_lps: tuple[float, float, float]) -> float:
        """Distance of a place to the border of its lung, in mm, to about 1 mm; 0 outside."""
        index = np.round(self.coarse.index_of(centre_lps)).astype(int)
        index = np.clip(index, 0, np.array(self.coarse.shape_kji) - 1)
        return float(self.inner_mm[tuple(index)])


def search_grid(volume: Volume, lungs: LabelMap, card: ModelCard) -> SearchGrid | None:
    """The search grid, or None where the label map holds no lung."""
    box = _box_of(lungs, MARGIN_MM)
    if box is None:
        return None
    start, shape = box
    cut = tuple(slice(a, a + n) for a, n in zip(start, shape, strict=True))
    geometry = volume.geometry.cropped(start, shape)
    labels = lungs.labels[cut]
    fine = geometry.with_spacing(card.spacing_mm)
    coarse = geometry.with_spacing((COARSE_MM, COARSE_MM, COARSE_MM))
    closed, inner_mm = _closed(labels[_nearest(geometry, coarse)], COARSE_MM)
    search = (labels[_nearest(geometry, fine)] > 0) | closed[_nearest(coarse, fine)]
    hu = _resampled(volume.hu[cut], geometry, fine)
    inside = hu[search]
    air = inside[inside < -500]
    lung_hu = float(np.median(air)) if air.size else float(card.hu_range[0])
    np.clip(hu, *card.hu_range, out=hu)
    hu[~search] = lung_hu
    return SearchGrid(fine, hu, search, lung_hu, coarse, inner_mm)


def _box_of(
    lungs: LabelMap, margin_mm: float
) -> tuple[tuple[int, int, int], tuple[int, int, int]] | None:
    """First voxel and shape of the box of all labels with a margin, cut to the grid."""
    inside = lungs.labels > 0
    low, high = [], []
    for axis, (size, step_mm) in enumerate(
        zip(lungs.geometry.shape_kji, lungs.geometry.spacing_kji_mm, strict=True)
    ):
        others = tuple(a for a in range(3) if a != axis)
        used = np.flatnonzero(inside.any(axis=others))
        if used.size == 0:
            return None
        margin = int(np.ceil(margin_mm / step_mm))
        low.append(max(0, int(used[0]) - margin))
        high.append(min(size, int(used[-1]) + margin + 1))
    k, j, i = (b - a for a, b in zip(low, high, strict=True))
    return (low[0], low[1], low[2]), (k, j, i)


def _nearest(source: Geometry, target: Geometry) -> tuple[NDArray[np.intp], ...]:
    """Index into an array on source that reads it at target; both share box and directions."""
    index = []
    for axis in range(3):
        steps = np.arange(target.shape_kji[axis]) * target.spacing_kji_mm[axis]
        nearest = np.round(steps / source.spacing_kji_mm[axis]).astype(np.intp)
        index.append(np.clip(nearest, 0, source.shape_kji[axis] - 1))
    return np.ix_(*index)


def _closed(labels: NDArray[np.uint8], step_mm: float) -> tuple[Bools, Floats32]:
    """Each lung closed by a ball and grown by the skin; and the depth below that surface in mm.

    Each on its own: closing both at once would fill the heart between them.
    """
    from scipy.ndimage import distance_transform_edt

    pad = int(np.ceil((CLOSING_MM + SKIN_MM) / step_mm)) + 1
    whole = np.zeros(labels.shape, dtype=np.bool_)
    for label in (1, 2):
        lung = np.pad(labels == label, pad)
        if not lung.any():
            continue
        grown = distance_transform_edt(~lung, sampling=step_mm) <= CLOSING_MM
        depth = distance_transform_edt(grown, sampling=step_mm)
        closed = depth > CLOSING_MM - SKIN_MM
        whole |= (closed | lung)[pad:-pad, pad:-pad, pad:-pad]
    inner = distance_transform_edt(np.pad(whole, 1), sampling=step_mm)[1:-1, 1:-1, 1:-1]
    return whole, np.maximum(inner - SKIN_MM, 0).astype(np.float32)


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
