"""Figures of the lungs after strokes: only the voxels that changed are counted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ai.scan.density import counted, density_of
from ai.scan.labelmap import LabelMap, SegmentFigures
from ai.scan.volume import Volume
from viewer.editing.difference import Difference, hull

ML = 1000.0
"""Cubic millimetres in one millilitre."""


def recounted(
    volume: Volume,
    lungs: LabelMap,
    figures: Sequence[SegmentFigures],
    strokes: Sequence[Difference],
) -> tuple[SegmentFigures, ...]:
    """Millilitres, mean HU and density of each segment, as counting every voxel would give them.

    lungs: after the strokes; figures: before them. Voxels and HU are whole numbers, so the sums
    behind the old figures are known exactly, and what the strokes added is added to them. A segment
    without voxels has no figures.
    """
    box = hull(stroke.box for stroke in strokes)
    if box is None:
        return tuple(figures)
    start = (box[0].start, box[1].start, box[2].start)
    after = lungs.labels[box]
    before = after.copy()
    for stroke in strokes:
        stroke.flip(before, start)
    changed = before != after
    hu = volume.hu[box][changed].astype(np.int64)
    was, now = before[changed], after[changed]
    voxel_ml = volume.geometry.voxel_mm3 / ML
    known = {row.number: row for row in figures}
    made = []
    for segment in lungs.segments:
        row = known.get(segment.number)
        lost, won = was == segment.number, now == segment.number
        if not lost.any() and not won.any():
            made += [row] if row else []
            continue
        voxels = round(row.volume_ml / voxel_ml) if row else 0
        total = round(row.mean_hu * voxels) if row else 0
        voxels += int(won.sum()) - int(lost.sum())
        total += int(hu[won].sum()) - int(hu[lost].sum())
        if voxels > 0:
            known_density = row.density if row else density_of(counted(np.empty(0)))
            density = known_density.changed(hu[won], hu[lost]) if known_density else None
            made.append(SegmentFigures(segment.number, voxels * voxel_ml, total / voxels, density))
    return tuple(made)
