"""Key images of one window: the image that a pane shows is kept, or kept no more, by one key."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtGui import QPainter

from viewer.notices import GOOD, INFO, Notice
from viewer.reading.events import KeyImageDropped, KeyImageKept
from viewer.views.key_sign import paint_key_sign
from viewer.views.panes import Panes
from viewer.views.planes import View, stack_of
from viewer.views.slab import AVERAGE, MINIP, MIP, OFF, Slab
from viewer.views.state import Window

if TYPE_CHECKING:
    from viewer.desk.desk import Desk
    from viewer.views.slice_view import SliceView

SAME_MM = 0.1
"""Two planes this near are one image."""
PARALLEL = 0.9999
SLABS = {OFF: "", MIP: "max", MINIP: "min", AVERAGE: "mean"}
"""Modes of a slab as the log has them."""


def tr(text: str) -> str:
    return QCoreApplication.translate("KeyImages", text)


def shows(view: View, slab: Slab, key: KeyImageKept) -> bool:
    """Whether a pane shows the plane of a key image, as thick, whatever part of it."""
    across = float(np.dot(view.plane.right, key.right))
    down = float(np.dot(view.plane.down, key.down))
    level = abs(view.off_plane_mm(key.centre_lps)) <= SAME_MM
    mode, thick_mm = SLABS[slab.mode], slab.thickness_mm if slab.on else 0.0
    return across > PARALLEL and down > PARALLEL and level and (mode, thick_mm) == (
        key.slab, key.slab_mm,
    )  # fmt: skip


class KeyImages(QObject):
    """Joined to desk and panes; painted over the panes as a sign on images that are kept."""

    def __init__(self, desk: Desk, panes: Panes) -> None:
        super().__init__(panes)
        self._desk, self._panes = desk, panes
        panes.add_overlay(self)
        desk.reading_changed.connect(lambda _: panes.redraw())

    def toggle(self) -> None:
        """K: the active pane's image becomes a key image, or is none any more."""
        desk, panes = self._desk, self._panes
        if not desk.waiting.reading_stands(self.toggle) or panes.volume is None:
            return
        pane = panes.views[panes.active]
        if pane.of_second:
            desk.tell(Notice(tr("Key images are kept of the series that is read.")))
            return
        there = self.of(pane.view())
        if there is not None:
            if desk.record(KeyImageDropped(there.id)):
                desk.tell(Notice(tr("No key image any more."), "", INFO, action="undo"))
            return
        if desk.record(self._kept(pane.view())) and desk.reading is not None:
            text = tr("Kept as key image {0}.").format(len(desk.reading.key_images))
            desk.tell(Notice(text, "", GOOD, action="undo"))

    def of(self, view: View) -> KeyImageKept | None:
        """The key image that a pane shows."""
        reading = self._desk.reading
        kept, slab = reading.key_images if reading is not None else (), self._panes.state.slab
        return next((key for key in kept if shows(view, slab, key)), None)

    def go_to(self, key: KeyImageKept) -> None:
        """Its plane, middle and grey window again."""
        panes = self._panes
        if key.plane in panes.views:
            panes.activate(key.plane)
        panes.set_window(Window(key.window_width, key.window_level))
        panes.set_invert(key.invert)
        mode = next((mode for mode, told in SLABS.items() if told == key.slab), OFF)
        slab = panes.state.slab
        panes.set_slab(Slab(mode, key.slab_mm) if mode != OFF else replace(slab, mode=OFF))
        panes.go_to(key.centre_lps)

    def drop(self, key: KeyImageKept) -> None:
        if self._desk.record(KeyImageDropped(key.id)):
            self._desk.tell(Notice(tr("No key image any more."), "", INFO, action="undo"))

    def paint(self, painter: QPainter, view: SliceView) -> None:
        """The sign on a pane whose image is kept (an Overlay of the panes)."""
        if not view.of_second and self.of(view.view()) is not None:
            paint_key_sign(painter, view, tr("Key image"))

    def _kept(self, view: View) -> KeyImageKept:
        state, volume, plane = self._panes.state, self._panes.volume, view.plane
        assert volume is not None
        k = float(volume.geometry.index_of(state.crosshair_lps)[0])
        return KeyImageKept(
            id=uuid.uuid4().hex[:12],
            plane=plane.name,
            slice_index=int(np.clip(round(k), 0, volume.geometry.shape_kji[0] - 1)),
            centre_lps=view.centre_lps,
            right=_floats(plane.right),
            down=_floats(plane.down),
            wide_mm=view.width_px * view.mm_per_px,
            high_mm=view.height_px * view.mm_per_px,
            window_width=state.window.width,
            window_level=state.window.level,
            invert=state.invert,
            finding=self._finding_on(view),
            slab=SLABS[state.slab.mode],
            slab_mm=state.slab.thickness_mm if state.slab.on else 0.0,
        )

    def _finding_on(self, view: View) -> str:
        """The current finding, where the image shows it."""
        finding, volume = self._desk.current_finding, self._panes.volume
        if finding is None or volume is None:
            return ""
        x, y = view.pixels_of(finding.centre_lps)
        seen = 0 <= x <= view.width_px and 0 <= y <= view.height_px
        reach = max(finding.measurement.long_mm / 2, stack_of(volume.geometry, view.plane).step_mm)
        return finding.id if seen and abs(view.off_plane_mm(finding.centre_lps)) <= reach else ""


def _floats(vector: tuple[float, float, float]) -> tuple[float, float, float]:
    x, y, z = (float(n) for n in vector)
    return x, y, z
