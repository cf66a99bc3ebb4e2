"""Banners over the panes: a fact, its numbers, what can be done. They push, and never cover.

The picture keeps its room: two at once, the rest behind one click.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.language.spoken import say
from viewer.notices import GOOD, INFO, OPENING, REFUSED, WARN, Notice
from viewer.panels.buttons import LINK, QUIET, Button, Tool
from viewer.panels.parts import IconMark, column, row, words

GROUNDS = {"info": "notice.infoBg", "warn": "notice.warnBg", "refused": "notice.refusedBg",
           "good": "bg.raised"}  # fmt: skip
ICONS = {"info": "info", "warn": "warn", "refused": "refused", "good": "good"}
MOST = 8
ROWS = 2
"""So many are in sight; a click brings the others."""
RANKS = {REFUSED: 0, WARN: 1, GOOD: 1, INFO: 2}
"""What stands above what; of one rank the newest."""
LEAST_TEXT = 320
"""Pixels that a banner's words and its mark need beside its buttons."""


def parted(notice: Notice) -> tuple[str, str]:
    """The first sentence, which is the fact, and the rest with what to do about it."""
    pieces = re.split(r"(?<=[.!?])\s+|(?<=。)", say(notice.sentence.strip()), maxsplit=1)
    rest = " ".join(part for part in (*pieces[1:], say(notice.remedy)) if part)
    return pieces[0], rest


class Banner(QWidget):
    """One notice over the whole width of the panes; a refusal of what they show has no close."""

    closed = Signal()

    def __init__(self, notice: Notice, buttons: Sequence[Button]) -> None:
        super().__init__()
        self.notice, self.buttons = notice, tuple(buttons)
        fact, rest = parted(notice)
        pad, gap = theme.size("banner.pad"), theme.size("space.m")
        texts = column(words(fact, "bodyStrong", wrap=True), gap=2)
        if rest:
            more = words(rest, "secondary", wrap=True)
            more.setToolTip(rest)  # a path may be wider than a narrow banner
            more.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            more.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            texts.addWidget(more)
        mark = IconMark(ICONS[notice.level], f"notice.{notice.level}", "iconTool")
        beside = column(mark, None) if rest else column(None, mark, None)  # the line it belongs to
        made = row(beside, inset=(theme.size("edge") + gap, pad, gap, pad), gap=gap)
        self._body = row(gap=gap)
        self._body.addLayout(texts, 1)
        self._buttons = row(gap=gap)
        for button in buttons:
            self._buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self._body.addLayout(self._buttons)
        self._more: Button | None = None
        self._measure()
        made.addLayout(self._body, 1)
        if notice.level != REFUSED or notice.about == OPENING:
            close = Tool("close", self.tr("Close"))
            close.clicked.connect(self.closed)
            made.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(made)

    def take_more(self, more: Button) -> None:
        """The button that brings the other banners, beside its own ones."""
        self._more = more
        self._buttons.addWidget(more, 0, Qt.AlignmentFlag.AlignTop)
        self._measure()
        self._turn_buttons()

    def let_more_go(self) -> None:
        """Without that button again."""
        if self._more is not None:
            self._buttons.removeWidget(self._more)
            self._more = None
            self._measure()
            self._turn_buttons()

    def _measure(self) -> None:
        """How wide it is at least with words beside its buttons, and with these in a row."""
        gap = theme.size("space.m")
        there = (*self.buttons, self._more) if self._more is not None else self.buttons
        side = sum(button.sizeHint().width() + gap for button in there)
        self._least, self._row_least = LEAST_TEXT + side, side + 2 * theme.size("control") + 4 * gap

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._turn_buttons()
        super().resizeEvent(event)

    def _turn_buttons(self) -> None:
        """Where buttons would leave the words no room, or be cut, they stand below them.

        In a row, or where even that has no room, as beside the agent's page, in a pile.
        """
        ways = QBoxLayout.Direction
        wide, row_fits = self.width() >= self._least, self.width() >= self._row_least
        self._buttons.setDirection(ways.LeftToRight if row_fits else ways.TopToBottom)
        for button in self.buttons:
            button.show_key(row_fits)
        self._body.setDirection(ways.LeftToRight if wide else ways.TopToBottom)
        left = Qt.AlignmentFlag.AlignLeft
        self._body.setAlignment(self._buttons, Qt.AlignmentFlag(0) if wide else left)

    def minimumSizeHint(self) -> QSize:
        """A banner never pushes the panel out of the window: its buttons find another order."""
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), theme.size("layout.cutMin")), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color(GROUNDS[self.notice.level]))
        edge = QRectF(0, 0, theme.number("edge"), self.height())
        painter.fillRect(edge, theme.color(f"notice.{self.notice.level}"))
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), theme.color("bg.window"))
        painter.end()


