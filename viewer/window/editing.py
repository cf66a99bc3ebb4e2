"""Editing as the window has it: the strip over the panes, the tool on them, Enter and Esc."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ai.scan.finding import Finding
from ai.scan.labelmap import LabelMap
from viewer.editing.field import Target
from viewer.editing.hold import AT_ONCE, SCISSORS
from viewer.editing.overlay import EditingOverlay
from viewer.editing.shapes import corners_of
from viewer.editing.strip import EditStrip
from viewer.editing.tool import EDIT_TOOL, EditTool
from viewer.reading.edits import changed_box
from viewer.window.chain import DRAWING, EDITING
from viewer.window.close_up import CloseUp
from viewer.window.keys import FINDINGS, SEGMENTS

if TYPE_CHECKING:
    from viewer.window.keys import WindowKeys


class EditingWindow(QObject):
    """Of one window; made once its panes and its right panel are there."""

    def __init__(self, window: WindowKeys) -> None:
        super().__init__(window)
        self._window, self._desk = window, window.desk.editing
        self._panes = window.panes
        self._target: Target | None = None
        self._tool_before = self._panes.state.tool
        self._hidden: frozenset[int] = frozenset()
        self._close_up = CloseUp(self._panes)
        self.overlay = EditingOverlay(self._desk, self._panes)
        self.tool = EditTool(self._desk, self.overlay)
        self._panes.add_tool(self.tool)
        self._panes.add_overlay(self.overlay)
        self.strip = EditStrip(
            self._desk, window.actions_by_id, window.keys_by_id, window.focus_panes
        )
        window.on_enter.add(DRAWING, self.tool.close_line)
        window.on_escape.add(DRAWING, self.tool.drop_line)
        window.on_enter.add(EDITING, self._desk.finish)
        window.on_escape.add(EDITING, self._desk.cancel)
        self._desk.changed.connect(self._changed)

    def toggle(self) -> None:
        """E: edits what the tab at the right is about, or ends the edit."""
        if self._window.side.current == SEGMENTS:
            self._desk.edit_lung(self._window.segments.chosen)
        else:
            self._desk.edit_finding()

    def choose(self, tool: str) -> None:
        """A tool of the strip comes into the hand, also where a tool of the panes was in it."""
        self._desk.choose(tool)
        if self._desk.field is not None and tool not in AT_ONCE:
            self._panes.set_tool(EDIT_TOOL)

    def show_lungs(self, was: LabelMap | None, now: LabelMap | None) -> None:
        """Other lungs onto the panes; of the same ones, only what a step has changed."""
        box = changed_box(was, now)
        if box is None or now is None:
            self._panes.set_labels(now)
        else:
            self._panes.labels_changed(now, corners_of(now.geometry, box))
        if self._target is not None:
            self.show_hidden(self._hidden)  # other lungs may have other segments

    def show_hidden(self, hidden: frozenset[int]) -> None:
        """Segments that the reader hides. The lung that is edited has its own edge; while a finding
        is edited its edge is the only one, so that no other crosses it."""
        self._hidden = hidden
        target, reading = self._target, self._window.desk.reading
        own: set[int] = set()
        if target is not None and target.is_lung:
            own = {target.number}
        elif target is not None and reading is not None and reading.lungs is not None:
            own = {segment.number for segment in reading.lungs.segments}
        self._panes.set_hidden(hidden | own)

    def _look_closer(self, target: Target | None) -> None:
        """Onto a finding that is edited; a lung fills the panes already."""
        finding = self._desk.finding
        if target is not None and finding is not None:
            if not self._stands_in(finding):
                self._panes.go_to(finding.centre_lps)
            self._close_up.begin(finding)
        else:
            self._close_up.end()

    def _stands_in(self, finding: Finding) -> bool:
        """Whether the crosshair is within the finding's box: who looks at one of its slices edits
        that one, who has scrolled away goes back to it first."""
        volume, mask = self._desk.volume, finding.mask
        if volume is None or mask is None:
            return False
        voxel = volume.geometry.nearest_voxel(self._panes.state.crosshair_lps)
        return voxel is not None and all(
            side.start <= n < side.stop for n, side in zip(voxel, mask.box, strict=True)
        )

    def _changed(self) -> None:
        target = self._desk.target
        if self._desk.hold.tool != SCISSORS:
            self.tool.drop_line()
        if target == self._target:
            return
        before, self._target = self._target, target
        self._look_closer(target)
        if before is None:
            self._tool_before = self._panes.state.tool
            self._panes.set_tool(EDIT_TOOL)
            self._window.focus_panes()
            if target is not None and not target.is_lung:
                self._window.side.open(FINDINGS)  # where the figures change as the hand paints
        elif target is None and self._panes.state.tool == EDIT_TOOL:
            self._panes.set_tool(self._tool_before)
        self.show_hidden(self._hidden)
