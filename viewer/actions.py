"""Every action of the window as one row: what it is called, its keys, what it does.

Buttons, shortcuts and the key sheet are made from this table, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence

from viewer.panels.keysheet import KeyLine
from viewer.reading.events import Answer
from viewer.views.presets import presets

if TYPE_CHECKING:
    from viewer.window import HilumWindow

FILE = str(QT_TRANSLATE_NOOP("Action", "Study"))
AI = str(QT_TRANSLATE_NOOP("Action", "Assistant"))
JUDGE = str(QT_TRANSLATE_NOOP("Action", "Findings"))
VIEW = str(QT_TRANSLATE_NOOP("Action", "View"))
GREY = str(QT_TRANSLATE_NOOP("Action", "Grey window"))
HAND = str(QT_TRANSLATE_NOOP("Action", "Mouse"))


@dataclass(frozen=True)
class ActionRow:
    """One action. keys: Qt key sequences, the first one shown on buttons. do: given the window."""

    id: str
    group: str
    text: str
    keys: tuple[str, ...]
    do: Callable[[HilumWindow], object]
    icon: str = ""


def _text(text: str) -> str:
    return str(QT_TRANSLATE_NOOP("Action", text))


ROWS: tuple[ActionRow, ...] = (
    ActionRow("open", FILE, _text("Open..."), ("Ctrl+O",), lambda w: w.ask_for_study(), "open"),
    ActionRow("demo", FILE, _text("Open the demo study"), (), lambda w: w.desk.open_demo(), "demo"),
    ActionRow("export", FILE, _text("Export"), ("Ctrl+E",), lambda w: w.desk.export(), "export"),
    ActionRow(
        "export-to", FILE, _text("Export to a folder..."), ("Ctrl+Shift+E",),
        lambda w: w.hand_out.export_to(), "export",
    ),
    ActionRow(
        "save-picture", FILE, _text("Save the pane as a picture..."), ("Ctrl+P",),
        lambda w: w.hand_out.save_picture(),
    ),
    ActionRow(
        "copy-picture", FILE, _text("Copy the pane as a picture"), ("Ctrl+Shift+C",),
        lambda w: w.hand_out.copy_picture(), "copy",
    ),
    ActionRow(
        "save-nifti", FILE, _text("Save as NIfTI..."), ("Ctrl+Shift+N",),
        lambda w: w.hand_out.save_nifti(),
    ),
    ActionRow(
        "copy-study", FILE, _text("Copy without names"), ("Ctrl+Shift+D",),
        lambda w: w.pages.show(w.pages.copy), "copy",
    ),
    ActionRow(
        "write-copy", FILE, _text("Write the copy..."), (), lambda w: w.hand_out.write_copy(),
        "export",
    ),
    ActionRow(
        "open-export-folder", FILE, _text("Open the folder"), (),
        lambda w: w.pages.open_export_folder(), "open",
    ),
    ActionRow(
        "passport", FILE, _text("Export passport"), ("Ctrl+Shift+P",),
        lambda w: w.pages.show(w.pages.passport), "good",
    ),
    ActionRow(
        "report", FILE, _text("Report"), ("Ctrl+R",), lambda w: w.pages.show(w.pages.report),
        "text",
    ),
    ActionRow(
        "sign", FILE, _text("Sign"), ("Ctrl+Shift+S",),
        lambda w: w.desk.sign(w.pages.report.reason.text()), "done",
    ),
    ActionRow("reopen", FILE, _text("Open again"), (), lambda w: w.desk.out.reopen(), "undo"),
    ActionRow(
        "image-info", FILE, _text("Image information"), ("Ctrl+I",),
        lambda w: w.pages.show(w.pages.image_info), "info",
    ),
    ActionRow(
        "find-study", FILE, _text("Find a study"), ("Ctrl+F",), lambda w: w.find_study(), "search"
    ),
    ActionRow(
        "next-study", FILE, _text("Next study that waits"), ("Ctrl+Right",),
        lambda w: w.desk.shelf.open_next(),
    ),
    ActionRow(
        "restore-last", FILE, _text("Open the last study"), ("Ctrl+Shift+O",),
        lambda w: w.desk.shelf.open_last(), "retired",
    ),
    ActionRow("quit", FILE, _text("Quit"), ("Ctrl+Q",), lambda w: w.close()),
    ActionRow(
        "segment-lungs", AI, _text("Segment lungs"), ("F5",),
        lambda w: w.desk.segment_lungs(), "lungs",
    ),
    ActionRow(
        "find-nodules", AI, _text("Find nodules"), ("F6",),
        lambda w: w.desk.find_nodules(), "nodules",
    ),
    ActionRow("cancel", AI, _text("Cancel"), ("Esc",), lambda w: w.cancel_or_close(), "close"),
    ActionRow(
        "accept", JUDGE, _text("Accept"), ("A",), lambda w: w.desk.answer(Answer.ACCEPT), "done"
    ),
    ActionRow("reject", JUDGE, _text("Reject"), ("X",), lambda w: w.desk.answer(Answer.REJECT)),
    ActionRow(
        "undecided", JUDGE, _text("Undecided"), ("U",),
        lambda w: w.desk.answer(Answer.UNDECIDED),
    ),
    ActionRow("add", JUDGE, _text("Add at the crosshair"), ("M",), lambda w: w.add_here()),
    ActionRow("next", JUDGE, _text("Next finding"), ("N",), lambda w: w.desk.step(1)),
    ActionRow("previous", JUDGE, _text("Previous finding"), ("P",), lambda w: w.desk.step(-1)),
    ActionRow("undo", JUDGE, _text("Undo"), ("Ctrl+Z",), lambda w: w.desk.undo(), "undo"),
    ActionRow(
        "redo", JUDGE, _text("Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), lambda w: w.desk.redo(), "redo"
    ),
    ActionRow(
        "held", JUDGE, _text("Show what is held back"), (), lambda w: w.toggle_held(), "show"
    ),
    ActionRow(
        "why", JUDGE, _text("Chance as a number"), ("Y",), lambda w: w.toggle_numbers(), "why"
    ),
    ActionRow(
        "copy", JUDGE, _text("Copy the finding's name"), ("Ctrl+C",),
        lambda w: w.pages.copy_name(),
        "copy",
    ),
    ActionRow(
        "marks", VIEW, _text("Show or hide marks"), ("Space",), lambda w: w.toggle_marks(), "show"
    ),
    ActionRow("up", VIEW, _text("One image up"), ("Up",), lambda w: w.panes.scroll(-1)),
    ActionRow("down", VIEW, _text("One image down"), ("Down",), lambda w: w.panes.scroll(1)),
    ActionRow("up-ten", VIEW, _text("Ten images up"), ("PgUp",), lambda w: w.panes.scroll(-10)),
    ActionRow(
        "down-ten", VIEW, _text("Ten images down"), ("PgDown",), lambda w: w.panes.scroll(10)
    ),
    ActionRow("first", VIEW, _text("First image"), ("Home",), lambda w: w.panes.to_end(False)),
    ActionRow("last", VIEW, _text("Last image"), ("End",), lambda w: w.panes.to_end(True)),
    ActionRow("fit", VIEW, _text("Fit"), ("F",), lambda w: w.panes.fit()),
    ActionRow("invert", VIEW, _text("Invert grey"), ("I",), lambda w: w.toggle_invert()),
    ActionRow("crosshair", VIEW, _text("Show or hide the crosshair"), ("C",),
              lambda w: w.toggle_crosshair()),
    ActionRow("tool-window", VIEW, _text("Window tool"), ("W",),
              lambda w: w.panes.set_tool("window"), "window"),
    ActionRow("tool-hand", VIEW, _text("Hand tool"), ("H",),
              lambda w: w.panes.set_tool("hand"), "hand"),
    ActionRow("tool-zoom", VIEW, _text("Zoom tool"), ("Z",),
              lambda w: w.panes.set_tool("zoom"), "zoom"),
    ActionRow("tool-crosshair", VIEW, _text("Crosshair tool"), (),
              lambda w: w.panes.set_tool("crosshair"), "crosshair"),
    ActionRow("next-pane", VIEW, _text("Next pane"), ("Tab",),
              lambda w: w.panes.activate_next()),
    ActionRow("hide-patient", VIEW, _text("Hide the patient's name"), ("Ctrl+H",),
              lambda w: w.toggle_patient()),
    ActionRow("browser", VIEW, _text("Show or hide the studies"), ("Ctrl+B",),
              lambda w: w.toggle_browser(), "studies"),
    ActionRow("next-series", FILE, _text("Next series"), ("Right",), lambda w: w.other_series(1)),
    ActionRow(
        "previous-series", FILE, _text("Previous series"), ("Left",), lambda w: w.other_series(-1)
    ),
    ActionRow("full-screen", VIEW, _text("Full screen"), ("F11",),
              lambda w: w.toggle_full_screen()),
    ActionRow("next-tab", VIEW, _text("Next tab"), ("Ctrl+Tab",), lambda w: w.next_tab()),
    ActionRow("keys", VIEW, _text("Keys"), ("F1",), lambda w: w.toggle_keys(), "help"),
    *(
        ActionRow(f"preset-{preset.key}", GREY, preset.name, (preset.key,),
                  partial(lambda key, w: w.apply_preset(key), preset.key))
        for preset in presets()
    ),
)  # fmt: skip


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


HANDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (HAND, _text("Window, or the chosen tool"), (_text("Left drag"),)),
    (HAND, _text("Hand"), (_text("Middle drag"),)),
    (HAND, _text("Zoom"), (_text("Right drag"), _text("Ctrl+wheel"))),
    (HAND, _text("One image"), (_text("Wheel"),)),
    (HAND, _text("Five images"), (_text("Alt+wheel"),)),
    (HAND, _text("Crosshair to the pointer"), (_text("Shift+move"),)),
    (HAND, _text("One pane alone"), (_text("Double-click"),)),
)
"""What the mouse does: group, what, how."""


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
