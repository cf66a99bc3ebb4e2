"""Marks and crosshair: shapes by state, and nothing ever on a nodule."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from viewer import theme
from viewer.views import overlays
from viewer.views.crosshair import Hair, gaps_on, paint_crosshair, pieces
from viewer.views.glyphs import paint_glyph, state_colour
from viewer.views.overlays import Placed, place
from viewer.views.state import Mark

STATES = ("proposed", "undecided", "accepted", "edited", "rejected", "added", "held")
SIDE = 160
PX_PER_MM = 2.0


def mark(state: str, *, radius_mm: float = 8.0, current: bool = False) -> Mark:
    return Mark("a", 3, (0.0, 0.0, 0.0), radius_mm, state, current)


def painted(draw) -> np.ndarray:  # type: ignore[no-untyped-def]
    """(SIDE, SIDE) 0xRRGGBB of what `draw` paints on black."""
    image = QImage(SIDE, SIDE, QImage.Format.Format_RGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint32).reshape(SIDE, SIDE).copy() & 0xFFFFFF


def crossed(x: float, y: float, *, degrees: float = 0.0) -> tuple[Hair, Hair]:
    """Both lines of a crosshair at a place, turned by so much."""
    turn = math.radians(degrees)
    c, s = math.cos(turn), math.sin(turn)
    return Hair("sagittal", x, y, -s, c), Hair("coronal", x, y, c, s)


def middle_distance() -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE]
    return np.hypot(x + 0.5 - SIDE / 2, y + 0.5 - SIDE / 2)


@pytest.mark.parametrize("current", [False, True])
@pytest.mark.parametrize("radius_mm", [1.0, 4.0, 15.0])
@pytest.mark.parametrize("state", STATES)
def test_no_mark_is_ever_drawn_on_its_nodule(
    state: str, radius_mm: float, current: bool, themed: QApplication
) -> None:
    one = place(mark(state, radius_mm=radius_mm, current=current), SIDE / 2, SIDE / 2, PX_PER_MM)
    pixels = painted(lambda painter: overlays.paint_mark(painter, one))
    assert np.any(pixels), "something is drawn"
    assert not np.any(pixels[middle_distance() < radius_mm * PX_PER_MM + 2])


@pytest.mark.parametrize("state", STATES)
def test_no_line_of_the_crosshair_crosses_a_nodule(state: str, themed: QApplication) -> None:
    one = place(mark(state), SIDE / 2, SIDE / 2, PX_PER_MM)
    hairs = crossed(SIDE / 2 + 9, SIDE / 2 - 30)
    pixels = painted(
        lambda painter: paint_crosshair(
            painter, QRectF(0, 0, SIDE, SIDE), hairs, placed=[one], moving=True
        )
    )
    assert np.any(pixels)
    assert not np.any(pixels[middle_distance() < one.radius + 5])


def test_the_crosshair_leaves_its_point_open(themed: QApplication) -> None:
    hairs = crossed(80.0, 80.0)
    pixels = painted(
        lambda painter: paint_crosshair(
            painter, QRectF(0, 0, SIDE, SIDE), hairs, placed=[], moving=True
        )
    )
    assert not np.any(pixels[70:91, 70:91])
    assert np.any(pixels[:60, 80]) and np.any(pixels[80, :60])


def test_states_differ_by_shape_not_by_colour_alone(themed: QApplication) -> None:
    shapes = {
        state: painted(
            lambda painter, state=state: overlays.paint_mark(
                painter, place(mark(state), SIDE / 2, SIDE / 2, PX_PER_MM)
            )
        )
        > 0
        for state in ("proposed", "accepted", "edited", "rejected", "added", "held")
    }
    names = list(shapes)
    for n, one in enumerate(names):
        for other in names[n + 1 :]:
            assert np.count_nonzero(shapes[one] != shapes[other]) > 20 or {one, other} == {
                "proposed",
                "accepted",
            }
    # accepted differs from proposed by its solid tag
    tag = place(mark("accepted"), SIDE / 2, SIDE / 2, PX_PER_MM).tag
    inside = (int(tag.y() - 6), int(tag.x()))
    green = painted(
        lambda p: overlays.paint_mark(p, place(mark("accepted"), SIDE / 2, SIDE / 2, PX_PER_MM))
    )
    hollow = painted(
        lambda p: overlays.paint_mark(p, place(mark("proposed"), SIDE / 2, SIDE / 2, PX_PER_MM))
    )
    assert green[inside] == 0x009E73 and hollow[inside] == 0


def test_every_state_has_a_glyph_of_its_own(themed: QApplication) -> None:
    drawn = [
        painted(lambda p, s=state: paint_glyph(p, QRectF(0, 0, 16, 16), s))[:16, :16]
        for state in ("proposed", "accepted", "edited", "rejected", "added", "held")
    ]
    for n, one in enumerate(drawn):
        assert np.any(one)
        assert all(np.count_nonzero((one > 0) != (two > 0)) > 8 for two in drawn[n + 1 :])


def test_a_small_mark_is_still_large_enough_to_see_and_hit() -> None:
    one = place(mark("proposed", radius_mm=1.0), 50, 50, 1.0)
    assert one.radius == 14
    assert place(mark("proposed", radius_mm=20.0), 50, 50, 2.0).radius == 46


def test_a_click_on_ring_or_tag_means_the_mark_and_beside_it_does_not() -> None:
    one = Placed(mark("proposed"), 80.0, 80.0, 20.0)
    assert one.holds(QPointF(80, 61)) and one.holds(one.tag)
    assert not one.holds(QPointF(80, 110))
    assert math.hypot(one.tag.x() - 80, one.tag.y() - 80) == pytest.approx(20 + 8.5)


@pytest.mark.parametrize(
    ("gaps", "left"),
    [
        ([], [(0, 100)]),
        ([(40, 60)], [(0, 40), (60, 100)]),
        ([(-5, 10)], [(10, 100)]),
        ([(90, 120)], [(0, 90)]),
        ([(20, 50), (30, 60)], [(0, 20), (60, 100)]),
        ([(-1, 200)], []),
        ([(150, 160)], [(0, 100)]),
    ],
)
def test_a_line_keeps_what_lies_outside_its_gaps(
    gaps: list[tuple[float, float]], left: list[tuple[float, float]]
) -> None:
    assert pieces(0.0, 100.0, gaps) == left


def test_a_mark_far_from_a_line_opens_no_gap() -> None:
    one = Placed(mark("proposed"), 80.0, 80.0, 20.0)
    assert gaps_on(Hair("sagittal", 10.0, 0.0, 0.0, 1.0), [one]) == []
    ((low, high),) = gaps_on(Hair("sagittal", 80.0, 0.0, 0.0, 1.0), [one])
    assert (low, high) == (54, 106)


@pytest.mark.parametrize("degrees", [0, 23, 45, 90, 137])
def test_a_turned_crosshair_keeps_off_a_nodule_too(degrees: float, themed: QApplication) -> None:
    one = place(mark("proposed"), SIDE / 2, SIDE / 2, PX_PER_MM)
    hairs = crossed(SIDE / 2 + 9, SIDE / 2 - 20, degrees=degrees)
    pixels = painted(
        lambda painter: paint_crosshair(
            painter, QRectF(0, 0, SIDE, SIDE), hairs, placed=[one], moving=True
        )
    )
    assert np.any(pixels)
    assert not np.any(pixels[middle_distance() < one.radius + 5])


def test_the_ends_of_a_line_lie_on_the_edge_of_the_pane() -> None:
    bounds = QRectF(0, 0, 200, 100)
    assert Hair("coronal", 50.0, 40.0, 1.0, 0.0).within(bounds) == (-50, 150)
    half = math.sqrt(0.5)
    low, high = Hair("coronal", 50.0, 40.0, half, half).within(bounds) or (0, 0)
    assert (low * half, high * half) == pytest.approx((-40, 60))
    assert Hair("coronal", 50.0, 140.0, 1.0, 0.0).within(bounds) is None


def test_an_unknown_state_is_an_error() -> None:
    with pytest.raises(KeyError):
        state_colour("odd")
    assert theme.color("state.held").name() == "#999999"


def test_an_edge_of_hairlines_looks_like_a_stroked_one(themed: QApplication) -> None:
    turn = np.linspace(0, 2 * np.pi, 200)
    ring = np.stack([80 + 50 * np.cos(turn), 80 + 40 * np.sin(turn)], axis=1)
    for name, edge in (("segment.lungRight", "solid"), ("segment.lungLeft", "dash 6 3")):

        def stroked(painter: QPainter, name: str = name, edge: str = edge) -> None:
            painter.fillRect(0, 0, SIDE, SIDE, theme.color("text.image"))
            overlays.paint_outline(painter, overlays.path([ring]), name, edge)

        def fine(painter: QPainter, name: str = name, edge: str = edge) -> None:
            painter.fillRect(0, 0, SIDE, SIDE, theme.color("text.image"))
            overlays.paint_fine_outline(painter, overlays.polygons([ring]), name, edge)

        greens = [(painted(draw) >> 8 & 0xFF).astype(int) for draw in (stroked, fine)]
        off = np.abs(greens[0] - greens[1])
        assert off[greens[0] != greens[0][0, 0]].mean() < 25, "dashes begin a pixel apart at most"
        ink = [float((greens[0][0, 0] - green).sum()) for green in greens]
        assert ink[1] == pytest.approx(ink[0], rel=0.06), "as much of it"
