"""The picture of one pane: grey, fill and outlines, kept until one of them changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter

from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume
from viewer import theme
from viewer.views import overlays
from viewer.views.by_ai import by_ai
from viewer.views.outlines import Extent, Line, Outliner
from viewer.views.planes import PLANES, Plane, View, stack_of
from viewer.views.slab import Slab
from viewer.views.slice_render import (
    BLACK,
    OUTSIDE_HU,
    Cutter,
    Look,
    Rgb,
    Table,
    missing_of,
    table_of,
)
from viewer.views.state import Lps, ViewState
from viewer.views.thick import coarse, fine_bands, thick_cut, value_at

TURNING = 2
"""While planes turn, of so many pixels each way one is cut, and of so many voxels one is asked."""


class Layer:
    """Cuts and colours planes of a scan and of its labels."""

    def __init__(self) -> None:
        self._scan: Cutter | None = None
        self._loaded: NDArray[np.bool_] | None = None
        self._labelmap: LabelMap | None = None
        self._extent: Extent | None = None
        self._labels: Cutter | None = None
        self._outliner: Outliner | None = None
        self._table: Table | None = None
        self._image: QImage | None = None
        self._key: object = None
        self._shown: View | None = None
        self._edges: tuple[object, dict[int, list[Line]]] = (None, {})
        self._hu: NDArray[np.int16] | None = None
        self._missing: NDArray[np.bool_] | None = None
        self._cut_key: tuple[View, Slab] | None = None
        self._strips: list[NDArray[Any]] = []
        self._to_come: Iterator[NDArray[Any]] | None = None

    @property
    def labelled(self) -> bool:
        """Whether there are segments to show."""
        return self._labelmap is not None

    @property
    def labelled_by_ai(self) -> bool:
        """Whether there are segments to show that an AI made."""
        return self._labelmap is not None and by_ai(self._labelmap.made_by)

    @property
    def unfinished(self) -> bool:
        """Whether the picture is coarse; finish_some makes it fine."""
        return self._to_come is not None

    def set_scan(self, volume: Volume | None, loaded: NDArray[np.bool_] | None) -> None:
        self._scan = None
        if volume is not None:
            self._scan = Cutter(volume.hu, volume.geometry, outside=OUTSIDE_HU)
        self._loaded = loaded
        self.set_labels(None, None)

    def set_labels(self, labelmap: LabelMap | None, extent: Extent | None) -> None:
        self._labelmap, self._extent = labelmap, extent
        self._labels = self._outliner = self._table = None
        self._edges = (None, {})
        if labelmap is not None and extent is not None:
            self._labels = Cutter(labelmap.labels, labelmap.geometry, outside=0)
        self.forget()

    def labels_changed(
        self, labelmap: LabelMap, extent: Extent, corners_lps: NDArray[np.float64]
    ) -> bool:
        """The same segments, changed in a box; whether the newest picture shows any of it.

        corners_lps: of the box. Labels in the same memory keep their cutters, and a plane that the
        box does not meet keeps its edges and its picture.
        """
        if self._labels is None or self._labelmap is None or not _same(labelmap, self._labelmap):
            self.set_labels(labelmap, extent)
            return True
        self._labelmap = labelmap
        if extent is not self._extent:
            self._extent, self._outliner = extent, None
        view = self._shown
        if view is None:
            return True
        step = stack_of(labelmap.geometry, view.plane).step_mm
        depth = view.plane.along(corners_lps)[:, 2]
        here = float(view.plane.along(view.centre_lps)[2])
        if not depth.min() - step <= here <= depth.max() + step:
            return False
        self._edges, self._key = (None, {}), None
        return True

    def set_loaded(self, loaded: NDArray[np.bool_]) -> None:
        self._loaded = loaded
        self.forget()

    def forget(self) -> None:
        """The next picture is made anew."""
        self._key = self._cut_key = self._to_come = None

    def picture(self, view: View, state: ViewState, ratio: float) -> QImage:
        """The image of a view given in logical pixels; ratio: image pixels per logical one."""
        look = self._look(state)
        rough = TURNING if state.moving and view.plane != PLANES[view.plane.name] else 1
        key = (view, ratio, look, state.slab, state.show_outlines, state.hidden, rough)
        if self._image is None or key != self._key:
            self._image, self._key = self._paint(view, look, state, ratio, rough), key
            self._shown = view
        return self._image

    def finish_some(self) -> bool:
        """Some more of a coarse picture made fine; True when that is done and it is to be shown."""
        if self._to_come is None:
            return False
        strip = next(self._to_come, None)
        if strip is not None:
            self._strips.append(strip)
            return False
        self._hu, self._to_come, self._key = np.concatenate(self._strips), None, None
        return True

    def shown_hu(self, view: View, state: ViewState, lps: Lps) -> int | None:
        """The HU that a slab shows at a point; None outside the scan."""
        return None if self._scan is None else value_at(self._scan, view, lps, state.slab)

    @property
    def cut_hu(self) -> NDArray[np.int16] | None:
        """(height, width) HU of the newest picture, in image pixels; OUTSIDE_HU beyond the scan."""
        return self._hu

    def _cut(self, view: View, slab: Slab) -> NDArray[np.int16]:
        """HU of a view; kept, so that windowing costs no cut."""
        assert self._scan is not None
        if self._hu is None or self._cut_key != (view, slab):
            self._to_come = None
            if self._loaded is not None and not self._loaded.any():
                # a cut through memory that nobody has written would fetch all of it from the system
                self._hu = self._scan.nothing(view)
            elif slab.on:
                self._hu = thick_cut(self._scan, view, slab)
                if coarse(self._scan, view, slab):
                    self._to_come, self._strips = fine_bands(self._scan, view, slab), []
            else:
                self._hu = self._scan.cut(view, smooth=True)
            self._missing = missing_of(view, self._scan, self._loaded, slab)
            self._cut_key = (view, slab)
        return self._hu

    def _paint(self, view: View, look: Look, state: ViewState, ratio: float, rough: int) -> QImage:
        if self._table is None or self._table.look != look:
            self._table = table_of(look)
        fine = view.at_ratio(ratio / rough)
        hu = self._cut(fine, state.slab)
        labels = None
        if self._labels is not None and look.fill > 0:
            labels = self._labels.cut(fine, smooth=False)
        pixels = self._table.colours(hu, labels)
        if self._missing is not None:
            np.copyto(pixels, BLACK, where=self._missing)  # five times as fast as by its places
        high, wide = pixels.shape
        image = QImage(pixels.data, wide, high, wide * 4, QImage.Format.Format_RGB32)
        if rough > 1:
            whole = QSize(round(view.width_px * ratio), round(view.height_px * ratio))
            image = image.scaled(whole, mode=Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(ratio)
        if state.show_outlines and self._labels is not None:
            self._paint_outlines(image, view, state.hidden, rough)
        return image

    def _lines(self, plane: Plane, onward_mm: float, rough: int = 1) -> dict[int, list[Line]]:
        """The edges of all segments on a plane; kept while it stays where it is."""
        assert self._labelmap is not None and self._extent is not None
        assert self._labels is not None
        key = (plane, onward_mm, rough)
        if self._edges[0] != key:
            if self._outliner is None or self._outliner.plane != plane:
                box = self._extent.on(plane)
                self._outliner = Outliner(self._labelmap, self._labels, plane, box)
            self._edges = (key, self._outliner.lines(onward_mm, coarse=rough))
        return self._edges[1]

    def _paint_outlines(
        self, image: QImage, view: View, hidden: frozenset[int], rough: int
    ) -> None:
        assert self._labelmap is not None
        right, down, onward = (float(n) for n in view.plane.along(view.centre_lps))
        lines = self._lines(view.plane, onward, rough)
        middle = (view.width_px / 2, view.height_px / 2)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for segment in self._labelmap.segments:
            if segment.number in hidden:
                continue
            edges = [
                (line - (right, down)) / view.mm_per_px + middle
                for line in lines.get(segment.number, ())
            ]
            name, edge = segment_look(segment.name)
            if image.devicePixelRatio() == 1:
                overlays.paint_fine_outline(painter, overlays.polygons(edges), name, edge)
            else:
                overlays.paint_outline(painter, overlays.path(edges), name, edge)
        painter.end()

    def _look(self, state: ViewState) -> Look:
        colours: tuple[Rgb | None, ...] = ()
        if self._labelmap is not None:
            shown = [s for s in self._labelmap.segments if s.number not in state.hidden]
            table = {s.number: _rgb(segment_look(s.name)[0]) for s in shown}
            colours = tuple(table.get(n) for n in range(1, max(table, default=0) + 1))
        return Look(state.window, state.invert, state.fill, colours)


def _same(one: LabelMap, other: LabelMap) -> bool:
    """Whether two label maps lie in the same memory."""
    return bool(
        one.labels.ctypes.data == other.labels.ctypes.data
        and one.labels.shape == other.labels.shape
    )


def _rgb(name: str) -> Rgb:
    colour = theme.color(name)
    return colour.red(), colour.green(), colour.blue()


def segment_look(name: str) -> tuple[str, str]:
    """The colour token and the edge style of a segment; segments of others get a plain colour."""
    try:
        edge: str = theme.token(f"segment.{name}")["edge"]
    except KeyError:
        return "notice.info", "solid"
    return f"segment.{name}", edge
