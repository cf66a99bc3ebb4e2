"""The grey window that a header stores: its first centre and width, where they are a straight ramp.

Source: DICOM PS3.3 C.11.2.1.2 (centre and width), C.11.2.1.3 (VOI LUT Function).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from viewer.dicom.series import StoredWindow

STRAIGHT = ("", "LINEAR", "LINEAR_EXACT")
"""SIGMOID bends the ramp: the same two numbers would show another picture."""
NARROWEST_HU = 1.0
FARTHEST_HU = 1e6


def stored_window(
    centres: Sequence[float] | None, widths: Sequence[float] | None, function: str
) -> StoredWindow | None:
    """The first of the windows; None where there is none, or none that could show anything.

    centres, widths: HU, one of each for every window that is offered.
    """
    if not centres or not widths or function.strip().upper() not in STRAIGHT:
        return None
    centre, width = float(centres[0]), float(widths[0])
    if not (math.isfinite(centre) and math.isfinite(width)):
        return None
    if not NARROWEST_HU <= width <= FARTHEST_HU or abs(centre) > FARTHEST_HU:
        return None
    return StoredWindow(width, centre)
