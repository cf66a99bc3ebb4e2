"""The report as PDF and as plain text says what the page says, in any script."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.dicom.seg_scan import Grid, nodule, write_scan
from tests.reading.test_export_outputs import BLOCK, a_reading, blank
from viewer.dicom.series import Series
from viewer.reading.events import Answer, FindingsProposed, Proposal, VerdictGiven
from viewer.reading.lung_events import ScanJudged
from viewer.reading.out.outputs import draw_pictures
from viewer.reading.reading import Reading, Row, apply, fold
from viewer.reading.report.content import ReportContent, report_content
from viewer.reading.report.html import Pictures, report_html
from viewer.reading.report.key_images import KeyImageLine
from viewer.reading.report.pdf import report_pdf
from viewer.reading.report.text import WIDTH, report_text
from viewer.reading.report.words import rule_sentence

MANY_SCRIPTS = (
    "右肺上叶实性结节，约8毫米。東京 ひらがな 한국어 Ångström Łódź Ωμέγα Кириллица ≥ 6 mm³"
)
SAID = (
    *("Research use only", "2500 ml", "2200 ml", "−820 HU", "RUZ 1", "9.0 × 7.4 mm", "8.2 mm"),
    *("289 mm³", "−35 HU", "se 3 im 6", "1 held back by the agent", "1 rejected"),
    *("lungs-classical 1.0", "policy prior", "by the rule of this test"),
)
needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler's tools are not on this machine"
)


@pytest.fixture
def scan(tmp_path: Path) -> Series:
    return write_scan(tmp_path / "ct", Grid())


@pytest.fixture
def content(scan: Series) -> ReportContent:
    return report_content(
        scan, a_reading(scan), rule="by the rule of this test", remarks=("One slice is missing.",)
    )


def words_of(pdf: bytes, folder: Path) -> str:
    path = folder / "report.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stderr == ""
    return done.stdout


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_plain_text_says_all_that_the_page_says(content: ReportContent) -> None:
    text = report_text(content)
    for said in SAID:
        assert said in one_line(text), said
    assert max(map(len, text.splitlines())) <= WIDTH
    assert "<" not in text and "\t" not in text


def test_in_plain_text_no_figure_stands_without_its_finding_and_image(
    content: ReportContent,
) -> None:
    text = one_line(report_text(content))
    for line in content.accepted:
        start = text.index(f"- {line.name}:")
        sentence = text[start : text.index("HU;", start) + 40]
        assert f"{line.mean_diameter_mm:.1f} mm" in sentence and line.where in sentence


def test_what_the_reader_wrote_stands_in_every_form(content: ReportContent) -> None:
    written = replace(content, findings_text="First line.\nSecond <line>.", impression="All well?")
    html, text = report_html(written), report_text(written)
    assert "First line.\nSecond &lt;line&gt;." in html and "All well?" in html
    assert "First line.\nSecond <line>.\n" in text and "IMPRESSION\nAll well?" in text
    assert "Impression" not in report_html(content) and "IMPRESSION" not in report_text(content)


@needs_poppler
def test_the_pdf_says_all_that_the_page_says(content: ReportContent, tmp_path: Path) -> None:
    words = one_line(words_of(report_pdf(content), tmp_path))
    for said in (*SAID, "One slice is missing."):
        assert said in words, said


@needs_poppler
def test_chinese_japanese_and_korean_stand_in_the_pdf_with_their_fonts_inside(
    content: ReportContent, tmp_path: Path
) -> None:
    written = replace(content, findings_text=MANY_SCRIPTS, impression=MANY_SCRIPTS)
    pdf = report_pdf(written)
    words = words_of(pdf, tmp_path)
    for part in MANY_SCRIPTS.split():
        assert part in words, part
    done = subprocess.run(
        ["pdffonts", tmp_path / "report.pdf"], capture_output=True, text=True, check=True
    )
    fonts = done.stdout.splitlines()[2:]
    assert done.stderr == ""
    assert len(fonts) == 3
    assert all(" yes yes yes " in line for line in fonts)  # embedded, a subset, with its signs
    assert len(pdf) < 400_000


def test_without_such_signs_the_pdf_stays_small(content: ReportContent) -> None:
    assert len(report_pdf(content)) < 60_000


def test_a_sign_that_no_font_has_does_not_stop_the_report(content: ReportContent) -> None:
    assert report_pdf(replace(content, impression="🫁 العربية \x00\x07 end")).startswith(b"%PDF")


@needs_poppler
def test_the_pdf_names_no_patient_and_says_what_it_is_for(
    content: ReportContent, tmp_path: Path
) -> None:
    words = words_of(report_pdf(content), tmp_path)
    done = subprocess.run(
        ["pdfinfo", tmp_path / "report.pdf"], capture_output=True, text=True, check=True
    )
    for identity in ("Doe", "Jane", "Wang", "20260102"):
        assert identity not in words + done.stdout
    assert "research use only" in done.stdout.lower()


@needs_poppler
def test_an_ordinary_reading_fits_on_one_page_and_a_long_one_goes_on(
    scan: Series, tmp_path: Path
) -> None:
    reading = a_reading(scan)
    assert scan.geometry is not None
    stated = tuple((f, reading.state(f.id)) for f in reading.findings)
    drawn = Pictures("pictures", draw_pictures(blank(scan.geometry), reading.lungs, stated))
    pages = pages_of(report_pdf(report_content(scan, reading), pictures=drawn), tmp_path)
    assert pages == 1
    long = sixty(scan, accepted=60)
    assert pages_of(report_pdf(report_content(scan, long)), tmp_path) > 1


def sixty(scan: Series, *, accepted: int) -> Reading:
    """Sixty candidates, the first so many accepted."""
    many = tuple(nodule(scan, f"n{n}", (1, 2, 3), BLOCK) for n in range(60))
    proposals = tuple(Proposal(f.id, True, n, 1.0, "prior", 1) for n, f in enumerate(many))
    verdicts = [VerdictGiven(f.id, Answer.ACCEPT) for f in many[:accepted]]
    events = (FindingsProposed(many, proposals), *verdicts)
    return fold("r", (Row(n, "", event) for n, event in enumerate(events, start=1)))


@needs_poppler
@pytest.mark.parametrize("language", ["en", "zh"])
def test_candidates_without_an_answer_are_counted_and_not_listed(
    scan: Series, tmp_path: Path, language: str
) -> None:
    reading = sixty(scan, accepted=6)
    assert scan.geometry is not None
    taken = tuple((f, reading.state(f.id)) for f in reading.in_state("accepted"))
    drawn = Pictures("pictures", draw_pictures(blank(scan.geometry), None, taken))
    content = report_content(scan, reading)
    pdf = report_pdf(content, pictures=drawn, language=language)
    assert pages_of(pdf, tmp_path) == 1
    unlisted = content.open[-1].name.rpartition(" ")[2]
    told = {"en": "Candidates without an answer: 54.", "zh": "未判候选：54 个。"}[language]
    for words in (
        words_of(pdf, tmp_path),
        report_text(content, language=language),
        report_html(content, language=language),
    ):
        assert told in one_line(words)
        tight = "".join(words.split())  # lines of Chinese end anywhere
        assert "findings.json" in tight and "figures.csv" in tight
        assert f" {unlisted}:" not in words and f"RUZ {unlisted}" not in words


@needs_poppler
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_reading_that_was_never_searched_says_so_and_counts_no_candidates(
    scan: Series, tmp_path: Path, language: str
) -> None:
    taken = report_content(scan, sixty(scan, accepted=1)).accepted
    content = replace(report_content(scan, Reading("r")), findings=taken)
    told = {"en": "Nodules were not searched for.", "zh": "未查找结节。"}[language]
    counted = {"en": "without an answer", "zh": "未判候选"}[language]
    pdf = report_pdf(content, language=language)
    for words in (
        words_of(pdf, tmp_path),
        report_text(content, language=language),
        report_html(content, language=language),
    ):
        assert one_line(words).count(told) == 1
        assert counted not in one_line(words)


def test_marks_out_of_a_file_that_wait_are_counted_where_nothing_was_searched(
    scan: Series,
) -> None:
    content = replace(report_content(scan, sixty(scan, accepted=1)), searched=False)
    told = one_line(report_text(content))
    assert "Nodules were not searched for. Candidates without an answer: 59." in told


@needs_poppler
def test_pictures_are_set_smaller_where_that_keeps_a_report_on_one_page(
    scan: Series, tmp_path: Path
) -> None:
    reading = sixty(scan, accepted=12)
    assert scan.geometry is not None
    taken = tuple((f, reading.state(f.id)) for f in reading.in_state("accepted"))
    drawn = Pictures("pictures", draw_pictures(blank(scan.geometry), None, taken))
    content = report_content(scan, reading)
    assert pages_of(report_pdf(content, pictures=drawn), tmp_path) == 1
    written = replace(content, findings_text="A line.\n" * 80)
    assert pages_of(report_pdf(written, pictures=drawn), tmp_path) > 1


def one_page_of_two(scan: Series, lines: int) -> tuple[ReportContent, Pictures]:
    """Two findings, a key image and so many lines by the reader, of a series with a long number."""
    reading = sixty(scan, accepted=2)
    assert scan.geometry is not None
    taken = tuple((f, reading.state(f.id)) for f in reading.in_state("accepted"))
    drawn = draw_pictures(blank(scan.geometry), None, taken)
    content = report_content(scan, reading)
    found = tuple(
        replace(line, series=3000566) if line.state == "accepted" else line
        for line in content.findings
    )
    key = KeyImageLine(1, "axial", 3000566, 43, found[0].name, "W 1500 L −600")
    picture = BytesIO()
    Image.new("RGB", (640, 480), (90, 90, 90)).save(picture, "PNG")
    png = {**drawn, key.file: picture.getvalue()}
    written = "A line of words.\n" * lines
    return replace(content, findings=found, key_images=(key,), impression=written), Pictures(
        "p", png
    )


Box = tuple[str, float, float, float, float]
"""Words or nothing, left, top, right, foot."""


def boxes_of(pdf: bytes, folder: Path) -> tuple[list[Box], list[Box]]:
    """Lines of words and pictures of the first page, where each stands."""
    path = folder / "boxes.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(
        ["pdftohtml", "-xml", "-stdout", path], capture_output=True, cwd=folder, check=True
    )
    page = ElementTree.fromstring(done.stdout).find("page")
    assert page is not None

    def all_of(kind: str) -> list[Box]:
        found = []
        for one in page.iter(kind):
            left, top, wide, high = (
                float(one.attrib[a]) for a in ("left", "top", "width", "height")
            )
            words = "".join(one.itertext())
            if kind == "image" or words.strip():
                found.append((words, left, top, left + wide, top + high))
        return found

    return all_of("text"), all_of("image")


@needs_poppler
@pytest.mark.parametrize("lines", [0, 22, 23, 24])
def test_words_below_pictures_stand_clear_of_each_other(
    scan: Series, tmp_path: Path, lines: int
) -> None:
    content, pictures = one_page_of_two(scan, lines)
    words, shown = boxes_of(report_pdf(content, pictures=pictures), tmp_path)
    below = [box for box in words if box[2] > min(image[2] for image in shown)]
    for n, one in enumerate(below):
        for other in below[n + 1 :]:
            beside = min(one[3], other[3]) - max(one[1], other[1])
            over = min(one[4], other[4]) - max(one[2], other[2])
            assert beside <= 1 or over <= 3, (one, other)
    _, left, _, right, foot = shown[-1]
    (number,) = [box for box in words if box[0].strip() == "Key image 1"]
    assert left - 2 <= number[1] < right and 0 <= number[2] - foot + 4 < 10


@needs_poppler
def test_pictures_are_as_large_as_the_page_lets_them(scan: Series, tmp_path: Path) -> None:
    wide = []
    for lines in (0, 25, 26, 27):
        content, pictures = one_page_of_two(scan, lines)
        pdf = report_pdf(content, pictures=pictures)
        assert pages_of(pdf, tmp_path) == 1, lines
        words, shown = boxes_of(pdf, tmp_path)
        wide.append(shown[0][3] - shown[0][1])
        if wide[-1] < wide[0]:  # what is left of the page would not hold the next size
            assert max(box[4] for box in words) > 1263 * (297 - 15 - 14) / 297, lines
    assert wide == sorted(wide, reverse=True) and len(set(wide)) > 2


def pages_of(pdf: bytes, folder: Path) -> int:
    path = folder / "pages.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdfinfo", path], capture_output=True, text=True, check=True)
    (line,) = (row for row in done.stdout.splitlines() if row.startswith("Pages:"))
    return int(line.split()[1])


def test_the_same_reading_makes_the_same_pdf(content: ReportContent) -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5)
    assert report_pdf(content, made_at=moment) == report_pdf(content, made_at=moment)


def test_an_empty_reading_is_no_all_clear_in_any_form(scan: Series) -> None:
    searched = report_content(scan, fold("r", [Row(1, "", FindingsProposed((), ()))]))
    assert "no all-clear" in one_line(report_text(searched))
    assert "no all-clear" in report_html(searched)
    assert "Nodules were not searched for." in report_text(report_content(scan, Reading("r")))


def chinese(content: ReportContent) -> str:
    return report_text(content, language="zh")


def test_the_report_is_in_chinese_where_that_is_asked_for(content: ReportContent) -> None:
    text = one_line(chinese(replace(content, rule=rule_sentence(0.5), findings_text="One nodule.")))
    for expected in (
        "胸部 CT 阅片报告",
        "仅供研究",
        "右肺：2500 ml，平均 −820 HU",
        "右上野 1：实性，9.0 × 7.4 mm",
        "序列 3 图 6",
        "已接受（规则）",
        "按规则接受概率 ≥ 0.5 的发现",
        "智能体暂不显示 1 个",
        "One nodule.",
    ):
        assert expected in text, expected
    for english in ("Findings", "Lungs", "held back", "accepted", "Models"):
        assert english not in text, english


def test_lines_of_chinese_are_no_wider_than_others(content: ReportContent) -> None:
    def columns(line: str) -> int:
        return sum(2 if ord(sign) > 0x2E7F else 1 for sign in line)

    assert max(columns(line) for line in chinese(content).splitlines()) <= WIDTH


def test_every_form_says_the_same_in_chinese(content: ReportContent, tmp_path: Path) -> None:
    page = report_html(content, language="zh")
    assert '<html lang="zh-CN">' in page
    for expected in ("胸部 CT 阅片报告", "右上野 1", "序列 3 图 6", "长径 × 短径", "未列入发现"):
        assert expected in page, expected


@needs_poppler
def test_the_pdf_is_in_chinese_too(content: ReportContent, tmp_path: Path) -> None:
    words = words_of(report_pdf(content, language="zh"), tmp_path)
    for expected in ("胸部 CT 阅片报告", "右肺：2500 ml", "右上野 1", "序列 3 图 6", "已接受"):
        assert expected in words, expected


def test_an_unknown_language_is_english(content: ReportContent) -> None:
    assert report_text(content, language="xx") == report_text(content)


def test_every_word_of_the_report_is_in_the_chinese_catalogue(content: ReportContent) -> None:
    """In every state, with every part: no English is left but data."""
    lines = content.findings
    every = tuple(
        replace(lines[0], state=state, type=kind, by=by, name=f"{zone} 1", chance=None)
        for state, kind, by, zone in zip(
            ("accepted", "edited", "added", "rejected", "held", "undecided", "proposed"),
            ("solid", "part-solid", "ground glass", "solid", "solid", "solid", "solid"),
            ("reader", "rule", "reader", "reader", "", "", ""),
            ("RUZ", "RMZ", "RLZ", "LUZ", "LMZ", "LLZ", "Outside"),
            strict=True,
        )
    )
    keys = tuple(
        KeyImageLine(n, plane, 3, 7, "RUZ 1", "W 1500 L −600", True, slab, 10.0)
        for n, (plane, slab) in enumerate(
            [("axial", "max"), ("coronal", "min"), ("sagittal", "mean"), ("oblique", "")], start=1
        )
    )
    whole = replace(
        content, findings=every, key_images=keys, remarks=(), rule="", findings_text="所见",
        impression="印象", models=(), policies=(), scan=replace(content.scan, kernel=""),
    )  # fmt: skip
    for one in (whole, replace(whole, findings=(), lungs=(), searched=False)):
        text = re.sub(
            r"findings.json|figures.csv|CT|HU|ml|mm³|mm|MIP|MinIP|W \d+ L −\d+|Hilum [\d.]+",
            "",
            chinese(one),
        )
        assert re.findall(r"[A-Za-z]{2,}", text) == []


def test_what_is_told_of_how_the_scan_was_read_is_told_once(scan: Series) -> None:
    why = "Pixels are 4.2 mm wide: lung borders are coarse."
    reading = apply(a_reading(scan), Row(99, "", ScanJudged("doubt", (why,))))
    content = report_content(scan, reading, remarks=(why, "One slice is missing."))
    for told in (content, content.with_remarks([why])):
        assert sum(why in remark for remark in told.remarks) == 1
        assert "One slice is missing." in told.remarks


def test_chinese_clauses_are_parted_by_their_own_signs(content: ReportContent) -> None:
    lungs = tuple(
        replace(lung, p15_hu=-960.0, laa950_percent=25.0, density_note="Slices are 2.5 mm thick: "
                "LAA-950, made for 1 mm, reads too low.") for lung in content.lungs
    )  # fmt: skip
    told = report_text(replace(content, lungs=lungs), language="zh")
    assert "HU；第 15 百分位数 −960 HU" in told
    assert not re.search("[一-鿿U]; |。 ", told)


def test_figures_of_the_scan_have_two_decimals_at_most(content: ReportContent) -> None:
    scan = replace(content.scan, spacing_kji_mm=(3.98734, 0.703125, 0.703125))
    told = report_text(replace(content, scan=scan))
    assert "3.99 mm between slices, pixels 0.7 by 0.7 mm" in told
    assert not re.search(r"\d\.\d{3}", told)


def test_of_one_image_no_distance_between_slices_is_told(content: ReportContent) -> None:
    scan = replace(content.scan, images=1)
    for tongue, one, never in (("en", "1 image,", "between slices"), ("zh", "1 幅图像", "层间距")):
        told = report_text(replace(content, scan=scan), language=tongue)
        assert one in told and never not in told
        assert "0.7" in told  # what a pixel measures is known of one image too
