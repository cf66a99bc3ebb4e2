"""How the agent did in every reading of the log, read a few at a time so that nothing waits."""

from __future__ import annotations

import time

from ai.agent.reward import reward_table
from viewer.reading.judged import Judged, judged_of
from viewer.reading.store import Store

AT_ONCE_S = 0.02


class Track:
    """Of one log. A reading is looked at again only after it has gone on."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[int, Judged | None]] = {}

    def look(self) -> tuple[tuple[Judged, ...], bool]:
        """What is known so far, oldest reading first, and whether that is all; call again if not.

        Raises HilumError where the log cannot be read.
        """
        end = time.monotonic() + AT_ONCE_S
        last = {stand.reading: stand.last for stand in self._store.stands()}
        order = [name for name in reversed(self._store.readings()) if name in last]
        chance = reward_table().safety_operating_chance
        whole = True
        for name in order:
            if self._known.get(name, (0, None))[0] == last[name]:
                continue
            if time.monotonic() > end:
                whole = False
                break
            reading = self._store.reading(name, voxels=False)
            self._known[name] = last[name], judged_of(reading, chance)
        found = (self._known[name][1] for name in order if name in self._known)
        return tuple(one for one in found if one is not None), whole
