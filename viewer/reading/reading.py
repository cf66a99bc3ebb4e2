"""A reading is a fold over its events: one reader, one series, all that was found and answered.

Nothing is ever erased: undo appends a Withdrawn, redo a Restored, and the reading is folded again
from the rows that count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from ai.scan.finding import Finding
from ai.scan.labelmap import LabelMap, SegmentFigures
from viewer.measuring.shapes import Measured
from viewer.reading import own_words
from viewer.reading.course import gone_on
from viewer.reading.described import as_described, described
from viewer.reading.edit_fold import edited, settled, without_edits
from viewer.reading.edits import LUNGS_MASK, Edits
from viewer.reading.events import (
    ADDED,
    EDITED,
    EXPORTED_STATES,
    HELD,
    OPEN_STATES,
    PROPOSED,
    SECOND,
    UNDOABLE,
    Answer,
    CoverageNoted,
    EditGivenUp,
    Event,
    FindingAdded,
    FindingCounted,
    FindingDescribed,
    FindingEdited,
    FindingRemoved,
    FindingsProposed,
    KeyImageDropped,
    KeyImageKept,
    LabelGiven,
    LungsCounted,
    MeasurementAdded,
    MeasurementChanged,
    MeasurementRemoved,
    OwnPassDone,
    PriorLinked,
    Proposal,
    ReasonGiven,
    Restored,
    SegmentEdited,
    SegmentsAdded,
    VerdictGiven,
    Withdrawn,
)
from viewer.reading.lung_events import LungsCompared, ScanJudged
from viewer.reading.reader_events import Amended, ReaderNamed, Reopened, ReportWritten, Signed


@dataclass(frozen=True, eq=False)
class Row:
    """One appended event: its place in the log and when it was written (ISO 8601, UTC)."""

    seq: int
    at: str
    event: Event


NOTHING_WRITTEN: Final = ReportWritten()
_ENDS_REDO: Final = (*UNDOABLE, Signed, Amended)


def _nothing() -> MappingProxyType[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Reading:
    """All that is known of one reading after its rows so far.

    findings: in the agent's order, then those the reader added. withdrawn: rows undone. redoable:
    rows that redo would bring back, the next one last. signed: as it stands now; signed_at and
    signed_row: of the last signature, also where something changed after it; amended: how many of
    the signatures came after a first one. report: what the reader wrote last. mode: one of MODES,
    or nothing where it was never said (marks showed at once). own_pass: once it is done, and when.
    reasons: of rejected findings; labels: of the reader's own; described: type and zone as the
    reader said;
    added: every mark of the reader, taken back or not.
    measurements: as they stand, in the order in which they were drawn. edits: the masks that the
    reader changed, by target. key_images: in the order they were kept. priors: how other scans of
    the patient lie to this one, by the key of their series. fit: how the gate judged the scan last;
    compared: the lungs that are shown with another model's, lungs_row the row that made them.
    """

    id: str
    study: str = ""
    series: str = ""
    reader: str = ""
    begun_at: str = ""
    lungs: LabelMap | None = None
    has_lungs: bool = False
    lung_figures: tuple[SegmentFigures, ...] = ()
    lung_warnings: tuple[str, ...] = ()
    lungs_row: int = 0
    findings: tuple[Finding, ...] = ()
    proposals: MappingProxyType[str, Proposal] = field(default_factory=_nothing)
    states: MappingProxyType[str, str] = field(default_factory=_nothing)
    verdicts: MappingProxyType[str, VerdictGiven] = field(default_factory=_nothing)
    reasons: MappingProxyType[str, str] = field(default_factory=_nothing)
    labels: MappingProxyType[str, LabelGiven] = field(default_factory=_nothing)
    described: MappingProxyType[str, FindingDescribed] = field(default_factory=_nothing)
    added: tuple[Finding, ...] = ()
    searched: bool = False
    closed: bool = False
    history: tuple[Row, ...] = ()
    withdrawn: frozenset[int] = frozenset()
    redoable: tuple[int, ...] = ()
    signed: bool = False
    signed_at: str = ""
    signed_row: int = 0
    amended: int = 0
    report: ReportWritten = NOTHING_WRITTEN
    key_images: tuple[KeyImageKept, ...] = ()
    edits: MappingProxyType[str, Edits] = field(default_factory=_nothing)
    mode: str = ""
    own_pass: OwnPassDone | None = None
    own_pass_at: str = ""
    coverage: CoverageNoted | None = None
    measurements: tuple[Measured, ...] = ()
    priors: MappingProxyType[str, PriorLinked] = field(default_factory=_nothing)
    fit: ScanJudged | None = None
    compared: LungsCompared | None = None

    def finding(self, finding_id: str) -> Finding | None:
        return next((f for f in self.findings if f.id == finding_id), None)

    def state(self, finding_id: str) -> str:
        return self.states[finding_id]

    def in_state(self, *states: str) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if self.states[f.id] in states)

    @property
    def blind(self) -> bool:
        """Whether what the AI proposed waits for the reader's own pass."""
        return self.mode == SECOND and self.own_pass is None

    @property
    def exportable(self) -> bool:
        """Whether anything in it can go out."""
        kept = self.measurements or self.key_images or self.in_state(*EXPORTED_STATES)
        return self.lungs is not None or bool(kept)

    @property
    def last_row(self) -> Row | None:
        return self.history[-1] if self.history else None

    @property
    def undo_target(self) -> Row | None:
        """The row that undo would withdraw: the last undoable one that still counts.

        Nothing that a signature stands for is undone: a new answer says what has changed.
        """
        counting = (
            row
            for row in reversed(self.history)
            if row.seq > self.signed_row
            and isinstance(row.event, UNDOABLE)
            and row.seq not in self.withdrawn
        )
        return next(counting, None)

    @property
    def redo_target(self) -> Row | None:
        """The row that redo would bring back, or None."""
        if not self.redoable:
            return None
        return next(row for row in self.history if row.seq == self.redoable[-1])

    def next_open(self, after: str | None) -> str | None:
        """The finding that waits for an answer, from the one after `after` on and round again.

        Held ones never come; `after` itself comes last, and only where it still waits.
        """
        ids = [f.id for f in self.findings]
        start = ids.index(after) + 1 if after in ids else 0
        turn = ids[start:] + ids[:start]
        return next((i for i in turn if self.states[i] in OPEN_STATES), None)

    def beside(self, current: str | None, step: int) -> str | None:
        """The finding `step` places on in the list, round again; held ones are passed over."""
        ids = [f.id for f in self.findings if self.states[f.id] != HELD]
        if not ids:
            return None
        if current not in ids:
            return ids[0] if step > 0 else ids[-1]
        return ids[(ids.index(current) + step) % len(ids)]


