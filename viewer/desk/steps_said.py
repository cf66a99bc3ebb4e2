"""A step of the reader in a few words, for what is said after undo and redo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from viewer.editing.hold import BETWEEN, ISLANDS, REGROW, SCISSORS, SMOOTH
from viewer.language.spoken import say
from viewer.panels.figures import state_word, type_word
from viewer.panels.labels import label_word, reason_word
from viewer.reading.events import (
    ADDED,
    EditGivenUp,
    Event,
    FindingAdded,
    FindingDescribed,
    FindingEdited,
    FindingRemoved,
    FindingsProposed,
    LabelGiven,
    MeasurementAdded,
    MeasurementChanged,
    MeasurementRemoved,
    ReasonGiven,
    SegmentEdited,
    SegmentsAdded,
    VerdictGiven,
)
from viewer.reading.names import short_name
from viewer.reading.origin import TAKEN_OVER, told_state

if TYPE_CHECKING:
    from viewer.reading.reading import Reading


def tr(text: str) -> str:
    return QCoreApplication.translate("Steps", text)


def edit_words(tool: str) -> str:
    """'the smoothing', 'a cut of the scissors': one step on a mask, by what it was done with."""
    words = {
        REGROW: tr("the re-growing"),
        SCISSORS: tr("a cut of the scissors"),
        ISLANDS: tr("a change of the islands"),
        SMOOTH: tr("the smoothing"),
        BETWEEN: tr("the filling between slices"),
    }
    return words.get(tool) or tr("a stroke")


def step_words(event: Event, *readings: Reading) -> str:
    """'RUZ 2 accepted', 'lungs', 'a stroke': what a step was.

    readings: before and after it; a finding has its name in the one that holds it.
    """

    def name(finding: str) -> str:
        return next(filter(None, (say(short_name(r, finding)) for r in readings)), tr("A finding"))

    match event:
        case VerdictGiven(finding, answer):
            return f"{name(finding)} {state_word(answer.value)}"
        case ReasonGiven(finding, reason):
            return tr("{0}: {1}").format(name(finding), reason_word(reason))
        case LabelGiven(finding, label, words):
            said = tr("{0}, your own label") if words else tr("{0}: {1}")
            return said.format(name(finding), label_word(label))
        case FindingDescribed(finding, kind, _zone):
            return tr("{0}: {1}").format(name(finding), type_word(kind))
        case FindingAdded(finding):
            taken = told_state(finding, ADDED) == TAKEN_OVER
            return (tr("{0} taken over") if taken else tr("{0} added")).format(name(finding.id))
        case FindingRemoved(finding):
            return tr("{0} taken back").format(name(finding))
        case FindingEdited(finding):
            return tr("{0} edited").format(name(finding.id))
        case SegmentEdited(tool=tool):
            return edit_words(tool)
        case EditGivenUp():
            return tr("the edit given up")
        case SegmentsAdded():
            return tr("lungs")
        case FindingsProposed():
            return tr("candidates")
        case MeasurementAdded():
            return tr("a measurement")
        case MeasurementChanged():
            return tr("a change of a measurement")
        case MeasurementRemoved():
            return tr("a measurement taken away")
        case _:
            return tr("the last step")
