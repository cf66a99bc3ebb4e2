"""What is painted over the 3-D picture: tags on leaders, corner texts, scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from viewer import theme
from viewer.views import corners, overlays
from viewer.views.beside_tags import Tag, name_places
from viewer.views.glyphs import diamond, ring_pen, state_colour
from viewer.views.pane_text import marks_hidden
from viewer.views.state import FEW_TEXT, NO_TEXT, PaneText, ViewState
from viewer.volume.leaders import ring_px
from viewer.volume.pick import Seen


def _tr(text: str) -> str:
    return QCoreApplication.translate("VolumeView", text)


@dataclass(frozen=True)
class Words:
    """What stands in the corners. preset: its name. coarse: it is coarse while it turns."""

    preset: str
    text: PaneText
    coarse: bool


def paint_words(
    painter: QPainter, bounds: QRectF, words: Words, state: ViewState, *, ai_shows: bool
) -> None:
    """Corner tabs as on the cuts, and that AI took part: in a small pane too, where beside it the
    cuts may have no room for it."""
    small = bounds.width() < theme.size("overlay.paneSmall")
    lift = 0.0
    if ai_shows:
        notice = _tr("AI: research use")
        lift = corners.paint_notice(painter, bounds, notice, quiet=True).height()
    if not state.show_marks:
        corners.paint_notice(painter, bounds, marks_hidden(), lift=lift)
    if state.text_level == NO_TEXT:
        return
    few = small or state.text_level == FEW_TEXT
    first = _tr("3-D %1").replace("%1", words.preset)
    upper = [first, *(() if few or state.patient_hidden else words.text.patient)]
    corners.paint_tab(painter, bounds, corners.TOP_LEFT, upper, quiet=words.text.patient[1:])
    if few:
        return
    how = _tr("Parallel · no GPU, coarse while turning") if words.coarse else _tr("Parallel")
    lines = [*words.text.study[:2], how]
    corners.paint_tab(painter, bounds, corners.TOP_RIGHT, lines, quiet=(how,))


def _scale(bounds: QRectF, mm_per_px: float) -> tuple[float, str, float, float] | None:
    """The bar: pixels per mm, label, how many mm, and its upper end. None without room."""
    top = bounds.center().y() + theme.number("scale.below")
    room = bounds.bottom() - theme.number("scale.foot") - top
    long_mm = corners.scale_mm(1 / mm_per_px, room)
    if long_mm is None:
        return None
    label = _tr("%1 cm").replace("%1", f"{long_mm / 10:g}")
    return 1 / mm_per_px, label, long_mm, top


def paint_scale(painter: QPainter, bounds: QRectF, mm_per_px: float) -> None:
    """The bar of the cuts: in parallel it holds for near and far."""
    bar = _scale(bounds, mm_per_px)
    if bar is not None:
        corners.paint_scale(painter, bounds, *bar)


def scale_places(bounds: QRectF, mm_per_px: float) -> list[QRectF]:
    """Where paint_scale puts the bar and its label."""
    bar = _scale(bounds, mm_per_px)
    return [] if bar is None else corners.scale_places(bounds, *bar)


def names_of(
    tags: Sequence[Tag], bounds: QRectF, words: Sequence[QRectF] = ()
) -> dict[str, QRectF]:
    """Where the whole names of findings whose numbers repeat stand, by id: the nearest first."""
    return name_places(tags[::-1], bounds, words)


def paint_names(
    painter: QPainter, tags: Sequence[Tag], bounds: QRectF, words: Sequence[QRectF] = ()
) -> None:
    """Those names, each on its plate; words: what they keep clear of besides."""
    boxes = names_of(tags, bounds, words)
    for one in tags:
        if one.mark.id in boxes:
            overlays.paint_name(painter, one.mark, boxes[one.mark.id])


def paint_tags(painter: QPainter, found: Iterable[Seen], tags: Iterable[Tag]) -> None:
    """A number on a leader for each finding, by its state's shape; no leader over a number."""
    both = list(zip(found, tags, strict=True))
    for one, tag in both:
        name = state_colour(one.mark.state)
        width = theme.number("mark.penCurrent" if one.mark.current else "mark.pen")
        foot = QPointF(*one.nearest(tag.at.x(), tag.at.y()))
        under = theme.number("mark.underlay")
        for made in (
            theme.pen("bg.image", width=width + under, alpha=theme.number("mark.underlayAlpha")),
            theme.pen(name, width=width, alpha=theme.number("mark.alpha")),
        ):
            painter.setPen(made)
            painter.drawLine(foot, tag.at)
        if one.mark.current:
            around = ring_px(one)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.pen(name, width=width, style=ring_pen(one.mark.state)))
            painter.drawEllipse(QPointF(one.x, one.y), around, around)
    for one, tag in both:
        width = theme.number("mark.penCurrent" if one.mark.current else "mark.pen")
        _paint_tag(painter, one, tag.at, width)


def _paint_tag(painter: QPainter, one: Seen, place: QPointF, width: float) -> None:
    name, radius = state_colour(one.mark.state), theme.number("mark.tagRadius")
    solid = one.mark.state == "accepted"
    painter.setBrush(theme.color(name) if solid else theme.color("bg.image"))
    painter.setPen(theme.pen(name, width=width, style=ring_pen(one.mark.state)))
    if one.mark.state == "added":
        painter.drawPolygon(diamond(place, radius * math.sqrt(2)))
    else:
        painter.drawEllipse(place, radius, radius)
    painter.setPen(theme.color("bg.image" if solid else name))
    painter.setFont(theme.font("captionStrong"))
    box = QRectF(place.x() - radius, place.y() - radius, 2 * radius, 2 * radius)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(one.mark.number))
    painter.setBrush(Qt.BrushStyle.NoBrush)
