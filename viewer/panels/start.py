"""The empty start: where to drop a chest CT, what comes after, and what Hilum is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from viewer import theme
from viewer.panels.buttons import PRIMARY, Button
from viewer.panels.name_hint import name_hint
from viewer.panels.parts import Field, IconMark, KeyCap, add, column, ground, line, row, words
from viewer.panels.topbar import Logo

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

UNDERSTOOD = "research-use-understood"
READER = "reader"


class DropZone(QWidget):
    """A dashed frame that lights up while something is held over the window."""

    def __init__(self) -> None:
        super().__init__()
        self.lit = False

    def light(self, lit: bool) -> None:
        self.lit = lit
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = "accent.base" if self.lit else "line.control"
        made = theme.pen(ink)
        made.setDashPattern([4, 4])
        painter.setPen(made)
        radius = theme.number("radius.card")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.end()


class Card(QWidget):
    """A ground with a frame."""

    def __init__(self, shade: str) -> None:
        super().__init__()
        self._shade = shade

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(theme.color(self._shade))
        painter.setPen(theme.pen("line.soft"))
        radius = theme.number("radius.card")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.end()


class StartPage(QWidget):
    """Shown while no study is open. Nothing on it takes the focus."""

    def __init__(self, desk: Desk, actions: dict[str, QAction], keys: dict[str, str]) -> None:
        super().__init__()
        ground(self, "window")
        self._desk, self._actions, self._keys = desk, actions, keys
        self.drop = self._drop_zone()
        self.understood = self._research_card()
        wide = theme.size("start.wide")
        middle = QWidget()
        middle.setMaximumWidth(wide)
        gap = theme.size("space.xl")
        above = column(None)
        above.addWidget(self.drop, 100)  # as high as it may be before the room around it grows
        self.path = self._path()
        for part in (gap, self.path, None, self.understood, gap):
            add(above, part)
        middle.setLayout(above)
        side = theme.size("space.xxl")
        whole = row(inset=(side, side, side, 0))
        whole.addStretch(1)
        whole.addWidget(middle, 1000)
        whole.addStretch(1)
        self.setLayout(whole)

    def sizeHint(self) -> QSize:
        return QSize(theme.size("layout.windowWide"), theme.size("layout.windowHigh"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the steps go before words are cut, and buttons stand in a pile."""
        wide = self.width() >= theme.size("start.pathFrom")
        self.path.setVisible(wide)
        ways = QBoxLayout.Direction
        for choices in self._rows:
            choices.setDirection(ways.LeftToRight if wide else ways.TopToBottom)
        super().resizeEvent(event)

    def _drop_zone(self) -> DropZone:
        zone = DropZone()
        zone.setMinimumHeight(theme.size("start.dropLeast"))
        zone.setMaximumHeight(theme.size("start.drop"))
        head = words(self.tr("Drop a chest CT here"), "display")
        text = words(
            self.tr("A folder, a ZIP, a DICOMDIR or a single file. The first image shows at once."),
            "secondary",
            wrap=True,
        )
        for label in (head, text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.open = Button(self._actions["open"].text(), icon="open", key=self._keys["open"],
                           kind=PRIMARY)  # fmt: skip
        self.files = Button(
            self._actions["open-files"].text(), icon="file", key=self._keys["open-files"]
        )
        self.demo = Button(self._actions["demo"].text(), icon="demo")
        self.last = Button(
            self._actions["restore-last"].text(), icon="retired", key=self._keys["restore-last"]
        )
        self.last.clicked.connect(self._actions["restore-last"].trigger)
        self.last.setVisible(self._desk.shelf.last is not None)
        self.open.clicked.connect(self._actions["open"].trigger)
        self.demo.clicked.connect(self._actions["demo"].trigger)
        self.files.clicked.connect(self._actions["open-files"].trigger)
        gap = theme.size("space.m")
        self._rows = (row(gap=gap), row(gap=gap))
        for n, button in enumerate((self.open, self.files, self.last, self.demo)):
            self._rows[n // 2].addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        zone.setLayout(
            column(
                None,
                row(None, Logo(theme.size("start.logo")), None),
                theme.size("space.xl"),
                head,
                4,
                text,
                theme.size("space.xl"),
                row(None, self._rows[0], None),
                gap,
                row(None, self._rows[1], None),
                None,
            )
        )
        return zone

    def _path(self) -> QWidget:
        """The five steps of a reading, with their keys."""
        card = Card("bg.panel")
        steps = (
            (self.tr("Open"), ("open",), self.tr("a folder, ZIP or DICOMDIR")),
            (self.tr("Segment lungs"), ("segment-lungs",), self.tr("volumes and densities")),
            (self.tr("Find nodules"), ("find-nodules",), self.tr("the agent proposes")),
            (self.tr("Judge"), ("accept", "reject"), self.tr("accept or reject")),
            (self.tr("Export"), ("export",), self.tr("DICOM-SEG, re-read")),
        )
        inset = theme.size("space.m")
        whole = row()
        for n, (name, actions, text) in enumerate(steps):
            if n:
                whole.addWidget(line(upright=True))
            caps = row(*(KeyCap(self._keys[action]) for action in actions), gap=4)
            head = row(words(name, "bodyStrong"), theme.size("space.s"), None, caps)
            whole.addLayout(
                column(head, 2, words(text, "caption"), inset=(inset, inset, inset, inset)), 1
            )
        card.setLayout(whole)
        return card

    def _research_card(self) -> Card:
        card = Card("bg.raised")
        text = words(
            self.tr(
                "Hilum is not a medical device. It marks candidates and can miss nodules; do not"
                " use it for diagnosis or treatment decisions."
            ),
            "secondary",
            wrap=True,
        )
        self.understand = Button(self.tr("Understood"))
        self.understand.clicked.connect(self._understand)
        inset = theme.size("space.l")
        made = row(
            IconMark("info", "notice.info", "iconTool"),
            inset=(inset, inset, inset, inset),
            gap=inset,
        )
        made.addLayout(column(words(self.tr("Research use only"), "bodyStrong"), text), 1)
        made.addWidget(self.understand)
        card.setLayout(made)
        card.setVisible(not self._desk.library.setting(UNDERSTOOD))
        return card

    def _understand(self) -> None:
        self._desk.library.set_setting(UNDERSTOOD, "1")
        self.understood.hide()


class ReaderCard(QWidget):
    """Who is reading? Asked once, in place, without taking the focus."""

    left = Signal()  # the field is done with: the focus goes back to where the keys work

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.field = Field()
        self.field.setText(desk.reader)
        self.field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.field.kept.connect(self._keep)
        self.field.left.connect(self.left)
        note = words(
            self.tr(
                "The agent learns per reader. The log keeps a keyed hash, not the name."
                " Change it any time in the status bar."
            ),
            "caption",
            wrap=True,
        )
        self.hint = words("", "caption", wrap=True)
        self.field.textChanged.connect(self._say_how)
        self._say_how(self.field.text())
        inset, gap = theme.size("space.l"), theme.size("space.s")
        question = words(self.tr("Who is reading?"), "bodyStrong")
        inner = column(
            question, self.field, self.hint, note, inset=(inset, inset, inset, inset), gap=gap
        )
        whole = column(line())
        whole.addLayout(inner)
        self.setLayout(whole)

    def wanted(self) -> bool:
        """True until a reader has said a name, while no study is open."""
        return self._desk.scan is None and not self._desk.library.setting(READER)

    def _say_how(self, typed: str) -> None:
        """Which word goes out as the family's name, while it is typed."""
        told = name_hint(typed)
        self.hint.setText(told)
        self.hint.setVisible(bool(told))

    def _keep(self, name: str) -> None:
        self._desk.set_reader(name)
        if name.strip():
            self._desk.library.set_setting(READER, name.strip())
        self.setVisible(self.wanted())
        self.left.emit()
