"""Why a finding is shown where it is, in figures; or what the lungs are, and who drew them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ai.errors import HilumError
from ai.models.card import ModelCard, load_card
from ai.scan.finding import Finding
from ai.scan.labelmap import BOTH_LUNGS, LUNGS, MadeBy
from viewer import theme
from viewer.dicom.masks.drawn_by import from_contours
from viewer.keymaps import cap
from viewer.language.spoken import say
from viewer.panels import figures
from viewer.panels.agent_bars import ReasonBars
from viewer.panels.chance_part import chance_part
from viewer.panels.page import Card, Page
from viewer.panels.parts import column, row, words
from viewer.panels.scan_light import light_words
from viewer.panels.whys import why_line
from viewer.reading.events import Proposal
from viewer.reading.origin import origin_words
from viewer.reading.overlaps import overlapping
from viewer.reading.reading import Reading

if TYPE_CHECKING:
    from viewer.desk.desk import Desk

HASH_DIGITS = 12


def tr(text: str) -> str:
    return QCoreApplication.translate("WhyPage", text)


class WhyPage(Page):
    """Opened by Y over the tab it speaks of; it follows the current finding."""

    explained = Signal()  # something else is explained, or nothing any more

    def __init__(self, desk: Desk) -> None:
        self._name = words("", "bodyStrong")
        super().__init__(tr("Why"), self._name)
        self._desk = desk
        self.of_lungs = False
        desk.reading_changed.connect(self._changed)
        desk.current_changed.connect(self._changed)
        desk.chance.changed.connect(self._changed)

    @property
    def of_finding(self) -> bool:
        """Whether a finding is being explained."""
        return self.isVisible() and not self.of_lungs

    def shown(self) -> None:
        self._draw()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.explained.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.explained.emit()
        if not event.spontaneous():  # not where the whole window is put away for a while
            self._desk.chance.want(False)

    def _changed(self, *_: object) -> None:
        if self.isVisible():
            self._draw()
            self.explained.emit()

    def _draw(self) -> None:
        reading, finding = self._desk.reading, self._desk.current_finding
        if self.of_lungs:
            self._name.setText(tr("Lungs"))
            cards = (
                _lungs(self._desk, reading) if reading is not None and reading.has_lungs else None
            )
            self.set_body(*(cards or [_text(tr("There are no lungs yet."))]))
        elif reading is None or finding is None:
            self._name.setText("")
            text = tr("No finding is current. {0} goes to the next one.")
            self.set_body(_text(text.format(cap("next"))))
        else:
            self._name.setText(self._desk.name_of(finding.id))
            self.set_body(*self._finding(reading, finding))

    def _finding(self, reading: Reading, finding: Finding) -> list[QWidget]:
        proposal = reading.proposals.get(finding.id)
        measured = finding.measurement
        called = self._desk.own.label_of(finding.id)
        facts = [
            (tr("Kind"), called),
            (tr("Axes"), figures.long_size(measured)),
            (tr("Volume"), figures.volume(measured.volume_mm3)),
            (tr("Mean"), figures.hu(measured.mean_hu)),
            (tr("10th to 90th percentile, core"), _span(measured.p10_hu, measured.p90_hu)),
        ]
        facts += [
            (tr("Overlaps"), self._other(reading, one)) for one in overlapping(reading, finding)
        ]
        cards = []
        if proposal is not None:
            cards.append(self._score(reading, finding, proposal))
        cards.append(_card(tr("What is seen"), _facts(facts)))
        if proposal is None:
            words = say(origin_words(finding, reading.states[finding.id]))
            who = (tr("A file"), words) if words else (tr("You"), _made_by(finding.made_by))
            cards.append(_card(tr("Found by"), _facts([who])))
        else:
            cards.append(_card(tr("Found by"), _facts(_model(finding.made_by))))
        return cards

    def _other(self, reading: Reading, other: Finding) -> str:
        """'LMZ 2, laid on from contours': two findings on one place are told, never merged."""
        name = self._desk.name_of(other.id)
        if other.id in reading.proposals:
            return tr("{0}, found by the detector").format(name)
        if from_contours(other.made_by):
            return tr("{0}, laid on from contours").format(name)
        return tr("{0}, not from the detector").format(name)

    def _score(self, reading: Reading, finding: Finding, proposal: Proposal) -> QWidget:
        reasons = self._desk.agent.why(reading, finding)
        steps = theme.token("chance.steps")
        level = figures.chance_level(finding.chance, (steps[0], steps[1]))
        number = words(f"{finding.chance:.2f}", "number")
        bars = ReasonBars()
        bars.show_reasons(reasons)
        told = words(why_line(proposal, reasons), "caption", wrap=True)
        place = tr("Rank {0} of {1}, policy {2}. {3}").format(
            proposal.rank + 1, len(reading.proposals), proposal.policy, drawn_words(proposal)
        )
        word = words(figures.chance_word(level), "secondary")
        scale = tr("The detector's score, 0 to 1. It does not say what the finding is.")
        inner = column(
            row(number, theme.size("space.s"), word, None),
            words(scale, "caption", wrap=True),
            theme.size("space.s"), told, bars, words(place, "captionSecondary", wrap=True),
            gap=theme.size("space.xs"),
        )  # fmt: skip
        return _card(tr("Score and evidence"), inner)


def _lungs(desk: Desk, reading: Reading) -> list[QWidget]:
    by_number = {one.number: one for one in reading.lung_figures}
    names = {1: tr("Right lung"), 2: tr("Left lung"), 3: tr("Lungs, side not told")}
    facts = [
        (
            names.get(lung.number, lung.label),
            f"{figures.ml(by_number[lung.number].volume_ml)} · "
            f"{figures.hu(by_number[lung.number].mean_hu)}",
        )
        for lung in (*LUNGS, BOTH_LUNGS)
        if lung.number in by_number
    ]
    fit = desk.checking.fit
    told = [light_words(fit), *map(say, fit.reasons)] if fit is not None else []
    doubts = [w for w in reading.lung_warnings if fit is None or w not in fit.reasons]
    told += [say(one) for one in doubts] or [tr("The model gave no warning.")]
    cards = [_card(tr("Figures"), _facts(facts)), _card(tr("Checks"), _lines(told))]
    cards.append(_card(tr("Chance map"), chance_part(desk)))
    if reading.lungs is not None:
        cards.append(_card(tr("Drawn by"), _facts(_model(reading.lungs.made_by))))
    return cards


def _model(made_by: MadeBy) -> list[tuple[str, str]]:
    """What the card of a model says; its id alone where the card is not here."""
    try:
        card: ModelCard | None = load_card(made_by.card)
    except HilumError:
        card = None
    facts = [(tr("Model"), _made_by(made_by))]
    if card is None:
        return facts
    facts.insert(0, (tr("Name"), say(card.title)))
    # of those that were used: the card may have become another one since
    if weights := made_by.weights_sha256 or card.weights_sha256:
        facts.append((tr("Weights"), f"SHA-256 {weights[:HASH_DIGITS]}"))
    else:
        facts.append((tr("Weights"), tr("none: a recipe, no network")))
    facts += [(tr("Runtime"), made_by.runtime)] if made_by.runtime else []
    facts += [(tr("Device"), made_by.device)] if made_by.device else []
    facts += [(tr("Remark"), say(made_by.remark))] if made_by.remark else []
    facts.append((tr("Made for"), say(card.intended_use)))
    facts.append((tr("Limits"), say(card.limits)))
    return facts


def _made_by(made_by: MadeBy) -> str:
    return made_by.name


def _span(low: float, high: float) -> str:
    return tr("{0} to {1}").format(figures.hu(low).removesuffix(" HU"), figures.hu(high))


def _text(text: str) -> QWidget:
    return words(text, "secondary", wrap=True)


def _lines(texts: list[str]) -> QVBoxLayout:
    return column(*(words(text, "caption", wrap=True) for text in texts), gap=2)


def _facts(facts: list[tuple[str, str]]) -> QVBoxLayout:
    """Name over value, in one column: values are sentences as often as figures."""
    made = column(gap=theme.size("space.xs"))
    for name, value in facts:
        told = words(value, "body", wrap=True)
        told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        told.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.addLayout(column(words(name, "captionSecondary"), told))
    return made


def drawn_words(proposal: Proposal) -> str:
    """Whether a candidate is shown or held by the rules alone, or by the draw of one to check."""
    if proposal.propensity >= 1.0:
        return tr("Decided by the rules alone, nothing was drawn by lot.")
    percent = f"{100 * proposal.propensity:.2g} %"
    if proposal.shown:
        text = tr("Drawn by lot from those held back, to check them; its chance was {0}.")
    else:
        text = tr("Held back; a draw by lot that checks these left it out, its chance was {0}.")
    return text.format(percent)


def _card(head: str, inner: QVBoxLayout) -> QWidget:
    inset = theme.size("space.m")
    return Card(
        column(words(head, "bodyStrong"), inner, inset=(inset,) * 4, gap=theme.size("space.s"))
    )
