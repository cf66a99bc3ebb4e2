"""report.pdf: the same page as report.html, to print or to send.

fpdf2 sets it, because it needs no Qt and goes on to a second font sign by sign, so that Chinese,
Japanese and Korean stand in any sentence. The signs that are used are embedded, and no others: the
page looks the same on a machine without such fonts, today and from an archive.
"""

from __future__ import annotations

import logging
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
from viewer.reading.report.linked import (
    finding_anchor,
    lung_id,
    picture_anchor,
    pieces,
    source_anchor,
    sources,
)
from viewer.reading.report.pdf_fit import ORDINARY, Size, fitted
from viewer.reading.report.pdf_parts import (
    LATIN,
    Shown,
    Small,
    link_to,
    set_font,
    set_pictures,
    set_place,
    set_row_places,
)
from viewer.reading.report.pdf_table import set_findings
from viewer.reading.report.words import Tell

if TYPE_CHECKING:
    from fpdf import FPDF

EAST_ASIAN: Final = "WenQuanYi"
PICTURE: Final = (480, 240)
MARGIN_MM: Final = 15.0
BODY_PT: Final = 9.0
LINE_MM: Final = 4.6
HEAD_MM: Final = 6.5
TABLE_ROW_MM: Final = 5.4
SMALL_PT: Final = 6.0
SMALL_MM: Final = 2.6
FOOT_PT: Final = 7.5
FOOT_MM: Final = 3.6
GREY: Final = (95, 95, 95)
WARM: Final = (253, 246, 227)


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
    small = _small(content, pictures)
    if not small:
        return bytes(_set(content, small, at, tell, ORDINARY).output())
    return bytes(fitted(lambda size: _set(content, small, at, tell, size)).output())


def _small(content: ReportContent, pictures: Pictures) -> Small:
    """The pictures that the pages show, made small once for all sizes that are tried."""
    shown = {
        f"{OVERVIEW}.png",
        *(picture_name(line.id) for line in content.accepted),
        *(line.file for line in content.key_images),
    }
    return {name: small_jpeg(png, PICTURE) for name, png in pictures.png.items() if name in shown}


def _set(content: ReportContent, small: Small, made_at: datetime, tell: Tell, size: Size) -> FPDF:
    """The whole report with pictures of one size."""
    pdf = _page(content, made_at, tell)
    set_font(pdf, "B", 15)
    pdf.cell(0, 8, tell("Chest CT reading"), new_x="LMARGIN", new_y="NEXT")
    pdf.set_fill_color(*WARM)
    set_font(pdf, "B", BODY_PT)
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
            _written(pdf, content, written, tell)
    _lungs(pdf, content, small, tell, size)
    _findings(pdf, content, small, tell, size)
    if content.measurements:
        _head(pdf, tell("Measurements ({0})", len(content.measurements)))
        for line in content.measurements:
            to = link_to(pdf, source_anchor(line.id))
            _say(pdf, f"–  {drawing_words(tell, line)}", link=to)
    if content.key_images:
        _key_images(pdf, content, small, tell, size)
    if left_out := words.left_out_words(tell, content):
        _head(pdf, tell("Not among the findings"))
        _say(pdf, left_out)
    if content.remarks_beside:
        _head(pdf, tell("Remarks"))
        for told in content.remarks_beside:
            _say(pdf, f"–  {tell.say(told)}", small=True)
    _sources(pdf, content, tell)
    pdf.ln(2)
    pdf.set_text_color(*GREY)
    set_font(pdf, "", FOOT_PT)
    foot = tell.joined((words.made_with_words(tell, content), tell(NOTICE)))
    pdf.multi_cell(0, FOOT_MM, foot, align="L", new_x="LMARGIN", new_y="NEXT")
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
    return set("".join((*written, *content.remarks_beside, *named)))


def _head(pdf: FPDF, title: str, *, with_mm: float = LINE_MM) -> None:
    """with_mm: how much of what follows stands on its page at least."""
    pdf.ln(2.5)
    if pdf.will_page_break(HEAD_MM + with_mm):
        pdf.add_page()
    set_font(pdf, "B", 11)
    pdf.cell(0, HEAD_MM, title, new_x="LMARGIN", new_y="NEXT")


def _say(
    pdf: FPDF, words: str, *, wide_mm: float = 0, link: int | None = None, small: bool = False
) -> None:
    """wide_mm: of the column; 0 for all of the page. link: where it leads."""
    if words:
        set_font(pdf, "", FOOT_PT if small else BODY_PT)
        high = FOOT_MM if small else LINE_MM
        pdf.multi_cell(wide_mm, high, words, align="L", link=link, new_x="LMARGIN", new_y="NEXT")


