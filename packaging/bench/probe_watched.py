"""The window, telling of its first frame, its first picture and its last slice."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from probe_script import READY_MS, Script
from PySide6.QtCore import QCoreApplication, QEvent, QTimer

import viewer.app as app
from viewer.views.slice_view import SliceView

Say = Callable[..., None]


def show_watched(orders: dict[str, Any], say: Say) -> int:
    """viewer.app.show with a window that says its moments; its exit code."""

    class Window(Watched):
        def __init__(self, desk: Any) -> None:
            super().__init__(desk, orders, say)

    app.HilumWindow = Window  # type: ignore[misc]
    _tell_of_paintings()
    study = orders.get("study")
    return int(app.show(Path(study) if study else None, mode="concurrent"))


class Watched(app.HilumWindow):  # type: ignore[misc]
    """Follows its orders from the first frame on, and closes when they are done."""

    def __init__(self, desk: Any, orders: dict[str, Any], say: Say) -> None:
        super().__init__(desk)
        self._orders, self._say = orders, say
        self._script = Script(self, orders.get("then", ()), say)
        self._shown = self._pressed = False
        self._first_slices = self._picture_due = False
        QCoreApplication.instance().installEventFilter(self)
        desk.opening.scan_begun.connect(self._begun)
        desk.opening.slices_arrived.connect(self._slices)
        desk.scan_completed.connect(self._whole)
        desk.noticed.connect(self._told)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """The first thing of the window that is painted: all of it follows in that turn."""
        if event.type() == QEvent.Type.Paint and not self._shown:
            self._shown = True
            QTimer.singleShot(0, self._whole_frame)
        return False

    def _whole_frame(self) -> None:
        QCoreApplication.instance().removeEventFilter(self)
        self._say("shown")
        if self._orders.get("key"):
            self._pressed = True
            press_n(self)
        elif self._orders.get("study") is None:
            self._script.go_on()

    def painted(self, view: SliceView) -> None:
        """A pane was painted; the first time with slices on it, that is the first picture."""
        if self._picture_due and view is self.panes.views["axial"]:
            self._picture_due = False
            self._say("picture", greys=greys_of(view))

    def _begun(self, _scan: Any) -> None:
        self._first_slices = True

    def _slices(self, _slices: Any) -> None:
        self._picture_due, self._first_slices = self._picture_due or self._first_slices, False

    def _whole(self, scan: Any) -> None:
        self._say("whole", raw_mb=scan.volume.hu.nbytes / 2**20)
        if self._orders.get("study") is not None and not self._script.begun:
            QTimer.singleShot(READY_MS, self._script.go_on)

    def _told(self, _notice: Any) -> None:
        if self._pressed:
            self._say("key")
            self.close()


def _tell_of_paintings() -> None:
    paint = SliceView.paintEvent

    def painting(view: SliceView, event: Any) -> None:
        paint(view, event)
        window = view.window()
        if isinstance(window, Watched):
            window.painted(view)

    SliceView.paintEvent = painting  # type: ignore[method-assign]


def greys_of(view: SliceView) -> int:
    """How many greys lie in the middle of the pane: one would be no picture."""
    at = view.rect().center()
    picture = view._layer.picture(view.view(), view.state, view.devicePixelRatioF())
    image = picture.copy(at.x() - 60, at.y() - 60, 120, 120)
    steps = range(0, 120, 4)
    return len({image.pixel(x, y) for x in steps for y in steps})


def press_n(window: Any) -> None:
    """The key N: on a virtual screen as the X server sends it, offscreen as Qt would."""
    from PySide6.QtGui import QGuiApplication

    if QGuiApplication.platformName() == "xcb":
        # no window manager is there to give the window the keyboard
        focus = ["windowfocus", "--sync", str(int(window.winId()))]
        subprocess.Popen(["xdotool", *focus, "key", "n"])
        return
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_N)
