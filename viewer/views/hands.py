"""What other rooms add to the panes: tools for the left hand, things to grab, things to paint.

Measuring, editing and the like live in rooms of their own; a pane knows only these three shapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtGui import QMouseEvent, QPainter, QWheelEvent

if TYPE_CHECKING:
    from viewer.views.slice_view import SliceView


class Grab(Protocol):
    """Something on the image that a left press may take hold of, whichever tool is chosen."""

    def press(self, view: SliceView, event: QMouseEvent) -> bool:
        """True: it takes this press and the moves up to the release.

        The second press of a double click comes as well; what takes it keeps the pane as it is.
        """

    def move(self, view: SliceView, event: QMouseEvent) -> None:
        """The hand moved with the button down."""

    def release(self, view: SliceView, event: QMouseEvent) -> None:
        """The button is up again."""


class Tool(Grab, Protocol):
    """What the left hand does while this tool is chosen; a press not taken is a plain one."""

    name: str

    def hover(self, view: SliceView, event: QMouseEvent) -> None:
        """The pointer moved with no button down."""

    def leave(self, view: SliceView) -> None:
        """The pointer left the pane, or another tool was chosen."""

    def wheel(self, view: SliceView, event: QWheelEvent) -> bool:
        """True: the turn was meant for the tool (the size of a brush), not for the pane."""


class Overlay(Protocol):
    """Something painted over every pane, in logical pixels, above marks and below the texts."""

    def paint(self, painter: QPainter, view: SliceView) -> None:
        """Draws what lies on this pane's plane; the painter is given back as it came."""


class Hands:
    """All that was added to one set of panes."""

    def __init__(self) -> None:
        self.tools: dict[str, Tool] = {}
        self.grabs: list[Grab] = []
        self.overlays: list[Overlay] = []

    def taker(self, tool: str, view: SliceView, event: QMouseEvent) -> Grab | None:
        """Who takes a left press: what can be grabbed there, else the chosen tool, else nobody."""
        chosen = self.tools.get(tool)
        candidates: list[Grab] = [*self.grabs, *([chosen] if chosen is not None else [])]
        return next((one for one in candidates if one.press(view, event)), None)
