"""What is painted over the 3-D picture: tags on leaders, corner texts, scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from viewer import theme
from viewer.views import corners, overlays
from viewer.views.glyphs import diamond, ring_pen, state_colour
from viewer.views.pane_text import marks_hidden
from viewer.views.state import FEW_TEXT, NO_TEXT, PaneText, ViewState
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
    """Corner tabs as on the cuts, and that AI took part."""
    small = bounds.width() < theme.size("overlay.paneSmall")
    lift = 0.0
    if ai_shows and not small:
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


def paint_scale(painter: QPainter, bounds: QRectF, mm_per_px: float) -> None:
    """The bar of the cuts: in parallel it holds for near and far."""
    top = bounds.center().y() + theme.number("scale.below")
    room = bounds.bottom() - theme.number("scale.foot") - top
    long_mm = corners.scale_mm(1 / mm_per_px, room)
    if long_mm is not None:
        label = _tr("%1 cm").replace("%1", f"{long_mm / 10:g}")
        corners.paint_scale(painter, bounds, 1 / mm_per_px, label, long_mm, top)


def tag_places(found: Sequence[Seen], bounds: QRectF) -> list[QPointF]:
    """The middle of each finding's tag: outside it, at 45 degrees, within the pane, apart."""
    out_px, radius = theme.number("tag.leader"), theme.number("mark.tagRadius")
    angle = math.radians(theme.number("mark.tagAngle"))
    room = bounds.adjusted(2 * radius, 2 * radius, -2 * radius, -2 * radius)
    places: list[QPointF] = []
    for one in found:
        far = one.radius + out_px
        x = one.x + far * math.cos(angle)
        y = one.y - far * math.sin(angle)
        x = min(max(x, room.left()), room.right())
        y = min(max(y, room.top()), room.bottom())
        # in steps of a tag's height, up or down, until it lies on no other
        for step in (0, -1, 1, -2, 2, -3, 3):
            shifted = y + step * (2 * radius + 2)
            free = all(math.hypot(x - p.x(), shifted - p.y()) > 2 * radius for p in places)
            if free and room.top() <= shifted <= room.bottom():
                y = shifted
                break
        places.append(QPointF(x, y))
    return places


def name_places(
    found: Sequence[Seen], places: Sequence[QPointF], bounds: QRectF
) -> dict[str, QRectF]:
    """Where names stand, by id: of findings whose tags say the same, the current one first.

    Beside its tag, clear of every tag and of other names; one that finds no such place is left out.
    """
    metrics = QFontMetricsF(theme.font("captionStrong"))
    radius = theme.number("mark.tagRadius")
    reach, high = radius + theme.number("mark.underlay"), metrics.height()
    tags = [QRectF(p.x() - radius, p.y() - radius, 2 * radius, 2 * radius) for p in places]
    twins = overlays.twins(found)
    made: dict[str, QRectF] = {}
    for one, place in reversed(list(zip(found, places, strict=True))):
        if one.mark.id not in twins or not one.mark.name:
            continue
        wide = metrics.horizontalAdvance(one.mark.name) + radius
        for x, y in (
            (place.x() + reach, place.y() - high / 2),
            (place.x() - reach - wide, place.y() - high / 2),
            (place.x() - wide / 2, place.y() - reach - high),
            (place.x() - wide / 2, place.y() + reach),
        ):
            box = QRectF(x, y, wide, high)
            free = not any(box.intersects(other) for other in (*tags, *made.values()))
            if free and bounds.contains(box):
                made[one.mark.id] = box
                break
    return made


def paint_names(
    painter: QPainter, found: Sequence[Seen], places: Sequence[QPointF], bounds: QRectF
) -> None:
    """The whole names of findings whose numbers repeat."""
    boxes = name_places(found, places, bounds)
    for one in found:
        if one.mark.id in boxes:
            overlays.paint_name(painter, one.mark, boxes[one.mark.id])


def paint_tags(painter: QPainter, found: Iterable[Seen], places: Iterable[QPointF]) -> None:
    """A number on a leader for each finding, by its state's shape."""
    for one, place in zip(found, places, strict=True):
        name = state_colour(one.mark.state)
        width = theme.number("mark.penCurrent" if one.mark.current else "mark.pen")
        foot = QPointF(*one.nearest(place.x(), place.y()))
        under = theme.number("mark.underlay")
        for made in (
            theme.pen("bg.image", width=width + under, alpha=theme.number("mark.underlayAlpha")),
            theme.pen(name, width=width, alpha=theme.number("mark.alpha")),
        ):
            painter.setPen(made)
            painter.drawLine(foot, place)
        if one.mark.current:
            around = one.radius + theme.number("mark.pad")
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(theme.pen(name, width=width, style=ring_pen(one.mark.state)))
            painter.drawEllipse(QPointF(one.x, one.y), around, around)
        _paint_tag(painter, one, place, width)


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
