"""Image information: what a series really is, the unusual first and with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.dicom.image_info import NOTHING_UNUSUAL, Fact, ImageInfo
from viewer.keymaps import cap
from viewer.language.spoken import say
from viewer.panels.buttons import Button
from viewer.panels.page import Card, Page
from viewer.panels.parts import IconMark, column, row, words

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

NAME_WIDE = 124


def tr(text: str) -> str:
    return QCoreApplication.translate("ImageInfo", text)


class ImageInfoPage(Page):
    """Drawn from what the desk knows of the open series."""

    copied = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__(QCoreApplication.translate("ImageInfo", "Image information"))
        self._desk = desk
        self.copy = Button(self.tr("Copy as text"), icon="copy")
        self.copy.clicked.connect(self._copy)
        buttons = row()
        buttons.addWidget(self.copy, 1)
        self.set_foot(words(self.tr("It names no patient."), "caption"), buttons)
        desk.details.changed.connect(self._changed)

    def shown(self) -> None:
        self._desk.details.ask()

    def _changed(self) -> None:
        info, trouble = self._desk.details.info, self._desk.details.trouble
        self.copy.setVisible(info is not None)
        if info is not None:
            facts = [self._fact(fact) for fact in info.facts]
            self.set_body(self._unusual(info), *facts)
        elif trouble:
            self.set_body(words(say(trouble), "secondary", wrap=True))
        elif self._desk.scan is None:
            self.set_body(
                words(self.tr("No study is open. {0} opens one.").format(cap("open")), "secondary")
            )
        else:
            self.set_body(words(self.tr("The header is being read."), "secondary"))

    def _unusual(self, info: ImageInfo) -> Card:
        inset, gap = theme.size("space.m"), theme.size("space.s")
        if not info.unusual:
            good = row(IconMark("good", "notice.good"), words(say(NOTHING_UNUSUAL), "bodyStrong"),
                       None, gap=gap)  # fmt: skip
            return Card(column(good, inset=(inset,) * 4))
        lines = []
        for sentence in info.unusual:
            line = row(column(IconMark("warn", "notice.warn"), None), gap=gap)
            line.addWidget(words(say(sentence), wrap=True), 1)
            lines.append(line)
        return Card(column(*lines, inset=(inset,) * 4, gap=gap), "notice.warnBg")

    def _fact(self, fact: Fact) -> QWidget:
        name = words(say(fact.name), "secondary", wrap=True)
        name.setFixedWidth(NAME_WIDE)
        value = words(say(fact.value), wrap=True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if fact.reason:
            value.setStyleSheet(f"color: {theme.color('notice.warn').name()}")
            value.setToolTip(say(fact.reason))
        made = QWidget()
        inner = row(column(name, None), gap=theme.size("space.s"))
        inner.addWidget(value, 1)
        made.setLayout(inner)
        return made

    def _copy(self) -> None:
        if self._desk.details.info is not None:
            self.copied.emit(self._desk.details.info.text())
