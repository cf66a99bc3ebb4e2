"""The ghost lung: what was really shown of the lungs, seen from the front and from the left."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QImage,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.coverage.lungs import Ghost, ghost
from viewer.coverage.rules import GOAL, percent, rules
from viewer.language.spoken import of_hundred
from viewer.panels.buttons import PRIMARY, Button
from viewer.panels.page import Card, Page
from viewer.panels.parts import column, row, words
from viewer.views.planes import CORONAL, PLANES, SAGITTAL, letters

if TYPE_CHECKING:
    from viewer.desk.watching import Watching

CELL_MM = 6.0
HALF = 0.5
"""Lung of which less than this share was shown is hatched: a colour alone tells too few readers."""
HATCH_PX = 1.0
SIDES = (CORONAL, SAGITTAL)


class GhostPicture(QWidget):
    """Lungs along one direction: plain where all of it was shown, hatched where most was not.

    A click there tells the place: the least seen lung behind it.
    """

    clicked = Signal(float, float)  # right and down, mm on the plane

    def __init__(self, plane: str) -> None:
        super().__init__()
        self.plane = PLANES[plane]
        self._ghost: Ghost | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(plane)

    def sizeHint(self) -> QSize:
        return QSize(140, 180)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 150)

    def show_ghost(self, made: Ghost | None) -> None:
        self._ghost = made
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        made = self._ghost
        if made is None or event.button() != Qt.MouseButton.LeftButton:
            return
        place, cell = self._place(made)
        at = (event.position() - place.topLeft()) / cell * made.cell_mm
        self.clicked.emit(made.low_mm[0] + at.x(), made.low_mm[1] + at.y())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg.image"))
        made = self._ghost
        if made is not None:
            place, _ = self._place(made)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, picture_of(made))
            painter.save()
            painter.setClipPath(_unseen(made, place))
            paint_hatch(painter, place)
            painter.restore()
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.color("text.tertiary"))
        around = QRectF(self.rect()).adjusted(4, 2, -4, -2)
        left, right = letters(-np.array(self.plane.right)), letters(self.plane.right)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(around, middle | Qt.AlignmentFlag.AlignLeft, left)
        painter.drawText(around, middle | Qt.AlignmentFlag.AlignRight, right)
        painter.end()

    def _place(self, made: Ghost) -> tuple[QRectF, float]:
        """Where the picture lies, and the side of a cell in pixels."""
        rows, columns = made.seen.shape
        room = QRectF(self.rect()).adjusted(14, 8, -14, -8)
        cell = max(0.1, min(room.width() / columns, room.height() / rows))
        size = QPointF(columns * cell, rows * cell)
        corner = room.center() - size / 2
        return QRectF(corner, corner + size), cell


def _unseen(made: Ghost, place: QRectF) -> QPainterPath:
    """The cells of lung that were mostly not shown, in a picture that lies there."""
    path, cell = QPainterPath(), place.width() / made.seen.shape[1]
    for down, right in np.argwhere((made.lung > 0) & (made.seen < HALF)):
        path.addRect(QRectF(place.left() + right * cell, place.top() + down * cell, cell, cell))
    return path


def paint_hatch(painter: QPainter, place: QRectF) -> None:
    """Lines from the lower left to the upper right over a place, cut off at the painter's clip."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.pen("bg.image", width=HATCH_PX))
    step, high = theme.number("space.xs") * math.sqrt(2), place.height()
    for n in range(1, math.ceil((place.width() + high) / step)):
        foot = QPointF(place.left() + n * step - high, place.bottom())
        painter.drawLine(foot, foot + QPointF(high, -high))


def picture_of(made: Ghost) -> QImage:
    """One pixel a cell: the seen part in the accent's colour, the unseen in that of warnings."""
    seen, unseen = (theme.color(name) for name in ("accent.base", "notice.warn"))
    rows, columns = made.seen.shape
    alpha = np.where(made.lung > 0, 255, 0)
    pixels = np.zeros((rows, columns, 4), np.uint8)
    for n, part in enumerate(("red", "green", "blue")):
        high, low = getattr(seen, part)(), getattr(unseen, part)()
        pixels[..., n] = np.round(made.seen * high + (1 - made.seen) * low)
    pixels[..., 3] = alpha
    image = QImage(pixels.tobytes(), columns, rows, columns * 4, QImage.Format.Format_RGBA8888)
    return image.copy()


