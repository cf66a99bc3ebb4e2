"""Whether much was never scanned between slices that are thin for their distance."""

from __future__ import annotations

from viewer.language.signs import tidy

LEAST_GAP_MM = 1.0
LEAST_GAP_SHARE = 0.5
"""Of the thickness: a millimetre or two between thick slices is usual, half a slice is not."""


def gap_sentence(step_mm: float, thickness_mm: float | None) -> str:
    """What is said of evenly spaced slices with much between them; nothing of others."""
    if not thickness_mm or thickness_mm <= 0:
        return ""
    between = step_mm - thickness_mm
    if between < max(LEAST_GAP_MM, LEAST_GAP_SHARE * thickness_mm):
        return ""
    return f"Between two slices {tidy(between)} mm were not scanned: small nodules may lie there."
