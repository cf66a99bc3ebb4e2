"""What of an export is read by people and spreadsheets: table, JSON, pages, pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ai.scan.volume import Volume
from viewer.reading.out.aside import Aside
from viewer.reading.out.figures import figures_csv, finding_figures_of, lung_figures_of
from viewer.reading.out.figures_reread import reread_figures
from viewer.reading.out.outputs import draw_pictures, findings_json, png
from viewer.reading.out.passport import PassportObject
from viewer.reading.out.request import CSV, JSON, PICTURES, REPORT, ExportRequest, NotSaved
from viewer.reading.out.seg import refusal
from viewer.reading.report.content import ReportContent
from viewer.reading.report.drawings import measurement_figures_of
from viewer.reading.report.html import Pictures, report_html
from viewer.reading.report.key_images import key_caption
from viewer.reading.report.text import report_text
from viewer.reading.report.words import Tell

FIGURES: Final = "figures"
KINDS: Final = {"csv": "CSV", "json": "JSON", "html": "HTML", "pdf": "PDF", "txt": "text"}
PICTURE: Final = "picture"


@dataclass(frozen=True, eq=False)
class Paper:
    """One file of plain bytes. name: within the export's folder, before any number."""

    role: str
    name: str
    content: bytes


def pictures_of(request: ExportRequest) -> Mapping[str, bytes]:
    """File name to PNG; none where they were not asked for or there is no volume."""
    if PICTURES not in request.objects or request.volume is None:
        return {}
    drawn = draw_pictures(
        request.volume,
        request.lungs,
        request.findings,
        series=request.series,
        content=request.content,
        language=request.language,
    )
    return {**drawn, **_key_pictures(request, request.volume)}


def _key_pictures(request: ExportRequest, volume: Volume) -> dict[str, bytes]:
    """Those that the reader kept, by their file names."""
    from viewer.reading.out.key_picture import key_picture
    from viewer.reading.out.pictures import NOTICE

    if request.content is None:
        return {}
    lines, tongue = request.content.key_images, request.language
    notice = Tell(tongue)(NOTICE)
    marked = {finding.id: (finding, state) for finding, state in request.findings}
    return {
        line.file: png(
            key_picture(
                volume,
                key,
                key_caption(line, tongue),
                ring=marked.get(key.finding),
                notice=notice,
            )
        )
        for line, key in zip(lines, request.key_images, strict=True)
    }


def papers(
    request: ExportRequest, content: ReportContent, pictures: Pictures, made_at: datetime
) -> Iterator[Paper]:
    """The files that were asked for. content: with all that is to be remarked."""
    if CSV in request.objects:
        yield Paper(FIGURES, "figures.csv", figures_csv(content).encode())
    if JSON in request.objects:
        yield Paper("findings", "findings.json", findings_json(content).encode())
    if REPORT in request.objects:
        from viewer.reading.report.pdf import report_pdf

        tongue = request.language
        page = report_html(content, pictures=pictures, language=tongue)
        yield Paper("report-html", "report.html", page.encode())
        sheet = report_pdf(content, pictures=pictures, made_at=made_at, language=tongue)
        yield Paper("report-pdf", "report.pdf", sheet)
        yield Paper("report-text", "report.txt", report_text(content, language=tongue).encode())


def prove_paper(file: Aside, paper: Paper, content: ReportContent | None) -> PassportObject:
    """Read the file back: its bytes, and the figures of a table one by one.

    Raises NotSaved where anything differs.
    """
    stored = file.aside.read_bytes()
    if stored != paper.content:
        raise NotSaved(*refusal(file, "it holds other bytes"))
    rows, figures = 0, (0, 0)
    if paper.role == FIGURES and content is not None:
        rows, figures = _figures(file, content)
        if figures[0] != figures[1]:
            raise NotSaved(*refusal(file, "it holds other figures"))
    return PassportObject(
        role=paper.role,
        kind=KINDS.get(paper.name.rpartition(".")[2], "PNG"),
        file=paper.name if paper.role == PICTURE else file.path.name,
        sha256=file.digest(),
        size_bytes=len(stored),
        rows=rows,
        figures=figures,
        bytes_equal=True,
    )


def _figures(file: Aside, content: ReportContent) -> tuple[int, tuple[int, int]]:
    """Rows, and how many figures agree of all that were meant."""
    try:
        seen = reread_figures(file.aside)
    except (ValueError, KeyError) as error:
        raise NotSaved(*refusal(file, f"it is no table of figures ({error})")) from error
    asked = {lung.tracking_uid: lung_figures_of(lung) for lung in content.lungs}
    asked |= {line.tracking_uid: finding_figures_of(line) for line in content.findings}
    asked |= {line.tracking_uid: measurement_figures_of(line) for line in content.measurements}
    total = sum(len(row) for row in asked.values())
    agree = sum(
        seen.get(uid, {}).get(column) == value
        for uid, row in asked.items()
        for column, value in row.items()
    )
    extra = sum(len(row) for row in seen.values()) - total
    return len(seen), (agree, total + max(0, extra))
