"""Which steps of a reading came in one go, as lungs and findings laid on out of one structure set.

Told by the log alone, so that undo takes all of it back at once also after a restart.
"""

from __future__ import annotations

from collections.abc import Sequence

from ai.scan.labelmap import MadeBy
from viewer.dicom.masks.drawn_by import from_contours
from viewer.reading.events import Event, FindingAdded, LabelGiven, SegmentsAdded
from viewer.reading.reading import Row


def laid_together(history: Sequence[Row], seq: int) -> tuple[int, ...]:
    """The rows that one laying-on made, in their order, where row `seq` is one of them.

    They follow one another without anything between, are of the same contours, and lungs come first
    of all; or a mark out of a file, and what it is called there. Whatever else a row is, it stands
    alone.
    """
    places = [n for n, row in enumerate(history) if row.seq == seq]
    if not places:
        return (seq,)
    first = last = places[0]
    for n in (first, first + 1):
        if 0 < n < len(history) and _called(history[n - 1].event, history[n].event):
            return history[n - 1].seq, history[n].seq
    source = _contours(history[first].event)
    if source is None:
        return (seq,)
    while (
        not isinstance(history[first].event, SegmentsAdded)
        and first > 0
        and _contours(history[first - 1].event) == source
    ):
        first -= 1
    while (
        last + 1 < len(history)
        and not isinstance(history[last + 1].event, SegmentsAdded)
        and _contours(history[last + 1].event) == source
    ):
        last += 1
    return tuple(row.seq for row in history[first : last + 1])


def _called(mark: Event, label: Event) -> bool:
    """Whether the second says what the first, a mark out of a file, is called there."""
    return (
        isinstance(mark, FindingAdded)
        and isinstance(label, LabelGiven)
        and mark.finding.id == label.finding
        and mark.finding.origin is not None
    )


def _contours(event: Event) -> MadeBy | None:
    """The structure set that an event laid on; None where it did not."""
    made_by = None
    if isinstance(event, FindingAdded):
        made_by = event.finding.made_by
    elif isinstance(event, SegmentsAdded) and event.label_map is not None:
        made_by = event.label_map.made_by
    return made_by if made_by is not None and from_contours(made_by) else None
