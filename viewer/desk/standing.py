"""How a series comes to the panes: where the reader stood in it, in greys that show it.

The private library keeps the place under the crosshair, written once the hand rests and when
another series comes. What is lost to a kill is a second of scrolling, never a click.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer

from ai.errors import HilumError
from viewer.dicom.series import Series
from viewer.open_scan import OpenScan, middle_slice, nearest_image
from viewer.views.panes import Panes
from viewer.views.planes import AXIAL, PLANES, stack_of
from viewer.views.state import LUNG_WINDOW, Lps, ViewState, Window

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

REST_MS = 1500


class Standing(QObject):
    """Of one window, joined after it: its panes show a scan before they are moved to its place."""

    def __init__(self, desk: Desk, panes: Panes) -> None:
        super().__init__(panes)
        self._desk, self._panes = desk, panes
        self._in_hu, self._plane = True, AXIAL  # of the scan that is shown
        self._moved: tuple[str, Lps] | None = None  # the key of the series, and where
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.keep)
        panes.state_changed.connect(self._state_changed)
        desk.scan_opened.connect(self._scan_opened)
        desk.scan_completed.connect(self._leave_spoilt)
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
        self._take_plane(scan)
        place = self._desk.shelf.place_of(scan.series) or self._nearest_image(scan)
        if place is not None:
            self._panes.go_to(place)
        self._show_greys(scan.series)
        self._rest.stop()
        self._moved = None  # nobody has moved yet

    def _nearest_image(self, scan: OpenScan) -> Lps | None:
        """Where the middle was never scanned, the image nearest to it: no one starts in black."""
        slices = scan.series.slices
        if slices[len(slices) // 2].here:
            return None
        return self._on_slice(scan, middle_slice(scan.series))

    def _on_slice(self, scan: OpenScan, k: int) -> Lps:
        """The crosshair's place, on slice k."""
        index = scan.volume.geometry.index_of(self._panes.state.crosshair_lps)
        index[0] = k
        x, y, z = (float(mm) for mm in scan.volume.geometry.lps_of(index))
        return x, y, z

    def _leave_spoilt(self, scan: OpenScan) -> None:
        """Which slices are damaged is known once all were read; who has not moved yet sees one
        that is whole."""
        geometry = scan.volume.geometry
        k = round(float(geometry.index_of(self._panes.state.crosshair_lps)[0]))
        if self._moved is None and k in scan.spoilt:
            self._panes.go_to(self._on_slice(scan, nearest_image(scan.series, k, scan.spoilt)))
            self._rest.stop()
            self._moved = None

    def _show_greys(self, series: Series) -> None:
        """Values that are no HU come in their own window; the next that are, in the lung's again.

        Else the window that the reader chose stays from one scan to the next.
        """
        if not series.in_hu and series.window is not None:
            self._panes.set_window(Window(series.window.width_hu, series.window.level_hu))
        elif series.in_hu and not self._in_hu:
            self._panes.set_window(LUNG_WINDOW)
        self._in_hu = series.in_hu

    def _take_plane(self, scan: OpenScan) -> None:
        """The plane that was scanned has the large pane, and keys mean it: elsewhere a series of
        few images is but a strip.
        """
        geometry = scan.volume.geometry
        plane = next((n for n, one in PLANES.items() if stack_of(geometry, one).axis == 0), AXIAL)
        self._panes.lead(plane)
        if plane != self._plane and plane in self._panes.shown:
            self._panes.activate(plane)
        self._plane = plane

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
