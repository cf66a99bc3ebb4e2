"""Tubes and balls keep their size, however coarse the voxels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai.phantom.trees import grow
from ai.phantom.tubes import Axes, Tube, paint


def _axes(step_mm: float, slice_mm: float) -> Axes:
    across = np.arange(-30, 30, step_mm, dtype=np.float32)
    up = np.arange(-30, 30, slice_mm, dtype=np.float32)
    return Axes(up, across, across, slice_mm=slice_mm, edge_mm=max(step_mm, 1.0))


@settings(max_examples=40, deadline=None)
@given(
    radius_mm=st.floats(1.5, 12),
    x=st.floats(-4, 4),
    z=st.floats(-4, 4),
    step_mm=st.sampled_from([0.7, 1.8]),
)
def test_a_ball_has_its_volume_wherever_it_lies_between_voxels(
    radius_mm: float, x: float, z: float, step_mm: float
) -> None:
    axes = _axes(step_mm, 1.0)
    block = np.zeros((len(axes.z), len(axes.y), len(axes.x)), dtype=np.float32)
    paint(block, axes, [Tube((x, 0.3, z), (x, 0.3, z), radius_mm, radius_mm, 100.0)])
    volume_mm3 = float(block.sum()) / 100 * step_mm * step_mm * 1.0
    assert volume_mm3 == pytest.approx(4 / 3 * np.pi * radius_mm**3, rel=0.10)


@pytest.mark.parametrize("radius_mm", [0.3, 0.5, 1.0, 4.0])
def test_a_thin_tube_is_faint_but_true_in_amount(radius_mm: float) -> None:
    axes = _axes(0.7, 1.0)
    block = np.zeros((len(axes.z), len(axes.y), len(axes.x)), dtype=np.float32)
    paint(block, axes, [Tube((1.2, 0.4, -50), (1.2, 0.4, 50), radius_mm, radius_mm, 100.0)])
    section_mm2 = float(block[30].sum()) / 100 * 0.7 * 0.7
    assert section_mm2 == pytest.approx(np.pi * radius_mm**2, rel=0.06)


def test_a_tube_outside_the_block_paints_nothing() -> None:
    axes = _axes(1.0, 1.0)
    block = np.zeros((len(axes.z), len(axes.y), len(axes.x)), dtype=np.float32)
    paint(block, axes, [Tube((90, 0, 0), (120, 0, 0), 3, 3, 100.0)])
    assert not block.any()


def test_a_tree_reaches_every_leaf_from_the_root_and_never_widens() -> None:
    rng = np.random.default_rng(1)
    leaves = rng.uniform(-40, 40, size=(60, 3))
    branches = grow(leaves, np.zeros(3), rng)
    ends = {b.end for b in branches if b.leaves == 1}
    assert ends == {tuple(map(float, leaf)) for leaf in leaves}
    parents = {b.end: b for b in branches if b.leaves > 1}
    for branch in branches[1:]:
        parent = parents[branch.start]
        assert branch.radius_mm(0.4) <= parent.radius_mm(0.4)
    assert branches[0].start == (0.0, 0.0, 0.0)
    assert branches[0].leaves == 60
