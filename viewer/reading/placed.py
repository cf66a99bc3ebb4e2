"""The zone of a finding that was there before the lungs: unknown until they are, never outside."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ai.scan.finding import UNKNOWN_ZONE, Finding

if TYPE_CHECKING:
    from viewer.reading.reading import Reading


def unplaced(reading: Reading, finding: Finding) -> Finding:
    """A finding that comes to a reading: outside the lungs only where right and left are there."""
    lungs = reading.lungs
    known = reading.has_lungs and (lungs is None or lungs.sided)
    return finding if finding.zone or known else replace(finding, zone=UNKNOWN_ZONE)


def placed(reading: Reading) -> Reading:
    """Once the lungs are there, what had no zone has its own."""
    lungs = reading.lungs
    if lungs is None or not lungs.sided:
        return reading
    if all(finding.zone != UNKNOWN_ZONE for finding in reading.findings):
        return reading
    from ai.nodules.zone import zone_of  # few readings need it

    def at_home(finding: Finding) -> Finding:
        if finding.zone != UNKNOWN_ZONE:
            return finding
        return replace(finding, zone=zone_of(lungs, finding.centre_lps))

    return replace(reading, findings=tuple(map(at_home, reading.findings)))
