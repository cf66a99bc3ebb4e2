"""How the PDF fits its pages: one for an ordinary reading, and no last page half empty."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.dicom.seg_scan import Grid, nodule, write_scan
from tests.reading.test_export_outputs import BLOCK, a_reading, blank
from tests.reading.test_report_pages import boxes_of, needs_poppler, pages_of
from viewer.dicom.series import Series
from viewer.reading.events import Answer, Event, FindingsProposed, Proposal, VerdictGiven
from viewer.reading.out.outputs import draw_pictures
from viewer.reading.reading import Row, apply
from viewer.reading.report.content import ReportContent, report_content
from viewer.reading.report.html import Pictures
from viewer.reading.report.key_images import KeyImageLine
from viewer.reading.report.pdf import report_pdf

WHY = "Amended after it was signed; signed again by the reader on 2026-11-27 at 09:09. Name of the "
REMARKS = (
    "Second reader: the own pass took 1 min 38 s; marks of the AI showed from 09:04 on.",
    "On screen in a lung window, large and long enough: 17 % of the right lung, 29 % of the left.",
    "Signed by the reader on 2026-11-27 at 09:06. Name of the reader: Dr Anna Weber.",
    WHY + "reader: Dr Anna Weber. Reason given: a typo in the impression was mended.",
    WHY + "reader: Dr Anna Weber. Reason given: the side of the mass was checked once more.",
    "lungs.dcm saved (segments: 2); read again, it holds the same voxels in the same place.",
    "nodules.dcm saved (segments: 4); read again, it holds the same voxels in the same place.",
    "sr.dcm saved (measurement groups: 6); read again, it holds the same figures in the places.",
    "ko.dcm saved (images: 2); read again, it names the same ones.",
)


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


def ordinary(scan: Series) -> tuple[ReportContent, Pictures]:
    """Lungs, four findings, two key images, two sentences, a signature amended twice."""
    reading = a_reading(scan)
    found = tuple(nodule(scan, f"m{n}", (n, 2 * n, n), BLOCK) for n in range(4))
    shown = tuple(Proposal(f.id, True, n, 1.0, "prior", 1) for n, f in enumerate(found))
    answers = [VerdictGiven(f.id, Answer.ACCEPT) for f in found]
    events: list[Event] = [FindingsProposed(found, shown), *answers]
    for n, event in enumerate(events, start=90):
        reading = apply(reading, Row(n, "", event))
    taken = tuple((f, reading.state(f.id)) for f in reading.in_state("accepted"))
    assert scan.geometry is not None and len(taken) >= 4
    png = dict(draw_pictures(blank(scan.geometry), reading.lungs, taken[:4]))
    keys = tuple(KeyImageLine(n, "axial", 0, 66 + n, "", "W 1500 L −600") for n in (1, 2))
    picture = BytesIO()
    Image.new("RGB", (512, 512), (90, 90, 90)).save(picture, "PNG")
    content = report_content(scan, reading, remarks=REMARKS)
    rest = {f.id for f, _ in taken[4:]}
    content = replace(
        content, key_images=keys, findings=tuple(f for f in content.findings if f.id not in rest),
        findings_text="Mass in the left middle zone with postobstructive opacity. No effusion.",
        impression="Suspected bronchial carcinoma, left.",
    )  # fmt: skip
    return content, Pictures("p", {**png, **{key.file: picture.getvalue() for key in keys}})


def foot_of(pdf: bytes, page: int, folder: Path) -> float:
    """How far down a page its last words reach, from 0 to 1."""
    path = folder / "report.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-f", str(page), "-l", str(page), "-bbox", path, "-"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    feet = [float(row.split('yMax="')[1].split('"')[0]) for row in done.stdout.splitlines()
            if "<word" in row]  # fmt: skip
    return max(feet) / 841.89


@needs_poppler
@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_ordinary_reading_with_key_images_and_amendments_is_one_page(
    scan: Series, tmp_path: Path, language: str
) -> None:
    content, pictures = ordinary(scan)
    pdf = report_pdf(content, pictures=pictures, language=language)
    assert pages_of(pdf, tmp_path) == 1
    _, shown = boxes_of(pdf, tmp_path)
    assert len(shown) == 7, "the lungs, four findings, two key images"


@needs_poppler
@pytest.mark.parametrize("lines", [26, 34, 44, 56])
def test_of_two_pages_the_last_is_not_half_empty(scan: Series, tmp_path: Path, lines: int) -> None:
    content, pictures = ordinary(scan)
    pdf = report_pdf(
        replace(content, findings_text="A line of words.\n" * lines), pictures=pictures
    )
    assert pages_of(pdf, tmp_path) == 2
    assert foot_of(pdf, 2, tmp_path) > 0.5


@needs_poppler
def test_no_heading_is_the_last_line_of_a_page(scan: Series, tmp_path: Path) -> None:
    content, _ = ordinary(scan)
    heads = ("Impression", "Lungs", "Findings (", "Key images", "Not among", "Remarks", "Where the")
    for lines in range(12, 70):
        pdf = report_pdf(replace(content, findings_text="A line.\n" * lines))
        path = tmp_path / "report.pdf"
        path.write_bytes(pdf)
        done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True)
        for page in done.stdout.split("\f")[:-2]:
            last = page.strip().splitlines()[-1].strip()
            assert not last.startswith((*heads, "Finding ")), (lines, last)


@needs_poppler
def test_the_volume_of_a_mass_takes_one_line_of_its_cell(scan: Series, tmp_path: Path) -> None:
    content, _ = ordinary(scan)
    first, *rest = content.findings
    large = replace(first, long_mm=95.1, short_mm=73.4, volume_mm3=155780.0)
    words, _ = boxes_of(report_pdf(replace(content, findings=(large, *rest))), tmp_path)
    assert any("155780 mm³" in box[0] for box in words)


@needs_poppler
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_figure_of_a_table_is_broken_where_words_leave_room(
    scan: Series, tmp_path: Path, language: str
) -> None:
    content, _ = ordinary(scan)
    large = replace(
        content.findings[0], long_mm=124.9, short_mm=120.3, volume_mm3=1234567, image=1042,
        type="part-solid", origin="Out of a SEG by SECRETALGO, AUTOMATIC", state="added",
        chance=None,
    )  # fmt: skip
    for label in ("", "mass of the left hilum with a wide spiculated edge, own words " * 2):
        lines = (replace(large, label=label), *content.findings[1:])
        pdf = report_pdf(replace(content, findings=lines), language=language)
        path = tmp_path / "report.pdf"
        path.write_bytes(pdf)
        done = subprocess.run(
            ["pdftotext", "-layout", path, "-"], capture_output=True, encoding="utf-8", check=True
        )
        (row,) = [row for row in done.stdout.splitlines() if "124.9 ×" in row and "1042" in row]
        assert "124.9 × 120.3 mm" in row and "1234567 mm³" in row, row
