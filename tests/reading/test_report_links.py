"""Each number of a report leads to its finding, its series and its image, in every form."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.dicom.seg_scan import Grid, write_scan
from tests.reading.test_export_outputs import a_reading, blank
from tests.reading.test_report_pages import needs_poppler, one_line, sixty, words_of
from viewer.dicom.series import Series
from viewer.reading.out.outputs import draw_pictures
from viewer.reading.report.content import ReportContent, report_content
from viewer.reading.report.html import Pictures, report_html
from viewer.reading.report.key_images import KeyImageLine
from viewer.reading.report.linked import pieces, with_places
from viewer.reading.report.pdf import report_pdf
from viewer.reading.report.text import report_text
from viewer.reading.report.words import Tell

ENGLISH, CHINESE = Tell("en"), Tell("zh")


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


@pytest.fixture
def two(scan: Series) -> ReportContent:
    """RUZ 1 on image 5 and LMZ 1 on image 2, both accepted, with the lungs."""
    content = report_content(scan, sixty(scan, accepted=2))
    first, second = content.accepted
    findings = (first, replace(second, name="LMZ 1", image=2))
    return replace(content, findings=findings, lungs=report_content(scan, a_reading(scan)).lungs)


class Links(HTMLParser):
    """Ids of the page, and of each link where it leads and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[tuple[str, str]] = []
        self._to = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.ids += [told["id"] or ""] if "id" in told else []
        if tag == "a":
            self._to = told.get("href") or ""
            self.links.append((self._to, ""))

    def handle_endtag(self, tag: str) -> None:
        self._to = "" if tag == "a" else self._to

    def handle_data(self, data: str) -> None:
        if self._to:
            self.links[-1] = (self._to, self.links[-1][1] + data)


def test_every_figure_of_the_page_leads_to_its_source(two: ReportContent) -> None:
    page = Links(report_html(two))
    assert len(set(page.ids)) == len(page.ids)
    inside = [(to[1:], words) for to, words in page.links if to.startswith("#")]
    assert {to for to, _ in inside} <= set(page.ids)
    for line in two.accepted:
        linked = {words for to, words in inside if to == f"source-{line.id}"}
        assert {f"{line.mean_diameter_mm:.1f} mm", f"{line.volume_mm3:.0f} mm³"} <= linked
        assert line.where in linked
        assert (f"finding-{line.id}", line.name) in inside
    for lung in two.lungs:
        assert (f"source-lung-{lung.side}", f"{lung.volume_ml:.0f} ml") in inside


def test_a_source_tells_series_image_place_and_the_uid_that_all_files_share(
    two: ReportContent,
) -> None:
    html = report_html(two)
    for line in two.accepted:
        start = html.index(f'id="source-{line.id}"')
        told = html[start : html.index("</li>", start)]
        assert f"series {line.series}, image {line.image}, centre" in told
        assert line.tracking_uid in told
    assert two.series_uid not in html


def test_row_source_and_key_image_lead_to_each_other_and_to_the_picture(
    scan: Series, two: ReportContent
) -> None:
    reading = sixty(scan, accepted=2)
    assert scan.geometry is not None
    taken = tuple((f, reading.state(f.id)) for f in reading.in_state("accepted"))
    drawn = Pictures("p", draw_pictures(blank(scan.geometry), None, taken))
    key = KeyImageLine(1, "axial", 3, 2, "LMZ 1", "W 1500 L −600")
    page = Links(report_html(replace(two, key_images=(key,)), pictures=drawn))
    second = two.accepted[1]
    assert [to for to, _ in page.links].count(f"p/finding-{second.id}.png") == 2
    assert page.links.count((f"#finding-{second.id}", "LMZ 1")) == 2  # its source and the key image
    assert "key-1" in page.ids


