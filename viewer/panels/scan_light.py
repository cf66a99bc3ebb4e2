"""The traffic light: how fit the scan is for the AI, by shape, colour and word, with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from ai.scan.fit import AMBER, GREEN, RED, Fit
from viewer import theme
from viewer.language.spoken import say, tight
from viewer.panels.buttons import Button
from viewer.panels.parts import IconMark, column, row, words

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

SHAPES = {
    GREEN: ("good", "notice.good"),
    AMBER: ("warn", "notice.warn"),
    RED: ("refused", "notice.refused"),
}


def tr(text: str) -> str:
    return QCoreApplication.translate("ScanLight", text)


def light_words(fit: Fit) -> str:
    """What the light says before its reasons."""
    if fit.by_reader:
        return tr("Segmented at the reader's wish although the scan was refused.")
    return {
        GREEN: tr("Fit for the AI: a chest CT, as the models know it."),
        AMBER: tr("Fit with doubts."),
        RED: tr("Not fit for the AI."),
    }[fit.level]


class ScanLight(QWidget):
    """Hidden where nobody has judged the scan yet."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.mark = IconMark("good", "notice.good")
        self.head = words("", "bodyStrong", wrap=True)
        self.why = words("", "caption", wrap=True)
        self.anyway = Button(tr("Segment all the same"))
        self.anyway.clicked.connect(desk.checking.segment_anyway)
        told = column(self.head, self.why, row(self.anyway, None), gap=theme.size("space.xs"))
        self.setLayout(row(column(self.mark, None), theme.size("space.s"), told))

    def refresh(self) -> None:
        checking = self._desk.checking
        fit = checking.fit
        self.setVisible(fit is not None)
        if fit is None:
            return
        self.mark.set_icon(*SHAPES[fit.level])
        self.head.setText(light_words(fit))
        self.why.setText(tight(" ".join(say(reason) for reason in fit.reasons)))
        self.why.setVisible(bool(fit.reasons))
        self.anyway.setVisible(checking.may_override and not fit.by_reader)
