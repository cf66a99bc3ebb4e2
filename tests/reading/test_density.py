"""When densities may be read as emphysema, and when the reader is told why not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ai.scan.density import counted, density_of
from ai.scan.labelmap import SegmentFigures
from tests.fakes import chest
from viewer.reading.density import density_use, whole


@pytest.mark.parametrize(
    ("thickness_mm", "kernel", "given", "words"),
    [
        (1.0, "STANDARD", True, ""),
        (1.25, "B30f", True, ""),
        (2.5, "STANDARD", True, "2.5 mm thick"),
        (5.0, "STANDARD", False, "slices of 5 mm"),
        (1.0, "B70f", False, "sharp kernel B70f"),
        (1.0, "", True, "kernel is not known"),
        (None, "STANDARD", True, "2 mm thick"),
    ],
)
def test_slices_and_kernel_decide_what_is_told(
    thickness_mm: float | None, kernel: str, given: bool, words: str
) -> None:
    use = density_use(replace(chest(), thickness_mm=thickness_mm, kernel=kernel))
    assert use.given is given and words in use.sentence and bool(use.why) is bool(words)


def test_both_lungs_together_are_counted_voxel_by_voxel() -> None:
    right, left = np.array([-960] * 30 + [-900] * 10), np.array([-800] * 60)
    rows = [
        SegmentFigures(n, len(hu) / 10, float(hu.mean()), density_of(counted(hu)))
        for n, hu in ((1, right), (2, left))
    ]
    both = whole(rows)
    assert both is not None and both.density is not None
    assert both.mean_hu == pytest.approx(np.concatenate([right, left]).mean())
    assert both.density.below_950 == 0.3


def test_a_lung_that_was_never_counted_leaves_both_without_density() -> None:
    rows = [SegmentFigures(1, 10.0, -800.0), SegmentFigures(2, 10.0, -820.0)]
    both = whole(rows)
    assert both is not None and both.density is None
    assert whole([]) is None
