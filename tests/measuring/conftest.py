"""A window with a study on its panes, and a hand that draws on them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtWidgets import QApplication

from tests.views.test_mouse import LEFT, NONE, PLAIN, send
from tests.window.conftest import NONE as NO_KEYS
from tests.window.conftest import (
    Sitting,
    at_once,
    folders_lie_there,
    lung_not_asked_about,
    sitting,
    strict,
    themed,
)
from viewer.measuring.shapes import Kind, Lps, Measured
from viewer.views.slice_view import SliceView

__all__ = [
    "at_once",
    "folders_lie_there",
    "lung_not_asked_about",
    "sitting",
    "strict",
    "themed",
]

Key = Qt.Key


@dataclass
class Artist:
    """A reader who draws; places are LPS mm."""

    at: Sitting
    plane: str = "axial"

    @property
    def pane(self) -> SliceView:
        return self.at.window.panes.views[self.plane]

    def choose(self, kind: Kind) -> None:
        self.at.window.panes.set_tool(kind.value)

    def px(self, lps: Lps) -> QPointF:
        x, y = self.pane.view().pixels_of(lps)
        return QPointF(float(x), float(y))

    def press(self, lps: Lps, keys=PLAIN) -> None:  # type: ignore[no-untyped-def]
        send(self.pane, QEvent.Type.MouseButtonPress, self.px(lps), LEFT, LEFT, keys)

    def move(self, lps: Lps, keys=PLAIN) -> None:  # type: ignore[no-untyped-def]
        send(self.pane, QEvent.Type.MouseMove, self.px(lps), NONE, LEFT, keys)

    def release(self, lps: Lps) -> None:
        send(self.pane, QEvent.Type.MouseButtonRelease, self.px(lps), LEFT, NONE)

    def drag(self, *places: Lps, keys=PLAIN) -> None:  # type: ignore[no-untyped-def]
        """The first place is pressed, the others are gone through, the last one is let go."""
        self.press(places[0], keys)
        for place in places[1:]:
            self.move(place, keys)
        self.release(places[-1])

    def hover(self, lps: Lps) -> None:
        send(self.pane, QEvent.Type.MouseMove, self.px(lps), NONE, NONE)

    def click(self, *places: Lps) -> None:
        for place in places:
            self.hover(place)
            self.drag(place)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
        self.at.key(key, keys)
        QApplication.processEvents()

    @property
    def drawn(self) -> tuple[Measured, ...]:
        return self.at.desk.measuring.measured

    @property
    def last(self) -> Measured:
        return self.drawn[-1]

    @property
    def z(self) -> float:
        """Of the slice that the axial pane shows."""
        return self.at.window.panes.views["axial"].slice_lps()[2]

    def length(self, from_mm: float = -20.0, to_mm: float = 20.0, y: float = 0.0) -> Measured:
        """A level line on the axial pane."""
        self.choose(Kind.LENGTH)
        self.drag((from_mm, y, self.z), (0.0, y, self.z), (to_mm, y, self.z))
        return self.last


@pytest.fixture
def artist(sitting: Sitting) -> Artist:
    sitting.open()
    return Artist(sitting)
