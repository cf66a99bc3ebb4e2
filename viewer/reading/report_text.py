"""The report as plain text, to paste into another report: no table, no sign that e-mail breaks."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from viewer import __version__
from viewer.reading.report_content import NOTICE, FindingLine, ReportContent

WIDTH: Final = 92


def report_text(content: ReportContent) -> str:
    """Lines of at most WIDTH characters; each figure beside its finding, series and image."""
    lines: list[str] = []
    for paragraph in _paragraphs(content):
        lines += ["", *paragraph] if lines else paragraph
    return "\n".join(lines) + "\n"


def finding_words(line: FindingLine) -> str:
    """One finding in one sentence, with all that identifies its figures."""
    return (
        f"{line.name}: {line.type}, {line.long_mm:.1f} × {line.short_mm:.1f} mm "
        f"(mean {line.mean_diameter_mm:.1f} mm), {line.volume_mm3:.0f} mm³, "
        f"{line.mean_hu:.0f} HU; {line.where}; {answer_words(line)}"
    )


def answer_words(line: FindingLine) -> str:
    """The answer and who gave it; the model's chance where a model had one."""
    by = f" by {line.by}" if line.by else ""
    chance = f", chance {line.chance:.2f}" if line.chance < 1 else ""
    return f"{line.state}{by}{chance}"


def _paragraphs(content: ReportContent) -> Iterator[list[str]]:
    yield ["CHEST CT READING", *wrap(NOTICE, WIDTH)]
    yield wrap(f"{content.scan} {content.rule}".strip(), WIDTH)
    if content.findings_text:
        yield ["FINDINGS AS WRITTEN", *_written(content.findings_text)]
    if content.impression:
        yield ["IMPRESSION", *_written(content.impression)]
    lungs = [
        f"{lung.label}: {lung.volume_ml:.0f} ml, mean {lung.mean_hu:.0f} HU"
        for lung in content.lungs
    ]
    yield ["LUNGS", *(lungs or ["The lungs were not segmented."])]
    yield _listed(f"FINDINGS ({len(content.accepted)})", content.accepted, content.no_findings)
    if content.open:
        yield _listed(f"CANDIDATES WITHOUT AN ANSWER ({len(content.open)})", content.open, "")
    if content.left_out:
        yield ["NOT AMONG THE FINDINGS", *wrap(content.left_out, WIDTH)]
    if content.remarks:
        yield ["REMARKS", *(row for told in content.remarks for row in _point(told))]
    yield wrap(f"Hilum {__version__}. {content.made_with}", WIDTH)


def _listed(title: str, lines: tuple[FindingLine, ...], none: str) -> list[str]:
    if not lines:
        return [title, *wrap(none, WIDTH)]
    return [title, *(row for line in lines for row in _point(finding_words(line)))]


def _written(text: str) -> list[str]:
    """What the reader wrote, line by line as written."""
    return [row for line in text.splitlines() for row in (wrap(line, WIDTH) or [""])]


def _point(told: str) -> list[str]:
    return wrap(told, WIDTH, initial_indent="- ", subsequent_indent="  ")
