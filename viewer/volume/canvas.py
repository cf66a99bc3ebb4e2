"""The 3-D picture on the screen: it paints what came and tells what hands do."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.views import overlays
from viewer.views.beside_tags import Tag
from viewer.views.mouse import CLICK_PX, WHEEL_STEP, ZOOM_NOTCH, ZOOM_PER_PX
from viewer.views.state import PaneText, ViewState
from viewer.volume import overlay
from viewer.volume.axes import paint_axes
from viewer.volume.camera import VolumeCamera
from viewer.volume.leaders import tags_of
from viewer.volume.pick import Body, Seen, at, seen

KEY_TURN_PX = 37.5
"""An arrow key turns by 15 degrees, as a drag of so many pixels does."""

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
NEARER, FARTHER = (Qt.Key.Key_Plus, Qt.Key.Key_Equal), (Qt.Key.Key_Minus,)
RESET = (Qt.Key.Key_Home, Qt.Key.Key_F)


@dataclass(frozen=True, eq=False)
class Picture:
    """What the process drew: the image, from where, and for a pane of which size."""

    image: QImage
    camera: VolumeCamera
    width: int
    height: int

    def place_in(self, bounds: QRectF) -> QRectF:
        """All of it, in its own ratio, in the middle of a pane."""
        scale = min(bounds.width() / self.width, bounds.height() / self.height)
        wide, high = scale * self.width, scale * self.height
        middle = bounds.center()
        return QRectF(middle.x() - wide / 2, middle.y() - high / 2, wide, high)

    def cut_to(self, width: int, height: int) -> Picture:
        """The same, as large, for a pane of another size: cut, or black beside it."""
        ratio = self.image.width() / self.width
        wide, high = round(width * ratio), round(height * ratio)
        left, top = (self.image.width() - wide) // 2, (self.image.height() - high) // 2
        return Picture(self.image.copy(left, top, wide, high), self.camera, width, height)


Placed = tuple[Picture | None, tuple[Body, ...], tuple[int, int]]
"""What tags were placed for: the picture, the bodies, the pane's size."""


