"""What a reader says a finding is: its type and its zone, in place of what was counted."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from ai.scan.finding import GROUND_GLASS, PART_SOLID, SOLID, UNKNOWN_ZONE, Finding
from viewer.reading.events import FindingDescribed
from viewer.reading.placed import placed

if TYPE_CHECKING:
    from viewer.reading.reading import Reading

CALCIFIED: Final = "calcified"
TYPES: Final = (SOLID, PART_SOLID, GROUND_GLASS, CALCIFIED)
"""That a reader can choose; the last one is never counted."""
ZONES: Final = ("RUZ", "RMZ", "RLZ", "LUZ", "LMZ", "LLZ", "")
"""That a reader can choose; the empty one is outside the lungs."""


def described(reading: Reading, event: FindingDescribed) -> Reading:
    """The reading in which a finding is what the reader says; nothing where it is not there."""
    if event.finding not in reading.states:
        return reading
    said = MappingProxyType({**reading.described, event.finding: event})
    return as_described(replace(reading, described=said, closed=False))


def as_described(reading: Reading) -> Reading:
    """Whatever was counted since: type and zone stay as the reader said.

    A zone that nobody knew is told once the lungs are there.
    """
    reading = placed(reading)
    if not reading.described:
        return reading
    return replace(reading, findings=tuple(_told(reading, f) for f in reading.findings))


def _told(reading: Reading, finding: Finding) -> Finding:
    said = reading.described.get(finding.id)
    if said is None:
        return finding
    zone = finding.zone if said.zone == UNKNOWN_ZONE else said.zone
    if (finding.measurement.type, finding.zone) == (said.type, zone):
        return finding
    measurement = replace(finding.measurement, type=said.type)
    return replace(finding, measurement=measurement, zone=zone)
