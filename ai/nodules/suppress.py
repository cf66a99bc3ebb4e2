"""Balls apart from tubes: the shape of the scan around a candidate, from its Hessian.

Source: dot enhancement by Hessian eigenvalues (Li, Sone and Doi, Med Phys 2003; 30: 2040).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai.nodules.candidates import Candidate, sigma_mm
from ai.nodules.searchgrid import SearchGrid

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Shape:
    """How ball-like a place is at one scale.

    blobness: smallest over largest curvature, 1 for a ball, 0 for a tube or a sheet.
    vesselness: near 1 where two directions curve alike and the third does not: a tube.
    """

    blobness: float
    vesselness: float


def shapes(grid: SearchGrid, candidates: tuple[Candidate, ...]) -> tuple[Shape, ...]:
    """The shape at each candidate's place and scale, in the order of the candidates."""
    kernels: dict[tuple[float, bool], _Kernel] = {}
    out = []
    for candidate in candidates:
        level = grid.coarse if candidate.wide else grid.fine
        key = (candidate.diameter_mm, candidate.wide)
        if key not in kernels:
            kernels[key] = _Kernel.of(sigma_mm(candidate.diameter_mm) / level.step_mm)
        out.append(_shape(kernels[key].hessian(level.hu, candidate.index_kji)))
    return tuple(out)


def _shape(hessian: Floats) -> Shape:
    least, middle, most = sorted(np.linalg.eigvalsh(hessian), reverse=True)
    # a bright ball curves down in all three directions
    if most >= 0 or middle >= 0:
        return Shape(0.0, 0.0)
    flat = max(0.0, -float(least))
    return Shape(flat / -float(most), (1.0 - flat / -float(middle)) * float(middle / most))


@dataclass(frozen=True, eq=False)
class _Kernel:
    """Gaussian second derivatives as weights on a sparse cube of samples."""

    offsets: NDArray[np.intp]
    weights: NDArray[np.float32]

    @classmethod
    def of(cls, sigma: float) -> _Kernel:
        """sigma: in voxels."""
        step = max(1, int(sigma / 2))
        reach = int(np.ceil(3 * sigma / step)) * step
        offsets = np.arange(-reach, reach + 1, step)
        x = offsets / sigma
        g0 = np.exp(-0.5 * x * x)
        g0 /= g0.sum()
        g1, g2 = -x * g0, (x * x - 1) * g0
        g2 -= g0 * g2.sum()  # a constant has no curvature, though the kernel is cut off
        rows = [(g2, g0, g0), (g0, g2, g0), (g0, g0, g2), (g1, g1, g0), (g1, g0, g1), (g0, g1, g1)]
        weights = np.stack([np.einsum("k,j,i->kji", *row).ravel() for row in rows])
        return cls(offsets.astype(np.intp), weights.astype(np.float32))

    def hessian(self, hu: NDArray[np.float32], index_kji: tuple[int, int, int]) -> Floats:
        """3 x 3 in HU, scale-normalised; beyond the grid its border repeats."""
        index = [
            np.clip(self.offsets + n, 0, size - 1)
            for n, size in zip(index_kji, hu.shape, strict=True)
        ]
        kk, jj, ii, kj, ki, ji = (self.weights @ hu[np.ix_(*index)].ravel()).astype(float)
        return np.array([[kk, kj, ki], [kj, jj, ji], [ki, ji, ii]])
