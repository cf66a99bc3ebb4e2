"""The three panes on the screen: which one lies where, which one has all the room."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.views.linked import LinkedViews
from viewer.views.planes import AXIAL, CORONAL, SAGITTAL


def cut_width(width: int, height: int) -> int:
    """Width of the right column: 0.83 of half the height, from 284 px to 40 % of the width."""
    wanted = theme.number("layout.cutRatio") * height / 2
    most = theme.number("layout.cutMax") * width
    return round(min(max(theme.number("layout.cutMin"), wanted), most))


class Panes(LinkedViews):
    """Axial at the left, coronal over sagittal at the right."""

    maximised_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._maximised = ""
        for view in self.views.values():
            view.double_clicked.connect(self._toggle_maximised)
        self.setFocusProxy(self.views[AXIAL])
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.activate(AXIAL)

    def maximise(self, plane: str) -> None:
        """One pane alone; '' brings all three back."""
        if plane != self._maximised:
            self._maximised = plane
            if plane:
                self.activate(plane)
            self._arrange()
            self.maximised_changed.emit(plane)

    def grab_pictures(self) -> dict[str, QImage]:
        """What each pane shows now, by plane, text included."""
        return {name: view.grab().toImage() for name, view in self.views.items()}

    # Within

    def _toggle_maximised(self, plane: str) -> None:
        self.maximise("" if self._maximised else plane)

    def sizeHint(self) -> QSize:
        return QSize(theme.size("layout.windowWide"), theme.size("layout.windowHigh"))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.size("layout.axialMin"), theme.size("layout.cutMin"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), theme.color("bg.window"))
        painter.end()

    def _arrange(self) -> None:
        """By the rule of the layout, with gaps of a hairline; a maximised pane takes all."""
        gap, width, height = theme.size("paneGap"), self.width(), self.height()
        if self._maximised:
            places = {self._maximised: self.rect()}
        else:
            right = cut_width(width, height)
            upper = (height - gap) // 2
            at = width - right
            places = {
                AXIAL: QRect(0, 0, at - gap, height),
                CORONAL: QRect(at, 0, right, upper),
                SAGITTAL: QRect(at, upper + gap, right, height - upper - gap),
            }
        for name, view in self.views.items():
            if name in places:
                view.setGeometry(places[name])
            view.setVisible(name in places)
