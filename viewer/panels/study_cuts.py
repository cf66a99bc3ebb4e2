"""What a narrow list shows of names and numbers that are too long: never two patients alike.

A text is cut in its middle, for numbers differ at their ends. Where two heads would still look the
same though they are not, each shows the place at which they differ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF

from viewer import theme

BETWEEN = " · "
DOTS = "…"
DATE = re.compile(rf"(?:[^·]*{BETWEEN})??(?P<day>\d{{4}}-\d\d-\d\d)(?={BETWEEN}|$)")
"""A day as the first piece of a line, or behind the number."""


@dataclass(frozen=True)
class Line:
    """One line of a head: its text, the role of its font, the room for it in pixels."""

    text: str
    role: str
    wide: float

    def fits(self, text: str) -> bool:
        return self.width(text) <= self.wide

    def width(self, text: str) -> float:
        return QFontMetricsF(theme.font(self.role)).horizontalAdvance(text)

    def middle_cut(self, text: str, wide: float) -> str:
        metrics = QFontMetricsF(theme.font(self.role))
        return metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, max(0.0, wide))

    def cut(self) -> str:
        """Whole where it fits. Of number, date and words the number keeps both ends, the date all
        of it: it goes last."""
        if self.fits(self.text):
            return self.text
        day = self.date
        if day is not None and self.fits(day["day"]):
            return self._about(day)
        first, *rest = self.text.split(BETWEEN)
        if not rest:
            return self.middle_cut(first, self.wide)
        second = BETWEEN + rest[0]
        begun = first + second
        if self.fits(begun + DOTS):
            more = BETWEEN + BETWEEN.join(rest[1:]) if rest[1:] else ""
            return begun + self.middle_cut(more, self.wide - self.width(begun))
        if self.width(second) < 0.7 * self.wide:  # room for both ends of a number
            return self.middle_cut(first, self.wide - self.width(second)) + second
        return self.middle_cut(self.text, self.wide)

    @property
    def date(self) -> re.Match[str] | None:
        """Where the line tells a day, as its first piece or its second."""
        return DATE.match(self.text)

    def _about(self, day: re.Match[str]) -> str:
        """The date whole, before it what there is room for, after it the same."""
        before, told, after = self.text[: day.start("day")], day["day"], self.text[day.end() :]
        if self.fits(before + told + DOTS) or not before:
            begun = before + told
            more = self.middle_cut(after, self.wide - self.width(begun))
            return begun + more if after and self.fits(begun + more) else begun
        number = before.removesuffix(BETWEEN)
        shown = self.middle_cut(number, self.wide - self.width(BETWEEN + told))
        return shown + BETWEEN + told if shown and self.fits(shown + BETWEEN + told) else told

    def cut_at(self, place: int) -> str:
        """What stands from just before a place on; a date before it stays where both fit."""
        begin = max(0, place - 1)
        day = self.date
        if day is not None and place > day.end():
            head = day["day"] + BETWEEN + DOTS
            if self.fits(head + self.text[begin : place + 1] + DOTS):
                return self._right_cut(head + self.text[begin:])
            if self.fits(f"0{BETWEEN}{day['day']}"):
                return self.cut()  # a number that counts will tell them apart
        return self._right_cut((DOTS if begin else "") + self.text[begin:])

    def _right_cut(self, text: str) -> str:
        metrics = QFontMetricsF(theme.font(self.role))
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.wide)

    def numbered(self, number: int) -> str:
        """With a number that counts before it; the date stays whole where it fits."""
        day = self.date
        if day is not None and self.fits(f"{number}{BETWEEN}{day['day']}"):
            return f"{number}{BETWEEN}{day['day']}"
        return self.middle_cut(f"{number}{BETWEEN}{self.text}", self.wide)


def fitted(heads: Sequence[tuple[Line, ...]]) -> list[tuple[str, ...]]:
    """What each head shows, line by line: heads that look the same are the same.

    Their first lines, the names, look the same only where they are, too.
    """
    names = _apart([head[:1] for head in heads], [[line.cut() for line in h[:1]] for h in heads])
    begun = [
        [*name, *(line.cut() for line in head[1:])] for name, head in zip(names, heads, strict=True)
    ]
    return [tuple(lines) for lines in _apart(heads, begun)]


def _apart(heads: Sequence[tuple[Line, ...]], shown: list[list[str]]) -> list[list[str]]:
    """The same, with those that look alike cut where they differ."""
    for _ in heads:
        for group in _alike(heads, shown):
            texts, n = _first_difference(heads, group)
            place = _shared(texts)
            for k in group:
                shown[k][n] = heads[k][n].cut_at(place)
    counted: dict[str, int] = {}
    for group in _alike(heads, shown):  # a number that counts tells any two apart
        _, n = _first_difference(heads, group)
        for k in group:
            number = counted.setdefault(heads[k][n].text, len(counted) + 1)
            shown[k][n] = heads[k][n].numbered(number)
    return shown


def _shared(texts: Sequence[str]) -> int:
    """How many characters all of them begin with."""
    first, last = min(texts), max(texts)
    return next(
        (n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first)
    )


def _alike(heads: Sequence[tuple[Line, ...]], shown: Sequence[list[str]]) -> list[list[int]]:
    """Groups of heads that look the same and are not."""
    groups: dict[tuple[str, ...], list[int]] = {}
    for k, lines in enumerate(shown):
        groups.setdefault(tuple(lines), []).append(k)
    return [group for group in groups.values() if len({_full(heads[k]) for k in group}) > 1]


def _full(head: tuple[Line, ...]) -> tuple[str, ...]:
    return tuple(line.text for line in head)


def _first_difference(
    heads: Sequence[tuple[Line, ...]], group: Sequence[int]
) -> tuple[list[str], int]:
    """The texts of the first line in which heads of a group differ, and which line that is."""
    for n in range(len(heads[group[0]])):
        texts = [heads[k][n].text for k in group]
        if len(set(texts)) > 1:
            return texts, n
    raise AssertionError("heads of a group differ")
