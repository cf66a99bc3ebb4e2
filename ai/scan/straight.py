"""A scan of a tilted gantry put straight for rules that measure along the axes, and the way back.

Only whole slices are moved, within their own plane: no two slices are mixed, so what is found on
the straight grid belongs to the very slice it was found on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from ai.scan.labelmap import Labels
from ai.scan.volume import Hu, Volume

SHEARED_DEGREES = 0.5
"""Below this a slice's shift against its neighbour is less than a hundredth of the step."""
OUTSIDE_HU = -1024


def shear_degrees(geometry: Geometry) -> float:
    """Angle between the way from slice to slice and the slices' normal; 0 for a plain scan."""
    normal = np.cross(geometry.directions[:, 1], geometry.directions[:, 2])
    across = abs(float(geometry.directions[:, 0] @ normal))
    return float(np.degrees(np.arccos(np.clip(across, 0.0, 1.0))))


@dataclass(frozen=True, eq=False)
class Straight:
    """The straight grid of a sheared one: slices lie k by k in the same planes.

    own: the sheared grid. geometry: the straight one, wide enough for every slice.
    shift_kji: (K, 2) rows and columns by which slice k moves on the straight grid, fractions too.
    """

    own: Geometry
    geometry: Geometry
    shift_kji: NDArray[np.float64]

    @classmethod
    def of(cls, own: Geometry) -> Straight | None:
        """None for a grid that is straight already."""
        if shear_degrees(own) < SHEARED_DEGREES:
            return None
        slices, rows, columns = own.shape_kji
        step, along_j, along_i = own.affine[:3, 0], own.affine[:3, 1], own.affine[:3, 2]
        normal = np.cross(along_j, along_i)
        normal /= np.linalg.norm(normal)
        straight_step = float(step @ normal) * normal
        in_plane = np.linalg.lstsq(
            np.stack((along_j, along_i), axis=1), step - straight_step, rcond=None
        )[0]
        shift = np.arange(slices)[:, None] * in_plane
        first = np.floor(shift.min(axis=0))
        shift -= first
        wider = np.ceil(shift.max(axis=0) - 1e-6).astype(int)
        affine = own.affine.copy()
        affine[:3, 0] = straight_step
        affine[:3, 3] = own.lps_of((0, *first))
        shape = (slices, rows + int(wider[0]), columns + int(wider[1]))
        return cls(own, Geometry(shape, affine, own.frame_of_reference), shift)

    def volume(self, volume: Volume) -> Volume:
        """The scan on the straight grid, linear between pixels, air where nothing was scanned."""
        out: Hu = np.full(self.geometry.shape_kji, OUTSIDE_HU, dtype=np.int16)
        for k, plane in enumerate(volume.hu):
            (j, i), (fj, fi) = self._whole_and_part(k)
            moved = plane.astype(np.float32)
            for axis, share in ((0, fj), (1, fi)):
                if share > 0:
                    # the value at n comes from n - share; the rim keeps its own value
                    before = np.take(moved, np.maximum(np.arange(moved.shape[axis]) - 1, 0), axis)
                    moved = moved * np.float32(1 - share) + before * np.float32(share)
            rows, columns = moved.shape
            out[k, j : j + rows, i : i + columns] = np.rint(moved)
        return Volume(self.geometry, out, volume.series)

    def labels(self, own: Labels) -> Labels:
        """Labels of the sheared grid on the straight one, the nearest pixel each."""
        out = np.zeros(self.geometry.shape_kji, dtype=own.dtype)
        for k, plane in enumerate(own):
            j, i = self._nearest(k)
            out[k, j : j + plane.shape[0], i : i + plane.shape[1]] = plane
        return out

    def labels_back(self, straight: Labels) -> Labels:
        """Labels found on the straight grid, on the scan's own."""
        slices, rows, columns = self.own.shape_kji
        out = np.empty((slices, rows, columns), dtype=straight.dtype)
        for k in range(slices):
            j, i = self._nearest(k)
            out[k] = straight[k, j : j + rows, i : i + columns]
        return out

    def mask_back(self, mask: BoxMask) -> BoxMask:
        """One finding's voxels on the scan's own grid; never empty where the mask was not."""
        k0, j0, i0 = mask.start_kji
        depth, high, wide = mask.voxels.shape
        moves = [self._nearest(k) for k in range(k0, k0 + depth)]
        low_j, low_i = (min(j0 - m[0] for m in moves), min(i0 - m[1] for m in moves))
        spread = [max(m[n] for m in moves) - min(m[n] for m in moves) for n in (0, 1)]
        out = np.zeros((depth, high + spread[0], wide + spread[1]), dtype=np.bool_)
        for plane, held, (j, i) in zip(out, mask.voxels, moves, strict=True):
            dj, di = j0 - j - low_j, i0 - i - low_i
            plane[dj : dj + high, di : di + wide] = held
        return _within(BoxMask((k0, low_j, low_i), out), self.own.shape_kji)

    def _nearest(self, k: int) -> tuple[int, int]:
        j, i = np.floor(self.shift_kji[k] + 0.5).astype(int)
        return int(j), int(i)

    def _whole_and_part(self, k: int) -> tuple[tuple[int, int], tuple[float, float]]:
        whole = np.floor(self.shift_kji[k] + 1e-9).astype(int)
        share = np.maximum(self.shift_kji[k] - whole, 0.0)
        return (int(whole[0]), int(whole[1])), (float(share[0]), float(share[1]))


def _within(mask: BoxMask, shape_kji: tuple[int, int, int]) -> BoxMask:
    """The mask without what lies beyond the grid; straight grids are wider than their own."""
    low = [max(0, s) for s in mask.start_kji]
    high = [
        min(s + n, most)
        for s, n, most in zip(mask.start_kji, mask.voxels.shape, shape_kji, strict=True)
    ]
    cut = tuple(slice(a - s, b - s) for a, b, s in zip(low, high, mask.start_kji, strict=True))
    return BoxMask((low[0], low[1], low[2]), mask.voxels[cut])
