"""Kinds of findings and reasons of rejection in the reader's language."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from viewer.reading.events import Reason
from viewer.reading.labels import KINDS, OTHER

LABELS: dict[str, str] = {
    "nodule": str(QT_TRANSLATE_NOOP("Label", "nodule")),
    "lymph-node": str(QT_TRANSLATE_NOOP("Label", "lymph node")),
    "effusion": str(QT_TRANSLATE_NOOP("Label", "pleural effusion")),
    "mass": str(QT_TRANSLATE_NOOP("Label", "mass")),
    "cyst": str(QT_TRANSLATE_NOOP("Label", "cyst")),
    "scar": str(QT_TRANSLATE_NOOP("Label", "scar")),
    "consolidation": str(QT_TRANSLATE_NOOP("Label", "consolidation")),
    "atelectasis": str(QT_TRANSLATE_NOOP("Label", "atelectasis")),
    "other": str(QT_TRANSLATE_NOOP("Label", "lesion")),
}
REASONS: dict[str, str] = {
    Reason.VESSEL: str(QT_TRANSLATE_NOOP("Reason", "vessel")),
    Reason.SCAR: str(QT_TRANSLATE_NOOP("Reason", "scar")),
    Reason.LYMPH_NODE: str(QT_TRANSLATE_NOOP("Reason", "lymph node")),
    Reason.ATELECTASIS: str(QT_TRANSLATE_NOOP("Reason", "atelectasis")),
    Reason.OTHER: str(QT_TRANSLATE_NOOP("Reason", "other")),
}


def label_word(kind: str) -> str:
    """What a kind of finding is called."""
    return QCoreApplication.translate("Label", LABELS.get(kind, kind))


def reason_word(reason: str) -> str:
    """Why a finding was rejected."""
    return QCoreApplication.translate("Reason", REASONS.get(reason, reason))


def kind_named(text: str) -> str:
    """The kind that a reader's words name, in their language or in English; OTHER for none."""
    wanted = text.strip().lower()
    for kind in KINDS.values():
        if kind.id != OTHER and wanted in (kind.word, label_word(kind.id).lower()):
            return kind.id
    return OTHER
