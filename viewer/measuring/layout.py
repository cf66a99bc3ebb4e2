"""What of the drawings one pane shows, and where each of them lies on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtGui import QFontMetricsF

from viewer import theme
from viewer.measuring.flat import edge_lps
from viewer.measuring.handles import handles
from viewer.measuring.hits import Box, Traced
from viewer.measuring.plates import place
from viewer.measuring.shapes import Kind, Measured, Shape
from viewer.measuring.words import plate, short
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

    @property
    def boxes(self) -> list[Box]:
        """What it fills of the screen: itself, and its text."""
        return [box for box in (self.traced.box, self.traced.text) if box is not None]


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
    taken: Sequence[Box] = (),
) -> list[Laid]:
    """The drawings that lie on a pane's plane, the selected one last, so that it is on top.

    taken: where no text may lie, marks and drawings that are not among these. A small pane tells
    one line of the selected one alone: plates of all of them would hide the lung there, and the
    list tells the others.
    """
    step, view = pane.step_mm, pane.view()
    here = [one for one in shown if lies_on(one.shape, view, step)]
    if not here:  # as in most paintings: then where the pane's words lie need not be known
        return []
    here.sort(key=lambda one: one.id == selected)
    traced = [_trace(one.shape, view, one.id == selected) for one in here]
    edge = theme.number("measure.inset")
    whole = Box(edge, edge, view.width_px - edge, view.height_px - edge)
    small = view.width_px < theme.size("overlay.paneSmall")
    filled = [*taken, *_words_of(pane), *(one.box for one in traced)]
    made = []
    for measured, trace in zip(here, traced, strict=True):
        lines = _lines(measured, label_of(measured.shape), small=small)
        text = None
        if lines and (not small or measured.id == selected):
            by, others = trace.box, [box for box in filled if box is not trace.box]
            if measured.shape.kind is Kind.ARROW:  # the words stand at its tail
                others, by = filled, Box.around(trace.handles[1:])
            wished = _wished(measured.shape, view)
            text = place(by, plate_size(lines), whole, taken=others, wished=wished)
            filled.append(text)
        made.append(Laid(measured, replace(trace, text=text), lines))
    return made


class Layouts:
    """What lies where on each pane, kept until something of it changes.

    One drawing in the hand makes room for itself among the others, which stay where they are.
    """

    def __init__(self, label_of: Callable[[Shape], str]) -> None:
        self._label_of = label_of
        self._kept: WeakKeyDictionary[SliceView, tuple[object, list[Laid]]] = WeakKeyDictionary()

    def of(
        self, pane: SliceView, measured: tuple[Measured, ...], live: Measured | None, selected: str
    ) -> list[Laid]:
        """The drawings of a pane; live: the one in the hand, in place of the one of its id."""
        moving = live.id if live is not None else ""
        rings = tuple(Box(*ring) for ring in pane.rings())
        said = pane.state.text_level, pane.state.patient_hidden
        key = (pane.view(), pane.step_mm, measured, moving, selected, rings, said)
        kept = self._kept.get(pane)
        if kept is None or kept[0] != key:
            rest = (one for one in measured if one.id != moving)
            laid = lay_out(pane, rest, label_of=self._label_of, selected=selected, taken=rings)
            self._kept[pane] = kept = (key, laid)
        if live is None:
            return kept[1]
        filled = [*rings, *(box for one in kept[1] for box in one.boxes)]
        return kept[1] + lay_out(
            pane, [live], label_of=self._label_of, selected=selected, taken=filled
        )


def _trace(shape: Shape, view: View, selected: bool) -> Traced:
    lines = tuple(view.pixels_of(line) for line in edge_lps(shape))
    return Traced(shape.id, lines, view.pixels_of(handles(shape)), None, selected)


def _lines(measured: Measured, label: str, *, small: bool) -> tuple[str, ...]:
    """What stands beside a drawing: all of it, or one line where room is scarce."""
    if not small:
        return tuple(plate(measured, label))
    first = short(measured) or label
    return (first,) if first else ()


def _words_of(pane: SliceView) -> list[Box]:
    """Where a pane says what it shows, its letters and its scale bar."""
    return [
        Box(one.left(), one.top(), one.right(), one.bottom())
        for one in pane.corners.places(pane.view().mm_per_px)
    ]


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
