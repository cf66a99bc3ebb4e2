"""The picture of one pane: grey, fill and outlines, kept until one of them changes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

from ai.scan.labelmap import LabelMap
from ai.scan.volume import Volume
from viewer import theme
from viewer.views import overlays
from viewer.views.outlines import Box, Line, Outliner
from viewer.views.planes import Plane, View
from viewer.views.slice_render import OUTSIDE_HU, Cutter, Look, Rgb, Table, render
from viewer.views.state import ViewState


class Layer:
    """Cuts and colours one plane of a scan and of its labels."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane
        self._scan: Cutter | None = None
        self._loaded: NDArray[np.bool_] | None = None
        self._labelmap: LabelMap | None = None
        self._labels: Cutter | None = None
        self._outliner: Outliner | None = None
        self._table: Table | None = None
        self._image: QImage | None = None
        self._key: object = None
        self._edges: tuple[float, dict[int, list[Line]]] = (float("nan"), {})

    @property
    def labelled(self) -> bool:
        """Whether there are segments to show."""
        return self._labelmap is not None

    def set_scan(self, volume: Volume | None, loaded: NDArray[np.bool_] | None) -> None:
        self._scan = None
        if volume is not None:
            self._scan = Cutter(volume.hu, volume.geometry, outside=OUTSIDE_HU)
        self._loaded = loaded
        self.set_labels(None, None)

    def set_labels(self, labelmap: LabelMap | None, box: Box | None) -> None:
        self._labelmap = labelmap
        self._labels = self._outliner = self._table = None
        self._edges = (float("nan"), {})
        if labelmap is not None and box is not None:
            self._labels = Cutter(labelmap.labels, labelmap.geometry, outside=0)
            own = Cutter(labelmap.labels, labelmap.geometry, outside=0)
            self._outliner = Outliner(labelmap, own, self._plane, box)
        self.forget()

    def set_loaded(self, loaded: NDArray[np.bool_]) -> None:
        self._loaded = loaded
        self.forget()

    def forget(self) -> None:
        """The next picture is made anew."""
        self._key = None

    def picture(self, view: View, state: ViewState, ratio: float) -> QImage:
        """The image of a view given in logical pixels; ratio: image pixels per logical one."""
        look = self._look(state)
        key = (view, ratio, look, state.show_outlines, state.hidden)
        if self._image is None or key != self._key:
            self._image, self._key = self._paint(view, look, state, ratio), key
        return self._image

    def _paint(self, view: View, look: Look, state: ViewState, ratio: float) -> QImage:
        assert self._scan is not None
        if self._table is None or self._table.look != look:
            self._table = Table(look)
        fine = view.at_ratio(ratio)
        pixels = render(fine, self._scan, self._table, labels=self._labels, loaded=self._loaded)
        high, wide = pixels.shape
        image = QImage(pixels.data, wide, high, wide * 4, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        if state.show_outlines and self._outliner is not None:
            self._paint_outlines(image, view, state.hidden)
        return image

    def _paint_outlines(self, image: QImage, view: View, hidden: frozenset[int]) -> None:
        assert self._labelmap is not None and self._outliner is not None
        right, down, onward = (float(n) for n in self._plane.along(view.centre_lps))
        if self._edges[0] != onward:
            self._edges = (onward, self._outliner.lines(onward))
        middle = (view.width_px / 2, view.height_px / 2)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for segment in self._labelmap.segments:
            if segment.number in hidden:
                continue
            edges = overlays.path(
                (line - (right, down)) / view.mm_per_px + middle
                for line in self._edges[1].get(segment.number, ())
            )
            name, edge = segment_look(segment.name)
            overlays.paint_outline(painter, edges, name, edge)
        painter.end()

    def _look(self, state: ViewState) -> Look:
        colours: tuple[Rgb | None, ...] = ()
        if self._labelmap is not None:
            shown = [s for s in self._labelmap.segments if s.number not in state.hidden]
            table = {s.number: _rgb(segment_look(s.name)[0]) for s in shown}
            colours = tuple(table.get(n) for n in range(1, max(table, default=0) + 1))
        return Look(state.window, state.invert, state.fill, colours)


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
