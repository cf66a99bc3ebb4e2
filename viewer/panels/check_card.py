"""Where two methods disagree on the lungs: each place a line that goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from ai.scan.check import ONLY_OTHER, ONLY_SHOWN, OTHER_SIDE, CheckPlace
from viewer import theme
from viewer.panels.buttons import QUIET, Button
from viewer.panels.parts import IconMark, column, row, words

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

SHOWN = 4
"""Places that have a line of their own; the others come by the button."""


def tr(text: str) -> str:
    return QCoreApplication.translate("CheckCard", text)


def place_words(place: CheckPlace) -> str:
    """What is there, in a line."""
    side = tr("right") if place.side == 1 else tr("left")
    texts = {
        ONLY_SHOWN: tr("{0} ml {1}: not in the other"),
        ONLY_OTHER: tr("{0} ml {1}: only in the other"),
        OTHER_SIDE: tr("{0} ml {1}: on the other side there"),
    }
    return texts[place.kind].format(f"{place.volume_ml:.0f}", side)


class CheckCard(QWidget):
    """A button until the lungs were compared; then what came of it."""

    place_asked = Signal(object)  # LPS mm

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.mark = IconMark("warn", "notice.warn")
        self.head = words("", "bodyStrong", wrap=True)
        self.told = words("", "caption", wrap=True)
        self.compare = Button(tr("Compare with the other method"))
        self.compare.clicked.connect(desk.checking.compare)
        self.take = Button(tr("Use the other method"), kind=QUIET)
        self.take.clicked.connect(lambda: desk.segment_lungs(desk.checking.other))
        self.show_regions = QCheckBox(tr("Show where they disagree"))
        self.show_regions.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.show_regions.toggled.connect(desk.checking.draw)
        self.lines = [Button("", icon="crosshair", kind=QUIET) for _ in range(SHOWN)]
        for n, line in enumerate(self.lines):
            line.clicked.connect(lambda _checked=False, n=n: self._go(n))
        self.more = Button(tr("Next place"), kind=QUIET)
        self.more.clicked.connect(self._next)
        gap = theme.size("space.xs")
        lines = column(*(row(line, None) for line in self.lines))
        under = column(row(self.compare, self.more, None, gap=gap), row(self.take, None), gap=gap)
        whole = column(self.head, self.told, lines, self.show_regions, under, gap=gap)
        self.setLayout(row(column(self.mark, None), theme.size("space.s"), whole))
        desk.checking.changed.connect(self.refresh)

    def refresh(self) -> None:
        checking, reading = self._desk.checking, self._desk.reading
        compared = reading.compared if reading is not None else None
        places = compared.places if compared is not None else ()
        self.setVisible(bool(checking.other))
        self.mark.set_icon(*_icon(compared is not None, bool(places)))
        self.compare.setVisible(compared is None)
        self.compare.setEnabled(not checking.runs)
        self.more.setVisible(len(places) > SHOWN)
        self.show_regions.setVisible(checking.regions is not None and bool(places))
        if self.show_regions.isChecked() != checking.drawn:
            self.show_regions.setChecked(checking.drawn)
        for line, place in zip(self.lines, (*places, *[None] * SHOWN), strict=False):
            line.setVisible(place is not None)
            if place is not None:
                line.setText(place_words(place))
        self._say(len(places))

    def _say(self, places: int) -> None:
        compared = self._desk.reading.compared if self._desk.reading is not None else None
        if compared is None:
            head = tr("One method was asked")
            text = tr("A second one, on request, shows where the two disagree.")
        else:
            head = tr("Check here: {0}").format(places) if places else tr("Both methods agree")
            right, left = (f"{value:.3f}" if value >= 0 else "–" for value in compared.dice)
            text = tr("Overlap with {0}: right {1}, left {2} (Dice).")
            text = text.format(f"{compared.card} {compared.version}", right, left)
        self.head.setText(head)
        self.told.setText(text)

    def _go(self, n: int) -> None:
        reading = self._desk.reading
        if reading is not None and reading.compared is not None:
            self.place_asked.emit(reading.compared.places[n].centre_lps)

    def _next(self) -> None:
        place = self._desk.checking.next_place()
        if place is not None:
            self.place_asked.emit(place)


def _icon(compared: bool, places: bool) -> tuple[str, str]:
    if not compared:
        return "info", "text.tertiary"
    return ("warn", "notice.warn") if places else ("good", "notice.good")
