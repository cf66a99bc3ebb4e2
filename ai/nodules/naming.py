"""The name of a finding, as readers say it."""

from __future__ import annotations

from ai.scan.finding import Finding

PLACES = {
    "RUZ": "right upper zone",
    "RMZ": "right middle zone",
    "RLZ": "right lower zone",
    "LUZ": "left upper zone",
    "LMZ": "left middle zone",
    "LLZ": "left lower zone",
}


def long_name(
    finding: Finding, series_number: int | None, image_number: int | None, *, called: str = ""
) -> str:
    """Place, mean diameter, type, series and image: "right upper zone, 8.2 mm solid, se 3 im 142".

    A number that the scan does not carry is left out. called: what it is, where it is no nodule.
    """
    figures = finding.measurement
    words = [
        PLACES.get(finding.zone, "outside the lungs"),
        f"{figures.mean_diameter_mm:.1f} mm {called or figures.type}",
    ]
    numbers = [
        f"{word} {number}"
        for word, number in (("se", series_number), ("im", image_number))
        if number is not None
    ]
    return ", ".join(words + ([" ".join(numbers)] if numbers else []))


def short_place(finding: Finding) -> str:
    """The zone's three letters, or a dash outside the lungs."""
    return finding.zone or "–"
