"""Cards of the agent's page: how it did by reading, what is proven, which versions there were."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QBoxLayout, QWidget

from ai.agent.policy import Policy
from ai.agent.reward import reward_table
from viewer import theme
from viewer.language.counted import counted
from viewer.language.spoken import of_hundred
from viewer.panels.agent_plots import Curves, Legend, Plot
from viewer.panels.page import Card
from viewer.panels.parts import IconMark, Item, column, line, row, words
from viewer.reading.judged import (
    LAST,
    Judged,
    accepted_share,
    at_fixed_threshold,
    beginnings,
    false_marks,
)
from viewer.reading.policy_choices import BACK, UNDO, PolicyChoice

if TYPE_CHECKING:
    from viewer.desk.agent import AgentDesk

MOST_VERSIONS = 8
FIELDS = (34, 84, 110)
"""How wide version, readings and outcome are."""


def tr(text: str) -> str:
    return QCoreApplication.translate("AgentPanel", text)


def card(*items: Item) -> Card:
    inset = theme.size("space.m")
    return Card(column(*items, inset=(inset,) * 4, gap=4))


class PlotCard(QWidget):
    """Title and legend, the figure now with what it means, the plot; or a sentence instead."""

    def __init__(self, title: str, legend: Legend | None = None) -> None:
        super().__init__()
        self.number, self.note = words("", "number"), words("", "captionSecondary")
        self.plot, self.none = Plot(title), words("", "secondary", wrap=True)
        self._head = row(words(title, "bodyStrong"), None)
        if legend is not None:
            self._head.addWidget(legend)
        self._axis = words(tr("by reading"), "caption")
        figure = row(self.number, 8, self.note, None, self._axis)
        self.setLayout(column(card(self._head, figure, self.plot, self.none, None)))

    def lay(self, wide: bool) -> None:
        """The legend beside the title, or below it."""
        ways = QBoxLayout.Direction
        self._head.setDirection(ways.LeftToRight if wide else ways.TopToBottom)

    def say(self, number: str, note: str, curves: Curves) -> None:
        self.number.setText(number)
        self.note.setText(note)
        self.plot.show_curves(curves)
        self._show(True)

    def say_none(self, text: str) -> None:
        self.none.setText(text)
        self._show(False)

    def _show(self, there: bool) -> None:
        for part in (self.number, self.note, self.plot, self._axis):
            part.setVisible(there)
        self.none.setVisible(not there)


class FalseCard(PlotCard):
    """Marks shown in vain per scan, against what a fixed threshold would have shown."""

    def __init__(self) -> None:
        legend = Legend(
            (tr("agent"), "accent.base", ""),
            (tr("fixed threshold"), "text.tertiary", "dash 4 3"),
        )
        legend.setToolTip(
            tr(
                "All candidates from the detector's operating point on; those held back that"
                " nobody judged count as false."
            )
        )
        super().__init__(tr("False marks per scan"), legend)

    def show_readings(self, readings: tuple[Judged, ...]) -> None:
        run = false_marks(readings)
        note = tr("95 %: {0} to {1}").format(f"{run.low[-1]:.1f}", f"{run.high[-1]:.1f}")
        curves = Curves(run, at_fixed_threshold(readings))
        self.say(f"{run.values[-1]:.1f}", note, curves)


class AcceptedCard(PlotCard):
    """Accepted of shown, and where a policy began."""

    def __init__(self) -> None:
        super().__init__(tr("Accepted of shown"))

    def show_readings(self, readings: tuple[Judged, ...]) -> None:
        run, count = accepted_share(readings), min(LAST, len(readings))
        begun = tuple((n, policy.split("-")[0]) for n, policy in beginnings(readings))
        note = counted(count, tr("1 reading"), tr("last {0} readings"))
        self.say(
            of_hundred(f"{run.values[-1]:.0f}"), note, Curves(run, top=100, unit="%", begun=begun)
        )


class ProofCard(QWidget):
    """What is proven of the sensitivity: nothing yet, and how far it is to that."""

    def __init__(self) -> None:
        super().__init__()
        self.number = words("", "number")
        self.text = words("", "secondary", wrap=True)
        note = words(tr("judged nodules"), "captionSecondary")
        self.setLayout(
            column(
                card(
                    words(tr("Sensitivity, sealed readings"), "bodyStrong"),
                    row(self.number, 8, note, None),
                    self.text,
                    None,
                )
            )
        )

    def show_nodules(self, nodules: int) -> None:
        needed = reward_table().order_only_under
        self.number.setText(tr("{0} of {1}").format(nodules, needed))
        few = tr(
            "Too few to tell what holding back costs: what was learnt orders only. What is held"
            " stays one click away."
        )
        unsealed = tr(
            "Not measured: no reading was kept apart from learning. What is held stays one click"
            " away."
        )
        self.text.setText(few if nodules < needed else unsealed)


class VersionRow(QWidget):
    """version, readings, outcome with its icon, and the reason with its numbers."""

    def __init__(self, version: str, readings: str, icon: str, ink: str, outcome: str, why: str):
        super().__init__()
        self.outcome, self.why = outcome, why
        parts = [words(version, "bodyStrong"), words(readings, "secondary")]
        mark = QWidget()
        mark.setLayout(row(IconMark(icon, ink), 8, words(outcome, "body"), None))
        for part, wide in zip((*parts, mark), FIELDS, strict=True):
            part.setMinimumWidth(wide)
        self._way = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._way.setSpacing(4)
        self._way.addLayout(row(*parts, mark, None, gap=8))
        self._way.addWidget(words(why, "secondary", wrap=True), 1)
        self.setLayout(column(line(), self._way, gap=6, inset=(0, 0, 0, 2)))

    def lay(self, wide: bool) -> None:
        ways = QBoxLayout.Direction
        self._way.setDirection(ways.LeftToRight if wide else ways.TopToBottom)


class VersionsCard(QWidget):
    """Every version that was learnt, the newest first: which serves, and which were left."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[VersionRow] = []
        self._told: object = None
        self._wide = True
        self._list = column()
        text = tr(
            "A version serves from the next study on, never within one. No gate tries it yet."
        )
        note = words(text, "caption", wrap=True)
        head = words(tr("Versions"), "bodyStrong")
        self.setLayout(column(card(head, note, self._list)))

    def lay(self, wide: bool) -> None:
        self._wide = wide
        for one in self.rows:
            one.lay(wide)

    def show_versions(self, agent: AgentDesk) -> None:
        versions, choices = agent.versions(), agent.choices()
        serves = agent.next_policy.id
        if (told := (versions, choices, serves)) == self._told:
            return
        self._told = told
        for old in self.rows:
            self._list.removeWidget(old)
            old.hide()
            old.deleteLater()
        newest_first = list(reversed(versions))[:MOST_VERSIONS]
        left = left_by_choice(versions, choices)
        self.rows = [_row_of(one, one.id == serves, one.id in left) for one in newest_first]
        for one in self.rows:
            self._list.addWidget(one)
        self.lay(self._wide)


def left_by_choice(versions: tuple[Policy, ...], choices: tuple[PolicyChoice, ...]) -> set[str]:
    """Ids of versions that the reader went back from."""
    gone: list[PolicyChoice] = []
    for choice in choices:
        if choice.kind == BACK:
            gone.append(choice)
        elif choice.kind == UNDO and gone:
            gone.pop()
    return {one.id for one in versions if any(one.parent == c.policy for c in gone)}


def _row_of(policy: Policy, serves: bool, left: bool) -> VersionRow:
    if serves:
        icon, ink, outcome = "good", "notice.good", tr("Serves")
    elif left:
        icon, ink, outcome = "undo", "notice.warn", tr("Rolled back")
    else:
        icon, ink, outcome = "retired", "text.tertiary", tr("Retired")
    readings = counted(policy.readings, tr("1 reading"), tr("{0} readings"))
    why = (
        tr("Learnt from {0} answers, {1} of them accepted").format(policy.answers, policy.accepted)
        if policy.answers
        else tr("As it came: from another detector, nothing learnt here")
    )
    return VersionRow(f"v{policy.version}", readings, icon, ink, outcome, why)
