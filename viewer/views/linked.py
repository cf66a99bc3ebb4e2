"""The one view state that all panes share, and every command that changes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume
from viewer.dicom.series import Series
from viewer.views.hands import Grab, Hands, Overlay, Tool
from viewer.views.outlines import boxes_of
from viewer.views.pane_text import PaneLines, text_of
from viewer.views.planes import AXIAL, PLANES, nearest_slice, stack_of
from viewer.views.slice_view import SliceView
from viewer.views.state import TEXT_LEVELS, TOOLS, Lps, Mark, PaneText, ViewState, Window


class LinkedViews(QWidget):
    """Views of one scan; crosshair, window and slices linked.

    It owns the ViewState: all that a hand or a caller changes goes through here, once. Where the
    views lie on the screen is for Panes to say.
    """

    crosshair_moved = Signal(object)
    window_changed = Signal(object)
    state_changed = Signal(object)
    mark_clicked = Signal(str)
    probe_moved = Signal(object)
    active_changed = Signal(str)
    menu_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = ViewState()
        self._volume: Volume | None = None
        self._series: Series | None = None
        self._loaded: NDArray[np.bool_] | None = None
        self._labelmap: LabelMap | None = None
        self._active = AXIAL
        self.hands = Hands()
        self.views = {name: SliceView(name, self, hands=self.hands) for name in PLANES}
        for view in self.views.values():
            view.pressed.connect(self.activate)
            view.wheel_turned.connect(self._wheel)
            view.window_dragged.connect(self.set_window)
            view.crosshair_dragged.connect(self._drag_crosshair)
            view.drag_ended.connect(self._end_drag)
            view.probe_moved.connect(self.probe_moved)
            view.mark_clicked.connect(self.mark_clicked)
            view.menu_asked.connect(self.menu_asked)

    # Which one keys mean

    @property
    def active(self) -> str:
        """The plane that keys mean."""
        return self._active

    def activate(self, plane: str) -> None:
        """Makes a pane the one that keys mean."""
        changed = plane != self._active
        focused = any(view.hasFocus() for view in self.views.values())
        self._active = plane
        for name, view in self.views.items():
            view.set_active(name == plane)
        self.setFocusProxy(self.views[plane])
        if focused:
            self.views[plane].setFocus()
        if changed:
            self.active_changed.emit(plane)

    def activate_next(self, steps: int = 1) -> None:
        names = list(PLANES)
        self.activate(names[(names.index(self._active) + steps) % len(names)])

    # What is shown

    @property
    def state(self) -> ViewState:
        return self._state

    @property
    def volume(self) -> Volume | None:
        return self._volume

    def set_scan(
        self,
        volume: Volume | None,
        series: Series | None = None,
        loaded: NDArray[np.bool_] | None = None,
    ) -> None:
        """Shows a scan from its middle, or nothing for None; labels and marks are taken away.

        loaded: (K,) bool, which slices already lie in the volume's memory (None: all); tell of
        more with slices_ready. The first picture is of a loaded slice.
        """
        self._volume, self._series = volume, series
        self._loaded = None if loaded is None else np.array(loaded, dtype=bool)
        self._labelmap = None
        lines = PaneLines()
        if series is not None:
            numbers = tuple(one.instance_number for one in series.slices)
            lines = PaneLines(text_of(series), numbers, len(series.sources))
        for view in self.views.values():
            view.set_scan(volume, lines, self._loaded)
        if volume is not None:
            self._move_crosshair(self._first_place(volume))
        self.update()

    def _first_place(self, volume: Volume) -> Lps:
        """The middle of the scan, on the loaded slice nearest to it."""
        index = (np.array(volume.geometry.shape_kji) - 1) / 2
        index[0] = np.floor(index[0] + 0.5)
        if self._loaded is not None and self._loaded.any():
            there = np.flatnonzero(self._loaded)
            index[0] = there[np.argmin(np.abs(there - index[0]))]
        x, y, z = volume.geometry.lps_of(index)
        return float(x), float(y), float(z)

    def slices_ready(self, slices: Iterable[int]) -> None:
        """Slices (indices k) that lie in the volume's memory now."""
        if self._loaded is None:
            return
        fresh = list(slices)
        self._loaded[fresh] = True
        for view in self.views.values():
            view.slices_arrived(self._loaded, fresh)

    def set_labels(self, labelmap: LabelMap | None) -> None:
        """Segments to outline, and to fill as set_fill says; None takes them away.

        The same ones again cost nothing: a reading changes with every verdict, its lungs do not.
        """
        if labelmap is self._labelmap:
            return
        self._labelmap = labelmap
        boxes = None if labelmap is None else boxes_of(labelmap, tuple(PLANES.values()))
        for name, view in self.views.items():
            view.set_labels(labelmap if boxes else None, boxes[name] if boxes else None)

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        for view in self.views.values():
            view.set_marks(tuple(marks))

    def set_corner_texts(self, text: PaneText) -> None:
        """Other words for the upper corners than those taken from the series."""
        for view in self.views.values():
            view.set_text(text)

    # What moves

    def go_to(self, lps: Lps) -> None:
        """Crosshair and all planes to a point in LPS mm; panes pan only if it is out of sight."""
        if self._volume is None:
            return
        x, y, z = (float(n) for n in lps)
        self._move_crosshair((x, y, z))
        for view in self.views.values():
            view.reveal((x, y, z))

    def scroll(self, steps: int, plane: str | None = None) -> None:  # type: ignore[override]
        """Onward by so many slices: axial to the feet, coronal to the back, sagittal to the left.

        plane: None means the active pane. Stops at the ends of the scan.
        """
        if self._volume is None:
            return
        shown = PLANES[plane or self._active]
        geometry = self._volume.geometry
        stack = stack_of(geometry, shown)
        here = np.array(self._state.crosshair_lps)
        there = here + np.array(shown.onward) * stack.step_mm * steps
        index = geometry.index_of(there)
        if stack.aligned:
            index[stack.axis] = nearest_slice(geometry, shown, there)
        inside = np.clip(index, 0, np.array(geometry.shape_kji) - 1)
        x, y, z = geometry.lps_of(inside)
        self._move_crosshair((float(x), float(y), float(z)))

    def to_end(self, last: bool, plane: str | None = None) -> None:
        """The first or the last slice of a pane."""
        if self._volume is not None:
            far = sum(self._volume.geometry.shape_kji)
            self.scroll(far if last else -far, plane)

    def set_window(self, window: Window) -> None:
        if window != self._state.window:
            self._set(replace(self._state, window=window))
            self.window_changed.emit(window)

    def fit(self) -> None:
        """Every pane shows the lungs, where there is a mask, else the whole field of view."""
        for view in self.views.values():
            view.fit()

    def zoom(self, factor: float, plane: str | None = None) -> None:
        """Larger or smaller about the middle of a pane."""
        view = self.views[plane or self._active]
        view.zoom(factor, about=view.rect().toRectF().center())

    # What is switched

    def set_show_marks(self, shown: bool) -> None:
        self._set(replace(self._state, show_marks=shown))

    def set_show_outlines(self, shown: bool) -> None:
        self._set(replace(self._state, show_outlines=shown))

    def set_show_crosshair(self, shown: bool) -> None:
        self._set(replace(self._state, show_crosshair=shown))

    def set_fill(self, alpha: float) -> None:
        """Opacity of segments, 0 to 1; 0 leaves their outline."""
        if not 0 <= alpha <= 1:
            raise ValueError(f"a fill is between 0 and 1, not {alpha:g}")
        self._set(replace(self._state, fill=float(alpha)))

    def set_hidden(self, segments: Iterable[int]) -> None:
        """Segments that are not drawn, by number; zoom and place stay as they are."""
        self._set(replace(self._state, hidden=frozenset(segments)))

    def set_invert(self, inverted: bool) -> None:
        self._set(replace(self._state, invert=inverted))

    def set_tool(self, tool: str) -> None:
        """What a left drag does: one of TOOLS, or one that was added."""
        if tool not in (*TOOLS, *self.hands.tools):
            raise ValueError(f"tool must be one of {TOOLS} or an added one, not {tool!r}")
        left = self.hands.tools.get(self._state.tool)
        if left is not None and tool != self._state.tool:
            for view in self.views.values():
                left.leave(view)
        self._set(replace(self._state, tool=tool))

    def add_tool(self, tool: Tool) -> None:
        """A tool of another room, chosen by its name."""
        self.hands.tools[tool.name] = tool

    def add_grab(self, grab: Grab) -> None:
        """Something that a left press may take hold of, before any tool."""
        self.hands.grabs.append(grab)

    def add_overlay(self, overlay: Overlay) -> None:
        """Something painted over every pane."""
        self.hands.overlays.append(overlay)

    def redraw(self) -> None:
        """What lies over the images has changed."""
        for view in self.views.values():
            view.update()

    def set_text_level(self, level: str) -> None:
        """How much stands in the corners: one of TEXT_LEVELS."""
        if level not in TEXT_LEVELS:
            raise ValueError(f"level must be one of {TEXT_LEVELS}, not {level!r}")
        self._set(replace(self._state, text_level=level))

    def set_patient_hidden(self, hidden: bool) -> None:
        self._set(replace(self._state, patient_hidden=hidden))

    # Within

    def _set(self, state: ViewState) -> None:
        if state == self._state:
            return
        self._state = state
        for view in self.views.values():
            view.set_state(state)
        self.state_changed.emit(state)

    def _move_crosshair(self, lps: Lps, *, moving: bool = False) -> None:
        moved = lps != self._state.crosshair_lps
        self._set(replace(self._state, crosshair_lps=lps, moving=moving))
        if moved:
            self.crosshair_moved.emit(lps)

    def _drag_crosshair(self, lps: Lps) -> None:
        self._move_crosshair(lps, moving=True)

    def _end_drag(self) -> None:
        self._set(replace(self._state, moving=False))

    def _wheel(self, steps: int) -> None:
        view = self.sender()
        assert isinstance(view, SliceView)
        self.activate(view.plane.name)
        self.scroll(steps, view.plane.name)
