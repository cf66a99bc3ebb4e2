"""The network's chances of lung over the panes, with what the colours mean and whose they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from viewer import theme
from viewer.desk.chance import ChanceMap
from viewer.views.chance_ramp import coloured, ramp_picture
from viewer.views.planes import AXIAL
from viewer.views.slice_render import Cutter
from viewer.views.slice_view import SliceView

if TYPE_CHECKING:
    from viewer.desk.desk import Desk
    from viewer.views.panes import Panes


def tr(text: str) -> str:
    return QCoreApplication.translate("ChancePart", text)


class ChanceOverlay(QObject):
    """Of one set of panes; it follows what the desk holds, and draws nothing while that is off."""

    def __init__(self, desk: Desk, panes: Panes) -> None:
        super().__init__(panes)
        self._desk, self._panes = desk, panes
        self._of: ChanceMap | None = None
        self._cutter: Cutter | None = None
        panes.add_overlay(self)
        desk.chance.changed.connect(self.follow)

    @property
    def by_ai(self) -> bool:
        """The panes say so while it is drawn."""
        return self._of is not None

    def follow(self) -> None:
        """Another map, or it is switched on or off."""
        now = self._desk.chance.shown
        if now is self._of:
            return
        self._of = now
        self._cutter = Cutter(now.chance, now.geometry, outside=0) if now is not None else None
        self._panes.redraw()

    def paint(self, painter: QPainter, view: SliceView) -> None:
        scan = self._desk.scan
        if self._of is None or self._cutter is None or scan is None:
            return
        if view.volume is not scan.volume:
            return
        painter.drawImage(0, 0, coloured(self._cutter.cut(view.view(), smooth=True)))
        self._paint_legend(painter, view)

    def _paint_legend(self, painter: QPainter, view: SliceView) -> None:
        """A plate at the left edge: what is shown, by which model, 0 to 1.

        Below the letter; in a small pane in the lower corner where that is free, and only the axial
        one of those names the model: a plate there hides a good part of a lung.
        """
        assert self._of is not None
        lines = [tr("Chance of lung")]
        if not view.corners.small or view.plane.name == AXIAL:
            lines.append(self._of.made_by.name)
        font = theme.font("overlay")
        metrics, line = QFontMetricsF(font), theme.line_height("overlay")
        pad, small = theme.number("space.s"), theme.number("space.xs")
        end = metrics.horizontalAdvance("0") + small
        bar = theme.number("chanceMap.bar") - 2 * end
        wide = max(bar + 2 * end, *(metrics.horizontalAdvance(text) for text in lines)) + 2 * pad
        tall = (len(lines) + 1) * line + 2 * small
        bounds = QRectF(view.rect())
        low = view.corners.small and not view.corners.state_lines()
        below = bounds.center().y() + theme.number("scale.below")
        plate = QRectF(0.0, bounds.bottom() - tall if low else below, wide, tall)
        painter.fillRect(plate, theme.color("bg.image", theme.number("overlay.plateAlpha")))
        painter.setFont(font)
        painter.setPen(theme.color("text.image"))
        row = QRectF(plate.left() + pad, plate.top() + small, wide - 2 * pad, line)
        for text in lines:
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter, text)
            row.translate(0, line)
        row.setWidth(bar + 2 * end)
        for side, text in ((Qt.AlignmentFlag.AlignLeft, "0"), (Qt.AlignmentFlag.AlignRight, "1")):
            painter.drawText(row, side | Qt.AlignmentFlag.AlignVCenter, text)
        high = theme.number("chanceMap.high")
        box = QRectF(row.left() + end, row.center().y() - high / 2, bar, high)
        painter.fillRect(box, theme.color("bg.image"))
        painter.drawImage(box, ramp_picture(round(bar), round(high)))