def fold(reading_id: str, rows: Iterable[Row]) -> Reading:
    """The reading after these rows, oldest first: what applying each in turn would lead to.

    Only rows that count are taken, and masks are made once, so many steps undone cost little.
    """
    history = tuple(rows)
    withdrawn: set[int] = set()
    redoable: tuple[int, ...] = ()
    for row in history:
        if isinstance(row.event, Withdrawn):
            withdrawn.add(row.event.target)
            redoable = (*redoable, row.event.target)
        elif isinstance(row.event, Restored):
            withdrawn.discard(row.event.target)
            redoable = tuple(seq for seq in redoable if seq != row.event.target)
        elif isinstance(row.event, _ENDS_REDO):
            redoable = ()
    return _folded(reading_id, history, frozenset(withdrawn), redoable)


def apply(reading: Reading, row: Row) -> Reading:
    """The reading after one more row; the old one is unchanged."""
    event = row.event
    if isinstance(event, Withdrawn):
        redoable = (*reading.redoable, event.target)
        rows, withdrawn = (*reading.history, row), reading.withdrawn | {event.target}
        return _folded(reading.id, rows, withdrawn, redoable)
    if isinstance(event, Restored):
        redoable = tuple(seq for seq in reading.redoable if seq != event.target)
        rows, withdrawn = (*reading.history, row), reading.withdrawn - {event.target}
        return _folded(reading.id, rows, withdrawn, redoable)
    redoable = () if isinstance(event, _ENDS_REDO) else reading.redoable
    after = as_described(settled(_take(reading, row)))
    return replace(after, history=(*reading.history, row), redoable=redoable)


def _folded(
    reading_id: str,
    history: tuple[Row, ...],
    withdrawn: frozenset[int],
    redoable: tuple[int, ...],
) -> Reading:
    fresh = Reading(reading_id)
    for old in history:
        if old.seq not in withdrawn and not isinstance(old.event, Withdrawn | Restored):
            fresh = _take(fresh, old)
    signed = fresh.signed and not any(
        isinstance(later.event, Withdrawn | Restored)
        and later.event.target < fresh.signed_row < later.seq
        for later in history
    )
    fresh = as_described(settled(fresh))
    return replace(fresh, history=history, withdrawn=withdrawn, redoable=redoable, signed=signed)


