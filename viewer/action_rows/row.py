"""What one row of the action table is, and the groups that rows stand in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from viewer.window.window import HilumWindow


def text(source: str) -> str:
    """A name that is translated where it is shown, in the context "Action"."""
    return str(QT_TRANSLATE_NOOP("Action", source))


FILE = text("Study")
AI = text("Assistant")
JUDGE = text("Judging")
MOVE = text("Moving")
VIEW = text("Marks and text")
TOOLS = text("Tools")
MEASURE = text("Measuring")
EDIT = text("Editing")
GREY = text("Grey window")
WINDOW = text("Panels and window")
HAND = text("Mouse")

SHEET = (JUDGE, VIEW, AI, EDIT, MOVE, TOOLS, MEASURE, GREY, FILE, WINDOW)
"""Groups as they stand on the key sheet."""
VIEWING = (MOVE, VIEW, TOOLS, MEASURE, GREY)
"""Groups whose keys a ready map may change; all others are the same in every map."""


@dataclass(frozen=True)
class ActionRow:
    """One action. keys: Qt key sequences, the first one shown on buttons. do: given the window.

    line: the line of the key sheet that it shares with others. repeats: a key held down goes on.
    fixed: its keys cannot be given away.
    """

    id: str
    group: str
    text: str
    keys: tuple[str, ...]
    do: Callable[[HilumWindow], object]
    icon: str = ""
    line: str = ""
    repeats: bool = False
    fixed: bool = False
