"""The findings of a reading as marks on the panes."""

from __future__ import annotations

from collections.abc import Sequence

from viewer.language.spoken import say
from viewer.reading.events import HELD
from viewer.reading.names import short_name, tag_of
from viewer.reading.reading import Reading
from viewer.views.by_ai import by_ai
from viewer.views.state import EDITING, Mark


def marks_of(
    reading: Reading, order: Sequence[str], current: str | None, *, edited: str = ""
) -> tuple[Mark, ...]:
    """A mark for each finding that is not held, with the number of its name; a held one only while
    the reader looks at it. edited: the one whose mask is being edited."""
    ids = list(order)
    if current is not None and reading.states.get(current) == HELD:
        ids.append(current)
    marks = []
    for finding_id in ids:
        finding = reading.finding(finding_id)
        if finding is not None:
            marks.append(
                Mark(
                    finding.id,
                    tag_of(reading, finding.id),
                    finding.centre_lps,
                    finding.measurement.long_mm / 2,
                    EDITING if finding.id == edited else reading.states[finding.id],
                    finding.id == current,
                    finding.id in reading.proposals or by_ai(finding.made_by),
                    say(short_name(reading, finding.id)),
                )
            )
    return tuple(marks)
