"""What a reader has drawn: points in the patient on one plane, and the figures counted there."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

Lps = tuple[float, float, float]


class Kind(StrEnum):
    """The kinds of drawings; the value is the name of the tool and the word in the log."""

    LENGTH = "length"
    BIDIRECTIONAL = "bidirectional"
    ANGLE = "angle"
    ELLIPSE = "ellipse"
    FREEHAND = "freehand"
    PROBE = "probe"
    ARROW = "arrow"


POINTS: Final = {
    Kind.LENGTH: 2,  # the ends
    Kind.BIDIRECTIONAL: 4,  # ends of the long axis, ends of the short one
    Kind.ANGLE: 3,  # end of one arm, vertex, end of the other
    Kind.ELLIPSE: 4,  # ends of one axis, ends of the other
    Kind.PROBE: 1,
    Kind.ARROW: 2,  # the tip, the tail with the words
}
"""How many points a kind has; a freehand outline has three or more and closes by itself."""
LEAST_OUTLINE: Final = 3
REGIONS: Final = (Kind.ELLIPSE, Kind.FREEHAND)
"""Kinds that enclose voxels."""


@dataclass(frozen=True)
class Shape:
    """One drawing. points_lps: mm, in the order of POINTS. normal_lps: of the plane they lie on.

    number: among those of its kind, from 1. label: key of the reader's words (library), or empty.
    text_off_lps: from the middle of the points to the middle of its text, where a hand put it;
    None where the text finds its own place. series: key of the series it was drawn on (keyed hash)
    where that is not the one that is read; places are in that one's frame of reference.
    Raises ValueError where the points do not fit.
    """

    id: str
    kind: Kind
    number: int
    points_lps: tuple[Lps, ...]
    normal_lps: Lps
    label: str = ""
    text_off_lps: Lps | None = None
    series: str = ""

    def __post_init__(self) -> None:
        count, wanted = len(self.points_lps), POINTS.get(self.kind)
        fits = count >= LEAST_OUTLINE if wanted is None else count == wanted
        if not fits:
            raise ValueError(f"{self.kind} cannot have {count} points")
        for point in (*self.points_lps, self.normal_lps, *filter(None, [self.text_off_lps])):
            if len(point) != 3 or not all(math.isfinite(mm) for mm in point):
                raise ValueError(f"{point} is no place in the patient")
        if not 0.99 < math.hypot(*self.normal_lps) < 1.01:
            raise ValueError(f"a normal has length 1, not {math.hypot(*self.normal_lps):g}")

    @property
    def middle_lps(self) -> Lps:
        """The mean of the points."""
        x, y, z = (sum(axis) / len(self.points_lps) for axis in zip(*self.points_lps, strict=True))
        return x, y, z

    def with_points(self, points_lps: tuple[Lps, ...]) -> Shape:
        return replace(self, points_lps=points_lps)


@dataclass(frozen=True)
class Figures:
    """What was counted; None where a kind has no such figure or it cannot be told.

    voxels: how many centres lie inside; HU figures are of those. sd_hu divides by their number
    less one. A probe has the HU of its voxel as mean_hu.
    """

    length_mm: float | None = None
    long_mm: float | None = None
    short_mm: float | None = None
    angle_deg: float | None = None
    area_mm2: float | None = None
    voxels: int | None = None
    mean_hu: float | None = None
    sd_hu: float | None = None
    min_hu: float | None = None
    max_hu: float | None = None
    median_hu: float | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{name} cannot be {value}")

    @property
    def rounded(self) -> Figures:
        """As they are told: lengths, angles and areas to 0.01, HU to 0.1.

        Screen, table, report and SR all start from these, so that none of them says another last
        digit than the others.
        """
        told: dict[str, Any] = dict(vars(self))
        for name, value in told.items():
            if value is not None and name != "voxels":
                told[name] = round(float(value), 1 if name.endswith("_hu") else 2)
        return Figures(**told)


@dataclass(frozen=True)
class Measured:
    """A drawing with its figures, counted from the stored HU when it was drawn or last changed."""

    shape: Shape
    figures: Figures

    @property
    def id(self) -> str:
        return self.shape.id


def measured_of(row: dict[str, Any]) -> Measured:
    """The value that `dataclasses.asdict` turned into plain JSON.

    Raises KeyError, TypeError or ValueError where the row is none.
    """
    shape = dict(row["shape"])
    off = shape.pop("text_off_lps")
    return Measured(
        Shape(
            **{
                **shape,
                "kind": Kind(shape["kind"]),
                "points_lps": tuple(_point(point) for point in shape["points_lps"]),
                "normal_lps": _point(shape["normal_lps"]),
            },
            text_off_lps=None if off is None else _point(off),
        ),
        Figures(**row["figures"]),
    )


def _point(row: Any) -> Lps:
    x, y, z = (float(mm) for mm in row)
    return x, y, z
