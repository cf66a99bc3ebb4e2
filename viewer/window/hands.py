"""What keys and buttons of the hand do that no single part of the window does alone."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication

from viewer import theme
from viewer.actions import key_lines
from viewer.desk.contours import lay_contours
from viewer.home import home
from viewer.keymaps import cap
from viewer.notices import BANNER, GOOD, WARN, Notice
from viewer.panels.findings_empty import open_instead
from viewer.panels.key_print import print_keys
from viewer.window.by_keys import ByKeys
from viewer.window.chain import DRAWING, EDITING, PAGES, READING, Chain
from viewer.window.chance_overlay import ChanceOverlay
from viewer.window.dialogs import ask_new_file
from viewer.window.keys import FINDINGS, SEGMENTS
from viewer.window.mask_edge import MaskEdge
from viewer.window.walk import Walk

if TYPE_CHECKING:
    from viewer.window.window import HilumWindow

KEYS_FILE = "hilum-keys.pdf"
PEEK_S = 0.35
"""A key held longer than this shows what was hidden again when it is let go."""


def tr(text: str) -> str:
    return QCoreApplication.translate("Window", text)


class WindowHands:
    """Of one window. on_delete: who takes back what is selected, by rank, as Enter and Esc ask."""

    walk: Walk
    by_keys: ByKeys

    def __init__(self, window: HilumWindow) -> None:
        self._window = window
        self._held_since: float | None = None
        self.on_delete = Chain()
        self.on_delete.add(DRAWING, window.measuring.remove_selected)
        self.on_delete.add(READING, window.desk.own.remove)
        window.desk.own.offered = lambda: bool(window.toast.choices)
        planes = {"axial": tr("Axial"), "coronal": tr("Coronal"), "sagittal": tr("Sagittal")}
        for view in window.panes.views.values():
            view.setAccessibleName(planes.get(view.plane.name, view.plane.name))
        self.edge = MaskEdge(window.desk, window.panes, window.pages.why)
        self.chance_map = ChanceOverlay(window.desk, window.panes)
        parts = (
            *(window.topbar, window.studies, window.banners, window.editing.strip),
            *(window.centre, window.side, window.strip, window.status),
        )
        self.by_keys = ByKeys(window.panes)
        self.walk = Walk(window, parts, window.focus_panes)
        findings, side = window.findings, window.side
        window.on_escape.add(EDITING, findings.labelling.close_bar)
        window.on_escape.add(PAGES, findings.end_search)
        findings.left.connect(window.focus_panes)
        window.desk.own.on_added = self._ask_new_label
        window.panes.hand_moved.connect(findings.labelling.rest)
        window.keysheet.print_asked.connect(self.print_keys)
        side.changed.connect(lambda _tab: findings.show_numbers(False))

    def delete(self) -> None:
        """Del: the selected drawing, else the current mark where it is the reader's own."""
        self.on_delete.ask()

    def label(self) -> None:
        """Ctrl+M: what the current mark is called."""
        self._window.side.open(FINDINGS)
        self._window.findings.ask_label()

    def _ask_new_label(self) -> bool:
        """After M: the new mark's card, whatever tab or page lay over it, and what it is called."""
        self._window.side.open(FINDINGS)
        return self._window.findings.ask_new_label()

    def find_finding(self) -> None:
        """Ctrl+F: the list, with a field to find a finding in."""
        self._window.side.open(FINDINGS)
        self._window.findings.start_search()

    def explain(self) -> None:
        """Y: why a finding is shown where it is; on the Segments tab what the lungs are."""
        window = self._window
        page = window.pages.why
        page.of_lungs = window.side.current == SEGMENTS
        window.pages.show(page)
        window.findings.show_numbers(window.side.page is page)

    def words_of(self, action: str) -> str:
        """What an action's button says of the open scan; nothing where its own name does."""
        if action == "open-complete":
            return open_instead(self._window.desk)
        return self._window.leaving.words_of(action)

    def open_complete(self) -> None:
        """The series of this study in which the AI may search, instead of the one that is open."""
        self._window.desk.opening.choose_complete()

    def lay_contours(self) -> None:
        """Contours that lie beside the open scan become part of the reading."""
        lay_contours(self._window.desk)
        self._window.banners.drop("lay-contours")

    def take_off_list(self) -> None:
        """Studies that were missed last leave the list."""
        self._window.desk.shelf.take_off()
        self._window.banners.drop("take-off-list")

    def say_saved(self) -> None:
        """Ctrl+S: it always is; says since when, and where."""
        desk = self._window.desk
        desk.out.settle()
        trouble = desk.unsaved
        if trouble is not None:
            desk.tell_unsaved()
            return
        reading = desk.reading
        if reading is None or not reading.history:
            text = tr("Every step is saved as you take it. Nothing was done in this reading yet.")
            desk.tell(Notice(text))
            return
        last = datetime.fromisoformat(reading.history[-1].at).astimezone()
        text = tr("Saved, with your last step at {0}.").format(f"{last:%H:%M:%S}")
        desk.tell(Notice(text, tr("It lies in {0}.").format(home()), GOOD))

    def print_keys(self) -> None:
        """The key sheet as a PDF, where the reader says."""
        window = self._window
        ask_new_file(
            window, tr("Save the keys as a PDF"), KEYS_FILE, self._write_keys, window.focus_panes
        )

    def _write_keys(self, path: Path) -> None:
        window = self._window
        path = path if path.suffix else path.with_suffix(".pdf")
        title = tr("Keys of Hilum")
        if path.exists():
            text = tr("{0} is there already and is not overwritten.").format(path.name)
            window.desk.tell(Notice(text, tr("Choose another name."), WARN, BANNER))
        elif print_keys(path, key_lines(window.keys), title):
            window.desk.tell(Notice(tr("{0} saved.").format(path.name), "", GOOD))
        else:
            text = tr("{0} could not be written.").format(path.name)
            window.desk.tell(Notice(text, tr("Choose another folder."), WARN, BANNER))

    def other_level(self) -> None:
        """F9: the other of the two dark levels, from the next start on too."""
        other = theme.DIM if theme.level() == theme.DARKER else theme.DARKER
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.show_level(app, other)
        for part in QApplication.allWidgets():
            part.update()  # what is painted knows of no style
        desk = self._window.desk
        desk.library.set_setting("level", other)
        dark, key = other == theme.DARKER, cap("level")
        text = (
            tr("Darker, for a black room. {0} changes back.") if dark else tr("As bright as usual.")
        )
        desk.tell(Notice(text.format(key)))

    # Peeking: a tap on the key hides the marks for good, holding it hides them while it is held

    def marks_key(self) -> None:
        """The key went down, or its button was clicked."""
        panes = self._window.panes
        panes.set_show_marks(not panes.state.show_marks)
        self._held_since = time.monotonic()

    def key_released(self, event: QKeyEvent) -> None:
        """Some key is up again."""
        since, keys = self._held_since, self._window.keys.of("marks")
        if event.isAutoRepeat() or since is None:
            return
        if QKeySequence(event.keyCombination()).toString() not in keys:
            return
        self._held_since = None
        if time.monotonic() - since >= PEEK_S:
            panes = self._window.panes
            panes.set_show_marks(not panes.state.show_marks)

    # The mouse's own buttons for going on and back

    def mouse_pressed(self, event: QMouseEvent) -> bool:
        """True where the button was one of them."""
        action = {
            Qt.MouseButton.ForwardButton: "next",
            Qt.MouseButton.BackButton: "previous",
        }.get(event.button())
        if action is None:
            return False
        self._window.actions_by_id[action].trigger()
        return True
