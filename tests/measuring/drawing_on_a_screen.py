"""Run by itself on a screen of some scale: measures balls by what is seen of them, as JSON.

The ends of the lines are looked for in the picture of the pane, not in the phantom.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from tests.measuring import phantoms
from tests.measuring.board import Board
from tests.views import scans
from tests.views.test_mouse import LEFT, NONE, send
from viewer import theme
from viewer.measuring.shapes import Kind
from viewer.measuring.tools import join
from viewer.views.panes import Panes
from viewer.views.slice_view import SliceView
from viewer.views.state import Window

RADIUS_MM, CENTRE = 17.0, (4.0, -3.0, 2.0)
GRIDS = {
    "spacing 0.6 x 0.8 x 3": phantoms.turned((3.0, 0.8, 0.6), shape_kji=(17, 80, 100)),
    "turned 30": phantoms.turned((3.0, 0.8, 0.6), degrees=30, shape_kji=(17, 80, 100)),
    "feet first": phantoms.turned((3.0, 0.8, 0.6), feet_first=True, shape_kji=(17, 80, 100)),
    "turned 30, tilted 10": phantoms.turned(
        (1.5, 0.8, 0.6), degrees=30, tilt=10, shape_kji=(33, 80, 100)
    ),
}


def bright(view: SliceView) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is bright in a pane's picture, in logical pixels."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    stride = image.bytesPerLine()
    grey = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), stride)
    ratio, seen = view.devicePixelRatioF(), grey[:, : image.width()] > 128
    frame = round(4 * ratio)  # of the pane that keys mean
    inside = np.zeros_like(seen)
    inside[frame:-frame, frame:-frame] = True
    rows, columns = np.nonzero(seen & inside)
    edges = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    return tuple(float(edge) / ratio for edge in edges)  # type: ignore[return-value]


def drag(view: SliceView, *places: tuple[float, float]) -> None:
    first, *others = (QPointF(*place) for place in places)
    send(view, QEvent.Type.MouseButtonPress, first, LEFT, LEFT)
    for place in others:
        send(view, QEvent.Type.MouseMove, place, NONE, LEFT)
    send(view, QEvent.Type.MouseButtonRelease, others[-1], LEFT, NONE)


def measured(panes: Panes, board: Board, plane: str) -> dict[str, float | None]:
    """The ball on one pane: across, down, and an oval a little within it."""
    view = panes.views[plane]
    left, top, right, bottom = bright(view)
    x, y = (left + right) / 2, (top + bottom) / 2
    panes.set_tool(Kind.LENGTH)
    drag(view, (left, y), (x, y), (right, y))
    drag(view, (x, top), (x, y), (x, bottom))
    inset = 0.12 * (right - left)
    panes.set_tool(Kind.ELLIPSE)
    drag(view, (left + inset, top + inset), (x, y), (right - inset, bottom - inset))
    across, down, oval = board.measured[-3:]
    return {
        "across_mm": across.figures.length_mm,
        "down_mm": down.figures.length_mm,
        "area_mm2": oval.figures.area_mm2,
        "mean_hu": oval.figures.mean_hu,
        "sd_hu": oval.figures.sd_hu,
    }


def main() -> None:
    application = QApplication(sys.argv)
    theme.apply_theme(application)
    told: dict[str, object] = {}
    for name, geometry in GRIDS.items():
        volume = phantoms.ball(geometry, CENTRE, RADIUS_MM, hu=100)
        panes = Panes()
        panes.resize(900, 560)
        panes.show()
        panes.set_scan(volume, scans.series_of(volume))
        panes.set_show_crosshair(False)
        panes.set_text_level("none")
        panes.set_window(Window(900, -350))
        panes.go_to(CENTRE)
        board = Board(volume)
        hand = join(board, panes)  # type: ignore[arg-type]
        for view in panes.views.values():
            view.corners.paint = lambda *_, **__: None  # type: ignore[method-assign]
        shown = {}
        for plane in panes.views:
            shown[plane] = measured(panes, board, plane)
            board.measured = ()
        told[name] = shown
        told["ratio"] = panes.devicePixelRatioF()
        assert not hand.drawing
    print(json.dumps(told))


if __name__ == "__main__":
    main()
