"""What can happen in a reading: one frozen value per kind of event.

Every row of the log is one of these. A new kind is added here, to `Event`, and to `codec`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ai.scan.finding import Finding, Measurement
from ai.scan.labelmap import LabelMap, MadeBy, SegmentFigures
from viewer.editing.difference import Difference
from viewer.measuring.shapes import Measured
from viewer.reading.lung_events import LungsCompared, ScanJudged
from viewer.reading.reader_events import (
    Amended,
    PolicyChosen,
    ReaderNamed,
    Reopened,
    ReportWritten,
    Signed,
)


class Answer(StrEnum):
    """What a reader says of a finding; the value is the finding's state from then on."""

    ACCEPT = "accepted"
    REJECT = "rejected"
    UNDECIDED = "undecided"


class Reason(StrEnum):
    """Why a reader rejects a finding."""

    VESSEL = "vessel"
    SCAR = "scar"
    LYMPH_NODE = "lymph-node"
    ATELECTASIS = "atelectasis"
    OTHER = "other"


PROPOSED: Final = "proposed"
HELD: Final = "held"
EDITED: Final = "edited"
ADDED: Final = "added"
OPEN_STATES: Final = (PROPOSED, Answer.UNDECIDED.value)
"""States that wait for the reader."""
EXPORTED_STATES: Final = (Answer.ACCEPT.value, EDITED, ADDED)
"""States that go into a DICOM-SEG; rejected, held and undecided never do."""

SECOND: Final = "second"
CONCURRENT: Final = "concurrent"
MODES: Final = (SECOND, CONCURRENT)

BY_READER: Final = "reader"
BY_RULE: Final = "rule"

BY_LUNGS: Final = "lungs"
BY_HAND: Final = "hand"


@dataclass(frozen=True)
class Proposal:
    """One decision of the agent on one finding.

    shown: proposed to the reader, or held. rank: place in the agent's order, from 0. propensity:
    chance in (0, 1] with which the policy takes this decision. reason: why, in the policy's word.
    """

    finding: str
    shown: bool
    rank: int
    propensity: float
    policy: str
    seed: int
    value: float = 0.0
    reason: str = ""


@dataclass(frozen=True)
class Begun:
    """A reading begins: keyed hashes of study, series and reader, never their names."""

    study: str
    series: str
    reader: str


