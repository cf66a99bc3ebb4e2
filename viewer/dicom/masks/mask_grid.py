"""Where masks lie on a CT: slice by slice, by positions in the patient alone."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ai.errors import BadInput
from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from viewer.dicom.series import Series, SliceFile

ON_VOXEL: Final = 0.05
"""A mask fits when the corners of what it holds lie this close to voxel centres, in voxels."""
ON_SLICE_MM: Final = 0.05
UNREADABLE: Final = (
    AttributeError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    NotImplementedError,
    RuntimeError,
)
"""What pydicom and its decoders raise for files that do not hold what they say."""

Floats = NDArray[np.float64]
Plane = NDArray[np.bool_]
Start = tuple[int, int, int]


class OffGridError(Exception):
    """A mask whose pixels are not the CT's own; laying it on would mean resampling it."""


@contextmanager
def laying(path: Path, series: Series, kind: str) -> Iterator[Geometry]:
    """The geometry that a foreign file of masks is laid on, while it is read.

    kind: what the file should be. Raises BadInput where the series makes no volume, and, of
    whatever is raised inside, for a file that does not hold what it says.
    """
    if series.geometry is None:
        raise BadInput("This series makes no volume, so masks cannot be laid on it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd values in a foreign file are no news here
            yield series.geometry
    except UNREADABLE as bad:
        raise BadInput(
            f"{path.name} is no whole {kind}: parts of it are missing or damaged.",
            "Export it again where it came from.",
        ) from bad


@dataclass(frozen=True, eq=False)
class SliceGrid:
    """The CT's slices one by one: with gaps or a tilt, no single step leads along them.

    positions: (S, 3) LPS mm of the first pixel of each stored slice. levels: for each of them the k
    at which it is shown, more than one where slices lie unevenly. normal: unit, rising with k.
    down_across: 2 x 3, LPS mm to rows and columns. plane: rows, columns.
    """

    positions: Floats
    levels: tuple[tuple[int, ...], ...]
    normal: Floats
    down_across: Floats
    plane: tuple[int, int]

    @classmethod
    def of(cls, series: Series, geometry: Geometry) -> SliceGrid:
        directions = geometry.directions
        shown: dict[SliceFile, list[int]] = {}
        for k, piece in enumerate(series.slices):
            if piece.here:
                shown.setdefault(piece, []).append(k)
        return cls(
            np.array([piece.position_lps for piece in shown]),
            tuple(tuple(ks) for ks in shown.values()),
            np.cross(directions[:, 2], directions[:, 1]),
            np.asarray(np.linalg.pinv(geometry.affine[:3, 1:3]), np.float64),
            (series.rows, series.columns),
        )

    def nearest(self, lps: Floats) -> tuple[int, Floats, float]:
        """For (N, 3) points of one plane: the nearest stored slice (its index in positions), their
        (row, column) on it, and the most that one of them lies off it in mm."""
        nearest = int(np.abs((self.positions - lps[0]) @ self.normal).argmin())
        from_first = lps - self.positions[nearest]
        away_mm = np.abs(from_first @ self.normal).max()
        return nearest, from_first @ self.down_across.T, float(away_mm)

    def placed(
        self, plane: Plane, origin: Floats, down: Floats, across: Floats
    ) -> list[tuple[Start, Plane]]:
        """Start (k, j, i) of what a plane holds on the CT, and that part, turned as the CT is; once
        for each k at which its slice is shown.

        origin: LPS mm of its first pixel. down, across: mm to the next row and column. A matrix
        smaller than the CT's is legal, so is one stored in another order. Raises OffGridError.
        """
        rows, columns = np.flatnonzero(plane.any(axis=1)), np.flatnonzero(plane.any(axis=0))
        first, last = (rows[0], columns[0]), (rows[-1], columns[-1])
        ends = np.array([first, (first[0], last[1]), (last[0], first[1]), last], np.float64)
        nearest, index, away_mm = self.nearest(origin + ends[:, :1] * down + ends[:, 1:] * across)
        near = np.rint(index).astype(int)
        low, high = near.min(axis=0), near.max(axis=0)
        if (
            away_mm > ON_SLICE_MM
            or np.abs(index - near).max() > ON_VOXEL
            or np.any(low < 0)
            or np.any(high >= self.plane)
        ):
            raise OffGridError
        part = plane[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        part = _turned(part, near[1] - near[0], near[2] - near[0])
        if part.shape != tuple(high - low + 1):
            raise OffGridError
        part = part.copy()
        return [((k, int(low[0]), int(low[1])), part) for k in self.levels[nearest]]


def _turned(part: Plane, along_row: NDArray[np.int_], along_column: NDArray[np.int_]) -> Plane:
    """A part whose rows or columns run otherwise than the CT's, in the CT's order."""
    if along_row[0] or along_column[1]:  # its rows are the CT's columns
        part, along_row, along_column = part.T, along_column, along_row
    if along_row[1] < 0:
        part = part[:, ::-1]
    return part[::-1] if along_column[0] < 0 else part


def joined(pieces: Sequence[tuple[Start, Plane]]) -> BoxMask:
    """Parts of slices as one mask; parts of one slice add up."""
    starts = np.array([start for start, _ in pieces])
    ends = np.array([np.add(start, (1, *part.shape)) for start, part in pieces])
    low, high = starts.min(axis=0), ends.max(axis=0)
    voxels = np.zeros(tuple(high - low), np.bool_)
    for start, part in pieces:
        k, j, i = np.subtract(start, low)
        voxels[k, j : j + part.shape[0], i : i + part.shape[1]] |= part
    return BoxMask((int(low[0]), int(low[1]), int(low[2])), voxels)
