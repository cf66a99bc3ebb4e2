"""Corrections of a lung mask by hand, recorded as shapes in millimetres and no voxel of a scan.

A stroke is a shape in the axial plane (a polygon, or a disc) over a range of heights, what its
voxels become, and optionally the HU that they must have: so a coarse shape takes a vessel's voxels
and leaves the lung beside it alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ai.errors import BadInput
from ai.scan.volume import Volume

BECOMES = {"outside": 0, "right": 1, "left": 2}
Places = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]
LEAST_CORNERS = 3
SLACK_MM = 0.01


@dataclass(frozen=True)
class Stroke:
    """z_mm: lowest and highest height, LPS. outline_mm: corners (x, y), LPS; of discs the centres.

    radius_mm: of a disc; 0 for a polygon. becomes: 0 outside, 1 right, 2 left. hu: lowest and
    highest that a voxel may have.. why: what was seen.
    """

    z_mm: tuple[float, float]
    outline_mm: tuple[tuple[float, float], ...]
    radius_mm: float
    becomes: int
    hu: tuple[int, int]
    why: str


@dataclass(frozen=True)
class Recorded:
    """The strokes of one scan. pixels: SHA-256 of its HU. frozen: of the result; "" before.

    sources: the models that agreed then, each with its version and the start of its weights' hash.
    """

    name: str
    pixels: str
    strokes: tuple[Stroke, ...]
    frozen: str
    sources: tuple[str, ...] = ()


def read_strokes(path: Path) -> dict[str, Recorded]:
    """By the name of a scan. Raises BadInput where the file is missing or not a whole one."""
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["scan"]
        return {str(row["name"]): _recorded(row) for row in rows}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path.name} is no file of corrections: {error}.") from error


def _recorded(row: Mapping[str, Any]) -> Recorded:
    strokes = tuple(_stroke(one) for one in row.get("stroke", ()))
    return Recorded(
        str(row["name"]),
        str(row["pixels"]),
        strokes,
        str(row.get("frozen", "")),
        tuple(str(name) for name in row.get("sources", ())),
    )


def _stroke(row: Mapping[str, Any]) -> Stroke:
    low, high = sorted(float(z) for z in row["z_mm"])
    least, most = (int(n) for n in row.get("hu", (-32768, 32767)))
    corners: Sequence[Any] = row["outline_mm"]
    outline = tuple((float(x), float(y)) for x, y in corners)
    radius = float(row.get("radius_mm", 0))
    if radius < 0 or len(outline) < (1 if radius else LEAST_CORNERS):
        raise ValueError("a polygon has three corners, a disc a centre and a radius")
    return Stroke(
        (low, high), outline, radius, BECOMES[str(row["becomes"])], (least, most), str(row["why"])
    )


def drawn(stroke: Stroke, volume: Volume) -> Places:
    """The voxels of a stroke, as three arrays of places; for axial scans. Raises BadInput else."""
    if not np.allclose(np.abs(volume.geometry.directions[:, 0]), (0, 0, 1), atol=1e-3):
        raise BadInput("Strokes are drawn on axial scans alone.")
    planes, rows, columns = volume.hu.shape
    heights = volume.geometry.lps_of(np.arange(planes)[:, None] * np.array([1.0, 0, 0]))[:, 2]
    low, high = stroke.z_mm
    on = np.flatnonzero((heights >= low - SLACK_MM) & (heights <= high + SLACK_MM))
    j, i = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    at = volume.geometry.lps_of(np.stack([np.zeros_like(j), j, i], axis=-1))
    flat = _inside(stroke, at[..., 0], at[..., 1])
    least, most = stroke.hu
    hu = volume.hu[on]
    places = np.nonzero(flat[None] & (hu >= least) & (hu <= most))
    return on[places[0]], places[1], places[2]


def _inside(stroke: Stroke, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each place lies in the shape; of a polygon by the even-odd rule."""
    if stroke.radius_mm:
        near = [np.hypot(x - a, y - b) <= stroke.radius_mm for a, b in stroke.outline_mm]
        return np.any(near, axis=0)
    inside = np.zeros(x.shape, dtype=np.bool_)
    corners = stroke.outline_mm
    for (ax, ay), (bx, by) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if ay != by:
            crosses = (ay > y) != (by > y)
            inside ^= crosses & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return inside
