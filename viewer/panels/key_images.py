"""Key images: each with where it lies; a click goes there, another makes it none any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.keymaps import cap
from viewer.language.spoken import spoken
from viewer.panels.buttons import Button
from viewer.panels.page import Card, Page
from viewer.panels.parts import IconMark, column, row, words
from viewer.reading.events import KeyImageKept
from viewer.reading.report.key_images import KeyImageLine, kept_images, key_lines
from viewer.reading.report.words import Tell, key_words

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


class Keeper(Protocol):
    """Who goes to key images and takes them back."""

    def go_to(self, key: KeyImageKept) -> None: ...

    def drop(self, key: KeyImageKept) -> None: ...


class KeyCard(Card):
    """One key image."""

    clicked = Signal()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.pos()):
            self.clicked.emit()


class KeyImagesPage(Page):
    """Drawn from the reading, in the order in which they were kept."""

    def __init__(self, desk: Desk, keeper: Keeper) -> None:
        self._count = words("", "captionSecondary")
        title = QCoreApplication.translate("KeyImagesPage", "Key images")
        super().__init__(title, self._count)
        self._desk, self._keeper = desk, keeper
        desk.reading_changed.connect(self._changed)

    def shown(self) -> None:
        reading, scan = self._desk.reading, self._desk.scan
        if reading is None or scan is None:
            self._say(self.tr("No study is open. {0} opens one.").format(cap("open")))
            return
        kept = kept_images(reading, scan.series)
        self._count.setText(str(len(kept)) if kept else "")
        if not kept:
            text = self.tr("No image is kept yet. {0} keeps the one in the active pane.")
            self._say(text.format(cap("key-image")))
            return
        lead = self.tr(
            "They go out as pictures and as a DICOM key object selection, and stand in the report."
        )
        lines = key_lines(reading, scan.series)
        cards = [self._card(key, line) for key, line in zip(kept, lines, strict=True)]
        self.set_body(words(lead, "secondary", wrap=True), *cards)

    def _say(self, text: str) -> None:
        self._count.setText("")
        self.set_body(words(text, "secondary", wrap=True))

    def _changed(self, _reading: object) -> None:
        if self.isVisible():
            self.shown()

    def _card(self, key: KeyImageKept, line: KeyImageLine) -> QWidget:
        inset, gap = theme.size("space.m"), theme.size("space.s")
        told = words(key_words(Tell(spoken().code), line), wrap=True)
        drop = Button(self.tr("Take back"), small=True)
        drop.clicked.connect(lambda: self._keeper.drop(key))
        mark = column(IconMark("key-image", "text.secondary"), None)
        inner = row(mark, words(f"{line.number}", "bodyStrong"), gap=gap)
        inner.addWidget(told, 1)
        inner.addWidget(drop)
        inner.setContentsMargins(inset, gap, inset, gap)
        card = KeyCard(inner)
        card.setCursor(Qt.CursorShape.PointingHandCursor)
        card.clicked.connect(lambda: self._keeper.go_to(key))
        return card
