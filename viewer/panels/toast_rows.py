"""How a toast lies in the room it has: one line; more lines of words; or its buttons below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QFont, QFontMetricsF

from viewer import theme
from viewer.panels.buttons import Button
from viewer.panels.two_lines import two_lines

BESIDE_PX = 150
"""Words broken into lines beside their buttons have at least so much room."""


@dataclass(frozen=True)
class Rows:
    """The size of a toast, the place of its words with their line breaks, and of each button.

    whole: no word is cut.
    """

    size: QSize
    words: QRect
    text: str
    buttons: tuple[QRect, ...]
    whole: bool = True

    @property
    def lines(self) -> int:
        return self.text.count("\n") + 1


def in_one_line(text: str, font: QFont, buttons: Sequence[Button], lead: int) -> Rows:
    """All side by side, as wide as that comes; lead: what stands before the words."""
    inset, gap, high = theme.size("space.l"), theme.size("space.m"), theme.size("toast")
    wide = _wide(text, font)
    x, made = inset + lead + wide, []
    for button in buttons:
        hint = button.sizeHint()
        made.append(QRect(x + gap, (high - hint.height()) // 2, hint.width(), hint.height()))
        x += gap + hint.width()
    return Rows(QSize(x + inset, high), QRect(inset + lead, 0, wide, high), text, tuple(made))


def in_room(
    text: str,
    font: QFont,
    buttons: Sequence[Button],
    lead: int,
    room: int,
    most: int,
    *,
    tight: bool = False,
) -> Rows:
    """Within so many pixels: words in `most` lines, cut at their end if it must be; never a button.

    The buttons stay beside the words where those come out whole so, and go below them elsewhere.
    tight: below them they stand closer, from the edge on: for a pane that is low as well.
    """
    flat = in_one_line("", font, buttons, lead)
    beside = room - flat.size.width()
    if beside >= BESIDE_PX:
        lines = two_lines(text, font, beside, most=most)
        if _is_whole(lines, text):
            return _beside(lines, font, flat, lead)
    inset, gap = theme.size("space.m"), theme.size("space.s" if tight else "space.m")
    lines = two_lines(text, font, max(1, room - 2 * inset - lead), most=most)
    wide, line = max(_wide(one, font) for one in lines), theme.line_height("body")
    pad = (theme.size("toast") - line) // 2
    words = QRect(inset + lead, pad, wide, line * len(lines))
    y, made, right = words.bottom() + 1, list[QRect](), words.right()
    high, first = theme.size("control"), inset if tight else inset + lead
    if buttons:
        x = first
        for hint in (button.sizeHint() for button in buttons):
            if made and x + hint.width() > room - inset:
                x, y = first, y + high
            made.append(QRect(x, y, hint.width(), high))
            right = max(right, made[-1].right())
            x += hint.width() + gap
        y += high
    size = QSize(min(room, right + 1 + inset), y + (theme.size("space.xs") if made else pad))
    return Rows(size, words, "\n".join(lines), tuple(made), _is_whole(lines, text))


def _is_whole(lines: Sequence[str], text: str) -> bool:
    return "".join(lines).replace(" ", "") == text.replace(" ", "")


def _beside(lines: Sequence[str], font: QFont, flat: Rows, lead: int) -> Rows:
    """Lines of words, and the buttons to their right."""
    inset, line = theme.size("space.l"), theme.line_height("body")
    wide = max(_wide(one, font) for one in lines)
    high = max(theme.size("toast"), line * len(lines) + theme.size("space.m"))
    moved = tuple(
        QRect(one.x() + wide, (high - one.height()) // 2, one.width(), one.height())
        for one in flat.buttons
    )
    words = QRect(inset + lead, 0, wide, high)
    return Rows(QSize(flat.size.width() + wide, high), words, "\n".join(lines), moved)


def _wide(text: str, font: QFont) -> int:
    return int(QFontMetricsF(font).horizontalAdvance(text)) + 1 if text else 0