class CoveragePage(Page):
    """Drawn from what was counted; counts on while it is in sight."""

    def __init__(
        self, watching: Watching, actions: dict[str, QAction], keys: dict[str, str]
    ) -> None:
        self._watching = watching
        super().__init__(self.tr("Lung seen"))
        self.pictures = tuple(GhostPicture(plane) for plane in SIDES)
        self.figures = words("", "number")
        self.lungs = words("", "secondary", wrap=True)
        self.go = Button(self.tr("Go to lung not seen"), key=keys["unseen"], kind=PRIMARY)
        self.go.clicked.connect(actions["unseen"].trigger)
        gap, inset = theme.size("space.s"), theme.size("space.m")
        side_by_side = row(*self.pictures, gap=gap)
        told = words(self._rule_text(), "caption", wrap=True)
        card = Card(column(self.figures, self.lungs, inset=(inset,) * 4, gap=gap))
        self.set_body(card, side_by_side, self._legend(), told)
        self.set_foot(self.go)
        watching.counted.connect(self._refresh)

    def shown(self) -> None:
        self._watching.count()
        self._draw()

    def _refresh(self) -> None:
        if self.isVisible():
            self._draw()

    def _draw(self) -> None:
        watching = self._watching
        shares, whole = watching.shares(), watching.whole()
        seen, lungs = watching.seen, watching.lungs
        if whole is None or seen is None or lungs is None:
            self.figures.setText(self.tr("Not known yet"))
            self.lungs.setText(self.tr("Segment the lungs first. What you look at counts already."))
            for picture in self.pictures:
                picture.show_ghost(None)
            self.go.setEnabled(False)
            return
        self.figures.setText(self.tr("{0} of the lungs shown").format(percent(whole)))
        text = self.tr("The lungs here have no sides.")
        if shares is not None:
            right, left = (percent(one) for one in shares)
            text = self.tr("Right {0}, left {1}").format(right, left)
        self.lungs.setText(text)
        for picture in self.pictures:
            plane = picture.plane
            axes = (plane.right, plane.down, plane.onward)
            picture.show_ghost(ghost(seen, lungs, axes, cell_mm=CELL_MM))
        self.go.setEnabled(bool(watching.unseen()))

    def _legend(self) -> QWidget:
        made = QWidget()
        parts = row(
            Swatch("accent.base"), words(self.tr("shown"), "caption"),
            Swatch("notice.warn", hatched=True), words(self.tr("not shown"), "caption"), None,
            gap=theme.size("space.s"),
        )  # fmt: skip
        made.setLayout(parts)
        return made

    def _rule_text(self) -> str:
        rule = rules()
        text = self.tr(
            "Counted from what the panes showed, without an eye tracker: in a window that shows"
            " lung, at {0} mm a pixel or finer, each slice {1} ms or longer. That a place was shown"
            " does not mean that it was looked at."
        )
        return text.format(f"{rule.mm_per_px:g}", round(1000 * rule.seconds))


class Swatch(QWidget):
    """A square of one colour, hatched as the lung is that was not shown."""

    def __init__(self, colour: str, *, hatched: bool = False) -> None:
        super().__init__()
        self._colour, self._hatched = colour, hatched
        self.setFixedSize(theme.size("space.m"), theme.size("space.m"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color(self._colour))
        if self._hatched:
            paint_hatch(painter, QRectF(self.rect()))
        painter.end()


class CoverageRow(QWidget):
    """Below the findings: how much lung was shown, and the way to the rest.

    leaving: it stands where a reading is signed or has gone out, and tells what was not shown.
    """

    def __init__(
        self, actions: dict[str, QAction], keys: dict[str, str], *, leaving: bool = False
    ) -> None:
        super().__init__()
        self._leaving = leaving
        self.setFixedHeight(theme.size("rowCompact"))
        self.text = words("", "body")
        self.go = Button(self.tr("Not seen"), small=True, key=keys["unseen"])
        self.go.clicked.connect(actions["unseen"].trigger)
        self.go.setToolTip(f"{actions['unseen'].text()} ({keys['unseen']})")
        self.map = Button(self.tr("Map"), small=True)  # its key has no room beside the other's
        self.map.setToolTip(f"{actions['coverage'].text()} ({keys['coverage']})")
        self.map.clicked.connect(actions["coverage"].trigger)
        self.map.setVisible(not leaving)  # one line, one way: there is no room for two
        inset, gap = 0 if leaving else theme.size("space.m"), theme.size("space.s")
        self.setLayout(row(self.text, None, self.map, self.go, inset=(inset, 0, inset, 0), gap=gap))
        self.hide()

    def show_share(self, whole: float | None) -> None:
        """None: the row goes. Nearly all of it: so does the way to the rest; the map stays."""
        rest = whole is not None and whole < GOAL
        self.setVisible(rest or (whole is not None and not self._leaving))
        self.go.setVisible(rest)
        if whole is not None and self._leaving:
            self.text.setText(self.tr("{0} of lung not shown").format(unseen_percent(whole)))
        elif whole is not None:
            self.text.setText(self.tr("{0} of lung shown").format(percent(whole)))
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """In a narrow panel the words stay whole, and the key goes to the tooltip."""
        self.go.show_key(True)
        parts = [part for part in (self.text, self.map, self.go) if not part.isHidden()]
        inset, gap = 0 if self._leaving else theme.size("space.m"), theme.size("space.s")
        wide = sum(part.sizeHint().width() + gap for part in parts) + 2 * inset
        self.go.show_key(wide + gap <= self.width())
        if (lay := self.layout()) is not None:
            lay.activate()  # at once: figures grow while they are looked at

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._leaving:
            return  # it stands among other lines
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg.panel"))
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.color("line.soft"))
        painter.end()


def unseen_percent(whole: float) -> str:
    """What `percent` leaves: the two always make 100."""
    return of_hundred(str(100 - int(100 * whole + 1e-6)))
