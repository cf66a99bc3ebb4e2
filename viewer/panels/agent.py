"""The agent as it is now: which version serves, how it did, why this order; back and freeze."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QGridLayout, QScrollArea, QWidget

from ai.agent.policy import Reason
from ai.agent.reward import reward_table
from ai.errors import HilumError
from viewer import theme
from viewer.keymaps import cap
from viewer.language.counted import counted
from viewer.language.spoken import say
from viewer.notices import GOOD, Notice, of_error
from viewer.panels import figures
from viewer.panels.agent_bars import Chip, Figure, ReasonBars
from viewer.panels.agent_cards import (
    AcceptedCard,
    FalseCard,
    ProofCard,
    VersionsCard,
    card,
)
from viewer.panels.buttons import Button
from viewer.panels.parts import box, column, ground, line, row, words
from viewer.reading.events import HELD

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

ONE_ROW_WIDE = 640
"""From this width on figures stand beside each other, and cards in pairs."""


class AgentPanel(QWidget):
    """Plain and true: nothing here that the policy or the log does not say."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        ground(self, "panel")
        self._desk = desk
        self.state = Chip("good", "notice.good")
        self.back = Button("", icon="undo", small=True)
        self.back.clicked.connect(self._go_back)
        self.freezing = Button("", icon="freeze", small=True)
        self.freezing.clicked.connect(self._freeze)
        self._trouble = words("", "secondary", wrap=True)
        self.stage = words("", "bodyStrong")
        self.origin = words("", "captionSecondary", wrap=True)
        self.learnt = Figure(self.tr("Answers learnt"))
        self.proposals = Figure(self.tr("Proposals"))
        self.held = Figure(self.tr("Held back"))
        self.today = Figure(self.tr("Your answers"))
        self.nodules = Figure(self.tr("Judged nodules"))
        self.nodules.setToolTip(
            self.tr("Marks that you accepted or edited and that it has learnt from.")
        )
        self.rank = words("", "caption")
        self.bars = ReasonBars()
        self._none = words("", "secondary", wrap=True)
        self.false, self.accepted = FalseCard(), AcceptedCard()
        self.proof, self.history = ProofCard(), VersionsCard()
        self._more = QTimer(self)
        self._more.setSingleShot(True)
        self._more.timeout.connect(self._show_track)
        self._lay()
        desk.reading_changed.connect(self.refresh)
        desk.current_changed.connect(self.refresh)
        self.refresh()

    def _lay(self) -> None:
        inset, gap = theme.size("space.m"), theme.size("space.s")
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setSpacing(gap)
        self._head.addLayout(row(words(self.tr("Agent"), "title"), self.state, None, gap=gap), 1)
        self._head.addLayout(row(self.back, self.freezing, gap=gap))
        why = row(words(self.tr("Why this order"), "bodyStrong"), None, self.rank)
        self._why = card(why, self.bars, self._none, None)
        note = words(
            self.tr(
                "It orders and holds candidates, learns from each answer and again when a reading"
                " is left. What it learns then serves from the next study on. Under {0} judged"
                " nodules what it learnt only orders; what is held is as it came."
            ).format(reward_table().order_only_under),
            "caption",
            wrap=True,
        )
        self._figures, self._cards = QGridLayout(), QGridLayout()
        self._figures.setSpacing(theme.size("space.l"))
        self._cards.setSpacing(inset)
        self._lay_out()
        body = box(
            column(
                column(self._figures, inset=(inset,) * 4),
                column(self._cards, inset=(inset, 0, inset, inset)),
                column(note, inset=(inset, 0, inset, inset)),
                None,
            )
        )
        ground(body, "panel")
        scroll = QScrollArea()
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        head = column(self._head, self._trouble, self.stage, self.origin, inset=(inset,) * 4, gap=8)
        whole = column(head, line())
        whole.addWidget(scroll, 1)
        self.setLayout(whole)

    def refresh(self, *_: object) -> None:
        """Everything anew from the desk; only while the page is in sight."""
        if not self.isVisible():
            return
        desk, policy = self._desk, self._desk.agent.next_policy
        try:
            self._show_standing()
        except HilumError as error:
            desk.agent.trouble = error.sentence
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

    def _show_standing(self) -> None:
        """Which version serves, and what the two buttons do."""
        agent = self._desk.agent
        standing, now, before = agent.standing, agent.next_policy, agent.before
        if standing.frozen:
            self.state.say("freeze", "notice.info", self.tr("Frozen · v{0}").format(now.version))
        elif standing.back:
            text = self.tr("Rolled back · v{0}").format(now.version)
            self.state.say("undo", "notice.warn", text)
        else:
            self.state.say("good", "notice.good", self.tr("Serves · v{0}").format(now.version))
        self.freezing.setText(self.tr("Learn again") if standing.frozen else self.tr("Freeze"))
        self.freezing.setToolTip(
            self.tr("Frozen, it learns nothing; your answers stay in the log.")
        )
        self.back.setText(
            self.tr("Undo roll back")
            if standing.back
            else self.tr("Roll back to v{0}").format(before.version)
            if before
            else self.tr("Roll back")
        )
        self.back.setEnabled(bool(standing.back or before))
        self.back.setToolTip(
            self.tr(
                "The version before serves from the next study on; what came since is unlearnt."
            )
            if self.back.isEnabled()
            else self.tr("Nothing was learnt yet that could be rolled back.")
        )
        needed = reward_table().order_only_under
        stage = self.tr("Order only: {0} of {1} judged nodules")
        self.stage.setText(stage.format(now.accepted, needed))
        self.stage.setVisible(now.orders_only())
        self.nodules.say(f"{now.accepted}", self.tr("order only under {0}").format(needed))
        self.proof.show_nodules(now.accepted)
        self.history.show_versions(agent)
        self._more.start(0)

    def _show_track(self) -> None:
        """How it did, reading by reading; what is not yet looked at comes in the next turn."""
        if not self.isVisible():
            return
        try:
            readings, whole = self._desk.agent.track.look()
        except HilumError as error:
            self._trouble.setText(error.sentence)
            self._trouble.show()
            return
        shown: tuple[FalseCard | AcceptedCard, ...] = self.false, self.accepted
        for plot in shown:
            if readings:
                plot.show_readings(readings)
            else:
                plot.say_none(self.tr("Begins with the first reading judged to the last mark."))
        if not whole:
            self._more.start(0)

    def _go_back(self) -> None:
        agent = self._desk.agent
        try:
            if agent.undo_roll_back():
                text = self.tr("Undone: v{0} serves from the next study on.")
            else:
                agent.roll_back()
                text = self.tr("Rolled back: v{0} serves from the next study on.")
            self._desk.tell(Notice(text.format(agent.next_policy.version), "", GOOD))
        except HilumError as error:
            self._desk.tell(of_error(error))
        self.refresh()

    def _freeze(self) -> None:
        agent = self._desk.agent
        try:
            frozen = not agent.standing.frozen
            agent.freeze(frozen)
            if not frozen:
                self._desk.learn()
            self._desk.tell(
                Notice(
                    self.tr("Frozen: nothing is learnt until it learns again.")
                    if frozen
                    else self.tr("It learns again, also from what was answered meanwhile."),
                    "",
                    GOOD,
                )
            )
        except HilumError as error:
            self._desk.tell(of_error(error))
        self.refresh()

    def _lay_out(self) -> None:
        """Figures all in one row and cards in pairs where the page is wide."""
        self._wide = wide = self.width() >= ONE_ROW_WIDE
        shown = (self.learnt, self.proposals, self.held, self.today, self.nodules)
        columns = len(shown) if wide else 2
        for n, figure in enumerate(shown):
            self._figures.addWidget(figure, n // columns, n % columns)
            self._figures.setColumnStretch(n, int(n < columns))
        plots = (self.false, self.accepted, self.proof)
        cards = (*plots, self._why) if wide else (self._why, *plots)
        for n, one in enumerate(cards):
            self._cards.addWidget(one, n // 2 if wide else n, n % 2 if wide else 0)
        self._cards.addWidget(self.history, 2 if wide else 4, 0, 1, 2 if wide else 1)
        self._cards.setColumnStretch(0, 1)
        self._cards.setColumnStretch(1, int(wide))
        for part in (self.false, self.accepted, self.history):
            part.lay(wide)
        ways = QBoxLayout.Direction
        self._head.setDirection(ways.LeftToRight if wide else ways.TopToBottom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if (self.width() >= ONE_ROW_WIDE) != self._wide:
            self._lay_out()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._show_track()

    def _origin(self) -> str:
        policy, here = self._desk.agent.next_policy, self._desk.agent.policy
        origin = policy.origin[:1].upper() + policy.origin[1:]
        learnt = counted(
            policy.readings,
            self.tr("Learnt from 1 reading."),
            self.tr("Learnt from {0} readings."),
        )
        if not policy.readings:
            learnt = self.tr("Nothing learnt on this machine yet.")
        if here.id != policy.id:
            goes_on = self.tr("This reading goes on with v{0}.").format(here.version)
            learnt = f"{learnt} {goes_on}"
        return self.tr("{0}. {1}").format(say(origin.rstrip(".")), learnt)

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
