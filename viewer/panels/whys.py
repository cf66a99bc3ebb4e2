"""Why a finding stands where it stands, in a sentence: what is seen, then what you did before."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from ai.agent.policy import Reason
from viewer.language.spoken import listed, tight
from viewer.reading.events import Proposal

LATEST = "Your latest answers"
SHOWN_FOR: dict[str, str] = {
    "sole candidate": str(QT_TRANSLATE_NOOP("Why", "The only candidate.")),
    "safety set: size": str(QT_TRANSLATE_NOOP("Why", "Always shown at this size.")),
    "safety set: part-solid": str(QT_TRANSLATE_NOOP("Why", "Always shown: part-solid.")),
    "safety set: ground glass": str(
        QT_TRANSLATE_NOOP("Why", "Always shown: ground glass of this size.")
    ),
    "safety set: detector score": str(
        QT_TRANSLATE_NOOP("Why", "Always shown at this detector score.")
    ),
    "audit": str(QT_TRANSLATE_NOOP("Why", "Shown to check what is held back.")),
    "held": str(QT_TRANSLATE_NOOP("Why", "Held back.")),
}
PARTS: dict[str, str] = {
    "Detector score": str(QT_TRANSLATE_NOOP("Why", "Detector score")),
    "Size": str(QT_TRANSLATE_NOOP("Why", "Size")),
    "Ground glass": str(QT_TRANSLATE_NOOP("Why", "Ground glass")),
    "Part-solid": str(QT_TRANSLATE_NOOP("Why", "Part-solid")),
    "Like a vessel": str(QT_TRANSLATE_NOOP("Why", "Like a vessel")),
    "Close to the pleura": str(QT_TRANSLATE_NOOP("Why", "Close to the pleura")),
    "Height in the lung": str(QT_TRANSLATE_NOOP("Why", "Height in the lung")),
    LATEST: str(QT_TRANSLATE_NOOP("Why", "Your latest answers")),
}


def tr(text: str) -> str:
    return QCoreApplication.translate("Why", text)


def part_word(label: str) -> str:
    return tr(PARTS.get(label, label))


def why_line(proposal: Proposal | None, reasons: Sequence[Reason]) -> str:
    """At most three short sentences; nothing for a finding that no agent proposed."""
    if proposal is None:
        return ""
    said = [tr(SHOWN_FOR[proposal.reason])] if proposal.reason in SHOWN_FOR else []
    seen = [reason for reason in reasons if reason.label != LATEST]
    for text, chosen in (
        (tr("Speaks for it: {0}."), [r for r in seen if r.value > 0][:2]),
        (tr("Against it: {0}."), [r for r in seen if r.value < 0][:2]),
    ):
        if chosen:
            said.append(text.format(listed([part_word(r.label).lower() for r in chosen])))
    change = next((reason.value for reason in reasons if reason.label == LATEST), 0.0)
    if change:
        said.append(
            tr("Likelier by your answers.") if change > 0
            else tr("Less likely by your answers.")
        )  # fmt: skip
    return tight(" ".join(said))