def _written(pdf: FPDF, content: ReportContent, text: str, tell: Tell) -> None:
    """The reader's words; names of findings and figures of theirs are links."""
    parts = pieces(tell, content, text)
    if not any(piece.line for piece in parts):
        _say(pdf, text)
        return
    set_font(pdf, "", BODY_PT)
    high = LINE_MM / pdf.font_size
    with pdf.text_columns(text_align="L", line_height=high) as columns, columns.paragraph() as told:
        for piece in parts:
            line, anchor = piece.line, source_anchor if piece.figure else finding_anchor
            told.write(piece.text, link=link_to(pdf, anchor(line.id)) if line else None)
    pdf.set_x(pdf.l_margin)


def _sources(pdf: FPDF, content: ReportContent, tell: Tell) -> None:
    """In small print a line for each thing with figures: where they were measured, and its UID."""
    told, found = list(sources(tell, content)), {line.id for line in content.accepted}
    if not told:
        return
    pdf.ln(2)
    if pdf.will_page_break(3 * SMALL_MM):  # the heading and one source of two lines
        pdf.add_page()
    set_font(pdf, "B", SMALL_PT)
    pdf.cell(0, SMALL_MM, tell("Where the figures come from"), new_x="LMARGIN", new_y="NEXT")
    set_font(pdf, "", SMALL_PT)
    for thing, name, source in told:
        if pdf.will_page_break(SMALL_MM):
            pdf.add_page()
        set_place(pdf, source_anchor(thing))
        pdf.multi_cell(
            0, SMALL_MM, f"{name}: {source}", align="L", new_x="LMARGIN", new_y="NEXT",
            link=link_to(pdf, finding_anchor(thing)) if thing in found else None,
        )  # fmt: skip


def _lungs(pdf: FPDF, content: ReportContent, small: Small, tell: Tell, size: Size) -> None:
    high_mm = size.overview_mm
    overview = small.get(f"{OVERVIEW}.png") if content.lungs else None
    _head(pdf, tell("Lungs"), with_mm=LINE_MM if overview is None else high_mm)
    if not content.lungs:
        _say(pdf, tell("The lungs were not segmented."))
        return
    top = pdf.get_y()
    for lung in content.lungs:
        to = link_to(pdf, source_anchor(lung_id(lung)))
        _say(pdf, words.lung_words(tell, lung), link=to)
    beside_mm = pdf.epw - high_mm - LINE_MM if overview is not None else 0
    for note in words.density_notes(tell, content.lungs):
        _say(pdf, note, wide_mm=beside_mm)
    if overview is not None:
        _say(pdf, tell.joined(words.overview_words(tell, content)), wide_mm=beside_mm)
        left = pdf.w - pdf.r_margin - high_mm
        pdf.image(BytesIO(overview), x=left, y=top, h=high_mm)
        pdf.set_y(max(pdf.get_y(), top + high_mm))


def _findings(pdf: FPDF, content: ReportContent, small: Small, tell: Tell, size: Size) -> None:
    """The table, and one row of pictures after another: of what was accepted, of key images."""
    _head(pdf, tell("Findings ({0})", len(content.accepted)), with_mm=3 * TABLE_ROW_MM)
    if content.accepted:
        set_findings(pdf, content.accepted, small, tell)
        set_row_places(
            pdf, ((source_anchor(one.id), finding_anchor(one.id)) for one in content.accepted)
        )
        shown = [_shown(tell, line) for line in content.accepted]
        set_pictures(pdf, [*shown, *_keys_shown(tell, content)], small, size.wide_mm)
    else:
        _say(pdf, words.no_findings_words(tell, content))


def _shown(tell: Tell, line: FindingLine) -> Shown:
    place = words.finding_place(tell, line)
    own, row = picture_anchor(line.id), finding_anchor(line.id)
    return Shown(picture_name(line.id), place, own, row)


def _by_name(content: ReportContent) -> dict[str, str]:
    """The rows' anchors, as key images name the findings."""
    return {line.name: finding_anchor(line.id) for line in content.accepted}


def _keys_shown(tell: Tell, content: ReportContent) -> list[Shown]:
    """The key images' pictures, told by number: their words stand in a list."""
    anchors = _by_name(content)
    return [
        Shown(
            line.file, tell("Key image {0}", line.number), f"key-{line.number}",
            anchors.get(line.finding, ""),
        )
        for line in content.key_images
    ]  # fmt: skip


def _key_images(pdf: FPDF, content: ReportContent, small: Small, tell: Tell, size: Size) -> None:
    """What each shows. Their pictures stand with those of the findings, if there are any."""
    _head(pdf, tell("Key images"))
    anchors = _by_name(content)
    for line in content.key_images:
        to = anchors.get(line.finding, f"key-{line.number}" if line.file in small else "")
        link = link_to(pdf, to) if to else None
        _say(pdf, f"{line.number}. {words.key_words(tell, line)}", link=link)
    if not content.accepted:
        set_pictures(pdf, _keys_shown(tell, content), small, size.wide_mm)
