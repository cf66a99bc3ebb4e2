"""Each number of a report leads to what it was measured on: a finding, its series, its image.

A page links it to the finding's row and to a line that tells its source; plain text, which has no
links, names finding and image behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Final

from viewer.reading.report.content import FindingLine, LungLine, ReportContent
from viewer.reading.report.drawing_words import drawing_name, scan_place_words
from viewer.reading.report.drawings import MeasurementLine
from viewer.reading.report.words import Tell, finding_place, lung_name, name_words

FIGURE: Final = re.compile(
    r"(?<![A-Za-z0-9_.,])[-\u2212]?\d+(?:[.,]\d+)?(?:\s*[×xX*]\s*\d+(?:[.,]\d+)?)*"
    r"\s*(?:mm³|mm²|mm3|mm2|mm|cm³|cm3|cm|ml|HU|毫米|厘米|毫升)(?![A-Za-z0-9])"
)
"""A number that was measured: it has a unit of length, volume or density."""
SENTENCE: Final = re.compile(r"\n|(?<=[.!?;])\s+|(?<=[。！？；])")


@dataclass(frozen=True)
class Piece:
    """Some of what the reader wrote. line: the finding that it names or was measured on."""

    text: str
    line: FindingLine | None = None
    figure: bool = False


def finding_anchor(finding: str) -> str:
    """Of a finding's row, by the finding's id."""
    return f"finding-{finding}"


def picture_anchor(finding: str) -> str:
    """Of a finding's picture."""
    return f"picture-{finding}"


def source_anchor(thing: str) -> str:
    """Of the line that tells where a figure comes from, by id of finding or drawing, or lung."""
    return f"source-{thing}"


def lung_id(lung: LungLine) -> str:
    return f"lung-{lung.side}"


def finding_source(tell: Tell, line: FindingLine) -> str:
    """Series, image, place, model and the UID that every export gives the finding: no patient's."""
    told = tell(
        "series {0}, image {1}, centre {2:.1f}, {3:.1f}, {4:.1f} mm (LPS)",
        line.series,
        line.image,
        *line.centre_mm,
    )
    uid = line.tracking_uid
    if line.origin:
        return _with_uid(tell, tell("; ").join((told, tell.say(line.origin))), "", uid)
    return _with_uid(tell, told, line.made_by, uid)


def lung_source(tell: Tell, content: ReportContent, lung: LungLine) -> str:
    told = tell("series {0}, all images", content.scan.series)
    return _with_uid(tell, told, lung.made_by, lung.tracking_uid)


def drawing_source(tell: Tell, line: MeasurementLine) -> str:
    return _with_uid(tell, scan_place_words(tell, line), "", line.tracking_uid)


def _with_uid(tell: Tell, told: str, made_by: str, uid: str) -> str:
    made = tell("mask by {0}", made_by) if made_by else ""
    identified = tell("Tracking UID {0}", uid) if uid else ""
    return tell("; ").join(filter(None, (told, made, identified)))


def sources(tell: Tell, content: ReportContent) -> Iterator[tuple[str, str, str]]:
    """Id, name and source of all that has figures: findings, drawings, lungs."""
    for line in content.accepted:
        yield line.id, name_words(tell, line.name), finding_source(tell, line)
    for drawn in content.measurements:
        yield drawn.id, drawing_name(tell, drawn), drawing_source(tell, drawn)
    for lung in content.lungs:
        yield lung_id(lung), lung_name(tell, lung), lung_source(tell, content, lung)


def pieces(tell: Tell, content: ReportContent, written: str) -> tuple[Piece, ...]:
    """What the reader wrote, parted at names of findings and at figures of theirs.

    A figure is a finding's only where the sentence leaves no doubt: it names one alone, or each
    one with figures of its own behind it, or before it, throughout. Joined they are what was
    written.
    """
    names = {word: line for line in content.accepted for word in _spellings(tell, line)}
    if not names:
        return (Piece(written),)
    longest = sorted(names, key=len, reverse=True)
    name = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(map(re.escape, longest))})(?!\d)")
    found, start = [], 0
    for end in (*(cut.end() for cut in SENTENCE.finditer(written)), len(written)):
        found += _sentence(written[start:end], name, names)
        start = end
    return tuple(piece for piece in found if piece.text)


def _spellings(tell: Tell, line: FindingLine) -> set[str]:
    return {line.name, name_words(tell, line.name)}


def _sentence(text: str, name: re.Pattern[str], names: dict[str, FindingLine]) -> list[Piece]:
    marks: list[tuple[tuple[int, int], FindingLine | None, bool]] = [
        (hit.span(), names[hit.group()], False) for hit in name.finditer(text)
    ]
    marks += [(hit.span(), None, True) for hit in FIGURE.finditer(text)]
    marks.sort(key=lambda mark: mark[0])
    owners = _owners([line for _, line, _ in marks])
    found, at = [], 0
    for ((start, end), line, figure), owner in zip(marks, owners, strict=True):
        if start >= at:
            found += [Piece(text[at:start]), Piece(text[start:end], line or owner, figure)]
            at = end
    return [*found, Piece(text[at:])]


def _owners(marks: list[FindingLine | None]) -> list[FindingLine | None]:
    """Of each figure (None in `marks`) the finding it belongs to; None where that is in doubt."""
    named = [line for line in marks if line is not None]
    if not named:
        return [None] * len(marks)
    if len({line.id for line in named}) == 1:
        return [named[0]] * len(marks)
    kinds = [line is not None for line, _ in groupby(marks)]
    by_turns = all(a != b for a, b in pairwise(kinds)) and len(kinds) % 2 == 0
    if not by_turns:
        return [None] * len(marks)
    order = marks if kinds[0] else marks[::-1]
    owners: list[FindingLine | None] = []
    for line in order:
        owners.append(line or owners[-1])
    return owners if kinds[0] else owners[::-1]


def with_places(tell: Tell, content: ReportContent, written: str) -> str:
    """What the reader wrote with '[RUZ 1, se 2 im 37]' behind each figure of a finding."""
    return "".join(
        f"{piece.text} [{finding_place(tell, piece.line)}]"
        if piece.figure and piece.line is not None
        else piece.text
        for piece in pieces(tell, content, written)
    )
