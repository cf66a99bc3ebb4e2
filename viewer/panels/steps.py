"""What is done and which step comes next: the accent button walks, one at a time."""

from __future__ import annotations

from dataclasses import dataclass

from viewer.reading.events import (
    EXPORTED_STATES,
    OPEN_STATES,
    UNDOABLE,
    Exported,
    Restored,
    Withdrawn,
)
from viewer.reading.reader_events import Amended, ReaderNamed, Reopened, ReportWritten, Signed
from viewer.reading.reading import Reading

OPEN, LUNGS, NODULES, OWN_PASS, JUDGE, EXPORT = (
    "open", "segment-lungs", "find-nodules", "own-pass", "accept", "export",
)  # fmt: skip
"""Ids of the actions that the steps are; JUDGE stands for the card with Accept on it."""

_CHANGES = (
    *(*UNDOABLE, Withdrawn, Restored, ReportWritten),
    *(ReaderNamed, Signed, Amended, Reopened),  # what goes out tells who signed, and whether
)


@dataclass(frozen=True)
class Steps:
    """next: the step whose button has the accent, or nothing. done: steps that are behind."""

    next: str
    done: frozenset[str]


def steps_of(reading: Reading | None, *, ai_off: bool = False) -> Steps:
    """Where a reading stands; ai_off: the AI must not be asked about this scan.

    Marks that wait for the reader's own pass make that pass the next step.
    """
    if reading is None:
        return Steps(OPEN, frozenset())
    done = set()
    if reading.has_lungs:
        done.add(LUNGS)
    if reading.searched:
        done.add(NODULES)
    something = reading.has_lungs or bool(reading.in_state(*EXPORTED_STATES))
    if is_exported(reading):
        done.add(EXPORT)
    if reading.blind and reading.searched:
        return Steps(OWN_PASS, frozenset(done))
    if reading.in_state(*OPEN_STATES):
        return Steps(JUDGE, frozenset(done))
    for step in (LUNGS, NODULES):
        if step not in done and not ai_off:
            return Steps(step, frozenset(done))
    return Steps(EXPORT if something and EXPORT not in done else "", frozenset(done))


def is_exported(reading: Reading) -> bool:
    """True where nothing has changed since the last export, the signature included."""
    for row in reversed(reading.history):
        if isinstance(row.event, Exported):
            return True
        if isinstance(row.event, _CHANGES):
            return False
    return False
