"""Head, left and front as they lie now: a cross of axes in the lower left corner."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from viewer import theme
from viewer.volume.camera import VolumeCamera

AXES = (("axial", (0.0, 0.0, 1.0), "H"), ("sagittal", (1.0, 0.0, 0.0), "L"),
        ("coronal", (0.0, -1.0, 0.0), "A"))  # fmt: skip
"""Each axis stands across a plane and wears its line; then its way in LPS and its letter."""

END_ON_PX = 7.0
"""An axis that is seen shorter than this points at the eye or away from it: a dot, or a ring."""

AROUND = (225, 315, 135, 45, 180, 0, 270, 90)
"""Degrees, counter-clockwise from the right: where a letter is tried that has no place of its own;
first what the axes of a view from the front leave free."""


@dataclass(frozen=True)
class Axis:
    """As it is seen from the cross's middle. tip, letter: places in pixels; at_eye: how much of it
    points at the eye, from -1 to 1."""

    plane: str
    name: str
    tip: QPointF
    letter: QPointF
    at_eye: float

    @property
    def end_on(self) -> bool:
        return math.hypot(self.tip.x(), self.tip.y()) < END_ON_PX


def axes_seen(camera: VolumeCamera) -> tuple[Axis, ...]:
    """The three axes; each letter clear of the other axes and of the letters before it."""
    long_px, letter_px = theme.number("axes.long"), theme.number("axes.letter")
    right, down, away = camera.axes
    tips = {
        name: QPointF(long_px * float(right @ way), long_px * float(down @ way))
        for _, way, name in AXES
    }
    made: list[Axis] = []
    for plane, way, name in sorted(AXES, key=lambda one: -_length(tips[one[2]])):
        others = [tip for other, tip in tips.items() if other != name]
        letters = [axis.letter for axis in made]
        tip, long = tips[name], _length(tips[name])
        tried = [tip * (1 + letter_px / long)] if long >= END_ON_PX else []
        for degrees in AROUND:
            turn = math.radians(degrees)
            tried.append(tip + QPointF(math.cos(turn), -math.sin(turn)) * 1.4 * letter_px)
        letter = max(tried, key=lambda at: (min(1.0, _room(at, others, letters, letter_px)),
                                            -tried.index(at)))  # fmt: skip
        made.append(Axis(plane, name, tip, letter, -float(away @ way)))
    return tuple(made)


def paint_axes(painter: QPainter, bounds: QRectF, camera: VolumeCamera) -> None:
    """The far ones first. One that points at the eye is a dot, one that points away a ring."""
    inset, reach = theme.number("axes.inset"), theme.number("axes.letter")
    middle = QPointF(bounds.left() + inset, bounds.bottom() - inset)
    painter.setFont(theme.font("overlay"))
    for axis in sorted(axes_seen(camera), key=lambda one: one.at_eye):
        spec, width = f"plane.{axis.plane}", theme.number("swatch.pen")
        if axis.end_on:
            at_eye = axis.at_eye > 0
            painter.setPen(theme.pen(spec, width=width))
            painter.setBrush(theme.color(spec if at_eye else "bg.image"))
            radius = theme.number("axes.dot")
            painter.drawEllipse(middle, radius, radius)
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setPen(theme.pen(spec, width=width, style=theme.token(spec)["pen"]))
            painter.drawLine(middle, middle + axis.tip)
        at = middle + axis.letter
        painter.setPen(theme.color("text.image"))
        box = QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, axis.name)


def _room(at: QPointF, tips: Sequence[QPointF], letters: Sequence[QPointF], need: float) -> float:
    """How far the nearest other axis or letter is, of what a letter needs; 1 and more: clear."""
    lines = [_from_line(at, tip) / need for tip in tips]
    return min(lines + [_length(at - other) / (1.4 * need) for other in letters])


def _from_line(at: QPointF, tip: QPointF) -> float:
    """How far a place is from the line between the middle and a tip."""
    square = QPointF.dotProduct(tip, tip)
    part = min(1.0, max(0.0, QPointF.dotProduct(at, tip) / square)) if square else 0.0
    return _length(at - tip * part)


def _length(way: QPointF) -> float:
    return math.hypot(way.x(), way.y())
