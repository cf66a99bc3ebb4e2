"""How large the PDF's pictures are: one page where that can be, else no page half empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from fpdf import FPDF


@dataclass(frozen=True)
class Size:
    """How large pictures are: the lungs' height, and the width of the cell of each other one."""

    overview_mm: float
    wide_mm: float


ORDINARY: Final = Size(46.0, 58.0)
SMALLER: Final = (
    *(Size(44.0, 53.0), Size(42.0, 48.0), Size(39.0, 42.7), Size(36.0, 39.0)),
    *(Size(33.0, 33.6), Size(29.0, 31.0), Size(26.0, 27.0)),
)
LARGER: Final = (Size(80.0, 180.0), Size(72.0, 120.0), Size(64.0, 88.5), Size(55.0, 72.0))
"""Only to fill a last page."""


def fitted(made: Callable[[Size], FPDF]) -> FPDF:
    """The page with the largest pictures up to the ordinary ones that is one page.

    Where even the smallest take more, the largest pictures that take no more pages than those.
    """
    ordinary = made(ORDINARY)
    if ordinary.pages_count == 1:
        return ordinary
    smallest = made(SMALLER[-1])
    if smallest.pages_count == 1:
        _drop(ordinary)
        return _largest(SMALLER[:-1], smallest, made)
    if ordinary.pages_count == smallest.pages_count:
        _drop(smallest)
        return _largest(LARGER, ordinary, made)
    _drop(ordinary)
    return _largest(SMALLER[:-1], smallest, made)


def _largest(sizes: tuple[Size, ...], known: FPDF, made: Callable[[Size], FPDF]) -> FPDF:
    """The first of these, the largest, that takes as many pages as a known one; else that."""
    best, low, high = known, 0, len(sizes)  # every size from `high` on is known to fit
    while low < high:
        tried = (low + high) // 2
        pdf = made(sizes[tried])
        if pdf.pages_count <= best.pages_count:
            best, pdf, high = pdf, best, tried
        else:
            low = tried + 1
        _drop(pdf)
    return best


def _drop(pdf: FPDF) -> None:
    """Its fonts are files, and only a page that is put out closes them."""
    from fpdf.fonts import TTFFont

    for font in pdf.fonts.values():
        if isinstance(font, TTFFont):
            font.close()
