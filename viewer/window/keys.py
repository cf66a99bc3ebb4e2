"""What keys ask of the window itself: what it shows, hides and leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from viewer.actions import fixed_actions, key_table, set_keys
from viewer.desk.desk import Desk
from viewer.desk.watching import Watching
from viewer.home import home
from viewer.keymaps import Keys
from viewer.language.signs import plain_sign
from viewer.notices import EXPORT, Notice
from viewer.panels.banner import Banners
from viewer.panels.findings import FindingsPanel
from viewer.panels.jobs import JobStrip
from viewer.panels.keysheet import KeySheet
from viewer.panels.segments import SegmentsPanel
from viewer.panels.studies import Studies
from viewer.panels.tabs import SidePanel
from viewer.views.panes import Panes
from viewer.views.presets import window_of
from viewer.window import speaking
from viewer.window.chain import PAGES, READING, VIEWING, Chain

if TYPE_CHECKING:
    from viewer.window.cuts import CutsWindow
    from viewer.window.editing import EditingWindow

START, WORK, KEYS = range(3)
"""Pages of the centre."""
FINDINGS, SEGMENTS, AGENT = range(3)
"""Tabs of the right panel."""


class WindowKeys(QWidget):
    """The half of the window that rows of the action table call.

    on_enter, on_escape: other rooms add what Enter finishes and Esc gives up, by rank.
    """

    language_asked = Signal(str)  # one of catalogue.LANGUAGES: this window ends, another comes

    desk: Desk
    panes: Panes
    cuts: CutsWindow
    editing: EditingWindow
    centre: QStackedWidget
    side: SidePanel
    studies: Studies
    strip: JobStrip
    banners: Banners
    findings: FindingsPanel
    segments: SegmentsPanel
    keysheet: KeySheet
    watching: Watching
    on_enter: Chain
    on_escape: Chain
    actions_by_id: dict[str, QAction]
    keys: Keys
    keys_by_id: dict[str, str]
    browser_pinned: bool | None

    def chain_up(self) -> None:
        """Enter and Esc as the window itself answers them; rooms add theirs before or after."""
        self.on_enter, self.on_escape = Chain(), Chain()
        for asked in (self._leave_keys, self._leave_page):
            self.on_escape.add(PAGES, asked)
        self.on_escape.add(VIEWING, self.desk.cancel)
        self.on_enter.add(READING, self.desk.own_pass.finish)

    def take_up_keys(self) -> None:
        """The keys that the reader chose, or the table's, on the actions."""
        self.keys = Keys(key_table(), fixed=fixed_actions(), file=home() / "keys.toml")
        self.keys_by_id = {}
        self.keys_changed()

    def keys_changed(self) -> None:
        """On the actions, and on all that shows a key."""
        set_keys(self, self.actions_by_id, self.keys, self.keys_by_id)

    def focus_panes(self) -> None:
        """The focus lies where the keys work, never in a text field."""
        (self if self.centre.currentIndex() == START else self.panes).setFocus()

    def show_centre(self) -> None:
        """The panes, or the start page where no study is open."""
        self.centre.setCurrentIndex(START if self.desk.scan is None else WORK)

    def other_series(self, places: int) -> None:
        """The next or previous series of the open study, in the place of the active pane's."""
        if self.cuts.other_series(places):
            return
        opened, scan = self.desk.opening.opened, self.desk.scan
        if opened is None or scan is None or len(opened.series) < 2:
            self.desk.tell(Notice(self.tr("There is no other series in this study.")))
            return
        keys = [series.key for series in opened.series]
        here = keys.index(scan.series.key) if scan.series.key in keys else 0
        self.desk.choose_series(opened.series[(here + places) % len(keys)])

    def finish(self) -> None:
        """Enter: whatever can be finished now, the innermost first."""
        if not self.on_enter.ask():
            self.desk.tell(Notice(self.tr("There is nothing to finish.")))

    def cancel_or_close(self) -> None:
        """Esc: gives up or leaves the innermost thing; where there is none it says nothing."""
        self.on_escape.ask()

    def _leave_keys(self) -> bool:
        if self.centre.currentIndex() != KEYS:
            return False
        self.toggle_keys()
        return True

    def _leave_page(self) -> bool:
        if self.side.page is None:
            return False
        self.side.close_page()
        self.focus_panes()
        return True

    def add_here(self) -> None:
        self.desk.add_at(self.panes.state.crosshair_lps)

    def toggle_held(self) -> None:
        self.side.open(FINDINGS)
        self.cuts.folding.open()
        self.findings.toggle_held()

    def toggle_invert(self) -> None:
        self.panes.set_invert(not self.panes.state.invert)

    def toggle_crosshair(self) -> None:
        self.panes.set_show_crosshair(not self.panes.state.show_crosshair)

    def toggle_patient(self) -> None:
        hidden = not self.panes.state.patient_hidden
        self.desk.names_hidden = hidden
        self.panes.set_patient_hidden(hidden)
        self.studies.refresh()
        self.strip.refresh()
        if any(one.notice.about == EXPORT for one in self.banners.shown):
            self.desk.out.tell_export()

    def toggle_browser(self) -> None:
        self.browser_pinned = self.studies.folded
        self.studies.fold(not self.browser_pinned)

    def go_to_unseen(self) -> None:
        """The crosshair to the largest part of the lungs that was not shown."""
        if self.watching.go_to_unseen():
            return
        known = self.watching.whole() is not None
        text = (
            self.tr("All of the lungs was shown.")
            if known
            else self.tr("Segment the lungs first. What you look at counts already.")
        )
        self.desk.tell(Notice(text))

    def find_study(self) -> None:
        self.browser_pinned = True
        self.studies.fold(False)
        self.studies.start_search()

    def ask_for_language(self) -> None:
        """F8: the other language."""
        speaking.ask_for_language(self)

    def toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def toggle_keys(self) -> None:
        """The key sheet over the panes, or the panes again."""
        if self.centre.currentIndex() == KEYS:
            self.show_centre()
            self.focus_panes()
        else:
            self.centre.setCurrentIndex(KEYS)
            self.keysheet.opened()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key that came as a sign of full width, and nothing else took, means its own action."""
        held = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        plain = "" if held else plain_sign(event.text())
        if plain:
            shift = "Shift+" if plain.isalpha() and plain.isupper() else ""
            action = self.actions_by_id.get(self.keys.owner(f"{shift}{plain}"))
            if action is not None:
                if action.autoRepeat() or not event.isAutoRepeat():
                    action.trigger()
                return
        super().keyPressEvent(event)

    def focusNextPrevChild(self, on: bool) -> bool:
        """Tab in a field, for on the panes it is a key: to what is next, never past it unseen."""
        walk = getattr(getattr(self, "hands", None), "walk", None)
        if walk is not None and walk.go_from(self.focusWidget(), 1 if on else -1):
            return True
        return super().focusNextPrevChild(on)

    def next_tab(self, steps: int = 1) -> None:
        self.side.open(self.side.current + steps)

    def apply_preset(self, key: str) -> None:
        """The grey window of a digit key."""
        scan, reading, second = self.desk.scan, self.desk.reading, self.cuts.second_active
        lungs = reading.lungs if reading else None
        volume, stored = (scan.volume, scan.series.window) if scan else (None, None)
        if second is not None:
            lungs, volume = None, second.volume
            stored = second.series.window if second.series else None
        window = window_of(key, volume, lungs, stored)
        if window is not None:
            self.panes.set_window(window)
        else:
            self.desk.tell(Notice(self.tr("This scan tells no window of its own.")))
