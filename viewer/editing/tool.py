"""The hand on the panes while a mask is edited: paints, cuts, clicks, and changes its size."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent

from viewer.desk.editing import EditingDesk
from viewer.editing.brush import Point, Slab, slab_through, swept
from viewer.editing.hold import (
    BRUSH,
    ERASE,
    ISLANDS,
    REGROW,
    ROUND,
    SCISSORS,
    THRESHOLD,
)
from viewer.editing.overlay import EditingOverlay
from viewer.editing.scissors import LEAST_CORNERS
from viewer.keymaps import cap
from viewer.notices import Notice
from viewer.views.slice_view import SliceView

EDIT_TOOL = "edit"
"""The name by which the panes know it."""

LASSO_PX = 24.0
"""A drag of the scissors that long is a whole line; a shorter one sets a corner."""
POINT_PX = 3.0
CLOSE_PX = 8.0
"""A click so near to the first corner closes the line."""
WHEEL_STEP = 120


def tr(text: str) -> str:
    return QCoreApplication.translate("EditTool", text)


class EditTool:
    """A tool of the panes; what it does depends on what the desk's editing holds."""

    name = EDIT_TOOL
    on_second = True

    def __init__(self, editing: EditingDesk, overlay: EditingOverlay) -> None:
        self._editing, self._overlay = editing, overlay
        self._last: Point | None = None
        self._at, self._gone = QPointF(), 0.0
        self._pressed = 0  # points of the line when the button went down
        self._view: SliceView | None = None
        self._turned = 0.0

    @property
    def words(self) -> str:
        """What is in the hand, for the corner of a pane."""
        hold = self._editing.hold
        if self._editing.field is None:
            return ""
        named = {
            BRUSH: tr("Brush {0} mm"),
            ERASE: tr("Erase {0} mm"),
            THRESHOLD: tr("Threshold {0} mm"),
            SCISSORS: tr("Scissors"),
            REGROW: tr("Re-grow"),
            ISLANDS: tr("Islands"),
        }
        return named.get(hold.tool, "").format(f"{hold.diameter_mm:.1f}")

    # What the panes call

    def press(self, view: SliceView, event: QMouseEvent) -> bool:
        if not self._overlay.shows(view):
            return view.of_second and self._say_where()
        at, lps = event.position(), _place(view, event.position())
        self._point_at(view, event)
        self._editing.normal = view.plane.onward
        tool = self._editing.hold.tool
        if tool in ROUND:
            self._last = lps
            if self._editing.begin_stroke(turned=_ctrl(event)) is not None:
                self._paint(view, lps)
        elif tool == SCISSORS:
            self._press_scissors(view, at, lps)
        elif tool == REGROW:
            self._editing.regrow(lps)
        elif tool == ISLANDS:
            self._click_island(lps, keep=not _ctrl(event))
        return True

    def move(self, view: SliceView, event: QMouseEvent) -> None:
        at = event.position()
        if self._editing.stroke is not None:
            self._paint(view, _place(view, at))
        elif self._overlay.line and self._editing.hold.tool == SCISSORS:
            step = at - self._at
            length = math.hypot(step.x(), step.y())
            if length >= POINT_PX:
                self._gone += length
                self._at = at
                self._overlay.line.append(_place(view, at))
        self._point_at(view, event)

    def release(self, view: SliceView, event: QMouseEvent) -> None:
        self._last = None
        self._editing.end_stroke()
        if not self._overlay.line:
            return
        if self._gone < LASSO_PX:
            del self._overlay.line[self._pressed :]  # the hand only trembled: a corner
        elif self._pressed == 1:
            self.close_line()

    def hover(self, view: SliceView, event: QMouseEvent) -> None:
        if self._overlay.shows(view):
            self._point_at(view, event)

    def leave(self, view: SliceView) -> None:
        view.unsetCursor()
        self._overlay.point_at(None)

    def wheel(self, view: SliceView, event: QWheelEvent) -> bool:
        """Shift and the wheel: a larger or smaller brush."""
        if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return self._editing.stroke is not None  # no slice changes under a stroke
        turn = event.angleDelta()
        self._turned += turn.y() or turn.x()
        notches = math.trunc(self._turned / WHEEL_STEP)
        self._turned -= notches * WHEEL_STEP
        if notches and self._editing.hold.tool in ROUND:
            self._editing.resize(notches)
        return self._editing.hold.tool in ROUND

    # The line of the scissors

    @property
    def drawing(self) -> bool:
        """Whether a line is begun and not yet closed."""
        return bool(self._overlay.line)

    def close_line(self) -> bool:
        """Enter, a click on the first corner, or the end of a drag: what it encloses is cut."""
        line, view = self._overlay.line, self._view
        if not line or view is None:
            return False
        self.drop_line()
        if len(line) >= LEAST_CORNERS:
            self._editing.cut(np.array(line), view.plane.onward, _slab(self._editing, view))
        return True

    def settle(self) -> None:
        """The window goes: a stroke stands as if the hand was up, a line is closed as by Enter."""
        self._last = None
        self._editing.end_stroke()
        self.close_line()

    def drop_line(self) -> bool:
        """Esc: the line is not drawn on. False where there is none."""
        line, self._overlay.line, self._gone = self._overlay.line, [], 0.0
        if line and self._view is not None:
            self._view.update()
        return bool(line)

    def _press_scissors(self, view: SliceView, at: QPointF, lps: Point) -> None:
        line = self._overlay.line
        if line and self._view is not view:
            self.drop_line()  # a line lies on one pane
            line = self._overlay.line
        self._view, self._at, self._gone = view, at, 0.0
        if len(line) >= LEAST_CORNERS:
            first = view.view().pixels_of(line[0])
            if math.hypot(at.x() - first[0], at.y() - first[1]) <= CLOSE_PX:
                self.close_line()
                return
        line.append(lps)
        self._pressed = len(line)
        view.update()

    # Inside

    def _say_where(self) -> bool:
        """A press on a second scan: its masks would be no one's. True, as it is answered."""
        if self._editing.field is None:
            return False
        text = tr("Masks belong to the scan that is read, not to this one.")
        remedy = tr("A click on this one in the list of studies ({0}) reads it instead.")
        self._editing.tell(Notice(text, remedy.format(cap("browser"))))
        return True

    def _paint(self, view: SliceView, lps: Point) -> None:
        editing, stroke = self._editing, self._editing.stroke
        if stroke is None or editing.field is None:
            return
        hold = editing.hold
        slab = None if hold.sphere else _slab(editing, view)
        dab = swept(editing.field.geometry, self._last or lps, lps, hold.diameter_mm / 2, slab=slab)
        self._last = lps
        if dab is not None:
            editing.painted(stroke.add(dab))

    def _click_island(self, lps: Point, *, keep: bool) -> None:
        field = self._editing.field
        voxel = field.geometry.nearest_voxel(lps) if field is not None else None
        if voxel is not None:
            self._editing.jobs.island_at(voxel, keep=keep)

    def _point_at(self, view: SliceView, event: QMouseEvent) -> None:
        """The brush is its own pointer; other tools have a cross."""
        round_ = self._editing.hold.tool in ROUND
        view.setCursor(Qt.CursorShape.BlankCursor if round_ else Qt.CursorShape.CrossCursor)
        self._overlay.erasing = _ctrl(event)
        self._overlay.point_at(view, event.position())


def _place(view: SliceView, at: QPointF) -> Point:
    return view.view().lps_of(at.x(), at.y())


def _slab(editing: EditingDesk, view: SliceView) -> Slab:
    """The voxels of the slice that a pane shows."""
    assert editing.field is not None
    return slab_through(editing.field.geometry, view.slice_lps(), view.plane.onward)


def _ctrl(event: QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
