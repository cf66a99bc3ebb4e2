"""Which finding lies under the pointer, and where its tag stands: outlines of masks as seen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ai.scan.finding import BoxMask
from ai.scan.geometry import Geometry
from viewer.views.state import Mark
from viewer.volume.camera import VolumeCamera

NOT_SHOWN = ("rejected", "held")
"""States that the 3-D picture leaves out: it is of what counts."""

MOST_POINTS = 400
NEAR_PX = 5.0
"""A click so near a finding's voxels means it: the small ones are smaller than a hand's aim."""

HOLE = 1.5
"""The widest hole between points drawn by lot, of the mean distance between them."""


@dataclass(frozen=True, eq=False)
class Body:
    """A finding as it takes room: its mark, and points of its surface in LPS mm, (N, 3)."""

    mark: Mark
    points_lps: NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """A finding in the picture: its middle and reach in logical pixels, its depth in mm.

    points: where its points lie in the picture, (N, 2); none where they are not known.
    """

    mark: Mark
    x: float
    y: float
    radius: float
    depth_mm: float
    points: NDArray[np.float64] | None = field(default=None, compare=False)

    def nearest(self, x: float, y: float) -> tuple[float, float]:
        """Where a line that comes from there first meets the finding, not the circle round it."""
        if self.points is None:
            return self.x, self.y
        far = np.hypot(self.points[:, 0] - x, self.points[:, 1] - y)
        foot_x, foot_y = self.points[far.argmin()]
        return float(foot_x), float(foot_y)


def bodies(
    marks: Iterable[Mark], masks: Mapping[str, BoxMask], geometry: Geometry
) -> tuple[Body, ...]:
    """What each mark that is shown takes up: its mask's voxels, else a ball of its radius."""
    made = []
    for mark in marks:
        if mark.state in NOT_SHOWN:
            continue
        mask = masks.get(mark.id)
        points = None if mask is None else _points(mask, geometry)
        made.append(Body(mark, _ball(mark) if points is None else points))
    return tuple(made)


def seen(body: Body, camera: VolumeCamera, width: float, height: float) -> Seen:
    """Where a finding lies in a picture of that size."""
    points = camera.pixels_of(body.points_lps, width, height)
    x, y, depth = points.mean(axis=0)
    radius = float(np.hypot(points[:, 0] - x, points[:, 1] - y).max())
    return Seen(body.mark, float(x), float(y), radius, float(depth), points[:, :2])


def at(
    x: float, y: float, shown: Iterable[Body], camera: VolumeCamera, width: float, height: float
) -> str:
    """The id of the finding a click at (x, y) means, the nearest to the eye of several, or ''."""
    hits = []
    for body in shown:
        points = camera.pixels_of(body.points_lps, width, height)
        near = np.hypot(points[:, 0] - x, points[:, 1] - y)
        reach = NEAR_PX + _gap_px(points)
        if near.min() <= reach:
            hits.append((float(points[near <= reach, 2].min()), body.mark.id))
    return min(hits)[1] if hits else ""


def _gap_px(points: NDArray[np.float64]) -> float:
    """How wide the holes are between the points that stand for a large finding."""
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    area = float(np.prod(high - low))
    return HOLE * math.sqrt(area / len(points))


def _points(mask: BoxMask, geometry: Geometry) -> NDArray[np.float64] | None:
    index = np.argwhere(mask.voxels)
    if not len(index):
        return None
    if len(index) > MOST_POINTS:  # by lot: every nth would be a pattern, with holes between
        index = np.random.default_rng(0).choice(index, MOST_POINTS, replace=False)
    return geometry.lps_of(index + np.array(mask.start_kji))


def _ball(mark: Mark) -> NDArray[np.float64]:
    ways = np.array([(a, b, c) for a in (-1, 0, 1) for b in (-1, 0, 1) for c in (-1, 0, 1)])
    length = np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1.0)
    return np.array(mark.centre_lps) + mark.radius_mm * ways / length
