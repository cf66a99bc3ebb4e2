"""Where a reader stood in each series: the place under the crosshair, kept for the next opening.

The private library keeps it, written once the hand rests and when another series comes. What is
lost to a kill is a second of scrolling, never a click.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from ai.errors import HilumError
from viewer.opening import OpenScan
from viewer.views.panes import Panes
from viewer.views.state import Lps, ViewState

if TYPE_CHECKING:
    from viewer.desk import Desk

REST_MS = 1500


class Standing(QObject):
    """Of one window, joined after it: its panes show a scan before they are moved to its place."""

    def __init__(self, desk: Desk, panes: Panes) -> None:
        super().__init__(panes)
        self._desk, self._panes = desk, panes
        self._moved: tuple[str, Lps] | None = None  # the key of the series, and where
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.keep)
        panes.state_changed.connect(self._state_changed)
        desk.scan_opened.connect(self._scan_opened)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.keep)

    def keep(self) -> None:
        """Writes down where the reader stands, where that has changed."""
        self._rest.stop()
        moved, self._moved = self._moved, None
        if moved is not None:
            with contextlib.suppress(HilumError):  # a place is a comfort: never a sentence
                self._desk.shelf.keep_place(*moved)

    def _scan_opened(self, scan: OpenScan) -> None:
        place = self._desk.shelf.place_of(scan.series)
        if place is not None:
            self._panes.go_to(place)
        self._rest.stop()
        self._moved = None  # nobody has moved yet

    def _state_changed(self, state: ViewState) -> None:
        scan = self._desk.scan
        if scan is None:
            return
        here = scan.series.key, state.crosshair_lps
        if self._moved is not None and self._moved[0] != here[0]:
            self.keep()
        if self._moved != here:
            self._moved = here
            self._rest.start()