@pytest.mark.parametrize("tell", [ENGLISH, CHINESE])
@pytest.mark.parametrize(
    "written",
    [
        "LMZ 1 measures 8.2 mm.\nRUZ 1: 9 × 7 mm, 289 mm³; −35 HU",
        "no names, 8 mm", "", "LMZ 12 8 mm", "LMZ 1, RUZ 1\n\n",
        "左中野 1，约8毫米。右上野 1：9 mm",
    ],
)  # fmt: skip
def test_pieces_joined_are_what_was_written(two: ReportContent, written: str, tell: Tell) -> None:
    assert "".join(piece.text for piece in pieces(tell, two, written)) == written


@pytest.mark.parametrize(
    ("written", "owners"),
    [
        ("LMZ 1 measures 8.2 mm, 289 mm³.", ["LMZ 1", "LMZ 1"]),
        ("An 8 mm nodule, LMZ 1.", ["LMZ 1"]),
        ("LMZ 1 8 mm, RUZ 1 9 × 7 mm.", ["LMZ 1", "RUZ 1"]),
        ("8 mm nodule (LMZ 1) and 9 mm nodule (RUZ 1).", ["LMZ 1", "RUZ 1"]),
        ("LMZ 1 is larger than 6 mm, and so is RUZ 1.", [""]),
        ("LMZ 1 and RUZ 1 are 45 mm apart.", [""]),
        ("LMZ 1 is solid. Another has 8 mm.", [""]),
        ("LMZ 1 again in 3 months.", []),
        ("LMZ 12 measures 8 mm.", [""]),
        ("A node of 8 mm.", [""]),
    ],
)
def test_a_figure_is_a_findings_only_where_the_sentence_leaves_no_doubt(
    two: ReportContent, written: str, owners: list[str]
) -> None:
    figures = [p for p in pieces(ENGLISH, two, written) if p.figure]
    assert [p.line.name if p.line else "" for p in figures] == owners


def test_plain_text_names_finding_and_image_behind_each_figure(two: ReportContent) -> None:
    written = replace(two, impression="LMZ 1 measures 8.2 mm. See the node of 9 mm.")
    text = one_line(report_text(written))
    assert "LMZ 1 measures 8.2 mm [LMZ 1, se 3 im 2]. See the node of 9 mm." in text
    told = with_places(CHINESE, two, "左中野 1，约8毫米。")
    assert told == "左中野 1，约8毫米 [左中野 1，序列 3 图 2]。"


def test_figures_in_the_readers_words_are_links_on_the_page(two: ReportContent) -> None:
    page = Links(report_html(replace(two, impression="LMZ 1 <measures> 8.2 mm.")))
    second = two.accepted[1]
    assert (f"#source-{second.id}", "8.2 mm") in page.links
    assert (f"#finding-{second.id}", "LMZ 1") in page.links


@needs_poppler
def test_the_pdf_has_a_place_for_each_finding_and_source_and_links_to_them(
    two: ReportContent, tmp_path: Path
) -> None:
    written = replace(two, impression="LMZ 1 measures 8.2 mm.\nRUZ 1: 9 mm.")
    pdf = report_pdf(written)
    words_of(pdf, tmp_path)
    done = subprocess.run(
        ["pdfinfo", "-dests", tmp_path / "report.pdf"], capture_output=True, text=True, check=True
    )
    places = re.findall(r'"([^"]+)"', done.stdout)
    for line in two.accepted:
        assert {f"finding-{line.id}", f"source-{line.id}"} <= set(places)
    assert {"source-lung-right", "source-lung-left"} <= set(places)
    links = pdf.count(b"/Subtype /Link")
    assert links > pdf_links(replace(written, impression="")) >= 2 * 6 + 2


def pdf_links(content: ReportContent) -> int:
    return report_pdf(content).count(b"/Subtype /Link")


@needs_poppler
def test_the_pdf_says_sources_and_keeps_the_readers_lines(
    two: ReportContent, tmp_path: Path
) -> None:
    written = replace(two, impression="LMZ 1 measures 8.2 mm.\n\nRUZ 1: 9 mm, 右肺上叶.")
    words = one_line(words_of(report_pdf(written), tmp_path))
    assert "LMZ 1 measures 8.2 mm. RUZ 1: 9 mm, 右肺上叶." in words
    for line in two.accepted:
        assert line.tracking_uid in words
