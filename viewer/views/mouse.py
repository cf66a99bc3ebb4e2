"""What hand and wheel do on a pane: window, pan, zoom, scroll, crosshair, marks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent

from viewer.views import state as states
from viewer.views.hands import Grab, Hands
from viewer.views.presets import window_of_box
from viewer.views.state import NARROWEST_HU, Window
from viewer.views.turning import ThreePlanes

if TYPE_CHECKING:
    from viewer.views.slice_view import SliceView

CLICK_PX = 3.0
"""A press that moves less than this is a click."""

WHEEL_STEP = 120
"""Eighths of a degree in one notch of a wheel; fine wheels send parts of it."""

ZOOM_NOTCH = 1.15
ZOOM_PER_PX = 0.006
SCROLL_PX = 6.0
"""Dragging with both buttons goes on one slice in so many pixels."""

FAST_STEPS = 5
WIDTH_PER_PX = 1 / 300
LEVEL_PER_PX = 1 / 600
LEAST_HU_PER_PX = 0.5

SCROLL, TURN, BOX = "scroll", "turn", "box"


def dragged_window(start: Window, right_px: float, down_px: float) -> Window:
    """The grey window after a drag: to the right wider, down darker (a higher level).

    A wide window moves faster than a narrow one, so that lung and brain feel alike.
    """
    per_px = max(LEAST_HU_PER_PX, start.width * WIDTH_PER_PX)
    width = max(NARROWEST_HU, start.width + right_px * per_px)
    level_per_px = max(LEAST_HU_PER_PX, start.width * LEVEL_PER_PX)
    return Window(round(width), round(start.level + down_px * level_per_px))


@dataclass
class Drag:
    """A drag as it runs: what it does, where it began and was last, and what was shown then."""

    does: str
    start: QPointF
    last: QPointF
    window: Window
    planes: ThreePlanes
    rest: float = 0.0


def on_second(added: object) -> bool:
    """Whether something that was added to the panes says that it works on a second scan too."""
    return bool(getattr(added, "on_second", False))


class Mouse:
    """The hand on one pane; it turns events into calls and signals of its SliceView."""

    def __init__(self, view: SliceView) -> None:
        self._view = view
        self._drag: Drag | None = None
        self._taken: Grab | None = None  # what was added to the panes and holds the left hand now
        self._moved = False
        self._turned = 0.0

    @property
    def dragging(self) -> bool:
        return self._drag is not None

    @property
    def _hands(self) -> Hands:
        """What was added to the panes, as far as it works on this pane's scan."""
        added = self._view.hands
        if not self._view.of_second:
            return added
        there = Hands()
        there.tools = {n: tool for n, tool in added.tools.items() if on_second(tool)}
        there.grabs = [grab for grab in added.grabs if on_second(grab)]
        return there

    def press(self, event: QMouseEvent) -> None:
        at, view = event.position(), self._view
        buttons = event.buttons()
        does = {
            Qt.MouseButton.LeftButton: view.state.tool,
            Qt.MouseButton.MiddleButton: states.HAND,
            Qt.MouseButton.RightButton: states.ZOOM,
        }.get(event.button(), "")
        if buttons & Qt.MouseButton.LeftButton and buttons & Qt.MouseButton.RightButton:
            does = SCROLL
        elif event.button() == Qt.MouseButton.LeftButton:
            if self.press_again(event):
                return
            does = self._of_left(event)
        if not does:
            event.ignore()  # the window has a use for the buttons that go on and back
            return
        self._moved = False
        self._drag = Drag(does, at, at, view.state.window, view.state.planes)
        view.pressed.emit(view.name)
        if does == states.CROSSHAIR:
            view.point_at(at)

    def press_again(self, event: QMouseEvent) -> bool:
        """A left press, also the second one of a double click, where a tool or a grip takes it."""
        view = self._view
        self._taken = self._hands.taker(view.state.tool, view, event)
        if self._taken is not None:
            view.pressed.emit(view.name)
        return self._taken is not None

    def _of_left(self, event: QMouseEvent) -> str:
        """What a left press that no added tool takes does: a box, an arm's turn, the plain tool."""
        view = self._view
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return BOX
        view.arm = next((arm for arm in view.arms() if arm.holds(event.position())), None)
        return TURN if view.arm is not None else view.state.tool

    def move(self, event: QMouseEvent) -> None:
        at, view, drag = event.position(), self._view, self._drag
        if self._taken is not None:
            self._taken.move(view, event)
        elif drag is None:
            self._hover(event)
        else:
            self._drag_on(drag, at)
        view.probe(at)

    def _hover(self, event: QMouseEvent) -> None:
        view, at = self._view, event.position()
        if (tool := self._hands.tools.get(view.state.tool)) is not None:
            tool.hover(view, event)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            view.point_at(at)
        else:
            view.rest_crosshair()
        view.set_arm(next((arm for arm in view.arms() if arm.holds(at)), None))

    def _drag_on(self, drag: Drag, at: QPointF) -> None:
        """The hand moved with buttons down."""
        view = self._view
        way = at - drag.start
        self._moved = self._moved or math.hypot(way.x(), way.y()) >= CLICK_PX
        step = at - drag.last
        drag.last = at
        if drag.does == states.CROSSHAIR:
            view.point_at(at)
        elif not self._moved:
            drag.last = drag.start
        elif drag.does == states.WINDOW:
            view.window_dragged.emit(dragged_window(drag.window, way.x(), way.y()))
        elif drag.does == states.HAND:
            view.pan(step)
        elif drag.does == states.ZOOM:
            view.zoom(math.exp(-step.y() * ZOOM_PER_PX), about=drag.start)
        elif drag.does == TURN:
            view.turn_arm(drag.planes, drag.start, at)
        elif drag.does == BOX:
            view.set_box(QRectF(drag.start, at).normalized())
        elif drag.does == SCROLL:
            drag.rest += step.y() / SCROLL_PX
            whole = math.trunc(drag.rest)
            drag.rest -= whole
            if whole:
                view.wheel_turned.emit(whole)

    def release(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        view = self._view
        if self._taken is not None and event.button() == Qt.MouseButton.LeftButton:
            taken, self._taken = self._taken, None
            taken.release(view, event)
            return
        view.rest_crosshair()
        box = view.box
        view.set_box(None)
        if drag is None or self._moved:
            if drag is not None and drag.does == BOX and box is not None:
                self._window_by(box)
            return
        if event.button() == Qt.MouseButton.LeftButton:
            hit = view.mark_at(event.position())
            if hit:
                view.mark_clicked.emit(hit)
        elif event.button() == Qt.MouseButton.RightButton:
            view.menu_asked.emit(event.globalPosition().toPoint())

    def _window_by(self, box: QRectF) -> None:
        """The grey window of what is seen in a box."""
        hu = self._view.hu_shown
        if hu is not None:
            window = window_of_box(hu, box, self._view.devicePixelRatioF())
            if window is not None:
                self._view.window_dragged.emit(window)

    def leave(self) -> None:
        tool = self._hands.tools.get(self._view.state.tool)
        if tool is not None:
            tool.leave(self._view)

    def wheel(self, event: QWheelEvent) -> None:
        tool = self._hands.tools.get(self._view.state.tool)
        if tool is not None and tool.wheel(self._view, event):
            event.accept()
            return
        turn = event.angleDelta()
        # With Alt some systems turn the wheel sideways.
        self._turned += turn.y() if turn.y() else turn.x()
        notches = math.trunc(self._turned / WHEEL_STEP)
        self._turned -= notches * WHEEL_STEP
        event.accept()
        if not notches:
            return
        view, modifiers = self._view, event.modifiers()
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            view.thickness_turned.emit(notches)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            view.zoom(ZOOM_NOTCH**notches, about=event.position())
        else:
            fast = bool(modifiers & Qt.KeyboardModifier.AltModifier)
            view.wheel_turned.emit(-notches * (FAST_STEPS if fast else 1))
        view.probe(event.position())
