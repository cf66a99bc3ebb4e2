"""Panes that move together: what a hand or a caller changes on one, each of them follows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from viewer.views.hands import Grab, Overlay, Tool
from viewer.views.planes import AXIAL, stepped
from viewer.views.second import Matrix
from viewer.views.shown_scans import ShownScans
from viewer.views.slab import MIP, Slab
from viewer.views.slice_view import SliceView
from viewer.views.state import TEXT_LEVELS, TOOLS, Lps, Window
from viewer.views.turning import STRAIGHT, ThreePlanes


class LinkedViews(ShownScans):
    """Crosshair, window and slices linked.

    It owns the ViewState: all changes go through here, once. Where the views lie on the screen is
    for Panes to say.
    """

    window_changed = Signal(object)
    mark_clicked = Signal(str)
    probe_moved = Signal(object)
    active_changed = Signal(str)
    menu_asked = Signal(object)
    series_dropped = Signal(str, str)  # pane, key of the series
    hand_moved = Signal(str)  # a hand pressed or turned on a pane

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._active = AXIAL
        for name, view in self.all_views.items():
            view.pressed.connect(self.activate)
            view.pressed.connect(self.hand_moved)
            view.wheel_turned.connect(partial(self._wheel, name))
            view.thickness_turned.connect(self.change_thickness)
            view.window_dragged.connect(partial(self._window_dragged, view))
            view.crosshair_dragged.connect(partial(self._drag_crosshair, view))
            view.planes_turned.connect(partial(self._turn, view))
            view.camera_moved.connect(partial(self._camera_moved, view))
            view.series_dropped.connect(partial(self.series_dropped.emit, name))
            view.drag_ended.connect(self._end_drag)
            view.probe_moved.connect(self.probe_moved)
            view.mark_clicked.connect(self.mark_clicked)
            view.menu_asked.connect(self.menu_asked)

    # Which one keys mean

    @property
    def active(self) -> str:
        """The pane that keys mean, by its name; a plane's first pane is called like the plane."""
        return self._active

    @property
    def shown(self) -> tuple[str, ...]:
        """The panes of cuts on the screen, in the order of Tab."""
        return tuple(self.views)

    @property
    def window_shown(self) -> Window:
        """The grey window of the pane that keys mean."""
        return self.all_views[self._active].state.window

    def activate(self, pane: str) -> None:
        """Makes a pane the one that keys mean."""
        changed = pane != self._active
        focused = any(view.hasFocus() for view in self.all_views.values())
        self._active = pane
        for name, view in self.all_views.items():
            view.set_active(name == pane)
        here = self.all_views[pane]
        if here.window() is self.window():
            self.setFocusProxy(here)
        if focused:
            here.setFocus()
        if changed:
            self.active_changed.emit(pane)

    def activate_next(self, steps: int = 1) -> None:
        names = list(self.shown) or [self._active]
        here = names.index(self._active) if self._active in names else 0
        self.activate(names[(here + steps) % len(names)])

    # What moves

    def go_to(self, lps: Lps) -> None:
        """Crosshair and all planes to a point in LPS mm; panes pan only if it is out of sight."""
        if self._volume is None:
            return
        x, y, z = (float(n) for n in lps)
        self._move_crosshair((x, y, z))
        for view in self._leading():
            if not view.of_second:
                view.reveal((x, y, z))
            elif self.linked:
                view.reveal(self._second.own_of((x, y, z)))

    def show_place_of_second(
        self, own_lps: Lps, facing: Callable[[ThreePlanes], ThreePlanes] = lambda planes: planes
    ) -> None:
        """The second scan's panes to a place in its own LPS mm, the first's with it while linked.

        facing: how the cuts shall lie, given how those of the second scan do.
        """
        view = next((view for view in self.views.values() if view.of_second), None)
        if view is None:
            return
        planes = facing(view.state.planes)
        if planes is not view.state.planes:
            self.set_planes(self._second.planes_of(planes))
        self._place(view, own_lps)
        for other in self._leading():
            if other.of_second:
                other.reveal(own_lps)

    def scroll(self, steps: int, plane: str | None = None) -> None:  # type: ignore[override]
        """Onward by so many slices: axial to the feet, coronal to the back, sagittal to the left.

        plane: a pane by its name; None means the active one. Stops at the ends of its scan.
        """
        view = self.views[plane or self._active]
        if view.volume is not None:
            here = view.state.crosshair_lps
            self._place(view, stepped(view.volume.geometry, view.plane, here, steps))

    def to_end(self, last: bool, plane: str | None = None) -> None:
        """The first or the last slice of a pane."""
        volume = self.views[plane or self._active].volume
        if volume is not None:
            far = sum(volume.geometry.shape_kji)
            self.scroll(far if last else -far, plane)

    def set_window(self, window: Window, plane: str | None = None) -> None:
        """The grey window of the scan that a pane shows; None means the active one."""
        view = self.views[plane or self._active]
        if window == view.state.window:
            return
        if view.of_second and self._second.window is not None:
            self._second.window = window
            self._tell_views()
        else:
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

    def set_planes(self, planes: ThreePlanes) -> None:
        """How the cuts lie; STRAIGHT brings the patient's own planes back."""
        self._set(replace(self._state, planes=planes))

    def turn_planes(self, pane: str, degrees: float) -> None:
        """The two other planes turned about the normal of a pane's, clockwise on its picture."""
        view = self.views[pane]
        self._turn(view, view.state.planes.turned(view.plane.name, math.radians(degrees)))
        self._end_drag()

    def straighten(self) -> None:
        """The patient's own planes again, through the crosshair."""
        self.set_planes(STRAIGHT)

    def match_second(self, to_first: Matrix, link: str = "") -> None:
        """The second's panes look at the places that the first's do, by the better match."""
        super().match_second(to_first, link)
        for view in list(self.views.values()):
            if not view.of_second:
                self._camera_moved(view, False)

    # What is switched

    def set_slab(self, slab: Slab) -> None:
        """How thick the cuts are; it stays while scrolling."""
        self._set(replace(self._state, slab=slab))

    def next_slab(self) -> None:
        """Off, MIP, MinIP, average, off."""
        self.set_slab(self._state.slab.next_mode())

    def change_thickness(self, steps: int) -> None:
        """The slab so many stops thicker or thinner; the first stop up from off begins a MIP."""
        slab = self._state.slab
        if slab.on:
            self.set_slab(slab.thicker(steps))
        elif steps > 0:
            self.set_slab(replace(slab, mode=MIP))

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

    # What hands tell

    def _place(self, view: SliceView, lps: Lps, *, moving: bool = False) -> None:
        """The crosshair to a place in the scan that a view shows."""
        if not view.of_second:
            self._move_crosshair(lps, moving=moving)
            return
        there = self._second.first_of(lps)
        if there is not None:
            self._move_crosshair(there, moving=moving)
        else:
            self._second.stand_at(lps)
            self._tell_views()

    def _leading(self) -> list[SliceView]:
        """All panes but those that are hidden and follow one that is seen: what a hidden pane has
        no room for is no reason to move a picture."""
        shown = [self.views[name] for name in self.shown if name in self.views]
        seen = {(view.plane.name, view.of_second) for view in shown}
        return [
            view
            for view in self.views.values()
            if view in shown or not self.linked or (view.plane.name, not view.of_second) not in seen
        ]

    def _drag_crosshair(self, view: SliceView, lps: Lps) -> None:
        self._place(view, lps, moving=True)

    def _turn(self, view: SliceView, planes: ThreePlanes) -> None:
        turned = self._second.planes_of(planes) if view.of_second else planes
        self._set(replace(self._state, planes=turned, moving=True))

    def _end_drag(self) -> None:
        self._set(replace(self._state, moving=False))

    def _wheel(self, pane: str, steps: int) -> None:
        self.activate(pane)
        self.hand_moved.emit(pane)
        self.scroll(steps, pane)

    def _window_dragged(self, view: SliceView, window: Window) -> None:
        self.set_window(window, view.name)

    def _camera_moved(self, view: SliceView, by_hand: bool) -> None:
        """The pane of the same plane of the other scan looks at the same place, as large."""
        if not self.linked:
            return
        for other in self.views.values():
            if other.plane.name != view.plane.name or other.of_second == view.of_second:
                continue
            leads = by_hand or not view.of_second or other.name not in self.shown
            leader, follower = (view, other) if leads else (other, view)
            if follower.volume is None or leader.volume is None:
                continue
            match = self._second.first_of if leader.of_second else self._second.own_of
            centre = match(leader.view().centre_lps)
            if centre is not None:
                camera = leader.camera
                follower.follow(centre, camera.mm_per_px, touched=camera.touched)
