"""What a narrow list shows of a study: its name, and below it number, day and words.

Each piece is cut for itself, in its middle, for numbers differ at their ends; a day is never cut.
No two studies look alike: a piece that would look like another one's shows the place at which they
differ, and studies of one day tell their time.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF

from viewer import theme

BETWEEN = " · "
COUNTED = re.compile(r"(?:(?<=^)|(?<= ))#[0-9]+(?= |$)")
"""How heads that would look alike are counted."""
DOTS = "…"
TITLE, BELOW = "bodyStrong", "caption"
LEAST = f"0{DOTS}0"
"""A cut piece that is shorter tells nothing and is left out."""


@dataclass(frozen=True)
class Told:
    """What is told of a study: its name, and below it its number, day, time and words.

    rank: smaller for what this machine saw earlier; the numbers of studies that look alike go by
    it, so that they stay when a study is opened and goes to the top.
    """

    title: str
    number: str = ""
    day: str = ""
    time: str = ""
    words: str = ""
    rank: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Head:
    """A study's head: what it tells, and the room for both of its lines in pixels."""

    told: Told
    wide: float
    below: float


def fitted(heads: Sequence[Head]) -> list[tuple[str, str]]:
    """What both lines of each head show. Heads that look the same are the same."""
    ranks = [head.told.rank for head in heads]
    names, rooms = [head.told.title for head in heads], [head.wide for head in heads]
    titles = _apart(names, rooms, TITLE, ranks)
    stamps = [head.told.day for head in heads]
    lines = _lines(heads, titles, stamps)
    for group in _alike(list(zip(titles, lines, strict=True)), [head.told for head in heads]):
        if len({heads[k].told.time for k in group}) > 1:
            for k in group:
                told = heads[k].told
                timed = " ".join(part for part in (told.day, told.time) if part)
                stamps[k] = timed if _width(timed, BELOW) <= heads[k].below else stamps[k]
    lines = _lines(heads, titles, stamps)
    for last in (False, True):  # behind the day, where its number has room for both ends beside it
        for group in _alike(list(zip(titles, lines, strict=True)), [head.told for head in heads]):
            counted: dict[Told, int] = {}
            for k in sorted(group, key=ranks.__getitem__):
                told, wide = heads[k].told, heads[k].below
                number = counted.setdefault(told, len(counted) + 1)
                if last:
                    lines[k] = _counted(number, told.day, wide)
                elif told.day and _width(f"{told.day} #{number}", BELOW) <= wide:
                    stamps[k] = f"{told.day} #{number}"
        lines = lines if last else _lines(heads, titles, stamps)
    return list(zip(titles, lines, strict=True))


def number_shown(head: Told, shown: tuple[str, str]) -> str:
    """'#2' where that is all that tells a head apart from another one at this width."""
    full = {part for text in (head.title, head.number, head.words) for part in text.split()}
    found = [part for text in shown for part in COUNTED.findall(text) if part not in full]
    return found[0] if found else ""


def _lines(heads: Sequence[Head], titles: Sequence[str], stamps: Sequence[str]) -> list[str]:
    """The second line of each head: the day whole, then as much as there is room for."""
    numbers = [head.told.number for head in heads]
    rooms = [
        head.below - (_width(BETWEEN + stamp, BELOW) if stamp else 0.0)
        for head, stamp in zip(heads, stamps, strict=True)
    ]
    ranks = [head.told.rank for head in heads]
    numbers = _apart(numbers, rooms, BELOW, ranks)
    begun = [_joined(*pair) for pair in zip(numbers, stamps, strict=True)]
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for k, pair in enumerate(zip(titles, begun, strict=True)):
        groups[pair].append(k)
    lines = list(begun)
    for group in groups.values():
        whole = [k for k in group if numbers[k] == heads[k].told.number]
        room = [heads[k].below - _width(begun[k] + BETWEEN, BELOW) for k in whole]
        texts = [heads[k].told.words for k in whole]
        words = _apart(texts, room, BELOW, [ranks[k] for k in whole])
        for k, text in zip(whole, words, strict=True):
            lines[k] = _joined(begun[k], text)
    return [_cut(text, head.below, BELOW) for text, head in zip(lines, heads, strict=True)]


def _apart(
    texts: Sequence[str], rooms: Sequence[float], role: str, ranks: Sequence[int]
) -> list[str]:
    """Each text cut to its room; those that then look alike show where they differ."""
    shown = [_cut(text, room, role) for text, room in zip(texts, rooms, strict=True)]
    shown = [
        cut if cut == text or _width(LEAST, role) <= room else ""
        for cut, text, room in zip(shown, texts, rooms, strict=True)
    ]
    for _ in texts:
        alike = _alike(shown, texts)
        if not alike:
            break
        for group in alike:
            place = _shared([texts[k] for k in group])
            for k in group:
                if shown[k]:
                    shown[k] = _from(texts[k], place, rooms[k], role)
    for group in _alike(shown, texts):
        counted: dict[str, int] = {}
        for k in sorted(group, key=ranks.__getitem__):
            number = counted.setdefault(texts[k], len(counted) + 1)
            if shown[k]:
                shown[k] = _cut(f"#{number}{BETWEEN}{texts[k]}", rooms[k], role)
    return shown


def _alike(shown: Sequence[Hashable], full: Sequence[Hashable]) -> list[list[int]]:
    """Groups of places at which the same is shown of what is not the same."""
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for k, one in enumerate(shown):
        groups[one].append(k)
    return [group for group in groups.values() if len({full[k] for k in group}) > 1]


def _from(text: str, place: int, wide: float, role: str) -> str:
    """Its end from just before a place, or from before that where all of the end has room."""
    if _width(text, role) <= wide:
        return text
    for begin in range(1, place):
        if _width(DOTS + text[begin:], role) <= wide:
            return DOTS + text[begin:]
    begin = max(0, place - 1)
    metrics = QFontMetricsF(theme.font(role))
    told = (DOTS if begin else "") + text[begin:]
    return metrics.elidedText(told, Qt.TextElideMode.ElideRight, wide)


def _counted(number: int, day: str, wide: float) -> str:
    """A number that counts tells any two apart, before the day where there is room for both."""
    told = _joined(f"#{number}", day)
    return told if _width(told, BELOW) <= wide else f"#{number}"


def _joined(*parts: str) -> str:
    return BETWEEN.join(part for part in parts if part)


def _shared(texts: Sequence[str]) -> int:
    """How many characters all of them begin with."""
    first, last = min(texts), max(texts)
    return next(
        (n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first)
    )


def _width(text: str, role: str) -> float:
    return QFontMetricsF(theme.font(role)).horizontalAdvance(text)


def _cut(text: str, wide: float, role: str) -> str:
    """Whole where it fits, or both of its ends."""
    if _width(text, role) <= wide:
        return text
    cut = QFontMetricsF(theme.font(role)).elidedText(text, Qt.TextElideMode.ElideMiddle, wide)
    return cut if _width(cut, role) <= wide else ""  # Qt leaves a single sign where it is
