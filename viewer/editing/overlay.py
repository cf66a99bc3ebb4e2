"""What lies over the panes while a mask is edited: its edge, the brush, the scissors' line."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPainterPath, QPen

from viewer import theme
from viewer.desk.editing import EditingDesk
from viewer.editing.brush import Point
from viewer.editing.difference import Cut
from viewer.editing.hold import ERASE, ROUND, THRESHOLD
from viewer.editing.preview import preview
from viewer.editing.shapes import Shapes, path_on
from viewer.views.panes import Panes
from viewer.views.planes import View
from viewer.views.slice_view import SliceView

SHOW_MS = 1500
"""So long the whole pane shows what a range takes, after its ends were moved."""


class EditingOverlay:
    """Of one set of panes; it paints nothing while no mask is edited."""

    def __init__(self, editing: EditingDesk, panes: Panes) -> None:
        self._editing, self._panes = editing, panes
        self._shapes: Shapes | None = None
        self._range = (0, 0)
        self.pointer: tuple[SliceView, QPointF] | None = None
        self.line: list[Point] = []  # of the scissors, while it is being drawn
        self.erasing = False  # Ctrl is down
        self._whole = QTimer(panes, singleShot=True, interval=SHOW_MS)
        self._whole.timeout.connect(panes.redraw)
        editing.changed.connect(self._changed)
        editing.field_changed.connect(self._field_changed)

    # What changes

    def point_at(self, view: SliceView | None, at: QPointF | None = None) -> None:
        """The pointer is there now, or on no pane."""
        before, self.pointer = self.pointer, None if view is None or at is None else (view, at)
        for where in (before, self.pointer):
            if where is not None:
                where[0].update(self._brush_rect(*where))

    def shows(self, view: SliceView) -> bool:
        """Whether the mask lies on the scan of a pane."""
        field, volume = self._editing.field, view.volume
        return field is not None and volume is not None and volume is self._editing.volume

    def _changed(self) -> None:
        field, hold = self._editing.field, self._editing.hold
        if field is None:
            self._shapes, self.line, self.pointer = None, [], None
        elif self._shapes is None or not self._shapes.of(field):
            self._shapes = Shapes(field)
            self._range = (hold.low_hu, hold.high_hu)
        elif self._range != (hold.low_hu, hold.high_hu):
            self._range = (hold.low_hu, hold.high_hu)
            self._whole.start()
        self._panes.redraw()

    def _field_changed(self, box: Cut | None) -> None:
        if self._shapes is None:
            return
        for view in self._panes.views.values():
            if self.shows(view):
                rect = self._shapes.changed(view, view.view(), box)
                if rect is not None:
                    view.update(rect)

    # Painting

    def paint(self, painter: QPainter, view: SliceView) -> None:
        if self._shapes is None or not self.shows(view):
            return
        painter.save()
        sight = view.view()
        self._paint_edge(painter, path_on(sight, self._shapes.edge(view, sight)))
        here = self.pointer[1] if self.pointer is not None and self.pointer[0] is view else None
        self._paint_preview(painter, view, sight, here)
        if self.line:
            self._paint_line(painter, sight, here)
        if here is not None and self._editing.hold.tool in ROUND:
            self._paint_brush(painter, here, self._radius_px(view))
        painter.restore()

    def _paint_edge(self, painter: QPainter, edge: QPainterPath) -> None:
        """Dashed in the blue of what is edited, over a dark line, with a thin fill."""
        edge.setFillRule(Qt.FillRule.OddEvenFill)
        painter.fillPath(edge, theme.color("state.edited", theme.number("edit.fill")))
        width = theme.number("edit.edge")
        under = theme.pen("bg.image", width=width + 1, alpha=theme.number("mark.underlayAlpha"))
        pen = theme.pen("state.edited", width=width, style=theme.token("state.edited")["pen"])
        for made in (under, pen):
            made.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
            painter.strokePath(edge, made)

    def _paint_preview(
        self, painter: QPainter, view: SliceView, sight: View, here: QPointF | None
    ) -> None:
        editing, volume = self._editing, view.volume
        if editing.hold.tool != THRESHOLD or editing.field is None or volume is None:
            return
        whole = self._whole.isActive()
        if here is None and not whole:
            return
        around = None if whole or here is None else (here.x(), here.y())
        colour = theme.color("state.edited", theme.number("edit.preview"))
        made = preview(sight, volume, editing.field, editing.hold, colour, around=around)
        if made is not None:
            painter.drawImage(made[1], made[0])

    def _paint_brush(self, painter: QPainter, at: QPointF, radius: float) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in _brush_pens():
            painter.setPen(pen)
            painter.drawEllipse(at, radius, radius)
        arm = theme.number("edit.cross")
        if radius < 2 * arm:
            return
        level = QLineF(at.x() - arm, at.y(), at.x() + arm, at.y())
        upright = QLineF(at.x(), at.y() - arm, at.x(), at.y() + arm)
        erases = (self._editing.hold.tool == ERASE) != self.erasing
        for pen in _brush_pens():
            painter.setPen(pen)
            painter.drawLines([level] if erases else [level, upright])

    def _paint_line(self, painter: QPainter, sight: View, here: QPointF | None) -> None:
        points = [QPointF(*sight.pixels_of(point)) for point in self.line]
        if here is not None:
            points.append(here)
        closing = QPainterPath(points[-1])
        closing.lineTo(points[0])
        drawn = QPainterPath(points[0])
        for point in points[1:]:
            drawn.lineTo(point)
        for pen in _brush_pens():
            painter.strokePath(drawn, pen)
        faint = _brush_pens()[1]
        faint.setDashPattern([2.0, 3.0])
        painter.strokePath(closing, faint)

    def _radius_px(self, view: SliceView) -> float:
        return self._editing.hold.diameter_mm / 2 / view.view().mm_per_px

    def _brush_rect(self, view: SliceView, at: QPointF) -> QRect:
        if self.line:
            return view.rect()
        more = self._radius_px(view) + theme.number("edit.brushUnder") + 1
        return QRectF(at.x() - more, at.y() - more, 2 * more, 2 * more).toAlignedRect()


def _brush_pens() -> tuple[QPen, QPen]:
    """White on black: seen on lung and on bone."""
    under = theme.pen("bg.image", width=theme.number("edit.brushUnder"))
    return under, theme.pen("edit.brush", width=theme.number("edit.brushPen"))
