"""The report as plain text, to paste into another report: no table, no sign that e-mail breaks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from viewer.language.catalogue import ENGLISH
from viewer.reading.report import words as words
from viewer.reading.report.content import NOTICE, FindingLine, ReportContent
from viewer.reading.report.drawing_words import drawing_words
from viewer.reading.report.linked import with_places
from viewer.reading.report.words import Tell

WIDTH: Final = 92
FILLER: Final = "\0"
"""Stands for the second column of a wide sign while lines are cut."""


def report_text(content: ReportContent, *, language: str = ENGLISH, width: int = WIDTH) -> str:
    """Lines of at most so many columns; each figure beside its finding, series and image."""
    lines: list[str] = []
    for paragraph in _Text(content, Tell(language), width).paragraphs():
        lines += ["", *paragraph] if lines else paragraph
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, eq=False)
class _Text:
    """One text on its way, in one language and width."""

    content: ReportContent
    tell: Tell
    width: int

    def paragraphs(self) -> Iterator[list[str]]:
        content, tell, lines = self.content, self.tell, self._lines
        yield [tell("Chest CT reading").upper(), *lines(tell(NOTICE))]
        yield lines(tell.joined((words.scan_words(tell, content), tell.say(content.rule))))
        for title, written in (
            (tell("Findings as written"), content.findings_text),
            (tell("Impression"), content.impression),
        ):
            if written:
                told = with_places(tell, content, written)
                rows = [row for line in told.splitlines() for row in (lines(line) or [""])]
                yield [title.upper(), *rows]
        lungs = [words.lung_words(tell, lung) for lung in content.lungs]
        lungs += words.density_notes(tell, content.lungs)
        yield [tell("Lungs").upper(), *(lungs or [tell("The lungs were not segmented.")])]
        title = tell("Findings ({0})", len(content.accepted))
        yield self._listed(title, content.accepted, words.no_findings_words(tell, content))
        if content.measurements:
            drawn = [drawing_words(tell, line) for line in content.measurements]
            title = tell("Measurements ({0})", len(drawn)).upper()
            yield [title, *(row for line in drawn for row in self._point(line))]
        if left_out := words.left_out_words(tell, content):
            yield [tell("Not among the findings").upper(), *lines(left_out)]
        if content.key_images:
            shown = [f"{key.number}. {words.key_words(tell, key)}" for key in content.key_images]
            yield [tell("Key images").upper(), *(row for line in shown for row in lines(line))]
        if content.remarks_beside:
            rows = [row for told in content.remarks_beside for row in self._point(tell.say(told))]
            yield [tell("Remarks").upper(), *rows]
        yield lines(words.made_with_words(tell, content))

    def _listed(self, title: str, found: tuple[FindingLine, ...], none: str) -> list[str]:
        if not found:
            return [title.upper(), *self._lines(none)]
        told = (words.finding_words(self.tell, line) for line in found)
        return [title.upper(), *(row for one in told for row in self._point(one))]

    def _point(self, told: str) -> list[str]:
        return wrapped(told, self.width, first="- ", later="  ")

    def _lines(self, text: str) -> list[str]:
        return wrapped(text, self.width)


def wrapped(text: str, width: int, *, first: str = "", later: str = "") -> list[str]:
    """Lines of so many columns; an East Asian sign takes two."""
    doubled = "".join(sign + FILLER * _is_wide(sign) for sign in text)
    columns = width - 1 if FILLER in doubled else width
    lines = wrap(doubled, columns, initial_indent=first, subsequent_indent=later)
    return [line.replace(FILLER, "") for line in lines]


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"
