"""Marks, segments and scans in the words of the process that renders."""

from __future__ import annotations

from collections.abc import Iterable

from ai.scan.geometry import Geometry
from ai.scan.labelmap import LabelMap
from viewer import theme
from viewer.views.glyphs import state_colour
from viewer.views.layer import segment_look
from viewer.views.state import Mark, ViewState
from viewer.volume.messages import Rgb, Tint
from viewer.volume.pick import NOT_SHOWN

SHARP_KERNEL, THICK_SLICES = 1.4, 0.7
"""What tables of gradient opacity are multiplied by: noise has steep slopes, thick slices none."""

THICK_MM = 4.0


def gradient_of(geometry: Geometry | None, *, sharp: bool) -> float:
    """The factor for a scan; sharp: a lung or bone kernel made it."""
    thick = geometry is not None and max(geometry.spacing_kji_mm) >= THICK_MM
    return (SHARP_KERNEL if sharp else 1.0) * (THICK_SLICES if thick else 1.0)


def shown_of(marks: Iterable[Mark], state: ViewState) -> tuple[Mark, ...]:
    """The marks that the picture shows: neither rejected nor held, none while all are hidden."""
    return tuple(m for m in marks if m.state not in NOT_SHOWN) if state.show_marks else ()


def tints_of(shown: Iterable[Mark]) -> tuple[Tint, ...]:
    """Each in its state's colour."""
    return tuple(
        Tint(mark.id, _rgb(state_colour(mark.state)), mark.centre_lps, mark.radius_mm)
        for mark in shown
    )


def colours_of(labelmap: LabelMap | None) -> dict[int, Rgb]:
    """Each segment's colour, by its number."""
    segments = labelmap.segments if labelmap is not None else ()
    return {one.number: _rgb(segment_look(one.name)[0]) for one in segments}


def hidden_of(labelmap: LabelMap | None, state: ViewState) -> tuple[int, ...]:
    """Numbers of the segments whose glass is not drawn."""
    if not state.show_outlines and labelmap is not None:
        return tuple(one.number for one in labelmap.segments)
    return tuple(sorted(state.hidden))


def _rgb(name: str) -> Rgb:
    colour = theme.color(name)
    return colour.redF(), colour.greenF(), colour.blueF()
