"""What one row of the action table is, and the groups that rows stand in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from viewer.window import HilumWindow


def text(source: str) -> str:
    """A name that is translated where it is shown, in the context "Action"."""
    return str(QT_TRANSLATE_NOOP("Action", source))


FILE = text("Study")
AI = text("Assistant")
JUDGE = text("Findings")
VIEW = text("View")
MEASURE = text("Measuring")
EDIT = text("Editing")
GREY = text("Grey window")
HAND = text("Mouse")


@dataclass(frozen=True)
class ActionRow:
    """One action. keys: Qt key sequences, the first one shown on buttons. do: given the window."""

    id: str
    group: str
    text: str
    keys: tuple[str, ...]
    do: Callable[[HilumWindow], object]
    icon: str = ""
