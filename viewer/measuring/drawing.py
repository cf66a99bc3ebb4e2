"""A drawing in the hand: what each press, move and release makes of it, until it is whole.

Both ways of drawing are one: a press places a point; a drag from there places the next one where
the button goes up, and after a mere click the next point follows the pointer until another press.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from viewer.measuring.handles import short_axis
from viewer.measuring.shapes import LEAST_OUTLINE, Kind, Lps, Shape
from viewer.views.planes import Plane

Floats = NDArray[np.float64]

STROKES = {
    Kind.LENGTH: 2,
    Kind.BIDIRECTIONAL: 4,
    Kind.ANGLE: 3,
    Kind.ELLIPSE: 2,  # two corners of the box around it
    Kind.PROBE: 1,
    Kind.ARROW: 2,
}
"""How many places the hand gives for each kind; a freehand outline takes any number."""

TWO_LINES = (Kind.BIDIRECTIONAL, Kind.ANGLE)
LEAST_MM = 1e-6


@dataclass(frozen=True)
class Draft:
    """What is being drawn. placed: points that stand; loose: the one that follows the pointer.

    plane: of the pane it is drawn on. down: the button is down. round: an ellipse is a circle.
    """

    kind: Kind
    number: int
    plane: Plane
    placed: tuple[Lps, ...] = ()
    loose: Lps | None = None
    down: bool = False
    round: bool = False

    @property
    def whole(self) -> bool:
        """Every place was given; an outline is whole only when it is closed by hand."""
        return len(self.placed) == STROKES.get(self.kind, -1)

    @property
    def points(self) -> tuple[Lps, ...]:
        return self.placed if self.loose is None else (*self.placed, self.loose)

    def pressed(self, lps: Lps) -> Draft:
        """The button goes down: a point is placed."""
        return replace(self, placed=(*self.placed, lps), loose=None, down=True)

    def dragged(self, lps: Lps, *, round_: bool = False) -> Draft:
        """The hand moves with the button down: the next point, or the last one if none is left."""
        if self.kind is Kind.FREEHAND:
            return replace(self, placed=(*self.placed, lps))
        if self.whole:
            return replace(self, placed=(*self.placed[:-1], lps), round=round_)
        return replace(self, loose=lps, round=round_)

    def released(self) -> Draft:
        """The button goes up: what was dragged stands."""
        return replace(self, placed=self.points, loose=None, down=False)

    def hovered(self, lps: Lps, *, round_: bool = False) -> Draft:
        """The pointer moves with no button down."""
        return replace(self, loose=lps, round=round_)

    def finished(self) -> Draft | None:
        """Whole where Enter can make it so: the pointer gives the last place, an outline closes."""
        if self.kind is Kind.FREEHAND:
            ready = replace(self, loose=None, down=False)
            return ready if len(self.placed) >= LEAST_OUTLINE else None
        ready = self.released()
        return ready if ready.whole else None

    @property
    def next_asked(self) -> bool:
        """One line stands and a second one is waited for."""
        return self.kind in TWO_LINES and len(self.placed) == 2 and not self.down

    def as_length(self, number: int) -> Draft | None:
        """The first of two axes as a distance of its own; None where it does not stand yet."""
        stands = len(self.placed) > 2 or self.next_asked
        if self.kind is not Kind.BIDIRECTIONAL or not stands:
            return None
        line = replace(self, kind=Kind.LENGTH, number=number, placed=self.placed[:2])
        line = replace(line, loose=None, down=False)
        return line if line.shape("") is not None else None

    def shape(self, shape_id: str) -> Shape | None:
        """What it would be if it ended here; None while there is nothing to show yet."""
        points = self.plane.along(np.array(self.points, dtype=float).reshape(-1, 3))
        flat, depth = points[:, :2], points[0, 2] if len(points) else 0.0
        made = self._points(flat)
        if made is None:
            return None
        kind = self.kind
        if kind in TWO_LINES and len(made) == 2:
            kind = Kind.LENGTH  # so far there is one line
        lps = self.plane.lps(np.column_stack([made, np.full(len(made), depth)]))
        places = tuple((float(x), float(y), float(z)) for x, y, z in lps)
        return Shape(shape_id, kind, self.number, places, self.plane.onward)

    def _points(self, flat: Floats) -> Floats | None:
        count = len(flat)
        match self.kind:
            case Kind.PROBE:
                return flat[:1] if count else None
            case Kind.ELLIPSE:
                return self._ellipse(flat) if count == 2 else None
            case Kind.FREEHAND:
                return flat if count >= LEAST_OUTLINE else None
            case Kind.BIDIRECTIONAL if count > 2:
                second = flat[3] if count > 3 else flat[0]  # so far from the long axis alone
                flat = np.concatenate([flat[:2], short_axis(flat[:2], flat[2], second)])
        if count < 2 or float(np.ptp(flat, axis=0).max()) < LEAST_MM:
            return None
        return flat

    def _ellipse(self, corners: Floats) -> Floats | None:
        """Ends of both axes of the ellipse in a box, along the pane's right and down."""
        first, box = corners[0], corners[1] - corners[0]
        if self.round:
            box = np.where(box < 0, -1.0, 1.0) * np.abs(box).max()
        if np.abs(box).min() < LEAST_MM:
            return None
        middle, right, down = first + box / 2, np.array((1.0, 0)), np.array((0, 1.0))
        half = np.abs(box) / 2
        return np.array(
            [
                middle - right * half[0],
                middle + right * half[0],
                middle - down * half[1],
                middle + down * half[1],
            ]
        )
