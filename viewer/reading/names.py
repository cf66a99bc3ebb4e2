"""What readers call a finding: its place and a running number that never changes within a list."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from weakref import WeakKeyDictionary

from viewer.reading.reading import Reading

_known: WeakKeyDictionary[Reading, Mapping[str, str]] = WeakKeyDictionary()
"""A reading never changes, and a list of sixty asks for each of its names several times."""


def short_names(reading: Reading) -> Mapping[str, str]:
    """Id to name, as in "LMZ 1". Shown ones are numbered first, then held ones, then added ones."""
    names = _known.get(reading)
    if names is None:
        names = _known[reading] = MappingProxyType(_counted(reading))
    return names


def short_name(reading: Reading, finding_id: str) -> str:
    """The name of one finding, or nothing where it is not in the reading."""
    return short_names(reading).get(finding_id, "")


def number_of(reading: Reading, finding_id: str) -> int:
    """The number in the name of a finding: the one that its mark shows. 0 where there is none."""
    name = short_name(reading, finding_id)
    return int(name.rpartition(" ")[2]) if name else 0


def _counted(reading: Reading) -> dict[str, str]:
    """A mark that was taken back keeps its number, so that no other ever gets a new one."""

    def turn(finding_id: str) -> int:
        proposal = reading.proposals.get(finding_id)
        return 2 if proposal is None else int(not proposal.shown)

    here = {finding.id: finding for finding in reading.findings}
    own = {finding.id for finding in reading.added if turn(finding.id) == 2}
    proposed = (finding for finding in reading.findings if finding.id not in own)
    added = (here.get(finding.id, finding) for finding in reading.added if finding.id in own)
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for finding in (*sorted(proposed, key=lambda f: turn(f.id)), *added):
        place = finding.zone or "Outside"
        counts[place] = counts.get(place, 0) + 1
        names[finding.id] = f"{place} {counts[place]}"
    return {i: name for i, name in names.items() if i in here}
