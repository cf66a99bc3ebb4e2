"""The window and batch read one scan alike: same voxels, same findings, same decisions."""

from __future__ import annotations

import numpy as np
import pytest

import viewer.batch
from viewer.reading.events import FindingsProposed, SegmentsAdded


@pytest.fixture(scope="module")
def by_batch(phantom, tmp_path_factory):
    """The phantom's reading as batch makes it, just before it is written out."""
    out = tmp_path_factory.mktemp("batch")
    caught = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(viewer.batch, "_write", lambda *told: caught.append(told[4]))
        viewer.batch.read_study(phantom.series, viewer.batch.Order(out))
    return caught[0]


@pytest.fixture(scope="module")
def in_window(read):
    """Lungs and candidates as they came from the worker."""
    lungs, proposed = read.found[0], read.found[-1]
    assert isinstance(lungs, SegmentsAdded)
    assert isinstance(proposed, FindingsProposed)
    return lungs, proposed


def test_the_lungs_are_the_same_voxel_for_voxel(in_window, by_batch):
    lungs, _ = in_window
    assert np.array_equal(lungs.label_map.labels, by_batch.lungs.labels)
    assert lungs.figures == by_batch.lung_figures
    assert lungs.label_map.made_by == by_batch.lungs.made_by
    assert lungs.warnings == by_batch.lung_warnings


def test_the_findings_are_the_same_with_places_figures_chances_and_masks(in_window, by_batch):
    _, proposed = in_window
    assert len(proposed.findings) == len(by_batch.findings) > 0
    for here in proposed.findings:
        there = by_batch.finding(here.id)
        assert here.centre_lps == there.centre_lps
        assert here.slice_index == there.slice_index
        assert here.zone == there.zone
        assert here.measurement == there.measurement
        assert here.chance == there.chance
        assert here.features == there.features
        assert here.made_by == there.made_by
        assert here.mask.start_kji == there.mask.start_kji
        assert np.array_equal(here.mask.voxels, there.mask.voxels)


def test_the_same_ones_are_shown_and_held_in_the_same_order(in_window, by_batch):
    _, proposed = in_window
    assert {p.finding: p for p in proposed.proposals} == dict(by_batch.proposals)
    assert [f.id for f in by_batch.in_state("held")] == [
        p.finding for p in sorted(proposed.proposals, key=lambda p: p.rank) if not p.shown
    ]
