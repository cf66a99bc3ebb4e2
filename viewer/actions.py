"""Every action of the window as one row: what it is called, its keys, what it does.

Buttons, shortcuts and the key sheet are made from this table, so they cannot disagree.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence

from viewer.action_rows.assistant import ASSISTANT
from viewer.action_rows.findings import FINDINGS
from viewer.action_rows.mouse import HANDS
from viewer.action_rows.row import GREY, VIEW, ActionRow
from viewer.action_rows.study import STUDY
from viewer.action_rows.view import PICTURES
from viewer.action_rows.windows import WINDOWS
from viewer.panels.keysheet import KeyLine

if TYPE_CHECKING:
    from viewer.window import HilumWindow

ROWS: tuple[ActionRow, ...] = (*STUDY, *ASSISTANT, *FINDINGS, *PICTURES, *WINDOWS)


def text_of(row: ActionRow) -> str:
    """The action's name in the reader's language."""
    context = "Preset" if row.group == GREY else "Action"
    return QCoreApplication.translate(context, row.text)


def make_actions(window: HilumWindow) -> dict[str, QAction]:
    """The table as QActions of the window, by id; their keys work wherever its focus lies."""
    made: dict[str, QAction] = {}
    for row in ROWS:
        action = QAction(text_of(row), window)
        action.setShortcuts([QKeySequence(key) for key in row.keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(row.group == VIEW)
        if row.icon:
            action.setProperty("icon_name", row.icon)
        action.triggered.connect(partial(_carry_out, window, row))
        window.addAction(action)
        made[row.id] = action
    return made


def _carry_out(window: HilumWindow, row: ActionRow, _checked: bool = False) -> None:
    """The one place where an action's errors become a sentence."""
    window.carry_out(row)


def key_text(row: ActionRow) -> str:
    """The first key as it stands on a key cap."""
    return (
        QKeySequence(row.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
        if row.keys
        else ""
    )


def key_names(row: ActionRow) -> tuple[str, ...]:
    """Every key of a row, as it stands on a key cap."""
    native = QKeySequence.SequenceFormat.NativeText
    return tuple(QKeySequence(key).toString(native) for key in row.keys)


def key_lines() -> tuple[KeyLine, ...]:
    """The key sheet: every row that has a key, then what the hand does."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("Action", text)

    lines = [KeyLine(tr(row.group), text_of(row), key_names(row)) for row in ROWS if row.keys]
    hands = [KeyLine(tr(g), tr(text), tuple(tr(how) for how in hows)) for g, text, hows in HANDS]
    return (*lines, *hands)
