"""The findings of the open reading, in the order they are to be read, and what is held back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from ai.nodules.added import GROWING
from ai.scan.finding import Finding
from viewer import theme
from viewer.panels import figures
from viewer.panels.buttons import QUIET, Button
from viewer.panels.coverage import CoverageRow
from viewer.panels.empty import EmptyState
from viewer.panels.entries import Entries, EntryList
from viewer.panels.finding_rows import FINDING, HEAD, FindingEntry, FindingRows
from viewer.panels.parts import column, ground, line, paint_words, row, words
from viewer.panels.pass_row import PassRow
from viewer.panels.start import ReaderCard
from viewer.panels.steps import JUDGE, Steps
from viewer.panels.thumbnails import Thumbnails
from viewer.panels.whys import why_line
from viewer.reading.events import EDITED, HELD, Answer
from viewer.reading.names import short_names
from viewer.reading.reading import Reading
from viewer.views.glyphs import paint_glyph

if TYPE_CHECKING:
    from viewer.desk import Desk

JUDGED = (Answer.ACCEPT.value, Answer.REJECT.value, EDITED)


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

    def __init__(self, desk: Desk, actions: dict[str, QAction], keys: dict[str, str]) -> None:
        super().__init__()
        ground(self, "panel")
        self._desk, self._actions, self._keys = desk, actions, keys
        self.show_held = False
        self._steps = Steps("", frozenset())
        self.thumbnails = Thumbnails()
        self.model = Entries()
        self.list = EntryList(self.model)
        labels = {name: actions[name].text() for name in ("accept", "reject", "undecided")}
        self.rows = FindingRows(self.list, self.thumbnails, labels, keys)
        self.list.setItemDelegate(self.rows)
        self.list.entry_clicked.connect(self._clicked)
        self.empty = EmptyState()
        self._order = words(self.tr("Agent's order"), "caption")
        self._count = words("", "caption")
        self._order.setProperty("role", "captionSecondary")
        self._count.setProperty("role", "captionSecondary")
        self._head = QWidget()
        inset = theme.size("space.m")
        self._head.setFixedHeight(theme.size("list.head"))
        self._head.setLayout(row(self._order, None, self._count, inset=(inset, 0, inset, 0)))
        toggle = Button(self.tr("Show"), kind=QUIET)
        toggle.clicked.connect(actions["held"].trigger)
        self.held_row = HeldRow(toggle)
        filled = QWidget()
        filled.setLayout(column(self._head, line(), self.list))
        nothing = QWidget()
        nothing.setLayout(column(None, self.empty, None, None))
        self._stack = QStackedLayout()
        self._stack.addWidget(nothing)
        self._stack.addWidget(filled)
        whole = column()
        whole.addLayout(self._stack, 1)
        self.coverage_row = CoverageRow(actions, keys)
        whole.addWidget(self.coverage_row)
        self.pass_row = PassRow(desk, actions, keys)
        whole.addWidget(self.pass_row)
        whole.addWidget(self.held_row)
        self.reader_card = ReaderCard(desk)
        whole.addWidget(self.reader_card)
        self.setLayout(whole)
        desk.reading_changed.connect(self.refresh)
        desk.current_changed.connect(self._current_changed)
        desk.jobs.changed.connect(self._say_empty)
        desk.own_pass.changed.connect(self.refresh)
        self.refresh()

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

    def toggle_numbers(self) -> None:
        """Y: the chance as a number beside its blocks."""
        self.rows.look.numbers = not self.rows.look.numbers
        self.list.viewport().update()

    def refresh(self, *_: object) -> None:
        """Everything anew from the desk."""
        desk = self._desk
        reading, held = desk.reading, desk.held
        if not held:
            self.show_held = False
        entries = self._entries(reading) if reading is not None else []
        self.model.set_entries(entries)
        self.list.scheduleDelayedItemsLayout()
        blind = desk.own_pass.blind
        self.held_row.setVisible(reading is not None and reading.searched and not blind)
        self.pass_row.refresh()
        self.held_row.show_held(held)
        self.held_row.button.setText(self.tr("Hide") if self.show_held else self.tr("Show"))
        self._stack.setCurrentIndex(1 if entries else 0)
        done, whole = (0, 0) if blind else self.judged
        self._count.setText(self.tr("{0} of {1} judged").format(done, whole) if whole else "")
        self.reader_card.setVisible(self.reader_card.wanted())
        self._say_empty()

    def scan_changed(self) -> None:
        """The scan, or more of its slices, are here: pictures are cut anew."""
        scan = self._desk.scan
        self.thumbnails.set_volume(scan.volume if scan else None)
        self.list.viewport().update()

    # Inside

    def _entries(self, reading: Reading) -> list[FindingEntry]:
        desk = self._desk
        order = list(desk.order)
        names = short_names(reading)
        groups: dict[str, list[str]] = {"": []}
        for finding_id in order:
            groups.setdefault(self._group(reading, finding_id), []).append(finding_id)
        entries = []
        for head, ids in groups.items():
            if head:
                entries.append(FindingEntry(HEAD, head, count=len(ids)))
            entries += [self._entry(reading, i, names[i]) for i in ids]
        current = desk.current
        looked_at = current is not None and reading.states.get(current) == HELD
        if self.show_held or looked_at:
            held = [f.id for f in desk.held if self.show_held or f.id == current]
            entries.append(
                FindingEntry(HEAD, self.tr("Held back"), count=len(desk.held), held=True)
            )
            entries += [self._entry(reading, i, names[i]) for i in held]
        return entries

    def _group(self, reading: Reading, finding_id: str) -> str:
        """The head a finding stands under; nothing for what the agent proposed."""
        finding = reading.finding(finding_id)
        if finding is None or finding_id in reading.proposals:
            return ""
        own = finding.made_by.card == GROWING.card
        return self.tr("Your own pass") if own else self.tr("From a segmentation")

    def _entry(self, reading: Reading, finding_id: str, name: str) -> FindingEntry:
        finding, scan = reading.finding(finding_id), self._desk.scan
        assert finding is not None and scan is not None
        number = scan.series.image_number(finding.slice_index)
        proposal = reading.proposals.get(finding_id)
        current = finding_id == self._desk.current
        reasons = self._desk.agent.why(reading, finding) if current and proposal else ()
        return FindingEntry(
            FINDING,
            name,
            id=finding_id,
            state=reading.states[finding_id],
            size=figures.short_size(finding.measurement),
            long_size=figures.long_size(finding.measurement),
            details=figures.details(finding, number),
            image=figures.image(number),
            chance=finding.chance if proposal else None,
            why=why_line(proposal, reasons),
            current=current,
            centre_lps=finding.centre_lps,
        )

    def _clicked(self, entry: FindingEntry, at: QPointF) -> None:
        if entry.kind != FINDING:
            return
        action = self.rows.button_at(entry, at, self.list.viewport().width())
        if action:
            self._actions[action].trigger()
        elif not entry.current:
            self.finding_clicked.emit(entry.id)

    def _current_changed(self, finding_id: str | None) -> None:
        self.refresh()
        for n, entry in enumerate(self.model.entries):
            if entry.current:
                self.list.doItemsLayout()
                self.list.scrollTo(self.model.index(n))

    def _say_empty(self, *_: object) -> None:
        if self._stack.currentIndex() == 1:
            return
        desk = self._desk
        say, name = self.empty.say, "nodules"
        if desk.scan is None or desk.reading is None:
            say(
                name,
                self.tr("No study open"),
                self.tr("Candidates appear here after Find nodules. You judge each with A or X."),
            )
        elif desk.jobs.running("nodules") is not None:
            say(
                name,
                self.tr("Finding nodules"),
                self.tr("Candidates come when the whole scan has been searched."),
            )
        elif desk.own_pass.blind and desk.reading.searched:
            say(
                name,
                self.tr("Candidates wait for your own pass"),
                self.tr("Look through the whole scan first. Enter shows the marks."),
            )
        elif desk.reading.searched and desk.held:
            say(
                name,
                self.tr("0 candidates shown"),
                self.tr("Look through the scan yourself; M adds what you see. Show lists those."),
            )
        elif desk.reading.searched:
            say(
                name,
                figures.nothing_found(desk.reading.lung_figures),
                self.tr("Look through the scan yourself; M adds what you see at the crosshair."),
                **self._by_hand(),
            )
        elif desk.scan.series.ai_refusal:
            say(name, self.tr("Find nodules is off here"), desk.scan.series.ai_refusal)
        else:
            say(
                name,
                self.tr("No findings yet"),
                self.tr("F6 finds candidates. M adds what you see yourself at the crosshair."),
            )

    def _by_hand(self) -> dict[str, Any]:
        add = self._actions["add"]
        return {"button": self.tr("Add by hand"), "key": self._keys["add"], "does": add.trigger}
