"""One pane: a plane of the scan with all that is drawn on it, painted by Qt alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume
from viewer import theme
from viewer.views import overlays
from viewer.views.camera import Camera
from viewer.views.hands import Hands
from viewer.views.layer import Layer
from viewer.views.mouse import Mouse
from viewer.views.outlines import Box
from viewer.views.pane_corners import PaneCorners
from viewer.views.pane_text import PaneLines
from viewer.views.planes import PLANES, View, nearest_slice, on_a_slice, stack_of
from viewer.views.state import Lps, Mark, PaneText, Probe, ViewState

STREAM_MS = 80


class SliceView(QWidget):
    """A pane of 'axial', 'coronal' or 'sagittal'. It draws a ViewState and tells what hands do;
    the state itself belongs to Panes. Zoom and pan are its own."""

    pressed = Signal(str)
    wheel_turned = Signal(int)
    window_dragged = Signal(object)
    crosshair_dragged = Signal(object)
    drag_ended = Signal()
    probe_moved = Signal(object)
    mark_clicked = Signal(str)
    menu_asked = Signal(object)
    double_clicked = Signal(str)

    def __init__(
        self, plane: str, parent: QWidget | None = None, *, hands: Hands | None = None
    ) -> None:
        super().__init__(parent)
        self.plane = PLANES[plane]
        self.hands = hands or Hands()
        self.state = ViewState()
        self.camera = Camera()
        self._volume: Volume | None = None
        self._layer = Layer(self.plane)
        self._loaded: NDArray[np.bool_] | None = None
        self._box: Box | None = None
        self._marks: tuple[Mark, ...] = ()
        self.corners = PaneCorners(self)
        self._pointer: QPointF | None = None
        self._active = False
        self._mouse = Mouse(self)
        self._later = QTimer(self, singleShot=True, interval=STREAM_MS)
        self._later.timeout.connect(self.update)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(theme.size("pane.least"), theme.size("pane.least"))

    # What is shown

    @property
    def volume(self) -> Volume | None:
        return self._volume

    def set_scan(
        self, volume: Volume | None, lines: PaneLines, loaded: NDArray[np.bool_] | None
    ) -> None:
        """A scan to show, or None; loaded: (K,) which slices have arrived, None for all."""
        self._volume, self.corners.lines, self._loaded = volume, lines, loaded
        self._layer.set_scan(volume, loaded)
        self._pointer, self._marks, self._box = None, (), None
        self.camera.touched = False
        self.fit()

    def slices_arrived(self, loaded: NDArray[np.bool_], slices: Sequence[int]) -> None:
        """More slices (indices k) lie in the volume's memory now; loaded: all there are.

        The plane of a stored slice is drawn anew only for that slice; cuts across them at most
        every few frames, so that a fast disk leaves time for the hand.
        """
        self._loaded = loaded
        if self._volume is None:
            return
        stack = stack_of(self._volume.geometry, self.plane)
        if stack.axis == 0 and stack.aligned:
            if nearest_slice(self._volume.geometry, self.plane, self.slice_lps()) in slices:
                self._layer.set_loaded(loaded)
                self.update()
            return
        self._layer.set_loaded(loaded)
        if not self._later.isActive():
            self._later.start()

    def set_labels(self, labelmap: LabelMap | None, box: Box | None) -> None:
        """Segments to outline and fill; box: the part of this plane that holds any."""
        self._box = box
        self._layer.set_labels(labelmap, box)
        if not self.camera.touched:
            self.fit()
        self.update()

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        self._marks = marks
        self.update()

    def set_text(self, text: PaneText) -> None:
        self.corners.set_text(text)
        self.update()

    def set_state(self, state: ViewState) -> None:
        if state != self.state:
            self.state = state
            self.update()

    def set_active(self, active: bool) -> None:
        if active != self._active:
            self._active = active
            self.update()

    # Zoom and pan

    def fit(self) -> None:
        """Shows the lungs where a mask is, else the whole field of view, and follows resizing."""
        if self._volume is not None:
            if self._box is not None:
                self.camera.fit_box(self._box.low, self._box.high, self.width(), self.height())
            else:
                self.camera.fit_scan(self._volume.geometry, self.plane, self.width(), self.height())
        self.update()

    def pan(self, step: QPointF) -> None:
        self.camera.pan(step.x(), step.y())
        self.update()

    def zoom(self, factor: float, *, about: QPointF) -> None:
        """Larger (factor above 1) or smaller; the point under `about` stays where it is."""
        x, y = about.x() - self.width() / 2, about.y() - self.height() / 2
        self.camera.zoom(factor, x, y)
        self.update()

    def reveal(self, lps: Lps) -> None:
        """Pans just so far that a point is in sight; a point in sight moves nothing."""
        x, y = self.view().pixels_of(lps)
        inset = theme.number("reveal.inset")
        if not (inset <= x <= self.width() - inset and inset <= y <= self.height() - inset):
            self.camera.centre_on(*self.plane.along(lps)[:2])
            self.update()

    def slice_lps(self) -> Lps:
        """The crosshair moved to the middle of the slice that is shown."""
        assert self._volume is not None
        return on_a_slice(self._volume.geometry, self.plane, self.state.crosshair_lps)

    @property
    def step_mm(self) -> float:
        """From one slice of this plane to the next."""
        assert self._volume is not None
        return stack_of(self._volume.geometry, self.plane).step_mm

    def view(self) -> View:
        """What the pane looks at, in logical pixels."""
        onward = self.plane.along(self.slice_lps())[2]
        x, y, z = self.plane.lps((self.camera.right_mm, self.camera.down_mm, onward))
        centre = (float(x), float(y), float(z))
        size = max(1, self.width()), max(1, self.height())
        return View(self.plane, centre, self.camera.mm_per_px, *size)

    # What hands ask for (called by Mouse)

    def point_at(self, at: QPointF) -> None:
        if self._volume is not None:
            self.crosshair_dragged.emit(self._kept(self.view().lps_of(at.x(), at.y())))

    def _kept(self, lps: Lps) -> Lps:
        """The nearest point to lps inside the scan."""
        assert self._volume is not None
        geometry = self._volume.geometry
        index = np.clip(geometry.index_of(lps), 0, np.array(geometry.shape_kji) - 1)
        x, y, z = geometry.lps_of(index)
        return float(x), float(y), float(z)

    def rest_crosshair(self) -> None:
        if self.state.moving:
            self.drag_ended.emit()

    def probe(self, at: QPointF | None) -> None:
        """Tells what lies at a point of the pane, None when the pointer has left."""
        if self._volume is None:
            return
        self._pointer = at
        self.update(self.corners.probe_rect())
        lps = self.pointed()
        self.probe_moved.emit(None if lps is None else Probe(self.plane.name, lps, self.hu_at(lps)))

    def pointed(self) -> Lps | None:
        """Where the pointer is in the patient; it stays true when keys scroll under it."""
        at = self._pointer
        return None if at is None else self.view().lps_of(at.x(), at.y())

    def mark_at(self, at: QPointF) -> str:
        """The id of the mark a click there means, the current one first, or ''."""
        hits = [one.mark for one in self._placed() if one.holds(at)]
        hits.sort(key=lambda mark: not mark.current)
        return hits[0].id if hits else ""

    def rings(self) -> list[tuple[float, float, float, float]]:
        """Left, top, right and bottom, in logical pixels, of the marks that are drawn."""
        return [
            (one.x - one.radius, one.y - one.radius, one.x + one.radius, one.y + one.radius)
            for one in self._placed()
        ]

    def hu_at(self, lps: Lps) -> int | None:
        """The stored HU at a point; None outside the scan and where nothing has arrived."""
        assert self._volume is not None
        voxel = self._volume.geometry.nearest_voxel(lps)
        if voxel is None or (self._loaded is not None and not self._loaded[voxel[0]]):
            return None
        return int(self._volume.hu[voxel])

    # Events

    def sizeHint(self) -> QSize:
        return QSize(theme.size("layout.axialMin"), theme.size("layout.axialMin"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        if not self.camera.touched:
            self.fit()
        super().resizeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._mouse.press_again(event):
            self.double_clicked.emit(self.plane.name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._mouse.wheel(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.rest_crosshair()
        self.probe(None)
        self._mouse.leave()
        super().leaveEvent(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._volume is None:
            painter.fillRect(event.rect(), theme.color("bg.image"))
            painter.end()
            return
        painter.drawImage(
            0, 0, self._layer.picture(self.view(), self.state, self.devicePixelRatioF())
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bounds = QRectF(self.rect())
        placed = self._placed()
        if self.state.show_crosshair:
            hairs = self._hairs()
            overlays.paint_crosshair(
                painter, bounds, hairs, placed=placed, moving=self.state.moving
            )
        for one in placed:
            overlays.paint_mark(painter, one)
        for other in self.hands.overlays:
            other.paint(painter, self)
        self.corners.paint(painter, ai_shows=self._ai_shows())
        if self._active:
            overlays.paint_frame(painter, bounds)
        painter.end()

    def _ai_shows(self) -> bool:
        state = self.state
        return (state.show_marks and bool(self._marks)) or (
            self._layer.labelled and (state.show_outlines or state.fill > 0)
        )

    def _hairs(self) -> tuple[overlays.Hair, overlays.Hair]:
        """The lines on which the two other planes cut this one."""
        x, y = self.view().pixels_of(self.state.crosshair_lps)
        made = []
        for name, other in PLANES.items():
            if name != self.plane.name:
                upright = abs(np.dot(other.onward, self.plane.right)) > abs(
                    np.dot(other.onward, self.plane.down)
                )
                made.append(overlays.Hair(name, float(x if upright else y), bool(upright)))
        return made[0], made[1]

    def _placed(self) -> list[overlays.Placed]:
        """The marks this slice passes through, the current one last so that it lies on top."""
        if self._volume is None or not self.state.show_marks:
            return []
        view = self.view()
        least = self.step_mm / 2
        near = [
            mark for mark in self._marks
            if abs(view.off_plane_mm(mark.centre_lps)) <= max(mark.radius_mm, least)
        ]  # fmt: skip
        near.sort(key=lambda mark: mark.current)
        made = []
        for mark in near:
            x, y = view.pixels_of(mark.centre_lps)
            made.append(overlays.place(mark, float(x), float(y), 1 / view.mm_per_px))
        return made
