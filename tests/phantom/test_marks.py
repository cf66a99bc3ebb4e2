"""Scars, bands, tags and blebs of the rich phantom: at the pleura, thin, others in each body."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from ai.phantom.lobes import grow_lobes
from ai.phantom.marks import BLEB_HU, marks


def test_marks_stand_at_the_pleura_and_none_is_thick() -> None:
    for seed in (3, 12):
        lobes = grow_lobes(seed)
        (start, _, end, wide, thin), blebs = marks(lobes, seed)
        assert len(start) == len(end) == len(wide) > 5
        far, near = cKDTree(lobes.points_lps).query(start)
        assert np.median(lobes.depths_mm[near]) < 6
        assert np.quantile(far, 0.95) < 14
        assert 0 < thin.min() and wide.max() < 1.5
        for ball in blebs:
            _, own = cKDTree(lobes.points_lps).query(ball.end)
            assert ball.hu == BLEB_HU and ball.end_mm + 3 < lobes.depths_mm[own]


def test_every_body_has_its_own_marks_and_always_the_same() -> None:
    one, again = (marks(grow_lobes(3), 3) for _ in range(2))
    other = marks(grow_lobes(12), 12)
    assert np.array_equal(one[0][0], again[0][0]) and one[1] == again[1]
    assert one[0][0].shape != other[0][0].shape or not np.allclose(one[0][0], other[0][0])
