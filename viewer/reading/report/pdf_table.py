"""The PDF's table of findings: no figure is broken, words share what the figures leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from viewer.reading.out.outputs import picture_name
from viewer.reading.report import words as words
from viewer.reading.report.content import FindingLine
from viewer.reading.report.linked import picture_anchor, source_anchor
from viewer.reading.report.pdf_parts import Small, link_to, set_font
from viewer.reading.report.words import Tell

if TYPE_CHECKING:
    from fpdf import FPDF

TABLE_PT: Final = 8.0
LINE_MM: Final = 4.2
PAD_MM: Final = 1.0
SLACK_MM: Final = 0.5
"""fpdf2 breaks what fits to the last hair."""
TYPE, ANSWER = 1, 7
FIGURES: Final = range(2, 7)
"""Columns that lead to where their figures come from."""
SOFT: Final = (205, 205, 205)


def set_findings(pdf: FPDF, lines: Sequence[FindingLine], small: Small, tell: Tell) -> None:
    """Figures and image lead to their source; the name leads to the picture, where there is one."""
    from fpdf.fonts import FontFace

    heads, rows = words.short_heads(tell), [words.finding_cells(tell, line) for line in lines]
    wide = widths(pdf, heads, rows)
    set_font(pdf, "", TABLE_PT)
    pdf.set_fill_color(255)
    pdf.set_draw_color(*SOFT)
    with pdf.table(
        col_widths=wide,
        text_align=("LEFT", "LEFT", *["RIGHT"] * 4, "LEFT", "LEFT"),
        line_height=LINE_MM,
        padding=(0.6, PAD_MM),
        borders_layout="HORIZONTAL_LINES",
        headings_style=FontFace(emphasis="BOLD", size_pt=TABLE_PT),
    ) as table:
        table.row(heads)
        for line, cells in zip(lines, rows, strict=True):
            row, source = table.row(), link_to(pdf, source_anchor(line.id))
            pictured = picture_name(line.id) in small
            to_picture = link_to(pdf, picture_anchor(line.id)) if pictured else None
            for n, text in enumerate(cells):
                row.cell(text, link=source if n in FIGURES else None if n else to_picture)


def widths(pdf: FPDF, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """Of each column, in mm, all of the page together.

    Each has room for its longest text, and what is left over is shared; where there is too little,
    type and answer go on below, each with a third of what the others leave at least.
    """
    set_font(pdf, "B", TABLE_PT)
    wide = [pdf.get_string_width(head) for head in heads]
    set_font(pdf, "", TABLE_PT)
    for row in rows:
        wide = [max(w, pdf.get_string_width(text)) for w, text in zip(wide, row, strict=True)]
    wide = [w + 2 * PAD_MM + SLACK_MM for w in wide]
    over = pdf.epw - sum(wide)
    if over >= 0:
        return tuple(w + over / len(wide) for w in wide)
    room = wide[TYPE] + wide[ANSWER] + over
    wide[TYPE] = min(wide[TYPE], max(room - wide[ANSWER], room / 3))
    wide[ANSWER] = room - wide[TYPE]
    return tuple(wide)
