"""Which stored slices of a scan a drawing lies on."""

from __future__ import annotations

import numpy as np

from ai.scan.geometry import Geometry
from viewer.measuring.flat import edge_lps
from viewer.measuring.shapes import Shape


def slices_of(shape: Shape, geometry: Geometry) -> tuple[int, ...]:
    """k of every stored slice that a drawing crosses, in order; none beside the scan."""
    k = geometry.index_of(np.concatenate(edge_lps(shape)))[:, 0]
    first, last = int(np.floor(k.min() + 0.5)), int(np.floor(k.max() + 0.5))
    return tuple(range(max(first, 0), min(last, geometry.shape_kji[0] - 1) + 1))