class VolumeCanvas(QWidget):
    """A pane that owns its camera; what is drawn under its overlays comes from elsewhere.

    still: whether pictures keep their zoom now, for only a banner or a strip comes or goes.
    """

    camera_moved = Signal()
    reset_asked = Signal()
    finding_clicked = Signal(str)
    double_clicked = Signal()
    pressed = Signal()
    resized = Signal(bool)  # whether the picture keeps its zoom

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.camera = VolumeCamera()
        self.state = ViewState()
        self.active = False
        self.still: Callable[[], bool] = lambda: False
        self._picture: Picture | None = None
        self._bodies: tuple[Body, ...] = ()
        self._words = overlay.Words("", PaneText(), coarse=False)
        self._ai_shows = False
        self._placed: tuple[Placed, tuple[list[Seen], list[Tag]]] = ((None, (), (0, 0)), ([], []))
        self._drag: tuple[Qt.MouseButton, QPointF, QPointF] | None = None
        self._moved = False
        self._wheel = 0.0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(theme.size("pane.least"), theme.size("pane.least"))
        self.setAccessibleName(self.tr("3-D picture"))

    # What is shown

    @property
    def picture(self) -> Picture | None:
        return self._picture

    def set_picture(
        self,
        pixels: NDArray[np.uint8] | None,
        camera: VolumeCamera,
        size: tuple[int, int] = (1, 1),
    ) -> None:
        """(rows, columns, 4) RGBA as it was drawn from that camera, copied here; None for none.

        size: width and height of the pane it was drawn for, logical pixels.
        """
        if pixels is None:
            self._picture = None
        else:
            high, wide, _ = pixels.shape
            kind = QImage.Format.Format_RGBX8888
            shared = QImage(pixels.data, wide, high, 4 * wide, kind)
            self._picture = Picture(shared.copy(), camera, *size)
        self.update()

    def set_drawn(self, picture: Picture) -> None:
        """A picture that another canvas showed."""
        self._picture = picture
        self.update()

    def set_bodies(self, bodies: tuple[Body, ...]) -> None:
        """The findings that are drawn."""
        self._bodies = bodies
        self.update()

    def set_words(self, words: overlay.Words, *, ai_shows: bool) -> None:
        self._words, self._ai_shows = words, ai_shows
        self.update()

    def set_state(self, state: ViewState) -> None:
        self.state = state
        self.update()

    @property
    def _fits(self) -> bool:
        """Whether the picture was drawn for a pane as large as this one: a picture of another size
        stands until the next one comes, and what is drawn over it would lie beside its place."""
        one = self._picture
        return one is not None and (one.width, one.height) == (self.width(), self.height())

    def finding_at(self, point: QPointF) -> str:
        """The id of the finding that a click there means, by its tag or its body, or ''."""
        if self._picture is None or not self._fits or not self.state.show_marks:
            return ""
        _, tags = self._tags()
        reach = theme.number("mark.tagRadius") + theme.number("mark.underlay")
        for tag in reversed(tags):
            if math.hypot(point.x() - tag.at.x(), point.y() - tag.at.y()) <= reach:
                return tag.mark.id
        size = self.width(), self.height()
        return at(point.x(), point.y(), self._bodies, self._picture.camera, *size)

    def _tags(self) -> tuple[list[Seen], list[Tag]]:
        """What is tagged, the current one last, and their tags."""
        assert self._picture is not None
        size = self.width(), self.height()
        about, placed = self._placed
        if about[:2] == (self._picture, self._bodies) and about[2] == size:
            return placed  # asked for with every move of the pointer
        found = [seen(body, self._picture.camera, *size) for body in self._bodies]
        found.sort(key=lambda one: (one.mark.current, -one.depth_mm))
        placed = found, tags_of(found, QRectF(self.rect()))
        self._placed = (self._picture, self._bodies, size), placed
        return placed

    # Events

    def move_to(self, camera: VolumeCamera) -> None:
        """Looks from there, and tells so."""
        if camera != self.camera:
            self.camera = camera
            self.camera_moved.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        still = self.still()
        if still and self._picture is not None:
            self._picture = self._picture.cut_to(self.width(), self.height())
        self.resized.emit(still)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.pressed.emit()
        self._drag = event.button(), event.position(), event.position()
        self._moved = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        here = event.position()
        if self._drag is None:
            hit = bool(self.finding_at(here))
            shape = Qt.CursorShape.PointingHandCursor if hit else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            return
        button, start, last = self._drag
        if not self._moved and (here - start).manhattanLength() < CLICK_PX:
            return
        self._moved = True
        step = here - last
        self._drag = button, start, here
        if button == Qt.MouseButton.LeftButton:
            self.move_to(self.camera.turned(step.x(), step.y()))
        elif button == Qt.MouseButton.MiddleButton:
            self.move_to(self.camera.panned(step.x(), step.y()))
        elif button == Qt.MouseButton.RightButton:
            self.move_to(self.camera.zoomed(math.exp(-step.y() * ZOOM_PER_PX)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        if drag is None or self._moved or event.button() != Qt.MouseButton.LeftButton:
            return
        if hit := self.finding_at(event.position()):
            self.finding_clicked.emit(hit)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.double_clicked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        notches = (turn.y() if turn.y() else turn.x()) / WHEEL_STEP
        event.accept()
        if notches:
            self.move_to(self.camera.zoomed(ZOOM_NOTCH**notches))

    def event(self, event: QEvent) -> bool:
        # The window's own arrows scroll the cuts; here, where the focus is, they turn.
        override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if override and self._means_something(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._means_something(event):
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        if key in ARROWS:
            right, down = ARROWS[key]
            self.move_to(self.camera.turned(right * KEY_TURN_PX, down * KEY_TURN_PX))
        elif key in RESET:
            self.reset_asked.emit()
        else:
            factor = ZOOM_NOTCH if key in NEARER else 1 / ZOOM_NOTCH
            self.move_to(self.camera.zoomed(factor))

    @staticmethod
    def _means_something(event: QEvent) -> bool:
        assert isinstance(event, QKeyEvent)
        plain = event.modifiers() & ~(
            Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
        )
        keys = (*ARROWS, *NEARER, *FARTHER, *RESET)
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if shifted and event.key() != Qt.Key.Key_Plus:
            return False
        return plain == Qt.KeyboardModifier.NoModifier and event.key() in keys

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        bounds = QRectF(self.rect())
        painter.fillRect(bounds, theme.color("bg.image"))
        if self._picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self._picture.place_in(bounds), self._picture.image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self._fits and self.state.show_marks:
                found, tags = self._tags()
                overlay.paint_tags(painter, found, tags)
                words = overlay.scale_places(bounds, self._picture.camera.mm_per_px)
                overlay.paint_names(painter, tags, bounds, words)
            paint_axes(painter, bounds, self._picture.camera)
            if self._fits:
                overlay.paint_scale(painter, bounds, self._picture.camera.mm_per_px)
            shows = self._ai_shows and (self.state.show_marks or self.state.show_outlines)
            overlay.paint_words(painter, bounds, self._words, self.state, ai_shows=shows)
        if self.active:
            overlays.paint_frame(painter, bounds)
        painter.end()
