"""Hatching where nothing was scanned, so that nobody takes a gap for air or for the end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QPainter, QPolygonF

from ai.scan.geometry import Geometry
from viewer import theme
from viewer.dicom.series import NOTHING_HERE
from viewer.views.planes import View

LEAST_PX = 2.0
Floats = NDArray[np.float64]


def gaps_of(image_numbers: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """First and last level (k) of each run of levels where no slice was scanned."""
    runs = groupby(enumerate(image_numbers), key=lambda pair: pair[1] == NOTHING_HERE)
    levels = [[k for k, _ in run] for empty, run in runs if empty]
    return tuple((ks[0], ks[-1]) for ks in levels)


def gap_mm(geometry: Geometry, gap: tuple[int, int]) -> float:
    """How much was not scanned there, in mm along the slices' normal."""
    normal = np.cross(geometry.directions[:, 2], geometry.directions[:, 1])
    return (gap[1] - gap[0] + 1) * abs(float(geometry.affine[:3, 0] @ normal))


def gap_on(view: View, geometry: Geometry, gap: tuple[int, int]) -> Floats:
    """(N, 2) corners in pixels of what a view shows of a gap; N is 0 where it shows nothing."""
    wide, high = float(view.width_px), float(view.height_px)
    corners = np.array([(0.0, 0.0), (wide, 0.0), (wide, high), (0.0, high)])
    _, rows, columns = geometry.shape_kji
    low = (gap[0] - 0.5, -0.5, -0.5)
    most = (gap[1] + 0.5, rows - 0.5, columns - 0.5)
    origin, right, down = (geometry.index_of(view.lps_of(*at)) for at in ((0, 0), (1, 0), (0, 1)))
    for axis in range(3):
        slope = np.array([right[axis] - origin[axis], down[axis] - origin[axis]])
        corners = _clipped(corners, slope, origin[axis] - low[axis])
        corners = _clipped(corners, -slope, most[axis] - origin[axis])
    return corners


def _clipped(corners: Floats, slope: Floats, above: float) -> Floats:
    """The part of a convex polygon where slope . corner + above is not negative.

    Source: Sutherland and Hodgman, Reentrant polygon clipping, CACM 17 (1974).
    """
    if len(corners) == 0:
        return corners
    values = corners @ slope + above
    kept: list[Floats] = []
    for here, there, a, b in zip(
        corners, np.roll(corners, -1, axis=0), values, np.roll(values, -1), strict=True
    ):
        if a >= 0:
            kept.append(here)
        if (a >= 0) != (b >= 0):
            kept.append(here + (there - here) * (a / (a - b)))
    return np.array(kept).reshape(-1, 2)


def paint_gap(painter: QPainter, corners: Floats, label: str) -> None:
    """Hatched, with its label in the middle of its lower edge; a hair's breadth shows nothing."""
    if len(corners) < 3:
        return
    shape = QPolygonF([QPointF(float(x), float(y)) for x, y in corners])
    bounds = shape.boundingRect()
    if min(bounds.width(), bounds.height()) < LEAST_PX:
        return
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("notice.refusedBg"))
    painter.drawPolygon(shape)
    painter.setOpacity(0.6)
    painter.setBrush(QBrush(theme.color("notice.refused"), Qt.BrushStyle.BDiagPattern))
    painter.drawPolygon(shape)
    painter.setOpacity(1.0)
    _paint_label(painter, bounds, label)
    painter.restore()


def _paint_label(painter: QPainter, bounds: QRectF, label: str) -> None:
    font = theme.font("overlay")
    pad = theme.number("space.s")
    wide = QFontMetricsF(font).horizontalAdvance(label) + 2 * pad
    high = theme.line_height("overlay") + 2
    if wide > bounds.width():
        return
    plate = QRectF(0, 0, wide, high)
    plate.moveCenter(QPointF(bounds.center().x() - bounds.width() / 4, bounds.center().y()))
    plate.moveLeft(max(plate.left(), bounds.left()))
    if bounds.height() < 2 * high:  # below the band, which it would hide
        plate.moveTop(bounds.bottom() + 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("bg.image"))
    painter.drawRoundedRect(plate, 2, 2)
    painter.setFont(font)
    painter.setPen(theme.color("text.image"))
    painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, label)
