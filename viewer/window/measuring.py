"""Measuring as the window has it: tools on the panes, a tab at the right, Enter, Esc and Del."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.dicom.series import Series
from viewer.measuring.tools import join
from viewer.panels.measurements import MeasurementsPanel
from viewer.views.layouts import COMPARE
from viewer.window.chain import DRAWING, READING

if TYPE_CHECKING:
    from viewer.window.keys import WindowKeys


class MeasuringWindow(QObject):
    """Of one window; made once its panes and its right panel are there."""

    def __init__(self, window: WindowKeys) -> None:
        super().__init__(window)
        self._window = window
        self._board = window.desk.measuring
        self.hand = join(self._board, window.panes)
        self.panel = MeasurementsPanel(window.desk, window.actions_by_id, window.keys_by_id)
        name = self.tr("Measurements")
        self.tab = window.side.add_tab(name, "distance", self.panel)
        window.on_enter.add(DRAWING, self.hand.finish)
        window.on_escape.add(DRAWING, self.hand.cancel)
        window.on_escape.add(READING, self.hand.deselect)
        window.desk.current_changed.connect(self._finding_current)
        self._board.changed.connect(self._count)
        self._board.series_asked.connect(self._show_beside)

    def name_selected(self) -> None:
        """A field for the reader's words, on the image."""
        self.hand.name_selected()

    def remove_selected(self) -> bool:
        """Del: the selected drawing goes. False where none is selected, or it is not in sight:
        neither on a pane nor as the row that stands out in the list."""
        seen = self.panel.isVisible() or self.hand.selected_shown
        return seen and self._board.remove_selected()

    def _finding_current(self, finding: str | None) -> None:
        """Keys speak of one thing: who goes to a finding has left the drawing."""
        if finding is not None:
            self.hand.deselect()

    def _show_beside(self, series: Series) -> None:
        """A drawing lies on a series that is not shown now."""
        self._window.cuts.comparing.choose(series)
        self._window.panes.set_layout(COMPARE)

    def _count(self) -> None:
        self.tab.set_count(len(self._board.measured) or None)
