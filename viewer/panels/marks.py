"""The findings of a reading as marks on the panes."""

from __future__ import annotations

from collections.abc import Sequence

from viewer.reading.events import HELD
from viewer.reading.reading import Reading
from viewer.views.state import Mark


def marks_of(reading: Reading, order: Sequence[str], current: str | None) -> tuple[Mark, ...]:
    """A mark for each finding that is not held, numbered as the list is; a held one only while
    the reader looks at it."""
    ids = list(order)
    if current is not None and reading.states.get(current) == HELD:
        ids.append(current)
    marks = []
    for number, finding_id in enumerate(ids, 1):
        finding = reading.finding(finding_id)
        if finding is not None:
            marks.append(
                Mark(
                    finding.id,
                    number,
                    finding.centre_lps,
                    finding.measurement.long_mm / 2,
                    reading.states[finding.id],
                    finding.id == current,
                )
            )
    return tuple(marks)
