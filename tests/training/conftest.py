"""Small scans to learn from, made once for the room."""

from __future__ import annotations

import numpy as np
import pytest

from ai.phantom.chest import Phantom, chest
from ai.training.lungs_prepare import prepare
from ai.training.lungs_scans import TrainingScan


@pytest.fixture(scope="session")
def tiny() -> Phantom:
    return chest("tiny", nodules=False)


@pytest.fixture(scope="session")
def scan(tiny: Phantom) -> TrainingScan:
    return prepare(tiny.volume, tiny.lungs.labels, name="tiny", patient="tiny")


def ball(name: str, *, synthetic: bool = False) -> TrainingScan:
    """Two dark balls in a grey block: the least that looks like lungs."""
    z, y, x = np.ogrid[:24, :24, :32]
    lungs = np.zeros((24, 24, 32), dtype=np.uint8)
    lungs[(z - 12) ** 2 + (y - 12) ** 2 + (x - 9) ** 2 < 49] = 1
    lungs[(z - 12) ** 2 + (y - 12) ** 2 + (x - 23) ** 2 < 49] = 2
    hu = np.where(lungs > 0, -850, 40).astype(np.int16)
    return TrainingScan(name, name, synthetic, hu, lungs, np.ones(24, dtype=bool))
