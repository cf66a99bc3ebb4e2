"""Tools, things to grab and things to paint that other rooms add to the panes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QWheelEvent

from tests.views.test_mouse import LEFT, MIDDLE, drag, send, turn
from viewer.views.panes import Panes
from viewer.views.slice_view import SliceView


class Ruler:
    """A tool that notes all it is told."""

    name = "ruler"

    def __init__(self, takes: bool = True) -> None:
        self.takes = takes
        self.told: list[str] = []

    def press(self, view: SliceView, event: QMouseEvent) -> bool:
        self.told.append("press")
        return self.takes

    def move(self, view: SliceView, event: QMouseEvent) -> None:
        self.told.append("move")

    def release(self, view: SliceView, event: QMouseEvent) -> None:
        self.told.append("release")

    def hover(self, view: SliceView, event: QMouseEvent) -> None:
        self.told.append("hover")

    def leave(self, view: SliceView) -> None:
        self.told.append("leave")

    def wheel(self, view: SliceView, event: QWheelEvent) -> bool:
        self.told.append("wheel")
        return self.takes


START, END = QPointF(200, 200), QPointF(240, 230)


def test_an_added_tool_has_the_left_hand_while_it_is_chosen(panes: Panes) -> None:
    ruler, axial, window = Ruler(), panes.views["axial"], panes.state.window
    panes.add_tool(ruler)
    panes.set_tool("ruler")
    drag(axial, LEFT, START, END)
    assert ruler.told == ["press", "move", "release"]
    assert panes.state.window == window


def test_a_press_that_the_tool_does_not_take_and_the_other_buttons_are_plain(panes: Panes) -> None:
    ruler, axial = Ruler(takes=False), panes.views["axial"]
    panes.add_tool(ruler)
    panes.set_tool("ruler")
    drag(axial, LEFT, START, END)
    assert "move" not in ruler.told
    before = axial.camera.right_mm
    drag(axial, MIDDLE, START, END)
    assert axial.camera.right_mm != before


def test_what_can_be_grabbed_comes_before_the_tool(panes: Panes) -> None:
    grab, window = Ruler(), panes.state.window
    panes.add_grab(grab)
    drag(panes.views["axial"], LEFT, START, END)
    assert grab.told == ["press", "move", "release"]
    assert panes.state.window == window


def test_the_wheel_is_the_tools_where_it_takes_it_else_the_panes(panes: Panes) -> None:
    ruler, axial, here = Ruler(), panes.views["axial"], panes.state.crosshair_lps
    panes.add_tool(ruler)
    panes.set_tool("ruler")
    turn(axial, 120)
    assert panes.state.crosshair_lps == here
    ruler.takes = False
    turn(axial, 120)
    assert panes.state.crosshair_lps != here


def test_a_tool_is_told_when_another_one_is_chosen(panes: Panes) -> None:
    ruler = Ruler()
    panes.add_tool(ruler)
    panes.set_tool("ruler")
    panes.set_tool("window")
    assert "leave" in ruler.told


def test_a_tool_that_nobody_added_is_refused(panes: Panes) -> None:
    with pytest.raises(ValueError, match="ruler"):
        panes.set_tool("ruler")


def test_an_overlay_is_painted_on_every_pane(panes: Panes) -> None:
    class Stamp:
        def paint(self, painter: QPainter, view: SliceView) -> None:
            painter.fillRect(view.rect(), QColor(Qt.GlobalColor.magenta))

    panes.add_overlay(Stamp())
    panes.redraw()
    for picture in panes.grab_pictures().values():
        middle = picture.pixelColor(picture.width() // 2, picture.height() // 2)
        assert middle == QColor(Qt.GlobalColor.magenta)


def test_a_double_click_is_the_tools_where_it_takes_it_else_one_pane_alone(panes: Panes) -> None:
    ruler, axial = Ruler(), panes.views["axial"]
    panes.add_tool(ruler)
    panes.set_tool("ruler")
    second, up = QEvent.Type.MouseButtonDblClick, QEvent.Type.MouseButtonRelease
    send(axial, second, START, LEFT, LEFT)
    send(axial, up, START, LEFT, Qt.MouseButton.NoButton)
    assert ruler.told == ["press", "release"]
    assert panes.views["coronal"].isVisible()
    ruler.takes = False
    send(axial, second, START, LEFT, LEFT)
    assert not panes.views["coronal"].isVisible()
