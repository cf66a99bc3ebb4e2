"""A pane in a window of its own, for a second monitor; the main window's keys work there too."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer import theme
from viewer.views.slice_view import SliceView


class DetachedPane(QWidget):
    """The window. Closing it, or the main window, gives the pane back."""

    left = Signal(str)

    def __init__(self, view: SliceView, owner: QWidget) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self._name = view.name
        self._owner = owner
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(view)
        view.show()
        self.setFocusProxy(view)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.addActions(owner.actions())
        plane = view.corners.lines.plane_name(view.plane)
        self.setWindowTitle(self.tr("Hilum: {0}").format(plane))
        owner.installEventFilter(self)

    def show_at(self, place: QRect | None, origin: QPoint) -> None:
        """Where it stood last, if a screen is there; else on another screen than `origin`'s."""
        if place is not None and QGuiApplication.screenAt(place.center()) is not None:
            self.setGeometry(place)
        else:
            self.resize(theme.size("layout.detached"), theme.size("layout.detached"))
            here = QGuiApplication.screenAt(origin)
            other = next((s for s in QGuiApplication.screens() if s is not here), here)
            if other is not None:
                frame = QRect(QPoint(), self.size())
                frame.moveCenter(other.availableGeometry().center())
                self.move(frame.topLeft())
        self.show()

    def toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def give_up(self) -> None:
        """Goes, once its pane has another parent."""
        self._owner.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self.left.emit(self._name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close:
            self.left.emit(self._name)
        return super().eventFilter(watched, event)
