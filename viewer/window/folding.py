"""The right panel folded to a strip: by the reader's hand, or where the axial pane needs the room.

In a small window the list and the two other cuts take turns beside an axial pane that stays as it
is: the cuts for the own pass, the list once there are marks to judge. A page, another tab or a
field of the list opens the panel for as long as it is there. One key, and Tab to a cut, change it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.panels.measures import Measures, side_beside
from viewer.panels.side_strip import SideStrip
from viewer.views.layouts import READ
from viewer.window.keys import FINDINGS

if TYPE_CHECKING:
    from viewer.window.window import HilumWindow


class Folding(QObject):
    """Of one window. by_hand: what the reader chose, True for open; None leaves it to the rule."""

    by_hand: bool | None

    def __init__(self, window: HilumWindow) -> None:
        super().__init__(window)
        self._window, self.by_hand = window, None
        self._asking = False
        self._small = False
        actions, keys = window.actions_by_id, window.keys_by_id
        self.strip = SideStrip(window.desk, actions, keys)
        self.strip.asked.connect(self.toggle)
        window.side.set_strip(self.strip, actions["panel"], keys["panel"])
        for changed in (window.desk.reading_changed, window.desk.current_changed):
            changed.connect(self.refresh)
        window.desk.own_pass.changed.connect(self.refresh)
        window.side.changed.connect(self.refresh)
        window.side.page_coming.connect(self._page_coming)
        window.findings.asking.connect(self._ask)
        window.findings.left.connect(self.refresh)
        window.panes.cuts_wanted.connect(self.show_cuts)

    @property
    def folded(self) -> bool:
        return self._window.side.folded

    def toggle(self) -> None:
        """The panel in place of the strip, or the strip again; what lay over the list is left.

        Before a study is open, and where the agent's page stands, the panel stays.
        """
        if self._stays:
            return
        self.by_hand = self.folded
        if not self.by_hand:
            self._leave()
        self.refresh()

    def open(self) -> None:
        """What was asked for stands in the list."""
        if self.folded:
            self.by_hand = True
            self.refresh()

    def go_on(self, by_hand: bool | None) -> None:
        """As the reader chose it in the window before this one."""
        self.by_hand = by_hand
        self.refresh()

    def show_cuts(self) -> None:
        """The cuts are wanted where the list is."""
        if not self.folded:
            self.toggle()

    def layout_changed(self) -> None:
        """In a small window another layout begins by the rule."""
        if self._small:
            self.by_hand = None

    def refresh(self, *_: object) -> None:
        """By what there is now; the window shares its room anew only where that changed."""
        self._asking = self._asking and self._window.findings.asks
        if self._wanted() == self.folded:
            self._window.measure()

    def width(self, found: Measures) -> int:
        """How wide the panel is in a window of these measures, folded or not; folds it so."""
        window = self._window
        if found.small != self._small:
            self._small, self.by_hand = found.small, None
        wanted = self._wanted()
        window.side.fold(not wanted, by_button=found.small and not self._stays)
        turns = found.small and self._reads
        window.panes.fold_cuts(turns and wanted)
        if not wanted:
            return self.strip.width()
        return side_beside(window.width(), window.height()) if turns else found.panel

    @property
    def _stays(self) -> bool:
        window = self._window
        return window.desk.scan is None or window.panes.layout_shown.wide_side

    @property
    def _reads(self) -> bool:
        """Whether there are cuts in a column of their own."""
        window = self._window
        return window.desk.scan is not None and window.panes.layout_shown.name == READ

    def _wanted(self) -> bool:
        """Whether the panel is to be open."""
        window = self._window
        side, own_pass = window.side, window.desk.own_pass
        if self._stays or self._asking or side.page is not None or side.current != FINDINGS:
            return True
        if self.by_hand is not None:
            return self.by_hand
        if not self._small:
            return True
        return self._reads and not own_pass.blind and bool(window.desk.order)

    def _ask(self) -> None:
        """A field of the list is about to be typed into: it is in sight before."""
        self._asking = True
        if self.folded:
            self._window.measure()

    def _page_coming(self) -> None:
        if self.folded:
            self._window.measure()

    def _leave(self) -> None:
        window = self._window
        self._asking = False
        window.findings.end_search()
        window.findings.labelling.close_bar()
        if window.side.page is not None or window.side.current != FINDINGS:
            window.side.open(FINDINGS)
            window.focus_panes()
