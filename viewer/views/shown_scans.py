"""What the panes show: one scan, or two beside each other, with segments and marks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume
from viewer.dicom.series import Series
from viewer.views.hands import Hands
from viewer.views.layouts import PANES, SECONDS
from viewer.views.outlines import Extent, extent_of
from viewer.views.pane_text import PaneLines, lines_of
from viewer.views.planes import AXIAL
from viewer.views.second import Matrix, Second, SecondScan
from viewer.views.slice_view import SliceView
from viewer.views.state import Lps, Mark, PaneText, ViewState
from viewer.views.turning import STRAIGHT


class ShownScans(QWidget):
    """The views by pane, and the scans that are given to them.

    Places and the state are the first scan's; views of the second are told theirs. views: those
    that have a scan to show, by the pane's name; the second's only while there is one.
    """

    crosshair_moved = Signal(object)
    state_changed = Signal(object)
    second_changed = Signal(object)  # SecondScan, or None
    linked_changed = Signal(bool)
    second_anchored = Signal(object)  # (4, 4) LPS mm of the second scan to the first, by hand

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = ViewState()
        self._volume: Volume | None = None
        self._lines = PaneLines()
        self._loaded: NDArray[np.bool_] | None = None
        self._labelmap: LabelMap | None = None
        self._extent: Extent | None = None
        self._marks: tuple[Mark, ...] = ()
        self._second = Second()
        self._second_loaded: NDArray[np.bool_] | None = None
        self.hands = Hands()
        self.all_views = {
            name: SliceView(plane, self, hands=self.hands, name=name)
            for name, plane in PANES.items()
        }
        for name in SECONDS:
            self.all_views[name].of_second = True
        for view in self.all_views.values():
            view.corners.study_elsewhere = partial(self._axial_beside, view)
        self.views: dict[str, SliceView] = {}
        self._count_views()

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
        """Shows a scan from its middle, or nothing for None; labels, marks and a second scan are
        taken away.

        loaded: (K,) bool, which slices already lie in the volume's memory (None: all); tell of
        more with slices_ready. The first picture is of a loaded slice.
        """
        self.set_second(None)
        self._volume, self._lines = volume, lines_of(series)
        self._loaded = None if loaded is None else np.array(loaded, dtype=bool)
        self._labelmap, self._extent, self._marks = None, None, ()
        self._set(replace(self._state, planes=STRAIGHT))
        for view in self._of(second=False):
            view.set_scan(volume, self._lines, self._loaded)
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
        self._arrived(self._loaded, slices, second=False)

    def set_labels(self, labelmap: LabelMap | None) -> None:
        """Segments to outline, and to fill as set_fill says; None takes them away.

        The same ones again cost nothing: a reading changes with every verdict, its lungs do not.
        """
        if labelmap is self._labelmap:
            return
        self._labelmap = labelmap
        self._extent = None if labelmap is None else extent_of(labelmap)
        for view in self.views.values():
            self._give_labels(view)

    def labels_changed(self, labelmap: LabelMap, corners_lps: NDArray[np.float64]) -> None:
        """The same segments, changed in the box with these corners (N, 3) and nowhere else."""
        if self._extent is None:
            self.set_labels(labelmap)
            return
        self._labelmap, self._extent = labelmap, self._extent.wider(corners_lps)
        for view in self._of(second=False):
            view.labels_changed(labelmap, self._extent, corners_lps)
        for view in self._of(second=True):
            self._give_labels(view)

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        self._marks = tuple(marks)
        for view in self.views.values():
            self._give_marks(view)

    def set_corner_texts(self, text: PaneText) -> None:
        """Other words for the upper corners than those taken from the series."""
        self._lines = self._lines.with_text(text)
        for view in self._of(second=False):
            view.set_text(text)

    # The second scan

    @property
    def second(self) -> SecondScan | None:
        """The scan beside the first."""
        return self._second.scan

    @property
    def linked(self) -> bool:
        """Whether the two scans move together."""
        return self._second.joined

    @property
    def linking(self) -> Second:
        """How the second scan lies to the first, as these panes have it."""
        return self._second

    def link_as(self, linking: Second, second_in: Iterable[str]) -> None:
        """The second scan lies as another window's panes had it, and is seen in those of them."""
        if self._second.scan is not None:
            self._second.lie_as(linking)
            self._relinked()
            for name in self.views:
                self.show_in(name, second=name in second_in)

    @property
    def one_frame(self) -> bool:
        """Whether a place in LPS mm is the same place in both scans, by the scanner's own word."""
        match = self._second.to_first
        return self._second.exact and match is not None and bool(np.array_equal(match, np.eye(4)))

    @property
    def second_match(self) -> Matrix | None:
        """(4, 4) LPS mm of the second scan to LPS mm of the first, as it is in force."""
        return self._second.to_first

    def set_second(self, second: SecondScan | None) -> None:
        """Another scan beside the first, on the panes of the second series; None takes it away."""
        if second is None and self._second.scan is None:
            return
        self._second.take(second, self._state.window)
        loaded = None if second is None else second.loaded
        self._second_loaded = None if loaded is None else np.array(loaded, dtype=bool)
        changed = [view for view in self.all_views.values() if view.of_second]
        if second is None:
            for name, view in self.all_views.items():
                view.of_second = name in SECONDS
        self._count_views()
        for view in changed:
            self._give_scan(view)
        self._say_linking()
        self.second_changed.emit(second)

    def second_slices_ready(self, slices: Iterable[int]) -> None:
        """Slices (indices k) of the second scan that lie in its memory now."""
        self._arrived(self._second_loaded, slices, second=True)

    def show_in(self, pane: str, *, second: bool) -> None:
        """Which of the two scans a pane shows; it keeps its plane, and its sight while linked."""
        view = self.views[pane]
        if view.of_second == second:
            return
        sight = None
        if self.linked and view.volume is not None:
            match = self._second.own_of if second else self._second.first_of
            sight = match(view.view().centre_lps)
        mm_per_px, touched = view.camera.mm_per_px, view.camera.touched
        view.of_second = second
        self._give_scan(view)
        if sight is not None:
            view.follow(sight, mm_per_px, touched=touched)
        self._say_linking()

    def set_linked(self, linked: bool) -> None:
        """The two scans move together by millimetres, or each alone from where it stands.

        Where nothing tells how they lie to each other, the places that show now become the same.
        """
        if self._second.scan is not None and linked != self._second.joined:
            self._second.join(self._state.crosshair_lps, linked=linked)
            self._relinked()

    def anchor_second(self) -> None:
        """While they are apart: the places that show now in the two scans are the same one."""
        if self._second.scan is not None and not self._second.joined:
            matrix = self._second.anchor(self._state.crosshair_lps)
            self._relinked()
            self.second_anchored.emit(matrix)

    def match_second(self, to_first: Matrix, link: str = "") -> None:
        """A better match: (4, 4) LPS mm of the second scan to those of the first.

        link: words for the corner that say by what.
        """
        if self._second.scan is not None:
            self._second.match(to_first, link)
            self._relinked()

    # Within

    def _set(self, state: ViewState) -> None:
        if state == self._state:
            return
        self._state = state
        self._tell_views()
        self.state_changed.emit(state)

    def _tell_views(self) -> None:
        """To each view the state as it is for its own scan."""
        second = self._second.state(self._state) if self._second.scan is not None else None
        for view in self.views.values():
            view.set_state(second if view.of_second and second is not None else self._state)

    def _move_crosshair(self, lps: Lps, *, moving: bool = False) -> None:
        moved = lps != self._state.crosshair_lps
        self._set(replace(self._state, crosshair_lps=lps, moving=moving))
        if moved:
            self.crosshair_moved.emit(lps)

    def _count_views(self) -> None:
        there = self._second.scan is not None
        self.views = {n: v for n, v in self.all_views.items() if there or n not in SECONDS}

    def _of(self, *, second: bool) -> list[SliceView]:
        return [view for view in self.views.values() if view.of_second == second]

    def _axial_beside(self, view: SliceView) -> bool:
        """Whether another pane on the screen shows the same scan from below."""
        return view.plane.name != AXIAL and any(
            other.plane.name == AXIAL and other.isVisibleTo(self)
            for other in self._of(second=view.of_second)
        )

    def _arrived(
        self, loaded: NDArray[np.bool_] | None, slices: Iterable[int], *, second: bool
    ) -> None:
        if loaded is None:
            return
        fresh = list(slices)
        loaded[fresh] = True
        for view in self._of(second=second):
            view.slices_arrived(loaded, fresh)

    def _give_scan(self, view: SliceView) -> None:
        """All that a pane shows, of the scan that is its own now."""
        scan = self._second.scan
        self._tell_views()
        if not view.of_second:
            view.set_scan(self._volume, self._lines, self._loaded)
        elif scan is None:
            view.set_scan(None, PaneLines(), None)
        else:
            view.set_scan(scan.volume, lines_of(scan.series), self._second_loaded)
        self._give_labels(view)
        self._give_marks(view)

    def _give_labels(self, view: SliceView) -> None:
        """Segments lie in the second scan only where the match is exact."""
        labelmap, extent = self._labelmap, self._extent
        if view.of_second:
            labelmap, extent = self._second.labels(labelmap), self._second.extent(extent)
        view.set_labels(labelmap if extent is not None else None, extent)

    def _give_marks(self, view: SliceView) -> None:
        view.set_marks(self._second.marks(self._marks) if view.of_second else self._marks)

    def _relinked(self) -> None:
        for view in self._of(second=True):
            self._give_labels(view)
            self._give_marks(view)
        self._tell_views()
        self._say_linking()

    def _say_linking(self) -> None:
        """Tags and the kind of link, for the corners; and to whom it may concern."""
        for view in self.views.values():
            view.corners.two = self._second.scan is not None
            view.corners.beside = self._second.notes(second=view.of_second)
            view.corners.tag = self._second.tag(second=view.of_second)
            view.corners.link = self._second.link(second=view.of_second)
            view.corners.short_link = self._second.short_link(second=view.of_second)
            view.update()
        self.linked_changed.emit(self._second.joined)
