"""Everything that a mouse can press, by keys alone: F7 goes to the buttons, a ring shows which.

Tab and letters stay the panes' own until then; within, Tab and arrows go on, Enter presses, Esc
returns to the panes. The ring has the focus, so that a screen reader says what stands in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QScrollBar,
    QTextEdit,
    QWidget,
)

from viewer import theme
from viewer.panels.entries import ENTRY, EntryList
from viewer.panels.key_images import KeyCard
from viewer.panels.rail import Rail
from viewer.panels.segments import SegmentRow
from viewer.panels.statusbar import Part

FIELDS: Final = (QLineEdit, QPlainTextEdit, QTextEdit, QAbstractSpinBox)
PRESSED: Final = (QAbstractButton, Part, SegmentRow, KeyCard)
FOLLOW_MS: Final = 120
"""So often the ring looks where its button is now."""
ROW_PX: Final = 12
"""What lies no further apart than this stands in one row."""
ON: Final = (Qt.Key.Key_Tab, Qt.Key.Key_Right, Qt.Key.Key_Down)
BACK: Final = (Qt.Key.Key_Backtab, Qt.Key.Key_Left, Qt.Key.Key_Up)
PRESS: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
OURS: Final = (*ON, *BACK, *PRESS, Qt.Key.Key_Escape)
SLIDES: Final = {
    Qt.Key.Key_Right: QAbstractSlider.SliderAction.SliderSingleStepAdd,
    Qt.Key.Key_Up: QAbstractSlider.SliderAction.SliderSingleStepAdd,
    Qt.Key.Key_Left: QAbstractSlider.SliderAction.SliderSingleStepSub,
    Qt.Key.Key_Down: QAbstractSlider.SliderAction.SliderSingleStepSub,
}


@dataclass(frozen=True)
class Stop:
    """One thing that can be pressed: a widget, or the part of it in `place` (its coordinates).

    name: what a screen reader says. row: of a list, which one.
    """

    widget: QWidget
    place: QRect
    name: str = ""
    row: int = -1


class Walk(QWidget):
    """The ring of one window. parts: in the order in which F7 goes through them."""

    def __init__(
        self, window: QWidget, parts: tuple[QWidget, ...], back: Callable[[], None]
    ) -> None:
        """back: called when the keys go back to the panes."""
        super().__init__(window)
        self._window, self._parts, self._back = window, parts, back
        self._at: Stop | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._follow = QTimer(self, interval=FOLLOW_MS)
        self._follow.timeout.connect(self._place)
        self.hide()

    @property
    def stop(self) -> Stop | None:
        """What the ring is around; None while the keys are the panes'."""
        return self._at if self.isVisible() else None

    def go_on(self, steps: int = 1) -> None:
        """F7: to the first button of the next part that has one."""
        parts = [part for part in self._parts if next(self._stops(part), None) is not None]
        if not parts:
            return
        here = self._part()
        if here in parts:
            found = parts[(parts.index(here) + steps) % len(parts)]
        else:
            found = parts[0 if steps > 0 else -1]
        self._show(next(self._stops(found)))

    def go_from(self, field: QWidget | None, steps: int) -> bool:
        """Tab in a field: to what is next, typing on where that is a field too. False where there
        is no such field among our parts."""
        stops = [stop for part in self._parts for stop in self._stops(part)]
        here = next((n for n, stop in enumerate(stops) if stop.widget is field), None)
        if here is None or not isinstance(field, FIELDS):
            return False
        found = stops[(here + steps) % len(stops)]
        field.clearFocus()  # first it keeps what it has, and gives the keys back where it closes
        if isinstance(found.widget, FIELDS):
            _bring_into_sight(found)
            found.widget.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self._show(found)
        return True

    def leave(self) -> bool:
        """Esc: the keys are the panes' again. False where they were already."""
        if not self.isVisible():
            return False
        self._end()
        self._back()
        return True

    # Within

    def _part(self) -> QWidget | None:
        at = self.stop
        if at is None:
            return None
        return next((p for p in self._parts if p is at.widget or p.isAncestorOf(at.widget)), None)

    def _step(self, steps: int) -> None:
        stops = [stop for part in self._parts for stop in self._stops(part)]
        if not stops:
            self.leave()
            return
        self._show(stops[(self._index(stops) + steps) % len(stops)])

    def _index(self, stops: list[Stop]) -> int:
        """Of where the ring is; of what is nearest to it where that is gone."""
        at = self._at
        for n, stop in enumerate(stops):
            same = at is not None and (stop.widget, stop.row) == (at.widget, at.row)
            if same and at is not None and (stop.row < 0 or stop.place == at.place):
                return n
        middle = self.geometry().center()
        apart = [(self._box(stop).center() - middle).manhattanLength() for stop in stops]
        return apart.index(min(apart))

    def _press(self) -> None:
        at = self._at
        if at is None:
            return
        if isinstance(at.widget, FIELDS):
            self._end()
            at.widget.setFocus(Qt.FocusReason.TabFocusReason)
        elif isinstance(at.widget, QAbstractButton):
            at.widget.click()
        elif not isinstance(at.widget, QAbstractSlider):
            place = _in_list(at) if isinstance(at.widget, EntryList) else at.place
            _click(at.widget, place.center())
        QTimer.singleShot(0, self._settle)

    def _settle(self) -> None:
        """After a press: where the button was, or what took its place, unless all has moved on."""
        if not self.isVisible():
            return
        stops = [stop for part in self._parts for stop in self._stops(part)]
        if not stops:
            self.leave()
        elif QApplication.activePopupWidget() is None:
            focus = QApplication.focusWidget()
            if isinstance(focus, FIELDS):
                self._end()  # the press has opened a field, which is being typed into now
            else:
                self._show(stops[self._index(stops)])

    def _show(self, stop: Stop) -> None:
        self._at = stop
        _bring_into_sight(stop)
        self._place()
        self.setAccessibleName(stop.name)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.TabFocusReason)
        self._follow.start()

    def _end(self) -> None:
        self._follow.stop()
        self._at = None
        self.hide()

    def _place(self) -> None:
        """Around its button, wherever that is by now."""
        at = self._at
        if at is None:
            return
        if not at.widget.isVisible():
            self._settle()
            return
        out = theme.size("size.focusRing") + 1
        box = self._box(at).adjusted(-out, -out, out, out).intersected(self._window.rect())
        if box != self.geometry():
            self.setGeometry(box)

    def _box(self, stop: Stop) -> QRect:
        corner = stop.widget.mapTo(self._window, QPoint())
        if isinstance(stop.widget, EntryList):
            return _in_list(stop).translated(stop.widget.viewport().mapTo(self._window, QPoint()))
        return stop.place.translated(corner)

    def _stops(self, part: QWidget) -> Iterator[Stop]:
        """All that can be pressed in a part, as it is read: row by row."""
        if not part.isVisible() or part.window() is not self._window:
            return
        found = [one for one in (part, *part.findChildren(QWidget)) if _can_be_pressed(one)]
        found.sort(key=lambda one: self._reading_order(one))
        for one in found:
            yield from _places(one)

    def _reading_order(self, one: QWidget) -> tuple[int, int]:
        if isinstance(one, EntryList):
            at = one.mapTo(self._window, QPoint())
        else:
            at = one.mapTo(self._window, one.rect().center())
        return at.y() // ROW_PX, at.x()

    # Events

    def event(self, event: QEvent) -> bool:
        """Our keys are ours before they are anybody's shortcut."""
        if isinstance(event, QKeyEvent) and _ours(event):
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:  # also Tab, which Qt keeps from keyPressEvent
                self._key(event)
                return True
        return super().event(event)

    def _key(self, event: QKeyEvent) -> None:
        key, at = Qt.Key(event.key()), self._at
        event.accept()
        if at is not None and isinstance(at.widget, QAbstractSlider) and key in SLIDES:
            at.widget.triggerAction(SLIDES[key])
        elif key in PRESS:
            self._press()
        elif key in BACK or (key == Qt.Key.Key_Tab and _shift(event)):
            self._step(-1)
        elif key in ON:
            self._step(1)
        else:
            self.leave()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A click elsewhere, or a field that opened, ends it; a menu of a button does not."""
        super().focusOutEvent(event)
        if event.reason() not in (
            Qt.FocusReason.PopupFocusReason,
            Qt.FocusReason.ActiveWindowFocusReason,
        ):
            self._end()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide = theme.number("size.focusRing")
        painter.setPen(theme.pen("line.focus", width=wide))
        radius = theme.number("radius.control")
        half = wide / 2
        painter.drawRoundedRect(
            self.rect().toRectF().adjusted(half, half, -half, -half), radius, radius
        )
        painter.end()


def _can_be_pressed(one: QWidget) -> bool:
    if not one.isVisible() or not one.isEnabled():
        return False
    if one.visibleRegion().isEmpty() and _scrolled(one) is None:
        return False
    if isinstance(one, QScrollBar):
        return False
    if isinstance(one, FIELDS):
        return not one.isReadOnly() and one.focusPolicy() != Qt.FocusPolicy.NoFocus
    if isinstance(one.parentWidget(), FIELDS):
        return False  # the little buttons of a field
    return isinstance(one, (*PRESSED, QAbstractSlider, EntryList, Rail))


def _places(one: QWidget) -> Iterator[Stop]:
    """One stop, or one for each row of a list."""
    if isinstance(one, EntryList):
        model = one.model()
        for row in range(model.rowCount()):
            index = model.index(row, 0)
            name, whole = str(index.data()), one.visualRect(index)
            yield Stop(one, QRect(QPoint(), whole.size()), name, row)
            for place in one.parts_of(index.data(ENTRY), whole.width()):
                yield Stop(one, place.toRect(), name, row)
    elif isinstance(one, Rail):
        for n, entry in enumerate(one.entries):
            yield Stop(one, one.place(n).toRect(), str(entry), n)
    else:
        name = one.accessibleName() or getattr(one, "text", str)() or one.toolTip()
        yield Stop(one, one.rect(), name)


def _in_list(stop: Stop) -> QRect:
    view = stop.widget
    assert isinstance(view, EntryList)
    corner = view.visualRect(view.model().index(stop.row, 0)).topLeft()
    return stop.place.translated(corner)


def _scrolled(one: QWidget) -> QScrollArea | None:
    """The area that a widget is scrolled in."""
    above = one.parentWidget()
    while above is not None and not isinstance(above, QScrollArea):
        above = above.parentWidget()
    return above


def _bring_into_sight(stop: Stop) -> None:
    if isinstance(stop.widget, EntryList):
        stop.widget.scrollTo(stop.widget.model().index(stop.row, 0))
        return
    area = _scrolled(stop.widget)
    if area is not None:
        area.ensureWidgetVisible(stop.widget, 0, theme.size("space.l"))


def _click(widget: QWidget, at: QPoint) -> None:
    """A press of the mouse for what is painted."""
    target = widget
    if isinstance(widget, EntryList):
        target = widget.viewport()
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    place = QPointF(at)
    for kind, held in (
        (QEvent.Type.MouseButtonPress, left),
        (QEvent.Type.MouseButtonRelease, none),
    ):
        spot = QPointF(target.mapToGlobal(at))
        QApplication.sendEvent(
            target, QMouseEvent(kind, place, spot, left, held, Qt.KeyboardModifier.NoModifier)
        )


def _ours(event: QKeyEvent) -> bool:
    others = ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
    return event.key() in OURS and not event.modifiers() & others


def _shift(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
