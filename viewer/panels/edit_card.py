"""The card of the finding that is being edited: figures in two columns, before and yours."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from ai.scan.finding import BoxMask, Finding
from viewer import theme
from viewer.language.counted import counted
from viewer.panels.figures import ML_FROM_MM3
from viewer.panels.parts import paint_icon, paint_words
from viewer.reading.edits import Edits
from viewer.views.glyphs import state_colour
from viewer.views.pane_text import signed

ELLIPSIS = "\u2026"


def tr(text: str) -> str:
    return QCoreApplication.translate("EditCard", text)


@dataclass(frozen=True)
class EditFigures:
    """What the card says: caption, rows of name, the figure before and the reader's, note.

    before: how the first column of figures is headed, by where the mask came from.
    """

    caption: str
    rows: tuple[tuple[str, str, str], ...]
    note: str = ""
    before: str = ""


AGENT, OWN, SPLIT, FILE = "agent", "own", "split", "file"
"""Where a mask came from: the search for nodules, the reader's own mark or cut, a file."""


def edit_figures(
    finding: Finding, edits: Edits | None, image: str, came_from: str = AGENT
) -> EditFigures:
    """Of a finding that is being edited; edits: its strokes so far, None before the first."""
    stale = edits is not None and edits.stale
    base = edits.base if edits is not None else None
    before = base.measurement if isinstance(base, Finding) else finding.measurement
    now = finding.measurement
    large = max(before.volume_mm3, now.volume_mm3) >= ML_FROM_MM3
    volume = tr("Volume, ml") if large else tr("Volume, mm\u00b3")

    def sized(mm3: float) -> str:
        return f"{mm3 / ML_FROM_MM3:.1f}" if large else f"{mm3:.0f}"

    rows: tuple[tuple[str, str, str], ...] = (
        (tr("Long axis, mm"), f"{before.long_mm:.1f}", f"{now.long_mm:.1f}"),
        (tr("Short axis, mm"), f"{before.short_mm:.1f}", f"{now.short_mm:.1f}"),
        (volume, sized(before.volume_mm3), sized(now.volume_mm3)),
        (tr("Mean, HU"), signed(before.mean_hu), signed(now.mean_hu)),
    )
    if stale:
        rows = tuple((name, first, ELLIPSIS) for name, first, _ in rows)
    by, head = {
        AGENT: (tr("contour by the model"), tr("Agent's")),
        OWN: (tr("grown from your mark"), tr("As marked")),
        SPLIT: (tr("split off by you"), tr("As split")),
        FILE: (tr("contour from a file"), tr("From the file")),
    }[came_from]
    by = tr("contour by you") if edits is not None else by
    caption = " \u00b7 ".join(
        (image, counted(images(finding.mask), tr("1 image"), tr("{0} images")), by)
    )
    note = tr("Figures are being counted again; export waits.") if stale else ""
    return EditFigures(caption, rows, note, head)


def images(mask: BoxMask | None) -> int:
    """On how many images a mask lies."""
    return 0 if mask is None else int(mask.voxels.any(axis=(1, 2)).sum())


def card_height() -> int:
    rows = 4 * theme.number("edit.row")
    head = theme.number("space.m") + theme.number("thumbCurrent") + theme.number("space.s")
    head += theme.number("card.choices")
    return round(head + theme.number("edit.row") + rows + theme.number("edit.note"))


def paint_editing_word(painter: QPainter, rect: QRectF) -> None:
    """'editing', at the right, in the colour of what is edited."""
    paint_words(painter, rect, tr("editing"), "caption", state_colour("edited"), right=True)


def paint_figures(painter: QPainter, rect: QRectF, found: EditFigures) -> None:
    """The table below the card's head; rect: the room for it."""
    high, wide = theme.number("edit.row"), rect.width()
    columns = (0.0, 0.42 * wide, 0.72 * wide)
    heads = ("", found.before, tr("Yours"))
    y = rect.top()
    for place, text in zip(columns[1:], heads[1:], strict=True):
        box = QRectF(rect.left() + place, y, 0.28 * wide, high)
        paint_words(painter, box, text, "caption", "text.tertiary", right=True)
    for name, before, yours in found.rows:
        y += high
        box = QRectF(rect.left(), y, columns[1], high)
        paint_words(painter, box, name, "body", "text.secondary")
        for place, text, role, ink in (
            (columns[1], before, "body", "text.tertiary"),
            (columns[2], yours, "bodyStrong", "text.primary"),
        ):
            box = QRectF(rect.left() + place, y, 0.28 * wide, high)
            paint_words(painter, box, text, role, ink, right=True)
    if found.note:
        y += high + theme.number("space.xs")
        side = theme.number("iconSmall")
        paint_icon(painter, "waits", QRectF(rect.left(), y, side, side), "text.tertiary")
        box = QRectF(rect.left() + side + theme.number("space.s"), y, wide - 2 * side, side)
        paint_words(painter, box, found.note, "caption", "text.tertiary")
