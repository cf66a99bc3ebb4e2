"""Row of measuring: how long a hand waits for the line that it draws, with its figure beside it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench_measure import Figure
from bench_panes import FRAME_LIMIT_MS, _Base, _p95, _panes, _settle
from bench_scans import Setting

if TYPE_CHECKING:
    from viewer.views.panes import Panes

MIDDLE_PX, REACH_PX = 300.0, 210.0
OTHERS = 12
"""Drawings that lie on the slice already."""


def measuring(setting: Setting) -> list[Figure]:
    """p95 at 600 x 600, lungs outlined and filled: line, oval, outline, a pull of it."""
    import os

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_SCALE_FACTOR"] = "1"
    from PySide6.QtWidgets import QApplication

    from viewer import theme
    from viewer.measuring.tools import join

    app = QApplication.instance() or QApplication([])
    theme.apply_theme(app)
    shown = _panes(setting)
    shown.maximise("axial")
    board = _board(shown)
    join(board, shown)
    base, times = _Base(shown), 12 if setting.tiny else 200
    figures = []
    for what, tool, path in (
        ("distance", "length", lambda n: (120 + 1.6 * n, 200 + 0.9 * n)),
        ("oval, to half the slice", "ellipse", lambda n: (90 + 2.1 * n, 90 + 2.0 * n)),
        ("outline, to half the slice", "freehand", lambda n: _round(n / times)),
    ):
        step, end = _stroke(shown, tool, path)
        figures.append(_p95(what, step, base, times, FRAME_LIMIT_MS))
        end()
    figures.append(_p95("pulling that outline", _pull(shown, board), base, times, FRAME_LIMIT_MS))
    _fill(shown, board)
    step, end = _stroke(shown, "length", lambda n: (120 + 1.6 * n, 200 + 0.9 * n))
    what = f"distance beside {OTHERS} others"
    figures.append(_p95(what, step, base, times, FRAME_LIMIT_MS))
    shown.close()
    return [_of_this_row(figure) for figure in figures]


def _of_this_row(figure: Figure) -> Figure:
    from dataclasses import replace

    return replace(figure, row="measuring")


def _round(share: float) -> tuple[float, float]:
    turn = 2 * math.pi * share
    return MIDDLE_PX + REACH_PX * math.cos(turn), MIDDLE_PX + REACH_PX * math.sin(turn)


def _board(shown: Panes) -> Any:
    """What the desk keeps of drawings, without a log: that is measured elsewhere."""
    from PySide6.QtCore import QObject, Signal

    from viewer.measuring.figures import measure
    from viewer.measuring.shapes import Kind, Measured, Shape

    class Board(QObject):
        changed, go_asked = Signal(), Signal(object)
        complete = True

        def __init__(self) -> None:
            super().__init__(shown)
            self.volume = shown.volume
            self.measured: tuple[Measured, ...] = ()
            self.selected: Measured | None = None

        def find(self, measurement: str) -> Measured | None:
            return next((one for one in self.measured if one.id == measurement), None)

        def counted(self, shape: Shape) -> Measured:
            return measure(shape, self.volume)

        def show_second(self, second: object) -> None: ...

        def series_on(self, volume: object) -> str | None:
            return "" if volume is self.volume else None

        def volume_of(self, series: str) -> Any:
            return self.volume

        def next_number(self, kind: Kind) -> int:
            return 1

        def label_of(self, shape: Shape) -> str:
            return ""

        def add(self, shape: Shape, label: str = "") -> None:
            self.measured = (*self.measured, self.counted(shape))
            self.selected = self.measured[-1]
            self.changed.emit()

        def change(self, shape: Shape) -> None:
            self.measured = tuple(
                self.counted(shape) if one.id == shape.id else one for one in self.measured
            )
            self.select(shape.id)

        def select(self, measurement: str) -> None:
            self.selected = self.find(measurement)
            self.changed.emit()

    return Board()


def _mouse(shown: Panes, kind: Any, x: float, y: float, *, held: bool) -> None:
    from PySide6.QtCore import QEvent, QPointF, Qt
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    plain = Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(kind, QPointF(x, y), QPointF(x, y), button, left if held else none, plain)
    QApplication.sendEvent(shown.views["axial"], event)


def _stroke(
    shown: Panes, tool: str, path: Callable[[int], tuple[float, float]]
) -> tuple[Callable[[int], None], Callable[[], None]]:
    """One drag along a path, a step at a time; and its end."""
    from PySide6.QtCore import QEvent

    shown.set_tool(tool)
    last = [path(0)]

    def step(n: int) -> None:
        if n == 0:
            _mouse(shown, QEvent.Type.MouseButtonPress, *path(0), held=True)
        last[0] = path(n + 1)
        _mouse(shown, QEvent.Type.MouseMove, *last[0], held=True)

    def end() -> None:
        _mouse(shown, QEvent.Type.MouseButtonRelease, *last[0], held=False)
        _settle()

    return step, end


def _pull(shown: Panes, board: Any) -> Callable[[int], None]:
    """The first handle of what was drawn last, pulled to and fro."""
    from PySide6.QtCore import QEvent

    x, y = shown.views["axial"].view().pixels_of(board.measured[-1].shape.points_lps[0])

    def step(n: int) -> None:
        if n == 0:
            _mouse(shown, QEvent.Type.MouseButtonPress, float(x), float(y), held=True)
        _mouse(shown, QEvent.Type.MouseMove, float(x) - 10 - n % 60, float(y) + n % 40, held=True)

    return step


def _fill(shown: Panes, board: Any) -> None:
    """Lines side by side, so that the slice is full of drawings."""
    from PySide6.QtCore import QEvent

    from viewer.measuring.shapes import Kind, Shape

    _mouse(shown, QEvent.Type.MouseButtonRelease, 300, 300, held=False)
    view = shown.views["axial"].view()
    for n in range(OTHERS):
        ends = (view.lps_of(60 + 40 * n, 120), view.lps_of(70 + 40 * n, 400))
        board.add(Shape(f"other-{n}", Kind.LENGTH, n + 1, ends, view.plane.onward))
