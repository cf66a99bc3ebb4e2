"""Drawings as tools and grips of the panes: thin, all of it is done by the hand."""

from __future__ import annotations

from PySide6.QtGui import QMouseEvent, QWheelEvent

from viewer.desk.measuring import MeasuringDesk
from viewer.measuring.hand import Hand
from viewer.measuring.overlay import MeasuringOverlay
from viewer.measuring.shapes import Kind
from viewer.views.panes import Panes
from viewer.views.slice_view import SliceView


class Pencil:
    """The tool of one kind."""

    on_second = True

    def __init__(self, hand: Hand, kind: Kind) -> None:
        self.name = kind.value
        self._hand, self._kind, self._down = hand, kind, False

    def press(self, view: SliceView, event: QMouseEvent) -> bool:
        self._down = self._hand.press(self._kind, view, event)
        return self._down

    def move(self, view: SliceView, event: QMouseEvent) -> None:
        self._hand.drag(view, event)

    def release(self, view: SliceView, event: QMouseEvent) -> None:
        self._down = False
        self._hand.release()

    def hover(self, view: SliceView, event: QMouseEvent) -> None:
        self._hand.hover(view, event)

    def leave(self, view: SliceView) -> None:
        view.unsetCursor()

    def wheel(self, view: SliceView, event: QWheelEvent) -> bool:
        """A slice does not change under a line that is being dragged."""
        return self._down


class Grip:
    """Takes hold of what is drawn already, whichever tool is chosen."""

    on_second = True

    def __init__(self, hand: Hand) -> None:
        self._hand = hand

    def press(self, view: SliceView, event: QMouseEvent) -> bool:
        return self._hand.take(view, event)

    def move(self, view: SliceView, event: QMouseEvent) -> None:
        self._hand.pull(view, event)

    def release(self, view: SliceView, event: QMouseEvent) -> None:
        self._hand.let_go()


def join(board: MeasuringDesk, panes: Panes) -> Hand:
    """Brings all tools, the grip and the overlay onto the panes; the hand that works them."""
    hand = Hand(board, panes)
    for kind in Kind:
        panes.add_tool(Pencil(hand, kind))
    panes.add_grab(Grip(hand))
    panes.add_overlay(MeasuringOverlay(hand))
    return hand
