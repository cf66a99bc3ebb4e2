"""report.pdf: the same page as report.html, to print or to send.

fpdf2 sets it, because it needs no Qt and goes on to a second font sign by sign, so that Chinese,
Japanese and Korean stand in any sentence. The signs that are used are embedded, and no others: the
page looks the same on a machine without such fonts, today and from an archive.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final

from ai.resources import resource
from viewer import __version__
from viewer.language.catalogue import ENGLISH
from viewer.reading.out.outputs import OVERVIEW, picture_name
from viewer.reading.report import words as words
from viewer.reading.report.content import NOTICE, FindingLine, ReportContent
from viewer.reading.report.drawing_words import drawing_words
from viewer.reading.report.html import NO_PICTURES, Pictures, small_jpeg
from viewer.reading.report.words import Tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from fpdf import FPDF

LATIN: Final = "Inter"
EAST_ASIAN: Final = "WenQuanYi"
MARGIN_MM: Final = 15.0
BODY_PT: Final = 9.0
LINE_MM: Final = 4.6
PICTURE: Final = (480, 240)
GAP_MM: Final = 3.0
CAPTION_PT: Final = 8.0
CAPTION_MM: Final = 3.8
SOFT: Final = (205, 205, 205)
GREY: Final = (95, 95, 95)
WARM: Final = (253, 246, 227)

WIDTHS: Final = (17, 20, 27, 15, 18, 16, 30, 37)


@dataclass(frozen=True)
class Size:
    """How large pictures are: the lungs' height, and the width of the cell of each other one."""

    overview_mm: float
    wide_mm: float


SIZES: Final = (
    *(Size(46.0, 58.0), Size(44.0, 53.0), Size(42.0, 48.0), Size(39.0, 43.0), Size(36.0, 39.0)),
    *(Size(33.0, 35.0), Size(29.0, 31.0), Size(26.0, 27.0)),
)
"""The largest that keeps a report on one page is taken, the first one where none does."""


def report_pdf(
    content: ReportContent,
    *,
    pictures: Pictures = NO_PICTURES,
    made_at: datetime | None = None,
    language: str = ENGLISH,
) -> bytes:
    """One page, A4, and more only where what was accepted and written takes more.

    pictures: of the lungs, of what was accepted, key images, all set in small.
    """
    tell, at = Tell(language), made_at or datetime.now()
    pdf = _set(content, pictures, at, tell, SIZES[0])
    if pdf.pages_count > 1 and pictures.png:
        pdf = _fitted(pdf, lambda size: _set(content, pictures, at, tell, size))
    return bytes(pdf.output())


def _fitted(largest: FPDF, made: Callable[[Size], FPDF]) -> FPDF:
    """The one with the largest pictures that is one page; the largest where even the smallest
    takes more.
    """
    best, low, high = largest, 1, len(SIZES)  # every size from `high` on is known to fit
    tried = len(SIZES) - 1  # the smallest first: where it does not fit, none does
    while low < high:
        pdf = made(SIZES[tried])
        if pdf.pages_count == 1:
            best, pdf, high = pdf, best, tried
        elif high == len(SIZES):
            low = high
        else:
            low = tried + 1
        _drop(pdf)
        tried = (low + high) // 2
    return best


def _drop(pdf: FPDF) -> None:
    """Its fonts are files, and only a page that is put out closes them."""
    from fpdf.fonts import TTFFont

    for font in pdf.fonts.values():
        if isinstance(font, TTFFont):
            font.close()


def _set(
    content: ReportContent, pictures: Pictures, made_at: datetime, tell: Tell, size: Size
) -> FPDF:
    """The whole report with pictures of one size."""
    pdf = _page(content, made_at, tell)
    _font(pdf, "B", 15)
    pdf.cell(0, 8, tell("Chest CT reading"), new_x="LMARGIN", new_y="NEXT")
    pdf.set_fill_color(*WARM)
    _font(pdf, "B", BODY_PT)
    pdf.multi_cell(0, 6.5, tell(NOTICE), fill=True, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)
    _say(pdf, words.scan_words(tell, content))
    _say(pdf, tell.say(content.rule))
    for title, written in (
        (tell("Findings as written"), content.findings_text),
        (tell("Impression"), content.impression),
    ):
        if written:
            _head(pdf, title)
            _say(pdf, written)
    _lungs(pdf, content, pictures, tell, size)
    _findings(pdf, content, pictures, tell, size)
    if content.measurements:
        _head(pdf, tell("Measurements ({0})", len(content.measurements)))
        for line in content.measurements:
            _say(pdf, f"–  {drawing_words(tell, line)}")
    if content.key_images:
        _head(pdf, tell("Key images"))
        _key_images(pdf, content, pictures, tell, size)
    if left_out := words.left_out_words(tell, content):
        _head(pdf, tell("Not among the findings"))
        _say(pdf, left_out)
    if content.remarks:
        _head(pdf, tell("Remarks"))
        for told in content.remarks:
            _say(pdf, f"–  {tell.say(told)}")
    pdf.ln(3)
    pdf.set_text_color(*GREY)
    _say(pdf, f"Hilum {__version__}. {words.made_with_words(tell, content)} {tell(NOTICE)}")
    return pdf


