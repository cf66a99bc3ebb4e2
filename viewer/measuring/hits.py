"""What of the drawings lies under a point of the screen: a handle, a line, a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HANDLE, LINE, TEXT = "handle", "line", "text"


@dataclass(frozen=True)
class Box:
    """A rectangle in logical pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, points: Floats) -> Box:
        """The smallest box that holds (N, 2) points."""
        (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
        return cls(float(left), float(top), float(right), float(bottom))

    @property
    def middle(self) -> tuple[float, float]:
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def grown(self, px: float) -> Box:
        return Box(self.left - px, self.top - px, self.right + px, self.bottom + px)

    def moved(self, right: float, down: float) -> Box:
        return Box(self.left + right, self.top + down, self.right + right, self.bottom + down)

    def holds(self, x: float, y: float) -> bool:
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True, eq=False)
class Traced:
    """One drawing on the screen, logical pixels. lines: (N, 2) each; handles: (N, 2).

    text: where its words lie, None where it has none. selected: its handles can be taken.
    """

    id: str
    lines: tuple[Floats, ...]
    handles: Floats
    text: Box | None = None
    selected: bool = False
    box: Box = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "box", Box.around(np.concatenate([*self.lines, self.handles])))


@dataclass(frozen=True)
class Hit:
    """part: HANDLE, LINE or TEXT of the drawing `id`; handle: which one."""

    id: str
    part: str
    handle: int = 0


def hit(traced: Iterable[Traced], x: float, y: float, *, handle_px: float, line_px: float) -> Hit:
    """What lies within reach of a point; a Hit without id where there is nothing.

    The selected drawing's handles come first, since they alone are seen, then every text, then
    what is nearest. A point drawing (a probe) is taken by its handle also when it is not selected.
    """
    at = np.array((x, y), dtype=float)
    every = tuple(traced)
    for one in every:
        if one.selected and (found := _handle(one, at, handle_px)) is not None:
            return found
    for one in reversed(every):
        if one.text is not None and one.text.holds(x, y):
            return Hit(one.id, TEXT)
    near = [(_distance(one, at), n) for n, one in enumerate(every)]
    gap, nearest = min(near, default=(float("inf"), 0))
    if gap > line_px:
        return Hit("", "")
    one = every[nearest]
    return _handle(one, at, line_px) or Hit(one.id, LINE)


def _handle(one: Traced, at: Floats, reach: float) -> Hit | None:
    gaps = np.linalg.norm(one.handles - at, axis=1)
    n = int(gaps.argmin())
    return Hit(one.id, HANDLE, n) if gaps[n] <= reach else None


def _distance(one: Traced, at: Floats) -> float:
    """How far a point is from the lines of a drawing."""
    if not one.box.grown(64).holds(*at):
        return float("inf")
    gaps = [float(np.linalg.norm(one.handles - at, axis=1).min())] if len(one.lines) == 0 else []
    for line in one.lines:
        gaps.append(_to_line(line, at))
    return min(gaps)


def _to_line(line: Floats, at: Floats) -> float:
    if len(line) == 1:
        return float(np.linalg.norm(line[0] - at))
    start, way = line[:-1], np.diff(line, axis=0)
    length = np.maximum((way**2).sum(axis=1), 1e-12)
    along = np.clip(((at - start) * way).sum(axis=1) / length, 0, 1)
    return float(np.linalg.norm(start + along[:, None] * way - at, axis=1).min())
