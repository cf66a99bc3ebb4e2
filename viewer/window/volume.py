"""The 3-D pane as the window has it: made when its layout is first shown, and told what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.dicom.prefer import LUNG, kernel_kind
from viewer.open_scan import OpenScan
from viewer.panels.marks import marks_of
from viewer.reading.reading import Reading
from viewer.views.layouts import READ, VOLUME, VOLUMES
from viewer.views.pane_text import text_of
from viewer.views.state import ViewState

if TYPE_CHECKING:
    from viewer.volume.moving import VolumeSight
    from viewer.volume.view import VolumeView
    from viewer.window.keys import WindowKeys


class VolumeWindow(QObject):
    """Of one window; made once its panes are there. Until its layout is shown it costs nothing."""

    def __init__(self, window: WindowKeys) -> None:
        super().__init__(window)
        self._window, self._desk, self._panes = window, window.desk, window.panes
        self._before = READ
        self.pane: VolumeView | None = None
        self._lying: VolumeSight | None = None
        self._panes.layout_changed.connect(self._layout_changed)
        self._panes.state_changed.connect(self._view_changed)
        self._panes.volume_active_changed.connect(self._frame)
        desk = self._desk
        desk.scan_opened.connect(self._scan_opened)
        desk.scan_completed.connect(self._scan_completed)
        desk.reading_changed.connect(self._reading_changed)
        desk.current_changed.connect(self._mark)
        desk.own_pass.changed.connect(self._mark)
        desk.editing.changed.connect(self._edit_changed)

    def toggle(self) -> None:
        """V: the layout with the 3-D picture, or back to the one that was there before."""
        if self._panes.layout_shown.name == VOLUMES:
            self._panes.set_layout(self._before)
            self._window.focus_panes()
        else:
            self._panes.set_layout(VOLUMES)
            assert self.pane is not None
            self.pane.setFocus()

    def close(self) -> None:
        """Ends its process: the window goes."""
        if self.pane is not None:
            self.pane.close()

    def hand_over(self) -> VolumeSight | None:
        """What the pane shows, and its process; None where there never was one."""
        if self.pane is None:
            return None
        from viewer.volume.moving import hand_over

        return hand_over(self.pane)

    def take_over(self, sight: VolumeSight) -> None:
        """The pane of another window goes on here, once its scan has come."""
        from viewer.volume.moving import begin

        self._lying = sight
        self._take_pane(begin(sight))

    def _layout_changed(self, name: str) -> None:
        if name != VOLUMES:
            self._before = name
        elif self.pane is None:
            self._make()

    def _make(self) -> None:
        from viewer.volume.view import VolumeView  # no part of a window that just starts

        self._take_pane(VolumeView())
        self._show_scan()

    def _take_pane(self, pane: VolumeView) -> None:
        self.pane = pane
        self.pane.finding_clicked.connect(self._desk.select)
        self.pane.canvas.still = lambda: self._panes.pictures_stay
        self.pane.noticed.connect(self._desk.tell)
        self.pane.double_clicked.connect(self._maximise)
        self._panes.set_volume_pane(self.pane)

    def _frame(self, active: bool) -> None:
        if self.pane is not None:
            self.pane.set_active(active)

    def _maximise(self) -> None:
        self._panes.maximise("" if self._panes.maximised else VOLUME)

    # What the desk announces

    def _show_scan(self) -> None:
        scan = self._desk.scan
        if self.pane is None:
            return
        if scan is None or not scan.complete:
            self.pane.set_scan(None, None)
            return
        series = scan.series
        sharp = kernel_kind(series.kernel) == LUNG
        self.pane.set_scan(scan.block.ref, scan.volume.geometry, sharp=sharp, text=text_of(series))
        self.pane.set_view_state(self._panes.state)
        if self._desk.reading is not None:
            self._reading_changed(self._desk.reading)

    def _scan_opened(self, scan: OpenScan) -> None:
        if self.pane is not None and not scan.complete:
            self.pane.set_scan(None, None)  # its slices are still on their way

    def _scan_completed(self, _scan: OpenScan) -> None:
        self._show_scan()
        lying, self._lying = self._lying, None
        if lying is not None and self.pane is not None:
            from viewer.volume.moving import go_on

            go_on(self.pane, lying)

    def _reading_changed(self, reading: Reading) -> None:
        if self.pane is None or self._desk.scan is None or not self._desk.scan.complete:
            return
        if self._desk.editing.field is not None:
            return  # masks under the brush: the picture follows when the edit is done
        self.pane.set_labels(reading.lungs)
        self.pane.set_masks({f.id: f.mask for f in reading.findings if f.mask is not None})
        self._mark()

    def _edit_changed(self) -> None:
        if self._desk.editing.field is None and self._desk.reading is not None:
            self._reading_changed(self._desk.reading)

    def _mark(self, *_: object) -> None:
        reading, desk = self._desk.reading, self._desk
        if self.pane is not None and reading is not None:
            self.pane.set_marks(marks_of(reading, desk.order, desk.current))

    def _view_changed(self, state: ViewState) -> None:
        if self.pane is not None:
            self.pane.set_view_state(state)
