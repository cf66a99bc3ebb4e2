"""Where two methods disagree on the lungs, as lines on the panes; off until the reader asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QPainter

from ai.scan.labelmap import LabelMap
from viewer import theme
from viewer.editing.shapes import path_on
from viewer.views.outlines import Extent, Outliner, extent_of
from viewer.views.slice_render import Cutter
from viewer.views.slice_view import SliceView

if TYPE_CHECKING:
    from viewer.desk.desk import Desk
    from viewer.views.panes import Panes


class CheckOverlay(QObject):
    """Of one set of panes; it follows what the desk's checking holds."""

    def __init__(self, desk: Desk, panes: Panes) -> None:
        super().__init__(panes)
        self._desk, self._panes = desk, panes
        self._of: LabelMap | None = None
        self._cutter: Cutter | None = None
        self._extent: Extent | None = None
        panes.add_overlay(self)
        desk.checking.changed.connect(self.follow)

    def follow(self) -> None:
        """Other regions, or the reader wants them drawn, or no longer."""
        checking = self._desk.checking
        now = checking.regions if checking.drawn else None
        if now is self._of:
            return
        self._of, self._cutter, self._extent = now, None, None
        if now is not None:
            self._extent = extent_of(now)
            self._cutter = Cutter(now.labels, now.geometry, outside=0)
        self._panes.redraw()

    def paint(self, painter: QPainter, view: SliceView) -> None:
        """Dashed, in an ink that no segment has, over a dark line."""
        scan = self._desk.scan
        if self._of is None or self._cutter is None or self._extent is None or scan is None:
            return
        if view.volume is not scan.volume:
            return
        sight = view.view()
        outliner = Outliner(self._of, self._cutter, sight.plane, self._extent.on(sight.plane))
        found = outliner.lines(float(sight.plane.along(sight.centre_lps)[2]))
        for lines in found.values():
            edge = path_on(sight, tuple(lines))
            width = theme.number("check.pen")
            alpha = theme.number("mark.underlayAlpha")
            painter.strokePath(edge, theme.pen("bg.image", width=width + 1, alpha=alpha))
            painter.strokePath(edge, theme.pen("notice.refused", width=width, style="dash 3 3"))
