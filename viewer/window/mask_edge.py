"""The edge of a finding's mask on the panes, while Y explains the finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from viewer import theme
from viewer.editing.field import Field, Target
from viewer.editing.shapes import Shapes, path_on
from viewer.views.glyphs import ring_pen, state_colour
from viewer.views.slice_view import SliceView

if TYPE_CHECKING:
    from ai.scan.finding import Finding
    from viewer.desk.desk import Desk
    from viewer.panels.why_page import WhyPage
    from viewer.views.panes import Panes


class MaskEdge:
    """An overlay of one set of panes; it follows what the page explains."""

    def __init__(self, desk: Desk, panes: Panes, page: WhyPage) -> None:
        self._desk, self._panes, self._page = desk, panes, page
        self._of: Finding | None = None
        self._shapes: Shapes | None = None
        panes.add_overlay(self)
        page.explained.connect(self.follow)

    def follow(self) -> None:
        """The page explains another finding, the same one changed, or none."""
        desk = self._desk
        finding = desk.current_finding if self._page.of_finding else None
        if finding is self._of:
            return
        self._of, self._shapes = finding, None
        if finding is not None and finding.mask is not None and desk.scan and desk.reading:
            try:
                field = Field(desk.scan.volume.geometry, Target(finding.id), desk.reading)
            except ValueError:
                return  # its mask lies on another grid
            self._shapes = Shapes(field)
        self._panes.redraw()

    def paint(self, painter: QPainter, view: SliceView) -> None:
        """A thin line in the ink of the finding's state, over a dark one."""
        scan, reading, finding = self._desk.scan, self._desk.reading, self._of
        if self._shapes is None or finding is None or scan is None or reading is None:
            return
        if view.volume is not scan.volume or finding.id not in reading.states:
            return
        state, sight = reading.states[finding.id], view.view()
        edge = path_on(sight, self._shapes.edge(view, sight))
        width = theme.number("segment.edgeWidth")
        under = theme.pen("bg.image", width=width + 1, alpha=theme.number("mark.underlayAlpha"))
        over = theme.pen(state_colour(state), width=width, style=ring_pen(state))
        for made in (under, over):
            made.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
            painter.strokePath(edge, made)
