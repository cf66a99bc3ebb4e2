"""What is asked of an export, and what came of it: plain values that can cross a pipe."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ai.errors import OutsideError
from ai.scan.finding import Finding
from ai.scan.labelmap import LabelMap, SegmentFigures
from ai.scan.volume import Volume
from viewer.dicom.series import Series
from viewer.language.catalogue import ENGLISH
from viewer.measuring.shapes import Measured
from viewer.reading.events import KeyImageKept
from viewer.reading.out.passport import Passport
from viewer.reading.signature import NOT_SIGNED, Signature

if TYPE_CHECKING:  # the report's content itself asks for tracking UIDs
    from viewer.reading.report.content import ReportContent

UID: Final = re.compile(r"[0-9.]{3,64}")
SEG: Final = "seg"
SR: Final = "sr"
CSV: Final = "csv"
JSON: Final = "json"
REPORT: Final = "report"
PICTURES: Final = "pictures"
KO: Final = "ko"
PASSPORT: Final = "passport"
ALL_OBJECTS: Final = frozenset({SEG, SR, KO, CSV, JSON, REPORT, PICTURES, PASSPORT})
"""What can be written. SR speaks of segments, so it brings the SEGs with it. KO is written where
the reader kept images."""


class NotSaved(OutsideError):
    """The export could not be finished; nothing of it was left behind."""


@dataclass(frozen=True, eq=False)
class ExportRequest:
    """What to export of one reading, and where to.

    findings: each with its state. lungs_edited: numbers of the lungs that a reader changed.
    reader_label: a pseudonym, or how a rule accepted; by_rule: the latter. replace: files of these
    names give way (batch, always fresh); else a second export takes the next free name. objects:
    which of ALL_OBJECTS to write; csv, json and report need `content`, pictures need `volume`.
    earlier: files of earlier exports of this reading, for the SR to name the one it follows.
    signature: as the reading stands when it goes out. key_images: those that the reader kept.
    language: of report and pictures; tables, JSON and DICOM are English. measured: what the reader
    drew, each with the reader's words for it. others: by key, other series that were drawn on.
    """

    folder: Path
    series: Series
    lungs: LabelMap | None
    findings: tuple[tuple[Finding, str], ...]
    reading_id: str
    lungs_edited: frozenset[int] = frozenset()
    reader_label: str = ""
    replace: bool = False
    by_rule: bool = False
    lung_figures: tuple[SegmentFigures, ...] = ()
    objects: frozenset[str] = frozenset({SEG})
    content: ReportContent | None = None
    volume: Volume | None = None
    earlier: tuple[Path, ...] = ()
    signature: Signature = NOT_SIGNED
    key_images: tuple[KeyImageKept, ...] = ()
    language: str = ENGLISH
    measured: tuple[tuple[Measured, str], ...] = ()
    others: Mapping[str, Series] = field(default_factory=dict)


@dataclass(frozen=True)
class ExportResult:
    """files: what was saved, absolute. objects: role (lungs, nodules, sr ...) and SHA-256 of each.

    passport: what was proven of each; None where no file was written.
    """

    files: tuple[Path, ...] = ()
    objects: tuple[tuple[str, str], ...] = ()
    sentences: tuple[str, ...] = ()
    passport: Passport | None = None


def fresh_uid() -> str:
    """A UID no one else has. Source: DICOM PS3.5 B.2 (2.25 and a UUID)."""
    return f"2.25.{uuid.uuid4().int}"


def tracking_uid(reading_id: str, thing: str) -> str:
    """The Tracking UID of a finding (its id) or a lung of one reading: the same in every export."""
    return named_uid(f"{reading_id}:{thing}")


def finding_uid(reading_id: str, finding: Finding) -> str:
    """The Tracking UID of a finding: that of the file it came in, the same thing being tracked."""
    told = finding.origin.tracking_uid if finding.origin is not None else ""
    return told if UID.fullmatch(told) else tracking_uid(reading_id, finding.id)


def named_uid(name: str) -> str:
    """The UID that always belongs to this name of ours."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:hilum:{name}').int}"
