"""Corner tabs, orientation letters and scale bar: text that is read on black and on white."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath

from viewer import theme

TOP_LEFT, TOP_RIGHT, BOTTOM_LEFT, BOTTOM_RIGHT = "tl", "tr", "bl", "br"
SHARP = 0.5
FINE_MM = (10.0, 5.0)
"""Bars for a picture so large that no other fits, with a tick each millimetre."""


def _pad() -> tuple[float, float]:
    """Padding of a tab above and below, left and right."""
    vertical, horizontal = theme.token("overlay.platePad")
    return float(vertical), float(horizontal)


def _fitted(lines: Sequence[str], lead: float, wide_px: float) -> tuple[list[str], float]:
    """Lines that fit into half a pane beside its letter, and the padding at their left and right.

    Where room is scarce the padding goes before words are cut with an ellipsis: a long name never
    runs into the other corner.
    """
    metrics = QFontMetricsF(theme.font("overlay"))
    pad, scarce = _pad()[1], theme.number("space.xs")
    widths = [metrics.horizontalAdvance(line) for line in lines]
    widths[0] += lead
    if max(widths) + 2 * pad <= wide_px:
        return list(lines), pad
    letter = (theme.line_height("overlay") + theme.number("space.xs")) / 2
    if max(widths) + 2 * scarce < wide_px + theme.number("space.l") - letter:
        return list(lines), scarce
    side = Qt.TextElideMode.ElideRight
    cut = [metrics.elidedText(line, side, wide_px - lead - 2 * pad) for line in lines]
    return cut, pad


def fits_beside_letter(line: str, bounds: QRectF) -> bool:
    """Whether a line stands whole in a corner, in half of the pane's width."""
    return _fitted([line], 0.0, _half(bounds))[0] == [line]


def _half(bounds: QRectF) -> float:
    """The room of a corner: the letter at mid-edge stays free."""
    return bounds.width() / 2 - theme.number("space.l")


def tab_size(
    lines: Sequence[str], *, lead: float = 0.0, at_least: str = "", pad: float | None = None
) -> tuple[float, float]:
    """Width and height of a tab; lead: room before the first line; at_least: text it must hold.

    pad: at its left and right, where that is not the usual one.
    """
    metrics = QFontMetricsF(theme.font("overlay"))
    vertical, usual = _pad()
    horizontal = usual if pad is None else pad
    widths = [metrics.horizontalAdvance(line) for line in (*lines, at_least)]
    widths[0] += lead
    return (
        math.ceil(max(widths)) + 2 * horizontal,
        len(lines) * theme.line_height("overlay") + 2 * vertical,
    )


def tab_rect(bounds: QRectF, corner: str, wide: float, high: float) -> QRectF:
    """Where a tab of that size lies, flush in its corner."""
    left = bounds.left() if corner in (TOP_LEFT, BOTTOM_LEFT) else bounds.right() - wide
    top = bounds.top() if corner in (TOP_LEFT, TOP_RIGHT) else bounds.bottom() - high
    return QRectF(left, top, wide, high)


def _plate(rect: QRectF, *, round_corners: str) -> QPainterPath:
    """A rectangle with the named corners rounded."""
    return _plate_at(rect.left(), rect.top(), rect.width(), rect.height(), round_corners)


@lru_cache(maxsize=256)
def _plate_at(left: float, top: float, wide: float, high: float, corners: str) -> QPainterPath:
    """Kept, for a dozen of them are drawn with each picture and seldom change."""
    rect, round_corners = QRectF(left, top, wide, high), corners
    radius = theme.number("overlay.plateRadius")
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    square = {
        TOP_LEFT: QPointF(rect.left(), rect.top()),
        TOP_RIGHT: QPointF(rect.right() - radius, rect.top()),
        BOTTOM_LEFT: QPointF(rect.left(), rect.bottom() - radius),
        BOTTOM_RIGHT: QPointF(rect.right() - radius, rect.bottom() - radius),
    }
    for corner, at in square.items():
        if corner not in round_corners.split():
            block = QPainterPath()
            block.addRect(QRectF(at.x(), at.y(), radius, radius))
            path = path.united(block)
    return path


