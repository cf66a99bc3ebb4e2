"""The switch of the network's map of chances, and what its colours mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from ai.errors import HilumError
from ai.models.card import load_card
from viewer import theme
from viewer.language.spoken import say
from viewer.panels.parts import column, row, words
from viewer.views.chance_ramp import ramp_picture

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


def tr(text: str) -> str:
    return QCoreApplication.translate("ChancePart", text)


class Ramp(QWidget):
    """The colours in a row, on the black that images lie on."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(theme.size("chanceMap.high"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg.image"))
        painter.drawImage(QRectF(self.rect()), ramp_picture(self.width(), self.height()))
        painter.end()


def chance_part(desk: Desk) -> QVBoxLayout:
    """A switch, off by itself; below it whose chances they are and what to make of them."""
    chance = desk.chance
    switch = QCheckBox(tr("Show on the slices"))
    switch.setObjectName("chanceMap")
    switch.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    switch.setChecked(chance.wanted)
    # later: what is switched rebuilds the page, and this very box with it
    switch.toggled.connect(chance.want, Qt.ConnectionType.QueuedConnection)
    try:
        card = load_card(chance.card)
        name = f"{say(card.title)} {card.version}"
    except HilumError:
        name = chance.card
    text = tr("How likely {0} holds each place to be lung, before any rule tidies it.")
    limits = tr(
        "Shown every 3 mm, and clear below 5 %. What is sure is nearly clear, so that doubt"
        " stands out. High is no proof."
    )
    parts: list[QWidget | QVBoxLayout] = [switch, words(text.format(name), "caption", wrap=True)]
    if chance.runs:
        parts.append(words(tr("Being computed …"), "captionSecondary"))
    if chance.shown is not None:
        ends = row(words("0", "captionSecondary"), None, words("1", "captionSecondary"))
        parts.append(column(Ramp(), ends))
    parts.append(words(limits, "captionSecondary", wrap=True))
    return column(*parts, gap=theme.size("space.xs"))
