"""Millilitres and mean HU of each lung, and whether the figures are plausible."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ai.scan.density import counted, density_of
from ai.scan.labelmap import LabelMap, SegmentFigures
from ai.scan.volume import Volume

PLAUSIBLE_ML = (500.0, 6000.0)
PLAUSIBLE_RATIO = (0.6, 1.8)
PLAUSIBLE_HU = (-900.0, -500.0)
COARSE_MM = 4.0
GAS_HU = -970.0
LEAST_GAS_ML = 20.0
LOWER_SHARE = 0.4


def quantify(volume: Volume, label_map: LabelMap) -> tuple[SegmentFigures, ...]:
    """Volume in ml, mean of the stored HU and density for each segment that has voxels."""
    found = []
    for segment in label_map.segments:
        counts, total, voxels = counted(np.empty(0)), 0, 0
        # Slice by slice: a copy of a whole lung, in the eight bytes that counting wants, is large.
        for hu, labels in zip(volume.hu, label_map.labels, strict=True):
            own = hu[labels == segment.number]
            if own.size:
                counts += counted(own)
                total += int(own.sum(dtype=np.int64))
                voxels += own.size
        if voxels:
            ml = voxels * volume.geometry.voxel_mm3 / 1000
            density = density_of(counts)
            found.append(SegmentFigures(segment.number, ml, total / voxels, density))
    return tuple(found)


def plain_gas(volume: Volume, label_map: LabelMap) -> tuple[str, ...]:
    """One sentence for each side whose lower part holds a pocket of nothing but air.

    It may be the stomach or the colon, a bulla or a pneumothorax: a reader has to tell.
    """
    spacing = volume.geometry.spacing_kji_mm
    step = tuple(slice(None, None, one) for one in _steps(spacing))
    hu = ndimage.uniform_filter(volume.hu[step].astype(np.float32), 3)
    labels = label_map.labels[step]
    voxel_ml = volume.geometry.voxel_mm3 / 1000 * np.prod([s.step for s in step])
    head = int(np.abs(volume.geometry.directions[2]).argmax())
    upward = volume.geometry.directions[2, head] > 0
    found = []
    for segment in label_map.segments:
        lung = np.moveaxis(labels == segment.number, head, 0)
        heights = np.flatnonzero(lung.any(axis=(1, 2)))
        if len(heights) == 0:
            continue
        lower = round(LOWER_SHARE * len(heights))
        part = heights[:lower] if upward else heights[len(heights) - lower :]
        gas = lung[part] & (np.moveaxis(hu, head, 0)[part] < GAS_HU)
        ml = float(np.bincount(ndimage.label(gas)[0].ravel())[1:].max(initial=0) * voxel_ml)
        if ml >= LEAST_GAS_ML:
            found.append(
                f"{segment.label} holds at least {ml:.0f} ml of plain gas low down: "
                "stomach, bowel, a bulla or a pneumothorax?"
            )
    return tuple(found)


def doubts(label_map: LabelMap, figures: tuple[SegmentFigures, ...]) -> tuple[str, ...]:
    """One sentence for each figure that a pair of lungs rarely has."""
    names = {s.number: s.label for s in label_map.segments}
    found = [f"{name} was not found." for n, name in names.items() if n not in _numbers(figures)]
    for f in figures:
        name = names[f.number]
        low, high = PLAUSIBLE_ML
        if not low <= f.volume_ml <= high:
            found.append(f"{name} measures {f.volume_ml:.0f} ml; {low:.0f} to {high:.0f} is usual.")
        low, high = PLAUSIBLE_HU
        if not low <= f.mean_hu <= high:
            found.append(
                f"{name} has a mean of {f.mean_hu:.0f} HU; {low:.0f} to {high:.0f} is usual."
            )
    if len(figures) == 2:
        found += _ratio_and_side(label_map, figures)
    return tuple(found)


def _numbers(figures: tuple[SegmentFigures, ...]) -> set[int]:
    return {f.number for f in figures}


def _ratio_and_side(label_map: LabelMap, figures: tuple[SegmentFigures, ...]) -> list[str]:
    right, left = sorted(figures, key=lambda f: f.number)
    found = []
    ratio = right.volume_ml / left.volume_ml
    low, high = PLAUSIBLE_RATIO
    if not low <= ratio <= high:
        found.append(f"Right to left is {ratio:.1f} to 1; {low} to {high} is usual.")
    x_right, x_left = (_centre_x(label_map, n.number) for n in (right, left))
    if x_right >= x_left:
        found.append("The right lung does not lie to the right of the left one.")
    return found


def _centre_x(label_map: LabelMap, number: int) -> float:
    """LPS x of a segment's centroid, of voxels some millimetres apart unless it is that small."""
    steps = _steps(label_map.geometry.spacing_kji_mm)
    mask = label_map.labels[tuple(slice(None, None, step) for step in steps)] == number
    if not mask.any():
        mask, steps = label_map.labels == number, (1, 1, 1)
    centre = [
        step * float(np.average(np.arange(n), weights=mask.sum(axis=tuple({0, 1, 2} - {axis}))))
        for axis, (n, step) in enumerate(zip(mask.shape, steps, strict=True))
    ]
    return float(label_map.geometry.lps_of(centre)[0])


def _steps(spacing_mm: tuple[float, float, float]) -> tuple[int, ...]:
    return tuple(max(1, round(COARSE_MM / mm)) for mm in spacing_mm)
