"""One pane: a plane of the scan with all that is drawn on it, painted by Qt alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QEnterEvent,
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
from viewer.views.crosshair import Arm, arms_of, hairs_of, paint_arms, paint_crosshair
from viewer.views.gaps import gap_mm, gap_on, gaps_of, paint_gap
from viewer.views.hands import Hands
from viewer.views.layer import Layer
from viewer.views.mouse import Mouse, on_second
from viewer.views.outlines import Extent
from viewer.views.pane_corners import PaneCorners
from viewer.views.pane_text import PaneLines
from viewer.views.planes import stack_of
from viewer.views.sight import Sight
from viewer.views.state import Lps, Mark, PaneText, Probe, ViewState
from viewer.views.tag_places import apart
from viewer.views.turning import ThreePlanes

STREAM_MS = 80
REST_MS = 250
"""So long a picture stays coarse after the last change."""

SERIES_MIME = "application/x-hilum-series"
"""What is dragged from the list of series: a series' key, UTF-8."""


class SliceView(Sight):
    """A pane of 'axial', 'coronal' or 'sagittal'. It draws a ViewState and tells what hands do;
    the state itself belongs to Panes."""

    pressed = Signal(str)
    wheel_turned = Signal(int)
    thickness_turned = Signal(int)
    window_dragged = Signal(object)
    crosshair_dragged = Signal(object)
    planes_turned = Signal(object)
    series_dropped = Signal(str)
    drag_ended = Signal()
    probe_moved = Signal(object)
    mark_clicked = Signal(str)
    menu_asked = Signal(object)
    double_clicked = Signal(str)

    def __init__(
        self,
        plane: str,
        parent: QWidget | None = None,
        *,
        hands: Hands | None = None,
        name: str = "",
    ) -> None:
        super().__init__(plane, parent, name)
        self.hands = hands or Hands()
        self._layer = Layer()
        self._loaded: NDArray[np.bool_] | None = None
        self._gaps: tuple[tuple[int, int], ...] = ()
        self._marks: tuple[Mark, ...] = ()
        self.corners = PaneCorners(self)
        self._pointer: QPointF | None = None
        self._active = False
        self._mouse = Mouse(self)
        self._later = QTimer(self, singleShot=True, interval=STREAM_MS)
        self._later.timeout.connect(self.update)
        self._finer = QTimer(self, singleShot=True)
        self._finer.timeout.connect(self._make_finer)
        self.arm: Arm | None = None  # under the hand
        self.box: QRectF | None = None  # drawn for a grey window
        self._hovered = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setMinimumSize(theme.size("pane.least"), theme.size("pane.least"))

    # What is shown

    def set_scan(
        self, volume: Volume | None, lines: PaneLines, loaded: NDArray[np.bool_] | None
    ) -> None:
        """A scan to show, or None; loaded: (K,) which slices have arrived, None for all."""
        self._volume, self.corners.lines, self._loaded = volume, lines, loaded
        self._layer.set_scan(volume, loaded)
        self._gaps = gaps_of(lines.image_numbers)
        self._pointer, self._marks, self._extent = None, (), None
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
            if self.state.slab.on or self.slice_k() in slices:
                self._layer.set_loaded(loaded)
                self.update()
            return
        self._layer.set_loaded(loaded)
        if not self._later.isActive():
            self._later.start()

    def set_labels(self, labelmap: LabelMap | None, extent: Extent | None) -> None:
        """Segments to outline and fill; extent: where they lie. The first ones are fitted to."""
        first = self._extent is None and extent is not None
        self._extent = extent
        self._layer.set_labels(labelmap, extent)
        if first and not self.camera.touched:
            self.refit()
        self.update()

    def labels_changed(
        self, labelmap: LabelMap, extent: Extent, corners_lps: NDArray[np.float64]
    ) -> None:
        """The same segments, changed in a box with these corners."""
        self._extent = extent
        if self._layer.labels_changed(labelmap, extent, corners_lps):
            self.update()

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        self._marks = marks
        self.update()

    def set_text(self, text: PaneText) -> None:
        self.corners.set_text(text)
        self.update()

    def set_state(self, state: ViewState) -> None:
        if state == self.state:
            return
        was, self.state = self.state, state
        if was.planes != state.planes:
            self._follow_turn(was.planes[self._kind])
        self.update()

    def set_active(self, active: bool) -> None:
        if active != self._active:
            self._active = active
            self.update()

    # What hands ask for (called by Mouse)

    def point_at(self, at: QPointF) -> None:
        if self._volume is not None:
            self.crosshair_dragged.emit(self.kept_inside(self.view().lps_of(at.x(), at.y())))

    def set_arm(self, arm: Arm | None) -> None:
        """The arm's end that a hand is over."""
        if (arm is None) != (self.arm is None):
            self.setCursor(Qt.CursorShape.OpenHandCursor) if arm else self.unsetCursor()
        if arm != self.arm:
            self.arm = arm
            self.update()

    def turn_arm(self, began: ThreePlanes, start: QPointF, at: QPointF) -> None:
        """The other planes follow a hand that has an arm and goes round the crosshair."""
        x, y = (float(n) for n in self.view().pixels_of(self.state.crosshair_lps))
        was = math.atan2(start.y() - y, start.x() - x)
        now = math.atan2(at.y() - y, at.x() - x)
        self.planes_turned.emit(began.turned(self.plane.name, now - was))

    def set_box(self, box: QRectF | None) -> None:
        """The box that a hand draws, or none any more."""
        if box != self.box:
            self.box = box
            self.update()

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

    @property
    def hu_shown(self) -> NDArray[np.int16] | None:
        """(height, width) HU of the picture as it is, in image pixels, a slab's where one is on."""
        return self._layer.cut_hu

    def slab_hu(self, lps: Lps) -> int | None:
        """The HU that the slab shows at a point; None outside the scan or without a slab."""
        if not self.state.slab.on:
            return None
        return self._layer.shown_hu(self.view(), self.state, lps)

    def mark_at(self, at: QPointF) -> str:
        """The id of the mark a click there means, the current one first, or ''."""
        hits = [one.mark for one in self._placed() if one.holds(at)]
        hits.sort(key=lambda mark: not mark.current)
        return hits[0].id if hits else ""

    def rings(self) -> list[tuple[float, float, float, float]]:
        """Left, top, right and bottom, in logical pixels, of the marks that are drawn, with their
        tags."""
        bounds = (one.bounds for one in self._placed())
        return [(one.left(), one.top(), one.right(), one.bottom()) for one in bounds]

    def current_ring(self) -> QRectF | None:
        """The place of the current mark with its tag, where this slice shows it."""
        return next((one.bounds for one in self._placed() if one.mark.current), None)

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
        if not self.camera.touched and not self.stays:
            self.refit()
        super().resizeEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._mouse.press_again(event):
            self.double_clicked.emit(self.name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._mouse.wheel(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = False
        self.set_arm(None)
        self.update()
        self.rest_crosshair()
        self.probe(None)
        self._mouse.leave()
        super().leaveEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(SERIES_MIME):
            event.acceptProposedAction()
        else:
            event.ignore()  # a file is for the window

    def dropEvent(self, event: QDropEvent) -> None:
        key = bytes(event.mimeData().data(SERIES_MIME).data()).decode()
        event.acceptProposedAction()
        self.series_dropped.emit(key)

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
        self._paint_gaps(painter)
        bounds = QRectF(self.rect())
        placed = self._placed()
        if self.state.show_crosshair:
            hairs = hairs_of(self.view(), self.state)
            paint_crosshair(painter, bounds, hairs, placed=placed, moving=self.state.moving)
            paint_arms(painter, self.arms(), self.arm)
        for one in placed:
            overlays.paint_mark(painter, one)
        overlays.paint_names(
            painter, placed, bounds, lambda: self.corners.places(self.camera.mm_per_px)
        )
        for other in self.hands.overlays:
            if not self.of_second or on_second(other):
                other.paint(painter, self)
        if self.box is not None:
            overlays.paint_box(painter, self.box)
        self.corners.paint(painter, ai_shows=self._ai_shows())
        if self._active:
            overlays.paint_frame(painter, bounds)
        painter.end()
        if self._layer.unfinished:
            self._finer.start(REST_MS)

    def _paint_gaps(self, painter: QPainter) -> None:
        """What was not scanned is hatched, in planes across the slices and between them."""
        if self._volume is None:
            return
        for gap in self._gaps:
            mm = gap_mm(self._volume.geometry, gap)
            corners = gap_on(self.view(), self._volume.geometry, gap)
            paint_gap(painter, corners, self.corners.lines.not_scanned(mm))

    def _make_finer(self) -> None:
        """A coarse picture becomes fine, strip by strip, once nothing moves any more."""
        if self._layer.finish_some():
            self.update()
        elif self._layer.unfinished:
            self._finer.start(0)

    def arms(self) -> list[Arm]:
        """The ends by which the other planes can be turned, while a hand may take them."""
        taken = self.state.tool in self.hands.tools
        if not self._hovered or not self.state.show_crosshair or taken or self._volume is None:
            return []
        hairs = hairs_of(self.view(), self.state)
        return arms_of(hairs, QRectF(self.rect()))

    def _texts_at(self) -> Callable[[float], Sequence[QRectF]]:
        return self.corners.places_at()

    def _ai_shows(self) -> bool:
        state = self.state
        return (
            (state.show_marks and any(mark.by_ai for mark in self._marks))
            or (self._layer.labelled_by_ai and (state.show_outlines or state.fill > 0))
            or any(getattr(other, "by_ai", False) for other in self.hands.overlays)
        )

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
        return apart(made, QRectF(self.rect()))
