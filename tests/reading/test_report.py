"""The report says what was found, by whom and what was left out; it names no patient."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ai.scan.labelmap import MadeBy
from tests.dicom.seg_scan import Grid, write_scan
from tests.reading.test_export_outputs import a_reading, blank
from viewer.dicom.series import Series
from viewer.reading.events import FindingsProposed
from viewer.reading.out.outputs import draw_pictures
from viewer.reading.reading import Reading, Row, fold
from viewer.reading.report.content import report_content
from viewer.reading.report.html import Pictures, report_html


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


class Page(HTMLParser):
    """The page's words, links and pictures, and whether every element is closed."""

    void = ("meta", "img", "br")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.words = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.void:
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.sources += [value or "" for name, value in attrs if name == "src"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += f" {data}"


def written(scan: Series, reading: Reading, **more: object) -> Page:
    return Page(report_html(report_content(scan, reading, **more)))  # type: ignore[arg-type]


def test_the_page_tells_findings_lungs_models_and_what_was_left_out(scan: Series) -> None:
    said = "Findings were accepted by rule, chance 0.5 or more; nobody read this scan."
    words = written(scan, a_reading(scan), rule=said).words
    for expected in (
        "Research use only",
        said,
        "2500 ml",
        "−820 HU",
        "RUZ 1",
        "9.0 × 7.4 mm",
        "8.2 mm",
        "289 mm³",
        "se 3 im 6",
        "accepted by rule",
        "1 held back by the agent",
        "1 rejected",
        "lungs-classical 1.0",
        "nodules-log 1.0",
        "policy prior",
    ):
        assert expected in words, expected


def test_the_page_stands_alone_and_leads_to_the_pictures(scan: Series) -> None:
    reading = a_reading(scan)
    assert scan.geometry is not None
    stated = tuple((f, reading.state(f.id)) for f in reading.findings)
    drawn = draw_pictures(blank(scan.geometry), reading.lungs, stated)
    html = report_html(report_content(scan, reading), pictures=Pictures("pictures-2", drawn))
    page = Page(html)
    outside = [link for link in page.links if not link.startswith("#")]
    assert outside == ["pictures-2/lungs.png", *["pictures-2/finding-n0.png"] * 2]
    assert len(page.sources) == 2
    assert all(source.startswith("data:image/jpeg;base64,") for source in page.sources)
    assert not re.search(r"https?://", html)


def test_the_page_names_no_patient(scan: Series) -> None:
    html = report_html(report_content(scan, a_reading(scan)))
    for identity in ("Doe", "Jane", "Wang", scan.patient.id + "<", scan.study_date):
        assert identity not in html


def test_what_a_header_or_a_file_says_cannot_become_markup(scan: Series) -> None:
    odd = replace(scan, kernel="<script>alert(1)</script>")
    page = written(odd, a_reading(scan), remarks=("<b>&", "<b>&"), rule="<i>")
    assert "<script>alert(1)</script>" in page.words
    assert page.words.count("<b>&") == 1


def test_an_empty_result_is_no_all_clear(scan: Series) -> None:
    searched = fold("r", [Row(1, "", FindingsProposed((), (), MadeBy("blobs", "2.0")))])
    words = written(scan, searched).words
    assert "no all-clear" in words
    told = "Nodules were searched for by blobs 2.0. Candidates: 0. Small nodules can be missed."
    assert words.count(told) == 1, "in the place of the findings, and in no remark"
    unread = written(scan, Reading("r")).words
    assert "Nodules were not searched for." in unread
    assert "The lungs were not segmented." in unread
