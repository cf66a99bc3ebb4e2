"""Shares and percentiles of densities, against numpy on the voxels themselves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai.scan.density import both, counted, density_of

VOXELS = st.lists(st.integers(-1024, 100), min_size=1, max_size=200)


@given(VOXELS)
def test_share_and_percentile_are_those_of_the_voxels(values: list[int]) -> None:
    hu = np.array(values, dtype=np.int16)
    density = density_of(counted(hu))
    assert density.voxels == len(hu)
    assert density.below_950 == pytest.approx(float((hu < -950).mean()))
    assert density.p15_hu == np.percentile(hu, 15, method="inverted_cdf")
    assert density.median_hu == np.percentile(hu, 50, method="inverted_cdf")
    assert density.sd_hu == pytest.approx(float(hu.std()), abs=1e-6)
    assert density.high == pytest.approx(float(((hu >= -600) & (hu <= -250)).mean()))


@given(VOXELS, VOXELS)
def test_what_is_won_and_lost_is_counted_as_if_all_were_counted_anew(
    kept: list[int], won: list[int]
) -> None:
    start = density_of(counted(np.array(kept)))
    grown = start.changed(np.array(won), np.array([], dtype=int))
    assert grown == density_of(counted(np.array(kept + won)))
    assert grown.changed(np.array([], dtype=int), np.array(won)) == start
    assert both([start, density_of(counted(np.array(won)))]) == grown


def test_padding_and_bone_are_counted_at_the_ends() -> None:
    density = density_of(counted(np.array([-3024, -2000, -900, 1500])))
    assert density.voxels == 4 and density.counts[0] == 2 and density.counts[-1] == 1
    assert density.below_950 == 0.5


def test_minus_950_itself_is_not_below_it() -> None:
    assert density_of(counted(np.array([-950, -951]))).below_950 == 0.5
