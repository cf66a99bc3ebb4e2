"""Where the edited mask shows on each pane: its edge, kept until the mask changes there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainterPath

from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy
from viewer.editing.difference import Cut
from viewer.editing.field import Field
from viewer.views import overlays
from viewer.views.outlines import Box, Line, Outliner
from viewer.views.planes import Plane, View, stack_of
from viewer.views.slice_render import Cutter

NEAR_PX = 4
"""So much around what changed is drawn anew: half a dash and the blur of its edge."""


@dataclass(frozen=True, eq=False)
class Edge:
    """The edge of the mask on one plane at one depth: (N, 2) mm right and down each."""

    plane: Plane
    onward_mm: float
    lines: tuple[Line, ...]


class Shapes:
    """Of one field. Each pane has its own cutter, since a cut is valid until the next one."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._labels = LabelMap(field.geometry, field.voxels, LUNGS[:1], MadeBy("", ""))
        self._cutters: dict[object, Cutter] = {}
        self._edges: dict[object, Edge] = {}

    def of(self, field: Field) -> bool:
        """Whether these are the shapes of that field."""
        return self._field is field

    def edge(self, pane: object, view: View) -> tuple[Line, ...]:
        """The edge on what a pane shows; pane: whatever tells the panes apart."""
        onward = float(view.plane.along(view.centre_lps)[2])
        known = self._edges.get(pane)
        if known is None or (known.plane, known.onward_mm) != (view.plane, onward):
            known = Edge(view.plane, onward, self._found(pane, view.plane, onward))
            self._edges[pane] = known
        return known.lines

    def changed(self, pane: object, view: View, box: Cut | None) -> QRect | None:
        """The part of a pane that a change of the mask concerns, in logical pixels, or None."""
        if box is None:
            self._edges.pop(pane, None)
            return QRect(0, 0, view.width_px, view.height_px)
        corners = corners_of(self._field.geometry, box)
        onward = view.plane.along(corners)[:, 2]
        here = float(view.plane.along(view.centre_lps)[2])
        reach = stack_of(self._field.geometry, view.plane).step_mm / 2
        if not onward.min() - reach <= here <= onward.max() + reach:
            return None
        self._edges.pop(pane, None)
        low, high = view.pixels_of(corners).min(axis=0), view.pixels_of(corners).max(axis=0)
        step = max(self._field.geometry.spacing_kji_mm) / view.mm_per_px
        more = NEAR_PX + 2 * step  # the blur that makes edges smooth reaches two voxels
        rect = QRectF(low[0] - more, low[1] - more, *(high - low + 2 * more))
        return rect.toAlignedRect()

    def _found(self, pane: object, plane: Plane, onward_mm: float) -> tuple[Line, ...]:
        field = self._field
        if field.reach is None:
            return ()
        if pane not in self._cutters:
            self._cutters[pane] = Cutter(field.voxels, field.geometry, outside=0)
        along = plane.along(corners_of(field.geometry, field.reach))
        box = Box(along.min(axis=0), along.max(axis=0))
        found = Outliner(self._labels, self._cutters[pane], plane, box).lines(onward_mm)
        return tuple(found.get(LUNGS[0].number, ()))


def corners_of(geometry: Geometry, box: Cut) -> NDArray[np.float64]:
    """(8, 3) LPS mm of the corners of a box of voxels, out to their faces."""
    ends = [(side.start - 0.5, side.stop - 0.5) for side in box]
    index = np.array(np.meshgrid(*ends, indexing="ij")).reshape(3, -1).T
    return geometry.lps_of(index)


def path_on(view: View, lines: tuple[Line, ...]) -> QPainterPath:
    """Lines in mm on a view's plane as one path in its logical pixels."""
    right, down, _ = (float(n) for n in view.plane.along(view.centre_lps))
    middle = (view.width_px / 2, view.height_px / 2)
    return overlays.path((line - (right, down)) / view.mm_per_px + middle for line in lines)
