"""The window's own process under a stopwatch: viewer.app.show as it is, its moments printed.

Run as a script with one JSON argument: {"study": folder or null, "then": [folders opened one
after another once both children are up], "key": true to press N once it is shown}. Each moment is
one line of JSON on stdout, its time on the system's monotonic clock and the CPU seconds that this
process had used by then. The window closes by itself.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
HEAVY = (
    "torch", "highdicom", "pydicom", "scipy", "SimpleITK", "qtawesome", "matplotlib",
    "vtkmodules.vtkImagingCore", "vtkmodules.vtkRenderingOpenGL2", "vtkmodules.vtkRenderingCore",
)  # fmt: skip
READY_MS = 20


def say(moment: str, **facts: Any) -> None:
    told = {"moment": moment, "at": time.monotonic(), "cpu": time.process_time(), **facts}
    print(json.dumps(told), flush=True)


def watch(orders: dict[str, Any]) -> int:
    """Shows the window and follows the orders; the window's exit code."""
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer

    import viewer.app as app
    from viewer.views.slice_view import SliceView

    class Watched(app.HilumWindow):  # type: ignore[misc]
        """The window, telling of its first frame, its first picture and its last slice."""

        def __init__(self, desk: Any) -> None:
            super().__init__(desk)
            self.shown = self.arrived = self.pressed = False
            self.left = list(orders.get("then", ()))
            QCoreApplication.instance().installEventFilter(self)
            desk.opening.slices_arrived.connect(self._slices)
            desk.scan_completed.connect(self._whole)
            desk.noticed.connect(self._told)

        def eventFilter(self, watched: Any, event: Any) -> bool:
            """The first thing of the window that is painted: all of it follows in that turn."""
            if event.type() == QEvent.Type.Paint and not self.shown:
                self.shown = True
                QTimer.singleShot(0, self._whole_frame)
            return False

        def _whole_frame(self) -> None:
            QCoreApplication.instance().removeEventFilter(self)
            say("shown")
            self._first_step()

        def painted(self, view: SliceView) -> None:
            if self.arrived and view is self.panes.views["axial"]:
                self.arrived = False
                say("picture", greys=self._greys(view))

        def _greys(self, view: SliceView) -> int:
            """How many greys lie in the middle of the pane: one would be no picture."""
            image = self._middle(view)
            return len({image.pixel(x, y) for x in range(0, image.width(), 4)
                        for y in range(0, image.height(), 4)})  # fmt: skip

        def _middle(self, view: SliceView) -> Any:
            at = view.rect().center()
            picture = view._layer.picture(view.view(), view.state, view.devicePixelRatioF())
            return picture.copy(at.x() - 60, at.y() - 60, 120, 120)

        def _first_step(self) -> None:
            if orders.get("key"):
                self.pressed = True
                press_n(self)
            elif orders.get("study") is None:
                self._next()

        def _told(self, _notice: Any) -> None:
            if self.pressed:
                say("key")
                self.close()

        def _slices(self, _slices: Any) -> None:
            self.arrived = self.arrived or not self.first_picture
            self.first_picture = True

        first_picture = False

        def _whole(self, _scan: Any) -> None:
            say("whole", peak_mb=peak_mb(), now_mb=now_mb())
            QTimer.singleShot(READY_MS, self._next)

        def _next(self) -> None:
            """The next folder, once the AI's child is up: its start would be timed with ours."""
            if not self.left:
                say("modules", loaded=[name for name in HEAVY if name in sys.modules])
                self.close()
            elif not self.desk.jobs.versions:
                QTimer.singleShot(READY_MS, self._next)
            else:
                self.first_picture = self.arrived = False
                folder = self.left.pop(0)
                say("given", folder=folder, idle_mb=now_mb())
                self.desk.open(Path(folder))

    app.HilumWindow = Watched  # type: ignore[misc]
    paint = SliceView.paintEvent

    def painting(view: SliceView, event: Any) -> None:
        paint(view, event)
        window = view.window()
        if isinstance(window, Watched):
            window.painted(view)

    SliceView.paintEvent = painting  # type: ignore[method-assign]
    study = orders.get("study")
    return int(app.show(Path(study) if study else None, mode="concurrent"))


def press_n(window: Any) -> None:
    """The key N: on a virtual screen as the X server sends it, offscreen as Qt would."""
    from PySide6.QtGui import QGuiApplication

    if QGuiApplication.platformName() == "xcb":
        import subprocess

        # no window manager is there to give the window the keyboard
        focus = ["windowfocus", "--sync", str(int(window.winId()))]
        subprocess.Popen(["xdotool", *focus, "key", "n"])
        return
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    QTest.keyClick(window.focusWidget() or window, Qt.Key.Key_N)


def peak_mb() -> float:
    """The most memory that this process ever held, shared blocks included."""
    return _status("VmHWM")


def now_mb() -> float:
    return _status("VmRSS")


def _status(name: str) -> float:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(x.split()[1]) / 1024 for x in lines if x.startswith(f"{name}:")), 0.0)


if __name__ == "__main__":
    sys.path.insert(0, str(CHECKOUT))
    sys.exit(watch(json.loads(sys.argv[1])))
