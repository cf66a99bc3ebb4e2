"""Below the list while the reader looks for themselves: marks wait, Enter shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.keymaps import cap
from viewer.panels.buttons import PRIMARY, QUIET, SOFT, Button
from viewer.panels.findings_empty import refused_by_gate
from viewer.panels.parts import column, row, words

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


class PassRow(QWidget):
    """In sight only in second-reader mode, from the scan on screen to the own pass done."""

    def __init__(self, desk: Desk, actions: dict[str, QAction], keys: dict[str, str]) -> None:
        super().__init__()
        self._desk = desk
        self.head = words(self.tr("Your own pass"), "bodyStrong")
        self.text = words("", "caption")
        self.text.setWordWrap(True)
        self.done = Button(self.tr("Pass done"), kind=SOFT, key=keys["finish"], small=True)
        self.done.clicked.connect(actions["own-pass"].trigger)
        self.now = Button(self.tr("Show at once"), kind=QUIET, small=True)
        self.now.clicked.connect(actions["show-marks-now"].trigger)
        inset, gap = theme.size("space.m"), theme.size("space.s")
        whole = column(self.head, self.text, inset=(inset, inset, inset, inset), gap=gap)
        whole.addLayout(row(self.done, self.now, None, gap=gap))
        self.setLayout(whole)
        self.refresh()

    def refresh(self) -> None:
        own, reading = self._desk.own_pass, self._desk.reading
        self.setVisible(own.blind)
        if not own.blind or reading is None:
            return
        ready = reading.searched
        if ready:
            text = self.tr("The search is done; its marks wait. {0} adds what you see yourself.")
        elif refused_by_gate(self._desk):
            text = self.tr("The AI is off here; {0} adds what you see.")
        else:
            text = self.tr("Look through the scan; {0} adds what you see. Marks show after it.")
        self.text.setText(text.format(cap("add")))
        self.done.set_kind(PRIMARY if ready else SOFT)
        self.now.setVisible(ready)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg.raised"))
        painter.fillRect(0, 0, self.width(), 1, theme.color("line.soft"))
        painter.end()