def _page(content: ReportContent, made_at: datetime, tell: Tell) -> FPDF:
    """An empty page with its fonts; the East Asian one only where a sign needs it."""
    # fpdf2 tells of each table it leaves out of a font, which is news to nobody
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    logging.getLogger("fpdf").setLevel(logging.ERROR)
    from fpdf import FPDF
    from fpdf.fonts import TTFFont

    pdf = FPDF(format="A4")
    pdf.set_margin(MARGIN_MM)
    pdf.set_auto_page_break(True, MARGIN_MM)
    pdf.set_title(f"{tell('Chest CT reading')}, {tell('research use only')}")
    pdf.set_creator(f"Hilum {__version__}")
    pdf.set_creation_date(made_at.replace(tzinfo=made_at.tzinfo or UTC))
    pdf.set_lang(tell.tongue)
    pdf.add_font(LATIN, "", resource("fonts/print/Inter-Regular.ttf"))
    pdf.add_font(LATIN, "B", resource("fonts/print/Inter-SemiBold.ttf"))
    latin = pdf.fonts[LATIN.lower()]
    known = latin.cmap if isinstance(latin, TTFFont) else {}
    strange = any(ord(sign) not in known for sign in _signs(content) if sign.isprintable())
    if tell.tongue != ENGLISH or strange:
        pdf.add_font(EAST_ASIAN, "", resource("fonts/print/WenQuanYiMicroHei.ttf"))
        pdf.set_fallback_fonts([EAST_ASIAN], exact_match=False)
    pdf.add_page()
    return pdf


def _signs(content: ReportContent) -> set[str]:
    """All that anybody else wrote."""
    named = [text for line in content.findings for text in (line.name, line.what, line.by)]
    named += [model.name for model in content.models]
    named += [line.words for line in content.measurements]
    written = (content.scan.kernel, content.rule, content.findings_text, content.impression)
    return set("".join((*written, *content.remarks, *named)))


def _font(pdf: FPDF, style: str, size_pt: float) -> None:
    """The font from here on, told to the page before any line.

    Left to itself fpdf2 tells it within the first line, and where that begins in the second font,
    the next line has none.
    """
    pdf.set_font(LATIN, style, size_pt)
    pdf.cell(1, 0, " ", new_x="LEFT", new_y="TOP")


def _head(pdf: FPDF, title: str) -> None:
    pdf.ln(2.5)
    _font(pdf, "B", 11)
    pdf.cell(0, 6.5, title, new_x="LMARGIN", new_y="NEXT")


def _say(pdf: FPDF, words: str, *, wide_mm: float = 0) -> None:
    """wide_mm: of the column; 0 for all of the page."""
    if words:
        _font(pdf, "", BODY_PT)
        pdf.multi_cell(wide_mm, LINE_MM, words, align="L", new_x="LMARGIN", new_y="NEXT")


def _lungs(pdf: FPDF, content: ReportContent, pictures: Pictures, tell: Tell, size: Size) -> None:
    _head(pdf, tell("Lungs"))
    if not content.lungs:
        _say(pdf, tell("The lungs were not segmented."))
        return
    high_mm = size.overview_mm
    overview, top = pictures.png.get(f"{OVERVIEW}.png"), pdf.get_y()
    for lung in content.lungs:
        _say(pdf, words.lung_words(tell, lung))
    beside_mm = pdf.epw - high_mm - LINE_MM if overview is not None else 0
    for note in words.density_notes(tell, content.lungs):
        _say(pdf, note, wide_mm=beside_mm)
    if overview is not None:
        _say(pdf, tell.joined(words.overview_words(tell, content)), wide_mm=beside_mm)
        left = pdf.w - pdf.r_margin - high_mm
        pdf.image(BytesIO(small_jpeg(overview, PICTURE)), x=left, y=top, h=high_mm)
        pdf.set_y(top + high_mm)


