"""The rich phantom's vessel trees: they fill each lobe, narrow as they part, and carry airways."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from ai.phantom.heart import mediastinum
from ai.phantom.lobes import ARTERY_LEAF_MM, ARTERY_LEAF_MM3, Lobes, grow_lobes
from ai.phantom.look import look_of
from ai.phantom.lumps import place_rich
from ai.phantom.rich_tubes import LUMEN_HU, lung_airways, lung_vessels
from ai.phantom.still import Depths
from ai.phantom.twigs import MURRAY, Room, grow, served, sprouts
from ai.phantom.vessels import STEP_MM
from ai.phantom.warp import make_warp

WARP = make_warp(7, scale=(1.0, 1.0, 1.0), mm=0.0)


@pytest.fixture(scope="module")
def lobes() -> Lobes:
    return grow_lobes(7)


def test_a_tree_obeys_murrays_law_at_every_fork() -> None:
    rng = np.random.default_rng(4)
    leaves = rng.uniform(-40, 40, (300, 3))
    which = rng.integers(0, 2, 300)
    stems = [np.array([[-s * 80.0, 0, 0], [-s * 60.0, 0, 0], [-s * 50.0, 5, 0]]) for s in (1, -1)]
    trees = grow(leaves, which, stems, rng)
    radii = trees.radii_mm(0.5) ** MURRAY
    children = np.bincount(
        trees.parent[trees.parent >= 0], radii[trees.parent >= 0], minlength=len(radii)
    )
    forks = ~trees.tips()
    assert np.allclose(children[forks], radii[forks])
    ends = {tuple(e) for e in np.round(trees.end[trees.tips()], 6)}
    assert ends == {tuple(e) for e in np.round(leaves, 6)}
    trunks = trees.parent < 0
    assert trees.leaves[trunks].tolist() == np.bincount(which).tolist()
    assert np.allclose(trees.start[trunks], [stem[1] for stem in stems])


def test_a_tree_grows_on_from_a_first_leaf_beside_its_root() -> None:
    leaves = np.array([[0.5, 0, 0], [0.6, 0.4, 0], [0.4, 0, 0.5]])
    stem = np.array([[-9.0, 0, 0], [0, 0, 0]])
    trees = grow(leaves, np.zeros(3, dtype=int), [stem], np.random.default_rng(1))
    assert trees.tips().sum() == 3
    assert trees.leaves[0] == 3


def test_branches_go_on_where_their_parents_end_without_a_kink(lobes: Lobes) -> None:
    trees = lobes.arteries
    own = np.flatnonzero(trees.parent >= 0)
    above = trees.parent[own]
    assert np.allclose(trees.start[own], trees.end[above])
    out, back = trees.bend[own] - trees.start[own], trees.end[above] - trees.bend[above]
    cosine = (out * back).sum(axis=1)
    cosine /= np.linalg.norm(out, axis=1) * np.linalg.norm(back, axis=1)
    assert np.median(cosine) > 0.99
    assert np.quantile(cosine, 0.02) > -0.2


def test_leaves_are_counted_up_to_the_trunk() -> None:
    parent = np.array([-1, 0, 0, 1, 1, 4])
    assert served(parent).tolist() == [3, 2, 1, 1, 1, 1]


def test_a_trunk_narrows_in_many_small_steps(lobes: Lobes) -> None:
    trees = lobes.arteries
    radii = trees.radii_mm(ARTERY_LEAF_MM)
    wide = np.flatnonzero((trees.parent >= 0) & (radii > 1.2))
    ratio = radii[wide] / radii[trees.parent[wide]]
    assert (ratio <= 1 + 1e-9).all()
    assert np.median(ratio) > 0.9


def test_twigs_are_spread_evenly_over_the_lungs(lobes: Lobes) -> None:
    ends = lobes.arteries.end[lobes.arteries.tips()]
    nearest = cKDTree(ends).query(ends, k=2)[0][:, 1]
    by_chance = 0.554 * ARTERY_LEAF_MM3 ** (1 / 3)
    assert nearest.mean() > 1.02 * by_chance


def test_trees_keep_to_their_lobes(lobes: Lobes) -> None:
    room = Room(lobes.points_lps, lobes.lobes, STEP_MM)
    for trees in (lobes.arteries, lobes.veins):
        for lobe in range(5):
            # near the hilum they come in from outside
            own = (trees.tree == lobe) & (trees.leaves < 100)
            assert room.holds(trees.end[own], lobe).mean() > 0.9


def test_vessels_come_as_near_to_the_pleura_as_they_lie_deep(lobes: Lobes) -> None:
    _, threads = lung_vessels(7, WARP, 250.0)
    far, near = cKDTree(lobes.points_lps).query(WARP.still(threads.lps.astype(float)))
    depth = np.where(far < STEP_MM, lobes.depths_mm[near], -1)
    share = []
    for low, high in ((3, 9), (12, 30)):
        mm3 = threads.mm3[(depth >= low) & (depth < high)].sum()
        lung = ((lobes.depths_mm >= low) & (lobes.depths_mm < high)).sum() * STEP_MM**3
        share.append(mm3 / lung)
    assert share[0] > 0.5 * share[1]


def test_the_finest_twigs_leave_the_last_branches(lobes: Lobes) -> None:
    last = np.flatnonzero(lobes.veins.tips())
    a, b, c = sprouts(lobes.veins, last, long_mm=(2, 5), rng=np.random.default_rng(1))
    assert np.linalg.norm(a - lobes.veins.end[last], axis=1).max() < 60
    long = np.linalg.norm(b - a, axis=1) + np.linalg.norm(c - b, axis=1)
    assert 2 - 1e-6 <= long.min() <= long.max() <= 5 + 1e-6


def test_airways_run_beside_arteries_of_their_width(lobes: Lobes) -> None:
    hollow = [t for t in lung_airways(7, WARP) if t.hu == LUMEN_HU and t.end_mm < 3]
    assert len(hollow) > 300
    trees = lobes.arteries
    radii = trees.radii_mm(ARTERY_LEAF_MM)
    wide = radii > 1.0
    far, near = cKDTree(WARP.shown(trees.end[wide])).query(np.array([t.end for t in hollow]))
    room = radii[wide][near] + np.array([t.end_mm for t in hollow])
    assert np.quantile(far - room, 0.9) < 2.5
    assert np.quantile(far - 0.6 * room, 0.1) > 0


def test_every_nodule_has_its_middle_in_the_lung_that_is_drawn(lobes: Lobes) -> None:
    axis = np.arange(-150, 150, 1.0).astype(np.float32)
    for seed in (7, 5):
        look = look_of(seed)
        warp = make_warp(seed, scale=look.scale, mm=look.uneven_mm)
        for nodule in place_rich(grow_lobes(seed), warp, seed):
            x, y, z = nodule.centre_lps
            depths = Depths(axis, axis, z, warp, mediastinum())
            own = depths.right if nodule.zone[0] == "R" else depths.left
            at = own[np.abs(axis - y).argmin(), np.abs(axis - x).argmin()]
            assert at > 0.4 * nodule.diameter_mm / 2, nodule
