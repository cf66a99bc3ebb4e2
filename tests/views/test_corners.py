"""Words in the corners of a pane: whole where there is room, never over the letter at mid-edge."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from viewer import theme
from viewer.views.corners import (
    BOTTOM_RIGHT,
    TOP_LEFT,
    fits_beside_letter,
    letter_rects,
    paint_tab,
)

NARROW = QRectF(0, 0, 192, 270)
"""A small pane of a window of 1024 pixels with the studies beside it."""


@pytest.fixture(autouse=True)
def themed(qapp: QApplication) -> Iterator[None]:
    theme.apply_theme(qapp)
    yield
    theme.apply_theme(qapp)


def painted(lines: list[str], corner: str, bounds: QRectF = NARROW, **more: object) -> QRectF:
    image = QImage(600, 300, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    try:
        return paint_tab(painter, bounds, corner, lines, **more)  # type: ignore[arg-type]
    finally:
        painter.end()


@pytest.mark.parametrize("name", ["Coronal", "Sagittal", "矢状位"])
def test_a_plane_is_named_whole_in_a_narrow_pane(name: str) -> None:
    rect = painted([name], TOP_LEFT, plane="coronal")
    wanted = painted([name], TOP_LEFT, QRectF(0, 0, 500, 270), plane="coronal")
    assert rect.width() >= wanted.width() - 2 * 6, "only its padding went"
    top = letter_rects(NARROW, ("R", "L", "H", "F"), lift=0.0)[2]
    assert not rect.intersects(top)


def test_a_position_is_told_whole_in_a_narrow_pane() -> None:
    assert fits_beside_letter("z −187.5 mm", NARROW)
    rect = painted(["z −187.5 mm"], BOTTOM_RIGHT)
    assert not rect.intersects(letter_rects(NARROW, ("R", "L", "H", "F"), lift=0.0)[3])


def test_three_places_of_a_turned_plane_take_the_whole_edge_and_are_told_so() -> None:
    position = "x −112 y −134 z −1187 mm"
    assert not fits_beside_letter(position, NARROW)
    alone = painted([position], BOTTOM_RIGHT, alone=True)
    assert NARROW.contains(alone) and alone.width() > NARROW.width() / 2


def test_what_fits_nowhere_is_cut_and_stays_in_its_half() -> None:
    rect = painted(["A description that no pane of this size can hold"], TOP_LEFT)
    assert rect.width() <= NARROW.width() / 2


@pytest.mark.parametrize("level", [theme.DIM, theme.DARKER])
def test_lines_of_second_rank_are_dimmer_and_still_read_on_white(
    qapp: QApplication, level: str
) -> None:
    theme.apply_theme(qapp, level)
    image = QImage(600, 300, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    painter = QPainter(image)
    rect = paint_tab(
        painter, QRectF(0, 0, 600, 300), TOP_LEFT, ["HHHH", "HHHH q"], quiet=["HHHH q"]
    )
    painter.end()
    wide, middle = int(rect.width()), int(rect.height() / 2)

    def brightest(top: int, bottom: int) -> int:
        rows = range(top, bottom)
        return max(image.pixelColor(x, y).lightness() for y in rows for x in range(4, wide - 4))

    first, second = brightest(4, middle), brightest(middle, 2 * middle - 4)
    assert second < first
    ink, ground = theme.color("text.imageDim"), image.pixelColor(3, middle)
    light, dark = (((c.lightnessF() + 0.055) / 1.055) ** 2.4 for c in (ink, ground))
    assert (light + 0.05) / (dark + 0.05) >= 4.5