_INNER = {TOP_LEFT: "br", TOP_RIGHT: "bl", BOTTOM_LEFT: "tr", BOTTOM_RIGHT: "tl"}


def _fill(painter: QPainter, path: QPainterPath) -> None:
    painter.fillPath(path, theme.color("bg.image", theme.number("overlay.plateAlpha")))


def paint_tab(
    painter: QPainter,
    bounds: QRectF,
    corner: str,
    lines: Sequence[str],
    *,
    plane: str = "",
    at_least: str = "",
    alone: bool = False,
    quiet: Collection[str] = (),
) -> QRectF:
    """A corner tab; plane puts the swatch of its line before the first line. Returns its place.

    alone: no letter stands at its edge of the pane, which is all its own. quiet: which of the
    lines are of second rank.
    """
    lead = _lead(plane)
    inks = ["text.imageDim" if line in quiet else "text.image" for line in lines]
    lines, horizontal, rect = _laid(bounds, corner, lines, lead, at_least, alone)
    wide = rect.width()
    _fill(painter, _plate(rect, round_corners=_INNER[corner]))
    vertical = _pad()[0]
    row = QRectF(
        rect.left() + horizontal, rect.top() + vertical, wide - 2 * horizontal,
        theme.line_height("overlay"),
    )  # fmt: skip
    right = corner in (TOP_RIGHT, BOTTOM_RIGHT)
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.setFont(theme.font("overlay"))
    for n, line in enumerate(lines):
        shift = lead if n == 0 else 0.0
        painter.setPen(theme.color(inks[n]))
        painter.drawText(row.adjusted(shift, 0, 0, 0), side | Qt.AlignmentFlag.AlignVCenter, line)
        if n == 0 and plane:
            _swatch(painter, row, plane)
        row.translate(0, theme.line_height("overlay"))
    return rect


def tab_place(
    bounds: QRectF, corner: str, lines: Sequence[str], *, plane: str = "", at_least: str = ""
) -> QRectF:
    """Where paint_tab puts a tab with these lines."""
    return _laid(bounds, corner, lines, _lead(plane), at_least, False)[2]


def _lead(plane: str) -> float:
    """The room that the swatch of a plane takes."""
    return theme.number("swatch") + theme.number("space.s") if plane else 0.0


def _laid(
    bounds: QRectF, corner: str, lines: Sequence[str], lead: float, at_least: str, alone: bool
) -> tuple[list[str], float, QRectF]:
    """The lines as they fit, the padding beside them, and their tab's place."""
    room = bounds.width() if alone else _half(bounds)
    fitting, horizontal = _fitted(lines, lead, room)
    wide, high = tab_size(fitting, lead=lead, at_least=at_least, pad=horizontal)
    return fitting, horizontal, tab_rect(bounds, corner, wide, high)


def _swatch(painter: QPainter, row: QRectF, plane: str) -> None:
    """A short piece of the line that stands for this plane in the other panes."""
    spec = f"plane.{plane}"
    width = theme.number("swatch.pen")
    made = theme.pen(spec, width=width, style=theme.token(spec)["pen"])
    painter.setPen(made)
    y = row.center().y()
    painter.drawLine(QPointF(row.left(), y), QPointF(row.left() + theme.number("swatch"), y))


