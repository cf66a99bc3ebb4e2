"""A hand with the mouse on a pane: one stroke of the brush, by the events that Qt would send."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

STROKES, MOVES = 20, 24
"""So many strokes go once round the middle of the pane, each with so many moves."""
REACH = 0.22
"""How far from the middle, as a share of the pane."""


def brush_stroke(view: Any, number: int) -> Iterator[Callable[[], None]]:
    """The steps of one stroke, in order: coming near, press, each move, release.

    Each is to be called once. Every second stroke erases (Ctrl).
    """
    from PySide6.QtCore import QEvent, QPointF, Qt
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    kinds, keys = QEvent.Type, Qt.KeyboardModifier
    held = keys.ControlModifier if number % 2 else keys.NoModifier

    def send(kind: QEvent.Type, n: int, button: Any, buttons: Any) -> None:
        turn = 2 * math.pi * (n / MOVES + number / STROKES)
        x = view.width() * (0.5 + REACH * math.cos(turn))
        y = view.height() * (0.5 + REACH * math.sin(turn))
        at = QPointF(x, y)
        event = QMouseEvent(kind, at, view.mapToGlobal(at), button, buttons, held)
        QApplication.sendEvent(view, event)

    yield partial(send, kinds.MouseMove, 0, none, none)
    yield partial(send, kinds.MouseButtonPress, 0, left, left)
    for n in range(1, MOVES):
        yield partial(send, kinds.MouseMove, n, none, left)
    yield partial(send, kinds.MouseButtonRelease, MOVES - 1, left, none)
