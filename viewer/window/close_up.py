"""Close up on what is edited: every pane large on a finding while its mask is edited, then back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF

from ai.scan.finding import Finding

if TYPE_CHECKING:
    from viewer.views.panes import Panes
    from viewer.views.slice_view import SliceView

FIELD: Final = 3.0
"""A pane shows so many times the finding's long axis: its edge is large, and what it touches."""
LEAST_FIELD_MM: Final = 40.0
"""Closer than this a small nodule is a few voxels without surroundings."""


@dataclass(frozen=True)
class Before:
    """What a pane looked at. middle: where in the window the pane had its own middle, pixels."""

    right_mm: float
    down_mm: float
    mm_per_px: float
    touched: bool
    middle: QPointF


class CloseUp:
    """Of one window's panes. A pane that is closer already stays as close as it is."""

    def __init__(self, panes: Panes) -> None:
        self._panes = panes
        self._before: dict[str, Before] = {}

    def begin(self, finding: Finding) -> None:
        """Panes of the scan that is read, onto the finding; the first look is the one kept."""
        field = max(LEAST_FIELD_MM, FIELD * finding.measurement.long_mm)
        for view in self._of_first():
            camera = view.camera
            if view.name not in self._before:
                look = camera.right_mm, camera.down_mm, camera.mm_per_px, camera.touched
                self._before[view.name] = Before(*look, self._middle(view))
            near = min(camera.mm_per_px, field / max(1, min(view.width(), view.height())))
            view.follow(finding.centre_lps, near, touched=True)
            view.camera_moved.emit(False)

    def end(self) -> None:
        """Every pane looks at what it looked at before, though strips came or went meanwhile."""
        for view in self._of_first():
            before = self._before.get(view.name)
            if before is None:
                continue
            moved = self._middle(view) - before.middle
            camera = view.camera
            camera.right_mm = before.right_mm + moved.x() * before.mm_per_px
            camera.down_mm = before.down_mm + moved.y() * before.mm_per_px
            camera.mm_per_px, camera.touched = before.mm_per_px, before.touched
            view.camera_moved.emit(False)
            view.update()
        self._before.clear()

    def _of_first(self) -> list[SliceView]:
        views = self._panes.views.values()
        return [view for view in views if not view.of_second and view.volume is not None]

    @staticmethod
    def _middle(view: SliceView) -> QPointF:
        return view.mapTo(view.window(), QPointF(view.width() / 2, view.height() / 2))