def _take(reading: Reading, row: Row) -> Reading:
    """What one row that counts does to the reading (its history apart)."""
    if reading.signed and isinstance(row.event, (*UNDOABLE, Reopened, ReportWritten, ReaderNamed)):
        reading = replace(reading, signed=False)
    match row.event:
        case SegmentsAdded() as event:
            return replace(
                reading,
                lungs=event.label_map,
                has_lungs=True,
                lung_figures=event.figures,
                lung_warnings=event.warnings,
                lungs_row=row.seq,
                compared=None,
                edits=without_edits(reading.edits, LUNGS_MASK),
                closed=False,
            )
        case FindingsProposed() as event:
            return _propose(reading, event)
        case VerdictGiven() as event:
            return _answer(reading, event)
        case FindingAdded(finding):
            return own_words.added(reading, finding)
        case FindingRemoved() as event:
            return own_words.removed(reading, event)
        case ReasonGiven() as event:
            return own_words.reasoned(reading, event)
        case FindingDescribed() as event:
            return described(reading, event)
        case LabelGiven() as event:
            return own_words.labelled(reading, event)
        case FindingEdited(finding):
            return _edit(reading, finding)
        case SegmentEdited() | EditGivenUp() | FindingCounted() | LungsCounted():
            return edited(reading, row)
        case KeyImageKept() | KeyImageDropped() as event:
            return replace(reading, key_images=_key_images(reading, event), closed=False)
        case LungsCompared() as event:
            same = reading.lungs_row == event.row
            return replace(reading, compared=event if same else reading.compared)
        case MeasurementAdded() | MeasurementChanged() | MeasurementRemoved() as event:
            return replace(reading, measurements=_drawn(reading, event), closed=False)
        case _:
            return gone_on(reading, row)


def _edit(reading: Reading, finding: Finding) -> Reading:
    findings = tuple(finding if f.id == finding.id else f for f in reading.findings)
    own = reading.states.get(finding.id) == ADDED and finding.origin is None
    now = ADDED if own else EDITED
    states = _frozen({**reading.states, finding.id: now})
    edits = without_edits(reading.edits, finding.id)
    return replace(reading, findings=findings, states=states, edits=edits, closed=False)


def _key_images(
    reading: Reading, event: KeyImageKept | KeyImageDropped
) -> tuple[KeyImageKept, ...]:
    if isinstance(event, KeyImageKept):
        return (*reading.key_images, event)
    return tuple(image for image in reading.key_images if image.id != event.image)


def _drawn(
    reading: Reading, event: MeasurementAdded | MeasurementChanged | MeasurementRemoved
) -> tuple[Measured, ...]:
    match event:
        case MeasurementAdded(measured):
            return (*reading.measurements, measured)
        case MeasurementChanged(measured):
            return tuple(measured if m.id == measured.id else m for m in reading.measurements)
        case MeasurementRemoved(gone):
            return tuple(m for m in reading.measurements if m.id != gone)


def _propose(reading: Reading, event: FindingsProposed) -> Reading:
    """New candidates take the place of old ones nobody answered; every answer is kept."""
    new = {finding.id for finding in event.findings}
    kept = tuple(
        f
        for f in reading.findings
        if f.id not in new and (f.id in reading.verdicts or reading.states[f.id] in (ADDED, EDITED))
    )
    by_id = {proposal.finding: proposal for proposal in event.proposals}
    ranked = sorted(event.findings, key=lambda f: by_id[f.id].rank)
    answered = {i: s for i, s in reading.states.items() if i in reading.verdicts or s == EDITED}
    was = {f.id: f for f in reading.findings}
    states = {f.id: PROPOSED if by_id[f.id].shown else HELD for f in ranked}
    states |= {f.id: reading.states[f.id] for f in kept}
    states |= {i: s for i, s in answered.items() if i in states}
    findings = tuple(was[f.id] if states[f.id] == EDITED else f for f in ranked)
    proposals = {**{i: p for i, p in reading.proposals.items() if i in states}, **by_id}
    return replace(
        reading,
        findings=(*findings, *kept),
        states=_frozen(states),
        searched=True,
        closed=False,
        proposals=MappingProxyType(proposals),
    )


def _answer(reading: Reading, event: VerdictGiven) -> Reading:
    if event.finding not in reading.states:
        return reading
    said = event.answer.value
    if event.answer is Answer.ACCEPT and event.finding in reading.edits:
        said = EDITED  # it is accepted with the reader's own contour
    states = {**reading.states, event.finding: said}
    verdicts = {**reading.verdicts, event.finding: event}
    reading = replace(reading, reasons=own_words.without(reading.reasons, event.finding))
    return replace(
        reading, states=_frozen(states), verdicts=MappingProxyType(verdicts), closed=False
    )


def _frozen(states: dict[str, str]) -> MappingProxyType[str, str]:
    return MappingProxyType(states)
