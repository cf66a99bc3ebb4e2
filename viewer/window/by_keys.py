"""The pointer's work by keys: the crosshair moved within its pane, and a click where it stands.

With a tool in the hand the click is what the mouse's would be: the end of a line, a dab of the
brush, the place to grow from.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from viewer.views.panes import Panes
from viewer.views.slice_view import SliceView

STEP_MM: Final = 1.0
"""A tap moves the crosshair so far; a key that is held goes on."""


class ByKeys:
    """Of one set of panes; it works on the pane that keys mean."""

    def __init__(self, panes: Panes) -> None:
        self._panes = panes

    def move(self, right: int, down: int) -> None:
        """So many steps as the pane shows them; it stays inside the scan, and in sight."""
        view = self._view()
        if view is None:
            return
        plane = view.view().plane
        a, b, c = plane.along(view.state.crosshair_lps)
        x, y, z = plane.lps((a + right * STEP_MM, b + down * STEP_MM, c))
        view.crosshair_dragged.emit(view.kept_inside((float(x), float(y), float(z))))
        view.rest_crosshair()
        if not view.rect().toRectF().contains(_crosshair(view)):
            if view.of_second:
                self._panes.show_place_of_second(view.state.crosshair_lps)
            else:
                self._panes.go_to(view.state.crosshair_lps)
        _send(view, QEvent.Type.MouseMove, Qt.MouseButton.NoButton)  # what is drawn follows

    def click(self) -> None:
        """The left button, pressed and let go at the crosshair."""
        view = self._view()
        if view is None:
            return
        left = Qt.MouseButton.LeftButton
        for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
            _send(view, kind, left)

    def _view(self) -> SliceView | None:
        view = self._panes.all_views[self._panes.active]
        return view if view.isVisible() and view.volume is not None else None


def _crosshair(view: SliceView) -> QPointF:
    x, y = (float(n) for n in view.view().pixels_of(view.state.crosshair_lps))
    return QPointF(x, y)


def _send(view: SliceView, kind: QEvent.Type, button: Qt.MouseButton) -> None:
    at, none = _crosshair(view), Qt.MouseButton.NoButton
    held = button if kind == QEvent.Type.MouseButtonPress else none
    event = QMouseEvent(
        kind, at, view.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(view, event)