def _findings(
    pdf: FPDF, content: ReportContent, pictures: Pictures, tell: Tell, size: Size
) -> None:
    _head(pdf, tell("Findings ({0})", len(content.accepted)))
    if content.accepted:
        _table(pdf, content.accepted, tell)
        shown = [(picture_name(line.id), words.finding_place(tell, line))
                 for line in content.accepted]  # fmt: skip
        _pictures(pdf, shown, pictures, size.wide_mm)
    else:
        _say(pdf, words.no_findings_words(tell, content))


def _key_images(
    pdf: FPDF, content: ReportContent, pictures: Pictures, tell: Tell, size: Size
) -> None:
    told = [f"{line.number}. {words.key_words(tell, line)}" for line in content.key_images]
    for line in told:
        _say(pdf, line)
    numbers = [(line.file, f"{line.number}") for line in content.key_images]
    _pictures(pdf, numbers, pictures, size.wide_mm)


def _table(pdf: FPDF, lines: tuple[FindingLine, ...], tell: Tell) -> None:
    from fpdf.fonts import FontFace

    _font(pdf, "", 8)
    pdf.set_fill_color(255)
    pdf.set_draw_color(*SOFT)
    with pdf.table(
        col_widths=WIDTHS,
        text_align=("LEFT", "LEFT", *["RIGHT"] * 4, "LEFT", "LEFT"),
        line_height=4.2,
        padding=(0.6, 1),
        borders_layout="HORIZONTAL_LINES",
        headings_style=FontFace(emphasis="BOLD", size_pt=8),
    ) as table:
        table.row(words.short_heads(tell))
        for line in lines:
            table.row(
                (
                    words.name_words(tell, line.name),
                    words.type_word(tell, line.what),
                    f"{line.long_mm:.1f} × {line.short_mm:.1f} mm",
                    f"{line.mean_diameter_mm:.1f} mm",
                    f"{line.volume_mm3:.0f} mm³",
                    words.hu_words(line.mean_hu),
                    words.place_words(tell, line.series, line.image),
                    words.answer_words(tell, line),
                )
            )


def _pictures(pdf: FPDF, named: list[tuple[str, str]], pictures: Pictures, wide_mm: float) -> None:
    """Some beside each other, each over its words; by file name and words.

    Words that are wider than their picture's cell go on below.
    """
    shown = [(name, told) for name, told in named if name in pictures.png]
    abreast = max(int((pdf.epw + GAP_MM) // (wide_mm + GAP_MM)), 1)
    high_mm = wide_mm / 2
    _font(pdf, "", CAPTION_PT)
    for start in range(0, len(shown), abreast):
        row = shown[start : start + abreast]
        most = max(len(_caption(pdf, wide_mm, told, dry_run=True)) for _, told in row)
        if pdf.will_page_break(GAP_MM + high_mm + most * CAPTION_MM):
            pdf.add_page()
        top = pdf.get_y() + GAP_MM
        for place, (name, told) in enumerate(row):
            left = pdf.l_margin + place * (wide_mm + GAP_MM)
            _picture(pdf, pictures.png[name], (left, top), (wide_mm, high_mm))
            pdf.set_xy(left, top + high_mm)
            _caption(pdf, wide_mm, told)
        pdf.set_xy(pdf.l_margin, top + high_mm + most * CAPTION_MM)


def _picture(pdf: FPDF, png: bytes, at: tuple[float, float], room: tuple[float, float]) -> None:
    """As large as its room allows, at the left and at the foot of it: its words stand below."""
    from PIL import Image

    small = small_jpeg(png, PICTURE)
    with Image.open(BytesIO(small)) as picture:
        shape = picture.width / picture.height
    high = min(room[1], room[0] / shape)
    pdf.image(BytesIO(small), x=at[0], y=at[1] + room[1] - high, w=high * shape, h=high)


def _caption(pdf: FPDF, wide_mm: float, told: str, *, dry_run: bool = False) -> list[str]:
    """Its lines, set or (dry_run) only counted."""
    from fpdf.enums import MethodReturnValue
    from fpdf.util import Padding

    lines = pdf.multi_cell(
        wide_mm, CAPTION_MM, told, align="L", dry_run=dry_run, output=MethodReturnValue.LINES,
        padding=Padding(top=0.4), new_x="LEFT", new_y="NEXT",
    )  # fmt: skip
    assert isinstance(lines, list)
    return lines
