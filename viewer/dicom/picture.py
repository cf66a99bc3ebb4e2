"""A small picture's worth of a series that is not open: its middle slice, shrunk."""

from __future__ import annotations

import numpy as np

from ai.scan.geometry import Geometry
from ai.scan.volume import Hu, Volume
from viewer.dicom.pixels import UndecodableSlice, read_slice
from viewer.dicom.series import Series

LEAST_PX = 96
"""What is left of the shorter side is no less than this, where the slice has as much."""
TRIED = (0.5, 0.4, 0.6)


def middle_picture(series: Series) -> Volume | None:
    """One slice of a series, thinned out to about LEAST_PX; None where none can be decoded.

    Its one level (1, J, I) is as thick as it is wide, so that a plane through its middle shows all
    of it also where the slices lean.
    """
    geometry = series.geometry
    there = [k for k, piece in enumerate(series.slices) if piece.here]
    if geometry is None or not there:
        return None
    for k in dict.fromkeys(there[int(share * (len(there) - 1))] for share in TRIED):
        try:
            hu = read_slice(series, k)
        except UndecodableSlice:
            continue
        return _shrunk(hu, k, series, geometry)
    return None


def _shrunk(hu: Hu, k: int, series: Series, geometry: Geometry) -> Volume:
    """Means of squares of pixels; pixels over at the far edges are left out."""
    by = max(1, min(hu.shape) // LEAST_PX)
    rows, columns = (side // by for side in hu.shape)
    squares = hu[: rows * by, : columns * by].reshape(rows, by, columns, by)
    small = np.rint(squares.mean(axis=(1, 3))).astype(np.int16)[None]
    affine = geometry.affine.copy()
    affine[:3, 3] = geometry.lps_of((k, (by - 1) / 2, (by - 1) / 2))
    affine[:3, 1:3] *= by
    _, row_mm, column_mm = geometry.spacing_kji_mm
    normal = np.cross(geometry.directions[:, 2], geometry.directions[:, 1])
    affine[:3, 0] = normal * max(rows * by * row_mm, columns * by * column_mm)
    shape = (1, rows, columns)
    return Volume(Geometry(shape, affine, geometry.frame_of_reference), small, series.key)
