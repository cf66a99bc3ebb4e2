"""What readers call a finding: its place and a running number that never changes within a list."""

from __future__ import annotations

from viewer.reading.reading import Reading


def short_names(reading: Reading) -> dict[str, str]:
    """Id to name, as in "LMZ 1". Shown ones are numbered first, then held ones, then added ones."""

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


def short_name(reading: Reading, finding_id: str) -> str:
    """The name of one finding, or nothing where it is not in the reading."""
    return short_names(reading).get(finding_id, "")
