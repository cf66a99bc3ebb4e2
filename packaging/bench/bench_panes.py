"""Row of the panes: how long a reader waits for a picture when scrolling, windowing, pointing."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench_measure import Figure, percentile
from bench_scans import Setting, phantom

if TYPE_CHECKING:
    from viewer.views.panes import Panes

SIDE_PX = 600
FRAME_LIMIT_MS = 16.0
ALL_LIMIT_MS = 40.0
FILL = 0.35


def panes(setting: Setting) -> list[Figure]:
    """p95 of a picture at 600 x 600, lungs outlined and filled, beside numpy and Qt alone."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_SCALE_FACTOR"] = "1"
    from PySide6.QtWidgets import QApplication

    from viewer import theme

    app = QApplication.instance() or QApplication([])
    theme.apply_theme(app)
    shown = _panes(setting)
    base = _Base(shown)
    times = 12 if setting.tiny else 200
    figures = []
    for plane in shown.views:
        shown.maximise(plane)
        _settle()
        for what, step in _steps(shown, plane):
            figures.append(_p95(f"{plane}: {what}", step, base, times, FRAME_LIMIT_MS))
    shown.maximise("")
    shown.resize(1200, 900)
    every = _every_pane(shown)
    figures.append(_p95("three panes: crosshair drag", every, base, times, ALL_LIMIT_MS))
    shown.close()
    return figures


def _panes(setting: Setting) -> Panes:
    from viewer.views.panes import Panes

    made = phantom(setting)
    shown = Panes()
    shown.resize(SIDE_PX, SIDE_PX)
    shown.show()
    shown.set_scan(made.volume)
    shown.set_labels(made.lungs)
    shown.set_fill(FILL)
    return shown


def _settle() -> None:
    from PySide6.QtWidgets import QApplication

    QApplication.processEvents()


def _steps(shown: Panes, plane: str) -> list[tuple[str, Callable[[int], None]]]:
    """What hands do, by real events; each with the number of the step, back and forth."""
    from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
    from PySide6.QtGui import QMouseEvent, QWheelEvent
    from PySide6.QtWidgets import QApplication

    view = shown.views[plane]
    count = shown.volume.hu.shape[0] if shown.volume is not None else 1

    def wheel(n: int) -> None:
        turn = -120 if n % (count // 2) < count // 4 else 120
        event = QWheelEvent(
            QPointF(300, 300), QPointF(300, 300), QPoint(), QPoint(0, turn),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view, event)

    def mouse(kind: QEvent.Type, x: float, y: float, modifiers: Any, held: bool) -> None:
        at = QPointF(x, y)
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        button = none if kind == QEvent.Type.MouseMove else left
        event = QMouseEvent(kind, at, at, button, left if held else none, modifiers)
        QApplication.sendEvent(view, event)

    def window(n: int) -> None:
        plain = Qt.KeyboardModifier.NoModifier
        if n == 0:
            mouse(QEvent.Type.MouseButtonPress, 300, 300, plain, True)
        mouse(QEvent.Type.MouseMove, 300 + 5 + n % 50, 300 + 3 + n % 31, plain, True)

    def point(n: int) -> None:
        if n == 0:
            at = Qt.KeyboardModifier.NoModifier
            mouse(QEvent.Type.MouseButtonRelease, 300, 300, at, False)
        x, y = 200 + 3 * (n % 60), 220 + 2 * (n % 70)
        mouse(QEvent.Type.MouseMove, x, y, Qt.KeyboardModifier.ShiftModifier, False)

    return [("wheel", wheel), ("window drag", window), ("crosshair move", point)]


def _every_pane(shown: Panes) -> Callable[[int], None]:
    """A crosshair that is dragged through the axial pane takes the two cuts along."""
    volume = shown.volume
    assert volume is not None
    last = [n - 1 for n in volume.hu.shape]

    def move(n: int) -> None:
        share = 0.3 + 0.4 * (n % 80) / 80
        x, y, z = volume.geometry.lps_of([k * share for k in last])
        shown.views["axial"].crosshair_dragged.emit((float(x), float(y), float(z)))

    return move


def _p95(
    what: str, step: Callable[[int], None], base: _Base, times: int, limit_ms: float
) -> Figure:
    """From a hand's event to the picture in the window, each beside one picture of the base.

    The thread's own CPU time is told, too: what of the p95 is left on a machine without others.
    """
    _settle()
    ours, theirs, busy = [], [], []
    for n in range(times):
        began, worked = time.perf_counter(), time.thread_time()
        step(n)
        _settle()
        ours.append(1000 * (time.perf_counter() - began))
        busy.append(1000 * (time.thread_time() - worked))
        theirs.append(1000 * base.paint(n))
    peer = statistics.median(theirs)
    ours, middle = ours[2:], statistics.median(ours[2:])
    ratio = statistics.median(a / b for a, b in zip(ours, theirs[2:], strict=True))
    return Figure(
        "panes", f"{what}, p95", percentile(ours, 0.95), "ms", "plain numpy and Qt (medians)",
        peer, ratio, limit_ms, limits_value=True, runs=len(ours),
        note=f"p50 {middle:.1f} ms; p95 of the thread's CPU {percentile(busy[2:], 0.95):.1f} ms",
    )  # fmt: skip


class _Base:
    """One slice through one 32-bit table, painted smoothly at 600 x 600: no overlay, no text."""

    def __init__(self, shown: Panes) -> None:
        import numpy as np
        from PySide6.QtWidgets import QWidget

        assert shown.volume is not None
        self._hu = shown.volume.hu
        grey = np.clip((np.arange(65536, dtype=np.uint16).view(np.int16) + 1350) / 1500, 0, 1)
        level = (255 * grey).astype(np.uint32)
        self._table = 0xFF000000 | level << 16 | level << 8 | level
        base = self

        class Plain(QWidget):
            image: Any = None

            def paintEvent(self, _event: Any) -> None:
                base.draw(self)

        self._widget = Plain()
        self._widget.resize(SIDE_PX, SIDE_PX)
        self._widget.show()
        _settle()

    def draw(self, widget: Any) -> None:
        from PySide6.QtGui import QPainter

        painter = QPainter(widget)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if widget.image is not None:
            painter.drawImage(widget.rect(), widget.image)
        painter.end()

    def paint(self, n: int) -> float:
        """Seconds for one picture of slice n."""
        import numpy as np
        from PySide6.QtGui import QImage

        began = time.perf_counter()
        pixels = self._table.take(self._hu[n % len(self._hu)].view(np.uint16)).astype(np.uint32)
        high, wide = pixels.shape
        kind = QImage.Format.Format_RGB32
        self._widget.image = QImage(pixels.data, wide, high, 4 * wide, kind)
        self._widget.repaint()
        return time.perf_counter() - began
