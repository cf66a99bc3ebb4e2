"""The findings of the open reading, in the order they are to be read, and what is held back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from ai.scan.finding import Finding
from viewer import theme
from viewer.editing.field import Target
from viewer.panels import figures
from viewer.panels.buttons import QUIET, Button
from viewer.panels.coverage import CoverageRow
from viewer.panels.describing import DescribeBar
from viewer.panels.empty import EmptyState
from viewer.panels.entries import Entries, EntryList
from viewer.panels.finding_entries import entries_of
from viewer.panels.finding_rows import FINDING, HEAD, FindingEntry, FindingRows
from viewer.panels.findings_empty import nothing_of
from viewer.panels.labelling import LabelBar
from viewer.panels.parts import Field, box, column, ground, paint_words, row, words
from viewer.panels.pass_row import PassRow
from viewer.panels.start import ReaderCard
from viewer.panels.steps import JUDGE, Steps
from viewer.panels.thumbnails import Thumbnails
from viewer.reading.events import EDITED, HELD, Answer
from viewer.views.glyphs import paint_glyph

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

JUDGED = (Answer.ACCEPT.value, Answer.REJECT.value, Answer.UNDECIDED.value, EDITED)
LOW_PX = 500
"""A panel lower than this has no room for the row of lung shown: the current card needs it, and the
map's key shows the same."""


class JudgedLine(QWidget):
    """The line below the list's head; as much of it is bright as has been judged."""

    def __init__(self) -> None:
        super().__init__()
        self.share = 0.0
        self.setFixedHeight(theme.size("size.focusRing"))

    def show_judged(self, done: int, whole: int) -> None:
        """So many of so many; a plain line where there are none."""
        self.share = done / whole if whole else 0.0
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(QRectF(0, self.height() - 1, self.width(), 1), theme.color("line.soft"))
        done = QRectF(0, 0, self.width() * self.share, self.height())
        painter.fillRect(done, theme.color("text.tertiary"))
        painter.end()


class HeldRow(QWidget):
    """Always in sight below the list: how many are held back, the largest of them, Show."""

    def __init__(self, button: Button) -> None:
        super().__init__()
        self._count, self._largest = 0, ""
        self.button = button
        self.setFixedHeight(theme.size("rowCompact"))
        self.setLayout(row(None, button, inset=(0, 0, theme.size("space.xs"), 0)))

    def show_held(self, held: tuple[Finding, ...]) -> None:
        self._count = len(held)
        largest = max((f.measurement.mean_diameter_mm for f in held), default=0.0)
        self._largest = self.tr("largest {0}").format(figures.mm(largest)) if held else ""
        self.button.setVisible(bool(held))
        self.setAccessibleName(self.text)
        self.update()

    @property
    def text(self) -> str:
        return self.tr("{0} held back").format(self._count)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.color("bg.panel"))
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.color("line.soft"))
        side, inset = theme.number("glyph"), theme.number("space.m")
        paint_glyph(painter, QRectF(inset, (self.height() - side) / 2, side, side), "held")
        x = inset + side + theme.number("card.gap")
        room = QRectF(x, 0, self.width() - x, self.height())
        wide = paint_words(painter, room, self.text, "body", "text.primary")
        after = room.adjusted(wide + theme.number("space.m"), 1, -theme.number("held.right"), 1)
        paint_words(painter, after, self._largest, "caption", "text.secondary")
        painter.end()


