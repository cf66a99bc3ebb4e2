"""One pane: a plane of the scan with all that is drawn on it, painted by Qt alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
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
from viewer.views import corners, overlays
from viewer.views.camera import Camera
from viewer.views.hands import Hands
from viewer.views.layer import Layer
from viewer.views.mouse import Mouse
from viewer.views.outlines import Box
from viewer.views.pane_text import PaneLines, position_text
from viewer.views.planes import PLANES, View, letters, nearest_slice, on_a_slice, stack_of
from viewer.views.state import NO_TEXT, Lps, Mark, PaneText, Probe, ViewState

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
        self._lines = PaneLines()
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
        self._volume, self._lines, self._loaded = volume, lines, loaded
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
        self._lines = self._lines.with_text(text)
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
        self.update(self._probe_rect())
        lps = self._pointed()
        self.probe_moved.emit(
            None if lps is None else Probe(self.plane.name, lps, self._hu_at(lps))
        )

    def _pointed(self) -> Lps | None:
        """Where the pointer is in the patient; it stays true when keys scroll under it."""
        at = self._pointer
        return None if at is None else self.view().lps_of(at.x(), at.y())

    def mark_at(self, at: QPointF) -> str:
        """The id of the mark a click there means, the current one first, or ''."""
        hits = [one.mark for one in self._placed() if one.holds(at)]
        hits.sort(key=lambda mark: not mark.current)
        return hits[0].id if hits else ""

    def _hu_at(self, lps: Lps) -> int | None:
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
        if event.button() == Qt.MouseButton.LeftButton:
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
        self._paint_text(painter, bounds)
        if self._active:
            overlays.paint_frame(painter, bounds)
        painter.end()

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
        least = stack_of(self._volume.geometry, self.plane).step_mm / 2
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

    # Text

    @property
    def small(self) -> bool:
        """A pane too narrow for more than its plane and position."""
        return self.width() < theme.size("overlay.paneSmall")

    def _probe_lines(self) -> list[str]:
        assert self._volume is not None
        position = position_text(self.plane, self.slice_lps())
        lps = self._pointed() or self.slice_lps()
        lines = self._lines.lower_right(self._volume, self.plane, self.slice_lps())
        few = self.small or self.state.text_level != "all"
        return [position] if few else [self._lines.hu(self._hu_at(lps)), position, *lines]

    def _probe_rect(self) -> QRect:
        wide, high = corners.tab_size(self._probe_lines(), at_least=self._lines.widest)
        return corners.tab_rect(QRectF(self.rect()), "br", wide, high).toAlignedRect()

    def _paint_text(self, painter: QPainter, bounds: QRectF) -> None:
        state, name = self.state, self.plane.name
        few = self.small or state.text_level != "all"
        ai_shows = (state.show_marks and bool(self._marks)) or (
            self._layer.labelled and (state.show_outlines or state.fill > 0)
        )
        lift = 0.0
        if ai_shows and not self.small:
            lift = corners.paint_notice(painter, bounds, self._lines.research_use).height()
        plane = self.plane
        ways = (
            letters(-np.array(plane.right)), letters(plane.right),
            letters(-np.array(plane.down)), letters(plane.down),
        )  # fmt: skip
        corners.paint_letters(painter, bounds, ways, lift=lift)
        self._paint_scale(painter, bounds)
        if state.text_level == NO_TEXT:
            return
        upper = [self._lines.plane_name(plane)]
        if not few:
            upper += () if state.patient_hidden else self._lines.text.patient
        corners.paint_tab(painter, bounds, corners.TOP_LEFT, upper, plane=name)
        corners.paint_tab(
            painter, bounds, corners.BOTTOM_RIGHT, self._probe_lines(),
            at_least=self._lines.widest if not few else "",
        )  # fmt: skip
        if few:
            return
        if self._lines.text.study:
            corners.paint_tab(painter, bounds, corners.TOP_RIGHT, self._lines.text.study)
        lower = self._lines.lower_left(state.window, self._percent())
        corners.paint_tab(painter, bounds, corners.BOTTOM_LEFT, lower)

    def _percent(self) -> float:
        """Screen pixels for one stored pixel, in percent."""
        assert self._volume is not None
        return 100 * self._volume.geometry.spacing_kji_mm[2] / self.camera.mm_per_px

    def _paint_scale(self, painter: QPainter, bounds: QRectF) -> None:
        top = bounds.center().y() + theme.number("scale.below")
        room = bounds.bottom() - theme.number("scale.foot") - top
        px_per_mm = 1 / self.camera.mm_per_px
        long_mm = corners.scale_mm(px_per_mm, room)
        if long_mm is not None:
            label = self._lines.centimetres(long_mm)
            corners.paint_scale(painter, bounds, px_per_mm, label, long_mm, top)
