"""The cross of axes in the 3-D picture can be read from every side."""

from __future__ import annotations

import math
from itertools import combinations

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from viewer import theme
from viewer.volume.axes import axes_seen, paint_axes
from viewer.volume.camera import SIDES, VolumeCamera

PANE = QRectF(0, 0, 200, 200)


def far(a: QPointF, b: QPointF) -> float:
    return math.hypot(a.x() - b.x(), a.y() - b.y())


@pytest.mark.parametrize("azimuth", range(-180, 180, 15))
@pytest.mark.parametrize("elevation", [-90, -80, -30, -8, 0, 8, 45, 90])
def test_every_axis_has_its_letter_on_no_other_letter_and_no_other_axis(
    themed: QApplication, azimuth: int, elevation: int
) -> None:
    axes = axes_seen(VolumeCamera(azimuth=azimuth, elevation=elevation))
    assert {axis.name for axis in axes} == {"H", "L", "A"}
    for one, other in combinations(axes, 2):
        assert far(one.letter, other.letter) > 9
    for axis in axes:
        for other in axes:
            line = [other.tip * (n / 20) for n in range(21)] if other is not axis else []
            assert all(far(axis.letter, at) > 6 for at in line), (axis.name, other.name)


def painted(camera: VolumeCamera) -> QImage:
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_axes(painter, PANE, camera)
    painter.end()
    return image


def is_like(found: QColor, wanted: QColor) -> bool:
    pairs = zip(found.getRgb()[:3], wanted.getRgb()[:3], strict=True)
    return all(abs(a - b) < 40 for a, b in pairs)


@pytest.mark.parametrize(("side", "dot"), [("front", True), ("back", False)])
def test_an_axis_that_points_at_the_eye_is_a_dot_and_one_that_points_away_a_ring(
    themed: QApplication, side: str, dot: bool
) -> None:
    image = painted(VolumeCamera().seen_from(side))
    inset = round(theme.number("axes.inset"))
    middle = image.pixelColor(inset, 200 - inset)
    assert is_like(middle, theme.color("plane.coronal" if dot else "bg.image"))


@pytest.mark.parametrize("side", SIDES)
def test_seen_along_an_axis_two_are_lines_and_one_is_not(themed: QApplication, side: str) -> None:
    assert sorted(axis.end_on for axis in axes_seen(VolumeCamera().seen_from(side))) == [
        False, False, True,
    ]  # fmt: skip