class FindingsPanel(QWidget):
    """Draws reading and current finding as the desk announces them."""

    finding_clicked = Signal(str)
    asking = Signal()  # a field is about to be typed into
    left = Signal()  # a field is gone: the focus goes back to where the keys work

    def __init__(self, desk: Desk, actions: dict[str, QAction], keys: dict[str, str]) -> None:
        super().__init__()
        ground(self, "panel")
        self._desk, self._actions, self._keys = desk, actions, keys
        self.show_held = False
        self._edited: Target | None = None
        self.wanted, self._study = "", ""
        self._steps = Steps("", frozenset())
        self._make_list()
        self.empty = EmptyState()
        self.labelling = LabelBar()
        self.labelling.kept.connect(desk.own.label)
        self.labelling.left.connect(self.left)
        self.search = self._search_field()
        self.coverage_row = CoverageRow(actions, keys)
        self._coverage = box(column(self.coverage_row))
        self.pass_row = PassRow(desk, actions, keys)
        toggle = Button(self.tr("Show"), kind=QUIET)
        toggle.clicked.connect(actions["held"].trigger)
        self.held_row = HeldRow(toggle)
        self.reader_card = ReaderCard(desk)
        whole = column(self.labelling, self.search)
        whole.addLayout(self._lists(), 1)
        for below in (self._coverage, self.pass_row, self.held_row, self.reader_card):
            whole.addWidget(below)
        self.setLayout(whole)
        desk.reading_changed.connect(self.refresh)
        desk.current_changed.connect(self._current_changed)
        desk.editing.changed.connect(self._edit_changed)
        desk.jobs.changed.connect(self._say_empty)
        desk.own_pass.changed.connect(self.refresh)
        self.refresh()

    def _make_list(self) -> None:
        """The rows, and what lies in the current one's card."""
        desk, actions, keys = self._desk, self._actions, self._keys
        self.thumbnails = Thumbnails()
        self.model = Entries()
        self.list = EntryList(self.model)
        self.list.setAccessibleName(self.tr("Findings"))
        labels = {name: actions[name].text() for name in ("accept", "reject", "undecided")}
        labels["edit"] = self.tr("Edit")
        self.rows = FindingRows(self.list, self.thumbnails, labels, keys)
        self.list.setItemDelegate(self.rows)
        self.list.parts_of = self.rows.parts_of
        self.list.entry_clicked.connect(self._clicked)
        self.list.lowered.connect(self._stay_in_sight)
        self.describing = DescribeBar(desk, self.list.viewport())
        self.list.laid_out.connect(self._lay_choices)
        self.list.verticalScrollBar().valueChanged.connect(self._lay_choices)

    def _lists(self) -> QStackedLayout:
        """The list below its head, or what stands in its place while there is none."""
        self.order_words = words(self.tr("Agent's order"), "caption")
        self._count = words("", "caption")
        self.order_words.setProperty("role", "captionSecondary")
        self._count.setProperty("role", "captionSecondary")
        self._head = QWidget()
        inset = theme.size("space.m")
        self._head.setFixedHeight(theme.size("list.head"))
        self._head.setLayout(row(self.order_words, None, self._count, inset=(inset, 0, inset, 0)))
        filled = QWidget()
        self.judged_line = JudgedLine()
        filled.setLayout(column(self._head, self.judged_line, self.list))
        nothing = QWidget()
        nothing.setLayout(column(None, self.empty, None, None))
        self._stack = QStackedLayout()
        self._stack.addWidget(nothing)
        self._stack.addWidget(filled)
        return self._stack

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._coverage.setHidden(self.height() < LOW_PX)

    def _search_field(self) -> Field:
        made = Field()
        made.setPlaceholderText(self.tr("Find a finding, Enter goes there"))
        made.setAccessibleName(self.tr("Find a finding"))
        made.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        made.hide()
        made.textChanged.connect(self._search)
        made.kept.connect(self._take_first)
        made.left.connect(self.end_search)
        return made

    @property
    def judged(self) -> tuple[int, int]:
        """How many of the findings shown by the agent have an answer, and how many there are."""
        reading = self._desk.reading
        if reading is None:
            return 0, 0
        shown = [s for i, s in reading.states.items() if i in reading.proposals and s != HELD]
        return sum(state in JUDGED for state in shown), len(shown)

    def set_steps(self, steps: Steps) -> None:
        self._steps = steps
        self.rows.look.accent = steps.next == JUDGE
        self.list.viewport().update()

    def set_compact(self, compact: bool) -> None:
        self.rows.look.compact = compact
        self.list.scheduleDelayedItemsLayout()

    def toggle_held(self) -> None:
        self.show_held = not self.show_held
        self.refresh()
        for n, entry in enumerate(self.model.entries):
            if self.show_held and entry.kind == HEAD and entry.held:
                self.list.doItemsLayout()
                self.list.scrollTo(self.model.index(n), EntryList.ScrollHint.PositionAtTop)

    def show_numbers(self, shown: bool) -> None:
        """Chances as numbers beside their blocks."""
        self.rows.look.numbers = shown
        self.list.viewport().update()

    def ask_label(self) -> None:
        """The name of the current mark, in a field above the list."""
        desk = self._desk
        if desk.own.can_label() and desk.current is not None:
            self.asking.emit()
            self.labelling.ask(desk.name_of(desk.current), desk.own.label_of(desk.current))
            QTimer.singleShot(0, self, self._show_current)  # the list is lower from then on

    def ask_new_label(self) -> bool:
        """The same for a mark just added; whether its label can be typed at once."""
        desk = self._desk
        if desk.current is None:
            return False
        self.asking.emit()
        QTimer.singleShot(0, self, self._show_current)
        name, label = desk.name_of(desk.current), desk.own.label_of(desk.current)
        return self.labelling.ask_new(name, label)

    def start_search(self) -> None:
        """The field that finds a finding, with the focus."""
        self.asking.emit()
        self.search.show()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    @property
    def asks(self) -> bool:
        """Whether a field is there to be typed into."""
        return not (self.search.isHidden() and self.labelling.isHidden())

    def end_search(self, *_: object) -> bool:
        """All findings again; False where nothing was searched for."""
        if self.search.isHidden():
            return False
        self.search.clear()
        self.search.hide()
        self.left.emit()
        return True

    def _take_first(self, _text: str) -> None:
        found = [entry.id for entry in self.model.entries if entry.kind == FINDING]
        self.end_search()
        if found:
            self.finding_clicked.emit(found[0])

    def _search(self, text: str) -> None:
        self.wanted = text.strip()
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Everything anew from the desk."""
        desk = self._desk
        reading, held = desk.reading, desk.held
        if not held:
            self.show_held = False
        entries = entries_of(desk, show_held=self.show_held, wanted=self.wanted)
        self.model.set_entries(entries)
        self.describing.refresh()
        self.list.scheduleDelayedItemsLayout()
        blind = desk.own_pass.blind
        self.held_row.setVisible(reading is not None and reading.searched and not blind)
        self.pass_row.refresh()
        self.held_row.show_held(held)
        self.held_row.button.setText(self.tr("Hide") if self.show_held else self.tr("Show"))
        self._stack.setCurrentIndex(1 if entries or self.wanted else 0)
        done, whole = (0, 0) if blind else self.judged
        self._head.setVisible(bool(whole))  # what came in a file nobody ordered, nor counts
        self._count.setText(self.tr("{0} of {1} judged").format(done, whole) if whole else "")
        self.judged_line.show_judged(done, whole)
        self.reader_card.setVisible(self.reader_card.wanted())
        self._say_empty()
        self._lay_choices()

    def scan_changed(self) -> None:
        """The scan, or more of its slices, are here: pictures are cut anew."""
        scan = self._desk.scan
        study = scan.series.study_uid if scan else ""
        if self._study and study != self._study:  # its word would hide findings here
            self.search.clear()
            self.search.hide()
        self._study = study
        self.thumbnails.set_volume(scan.volume if scan else None)
        self.list.viewport().update()

    # Inside

    def _clicked(self, entry: FindingEntry, at: QPointF) -> None:
        if entry.kind != FINDING:
            return
        action = self.rows.button_at(entry, at, self.list.viewport().width())
        if action:
            self._actions[action].trigger()
        elif not entry.current:
            self.finding_clicked.emit(entry.id)

    def _edit_changed(self) -> None:
        """The card of a finding that is edited is another one; a mere change of tool is none."""
        target = self._desk.editing.target
        if target != self._edited:
            self._edited = target
            self.refresh()
            self._show_current()  # its card is higher than it was

    def _current_changed(self, _finding: str | None) -> None:
        self.labelling.drop()
        self.refresh()
        self._show_current()

    def _stay_in_sight(self, was_high: int) -> None:
        """A bar came over the list: the current card, if it was whole, still is."""
        for n, entry in enumerate(self.model.entries):
            if entry.current:
                card = self.list.visualRect(self.model.index(n))
                if card.top() >= 0 and card.bottom() < was_high:
                    self.list.scrollTo(self.model.index(n))

    def _show_current(self) -> None:
        for n, entry in enumerate(self.model.entries):
            if entry.current:
                self.list.doItemsLayout()
                self.list.scrollTo(self.model.index(n))

    def _lay_choices(self, *_: object) -> None:
        """Type and zone into the card that has room for them, wherever it lies now."""
        for n, entry in enumerate(self.model.entries):
            if entry.kind == FINDING and entry.choices:
                card = self.list.visualRect(self.model.index(n))
                self.describing.lie_in(card, edited=entry.edit is not None)
                return
        self.describing.hide()

    def _say_empty(self, *_: object) -> None:
        if self._stack.currentIndex() == 1:
            return
        told = nothing_of(self._desk)
        add: dict[str, Any] = {}
        if told.by_hand:
            does = self._actions["add"].trigger
            add = {"button": self.tr("Add by hand"), "key": self._keys["add"], "does": does}
        if told.instead:
            add["first"] = told.instead, self._actions["open-complete"].trigger
        self.empty.say("nodules", told.head, told.text, **add)
