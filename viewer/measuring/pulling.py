"""A finished drawing in the hand: a handle, the whole of it or its text on the way elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from viewer.measuring.flat import onto_plane
from viewer.measuring.handles import moved, shifted
from viewer.measuring.hits import HANDLE, TEXT, Hit
from viewer.measuring.shapes import Kind, Lps, Measured
from viewer.views.planes import View


@dataclass(frozen=True)
class Pull:
    """What is pulled. at: where the press was, pixels; text: middle of the text then, pixels."""

    was: Measured
    hit: Hit
    at: tuple[float, float]
    text: tuple[float, float]

    def to(self, view: View, x: float, y: float) -> Measured:
        """The drawing with the pointer at a place of the pane; its figures are still the old ones.

        It stays on its own plane. A point has none of its own, and takes that of the pane.
        """
        shape = self.was.shape
        here = view.lps_of(x, y)
        if self.hit.part == TEXT:
            middle = view.lps_of(self.text[0] + x - self.at[0], self.text[1] + y - self.at[1])
            off = np.array(onto_plane(shape, middle)) - shape.middle_lps
            return replace(self.was, shape=replace(shape, text_off_lps=_lps(off)))
        if shape.kind is Kind.PROBE:
            normal = _lps(np.array(view.plane.onward))
            fresh = replace(shape, points_lps=(here,), normal_lps=normal)
        elif self.hit.part == HANDLE:
            fresh = moved(shape, self.hit.handle, here)
        else:
            fresh = shifted(shape, _lps(np.array(here) - view.lps_of(*self.at)))
        return replace(self.was, shape=fresh)


def _lps(vector: np.ndarray) -> Lps:
    x, y, z = (float(mm) for mm in vector)
    return x, y, z
