"""What of the drawings one pane shows, and where each of them lies on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtGui import QFontMetricsF

from viewer import theme
from viewer.measuring.flat import edge_lps
from viewer.measuring.handles import handles
from viewer.measuring.hits import Box, Traced
from viewer.measuring.plates import place
from viewer.measuring.shapes import Kind, Measured, Shape
from viewer.measuring.words import plate
from viewer.views.planes import View
from viewer.views.slice_view import SliceView

ON_PLANE = 1 + 1e-6
"""A little more than half a slice, so that the plane between two slices shows both."""


@dataclass(frozen=True, eq=False)
class Laid:
    """One drawing of a pane: where it is, and the lines of text beside it."""

    measured: Measured
    traced: Traced
    lines: tuple[str, ...]


def lies_on(shape: Shape, view: View, step_mm: float) -> bool:
    """Whether every point is within half a slice of the pane's plane."""
    plane = view.plane
    off = plane.along(shape.points_lps)[:, 2] - plane.along(view.centre_lps)[2]
    return bool(np.abs(off).max() <= step_mm / 2 * ON_PLANE)


def lay_out(
    pane: SliceView,
    shown: Iterable[Measured],
    *,
    label_of: Callable[[Shape], str],
    selected: str = "",
) -> list[Laid]:
    """The drawings that lie on a pane's plane, the selected one last, so that it is on top."""
    step = pane.step_mm
    view = pane.view()
    here = [one for one in shown if lies_on(one.shape, view, step)]
    here.sort(key=lambda one: one.id == selected)
    traced = [_trace(one.shape, view, one.id == selected) for one in here]
    edge = theme.number("space.xs")
    whole = Box(edge, edge, view.width_px - edge, view.height_px - edge)
    taken = [one.box for one in traced]
    taken += [Box(*ring) for ring in pane.rings()]
    made = []
    for measured, trace in zip(here, traced, strict=True):
        lines = tuple(plate(measured, label_of(measured.shape)))
        text = None
        if lines:
            others = [box for box in taken if box is not trace.box]
            wished = _wished(measured.shape, view)
            by = trace.box
            if measured.shape.kind is Kind.ARROW:  # the words stand at its tail
                others, by = [*others, trace.box], Box.around(trace.handles[1:])
            text = place(by, plate_size(lines), whole, taken=others, wished=wished)
            taken.append(text)
        traced_with = Traced(trace.id, trace.lines, trace.handles, text, trace.selected)
        made.append(Laid(measured, traced_with, lines))
    return made


def _trace(shape: Shape, view: View, selected: bool) -> Traced:
    lines = tuple(view.pixels_of(line) for line in edge_lps(shape))
    return Traced(shape.id, lines, view.pixels_of(handles(shape)), None, selected)


def _wished(shape: Shape, view: View) -> tuple[float, float] | None:
    """Where a hand put the middle of the text, in pixels."""
    if shape.text_off_lps is None:
        return None
    x, y = view.pixels_of(np.array(shape.middle_lps) + shape.text_off_lps)
    return float(x), float(y)


@lru_cache(maxsize=256)
def plate_size(lines: tuple[str, ...]) -> tuple[float, float]:
    """Width and height of a plate with these lines."""
    metrics = QFontMetricsF(theme.font("overlay"))
    wide = max(metrics.horizontalAdvance(line) for line in lines)
    across, along = theme.number("measure.padX"), theme.number("measure.padY")
    return wide + 2 * across, len(lines) * theme.line_height("overlay") + 2 * along
