"""What readers call a finding: its place and a running number that never changes within a list."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from weakref import WeakKeyDictionary

from ai.scan.finding import UNKNOWN_ZONE
from viewer.reading.events import (
    SECOND,
    FindingAdded,
    FindingsProposed,
    ModeChosen,
    OwnPassDone,
)
from viewer.reading.reading import Reading

PLACES: Final = {"": "Outside", UNKNOWN_ZONE: "Finding"}
"""What stands in a name for what is no zone."""
HELD_SIGN = "H"
"""Before the number of a candidate that the agent held back."""

_known: WeakKeyDictionary[Reading, Mapping[str, str]] = WeakKeyDictionary()
"""A reading never changes, and a list of sixty asks for each of its names several times."""


def short_names(reading: Reading) -> Mapping[str, str]:
    """Id to name, as in "LMZ 1"; one that was held back is "LMZ H1", whatever becomes of it."""
    names = _known.get(reading)
    if names is None:
        names = _known[reading] = MappingProxyType(_counted(reading))
    return names


def short_name(reading: Reading, finding_id: str) -> str:
    """The name of one finding, or nothing where it is not in the reading."""
    return short_names(reading).get(finding_id, "")


def tag_of(reading: Reading, finding_id: str) -> str:
    """What its mark shows: the last part of its name. Nothing where it is not in the reading."""
    return short_name(reading, finding_id).rpartition(" ")[2]


def _counted(reading: Reading) -> dict[str, str]:
    """A number is given when the reader first sees a finding, and kept.

    So a mark put there before the own pass is done comes before what the AI found meanwhile, and
    no number tells how many candidates are held: those have a row of numbers of their own. A mark
    that was taken back keeps its number, so that no other ever gets a new one.
    """
    here = {finding.id: finding for finding in reading.findings}
    known = {finding.id: finding for finding in reading.added} | here
    counts: dict[tuple[str, bool], int] = {}
    names: dict[str, str] = {}
    for finding_id in _as_seen(reading):
        finding, proposal = known.get(finding_id), reading.proposals.get(finding_id)
        if finding is None or finding_id in names:
            continue
        held = proposal is not None and not proposal.shown
        place = PLACES.get(finding.zone, finding.zone), held
        counts[place] = counts.get(place, 0) + 1
        names[finding_id] = f"{place[0]} {HELD_SIGN if held else ''}{counts[place]}"
    return {i: name for i, name in names.items() if i in here}


def _as_seen(reading: Reading) -> list[str]:
    """Ids in the order in which they came before the reader's eyes; the rest as it stands."""
    seen: list[str] = []
    waiting: list[str] = []
    mode, done = "", False
    for row in reading.history:
        event = row.event
        if row.seq in reading.withdrawn:
            continue
        if isinstance(event, ModeChosen):
            mode = event.mode
        elif isinstance(event, OwnPassDone):
            done = True
        elif isinstance(event, FindingsProposed):
            waiting += [p.finding for p in sorted(event.proposals, key=lambda p: p.rank)]
        elif isinstance(event, FindingAdded):
            seen.append(event.finding.id)
        if mode != SECOND or done:
            seen, waiting = [*seen, *waiting], []
    return [*seen, *waiting, *(finding.id for finding in (*reading.findings, *reading.added))]
