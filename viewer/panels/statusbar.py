"""The status bar: the research notice, what is held back, mode, reader, keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from viewer import theme
from viewer.language.spoken import other_name
from viewer.panels.name_hint import name_hint
from viewer.panels.parts import Field, IconMark, KeyCap, box, column, ground, line, row, words
from viewer.reading.events import SECOND
from viewer.views.glyphs import paint_glyph

if TYPE_CHECKING:
    from viewer.desk.desk import Desk


class Part(QWidget):
    """Icon and words; a click tells."""

    clicked = Signal()

    def __init__(self, mark: QWidget, text: str, tip: str = "") -> None:
        super().__init__()
        self.label = words(text, "caption")
        self.setToolTip(tip)
        self.setLayout(row(mark, self.label, gap=theme.size("space.s")))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.pos()):
            self.clicked.emit()


class HeldGlyph(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(theme.size("iconSmall"), theme.size("iconSmall"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_glyph(painter, QRectF(self.rect()), "held")
        painter.end()


class StatusBar(QWidget):
    """Draws what the desk announces; the reader's name is changed in place, without a dialog."""

    keys_asked = Signal()
    language_asked = Signal()
    reader_left = Signal()  # the field is gone: the focus goes back to where the keys work

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        ground(self, "window")
        self._desk = desk
        self.setFixedHeight(theme.size("statusbar"))
        small = "iconSmall"
        notice = words(
            self.tr(
                "Research use only. Not a medical device. Not for diagnosis or treatment decisions."
            ),
            "caption",
        )
        self.held = Part(HeldGlyph(), "", self.tr("Held back findings, and how many are large"))
        self.mode = Part(
            IconMark("mode", "text.tertiary", small), "",
            self.tr("Second reader: marks show after your own pass. Click to switch."),
        )  # fmt: skip
        self.mode.setCursor(Qt.CursorShape.PointingHandCursor)
        self.mode.clicked.connect(desk.own_pass.switch)
        desk.own_pass.changed.connect(self.refresh)
        self.reader = Part(
            IconMark("reader", "text.tertiary", small), desk.reader,
            self.tr("Click to change the reader: the agent learns per reader."),
        )  # fmt: skip
        self.reader.setCursor(Qt.CursorShape.PointingHandCursor)
        self.field = Field()
        self.field.setProperty("inline", True)
        self.field.setAccessibleName(self.tr("Your name"))
        self.field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.field.setFixedWidth(160)
        self.field.hide()
        self.hint = words("", "caption")
        self.hint.setMinimumWidth(1)  # a long name never pushes the window wider
        self.hint.hide()
        self.field.textChanged.connect(self._say_how)
        self.language = Part(IconMark("language", "text.tertiary", small), other_name())
        self.language.setCursor(Qt.CursorShape.PointingHandCursor)
        self.language.clicked.connect(self.language_asked)
        keys = Part(KeyCap("F1"), self.tr("Keys"))
        keys.clicked.connect(self.keys_asked)
        self.reader.clicked.connect(self.ask_reader)
        self.field.kept.connect(self._keep)
        self.field.left.connect(self._leave)
        self.field.editingFinished.connect(self._left_behind)
        inset = theme.size("space.m")
        inner = row(
            notice, None, self.held, self.mode, self.reader, self.hint, self.field, self.language,
            keys,
            inset=(inset, 0, inset, 0), gap=theme.size("space.xl"),
        )  # fmt: skip
        whole = column(line())
        whole.addWidget(box(inner), 1)
        self.setLayout(whole)
        desk.reading_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        reading, held = self._desk.reading, self._desk.held
        blind = self._desk.own_pass.blind
        asked = not self.field.isHidden()
        self.held.setVisible(reading is not None and reading.searched and not (blind or asked))
        least = theme.number("held.leastMm")
        large = sum(f.measurement.mean_diameter_mm >= least for f in held)
        text = self.tr("{0} of {1} held \u2265 {2} mm")
        self.held.label.setText(text.format(large, len(held), f"{least:g}"))
        self.reader.label.setText(self._desk.reader)
        second = self._desk.own_pass.mode == SECOND
        self.mode.label.setText(
            self.tr("Second reader") if second else self.tr("Concurrent reader")
        )

    def ask_reader(self) -> None:
        """The name becomes a field; Enter keeps it, Esc gives up."""
        for part in (self.reader, self.language, self.mode, self.held):
            part.hide()  # the field takes their room in a narrow window, and what it says beside it
        self.field.setText(self._desk.reader)
        self.field.show()
        self.hint.show()
        self.field.setFocus(Qt.FocusReason.MouseFocusReason)
        self.field.selectAll()

    def _say_how(self, typed: str) -> None:
        """Which word goes out as the family's name, while it is typed."""
        told = name_hint(typed)
        self.hint.setText(told)
        self.hint.setToolTip(told)

    def _keep(self, name: str) -> None:
        self._desk.set_reader(name)
        self._leave()

    def _left_behind(self) -> None:
        """The focus went elsewhere: a name half typed waits for its Enter or Esc."""
        if self.field.text().strip() in ("", self._desk.reader):
            self._leave()

    def _leave(self) -> None:
        if self.field.isHidden():
            return
        self.field.hide()
        self.hint.hide()
        for part in (self.reader, self.language, self.mode):
            part.show()
        self.refresh()
        self.reader_left.emit()
