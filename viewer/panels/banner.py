"""Banners over the panes: a fact, its numbers, what can be done. They push, and never cover."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from viewer import theme
from viewer.language.spoken import say
from viewer.notices import REFUSED, Notice
from viewer.panels.buttons import QUIET, Button, Tool
from viewer.panels.parts import IconMark, column, row, words

GROUNDS = {"info": "notice.infoBg", "warn": "notice.warnBg", "refused": "notice.refusedBg",
           "good": "bg.raised"}  # fmt: skip
ICONS = {"info": "info", "warn": "warn", "refused": "refused", "good": "good"}
MOST = 3
LEAST_TEXT = 320
"""Pixels that a banner's words and its mark need beside its buttons."""


def parted(notice: Notice) -> tuple[str, str]:
    """The first sentence, which is the fact, and the rest with what to do about it."""
    pieces = re.split(r"(?<=[.!?])\s+|(?<=。)", say(notice.sentence.strip()), maxsplit=1)
    rest = " ".join(part for part in (*pieces[1:], say(notice.remedy)) if part)
    return pieces[0], rest


class Banner(QWidget):
    """One notice over the whole width of the panes; a refusal has no close."""

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
        made = row(column(mark, None), inset=(theme.size("edge") + gap, pad, gap, pad), gap=gap)
        self._body = row(gap=gap)
        self._body.addLayout(texts, 1)
        self._buttons = row(gap=gap)
        for button in buttons:
            self._buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self._body.addLayout(self._buttons)
        side = sum(button.sizeHint().width() + gap for button in buttons)
        self._least, self._row_least = LEAST_TEXT + side, side + 2 * theme.size("control") + 4 * gap
        made.addLayout(self._body, 1)
        if notice.level != REFUSED:
            close = Tool("close", self.tr("Close"))
            close.clicked.connect(self.closed)
            made.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(made)

    def resizeEvent(self, event: QResizeEvent) -> None:
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
        super().resizeEvent(event)

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
    """The banners of the open study, the newest below; the same fact is never told twice."""

    def __init__(self, button_for: Callable[[str], Button | None]) -> None:
        super().__init__()
        self._button_for = button_for
        self._column: QVBoxLayout = column()
        self._told: list[Banner] = []
        self.setLayout(self._column)
        self.hide()

    @property
    def shown(self) -> tuple[Banner, ...]:
        return tuple(self._told)

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
        for old in self.shown[:-MOST]:
            self._drop(old)
        self.show()

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

    def clear(self) -> None:
        for old in self.shown:
            self._drop(old)

    def _drop(self, old: Banner) -> None:
        if old in self._told:
            self._told.remove(old)
        self._column.removeWidget(old)
        old.hide()
        old.deleteLater()
        self.setVisible(bool(self.shown))
