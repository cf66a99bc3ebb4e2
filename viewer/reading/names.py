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


def _counted(reading: Reading) -> dict[str, str]:
    def turn(finding_id: str) -> int:
        proposal = reading.proposals.get(finding_id)
        return 2 if proposal is None else int(not proposal.shown)

    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for finding in sorted(reading.findings, key=lambda f: turn(f.id)):
        place = finding.zone or "Outside"
        counts[place] = counts.get(place, 0) + 1
        names[finding.id] = f"{place} {counts[place]}"
    return names
