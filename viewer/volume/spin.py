"""A slow turn by itself, at the same speed however few pictures a second there are."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

STEP_MS = 40
DEGREES_PER_S = 24.0


class Spin(QObject):
    """on_step(degrees) is called while it turns."""

    def __init__(self, on_step: Callable[[float], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on_step = on_step
        self._last_s = 0.0
        self._timer = QTimer(self, interval=STEP_MS)
        self._timer.timeout.connect(self._step)

    def set_on(self, turns: bool) -> None:
        self._last_s = time.monotonic()
        if turns:
            self._timer.start()
        else:
            self._timer.stop()

    def _step(self) -> None:
        now = time.monotonic()
        degrees, self._last_s = DEGREES_PER_S * (now - self._last_s), now
        self._on_step(degrees)
