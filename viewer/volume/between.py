"""The lungs and what lies between them: where blood is looked for, and no rib stands.

A ball of BALL_MM that rolls over both lungs from outside cannot fall between them: what it cannot
reach (a closing, Serra 1982) is heart, great vessels and hila. Ribs lie outside the lungs, which
bulge towards them.
"""

from __future__ import annotations

import numpy as np

from viewer.volume.grid import Bools, Floats32, Hu, beyond_mm

BALL_MM = 60.0
"""Half the widest gap that is bridged: a heart is up to 12 cm wide."""

EDGE_MM = 8.0
SOFT_HU = -20
ENHANCED_HU = 80
"""Above it the middle value of that tissue tells of contrast: without any it is blood, muscle and
mediastinal fat (43 measured), with some of it 114 to 279 (six scans). The spine is the lesser part.
"""


def room_for() -> float:
    """Millimetres of margin that `between` needs around the lungs."""
    return BALL_MM + EDGE_MM


def between(lungs: Bools, mm: float) -> Floats32:
    """Millimetres from the edge of that region, above 0 inside; mm: the side of a cube."""
    if not lungs.any():
        return np.full(lungs.shape, -BALL_MM, dtype=np.float32)
    return beyond_mm(beyond_mm(lungs, mm) > -BALL_MM, mm) - np.float32(BALL_MM)


def blood_shines(hu: Hu, lungs: Bools, depth_mm: Floats32) -> bool:
    """Whether contrast was given, by the soft tissue well inside the region. hu: on its grid."""
    inside = (depth_mm > EDGE_MM) & ~lungs & (hu > SOFT_HU)
    return bool(inside.any()) and float(np.median(hu[inside])) > ENHANCED_HU
