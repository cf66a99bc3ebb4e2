"""Every action of the window as one row: what it is called, its keys, what it does.

Buttons, shortcuts and the key sheet are made from this table, so they cannot disagree.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from viewer import keymaps
from viewer.action_rows.assistant import ASSISTANT
from viewer.action_rows.cuts import CUTS
from viewer.action_rows.editing import EDITING
from viewer.action_rows.findings import FINDINGS
from viewer.action_rows.measuring import MEASURING
from viewer.action_rows.mouse import HANDS
from viewer.action_rows.row import GREY, SHEET, ActionRow
from viewer.action_rows.study import STUDY
from viewer.action_rows.view import PICTURES
from viewer.action_rows.volume import VOLUME
from viewer.action_rows.windows import WINDOWS
from viewer.keymaps import Keys, KeyTable
from viewer.panels.key_columns import Cap, KeyLine
from viewer.panels.keytext import KeyText, ShowsKeys
from viewer.views.pane_text import signed
from viewer.views.presets import presets

if TYPE_CHECKING:
    from viewer.window.window import HilumWindow

ROWS: tuple[ActionRow, ...] = (
    *STUDY,
    *ASSISTANT,
    *FINDINGS,
    *PICTURES,
    *CUTS,
    *VOLUME,
    *MEASURING,
    *EDITING,
    *WINDOWS,
)


BY_ID = {row.id: row for row in ROWS}


def text_of(row: ActionRow) -> str:
    """The action's name in the reader's language."""
    context = "Preset" if row.group == GREY else "Action"
    return QCoreApplication.translate(context, row.text)


def name_of(action: str) -> str:
    """The same, by its id."""
    return text_of(BY_ID[action])


def key_table() -> KeyTable:
    """The keys that stand in the table, by action."""
    return {row.id: row.keys for row in ROWS}


def fixed_actions() -> frozenset[str]:
    """Actions whose keys cannot be given away."""
    return frozenset(row.id for row in ROWS if row.fixed)


def make_actions(window: HilumWindow) -> dict[str, QAction]:
    """The table as QActions of the window, by id; their keys work wherever its focus lies."""
    made: dict[str, QAction] = {}
    for row in ROWS:
        action = QAction(text_of(row), window)
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(row.repeats)
        if row.icon:
            action.setProperty("icon_name", row.icon)
        action.triggered.connect(partial(_carry_out, window, row))
        window.addAction(action)
        made[row.id] = action
    return made


def set_keys(
    window: QWidget, actions: dict[str, QAction], keys: Keys, texts: dict[str, str]
) -> None:
    """The keys in force, on the actions and on everything in the window that shows one."""
    for action in actions.values():
        action.setShortcuts([])  # first all, so that no key ever belongs to two
    for name, action in actions.items():
        action.setShortcuts([QKeySequence(key) for key in keys.of(name)])
        texts[name] = KeyText(next(iter(key_names(keys, name)), ""), name)
    keymaps.use(keys)
    for part in window.findChildren(QWidget):
        if isinstance(part, ShowsKeys):
            part.follow_keys(texts)


def _carry_out(window: HilumWindow, row: ActionRow, _checked: bool = False) -> None:
    """The one place where an action's errors become a sentence."""
    window.carry_out(row)


def key_names(keys: Keys, action: str) -> tuple[str, ...]:
    """Every key of an action, as it stands on a key cap."""
    return tuple(keymaps.native(key) for key in keys.of(action))


def key_lines(keys: Keys) -> tuple[KeyLine, ...]:
    """The key sheet: every action by group, those that share a line on one, and the mouse.

    An action without a key stands there too, with an empty cap that can be given one.
    """

    def tr(text: str) -> str:
        return QCoreApplication.translate("Action", text)

    lines: dict[tuple[str, str], KeyLine] = {}
    for row in sorted(ROWS, key=lambda row: _place(row.group)):
        text = tr(row.line) if row.line else _sheet_text(row)
        caps = [Cap(keymaps.native(key), row.id, key) for key in keys.of(row.id)]
        # Both keys of one name are meant: the two Enter keys in Chinese.
        caps = list({cap.text: cap for cap in reversed(caps)}.values())[::-1]
        key = (tr(row.group), text)
        line = lines.get(key) or KeyLine(*key, ())
        found = tuple(caps or [Cap("", row.id)])
        names = (*line.names, *((text_of(row),) if row.line else ()))
        lines[key] = KeyLine(*key, (*line.caps, *found), (*line.actions, row.id), names)
    for group, text, hows in HANDS:
        key = (tr(group), tr(text))
        line = lines.get(key) or KeyLine(*key, ())
        caps = [Cap(tr(how)) for how in hows]
        lines[key] = KeyLine(*key, (*caps, *line.caps), line.actions, line.names)
    groups = list(dict.fromkeys(line.group for line in lines.values()))
    return tuple(sorted(lines.values(), key=lambda line: groups.index(line.group)))


def _place(group: str) -> int:
    return SHEET.index(group) if group in SHEET else len(SHEET)


def _sheet_text(row: ActionRow) -> str:
    """The action's name; of a grey window with its figures."""
    preset = next((p for p in presets() if row.id == f"preset-{p.key}"), None)
    if preset is None or preset.window is None:
        return text_of(row)
    return f"{text_of(row)}  {preset.window.width:.0f} / {signed(preset.window.level)}"
