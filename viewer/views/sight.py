"""What one pane looks at: which plane, where on it, how large."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtWidgets import QWidget

from ai.scan.volume import Volume
from viewer import theme
from viewer.views.camera import Camera
from viewer.views.clearing import Shadow, clear_sight
from viewer.views.outlines import Extent
from viewer.views.planes import Plane, View, bounds_on, nearest_slice, on_a_slice, stack_of
from viewer.views.state import Lps, ViewState


class Sight(QWidget):
    """Zoom and pan of a pane, which are its own, on the plane of the state that all share.

    name: the pane's own, where several show one plane. of_second: it shows the second scan, and
    all its places are that scan's. stays: a new size changes no zoom now.
    """

    camera_moved = Signal(bool)  # by a hand

    def __init__(self, plane: str, parent: QWidget | None, name: str) -> None:
        super().__init__(parent)
        self.name = name or plane
        self.of_second = False
        self.stays = False
        self.state = ViewState()
        self.camera = Camera()
        self._kind = plane
        self._volume: Volume | None = None
        self._extent: Extent | None = None
        self._shadow: tuple[Extent, Plane, Shadow] | None = None
        self._lifted: tuple[float, tuple[float, float, float]] | None = None  # mm, and since when
        self._followed = False  # the crosshair was brought in sight since the last fit

    @property
    def plane(self) -> Plane:
        """How the cut lies now."""
        return self.state.planes[self._kind]

    @property
    def volume(self) -> Volume | None:
        return self._volume

    # Zoom and pan

    def fit(self) -> None:
        """Shows the lungs where a mask is, else the whole field of view, and follows resizing."""
        self._followed = False
        if self._volume is not None:
            if self._extent is not None:
                self._fit_labels(self._extent)
            else:
                self.camera.fit_scan(self._volume.geometry, self.plane, self.width(), self.height())
            self.camera_moved.emit(False)
        self.update()

    def refit(self) -> None:
        """The same in another room; a crosshair that was brought in sight is still in sight."""
        followed = self._followed
        self.fit()
        if followed:
            self.reveal(self.state.crosshair_lps)
            self._followed = True

    def _fit_labels(self, extent: Extent) -> None:
        """By where any slice has them, not this one alone: the same zoom wherever a reader is."""
        box, places = extent.on(self.plane), extent.places_lps
        if places is None or not len(places):
            self.camera.fit_box(box.low, box.high, self.width(), self.height())
            return
        if self._shadow is None or self._shadow[:2] != (extent, self.plane):
            self._shadow = extent, self.plane, Shadow(self.plane.along(places)[:, :2])
        size, margin = (self.width(), self.height()), theme.number("fit.margin")
        sight = clear_sight(box.low, box.high, self._shadow[2], size, margin, self._texts_at())
        self.camera.look(*sight)

    def _texts_at(self) -> Callable[[float], Sequence[QRectF]]:
        """Where words would lie on the picture at so many mm per pixel."""
        return lambda _mm_per_px: ()

    def pan(self, step: QPointF) -> None:
        self.camera.pan(step.x(), step.y())
        self.camera_moved.emit(True)
        self.update()

    def zoom(self, factor: float, *, about: QPointF) -> None:
        """Larger (factor above 1) or smaller; the point under `about` stays where it is."""
        x, y = about.x() - self.width() / 2, about.y() - self.height() / 2
        self.camera.zoom(factor, x, y)
        self.camera_moved.emit(True)
        self.update()

    def reveal(self, lps: Lps) -> None:
        """Pans just so far that a point is in sight; a point in sight moves nothing.

        Only the way in which it is out of sight, and no further than that some of what lies around
        it is seen too, as far as the scan reaches: a pane that the scan could fill shows next to no
        black beside it.
        """
        if self._volume is None:
            return
        inset, around = theme.number("reveal.inset"), theme.number("reveal.aroundMm")
        ways = self._out_of_sight(lps, inset)
        if any(ways):
            place = self.plane.along(lps)[:2]
            low, high = bounds_on(self._volume.geometry, self.plane)[:2].T
            low, high = np.minimum(low, place), np.maximum(high, place)
            size = self.width(), self.height()
            self.camera.pan_to(place, low, high, size, inset_px=inset, around_mm=around, ways=ways)
            self._followed = True
            self.camera_moved.emit(True)
            self.update()

    def _out_of_sight(self, lps: Lps, inset: float) -> tuple[bool, bool]:
        """Right or left, up or down: past the edge, or so near it that words may lie on it."""
        x, y = (float(n) for n in self.view().pixels_of(lps))
        words = self._texts_at()(self.camera.mm_per_px)
        if not any(rect.contains(x, y) for rect in words):
            inset = min(inset, theme.number("reveal.edge"))
        return not inset <= x <= self.width() - inset, not inset <= y <= self.height() - inset

    def follow(self, centre_lps: Lps, mm_per_px: float, *, touched: bool) -> None:
        """Looks at the same place as a pane of the other scan, as large; tells nobody."""
        right, down, _ = self.plane.along(centre_lps)
        self.camera.right_mm, self.camera.down_mm = float(right), float(down)
        self.camera.mm_per_px, self.camera.touched = mm_per_px, touched
        self.update()

    def shift(self, right_px: float, down_px: float) -> None:
        """The picture moves so far in the pane, because the pane moved under it."""
        self.camera.right_mm -= right_px * self.camera.mm_per_px
        self.camera.down_mm -= down_px * self.camera.mm_per_px
        self.update()

    def margins_px(self) -> tuple[float, float] | None:
        """How far from the pane's upper and lower edge the crosshair is; None without a scan."""
        if self._volume is None:
            return None
        y = float(self.view().pixels_of(self.state.crosshair_lps)[1])
        return y, self.height() - y

    def stay(self, moved: QPointF, margins_px: tuple[float, float] | None) -> None:
        """The pane moved so many pixels under a picture that stays where it is in the window.

        margins_px: as they were. A crosshair in sight stays so: the picture goes just so far from
        under a banner, and comes back when that goes, unless a hand has moved it meanwhile.
        """
        if self._lifted is not None and self._lifted[1] == self.camera.place:
            self.camera.down_mm -= self._lifted[0]
        self._lifted = None
        self.shift(moved.x(), moved.y())
        now = self.margins_px()
        if now is None or margins_px is None or min(margins_px) < 0:
            return
        inset = min(theme.number("reveal.inset"), self.height() / 2)
        above, below = (min(inset, was) - here for was, here in zip(margins_px, now, strict=True))
        before = self.camera.down_mm
        self.shift(0, max(above, 0.0) - max(below, 0.0))
        if self.camera.down_mm != before:
            self._lifted = self.camera.down_mm - before, self.camera.place

    def _follow_turn(self, was: Plane) -> None:
        """The crosshair stays where it is on the screen while the plane turns about it."""
        before, now = (p.along(self.state.crosshair_lps) for p in (was, self.plane))
        self.camera.right_mm += float(now[0] - before[0])
        self.camera.down_mm += float(now[1] - before[1])

    # Where that is in the patient

    def slice_lps(self) -> Lps:
        """The crosshair moved to the middle of the slice that is shown."""
        assert self._volume is not None
        return on_a_slice(self._volume.geometry, self.plane, self.state.crosshair_lps)

    @property
    def step_mm(self) -> float:
        """From one slice of this plane to the next."""
        assert self._volume is not None
        return stack_of(self._volume.geometry, self.plane).step_mm

    def slice_k(self) -> int:
        """The index, along the plane's voxel axis, of the slice that is shown."""
        assert self._volume is not None
        return nearest_slice(self._volume.geometry, self.plane, self.slice_lps())

    def view(self) -> View:
        """What the pane looks at, in logical pixels."""
        camera, size = self.camera, (max(1, self.width()), max(1, self.height()))
        place = camera.right_mm, camera.down_mm
        return _view(self.plane, self.slice_lps(), place, camera.mm_per_px, size)

    def kept_inside(self, lps: Lps) -> Lps:
        """The nearest point to lps inside the scan."""
        assert self._volume is not None
        geometry = self._volume.geometry
        index = np.clip(geometry.index_of(lps), 0, np.array(geometry.shape_kji) - 1)
        x, y, z = geometry.lps_of(index)
        return float(x), float(y), float(z)


@lru_cache(maxsize=64)
def _view(
    plane: Plane,
    slice_lps: Lps,
    place: tuple[float, float],
    mm_per_px: float,
    size: tuple[int, int],
) -> View:
    """place: mm right and down of the pane's middle. Kept: one picture asks seven times."""
    onward = plane.along(slice_lps)[2]
    x, y, z = plane.lps((*place, onward))
    return View(plane, (float(x), float(y), float(z)), mm_per_px, *size)
