"""How strokes, strokes given up, and what was counted after them change a reading."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ai.scan.finding import Finding
from ai.scan.labelmap import LabelMap
from viewer.reading.edits import (
    LUNGS_MASK,
    Edits,
    finding_after,
    lung_figures_after,
    lungs_after,
)
from viewer.reading.events import (
    ADDED,
    EDITED,
    Answer,
    EditGivenUp,
    FindingCounted,
    LungsCounted,
    SegmentEdited,
)

if TYPE_CHECKING:
    from viewer.reading.reading import Reading, Row

_STAYS = {state: state for state in (ADDED, Answer.REJECT.value)}
"""States that strokes do not change: a rejected mark drawn better is rejected still."""


def edited(reading: Reading, row: Row) -> Reading:
    """The reading after one such row; the masks themselves are made by `settled`."""
    match row.event:
        case SegmentEdited() as event:
            return _with_stroke(reading, row, event)
        case EditGivenUp() as event:
            return _without(reading, event)
        case FindingCounted() | LungsCounted() as event:
            target = event.finding if isinstance(event, FindingCounted) else LUNGS_MASK
            known = reading.edits.get(target)
            if known is None:
                return reading
            return replace(reading, edits=_with(reading.edits, target, known.with_count(event)))
        case _:
            return reading


def settled(reading: Reading) -> Reading:
    """The reading with every edited mask and its figures as the strokes that count leave them."""
    if not reading.edits:
        return reading
    after = {i: finding_after(edits) for i, edits in reading.edits.items() if i != LUNGS_MASK}
    reading = replace(reading, findings=tuple(after.get(f.id) or f for f in reading.findings))
    lungs = reading.edits.get(LUNGS_MASK)
    if lungs is None:
        return reading
    return replace(reading, lungs=lungs_after(lungs), lung_figures=lung_figures_after(lungs))


def without_edits(edits: MappingProxyType[str, Edits], target: str) -> MappingProxyType[str, Edits]:
    """The edits of all other masks: one that was made anew has none."""
    return _with(edits, target, None)


def _with_stroke(reading: Reading, row: Row, event: SegmentEdited) -> Reading:
    target = event.target
    base = reading.lungs if target == LUNGS_MASK else reading.finding(target)
    if base is None and not (target == LUNGS_MASK and reading.has_lungs):
        return reading
    was = reading.states.get(target, "")
    known = reading.edits.get(target) or Edits(base, reading.lung_figures)
    edits = _with(reading.edits, target, known.with_stroke(row, was))
    own = not isinstance(base, Finding) or base.origin is None  # a file's mark is a file's no more
    now = _STAYS.get(was, EDITED) if own or was != ADDED else EDITED
    states = _with(reading.states, target, (was and now) or None)
    return replace(reading, edits=edits, states=states, closed=False)


def _without(reading: Reading, event: EditGivenUp) -> Reading:
    """The mask, its figures and the finding's state as they were before the row it names."""
    target, known = event.target, reading.edits.get(event.target)
    if known is None:
        return reading
    left, state = known.without(event.since), known.state_at(event.since)
    states = _with(reading.states, target, state or reading.states.get(target))
    reading = replace(reading, states=states, closed=False)
    if left.strokes:
        return replace(reading, edits=_with(reading.edits, target, left))
    reading = replace(reading, edits=_with(reading.edits, target, None))
    base = known.base
    if isinstance(base, Finding):
        findings = tuple(base if f.id == target else f for f in reading.findings)
        return replace(reading, findings=findings)
    if isinstance(base, LabelMap):
        return replace(reading, lungs=base, lung_figures=known.figures)
    return replace(reading, lung_figures=known.figures or reading.lung_figures)


def _with(values: MappingProxyType[str, Any], key: str, value: Any) -> MappingProxyType[str, Any]:
    """Another value for a key; None takes it away."""
    others = {name: old for name, old in values.items() if name != key}
    if value is None:
        return MappingProxyType(others)
    return MappingProxyType({**values, key: value})
