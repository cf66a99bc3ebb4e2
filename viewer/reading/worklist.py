"""What waits for a reader: each study as unread, in work or done, told by the log alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from viewer.reading.events import QUIET
from viewer.reading.reading import Reading
from viewer.reading.store import Store

UNREAD: Final = "unread"
IN_WORK: Final = "in work"
DONE: Final = "done"


def state_of(reading: Reading | None) -> str:
    """Of the reading on the desk; one in which nothing was done yet is unread.

    That a scan was refused, looked at or left is nothing done.
    """
    if reading is None or all(isinstance(row.event, QUIET) for row in reading.history):
        return UNREAD
    return DONE if reading.signed else IN_WORK


def study_states(store: Store, reader: str) -> Mapping[str, str]:
    """State by study key, of all studies that this reader (keyed hash) has touched.

    The reading that was worked on last tells the state of its study. Raises StoreError.
    """
    found: dict[str, tuple[int, str]] = {}
    for stand in store.stands():
        if (
            stand.reader != reader
            or not stand.worked
            or stand.last <= found.get(stand.study, (0, ""))[0]
        ):
            continue
        state = DONE if stand.signed else IN_WORK
        if stand.signed and stand.changed > stand.signed:  # a change may have been taken back
            state = state_of(store.reading(stand.reading, voxels=False))
        found[stand.study] = stand.last, state
    return {study: state for study, (_, state) in found.items()}
