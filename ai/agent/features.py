"""What the agent sees of a finding: a short row of numbers, each of them about one."""

from __future__ import annotations

from math import exp, log

import numpy as np
from numpy.typing import NDArray

from ai.scan.finding import GROUND_GLASS, PART_SOLID, Finding

Row = NDArray[np.float64]

FEATURES = (
    "bias",
    "log_odds",
    "size",
    "ground_glass",
    "part_solid",
    "vessel",
    "pleura",
    "height",
)
"""The names, in the order of every row. A policy that knows others is refused."""

USUAL = np.array([1.0, -1.0, 0.0, 0.0, 0.0, 0.5, 0.3, 0.0])
"""A candidate of the usual kind: what a reason speaks for or against is told relative to it."""

_CHANCE_LIMIT = 0.002
_USUAL_MM = 6.0


def features_of(finding: Finding) -> Row:
    """The row of one finding, in the order of FEATURES; every number is finite."""
    seen = dict(finding.features)
    chance = min(max(finding.chance, _CHANCE_LIMIT), 1 - _CHANCE_LIMIT)
    diameter_mm = max(finding.measurement.mean_diameter_mm, 1.0)
    row = np.array(
        [
            1.0,
            log(chance / (1 - chance)),
            log(diameter_mm / _USUAL_MM),
            float(finding.measurement.type == GROUND_GLASS),
            float(finding.measurement.type == PART_SOLID),
            seen.get("vesselness", USUAL[5]),
            exp(-max(seen.get("pleura_mm", 10.0), 0.0) / 8.0),
            seen.get("height", 0.5) - 0.5,
        ]
    )
    return np.clip(np.nan_to_num(row), -7.0, 7.0)
