"""What a reader adds to a verdict or to a mark of their own: a reason, a label, taking it back."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from ai.scan.finding import Finding
from viewer.reading.events import ADDED, Answer, FindingRemoved, LabelGiven, ReasonGiven
from viewer.reading.placed import unplaced

if TYPE_CHECKING:
    from viewer.reading.reading import Reading

T = TypeVar("T")


def added(reading: Reading, finding: Finding) -> Reading:
    """The reading with a mark of the reader's own, or out of a file."""
    finding = unplaced(reading, finding)
    return replace(
        reading,
        findings=(*reading.findings, finding),
        added=(*reading.added, finding),
        states=MappingProxyType({**reading.states, finding.id: ADDED}),
        closed=False,
    )


def reasoned(reading: Reading, event: ReasonGiven) -> Reading:
    """The reading with a reason; nothing changes where the finding is not rejected."""
    if reading.states.get(event.finding) != Answer.REJECT.value:
        return reading
    reasons = MappingProxyType({**reading.reasons, event.finding: event.reason})
    return replace(reading, reasons=reasons, closed=False)


def labelled(reading: Reading, event: LabelGiven) -> Reading:
    """The reading in which a finding is called something else: its kind, and the words for it."""
    if event.finding not in reading.states:
        return reading
    findings = tuple(
        replace(f, kind=event.label) if f.id == event.finding else f for f in reading.findings
    )
    labels = MappingProxyType({**reading.labels, event.finding: event})
    return replace(reading, findings=findings, labels=labels, closed=False)


def removed(reading: Reading, event: FindingRemoved) -> Reading:
    """The reading without a mark that the reader took back; what an agent proposed stays."""
    if event.finding in reading.proposals:
        return reading
    return replace(
        reading,
        findings=tuple(f for f in reading.findings if f.id != event.finding),
        states=without(reading.states, event.finding),
        verdicts=without(reading.verdicts, event.finding),
        reasons=without(reading.reasons, event.finding),
        labels=without(reading.labels, event.finding),
        closed=False,
    )


def without(table: MappingProxyType[str, T], key: str) -> MappingProxyType[str, T]:
    """The table without one of its keys."""
    if key not in table:
        return table
    return MappingProxyType({k: value for k, value in table.items() if k != key})
