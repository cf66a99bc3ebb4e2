"""What fpdf2 leaves to be done: fonts that stay, places with names and links to them, pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fpdf import FPDF

Small = Mapping[str, bytes]
"""File name to a picture made small, as JPEG."""
LATIN: Final = "Inter"
GAP_MM: Final = 3.0
CAPTION_PT: Final = 8.0
CAPTION_MM: Final = 3.8
LEAST_MM: Final = 20.0
"""Of a cell: 'Key image 1' takes one line."""


@dataclass(frozen=True)
class Shown:
    """A picture by its file name, its words, the name of its place, and where it leads."""

    file: str
    told: str
    place: str = ""
    leads_to: str = ""


def set_font(pdf: FPDF, style: str, size_pt: float) -> None:
    """The font from here on, told to the page before any line.

    Left to itself fpdf2 tells it within the first line, and where that begins in the second font,
    the next line has none.
    """
    pdf.set_font(LATIN, style, size_pt)
    pdf.cell(1, 0, " ", new_x="LEFT", new_y="TOP")


def link_to(pdf: FPDF, name: str) -> int:
    """A link to a place of this name, which is set where that place is."""
    known = pdf.named_destinations.get(name)
    for link, place in pdf.links.items():
        if place is known:
            return link
    # within columns of text fpdf2 knows of no page, and refuses a link that leads to none
    return pdf.add_link(name=name, page=max(pdf.page, 1))


def set_place(pdf: FPDF, name: str, y: float | None = None) -> None:
    """The place of this name is this line of this page."""
    pdf.set_link(link_to(pdf, name), y=pdf.get_y() if y is None else y, x=pdf.l_margin)


def set_row_places(pdf: FPDF, rows: Iterable[tuple[str, str]]) -> None:
    """The place of each row of a table that was set: where its cells' links lie.

    rows: the name of the place that the row's cells lead to, and the name of the row's own.
    A table tells nobody where its rows came to lie, on which page.
    """
    spots: dict[int, tuple[int, float]] = {}
    for number, page in pdf.pages.items():
        for mark in page.annots or ():
            rect = str(getattr(mark, "rect", "")).strip("[]").split()
            if len(rect) == 4:
                spots.setdefault(id(mark.dest), (number, float(rect[3])))
    for leads_to, name in rows:
        known = spots.get(id(pdf.named_destinations.get(leads_to)))
        if known is not None:
            y = (pdf.h_pt - known[1]) / pdf.k
            pdf.set_link(link_to(pdf, name), y=y, x=pdf.l_margin, page=known[0])


def set_pictures(pdf: FPDF, named: Iterable[Shown], small: Small, wide_mm: float) -> None:
    """Some beside each other, each over its words.

    All are equally high; a picture that is no wider than high has a cell of its own width. Words
    that are wider than their picture's cell go on below.
    """
    set_font(pdf, "", CAPTION_PT)
    high_mm = wide_mm / 2
    rows: list[list[_Cell]] = []
    left = pdf.epw  # of the row that is being filled: none yet
    for one in named:
        if one.file not in small:
            continue
        cell = _cell(one, small[one.file], wide_mm)
        if left + cell.wide_mm > pdf.epw + 0.01 or not rows:
            rows.append([])
            left = 0.0
        rows[-1].append(cell)
        left += cell.wide_mm + GAP_MM
    for row in rows:
        most = max(len(_caption(pdf, cell.wide_mm, cell.shown.told, dry_run=True)) for cell in row)
        if pdf.will_page_break(GAP_MM + high_mm + most * CAPTION_MM):
            pdf.add_page()
        top, left = pdf.get_y() + GAP_MM, pdf.l_margin
        for cell in row:
            _set_cell(pdf, cell, (left, top), high_mm)
            left += cell.wide_mm + GAP_MM
        pdf.set_xy(pdf.l_margin, top + high_mm + most * CAPTION_MM)


@dataclass(frozen=True, eq=False)
class _Cell:
    """A picture made small, and the width of its place. shape: width by height."""

    shown: Shown
    jpeg: bytes
    shape: float
    wide_mm: float


def _cell(one: Shown, jpeg: bytes, wide_mm: float) -> _Cell:
    from PIL import Image

    with Image.open(BytesIO(jpeg)) as picture:
        shape = picture.width / picture.height
    narrow = max(wide_mm / 2 * shape, min(wide_mm, LEAST_MM))
    return _Cell(one, jpeg, shape, min(wide_mm, narrow))


def _set_cell(pdf: FPDF, cell: _Cell, at: tuple[float, float], high_mm: float) -> None:
    """As large as its room allows, at the left and at the foot of it: its words stand below."""
    left, top = at
    one, wide = cell.shown, cell.wide_mm
    if one.place:
        set_place(pdf, one.place, top)
    to = link_to(pdf, one.leads_to) if one.leads_to else None
    high = min(high_mm, wide / cell.shape)
    pdf.image(
        BytesIO(cell.jpeg), x=left, y=top + high_mm - high, w=high * cell.shape, h=high,
        link=to or "",
    )  # fmt: skip
    pdf.set_xy(left, top + high_mm)
    _caption(pdf, wide, one.told, link=to)


def _caption(
    pdf: FPDF, wide_mm: float, told: str, *, link: int | None = None, dry_run: bool = False
) -> list[str]:
    """Its lines, set or (dry_run) only counted."""
    from fpdf.enums import MethodReturnValue
    from fpdf.util import Padding

    lines = pdf.multi_cell(
        wide_mm, CAPTION_MM, told, align="L", dry_run=dry_run, output=MethodReturnValue.LINES,
        padding=Padding(top=0.4), link=link, new_x="LEFT", new_y="NEXT",
    )  # fmt: skip
    assert isinstance(lines, list)
    return lines
