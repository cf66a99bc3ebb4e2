"""Small readings made of nothing but values."""

from __future__ import annotations

import numpy as np

from ai.scan.finding import SOLID, BoxMask, Finding, Measurement
from ai.scan.geometry import Geometry
from ai.scan.labelmap import LUNGS, LabelMap, MadeBy, SegmentFigures
from viewer.reading.events import Begun, Event, FindingsProposed, Proposal, SegmentsAdded
from viewer.reading.reading import Reading, Row, apply

MODEL = MadeBy("nodules-log", "1")


def finding(
    name: str, *, diameter_mm: float = 6.0, kind: str = SOLID, chance: float = 0.4
) -> Finding:
    figures = Measurement(
        diameter_mm + 1, diameter_mm - 1, diameter_mm, 113.0, -20.0, -100.0, 40.0, kind
    )
    mask = BoxMask((2, 3, 4), np.ones((2, 3, 3), np.bool_))
    features = (("vesselness", 0.4), ("pleura_mm", 6.0), ("height", 0.5))
    return Finding(
        name, "nodule", (1.0, -2.0, 3.5), 4, "RUZ", chance, figures, MODEL, features, mask
    )


def proposed(names: str, *, held: str = "") -> FindingsProposed:
    """Findings named by letters, in that order; those in `held` are held back."""
    return FindingsProposed(
        tuple(finding(name) for name in names),
        tuple(Proposal(n, n not in held, rank, 1.0, "v1", 7) for rank, n in enumerate(names)),
    )


def lungs() -> SegmentsAdded:
    labels = np.zeros((6, 8, 10), np.uint8)
    labels[1:5, 2:6, 1:4] = 1
    labels[1:5, 2:6, 6:9] = 2
    geometry = Geometry.axial(labels.shape, spacing_kji_mm=(2.5, 0.7, 0.7))
    figures = (SegmentFigures(1, 0.06, -800.0), SegmentFigures(2, 0.06, -810.0))
    return SegmentsAdded(LabelMap(geometry, labels, LUNGS, MadeBy("lungs-classical", "1")), figures)


class Log:
    """A reading in memory: each event becomes the next row."""

    def __init__(self) -> None:
        self.reading = Reading("r")
        self.add(Begun("study", "series", "reader"))

    def add(self, event: Event) -> Row:
        row = Row(len(self.reading.history) + 1, "2026-01-01T00:00:00+00:00", event)
        self.reading = apply(self.reading, row)
        return row
