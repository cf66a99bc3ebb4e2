"""How a step of the reader is kept: in the log first, then in the reading on the desk."""

from __future__ import annotations

from dataclasses import dataclass

from viewer.reading.events import Begun, Event
from viewer.reading.reading import Reading, apply
from viewer.reading.store import Store


@dataclass(frozen=True, eq=False)
class Kept:
    """The reading after a step that is on the disk. missed: steps of another window taken in."""

    reading: Reading
    missed: int = 0


def keep(store: Store, reading: Reading, event: Event, *, begun: Begun, joins: bool = True) -> Kept:
    """One more step of a reading. Raises StoreError; then nothing of the step was kept.

    Another window may have the same study open for the same reader. Its steps lie in the log and
    are taken in before this one, so that both windows stand on the same reading. begun: the first
    row of a reading that has none yet. joins: go on with a reading that another window began
    meanwhile, instead of beginning a second one beside it.
    """
    missed, begun_id = 0, reading.id
    if not reading.history:
        found = store.newest_of_series(begun.series, begun.reader) if joins else None
        if found is None:
            reading = apply(reading, store.append(reading.id, begun))
        else:
            reading = store.reading(found)
            missed = 0 if found == begun_id else len(reading.history)
    last = reading.history[-1].seq
    row = store.append(reading.id, event)
    between = store.rows(reading.id, after=last, before=row.seq)
    for other in between:
        reading = apply(reading, other)
    return Kept(apply(reading, row), missed + len(between))
