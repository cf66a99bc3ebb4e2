"""Growing, shrinking and filling masks by shifts gives what scipy gives."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from ai.lungs.shifts import blocks, filled, grown, opened, shrunk

CROSS = ndimage.generate_binary_structure(3, 1)
FLAT = CROSS.copy()
FLAT[[0, 2]] = False
SHAPES = ((1, 1, 1), (2, 3, 1), (7, 9, 11), (12, 20, 17))


def masks() -> list[np.ndarray]:
    rng = np.random.default_rng(5)
    made = [rng.random(shape) < share for shape in SHAPES for share in (0.1, 0.5, 0.85, 0.97)]
    smooth = ndimage.uniform_filter(rng.random((20, 30, 25)), 4)
    return [*made, smooth > 0.5, smooth < 0.52, np.zeros((4, 5, 6), bool), np.ones((4, 5, 6), bool)]


@pytest.mark.parametrize("mask", masks(), ids=lambda m: f"{m.shape}-{m.mean():.2f}")
def test_each_step_gives_what_scipy_gives(mask: np.ndarray) -> None:
    before = mask.copy()
    for flat, near in ((False, CROSS), (True, FLAT)):
        for times in (1, 3):
            theirs = ndimage.binary_dilation(mask, near, iterations=times)
            assert np.array_equal(grown(mask, times, flat=flat), theirs)
            for beyond in (False, True):
                theirs = ndimage.binary_erosion(
                    mask, near, iterations=times, border_value=int(beyond)
                )
                assert np.array_equal(shrunk(mask, times, flat=flat, beyond=beyond), theirs)
    assert np.array_equal(opened(mask), ndimage.binary_opening(mask))
    assert np.array_equal(blocks(mask), ndimage.binary_opening(mask, np.ones((2, 2, 2))))
    assert np.array_equal(filled(mask), ndimage.binary_fill_holes(mask))
    by_plane = np.stack([ndimage.binary_fill_holes(plane) for plane in mask])
    assert np.array_equal(filled(mask, flat=True), by_plane)
    assert np.array_equal(mask, before), "what was given stays as it was"