@dataclass(frozen=True, eq=False)
class SegmentsAdded:
    label_map: LabelMap | None
    figures: tuple[SegmentFigures, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class FindingsProposed:
    """Candidates of one model run, each with the agent's decision, in the agent's order.

    made_by: the model that searched, also where it found nothing; None only in old rows.
    """

    findings: tuple[Finding, ...]
    proposals: tuple[Proposal, ...]
    made_by: MadeBy | None = None


@dataclass(frozen=True)
class VerdictGiven:
    """seconds: from when the finding became current to the answer. by: the reader, or a rule."""

    finding: str
    answer: Answer
    by: str = BY_READER
    seconds: float = 0.0


@dataclass(frozen=True)
class ReasonGiven:
    """Why the reader rejected a finding; it counts while the finding is rejected."""

    finding: str
    reason: Reason


@dataclass(frozen=True)
class LabelGiven:
    """What the reader calls a mark of their own. label: a kind of `labels`.

    words: key of the reader's own words (library), where no kind says it.
    """

    finding: str
    label: str
    words: str = ""


@dataclass(frozen=True)
class FindingDescribed:
    """What the reader says a finding is: one of TYPES and of ZONES of `described`, whatever was
    counted and will be."""

    finding: str
    type: str
    zone: str


@dataclass(frozen=True)
class FindingRemoved:
    """The reader took a mark of their own back."""

    finding: str


@dataclass(frozen=True, eq=False)
class FindingAdded:
    finding: Finding


@dataclass(frozen=True, eq=False)
class FindingEdited:
    finding: Finding


@dataclass(frozen=True, eq=False)
class SegmentEdited:
    """One stroke on a mask. target: id of a finding, or LUNGS_MASK of `edits`.

    difference: the bits of the mask that flip; None in a listing without voxels. segments: of the
    lungs, the numbers of those that lost or won voxels. tool: what it was done with.
    """

    target: str
    difference: Difference | None
    tool: str = ""
    segments: tuple[int, ...] = ()


@dataclass(frozen=True)
class EditGivenUp:
    """The strokes on a mask from row `since` on do not count: the reader cancelled the edit."""

    target: str
    since: int


@dataclass(frozen=True)
class FindingCounted:
    """Figures of a finding's mask as it was after the stroke of that row, and of no other."""

    finding: str
    row: int
    centre_lps: tuple[float, float, float]
    slice_index: int
    measurement: Measurement


@dataclass(frozen=True)
class LungsCounted:
    """Figures of the lungs as they were after the stroke of that row."""

    row: int
    figures: tuple[SegmentFigures, ...]


@dataclass(frozen=True)
class Withdrawn:
    """Row `target` no longer counts (undo)."""

    target: int


@dataclass(frozen=True)
class Restored:
    """Row `target` counts again (redo)."""

    target: int


@dataclass(frozen=True)
class Exported:
    """Objects written, re-read and found equal: role (lungs, nodules) and SHA-256 of each."""

    objects: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Closed:
    """The reader left the reading; it can be gone on with."""


@dataclass(frozen=True)
class ModeChosen:
    """How it is read: one of MODES. The AI's marks show after the own pass, or at once."""

    mode: str


@dataclass(frozen=True)
class OwnPassDone:
    """The reader's own look is over, so the marks show. seconds: from the scan on screen to now.

    asked_early: the marks were asked for at once, without a word that the pass was done.
    """

    seconds: float = 0.0
    asked_early: bool = False


@dataclass(frozen=True)
class CoverageNoted:
    """How much of each lung was really shown so far, 0 to 1; -1 where there were no lungs yet.

    places: which parts of the scan, as viewer.coverage.seen writes them.
    """

    right: float
    left: float
    places: str


@dataclass(frozen=True)
class MeasurementAdded:
    """Something was drawn and counted. Its words are a key, as those of a report."""

    measured: Measured


@dataclass(frozen=True)
class MeasurementChanged:
    """A drawing with the same id was moved, named or counted anew."""

    measured: Measured


@dataclass(frozen=True)
class MeasurementRemoved:
    measurement: str


@dataclass(frozen=True)
class KeyImageKept:
    """An image that the reader keeps: what one pane showed, without any text.

    slice_index: k of the slice that the crosshair stood on. centre_lps: mm, the middle of the pane.
    right, down: unit LPS vectors along the screen. wide_mm, high_mm: how much of the plane was
    seen. window_width, window_level: HU. finding: the one that was current and is seen on it, or
    empty. slab: max, min or mean over slab_mm; empty for a single plane.
    """

    id: str
    plane: str
    slice_index: int
    centre_lps: tuple[float, float, float]
    right: tuple[float, float, float]
    down: tuple[float, float, float]
    wide_mm: float
    high_mm: float
    window_width: float
    window_level: float
    invert: bool = False
    finding: str = ""
    slab: str = ""
    slab_mm: float = 0.0


@dataclass(frozen=True)
class KeyImageDropped:
    """The key image of that id is none any more."""

    image: str


@dataclass(frozen=True)
class PriorLinked:
    """How another scan of the patient lies to this one.

    prior: key of its series (keyed hash). matrix: 16 numbers by row, LPS mm of the prior to LPS mm
    of the scan that is read. by: BY_LUNGS or BY_HAND. median_mm: how far the lungs' surfaces were
    apart then, at the median; 0 by hand.
    """

    prior: str
    matrix: tuple[float, ...]
    by: str
    median_mm: float = 0.0


Event = (
    Begun
    | SegmentsAdded
    | FindingsProposed
    | VerdictGiven
    | ReasonGiven
    | LabelGiven
    | FindingAdded
    | FindingRemoved
    | FindingEdited
    | SegmentEdited
    | EditGivenUp
    | FindingCounted
    | LungsCounted
    | Withdrawn
    | Restored
    | Exported
    | Closed
    | Signed
    | Amended
    | Reopened
    | ReportWritten
    | ModeChosen
    | OwnPassDone
    | CoverageNoted
    | MeasurementAdded
    | MeasurementChanged
    | MeasurementRemoved
    | KeyImageKept
    | KeyImageDropped
    | PriorLinked
    | ScanJudged
    | LungsCompared
    | FindingDescribed
    | ReaderNamed
    | PolicyChosen
)
MEASURING: Final = (MeasurementAdded, MeasurementChanged, MeasurementRemoved)
UNDOABLE: Final = (
    SegmentsAdded,
    FindingsProposed,
    VerdictGiven,
    ReasonGiven,
    LabelGiven,
    FindingDescribed,
    FindingAdded,
    FindingRemoved,
    FindingEdited,
    SegmentEdited,
    EditGivenUp,
    *MEASURING,
    KeyImageKept,
    KeyImageDropped,
)

QUIET: Final = (Begun, Closed, CoverageNoted, ModeChosen, ReaderNamed, ScanJudged)
"""Rows that tell of a reading without anything in it having been read: a study with no other is
unread still."""
