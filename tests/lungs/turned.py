"""The same scan as another patient position, or another order of slices, would store it."""

from __future__ import annotations

import numpy as np

from ai.scan.geometry import Geometry
from ai.scan.labelmap import Labels
from ai.scan.volume import Volume


def flipped(volume: Volume, axes: tuple[int, ...]) -> Volume:
    """The same voxels in the same places of the patient, stored backwards along some axes."""
    affine = volume.geometry.affine.copy()
    for axis in axes:
        affine[:3, 3] += affine[:3, axis] * (volume.geometry.shape_kji[axis] - 1)
        affine[:3, axis] *= -1
    return Volume(
        Geometry(volume.geometry.shape_kji, affine), np.ascontiguousarray(np.flip(volume.hu, axes))
    )


def reordered(volume: Volume, order: tuple[int, int, int]) -> Volume:
    """The same voxels in the same places, with the stored axes in another order."""
    affine = volume.geometry.affine.copy()
    affine[:, :3] = affine[:, list(order)]
    hu = np.ascontiguousarray(volume.hu.transpose(order))
    return Volume(Geometry(hu.shape, affine), hu)


def mirrored(volume: Volume) -> Volume:
    """Another patient: this one seen in a mirror, so that the heart lies on the right."""
    return Volume(volume.geometry, np.ascontiguousarray(volume.hu[:, :, ::-1]))


def rotated(volume: Volume, degrees: float, *, about: int) -> Volume:
    """The same stored voxels with the patient turned about LPS axis 0, 1 or 2."""
    angle = np.deg2rad(degrees)
    turn = np.eye(4)
    one, other = (n for n in range(3) if n != about)
    turn[one, one] = turn[other, other] = np.cos(angle)
    turn[one, other], turn[other, one] = -np.sin(angle), np.sin(angle)
    return Volume(Geometry(volume.geometry.shape_kji, turn @ volume.geometry.affine), volume.hu)


def dice(found: Labels, true: Labels, number: int) -> float:
    """Overlap of one label: 1 is the same, 0 is none."""
    a, b = found == number, true == number
    return float(2 * (a & b).sum() / max(1, a.sum() + b.sum()))
