"""Cine: one pane goes through its images by itself, until a hand stops it."""

from __future__ import annotations

import time
from collections import deque
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal

from viewer.views.panes import Panes

RATES: Final = (1, 2, 3, 5, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60)
"""Images a second."""
DEFAULT_RATE: Final = 10
BEHIND = 0.85
"""A rate below this share of the one asked for is said."""
WATCHED_S = 1.5


def tr(text: str) -> str:
    return QCoreApplication.translate("Pane", text)


class Cine(QObject):
    """Of one set of panes. It goes to and fro (sweep), or from the end to the start again (loop).

    The rate that is really reached stands in the pane's corner where it stays behind.
    """

    changed = Signal(bool)  # whether it runs

    def __init__(self, panes: Panes) -> None:
        super().__init__(panes)
        self._panes = panes
        self.rate = DEFAULT_RATE
        self.sweeps = True
        self._pane = ""
        self._way = 1
        self._shown: deque[float] = deque()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._go_on)
        panes.hand_moved.connect(self.stop)
        panes.layout_changed.connect(self.stop)
        panes.second_changed.connect(self.stop)

    @property
    def runs(self) -> bool:
        return self._timer.isActive()

    def toggle(self) -> None:
        """Starts on the pane that keys mean, or stops."""
        if self.runs:
            self.stop()
            return
        view = self._panes.views[self._panes.active]
        if view.volume is None:
            return
        self._pane, self._way = view.name, 1
        self._shown.clear()
        self._timer.start(round(1000 / self.rate))
        self._say()
        self.changed.emit(True)

    def stop(self, *_: object) -> bool:
        """Where it runs it stops; whether it did."""
        if not self.runs:
            return False
        self._timer.stop()
        view = self._panes.all_views[self._pane]
        view.corners.running = ()
        view.update()
        self.changed.emit(False)
        return True

    def faster(self, steps: int) -> None:
        """The next rates up, or down where negative."""
        at = min(max(RATES.index(self.rate) + steps, 0), len(RATES) - 1)
        self.rate = RATES[at]
        self._shown.clear()
        if self.runs:
            self._timer.start(round(1000 / self.rate))
            self._say()

    def toggle_sweep(self) -> None:
        """To and fro, or round and round."""
        self.sweeps = not self.sweeps
        if self.runs:
            self._say()

    def _go_on(self) -> None:
        panes = self._panes
        view = panes.views.get(self._pane)
        if view is None or view.volume is None or not view.isVisible():
            self.stop()
            return
        here = view.slice_lps()
        panes.scroll(self._way, self._pane)
        if view.slice_lps() == here:
            if self.sweeps:
                self._way = -self._way
                panes.scroll(self._way, self._pane)
            else:
                panes.to_end(False, self._pane)
        self._say()

    def _say(self) -> None:
        """What runs, in the corner."""
        now = time.monotonic()
        self._shown.append(now)
        while now - self._shown[0] > WATCHED_S:
            self._shown.popleft()
        kind = tr("Cine") if self.sweeps else tr("Cine, loop")
        view = self._panes.all_views[self._pane]
        view.corners.running = (f"{kind} {self._reached(now)} /s",)
        view.update()

    def _reached(self, now: float) -> str:
        """'10', or '31 of 60' where the machine does not keep up."""
        span = now - self._shown[0]
        if span > WATCHED_S / 2 and len(self._shown) > 2:
            got = (len(self._shown) - 1) / span
            if got < BEHIND * self.rate:
                return tr("{0} of {1}").format(f"{got:.0f}", self.rate)
        return str(self.rate)