class Banners(QWidget):
    """The banners of the open study, errors first; the same fact is never told twice."""

    def __init__(self, button_for: Callable[[str], Button | None]) -> None:
        super().__init__()
        self._button_for = button_for
        self._column: QVBoxLayout = column()
        self._told: list[Banner] = []
        self._unfolded = False
        self.more = Button(kind=LINK)
        self.more.setParent(self)
        self.more.clicked.connect(self._unfold)
        self.setLayout(self._column)
        self.hide()

    @property
    def shown(self) -> tuple[Banner, ...]:
        """All that stand, those behind the click too, in the order in which they came."""
        return tuple(self._told)

    @property
    def in_sight(self) -> tuple[Banner, ...]:
        """Those that take room, from above: errors first, and of one rank the newest."""
        newest = list(reversed(self._told))
        ranked = sorted(newest, key=lambda one: RANKS[one.notice.level])
        return tuple(ranked if self._unfolded else ranked[:ROWS])

    def tell(self, notice: Notice) -> None:
        for old in self.shown:
            same = old.notice.sentence == notice.sentence
            about = notice.about and old.notice.about == notice.about
            if same or about or (notice.action and old.notice.action == notice.action):
                self._drop(old)
        wanted = [action for action in (notice.second, notice.action) if action]
        buttons = [button for button in map(self._button_for, wanted) if button is not None]
        for button in buttons:
            button.set_kind("" if notice.level != "info" else QUIET)
        made = Banner(notice, buttons)
        made.closed.connect(lambda: self._drop(made))
        self._column.addWidget(made)
        self._told.append(made)
        while len(self._told) > MOST:
            spare = max(self.shown[:-1], key=lambda one: RANKS[one.notice.level])  # the oldest
            self._drop(spare)
        self._lay()

    def has(self, action: str) -> bool:
        """Whether one that asks for this action stands."""
        return any(one.notice.action == action for one in self._told)

    def drop(self, action: str) -> None:
        """What asked for this action is done with."""
        for old in self.shown:
            if old.notice.action == action:
                self._drop(old)

    def drop_about(self, about: str) -> None:
        """This one thing is no longer so."""
        for old in self.shown:
            if old.notice.about == about:
                self._drop(old)

    def drop_of_others(self, reading: str) -> None:
        """What tells of another reading than this one."""
        for old in self.shown:
            if old.notice.reading not in ("", reading):
                self._drop(old)

    def clear(self) -> None:
        for old in self.shown:
            self._drop(old)

    def _drop(self, old: Banner) -> None:
        if old in self._told:
            self._told.remove(old)
        self._column.removeWidget(old)
        if self.more.parent() is old:
            old.let_more_go()
            self.more.setParent(self)
        old.hide()
        old.deleteLater()
        self._lay()

    def _unfold(self) -> None:
        self._unfolded = not self._unfolded
        self._lay()

    def _lay(self) -> None:
        """Each at its place; the last in sight has the button that brings the others."""
        hidden = max(len(self._told) - ROWS, 0)
        self._unfolded = self._unfolded and hidden > 0
        seen = self.in_sight
        for one in self._told:
            one.let_more_go()
            one.setVisible(one in seen)
        for n, one in enumerate(seen):
            self._column.removeWidget(one)
            self._column.insertWidget(n, one)
        self.more.setVisible(hidden > 0)
        if hidden:
            fewer, more = self.tr("Show fewer"), self.tr("and {0} more").format(hidden)
            self.more.setText(fewer if self._unfolded else more)
            seen[-1].take_more(self.more)
        else:
            self.more.setParent(self)
        self.setVisible(bool(self._told))
