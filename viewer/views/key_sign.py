"""The sign on an image that the reader keeps as a key image."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QIcon, QPainter

from viewer import theme

if TYPE_CHECKING:
    from viewer.views.slice_view import SliceView


def key_sign_rect(bounds: QRectF, text: str) -> QRectF:
    """Where it lies: at the upper edge, left of the letter in its middle."""
    vertical, horizontal = (float(n) for n in theme.token("overlay.platePad"))
    side, gap = theme.number("iconSmall"), theme.number("space.xs")
    wide = QFontMetricsF(theme.font("overlay")).horizontalAdvance(text) + side + gap
    high = theme.line_height("overlay") + vertical
    letter = theme.line_height("overlay") + 2 * theme.number("space.s")
    right = bounds.center().x() - letter
    return QRectF(right - wide - 2 * horizontal, bounds.top(), wide + 2 * horizontal, high)


@cache
def _bookmark(_ink: str) -> QIcon:
    """Made once for each ink."""
    return theme.icon("key-image", "text.image")


def paint_key_sign(painter: QPainter, view: SliceView, text: str) -> None:
    """A bookmark and its word on a dark ground; in a narrow pane the bookmark alone."""
    bounds = QRectF(view.rect())
    shown = "" if view.corners.small else text
    rect = key_sign_rect(bounds, shown)
    painter.save()
    painter.fillRect(rect, theme.color("bg.image", theme.number("overlay.plateAlpha")))
    horizontal = float(theme.token("overlay.platePad")[1])
    side = theme.number("iconSmall")
    mark = QRectF(rect.left() + horizontal, rect.center().y() - side / 2, side, side)
    _bookmark(theme.color("text.image").name()).paint(painter, mark.toAlignedRect())
    painter.setFont(theme.font("overlay"))
    painter.setPen(theme.color("text.image"))
    words = rect.adjusted(horizontal + side + theme.number("space.xs"), 0, 0, 0)
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, shown)
    painter.restore()