def paint_notice(
    painter: QPainter, bounds: QRectF, text: str, *, lift: float = 0.0, quiet: bool = False
) -> QRectF:
    """A line at the middle of the lower edge; lift: so far above it. Returns its place."""
    rect = notice_place(bounds, text, lift=lift)
    _fill(painter, _plate(rect, round_corners="tl tr bl br" if lift else "tl tr"))
    painter.setFont(theme.font("overlay"))
    painter.setPen(theme.color("text.imageDim" if quiet else "text.image"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    return rect


def notice_place(bounds: QRectF, text: str, *, lift: float = 0.0) -> QRectF:
    """Where paint_notice puts a line."""
    bounds = bounds.adjusted(0, 0, 0, -lift)
    wide, high = tab_size([text])
    rect = QRectF(bounds.center().x() - wide / 2, bounds.bottom() - high + _pad()[0], wide, high)
    rect.setBottom(bounds.bottom())
    return rect


def letter_rects(bounds: QRectF, texts: Sequence[str], *, lift: float) -> list[QRectF]:
    """Places of the left, right, top and bottom letter; lift: room left below the bottom one."""
    high = theme.line_height("overlay") + theme.number("space.xs")
    rects = []
    metrics = QFontMetricsF(theme.font("overlay"))
    for n, text in enumerate(texts):
        wide = max(high, metrics.horizontalAdvance(text) + 2 * theme.number("space.xs"))
        middle = bounds.center()
        left = (bounds.left(), bounds.right() - wide, middle.x() - wide / 2, middle.x() - wide / 2)
        top = (middle.y() - high / 2, middle.y() - high / 2, bounds.top(),
               bounds.bottom() - high - lift)  # fmt: skip
        rects.append(QRectF(left[n], top[n], wide, high))
    return rects


def paint_letters(
    painter: QPainter, bounds: QRectF, texts: Sequence[str], *, lift: float = 0.0
) -> None:
    """Which way left, right, up and down point in the patient, on tabs at mid-edge."""
    painter.setFont(theme.font("overlay"))
    free = ("tr br", "tl bl", "bl br", "tl tr" if not lift else "tl tr bl br")
    for text, rect, corners in zip(
        texts, letter_rects(bounds, texts, lift=lift), free, strict=True
    ):
        _fill(painter, _plate(rect, round_corners=corners))
        painter.setPen(theme.color("text.image"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def scale_mm(px_per_mm: float, room_px: float) -> float | None:
    """How long the bar is in mm: 5 cm, 2 cm where 5 do not fit, far in 1 and 0.5; None where none
    does."""
    lengths = (theme.number("scale.longMm"), theme.number("scale.shortMm"), *FINE_MM)
    return next((mm for mm in lengths if mm * px_per_mm <= room_px), None)


def paint_scale(
    painter: QPainter, bounds: QRectF, px_per_mm: float, label: str, long_mm: float, top: float
) -> None:
    """An upright bar at the right edge with a tick each centimetre, of a short one each millimetre;
    its label at the lower end."""
    x = math.floor(bounds.right() - theme.number("scale.inset")) + SHARP
    top = math.floor(top) + SHARP
    bottom = math.floor(top + long_mm * px_per_mm) + SHARP
    tick, step = theme.number("scale.tick"), theme.number("overlay.scaleTickMm")
    if long_mm <= step:
        step = 1.0
    marks = [top + n * step * px_per_mm for n in range(round(long_mm / step) + 1)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    under = theme.pen("bg.image", width=3, alpha=theme.number("mark.underlayAlpha"))
    for made in (under, theme.pen("text.image")):
        painter.setPen(made)
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        for n, y in enumerate(marks):
            out = tick * (2 if n in (0, len(marks) - 1) else 1)
            level = math.floor(y) + SHARP
            painter.drawLine(QPointF(x - out, level), QPointF(x, level))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setFont(theme.font("overlay"))
    rect = _scale_label(x, bottom, label)
    _fill(painter, _plate(rect, round_corners="tl tr bl br"))
    painter.setPen(theme.color("text.image"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, label)


def _scale_label(x: float, bottom: float, label: str) -> QRectF:
    """The plate of a bar's label, no larger than it must be: it may lie beside lung."""
    close = theme.number("space.xs")
    wide = QFontMetricsF(theme.font("overlay")).horizontalAdvance(label) + 2 * close
    high = theme.line_height("overlay")
    return QRectF(x - 2 * theme.number("scale.tick") - close - wide, bottom - high, wide, high)


def scale_places(
    bounds: QRectF, px_per_mm: float, label: str, long_mm: float, top: float
) -> list[QRectF]:
    """Where paint_scale puts a bar, and its label."""
    x, ticks = bounds.right() - theme.number("scale.inset"), 2 * theme.number("scale.tick")
    long_px = long_mm * px_per_mm
    return [QRectF(x - ticks, top, ticks, long_px), _scale_label(x, top + long_px, label)]
