"""The folded browser: a strip of thumbnails, one for each series."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QWidget

from viewer import theme
from viewer.panels.buttons import Tool
from viewer.panels.dragging import carry, is_drag, series_drag
from viewer.panels.entries import plain_tip
from viewer.panels.parts import column, ground, row
from viewer.panels.study_rows import StudyEntry, paint_thumb

SETTINGS = (("level", "language"), ("corner-texts", "hide-patient"), ("full-screen", "keys"))
"""Actions behind the gear, in groups."""


class SettingsButton(Tool):
    """How the window looks to this reader: each with its key, and kept."""

    def __init__(self, actions: dict[str, QAction]) -> None:
        super().__init__("settings", QCoreApplication.translate("Rail", "Settings"))
        self.menu_of_settings = QMenu(self)
        for n, group in enumerate(SETTINGS):
            if n:
                self.menu_of_settings.addSeparator()
            self.menu_of_settings.addActions([actions[name] for name in group])
        self.clicked.connect(self._open)

    def _open(self) -> None:
        high = self.menu_of_settings.sizeHint().height()
        corner = self.mapToGlobal(QPoint(self.width() + 2, self.height() - high))
        self.menu_of_settings.popup(corner)


class Rail(QWidget):
    """The folded browser: a thumbnail and the number of images for each series."""

    series_chosen = Signal(object)

    def __init__(
        self, pictures: dict[str, QImage], unfold: Tool, keys: Tool, settings: Tool
    ) -> None:
        super().__init__()
        ground(self, "panel")
        self.setFixedWidth(theme.size("rail"))
        self._pictures = pictures
        self.entries: tuple[StudyEntry, ...] = ()
        self._pressed_at: QPointF | None = None
        self.setMouseTracking(True)
        self._foot = keys
        self.setLayout(
            column(
                row(None, unfold, None),
                None,
                row(None, keys, None),
                row(None, settings, None),
                inset=(0, theme.size("space.xs"), 0, theme.size("space.s")),
            )
        )

    def show_series(self, entries: tuple[StudyEntry, ...]) -> None:
        self.entries = entries
        self.update()

    def place(self, n: int) -> QRectF:
        """Where the n-th thumbnail lies."""
        side = theme.number("thumbSeries")
        step = side + theme.line_height("caption") + theme.number("space.l") + 4
        top = theme.number("tabbar") + theme.number("space.s")
        return QRectF((self.width() - side) / 2, top + n * step, side, side)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        entry = self._at(event.position())
        self.setToolTip(plain_tip(f"{entry.title}\n{entry.caption}\n{entry.tip}") if entry else "")
        if self._pressed_at is not None and is_drag(self._pressed_at, event.position()):
            entry, self._pressed_at = self._at(self._pressed_at), None
            if entry is not None and entry.series is not None:
                drag = series_drag(self, entry.series, self._pictures.get(entry.uid))
                carry(drag)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        was, self._pressed_at = self._pressed_at, None
        if was is None:
            return  # it was a drag
        entry = self._at(event.position())
        if entry is not None and event.button() == Qt.MouseButton.LeftButton and not entry.current:
            self.series_chosen.emit(entry.series)

    def _at(self, at: QPointF) -> StudyEntry | None:
        low = theme.line_height("caption")
        for n, entry in enumerate(self.entries):
            if self.place(n).adjusted(0, 0, 0, low).contains(at):
                return entry
        return None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg.panel"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        foot = self._foot.geometry().top()
        for n, entry in enumerate(self.entries):
            rect = self.place(n)
            if rect.bottom() > foot:
                break
            shown = entry.current or bool(entry.tag)
            paint_thumb(painter, rect, self._pictures.get(entry.uid), on=shown)
            if entry.current:
                edge = QRectF(0, rect.top(), theme.number("size.focusRing"), rect.height())
                painter.fillRect(edge, theme.color("accent.base"))
            if entry.done is not None:
                bar = QRectF(rect.left(), rect.bottom() - 3, rect.width() * entry.done, 3)
                painter.fillRect(bar, theme.color("accent.base"))
            painter.setFont(theme.font("caption"))
            ink = "text.secondary" if entry.current else "text.tertiary"
            painter.setPen(theme.color("accent.base" if entry.tag else ink))
            below = QRectF(0, rect.bottom() + 2, self.width(), theme.line_height("caption"))
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, entry.tag or str(entry.images))
        painter.end()
