"""The agent as it is now: which version serves, what it has learnt, why this order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from ai.agent.policy import Reason
from viewer import theme
from viewer.keymaps import cap
from viewer.language.counted import counted
from viewer.language.spoken import say
from viewer.panels import figures
from viewer.panels.parts import IconMark, column, ground, line, row, words
from viewer.panels.whys import part_word
from viewer.reading.events import HELD
from viewer.views.pane_text import signed

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

BAR_HIGH = 8
ROW_HIGH = 26
NUMBER_WIDE = 44
ONE_ROW_WIDE = 640
"""From this width on all figures stand beside each other."""


class Chip(QWidget):
    """Icon and words in a frame: the state of the policy."""

    def __init__(self, icon: str, role: str) -> None:
        super().__init__()
        self.label = words("", "bodyStrong")
        inset = theme.size("space.s")
        self.setLayout(row(IconMark(icon, role), self.label, inset=(inset, 0, inset, 0), gap=inset))
        self.setFixedHeight(theme.size("controlSmall"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.pen("line.strong"))
        radius = theme.number("radius.control")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        painter.end()


class Figure(QWidget):
    """A head, a number, what it means."""

    def __init__(self, head: str) -> None:
        super().__init__()
        self.number, self.foot = words("", "number"), words("", "caption", wrap=True)
        self.setLayout(column(words(head, "captionSecondary"), 2, self.number, 2, self.foot, None))

    def say(self, number: str, foot: str) -> None:
        self.number.setText(number)
        self.foot.setText(foot)


class ReasonBars(QWidget):
    """Signed bars round an axis: filled to the right for, hollow to the left against."""

    def __init__(self) -> None:
        super().__init__()
        self.reasons: tuple[Reason, ...] = ()

    def show_reasons(self, reasons: Sequence[Reason]) -> None:
        self.reasons = tuple(reasons)
        self.setFixedHeight(max(1, len(self.reasons)) * ROW_HIGH)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(0, max(1, len(self.reasons)) * ROW_HIGH)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.reasons:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = theme.font("body")
        metrics = QFontMetricsF(font)
        names = [part_word(reason.label) for reason in self.reasons]
        lead = max(metrics.horizontalAdvance(name) for name in names) + theme.number("space.m")
        room = self.width() - lead - NUMBER_WIDE
        low = min(0.0, *(reason.value for reason in self.reasons))
        high = max(0.0, *(reason.value for reason in self.reasons))
        per_unit = room / ((high - low) or 1.0)
        axis = lead - low * per_unit
        for n, (reason, name) in enumerate(zip(self.reasons, names, strict=True)):
            box = QRectF(0, n * ROW_HIGH, self.width(), ROW_HIGH)
            painter.setFont(font)
            painter.setPen(theme.color("text.primary"))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
            self._paint_bar(painter, axis, box.center().y(), reason.value * per_unit)
            painter.setPen(theme.color("text.secondary"))
            value = f"{'+' if reason.value > 0 else ''}{signed(reason.value, 1)}"
            painter.drawText(
                box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, value
            )
        painter.setPen(theme.pen("line.control"))
        painter.drawLine(QPointF(axis, 0), QPointF(axis, self.height()))
        painter.end()

    def _paint_bar(self, painter: QPainter, axis: float, middle: float, long: float) -> None:
        bar = QRectF(min(axis, axis + long), middle - BAR_HIGH / 2, abs(long), BAR_HIGH)
        if long > 0:
            painter.fillRect(bar, theme.color("text.secondary"))
        else:
            painter.setPen(theme.pen("text.tertiary"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))


class AgentPanel(QWidget):
    """Plain and true: nothing here that the policy or the log does not say."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        ground(self, "panel")
        self._desk = desk
        self.state = Chip("good", "notice.good")
        self._trouble = words("", "secondary", wrap=True)
        self.origin = words("", "captionSecondary", wrap=True)
        self.learnt = Figure(self.tr("Answers learnt"))
        self.proposals = Figure(self.tr("Proposals"))
        self.held = Figure(self.tr("Held back"))
        self.today = Figure(self.tr("Your answers"))
        self.rank = words("", "caption")
        self.bars = ReasonBars()
        self._none = words("", "secondary", wrap=True)
        inset, gap = theme.size("space.m"), theme.size("space.l")
        head = row(words(self.tr("Agent"), "title"), None, self.state)
        self._figures = QGridLayout()
        self._figures.setSpacing(gap)
        self._lay_figures()
        why = row(words(self.tr("Why this order"), "bodyStrong"), None, self.rank)
        note = words(
            self.tr(
                "It orders and holds candidates, learns from each answer and again when a reading"
                " is left. What it learns then serves from the next study on."
            ),
            "caption",
            wrap=True,
        )
        self.setLayout(
            column(
                column(head, self._trouble, self.origin, inset=(inset, inset, inset, inset), gap=8),
                line(),
                column(self._figures, inset=(inset, inset, inset, inset)),
                line(),
                column(why, self.bars, self._none, inset=(inset, inset, inset, inset), gap=8),
                line(),
                None,
                column(note, inset=(inset, inset, inset, inset)),
            )
        )
        desk.reading_changed.connect(self.refresh)
        desk.current_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Everything anew from the desk; only while the page is in sight."""
        if not self.isVisible():
            return
        desk, policy = self._desk, self._desk.agent.policy
        self.state.label.setText(self.tr("Serves · v{0}").format(policy.version))
        self._trouble.setText(desk.agent.trouble)
        self._trouble.setVisible(bool(desk.agent.trouble))
        self.origin.setText(self._origin())
        self.learnt.say(
            f"{policy.answers}", self.tr("{0} of them accepted").format(policy.accepted)
        )
        reading = desk.reading
        states = reading.states if reading else {}
        proposed = [i for i in (reading.proposals if reading else ()) if i in states]
        shown = sum(states[i] != HELD for i in proposed)
        self.proposals.say(f"{len(proposed)}", self.tr("{0} shown on this scan").format(shown))
        held = desk.held
        largest = max((f.measurement.mean_diameter_mm for f in held), default=0.0)
        self.held.say(
            f"{len(held)}",
            self.tr("largest {0}").format(figures.mm(largest)) if held else self.tr("this scan"),
        )
        answered = len(reading.verdicts) if reading else 0
        self.today.say(f"{answered}", self.tr("in this reading"))
        self._show_why()

    def _lay_figures(self) -> None:
        """All in one row where the page is wide, else in two."""
        shown = (self.learnt, self.proposals, self.held, self.today)
        columns = len(shown) if self.width() >= ONE_ROW_WIDE else 2
        for n, figure in enumerate(shown):
            self._figures.addWidget(figure, n // columns, n % columns)
            self._figures.setColumnStretch(n, int(n < columns))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_figures()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _origin(self) -> str:
        policy = self._desk.agent.policy
        origin = policy.origin[:1].upper() + policy.origin[1:]
        learnt = counted(
            policy.readings,
            self.tr("Learnt from 1 reading."),
            self.tr("Learnt from {0} readings."),
        )
        if not policy.readings:
            learnt = self.tr("Nothing learnt on this machine yet.")
        return f"{say(origin.rstrip('.'))}. {learnt}"

    def _show_why(self) -> None:
        desk = self._desk
        finding, reading = desk.current_finding, desk.reading
        reasons: tuple[Reason, ...] = ()
        text, rank = "", ""
        if finding is None or reading is None:
            text = self.tr(
                "{0} makes a finding current; what speaks for and against it stands here."
            ).format(cap("next"))
        elif finding.id not in reading.proposals:
            text = self.tr("You added this one; the agent never ranked it.")
        else:
            reasons = desk.agent.why(reading, finding)
            order = desk.order
            place = order.index(finding.id) + 1 if finding.id in order else 0
            name = desk.name_of(finding.id)
            whole = len(reading.proposals)
            rank = (
                self.tr("{0}, rank {1} of {2}").format(name, place, whole)
                if place
                else self.tr("{0}, held back").format(name)
            )
            if not reasons:
                text = self.tr("A candidate of the usual kind: nothing speaks for or against it.")
        self.bars.show_reasons(reasons)
        self.bars.setVisible(bool(reasons))
        self.rank.setText(rank)
        self._none.setText(text)
        self._none.setVisible(bool(text))
